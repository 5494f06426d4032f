//! A custom resource request, and the event that it becomes.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::properties::Properties;

/// The `RequestType` of a request, with the members of the event that depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestType {
    Create { properties: Properties },
    Update { physical_id: String, properties: Properties, old_properties: Properties },
    Delete { physical_id: String, properties: Properties },
}

impl RequestType {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "Create",
            Self::Update { .. } => "Update",
            Self::Delete { .. } => "Delete",
        }
    }

    pub fn properties(&self) -> &Properties {
        match self {
            Self::Create { properties }
            | Self::Update { properties, .. }
            | Self::Delete { properties, .. } => properties,
        }
    }

    /// Returns `PhysicalResourceId`. A Create has none.
    pub(crate) fn physical_id(&self) -> Option<&str> {
        match self {
            Self::Create { .. } => None,
            Self::Update { physical_id, .. } | Self::Delete { physical_id, .. } => {
                Some(physical_id)
            }
        }
    }
}

/// The ids that a response repeats from its request (crpg-ref-responses).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    pub stack_id: String,
    pub request_id: String,
    pub logical_id: String,
}

impl Ids {
    /// Returns the ids of an event, or `None` if one is missing.
    pub fn of_event(event: &Value) -> Option<Self> {
        let text = |name| Some(event.get(name)?.as_str()?.to_owned());
        Some(Self {
            stack_id: text("StackId")?,
            request_id: text("RequestId")?,
            logical_id: text("LogicalResourceId")?,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub stack_id: String,
    /// The id of the request. All attempts to deliver the request carry the same one.
    pub request_id: String,
    pub logical_id: String,
    pub resource_type: String,
    pub request_type: RequestType,
    pub response_url: String,
}

impl Request {
    pub fn ids(&self) -> Ids {
        Ids {
            stack_id: self.stack_id.clone(),
            request_id: self.request_id.clone(),
            logical_id: self.logical_id.clone(),
        }
    }

    /// Returns the event (user guide, crpg-ref-requests; custom resource protocol, request members).
    pub fn event(&self) -> Value {
        let mut event = json!({
            "RequestType": self.request_type.name(),
            "ServiceToken": self.request_type.properties().to_json().get("ServiceToken"),
            "ResponseURL": self.response_url,
            "StackId": self.stack_id,
            "RequestId": self.request_id,
            "LogicalResourceId": self.logical_id,
            "ResourceType": self.resource_type,
            "ResourceProperties": self.request_type.properties().to_json(),
        });
        if let Value::Object(members) = &mut event {
            if let Some(physical_id) = self.request_type.physical_id() {
                members.insert("PhysicalResourceId".into(), physical_id.into());
            }
            if let RequestType::Update { old_properties, .. } = &self.request_type {
                members.insert("OldResourceProperties".into(), old_properties.to_json());
            }
        }
        event
    }

    pub(crate) fn service_timeout(&self) -> Duration {
        self.request_type.properties().service_timeout()
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.request_type.name(), self.logical_id)?;
        match self.request_type.physical_id() {
            Some(physical_id) => write!(f, " [{physical_id}]"),
            None => Ok(()),
        }
    }
}
