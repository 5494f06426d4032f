//! Parses Lambda payloads.
//!
//! A payload is CloudFormation's event itself, the event wrapped by SNS
//! (`Records[].Sns.Message`), Lambda's on-failure record of an invocation that ran out of
//! retries (`requestPayload`), or the schedule's `{"check": "reachability"}`.

use std::fmt;
use std::time::Duration;

use crate::contact::arn::Alias;
use crate::contact::personal_data;
use crate::json::{Json, Object, encoded_len};
use crate::ownership::{PhysicalId, Resource};
use crate::text::shortened;

use super::response_url::{ResponseHosts, ResponseUrl};

/// The payload of one invocation.
pub(crate) enum Payload {
    /// Requests of CloudFormation, or why one can't be answered.
    Requests(Vec<Result<Request, Unanswerable>>),
    /// An on-failure record with the requests that were not answered. It has none if it is the
    /// record of another record, or of a check: nobody waits for an answer.
    FailureRecord(FailureRecord, Vec<Result<Request, Unanswerable>>),
    /// Look whether everybody can be paged.
    Check,
}

/// What Lambda's on-failure record says of an invocation.
#[derive(Clone, Debug)]
pub(crate) struct FailureRecord {
    /// Whether the event grew too old before the function could run.
    pub(crate) has_expired: bool,
    /// How often Lambda tried.
    pub(crate) attempts: Option<u64>,
    /// The error of the last try.
    pub(crate) error: Option<String>,
}

/// A custom resource request of CloudFormation. It has no `Debug`: its properties hold personal
/// data.
pub(crate) struct Request {
    pub(crate) resource: Resource,
    /// Where the answer goes.
    pub(crate) response_url: ResponseUrl,
    /// How long CloudFormation waits for the answer.
    pub(crate) service_timeout: Duration,
    /// The id that CloudFormation knows, if it came with an Update or a Delete.
    pub(crate) physical_id: Option<String>,
    pub(crate) action: Action,
    /// The alias in the properties, if the API would accept it.
    pub(crate) alias: Option<Alias>,
    /// The text of the new properties, or of the last ones of a Delete.
    pub(crate) properties: String,
}

/// What CloudFormation asks for.
pub(crate) enum Action {
    Create,
    Update {
        old_properties: String,
    },
    Delete,
    /// The protocol has no such request type.
    Unknown(String),
}

impl Action {
    /// The request type. The log prints it unescaped, so the text of an unknown type is not
    /// repeated.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update { .. } => "Update",
            Self::Delete => "Delete",
            Self::Unknown(_) => "Unknown",
        }
    }
}

impl Request {
    pub(crate) fn parsed_physical_id(&self) -> PhysicalId {
        PhysicalId::parse(self.physical_id.as_deref().unwrap_or_default())
    }

    /// Whether it is the Delete after a Create that made nothing.
    pub(crate) fn is_delete_of_nothing(&self) -> bool {
        matches!(self.action, Action::Delete)
            && self.parsed_physical_id() == PhysicalId::NothingCreated
    }
}

/// Why an event can't be answered: something that every answer needs is missing.
type Unanswerable = Box<dyn std::error::Error + Send + Sync>;

fn unanswerable(why: impl fmt::Display) -> Unanswerable {
    format!("this event can't be answered: {why}").into()
}

impl Payload {
    pub(crate) fn parse(payload: &str, hosts: &ResponseHosts) -> Self {
        let payload = Json::new(payload).object();
        let Some(event) = payload.get("requestPayload").map(Json::object) else {
            return if is_check(&payload) {
                Self::Check
            } else {
                Self::Requests(requests(&payload, hosts))
            };
        };
        let record = FailureRecord::parse(&payload);
        let has_requests = !is_check(&event) && event.get("requestPayload").is_none();
        let requests = if has_requests { requests(&event, hosts) } else { Vec::new() };
        Self::FailureRecord(record, requests)
    }
}

fn is_check(payload: &Object<'_>) -> bool {
    payload.text("check").as_deref() == Some("reachability")
}

