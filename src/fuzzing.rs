//! What the fuzz target checks. It stands here, because it needs what is not public.

use serde_json::Value;

use crate::cloudformation::event::{Payload, Request};
use crate::cloudformation::response::{BODY_MAX, Outcome, body};
use crate::cloudformation::response_url::ResponseHosts;
use crate::contact::personal_data::quoted;
use crate::ownership::Left;
use crate::properties::{Desired, LastProperties};

/// Reads bytes as a payload, and as the properties of an event that is otherwise valid.
///
/// # Panics
///
/// Panics if an event gets no answer, or one that is too long or repeats an address.
pub fn event(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    requests(text).iter().for_each(check);
    let event = format!(
        r#"{{"RequestType": "Create", "StackId": "s", "RequestId": "r", "LogicalResourceId": "l",
        "ResourceProperties": {text}, "ResponseURL": "http://localhost/s%7Cl%7Cr?Signature=s"}}"#
    );
    let requests = requests(&event);
    // Broken JSON may hold quotes that take the other members along.
    let is_json = serde_json::from_str::<Value>(text).is_ok();
    assert!(!is_json || requests.len() == 1, "it gets no answer");
    requests.iter().for_each(check);
}

fn requests(payload: &str) -> Vec<Request> {
    let hosts = ResponseHosts::parse("localhost", |_| ());
    match Payload::parse(payload, &hosts) {
        Payload::Requests(requests) | Payload::FailureRecord(_, requests) => {
            requests.into_iter().flatten().collect()
        }
        Payload::Check => Vec::new(),
    }
}

fn check(request: &Request) {
    let _ = LastProperties::read(&request.properties);
    let Err(violations) = Desired::parse(&request.properties) else {
        return;
    };
    let reason = violations.to_string();
    let mut texts = Vec::new();
    if let Ok(properties) = serde_json::from_str(&request.properties) {
        texts_of(&properties, &mut texts);
    }
    let (told, hidden): (Vec<String>, Vec<String>) =
        texts.into_iter().partition(|text| quoted(text).is_some());
    // The words of a rule may look like a short address, and so may a part of what is told.
    let is_elsewhere =
        |text: &str| text.len() < 10 || told.iter().any(|other| other.contains(text));
    for text in hidden.iter().filter(|text| !is_elsewhere(text)) {
        assert!(!reason.contains(text.as_str()), "{reason} repeats {text}");
    }
    let outcome =
        Outcome { physical_id: request.resource.marker(Left::OutcomeUnknown), result: Err(reason) };
    let length = body(&request.resource, &outcome).map_or(usize::MAX, |body| body.len());
    assert!(length <= BODY_MAX, "{length} bytes");
}

/// All keys, and all values that are no containers.
fn texts_of(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                texts.push(name.clone());
                texts_of(value, texts);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, texts)),
        Value::String(text) => texts.push(text.clone()),
        other => texts.push(other.to_string()),
    }
}
