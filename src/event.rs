//! The door: what Lambda hands over becomes requests that can be answered.
//!
//! Three envelopes come in: CloudFormation's event itself, the same wrapped by SNS
//! (`Records[].Sns.Message`), and Lambda's record of an invocation that ran out of
//! retries (`requestPayload`), which asks for last words only.
//!
//! The event stays raw JSON until here. A typed payload would be refused before
//! the handler is called wherever a template's author made a mistake, and
//! CloudFormation would never hear of it.

use std::fmt;

use serde_json::Value;

use crate::identity::{Left, PhysicalId, Resource};
use crate::response_url::{ResponseHosts, ResponseUrl};

/// What one invocation brings.
#[derive(Debug)]
pub struct Delivery {
    /// The requests in it, or why one can't be answered.
    pub requests: Vec<Result<Request, Unanswerable>>,
    /// For Lambda's on-failure record: why the function could not answer in time.
    /// The requests then get these last words, and nothing else is done.
    pub last_words: Option<String>,
}

/// One request of CloudFormation's.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub resource: Resource,
    /// Where the answer goes.
    pub response_url: ResponseUrl,
    /// Seconds that CloudFormation waits for the answer, 1 to 3600.
    pub service_timeout: u64,
    /// What is asked.
    pub action: Action,
}

/// What a request asks for.
#[derive(Clone, Debug)]
pub enum Action {
    /// Make the contact.
    Create {
        /// The properties, not yet checked.
        properties: Value,
    },
    /// Bring the contact to new properties.
    Update {
        /// The id that CloudFormation knows.
        physical_id: Option<String>,
        /// The new properties, not yet checked.
        properties: Value,
        /// The properties before, never checked.
        old_properties: Value,
    },
    /// Remove the contact.
    Delete {
        /// The id that CloudFormation knows, or invented.
        physical_id: Option<String>,
        /// The last properties, never checked.
        properties: Value,
    },
    /// A request type that the protocol does not have.
    Unknown {
        /// The type as it came.
        request_type: String,
        /// The id, if one came with it.
        physical_id: Option<String>,
    },
}

impl Request {
    /// The id that CloudFormation knows, if it came with the request.
    #[must_use]
    pub fn current_physical_id(&self) -> Option<&str> {
        match &self.action {
            Action::Create { .. } => None,
            Action::Update { physical_id, .. }
            | Action::Delete { physical_id, .. }
            | Action::Unknown { physical_id, .. } => physical_id.as_deref(),
        }
    }

    /// Whether it is the Delete of a Create that has left nothing.
    #[must_use]
    pub fn is_delete_of_nothing(&self) -> bool {
        let nothing = |id| {
            let id = PhysicalId::parse(id, &self.resource);
            matches!(id, PhysicalId::Marker(Left::Nothing, _))
        };
        matches!(self.action, Action::Delete { .. })
            && self.current_physical_id().is_some_and(nothing)
    }

    /// The alias that the template gives, for the log; it need not be a valid one.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        let (Action::Create { properties }
        | Action::Update { properties, .. }
        | Action::Delete { properties, .. }) = &self.action
        else {
            return None;
        };
        properties.get("Alias").and_then(Value::as_str)
    }

    /// The protocol's word for what is asked. The log prints it unescaped, so the text of
    /// an unknown type is not repeated.
    #[must_use]
    pub fn request_type(&self) -> &'static str {
        match &self.action {
            Action::Create { .. } => "Create",
            Action::Update { .. } => "Update",
            Action::Delete { .. } => "Delete",
            Action::Unknown { .. } => "Unknown",
        }
    }
}

/// Why an event can't be answered: it lacks what every answer needs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unanswerable(String);

impl fmt::Display for Unanswerable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this event can't be answered: {}", self.0)
    }
}

impl std::error::Error for Unanswerable {}

/// Opens the envelope.
#[must_use]
pub fn read(event: &Value, hosts: &ResponseHosts) -> Delivery {
    let (payload, last_words) = match event.get("requestPayload") {
        Some(payload) => (payload, Some(cause_of_failure(event))),
        None => (event, None),
    };
    let requests = if last_words.is_some() && payload.get("requestPayload").is_some() {
        // The record of a failure to give last words: nobody is left to tell.
        Vec::new()
    } else {
        read_envelope(payload, hosts)
    };
    Delivery {
        requests,
        last_words,
    }
}

