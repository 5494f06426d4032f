//! What a test writes: a template, and a change of a stack to it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;

use super::expression::Expression;

/// The value of `DeletionPolicy` or `UpdateReplacePolicy` (template reference).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// CloudFormation sends a Delete for the physical resource.
    #[default]
    Delete,
    /// CloudFormation sends no event and removes the physical resource from the stack.
    Retain,
    /// As `Retain`, except that the rollback of the operation that created the physical resource
    /// deletes it.
    RetainExceptOnCreate,
}

impl Policy {
    pub(super) fn on_create(self) -> Self {
        match self {
            Self::RetainExceptOnCreate => Self::Delete,
            other => other,
        }
    }
}

/// A resource of a template. Its properties have the types that the template gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Without a type, it is a custom resource of the stack's own type.
    pub(super) own_type: Option<String>,
    pub(crate) properties: Expression,
    pub(super) depends_on: Vec<String>,
    pub(super) deletion_policy: Policy,
    pub(super) update_replace_policy: Policy,
}

impl Resource {
    /// Creates a custom resource with these properties. They may contain `ServiceTimeout`. The
    /// stack adds `ServiceToken`.
    pub fn new(properties: impl Into<Expression>) -> Self {
        Self {
            own_type: None,
            properties: properties.into(),
            depends_on: Vec::new(),
            deletion_policy: Policy::default(),
            update_replace_policy: Policy::default(),
        }
    }

    /// Sets the type. Types other than custom ones get no `ServiceToken`.
    pub(crate) fn resource_type(self, resource_type: &str) -> Self {
        Self { own_type: Some(resource_type.to_owned()), ..self }
    }

    pub(crate) fn depends_on(self, depends_on: Vec<String>) -> Self {
        Self { depends_on, ..self }
    }

    /// Sets `DeletionPolicy`. It applies when the template no longer declares the resource, when
    /// the stack is deleted and when its creation is rolled back.
    pub fn deletion_policy(self, deletion_policy: Policy) -> Self {
        Self { deletion_policy, ..self }
    }

    pub fn update_replace_policy(self, update_replace_policy: Policy) -> Self {
        Self { update_replace_policy, ..self }
    }

    /// Returns the logical ids of the resources that must be there before this one.
    pub(crate) fn dependencies(&self) -> BTreeSet<&str> {
        let mut dependencies = self.properties.references();
        dependencies.extend(self.depends_on.iter().map(String::as_str));
        dependencies
    }
}

impl From<Value> for Resource {
    fn from(properties: Value) -> Self {
        Self::new(properties)
    }
}

/// The resources of a stack, each after those that it depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template(Vec<(String, Resource)>);

impl Template {
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces the resource with this logical id, or adds it at the end.
    pub fn with(mut self, logical_id: &str, resource: impl Into<Resource>) -> Self {
        let resource = resource.into();
        match self.0.iter_mut().find(|(id, _)| id == logical_id) {
            Some((_, existing)) => *existing = resource,
            None => self.0.push((logical_id.into(), resource)),
        }
        self
    }

    pub(crate) fn get(&self, logical_id: &str) -> Option<&Resource> {
        self.iter().find(|(id, _)| *id == logical_id).map(|(_, resource)| resource)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Resource)> {
        self.0.iter().map(|(id, resource)| (id.as_str(), resource))
    }
}

/// When another resource of the stack fails, one that is not emulated. If the moment never comes
/// (no event is sent for the named resource, or its response is received earlier), the resource
/// fails at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OtherFailure {
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

#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub(super) template: Template,
    pub(super) failure: Option<OtherFailure>,
}

impl Change {
    pub fn to(template: Template) -> Self {
        Self { template, failure: None }
    }

    /// Makes another resource of the stack fail, so that CloudFormation rolls the change back.
    pub fn with_failure(self, failure: OtherFailure) -> Self {
        Self { failure: Some(failure), ..self }
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
