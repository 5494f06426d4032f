//! Parses Lambda payloads into custom resource requests.
//!
//! A payload is CloudFormation's event itself, the event wrapped by SNS
//! (`Records[].Sns.Message`), or Lambda's on-failure record of an invocation that ran out
//! of retries (`requestPayload`).
//!
//! The payload is raw JSON until here. With a typed payload, `lambda_runtime` would refuse
//! an event that does not parse, and CloudFormation would never get an answer.

use std::fmt;

use serde_json::Value;

use crate::identity::{MarkerKind, PhysicalId, Resource};
use crate::response_url::{ResponseHosts, ResponseUrl};

/// The payload of one invocation.
#[derive(Debug)]
pub struct Delivery {
    /// The requests in it, or why one can't be answered.
    pub requests: Vec<Result<Request, Unanswerable>>,
    /// What an on-failure record says. The requests are then answered with FAILED, and
    /// nothing else is done.
    pub failure_record: Option<FailureRecord>,
}

/// What Lambda's on-failure record says of an invocation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FailureRecord {
    /// Whether the event grew too old before the function could run.
    pub expired: bool,
    /// How often Lambda tried.
    pub attempts: Option<u64>,
    /// The error of the last try.
    pub error: Option<String>,
}

/// A custom resource request of CloudFormation.
#[derive(Clone, Debug)]
pub struct Request {
    /// The resource and the request's id.
    pub resource: Resource,
    /// Where the answer goes.
    pub response_url: ResponseUrl,
    /// Seconds that CloudFormation waits for the answer, 1 to 3600.
    pub service_timeout: u64,
    /// What CloudFormation asks for.
    pub action: Action,
}

/// What CloudFormation asks for.
#[derive(Clone)]
pub enum Action {
    /// Create the contact.
    Create {
        /// The properties, not yet checked.
        properties: Value,
    },
    /// Update the contact.
    Update {
        /// The id that CloudFormation knows.
        physical_id: Option<String>,
        /// The new properties, not yet checked.
        properties: Value,
        /// The properties before the update, never checked.
        old_properties: Value,
    },
    /// Delete the contact.
    Delete {
        /// The id that CloudFormation knows or has invented.
        physical_id: Option<String>,
        /// The last properties, never checked.
        properties: Value,
    },
    /// The protocol has no such request type.
    Unknown {
        /// The type as it came.
        request_type: String,
        /// The id, if one came with it.
        physical_id: Option<String>,
    },
}

/// Properties may hold addresses, which are personal data.
impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, physical_id) = match self {
            Self::Create { .. } => ("Create", None),
            Self::Update { physical_id, .. } => ("Update", physical_id.as_deref()),
            Self::Delete { physical_id, .. } => ("Delete", physical_id.as_deref()),
            Self::Unknown { physical_id, .. } => ("Unknown", physical_id.as_deref()),
        };
        let mut shown = f.debug_struct(name);
        shown
            .field("physical_id", &physical_id)
            .finish_non_exhaustive()
    }
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

    /// Whether it is the Delete after a Create that made nothing.
    #[must_use]
    pub fn is_delete_of_nothing(&self) -> bool {
        let marks_nothing = |id| {
            let id = PhysicalId::parse(id, &self.resource);
            matches!(id, PhysicalId::Marker(MarkerKind::NothingCreated, _))
        };
        matches!(self.action, Action::Delete { .. })
            && self.current_physical_id().is_some_and(marks_nothing)
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

    /// The request type. The log prints it unescaped, so the text of an unknown type is not
    /// repeated.
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

/// Why an event can't be answered: something that every answer needs is missing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unanswerable(String);

impl fmt::Display for Unanswerable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this event can't be answered: {}", self.0)
    }
}

impl std::error::Error for Unanswerable {}

/// Parses a payload.
#[must_use]
pub fn parse(payload: &Value, hosts: &ResponseHosts) -> Delivery {
    let (event, failure_record) = match payload.get("requestPayload") {
        Some(event) => (event, Some(FailureRecord::parse(payload))),
        None => (payload, None),
    };
    // The record of a failure to handle a record: nobody waits for an answer.
    let is_nested = failure_record.is_some() && event.get("requestPayload").is_some();
    Delivery {
        requests: if is_nested {
            Vec::new()
        } else {
            parse_event(event, hosts)
        },
        failure_record,
    }
}

fn parse_event(payload: &Value, hosts: &ResponseHosts) -> Vec<Result<Request, Unanswerable>> {
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
                parse_request(&event, hosts)
            })
            .collect(),
        None => vec![parse_request(payload, hosts)],
    }
}

/// Most bytes that the ids of an event may take in the answer, which has 4096 bytes.
const IDS_MAX: usize = 1536;
/// Most bytes that a physical id may take (custom resource protocol).
const PHYSICAL_ID_MAX: usize = 1024;

fn parse_request(event: &Value, hosts: &ResponseHosts) -> Result<Request, Unanswerable> {
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

/// How many bytes a text takes as a JSON string, without the quotes.
fn encoded_len(text: &str) -> usize {
    serde_json::to_string(text).map_or(usize::MAX, |json| json.len() - 2)
}

/// The most seconds that CloudFormation waits, and its default.
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

impl FailureRecord {
    fn parse(record: &Value) -> Self {
        let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
        let error = match (
            text("/responsePayload/errorType"),
            text("/responsePayload/errorMessage"),
        ) {
            (Some(kind), Some(message)) => Some(format!("{kind}: {message}")),
            (None, Some(text)) | (Some(text), None) => Some(text.to_owned()),
            (None, None) => None,
        };
        Self {
            expired: text("/requestContext/condition") == Some("EventAgeExceeded"),
            attempts: record
                .pointer("/requestContext/approximateInvokeCount")
                .and_then(Value::as_u64),
            error,
        }
    }
}
