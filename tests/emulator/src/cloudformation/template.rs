//! What a test writes: the resources that a stack should have, and how the change to them ends.

use std::time::Duration;

use serde_json::Value;

/// What becomes of a physical resource that the stack lets go (template reference,
/// `DeletionPolicy` and `UpdateReplacePolicy`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// A Delete is sent.
    #[default]
    Delete,
    /// No event is sent, and CloudFormation forgets the resource.
    Retain,
}

/// A custom resource of a template, its properties in natural JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    pub(super) properties: Value,
    pub(super) deletion_policy: Policy,
    pub(super) update_replace_policy: Policy,
}

impl Resource {
    /// A resource with these properties; `ServiceTimeout` may be among them, `ServiceToken` is the
    /// stack's.
    #[must_use]
    pub fn new(properties: Value) -> Self {
        Self {
            properties,
            ..Self::default()
        }
    }

    /// Sets `DeletionPolicy`: for a resource that leaves the template, a stack that is deleted, and
    /// the rollback of a create.
    #[must_use]
    pub fn deletion_policy(self, deletion_policy: Policy) -> Self {
        Self {
            deletion_policy,
            ..self
        }
    }

    /// Sets `UpdateReplacePolicy`: for the physical id that an update or its rollback replaced.
    #[must_use]
    pub fn update_replace_policy(self, update_replace_policy: Policy) -> Self {
        Self {
            update_replace_policy,
            ..self
        }
    }

    /// The properties as the test wrote them.
    #[must_use]
    pub fn properties(&self) -> &Value {
        &self.properties
    }
}

impl From<Value> for Resource {
    fn from(properties: Value) -> Self {
        Self::new(properties)
    }
}

/// The custom resources of a stack, in template order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template(Vec<(String, Resource)>);

impl Template {
    /// A template without custom resources.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a resource in: in the place of the one with this logical id, else at the end.
    #[must_use]
    pub fn with(mut self, logical_id: &str, resource: impl Into<Resource>) -> Self {
        let resource = resource.into();
        match self.0.iter_mut().find(|(id, _)| id == logical_id) {
            Some((_, place)) => *place = resource,
            None => self.0.push((logical_id.into(), resource)),
        }
        self
    }

    /// Takes a resource out.
    #[must_use]
    pub fn without(mut self, logical_id: &str) -> Self {
        self.0.retain(|(id, _)| id != logical_id);
        self
    }

    /// The resource with this logical id.
    #[must_use]
    pub fn get(&self, logical_id: &str) -> Option<&Resource> {
        self.iter()
            .find(|(id, _)| *id == logical_id)
            .map(|(_, resource)| resource)
    }

    /// The resources and their logical ids, in template order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Resource)> {
        self.0.iter().map(|(id, resource)| (id.as_str(), resource))
    }
}

/// When another resource of the stack fails, one that is not emulated. If the moment never comes
/// (no event is sent for the named resource, or its response is received earlier), the resource
/// fails at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherFailure {
    /// As soon as the response for this resource is received.
    After(String),
    /// This long after the event for this resource was sent. CloudFormation cancels the requests
    /// without a response at that time, and the function may still be handling them while the
    /// rollback runs.
    While(String, Duration),
    /// Once a response to every event is received.
    AtTheEnd,
}

impl OtherFailure {
    pub(super) fn follows(&self, logical_id: &str) -> bool {
        matches!(self, Self::After(id) if id == logical_id)
    }
}

/// A change of a stack to a template, with a failure of another resource if the change is to be
/// rolled back.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub(super) template: Template,
    pub(super) failure: Option<OtherFailure>,
}

impl Change {
    /// Creates the change to this template.
    #[must_use]
    pub fn to(template: Template) -> Self {
        Self {
            template,
            failure: None,
        }
    }

    /// Makes another resource of the stack fail, so that CloudFormation rolls the change back.
    #[must_use]
    pub fn with_failure(self, failure: OtherFailure) -> Self {
        Self {
            failure: Some(failure),
            ..self
        }
    }
}

impl From<Template> for Change {
    fn from(template: Template) -> Self {
        Self::to(template)
    }
}

impl From<&Template> for Change {
    fn from(template: &Template) -> Self {
        Self::to(template.clone())
    }
}
