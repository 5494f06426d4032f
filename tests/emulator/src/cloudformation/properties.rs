//! Properties as CloudFormation hands them over.

use std::time::Duration;

use serde_json::{Map, Value};

const LONGEST: u64 = 3600;

/// A property map in the form in which events carry it: every scalar a string, nulls gone,
/// `ServiceToken` inside (custom resource protocol, request members; aws-cdk `docs/CLOUDFORMATION.md`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Properties(Map<String, Value>);

impl Properties {
    /// Turns properties written in natural JSON into what an event carries. A template's
    /// `Properties` is a map: any other JSON counts as an empty one.
    #[must_use]
    pub fn hand_over(natural: &Value, service_token: &str) -> Self {
        let mut members = match stringly(natural) {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        members.insert("ServiceToken".into(), service_token.into());
        Self(members)
    }

    /// How long CloudFormation waits for an answer: `ServiceTimeout`, 1 to 3600 seconds, 3600 if
    /// it is not set (user guide, crpg-ref-requests).
    #[must_use]
    pub fn service_timeout(&self) -> Duration {
        let seconds = self.0.get("ServiceTimeout").and_then(Value::as_str);
        let seconds = seconds
            .and_then(|text| text.parse().ok())
            .unwrap_or(LONGEST);
        Duration::from_secs(seconds.clamp(1, LONGEST))
    }

    /// The map as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

fn stringly(natural: &Value) -> Option<Value> {
    match natural {
        Value::Null => None,
        Value::Bool(flag) => Some(flag.to_string().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::String(text) => Some(text.clone().into()),
        Value::Array(items) => Some(items.iter().filter_map(stringly).collect()),
        Value::Object(members) => Some(Value::Object(
            members
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), stringly(value)?)))
                .collect(),
        )),
    }
}
