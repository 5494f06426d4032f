//! The form that properties have in events.

use std::time::Duration;

use serde_json::{Map, Value};

const MAX_SERVICE_TIMEOUT_SECONDS: u64 = 3600;

/// A property map in the form that events carry: every scalar is a string, nulls are omitted, and
/// `ServiceToken` is a member (custom resource protocol, request members; aws-cdk
/// `docs/CLOUDFORMATION.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Properties(Map<String, Value>);

impl Properties {
    /// Converts the properties of a template. The `Properties` of a template is a map, so any
    /// other JSON is converted as an empty map.
    pub(crate) fn from_template(properties: &Value, service_token: &str) -> Self {
        let mut members = match with_string_scalars(properties) {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        members.insert("ServiceToken".into(), service_token.into());
        Self(members)
    }

    /// Returns the properties of a resource that is not a custom one: the types stay, and nulls are
    /// omitted.
    pub(crate) fn native(properties: Value) -> Self {
        match properties {
            Value::Object(mut members) => {
                members.retain(|_, value| !value.is_null());
                Self(members)
            }
            _ => Self(Map::new()),
        }
    }

    /// Returns how long CloudFormation waits for a response: `ServiceTimeout`, from 1 to 3600
    /// seconds. The default is 3600 (user guide, crpg-ref-requests).
    pub(crate) fn service_timeout(&self) -> Duration {
        let seconds = self.0.get("ServiceTimeout").and_then(Value::as_str);
        let seconds =
            seconds.and_then(|text| text.parse().ok()).unwrap_or(MAX_SERVICE_TIMEOUT_SECONDS);
        Duration::from_secs(seconds.clamp(1, MAX_SERVICE_TIMEOUT_SECONDS))
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

fn with_string_scalars(value: &Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Bool(flag) => Some(flag.to_string().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::String(text) => Some(text.clone().into()),
        Value::Array(items) => Some(items.iter().filter_map(with_string_scalars).collect()),
        Value::Object(members) => Some(Value::Object(
            members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), with_string_scalars(value)?)))
                .collect(),
        )),
    }
}
