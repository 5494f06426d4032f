//! Announces what happens in an operation as the events of the stack.

use super::changes::Unresolved;
use super::delivery::Transport;
use super::event::{STACK_TYPE, StackEvent};
use super::operation::Operation;
use super::outcome::{Exchange, Phase, ReceivedResponse, WaitOutcome};
use super::pending::{PendingDelete, is_custom};
use super::request::{Request, RequestType};
use super::response::ResponseStatus;

impl<T: Transport> Operation<'_, T> {
    pub(super) fn stack_is(&self, status: &str, reason: Option<&str>) {
        self.transport.event(&StackEvent {
            logical_id: self.context.stack_name.clone(),
            physical_id: Some(self.context.stack_id.clone()),
            resource_type: STACK_TYPE.to_owned(),
            status: status.to_owned(),
            reason: reason.map(ToOwned::to_owned),
        });
    }

    /// Announces a phase of the stack. The failures of the phase before are its reason.
    pub(super) fn phase_starts(&self, phase: Phase, failures: &[String]) {
        let action = match phase {
            Phase::RollbackInProgress => "create",
            _ => "update",
        };
        let reason = match (phase, failures) {
            (Phase::CreateInProgress | Phase::UpdateInProgress | Phase::DeleteInProgress, _) => {
                Some("User Initiated".to_owned())
            }
            (_, []) => None,
            (_, failures) => Some(format!(
                "The following resource(s) failed to {action}: [{}].",
                failures.join(", ")
            )),
        };
        self.stack_is(&format!("{phase}_IN_PROGRESS"), reason.as_deref());
    }

    pub(super) fn ended(&self, number: usize) {
        let Some(exchange) = self.exchanges.get(number) else {
            return;
        };
        let request = &exchange.request;
        let id = match &exchange.response {
            ReceivedResponse::Valid(response) => Some(response.physical_id.as_str()),
            _ => None,
        };
        match (&exchange.response, exchange.wait) {
            (ReceivedResponse::Valid(response), WaitOutcome::DeliveryEnded)
                if response.status == ResponseStatus::Success =>
            {
                if let RequestType::Update { physical_id, .. } = &request.request_type
                    && *physical_id != response.physical_id
                {
                    let reason =
                        "Requested update required the provider to create a new physical resource";
                    self.resource_is(request, id, "IN_PROGRESS", Some(reason.to_owned()));
                }
                self.resource_is(request, id, "COMPLETE", None);
            }
            _ => self.resource_is(request, id, "FAILED", Some(why_failed(exchange))),
        }
    }

    pub(super) fn skipped(&self, delete: &PendingDelete) {
        self.resource_is(&delete.request, None, "SKIPPED", None);
    }

    pub(super) fn unresolved(&self, phase: Phase, unresolved: &Unresolved) {
        let is_update = phase == Phase::UpdateInProgress && unresolved.physical_id.is_some();
        let action = if is_update { "UPDATE" } else { "CREATE" };
        self.transport.event(&StackEvent {
            logical_id: unresolved.logical_id.clone(),
            physical_id: unresolved.physical_id.clone(),
            resource_type: unresolved.resource_type.clone(),
            status: format!("{action}_FAILED"),
            reason: Some(unresolved.error.clone()),
        });
    }

    /// Announces the state of a resource, with the physical id of the response if there is one.
    pub(super) fn resource_is(
        &self,
        request: &Request,
        received: Option<&str>,
        state: &str,
        reason: Option<String>,
    ) {
        let action = request.request_type.name().to_uppercase();
        let physical_id = received.or(request.request_type.physical_id());
        self.transport.event(&StackEvent {
            logical_id: request.logical_id.clone(),
            physical_id: physical_id.map(ToOwned::to_owned),
            resource_type: request.resource_type.clone(),
            status: format!("{action}_{state}"),
            reason,
        });
    }
}

/// Returns the reason of a failed resource, as CloudFormation states it.
fn why_failed(exchange: &Exchange) -> String {
    let request = &exchange.request;
    let id = &request.request_id;
    match (&exchange.response, exchange.wait) {
        (_, WaitOutcome::Cancelled) => match request.request_type {
            RequestType::Create { .. } => "Resource creation cancelled".to_owned(),
            _ => "Resource update cancelled".to_owned(),
        },
        (ReceivedResponse::Invalid(invalid), WaitOutcome::DeliveryEnded) => {
            format!("Invalid response from custom resource: {invalid} (RequestId: {id})")
        }
        (ReceivedResponse::Valid(response), WaitOutcome::DeliveryEnded) => {
            let reason = response.reason.as_deref().unwrap_or_default();
            if is_custom(&request.resource_type) {
                format!(
                    "Received response status [FAILED] from custom resource. Message returned: \
                     {reason} (RequestId: {id})"
                )
            } else {
                reason.to_owned()
            }
        }
        (ReceivedResponse::Missing, _) | (_, WaitOutcome::TimedOut) => format!(
            "CloudFormation did not receive a response from your Custom Resource. Please check \
             your logs for requestId [{id}]"
        ),
    }
}