fn requests(payload: &Object<'_>, hosts: &ResponseHosts) -> Vec<Result<Request, Unanswerable>> {
    let Some(records) = payload.get("Records").and_then(Json::items) else {
        return vec![request(payload, hosts)];
    };
    if records.is_empty() {
        return vec![Err(unanswerable("no record in it"))];
    }
    let of_record = |record: Json<'_>| {
        let sns = record.object().get("Sns").map(Json::object);
        let message = sns.and_then(|sns| sns.text("Message"));
        let message = message.ok_or_else(|| unanswerable("a record without Sns.Message"))?;
        request(&Json::new(&message).object(), hosts)
    };
    records.into_iter().map(of_record).collect()
}

/// Most bytes that the ids of an event may take in the answer, which has 4096 bytes.
const IDS_MAX: usize = 1536;
/// Most bytes that a physical id may take (custom resource protocol).
const PHYSICAL_ID_MAX: usize = 1024;

fn request(event: &Object<'_>, hosts: &ResponseHosts) -> Result<Request, Unanswerable> {
    let required =
        |name: &str| event.text(name).ok_or_else(|| unanswerable(format_args!("it has no {name}")));
    let (stack_id, logical_id) = (required("StackId")?, required("LogicalResourceId")?);
    let request_id = required("RequestId")?;
    let ids = [&stack_id, &logical_id, &request_id];
    if ids.into_iter().map(encoded_len).sum::<usize>() > IDS_MAX {
        return Err(unanswerable(format_args!("its ids take more than {IDS_MAX} bytes")));
    }
    let url = required("ResponseURL")?;
    let response_url = ResponseUrl::parse(&url, hosts)
        .map_err(|why| unanswerable(format_args!("its ResponseURL is refused: {why}")))?;
    let properties =
        |name| event.get(name).map_or_else(String::new, |json| json.as_str().to_owned());
    let fits = |id: &String| encoded_len(id) <= PHYSICAL_ID_MAX;
    let action = match event.text("RequestType").unwrap_or_default().as_str() {
        "Create" => Action::Create,
        "Update" => Action::Update { old_properties: properties("OldResourceProperties") },
        "Delete" => Action::Delete,
        other => Action::Unknown(personal_data::quoted(other).unwrap_or_default()),
    };
    let has_id = !matches!(action, Action::Create);
    let new = event.get("ResourceProperties").map_or_else(Object::default, Json::object);
    Ok(Request {
        resource: Resource::new(stack_id, logical_id, request_id, &url),
        response_url,
        service_timeout: service_timeout(event, &new),
        physical_id: event.text("PhysicalResourceId").filter(fits).filter(|_| has_id),
        action,
        alias: new.text("Alias").and_then(|alias| Alias::parse(&alias)),
        properties: properties("ResourceProperties"),
    })
}

/// The most seconds that CloudFormation waits, and its default.
const SERVICE_TIMEOUT_MAX: u64 = 3600;

fn service_timeout(event: &Object<'_>, properties: &Object<'_>) -> Duration {
    let value = properties.get("ServiceTimeout");
    let seconds =
        value.or_else(|| event.get("ServiceTimeout")).and_then(|value| match value.text() {
            Some(text) => text.trim().parse().ok(),
            None => value.parse().ok(),
        });
    let seconds = seconds.filter(|seconds| (1..=SERVICE_TIMEOUT_MAX).contains(seconds));
    Duration::from_secs(seconds.unwrap_or(SERVICE_TIMEOUT_MAX))
}

impl FailureRecord {
    fn parse(record: &Object<'_>) -> Self {
        let object = |name: &str| record.get(name).map_or_else(Object::default, Json::object);
        let (context, reply) = (object("requestContext"), object("responsePayload"));
        let error = ["errorType", "errorMessage"].into_iter().filter_map(|name| reply.text(name));
        let error = error.collect::<Vec<_>>().join(": ");
        let attempts = context.get("approximateInvokeCount");
        Self {
            has_expired: context.text("condition").as_deref() == Some("EventAgeExceeded"),
            attempts: attempts.and_then(|attempts| attempts.parse().ok()),
            error: (!error.is_empty()).then_some(error),
        }
    }
}

impl fmt::Display for FailureRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.has_expired {
            "Lambda could not run the function before the event grew too old"
        } else {
            "Lambda gave up on the function"
        })?;
        if let Some(attempts) = self.attempts {
            write!(f, " (attempts: {attempts})")?;
        }
        match &self.error {
            Some(error) => write!(f, ": {}", shortened(error)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
