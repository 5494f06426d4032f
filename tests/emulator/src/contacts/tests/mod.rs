//! Tests of the rules of the service and of its HTTP interface.

mod channel_input;
mod channel_switches;
mod channels;
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

/// The example of the API reference, with other members. A null removes a member.
fn akua(more: Value) -> Value {
    let mut input = json!({"Alias": "akuam", "DisplayName": "Akua Mansa", "Type": "PERSONAL", "Plan": {"Stages": []}});
    merge(&mut input, more);
    input
}

fn merge(input: &mut Value, more: Value) {
    let (input, Value::Object(more)) = (input.as_object_mut().unwrap(), more) else {
        panic!("not an object");
    };
    for (name, value) in more {
        match value {
            Value::Null => drop(input.remove(&name)),
            value => drop(input.insert(name, value)),
        }
    }
}

/// A backend with the contact of the example.
fn with_akua() -> Backend {
    let mut backend = Backend::default();
    backend.call("CreateContact", &akua(json!({}))).unwrap();
    backend
}

/// The names of the fields of a validation error.
fn fields(result: Result<Value, ServiceError>) -> Vec<String> {
    let error = result.unwrap_err();
    assert_eq!(error.code, "ValidationException");
    assert_eq!(error.members["Reason"], "FIELD_VALIDATION_FAILED");
    let fields = error.members["Fields"].as_array().unwrap();
    let name = |field: &Value| field["Name"].as_str().unwrap().to_owned();
    fields.iter().map(name).collect()
}

/// The message of a validation error without fields.
fn invalid(result: Result<Value, ServiceError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.code, "ValidationException");
    assert_eq!(error.members["Reason"], "OTHER");
    error.message
}

/// The code of an error.
fn code(result: Result<Value, ServiceError>) -> String {
    result.unwrap_err().code
}
