//! Converts the plans of the native types to those of the API. Some members have other names.

use serde_json::{Map, Value, json};

/// Returns the plan without content of a contact of this type.
pub(super) fn empty_plan(contact_type: &str) -> Value {
    match contact_type {
        "ONCALL_SCHEDULE" => json!({"RotationIds": []}),
        _ => json!({"Stages": []}),
    }
}

/// Converts `Plan` of `AWS::SSMContacts::Contact`, a list of stages. That of an on-call schedule
/// has its rotations in a stage.
pub(super) fn plan_of_contact(plan: &Value, contact_type: &str) -> Value {
    if contact_type != "ONCALL_SCHEDULE" {
        return json!({"Stages": renamed(plan)});
    }
    let stages = plan.as_array().into_iter().flatten();
    let ids: Vec<&str> = stages.flat_map(|stage| texts(stage, "RotationIds")).collect();
    json!({"RotationIds": ids})
}

pub(super) fn renamed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(renamed).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| match name.as_str() {
                "ChannelId" => ("ContactChannelId".to_owned(), value.clone()),
                _ => (name.clone(), renamed(value)),
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

pub(super) fn texts<'a>(value: &'a Value, name: &str) -> Vec<&'a str> {
    let items = value.get(name).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_str).collect()
}
