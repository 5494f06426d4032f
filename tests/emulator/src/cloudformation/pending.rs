//! The requests of a stack, and what their responses mean for it. It has no side effects.

use serde_json::{Map, Value};

use super::expression::ResourceValues;
use super::id_generator::IdGenerator;
use super::outcome::PhysicalResource;
use super::properties::Properties;
use super::request::{Request, RequestType};
use super::response::{Response, ResponseStatus};
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

impl DeclaredResource {
    pub(super) fn request(&self, request_type: RequestType) -> Request {
        Request {
            stack_id: String::new(),
            request_id: String::new(),
            logical_id: self.logical_id.clone(),
            resource_type: self.resource_type.clone(),
            request_type,
            response_url: String::new(),
        }
    }

    /// Returns the Delete of one of the physical resources that it had, with that one's properties.
    pub(super) fn delete(
        &self,
        id: &str,
        properties: &Properties,
        policy: Policy,
    ) -> PendingDelete {
        let request_type =
            RequestType::Delete { physical_id: id.to_owned(), properties: properties.clone() };
        let request = self.request(request_type);
        PendingDelete { request, policy }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct StackResource {
    pub(super) declared: DeclaredResource,
    pub(super) physical_id: String,
    /// `Data` of the last response.
    pub(super) attributes: Map<String, Value>,
}

impl StackResource {
    pub(super) fn values(&self) -> ResourceValues {
        ResourceValues { reference: self.physical_id.clone(), attributes: self.attributes.clone() }
    }

    pub(super) fn delete(&self, policy: Policy) -> PendingDelete {
        let declared = &self.declared;
        declared.delete(&self.physical_id, &declared.properties, policy)
    }
}

pub(crate) fn is_custom(resource_type: &str) -> bool {
    resource_type.starts_with("Custom::") || resource_type == "AWS::CloudFormation::CustomResource"
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct PendingDelete {
    pub(super) request: Request,
    pub(super) policy: Policy,
}

impl PendingDelete {
    pub(super) fn resource(&self) -> PhysicalResource {
        PhysicalResource {
            logical_id: self.request.logical_id.clone(),
            physical_id: self.request.request_type.physical_id().unwrap_or_default().to_owned(),
        }
    }
}

/// A body that violates the protocol fails the resource and gives no id: CloudFormation reports
/// "Invalid `PhysicalResourceId`" and continues with an id that it generates
/// (remind101/empire#918). It is assumed that no response at all means the same.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CompletedRequest {
    /// The request as it was before it was sent.
    pub(super) request: Request,
    pub(super) response: Option<Response>,
}

impl CompletedRequest {
    pub(super) fn success(&self) -> Option<&Response> {
        let response = self.response.as_ref();
        response.filter(|response| response.status == ResponseStatus::Success)
    }
}

pub(super) fn completed_for<'a>(
    completed: &'a [CompletedRequest],
    logical_id: &str,
) -> Option<&'a CompletedRequest> {
    completed.iter().find(|it| it.request.logical_id == logical_id)
}

pub(super) fn resource_with<'a>(
    resources: &'a [StackResource],
    logical_id: &str,
) -> Option<&'a StackResource> {
    resources.iter().find(|it| it.declared.logical_id == logical_id)
}

pub(super) fn updated_resources(
    current: &[StackResource],
    template: &[DeclaredResource],
    completed: &[CompletedRequest],
) -> Vec<StackResource> {
    let resource = |declared: &DeclaredResource| {
        let completed = completed_for(completed, &declared.logical_id);
        let response = completed.and_then(CompletedRequest::success);
        let (physical_id, attributes) = if let Some(response) = response {
            (&response.physical_id, &response.data)
        } else {
            let before = resource_with(current, &declared.logical_id)?;
            (&before.physical_id, &before.attributes)
        };
        Some(StackResource {
            declared: declared.clone(),
            physical_id: physical_id.clone(),
            attributes: attributes.clone(),
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
    let delete = |old: &StackResource| match resource_with(after, &old.declared.logical_id) {
        None => Some(old.delete(old.declared.deletion_policy)),
        Some(new) if new.physical_id == old.physical_id => None,
        Some(new) => Some(old.delete(new.declared.update_replace_policy)),
    };
    before.iter().filter_map(delete).collect()
}

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
        let CompletedRequest { request, response } =
            completed_for(completed, &declared.logical_id)?;
        let RequestType::Create { properties } = &request.request_type else {
            return None;
        };
        let physical_id = match response {
            Some(response) => response.physical_id.clone(),
            None => ids.physical_id(stack_name, &declared.logical_id),
        };
        Some(declared.delete(&physical_id, properties, declared.deletion_policy.on_create()))
    };
    template.iter().filter_map(delete).collect()
}
