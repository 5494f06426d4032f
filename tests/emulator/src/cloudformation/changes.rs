//! Computes the Creates and Updates that bring a stack to a template, one after the other, because
//! the properties of a resource may refer to what the resources before it returned. It has no side
//! effects.

use std::collections::{BTreeSet, VecDeque};

use super::expression::{EvaluationError, ResourceValues, Values};
use super::pending::{
    CompletedRequest, DeclaredResource, PendingRequest, RequestResult, StackResource, is_custom,
    resource_with,
};
use super::properties::Properties;
use super::request::RequestType;
use super::template::{Resource, Template};

/// What all custom resources of a stack have in common.
#[derive(Clone, Debug)]
pub(super) struct Defaults {
    pub(super) service_token: String,
    pub(super) resource_type: String,
}

/// The resources of a template for which no request was computed yet, and what is known of the
/// others.
pub(super) struct Changes {
    defaults: Defaults,
    current: Vec<StackResource>,
    waiting: VecDeque<(String, Resource)>,
    values: Values,
    declared: Vec<DeclaredResource>,
    /// The resources that failed, or that depend on one that did.
    failed: BTreeSet<String>,
}

/// What comes next in an operation.
pub(super) enum Next {
    /// This request is sent.
    Request(PendingRequest),
    /// The next resource depends on one whose request runs.
    Blocked,
    /// The properties of a resource have no value.
    Failed(Unresolved),
    /// No resource is left.
    End,
}

/// A resource whose properties have no value.
pub(super) struct Unresolved {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) physical_id: Option<String>,
    pub(super) error: EvaluationError,
}

impl Changes {
    pub(super) fn new(current: &[StackResource], template: &Template, defaults: Defaults) -> Self {
        let waiting = template.iter();
        Self {
            defaults,
            current: current.to_vec(),
            waiting: waiting
                .map(|(logical_id, resource)| (logical_id.to_owned(), resource.clone()))
                .collect(),
            values: current
                .iter()
                .map(|resource| (resource.declared.logical_id.clone(), values_of(resource)))
                .collect(),
            declared: Vec::new(),
            failed: BTreeSet::new(),
        }
    }

    /// Returns the next request. CloudFormation sends none for a resource whose properties are the
    /// same (custom resource protocol, "no property changed"), and none for one that depends on a
    /// resource that failed.
    pub(super) fn next(&mut self, is_running: impl Fn(&str) -> bool) -> Next {
        while let Some((logical_id, resource)) = self.waiting.front() {
            let dependencies = resource.dependencies();
            if dependencies
                .iter()
                .any(|needed| self.failed.contains(*needed))
            {
                self.failed.insert(logical_id.clone());
                self.waiting.pop_front();
                continue;
            }
            if dependencies.into_iter().any(&is_running) {
                return Next::Blocked;
            }
            let current = resource_with(&self.current, logical_id);
            let declared = declare(logical_id, resource, &self.values, &self.defaults);
            let declared = match declared {
                Ok(declared) => declared,
                Err(error) => {
                    let unresolved = Unresolved {
                        logical_id: logical_id.clone(),
                        resource_type: type_of(resource, &self.defaults),
                        physical_id: current.map(|resource| resource.physical_id.clone()),
                        error,
                    };
                    self.failed.insert(logical_id.clone());
                    self.waiting.pop_front();
                    return Next::Failed(unresolved);
                }
            };
            let request = request(current, &declared);
            self.waiting.pop_front();
            self.declared.push(declared);
            if let Some(request) = request {
                return Next::Request(request);
            }
        }
        Next::End
    }

    /// Records what a request returned, for the resources that refer to it.
    pub(super) fn complete(&mut self, completed: &CompletedRequest) {
        if let RequestResult::Succeeded {
            physical_id,
            attributes,
        } = &completed.result
        {
            let values = ResourceValues {
                reference: physical_id.clone(),
                attributes: attributes.clone(),
            };
            self.values
                .insert(completed.request.logical_id.clone(), values);
        } else {
            self.failed.insert(completed.request.logical_id.clone());
        }
    }

    /// Returns the resources for which [`next`](Self::next) was called, in template order.
    pub(super) fn into_declared(self) -> Vec<DeclaredResource> {
        self.declared
    }
}

/// Returns the values of a resource of the stack.
pub(super) fn values_of(resource: &StackResource) -> ResourceValues {
    ResourceValues {
        reference: resource.physical_id.clone(),
        attributes: resource.attributes.clone(),
    }
}

/// Returns a resource with the properties that it has in a stack with these values.
pub(super) fn declare(
    logical_id: &str,
    resource: &Resource,
    values: &Values,
    defaults: &Defaults,
) -> Result<DeclaredResource, EvaluationError> {
    let properties = resource.properties.evaluate(values)?;
    let resource_type = type_of(resource, defaults);
    let properties = if is_custom(&resource_type) {
        Properties::from_template(&properties, &defaults.service_token)
    } else {
        Properties::native(properties)
    };
    Ok(DeclaredResource {
        logical_id: logical_id.to_owned(),
        resource_type,
        properties,
        deletion_policy: resource.deletion_policy,
        update_replace_policy: resource.update_replace_policy,
    })
}

fn type_of(resource: &Resource, defaults: &Defaults) -> String {
    let own = resource.own_type.as_ref();
    own.unwrap_or(&defaults.resource_type).clone()
}

fn request(current: Option<&StackResource>, declared: &DeclaredResource) -> Option<PendingRequest> {
    let properties = declared.properties.clone();
    let request_type = match current {
        None => RequestType::Create { properties },
        Some(resource) if resource.declared.properties == properties => return None,
        Some(resource) => RequestType::Update {
            physical_id: resource.physical_id.clone(),
            properties,
            old_properties: resource.declared.properties.clone(),
        },
    };
    Some(PendingRequest {
        logical_id: declared.logical_id.clone(),
        resource_type: declared.resource_type.clone(),
        request_type,
    })
}
