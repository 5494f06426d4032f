//! Tests of the rules of the service and of its HTTP interface.

mod activation;
mod channels;
mod constraints;
mod contacts;
mod faults;
mod plans;
mod switches;
mod tokens;
mod wire;

use serde_json::{Value, json};

use super::{Backend, ServiceError};

const PHONE: &str = "+1 (206) 555-0107";
const MAIL: &str = "Akua.Mansa@example.com";

const ON_A_CONTACT: [&str; 4] =
    ["GetContact", "UpdateContact", "ListContactChannels", "DeleteContact"];
const ON_TAGS: [&str; 3] = ["ListTagsForResource", "TagResource", "UntagResource"];
const ON_A_CHANNEL: [&str; 5] = [
    "GetContactChannel",
    "UpdateContactChannel",
    "SendActivationCode",
    "ActivateContactChannel",
    "DeleteContactChannel",
];

fn arn(alias: &str) -> String {
    format!("arn:aws:ssm-contacts:us-east-2:111122223333:contact/{alias}")
}

fn rotation(number: u8) -> String {
    arn("x").replace("contact/x", &format!("rotation/{number}"))
}

/// The ARN of the channel of the example with this number.
fn channel_arn(number: u32) -> String {
    let channel = arn("akuam").replace(":contact/", ":contact-channel/");
    format!("{channel}/00000000-0000-4000-9000-{number:012}")
}

/// A request for the contact of the example or its first channel, with other members. A null
/// removes a member.
fn request(operation: &str, more: Value) -> Value {
    let mut input = match operation {
        "CreateContact" => {
            json!({"Alias": "akuam", "DisplayName": "Akua Mansa", "Type": "PERSONAL",
            "Plan": {"Stages": []}})
        }
        "CreateContactChannel" => {
            json!({"ContactId": arn("akuam"), "Name": "mobile", "Type": "SMS",
            "DeliveryAddress": {"SimpleAddress": PHONE}})
        }
        "TagResource" => {
            json!({"ResourceARN": arn("akuam"), "Tags": [{"Key": "asked", "Value": "1"}]})
        }
        "UntagResource" => json!({"ResourceARN": arn("akuam"), "TagKeys": ["asked"]}),
        "ListTagsForResource" => json!({"ResourceARN": arn("akuam")}),
        "ActivateContactChannel" => {
            json!({"ContactChannelId": channel_arn(1), "ActivationCode": "000001"})
        }
        operation if ON_A_CHANNEL.contains(&operation) => {
            json!({"ContactChannelId": channel_arn(1)})
        }
        "ListContacts" => json!({}),
        _ => json!({"ContactId": arn("akuam")}),
    };
    let (members, Value::Object(more)) = (input.as_object_mut().unwrap(), more) else {
        panic!("not an object");
    };
    members.extend(more);
    members.retain(|_, value| !value.is_null());
    input
}

/// The example of the API reference, with other members. A null removes a member.
fn akua(more: Value) -> Value {
    request("CreateContact", more)
}

/// Calls an operation with [`request`].
fn call(backend: &mut Backend, operation: &str, more: Value) -> Result<Value, ServiceError> {
    backend.call(operation, &request(operation, more))
}

/// A backend with the contact of the example.
fn with_akua() -> Backend {
    let mut backend = Backend::default();
    call(&mut backend, "CreateContact", json!({})).unwrap();
    backend
}

/// A backend with the contact of the example and its first channel.
fn with_channel() -> Backend {
    let mut backend = with_akua();
    call(&mut backend, "CreateContactChannel", json!({})).unwrap();
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

/// A member of each item of a list.
fn each(list: &Value, member: &str) -> Vec<String> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item[member].as_str().unwrap().to_owned()).collect()
}

/// The names of the channels that ListContactChannels returns.
fn channel_names(backend: &mut Backend) -> Vec<String> {
    let listed = call(backend, "ListContactChannels", json!({})).unwrap();
    each(&listed["ContactChannels"], "Name")
}
