//! Computes the Creates and Updates that bring a stack to a template, one after the other, because
//! the properties of a resource may refer to what the resources before it returned. It has no side
//! effects.

use std::collections::{BTreeSet, VecDeque};

use super::expression::{ResourceValues, Values};
use super::pending::{CompletedRequest, DeclaredResource, StackResource, is_custom, resource_with};
use super::properties::Properties;
use super::request::{Request, RequestType};
use super::template::{Resource, Template};

#[derive(Clone, Debug)]
pub(super) struct Defaults {
    pub(super) service_token: String,
    pub(super) resource_type: String,
}

pub(super) struct Changes {
    defaults: Defaults,
    current: Vec<StackResource>,
    waiting: VecDeque<(String, Resource)>,
    values: Values,
    declared: Vec<DeclaredResource>,
    /// The resources that failed, or that depend on one that did.
    failed: BTreeSet<String>,
}

pub(super) struct Unresolved {
    pub(super) logical_id: String,
    pub(super) resource_type: String,
    pub(super) physical_id: Option<String>,
    pub(super) error: String,
}

impl Changes {
    pub(super) fn new(current: &[StackResource], template: &Template, defaults: Defaults) -> Self {
        let waiting = template.iter();
        let values = current.iter();
        Self {
            defaults,
            current: current.to_vec(),
            waiting: waiting
                .map(|(logical_id, resource)| (logical_id.to_owned(), resource.clone()))
                .collect(),
            values: values.map(|it| (it.declared.logical_id.clone(), it.values())).collect(),
            declared: Vec::new(),
            failed: BTreeSet::new(),
        }
    }

    /// Returns the next request. CloudFormation sends none for a resource whose properties are the
    /// same (custom resource protocol, "no property changed"), and none for one that depends on a
    /// resource that failed.
    pub(super) fn next(&mut self) -> Option<Result<Request, Unresolved>> {
        while let Some((logical_id, resource)) = self.waiting.pop_front() {
            let dependencies = resource.dependencies();
            if dependencies.iter().any(|needed| self.failed.contains(*needed)) {
                self.failed.insert(logical_id);
                continue;
            }
            let current = resource_with(&self.current, &logical_id);
            let declared = declare(&logical_id, &resource, &self.values, &self.defaults);
            let declared = match declared {
                Ok(declared) => declared,
                Err(error) => {
                    self.failed.insert(logical_id.clone());
                    return Some(Err(Unresolved {
                        logical_id,
                        resource_type: type_of(&resource, &self.defaults),
                        physical_id: current.map(|resource| resource.physical_id.clone()),
                        error,
                    }));
                }
            };
            let request = request(current, &declared);
            self.declared.push(declared);
            if let Some(request) = request {
                return Some(Ok(request));
            }
        }
        None
    }

    /// Records what a request returned, for the resources that refer to it.
    pub(super) fn complete(&mut self, completed: &CompletedRequest) {
        let logical_id = completed.request.logical_id.clone();
        if let Some(response) = completed.success() {
            let values = ResourceValues {
                reference: response.physical_id.clone(),
                attributes: response.data.clone(),
            };
            self.values.insert(logical_id, values);
        } else {
            self.failed.insert(logical_id);
        }
    }

    /// Returns the resources for which [`next`](Self::next) was called, in template order.
    pub(super) fn into_declared(self) -> Vec<DeclaredResource> {
        self.declared
    }
}

pub(super) fn declare(
    logical_id: &str,
    resource: &Resource,
    values: &Values,
    defaults: &Defaults,
) -> Result<DeclaredResource, String> {
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

fn request(current: Option<&StackResource>, declared: &DeclaredResource) -> Option<Request> {
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
    Some(declared.request(request_type))
}
