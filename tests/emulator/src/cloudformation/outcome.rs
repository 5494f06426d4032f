//! The result of a stack operation.

use std::fmt;

use super::delivery::Delivery;
use super::request::{Request, RequestType};
use super::response::{Response, ResponseStatus};

/// The status of a stack after an operation (user guide, stack status codes).
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
        f.write_str(&screaming(&format!("{self:?}")))
    }
}

/// Returns the name of a status as CloudFormation writes it: `CreateComplete` as `CREATE_COMPLETE`.
fn screaming(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(character.to_ascii_uppercase());
    }
    text
}

/// A phase of an operation. Its name is the status of the stack during the phase (aws-cdk
/// `docs/CLOUDFORMATION.md`, stack lifecycle).
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
        f.write_str(screaming(&format!("{self:?}")).trim_end_matches("_IN_PROGRESS"))
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum ReceivedResponse {
    Valid(Response),
    Invalid(String),
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

#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    pub phase: Phase,
    /// The request. A test can deliver it again as a late duplicate.
    pub request: Request,
    pub delivery: Delivery,
    /// What was received, even if it was too late.
    pub response: ReceivedResponse,
    pub wait: WaitOutcome,
}

impl Exchange {
    /// A response that CloudFormation does not accept is a violation. So is another physical id in
    /// the response to a Delete or in a FAILED response to an Update: CloudFormation stores that
    /// id and later deletes the resource with the earlier one (aws/aws-cdk#13527, #30012). No
    /// template and no fault of the service justifies either.
    pub(crate) fn violation(&self) -> Option<String> {
        let response = match &self.response {
            ReceivedResponse::Missing => return None,
            ReceivedResponse::Invalid(invalid) => {
                return Some(format!("{}: {invalid}", self.request));
            }
            ReceivedResponse::Valid(response) => response,
        };
        let is_update = matches!(self.request.request_type, RequestType::Update { .. });
        if is_update && response.status == ResponseStatus::Success {
            return None;
        }
        let expected = self.request.request_type.physical_id()?;
        (expected != response.physical_id).then(|| {
            format!("{}: the response changes the id to [{}]", self.request, response.physical_id)
        })
    }
}

impl fmt::Display for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.phase, self.request, self.response)?;
        match self.wait {
            WaitOutcome::DeliveryEnded => {}
            WaitOutcome::TimedOut => write!(f, " (timed out)")?,
            WaitOutcome::Cancelled => write!(f, " (cancelled)")?,
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
    pub logical_id: String,
    pub physical_id: String,
}

impl fmt::Display for PhysicalResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.logical_id, self.physical_id)
    }
}

/// The result of a stack operation. `Display` lists all its exchanges.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub status: Status,
    pub exchanges: Vec<Exchange>,
    pub abandoned: Vec<PhysicalResource>,
    pub retained: Vec<PhysicalResource>,
}

impl Outcome {
    pub fn violations(&self) -> Vec<String> {
        self.exchanges.iter().filter_map(Exchange::violation).collect()
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
