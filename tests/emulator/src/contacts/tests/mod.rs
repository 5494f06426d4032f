//! The service's rules, one by one; then its wire.

mod create;
mod delays;
mod faults;
mod listing;
mod plan;
mod state;
mod switches;
mod tags;
mod tokens;
mod wire;

use serde_json::{Value, json};

use super::{Backend, ServiceError};

fn arn(alias: &str) -> String {
    format!("arn:aws:ssm-contacts:us-east-2:111122223333:contact/{alias}")
}

/// The API page's example, with other members over it; null takes one away.
fn akua(more: Value) -> Value {
    let mut input = json!({"Alias": "akuam", "DisplayName": "Akua Mansa", "Type": "PERSONAL", "Plan": {"Stages": []}});
    merge(&mut input, more);
    input
}

fn merge(input: &mut Value, more: Value) {
    let (input, Value::Object(more)) = (input.as_object_mut().unwrap(), more) else {
        panic!("members are wanted");
    };
    for (name, value) in more {
        match value {
            Value::Null => drop(input.remove(&name)),
            value => drop(input.insert(name, value)),
        }
    }
}

/// A backend that has the example.
fn with_akua() -> Backend {
    let mut backend = Backend::default();
    backend.call("CreateContact", &akua(json!({}))).unwrap();
    backend
}

/// The names of the fields that a validation objects to.
fn fields(result: Result<Value, ServiceError>) -> Vec<String> {
    let error = result.unwrap_err();
    assert_eq!(error.code, "ValidationException");
    assert_eq!(error.members["Reason"], "FIELD_VALIDATION_FAILED");
    let fields = error.members["Fields"].as_array().unwrap();
    let name = |field: &Value| field["Name"].as_str().unwrap().to_owned();
    fields.iter().map(name).collect()
}

/// The message of a refusal for another reason than a field.
fn invalid(result: Result<Value, ServiceError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code, "ValidationException");
    assert_eq!(error.members["Reason"], "OTHER");
    error.message
}

/// The code of a refusal.
fn code(result: Result<Value, ServiceError>) -> String {
    result.unwrap_err().code
}
