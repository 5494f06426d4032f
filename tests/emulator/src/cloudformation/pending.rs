//! The requests of a stack, and what their results mean for it. It has no side effects.

use serde_json::{Map, Value};

use super::id_generator::IdGenerator;
use super::outcome::{PhysicalResource, ReceivedResponse};
use super::properties::Properties;
use super::request::RequestType;
use super::response::ResponseStatus;
use super::template::Policy;

/// A resource as the template declares it. Its properties have the form that events carry.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct DeclaredResource {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) properties: Properties,
    pub(super) deletion_policy: Policy,
    pub(super) update_replace_policy: Policy,
}

/// A resource of the stack, with the physical id that CloudFormation stores for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StackResource {
    pub(super) declared: DeclaredResource,
    pub(super) physical_id: String,
    /// `Data` of the last response.
    pub(super) attributes: Map<String, Value>,
}

/// Whether this is a type of custom resources.
pub(crate) fn is_custom(resource_type: &str) -> bool {
    resource_type.starts_with("Custom::") || resource_type == "AWS::CloudFormation::CustomResource"
}

/// A physical resource that CloudFormation has yet to delete, with its own properties.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PendingDelete {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) physical_id: String,
    pub(super) properties: Properties,
    pub(super) policy: Policy,
}

impl PendingDelete {
    pub(super) fn request(&self) -> PendingRequest {
        PendingRequest {
            logical_id: self.logical_id.clone(),
            resource_type: self.resource_type.clone(),
            request_type: RequestType::Delete {
                physical_id: self.physical_id.clone(),
                properties: self.properties.clone(),
            },
        }
    }

    pub(super) fn resource(&self) -> PhysicalResource {
        PhysicalResource {
            logical_id: self.logical_id.clone(),
            physical_id: self.physical_id.clone(),
        }
    }
}

impl From<StackResource> for PendingDelete {
    fn from(resource: StackResource) -> Self {
        Self {
            logical_id: resource.declared.logical_id,
            resource_type: resource.declared.resource_type,
            physical_id: resource.physical_id,
            properties: resource.declared.properties,
            policy: resource.declared.deletion_policy,
        }
    }
}

/// A request that CloudFormation has yet to send.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PendingRequest {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) request_type: RequestType,
}

/// The result of a request for CloudFormation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RequestResult {
    Succeeded {
        physical_id: String,
        attributes: Map<String, Value>,
    },
    /// The id is that of the response. Without a valid response, there is none.
    Failed {
        physical_id: Option<String>,
    },
    Cancelled,
}

impl RequestResult {
    /// Returns the result that follows from what was received.
    ///
    /// A body that violates the protocol fails the resource and gives no id: CloudFormation
    /// reports "Invalid `PhysicalResourceId`" and continues with an id that it generates
    /// (remind101/empire#918). The result of no response at all is assumed to be the same.
    pub(super) fn of(received: &ReceivedResponse) -> Self {
        match received {
            ReceivedResponse::Valid(response) => match response.status {
                ResponseStatus::Success => Self::Succeeded {
                    physical_id: response.physical_id.clone(),
                    attributes: response.data.clone(),
                },
                ResponseStatus::Failed => Self::Failed {
                    physical_id: Some(response.physical_id.clone()),
                },
            },
            ReceivedResponse::Invalid(_) | ReceivedResponse::Missing => {
                Self::Failed { physical_id: None }
            }
        }
    }

    pub(super) fn succeeded(&self) -> bool {
        matches!(self, Self::Succeeded { .. })
    }

    pub(super) fn physical_id(&self) -> Option<&str> {
        match self {
            Self::Succeeded { physical_id, .. } => Some(physical_id),
            Self::Failed { physical_id } => physical_id.as_deref(),
            Self::Cancelled => None,
        }
    }
}

/// A request that was sent, and its result.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CompletedRequest {
    pub(super) request: PendingRequest,
    pub(super) result: RequestResult,
}

pub(super) fn completed_for<'a>(
    completed: &'a [CompletedRequest],
    logical_id: &str,
) -> Option<&'a CompletedRequest> {
    completed
        .iter()
        .find(|completed| completed.request.logical_id == logical_id)
}

pub(super) fn resource_with<'a>(
    resources: &'a [StackResource],
    logical_id: &str,
) -> Option<&'a StackResource> {
    resources
        .iter()
        .find(|resource| resource.declared.logical_id == logical_id)
}

/// Returns the resources of the stack after all its Creates and Updates succeeded.
pub(super) fn updated_resources(
    current: &[StackResource],
    template: &[DeclaredResource],
    completed: &[CompletedRequest],
) -> Vec<StackResource> {
    let resource = |declared: &DeclaredResource| {
        let completed = completed_for(completed, &declared.logical_id);
        let before = resource_with(current, &declared.logical_id);
        let (physical_id, attributes) = match completed.map(|completed| &completed.result) {
            Some(RequestResult::Succeeded {
                physical_id,
                attributes,
            }) => (physical_id.clone(), attributes.clone()),
            _ => before.map(|it| (it.physical_id.clone(), it.attributes.clone()))?,
        };
        Some(StackResource {
            declared: declared.clone(),
            physical_id,
            attributes,
        })
    };
    template.iter().filter_map(resource).collect()
}

/// Returns what the cleanup of a successful update deletes: physical resources that were replaced
/// (with the old properties, subject to the new template's `UpdateReplacePolicy`) and resources
/// that the template no longer declares (subject to their own `DeletionPolicy`).
pub(super) fn replaced_and_removed(
    before: &[StackResource],
    after: &[StackResource],
) -> Vec<PendingDelete> {
    let delete = |old: &StackResource| {
        let delete = PendingDelete::from(old.clone());
        match resource_with(after, &old.declared.logical_id) {
            None => Some(delete),
            Some(new) if new.physical_id == old.physical_id => None,
            Some(new) => Some(PendingDelete {
                policy: new.declared.update_replace_policy,
                ..delete
            }),
        }
    };
    before.iter().filter_map(delete).collect()
}

/// Returns the Deletes that roll the Creates of a change back.
///
/// The physical id of each is that of the response, whether SUCCESS or FAILED. Without a valid
/// response, it is one that CloudFormation generates (custom resource protocol, "Create FAILED"
/// and "another resource fails while Create runs"; for a timeout this is an assumption).
pub(super) fn deletes_of_creates(
    template: &[DeclaredResource],
    completed: &[CompletedRequest],
    stack_name: &str,
    ids: &mut IdGenerator,
) -> Vec<PendingDelete> {
    let delete = |declared: &DeclaredResource| {
        let CompletedRequest { request, result } = completed_for(completed, &declared.logical_id)?;
        let RequestType::Create { properties } = &request.request_type else {
            return None;
        };
        let physical_id = match result.physical_id() {
            Some(physical_id) => physical_id.to_owned(),
            None => ids.physical_id(stack_name, &declared.logical_id),
        };
        Some(PendingDelete {
            logical_id: declared.logical_id.clone(),
            resource_type: declared.resource_type.clone(),
            physical_id,
            properties: properties.clone(),
            policy: declared.deletion_policy.on_create(),
        })
    };
    template.iter().filter_map(delete).collect()
}
