//! Converts the plans of the native types to those of the API. Some members have other names, and
//! numbers may be strings, as those from parameters are.

use serde_json::{Map, Value, json};

/// Returns the plan without content of a contact of this type.
pub(super) fn empty(contact_type: &Value) -> Value {
    match contact_type.as_str() {
        Some("ONCALL_SCHEDULE") => json!({"RotationIds": []}),
        _ => json!({"Stages": []}),
    }
}

/// Converts `Plan` of `AWS::SSMContacts::Contact`, a list of stages. That of an on-call schedule
/// has its rotations in a stage.
pub(super) fn of_contact(plan: &Value, contact_type: &Value) -> Value {
    let items = plan.as_array().map(Vec::as_slice).unwrap_or_default();
    if contact_type == "ONCALL_SCHEDULE" {
        let rotations = items.iter().filter_map(|item| item.get("RotationIds"));
        let ids = rotations.filter_map(Value::as_array).flatten().cloned();
        return json!({"RotationIds": ids.collect::<Vec<_>>()});
    }
    json!({"Stages": items.iter().map(stage).collect::<Vec<_>>()})
}

/// Converts the properties of `AWS::SSMContacts::Plan`.
pub(super) fn of_plan(properties: &Value) -> Value {
    let mut plan = Map::new();
    if let Some(ids) = properties.get("RotationIds") {
        plan.insert("RotationIds".to_owned(), ids.clone());
    }
    if let Some(stages) = properties.get("Stages") {
        let stages = match stages {
            Value::Array(stages) => stages.iter().map(stage).collect(),
            other => other.clone(),
        };
        plan.insert("Stages".to_owned(), stages);
    }
    Value::Object(plan)
}

fn stage(stage: &Value) -> Value {
    convert(stage, |name, value| match name {
        "DurationInMinutes" => (name, number(value)),
        "Targets" => match value {
            Value::Array(targets) => (name, targets.iter().map(target).collect()),
            other => (name, other.clone()),
        },
        _ => (name, value.clone()),
    })
}

fn target(target: &Value) -> Value {
    convert(target, |name, info| {
        let info = convert(info, |name, value| match name {
            "ChannelId" => ("ContactChannelId", value.clone()),
            "RetryIntervalInMinutes" => (name, number(value)),
            "IsEssential" => (name, boolean(value)),
            _ => (name, value.clone()),
        });
        (name, info)
    })
}

fn convert<'a>(value: &'a Value, member: impl Fn(&'a str, &'a Value) -> (&'a str, Value)) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| {
                let (name, value) = member(name, value);
                (name.to_owned(), value)
            });
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

/// Returns a number, which may be written as a string. Anything else stays for the service to
/// refuse.
fn number(value: &Value) -> Value {
    let parsed = value.as_str().and_then(|text| text.parse::<i64>().ok());
    parsed.map_or_else(|| value.clone(), Value::from)
}

/// Returns a boolean, which may be written as a string.
pub(super) fn boolean(value: &Value) -> Value {
    match value.as_str() {
        Some("true") => true.into(),
        Some("false") => false.into(),
        _ => value.clone(),
    }
}
