//! What a stack operation came to.

use std::fmt;

use super::delivery::Delivery;
use super::request::{Request, RequestType};
use super::response::{InvalidResponse, Response, ResponseStatus};

/// A stack's status after an operation (user guide, stack status codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are CloudFormation's own")]
pub enum Status {
    CreateComplete,
    RollbackComplete,
    RollbackFailed,
    UpdateComplete,
    UpdateRollbackComplete,
    UpdateRollbackFailed,
    ImportComplete,
    DeleteComplete,
    DeleteFailed,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateComplete => "CREATE_COMPLETE",
            Self::RollbackComplete => "ROLLBACK_COMPLETE",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::UpdateComplete => "UPDATE_COMPLETE",
            Self::UpdateRollbackComplete => "UPDATE_ROLLBACK_COMPLETE",
            Self::UpdateRollbackFailed => "UPDATE_ROLLBACK_FAILED",
            Self::ImportComplete => "IMPORT_COMPLETE",
            Self::DeleteComplete => "DELETE_COMPLETE",
            Self::DeleteFailed => "DELETE_FAILED",
        })
    }
}

/// The part of an operation that an event belongs to, named by the status that the stack has
/// meanwhile (aws-cdk `docs/CLOUDFORMATION.md`, stack lifecycle).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are CloudFormation's own")]
pub enum Phase {
    CreateInProgress,
    RollbackInProgress,
    UpdateInProgress,
    UpdateCompleteCleanupInProgress,
    UpdateRollbackInProgress,
    UpdateRollbackCompleteCleanupInProgress,
    DeleteInProgress,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateInProgress => "CREATE",
            Self::RollbackInProgress => "ROLLBACK",
            Self::UpdateInProgress => "UPDATE",
            Self::UpdateCompleteCleanupInProgress => "UPDATE_COMPLETE_CLEANUP",
            Self::UpdateRollbackInProgress => "UPDATE_ROLLBACK",
            Self::UpdateRollbackCompleteCleanupInProgress => "UPDATE_ROLLBACK_COMPLETE_CLEANUP",
            Self::DeleteInProgress => "DELETE",
        })
    }
}

/// What CloudFormation received at a request's response URL.
#[derive(Clone, Debug, PartialEq)]
pub enum ReceivedResponse {
    /// A response that conforms to the protocol.
    Valid(Response),
    /// A body that does not.
    Invalid(InvalidResponse),
    /// Nothing.
    Missing,
}

impl fmt::Display for ReceivedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid(response) => response.fmt(f),
            Self::Invalid(invalid) => write!(f, "invalid response: {invalid}"),
            Self::Missing => write!(f, "no response"),
        }
    }
}

/// Why CloudFormation stopped waiting for the response to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitOutcome {
    /// The delivery ended, with or without a response.
    DeliveryEnded,
    /// `ServiceTimeout` expired. A later response has no effect.
    TimedOut,
    /// CloudFormation cancelled the resource. A later response has no effect.
    Cancelled,
}

/// A request and what came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// The part of the operation that it belongs to.
    pub phase: Phase,
    /// The request: give it to the transport once more for a late duplicate.
    pub request: Request,
    /// How it was delivered.
    pub delivery: Delivery,
    /// What was received, even if it was too late.
    pub response: ReceivedResponse,
    /// Why CloudFormation stopped waiting.
    pub wait: WaitOutcome,
}

impl Exchange {
    /// Returns how the answer violates the custom resource protocol, if it does.
    ///
    /// An answer that CloudFormation cannot accept is a violation. So is another physical id in
    /// the answer to a Delete or in a FAILED answer to an Update: CloudFormation stores that id
    /// and later deletes the resource with the earlier one (aws/aws-cdk#13527, #30012). No
    /// template and no fault of the service justifies either.
    #[must_use]
    pub fn violation(&self) -> Option<String> {
        let response = match &self.response {
            ReceivedResponse::Missing => return None,
            ReceivedResponse::Invalid(invalid) => {
                return Some(format!("{}: {invalid}", self.request));
            }
            ReceivedResponse::Valid(response) => response,
        };
        let fixed = match &self.request.request_type {
            RequestType::Create { .. } => return None,
            RequestType::Update { .. } if response.status == ResponseStatus::Success => {
                return None;
            }
            RequestType::Update { physical_id, .. } | RequestType::Delete { physical_id, .. } => {
                physical_id
            }
        };
        (*fixed != response.physical_id).then(|| {
            format!(
                "{}: the answer moves it to [{}]",
                self.request, response.physical_id
            )
        })
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.phase, self.request, self.response)?;
        match self.wait {
            WaitOutcome::DeliveryEnded => {}
            WaitOutcome::TimedOut => write!(f, " (timed out before)")?,
            WaitOutcome::Cancelled => write!(f, " (cancelled before)")?,
        }
        if self.delivery != Delivery::once() {
            write!(f, " ({:?})", self.delivery.0)?;
        }
        Ok(())
    }
}

/// A physical resource that left the stack without a successful Delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhysicalResource {
    /// The resource's name in the template.
    pub logical_id: String,
    /// Its physical id.
    pub physical_id: String,
}

impl fmt::Display for PhysicalResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.logical_id, self.physical_id)
    }
}

/// The end of a stack operation, and the way there. Its `Display` tells the whole story.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The stack's status.
    pub status: Status,
    /// Every request in the order of sending.
    pub exchanges: Vec<Exchange>,
    /// What a clean-up could not delete and so gave up.
    pub abandoned: Vec<PhysicalResource>,
    /// What a policy or the caller of a delete wanted to keep.
    pub retained: Vec<PhysicalResource>,
}

impl Outcome {
    /// Returns the protocol violations of all answers ([`Exchange::violation`]).
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.exchanges
            .iter()
            .filter_map(Exchange::violation)
            .collect()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for (number, exchange) in (1..).zip(&self.exchanges) {
            write!(f, "\n  {number}. {exchange}")?;
        }
        for resource in &self.abandoned {
            write!(f, "\n  abandoned: {resource}")?;
        }
        for resource in &self.retained {
            write!(f, "\n  retained: {resource}")?;
        }
        for violation in self.violations() {
            write!(f, "\n  VIOLATION: {violation}")?;
        }
        Ok(())
    }
}