fn read_envelope(payload: &Value, hosts: &ResponseHosts) -> Vec<Result<Request, Unanswerable>> {
    match payload.get("Records").and_then(Value::as_array) {
        Some(records) if records.is_empty() => {
            vec![Err(Unanswerable("no record in it".to_owned()))]
        }
        Some(records) => records
            .iter()
            .map(|record| {
                let message = record.pointer("/Sns/Message").and_then(Value::as_str);
                let message = message
                    .ok_or_else(|| Unanswerable("a record without Sns.Message".to_owned()))?;
                let event = serde_json::from_str(message)
                    .map_err(|_| Unanswerable("an Sns.Message that is not JSON".to_owned()))?;
                read_request(&event, hosts)
            })
            .collect(),
        None => vec![read_request(payload, hosts)],
    }
}

/// Most bytes the ids of an event may take in the answer, which has 4096 for all.
const IDS_MAX: usize = 1536;
/// Most bytes a physical id may take (custom resource protocol).
const PHYSICAL_ID_MAX: usize = 1024;

fn read_request(event: &Value, hosts: &ResponseHosts) -> Result<Request, Unanswerable> {
    let member = |name: &str| {
        let text = event.get(name).and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            return Err(Unanswerable(format!("it has no {name}")));
        }
        Ok(text.to_owned())
    };
    let resource = Resource {
        stack_id: member("StackId")?,
        logical_id: member("LogicalResourceId")?,
        request_id: member("RequestId")?,
    };
    let ids = [
        &resource.stack_id,
        &resource.logical_id,
        &resource.request_id,
    ];
    if ids.into_iter().map(|id| encoded_len(id)).sum::<usize>() > IDS_MAX {
        let problem = format!("its ids take more than {IDS_MAX} bytes");
        return Err(Unanswerable(problem));
    }
    let response_url = ResponseUrl::parse(&member("ResponseURL")?, hosts)
        .map_err(|problem| Unanswerable(format!("its ResponseURL is refused: {problem}")))?;

    let properties = event.get("ResourceProperties").cloned().unwrap_or_default();
    let physical_id = event
        .get("PhysicalResourceId")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty() && encoded_len(id) <= PHYSICAL_ID_MAX)
        .map(ToOwned::to_owned);
    let service_timeout = service_timeout(event, &properties);
    let action = match event.get("RequestType").and_then(Value::as_str) {
        Some("Create") => Action::Create { properties },
        Some("Update") => Action::Update {
            physical_id,
            properties,
            old_properties: event
                .get("OldResourceProperties")
                .cloned()
                .unwrap_or_default(),
        },
        Some("Delete") => Action::Delete {
            physical_id,
            properties,
        },
        other => Action::Unknown {
            request_type: other.unwrap_or_default().to_owned(),
            physical_id,
        },
    };
    Ok(Request {
        resource,
        response_url,
        service_timeout,
        action,
    })
}

/// The bytes that a text takes as a JSON string, without the quotes.
fn encoded_len(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX, |json| json.len() - 2)
}

/// Seconds that CloudFormation waits at most, and if the template sets nothing.
const SERVICE_TIMEOUT_MAX: u64 = 3600;

fn service_timeout(event: &Value, properties: &Value) -> u64 {
    let value = properties
        .get("ServiceTimeout")
        .or_else(|| event.get("ServiceTimeout"));
    let seconds = match value {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    seconds
        .filter(|seconds| (1..=SERVICE_TIMEOUT_MAX).contains(seconds))
        .unwrap_or(SERVICE_TIMEOUT_MAX)
}

/// What Lambda's record says of why the function did not answer.
fn cause_of_failure(record: &Value) -> String {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    let tries = record
        .pointer("/requestContext/approximateInvokeCount")
        .and_then(Value::as_u64)
        .map(|count| format!(" after {count} tries"))
        .unwrap_or_default();
    let error = match (
        text("/responsePayload/errorType"),
        text("/responsePayload/errorMessage"),
    ) {
        (Some(kind), Some(message)) => format!(": {kind}: {message}"),
        (None, Some(text)) | (Some(text), None) => format!(": {text}"),
        (None, None) => String::new(),
    };
    match text("/requestContext/condition") {
        Some("EventAgeExceeded") => format!(
            "Lambda could not run the function before the event grew too old{tries}{error}. \
             Next step: look at the function's throttles and concurrency, then try again."
        ),
        _ => format!(
            "Lambda gave up on the function{tries}{error}. \
             Next step: look into the function's log, then try again."
        ),
    }
}
