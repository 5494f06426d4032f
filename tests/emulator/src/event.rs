//! The files with the events to deliver.

use std::io::Read;
use std::path::{Path, PathBuf};

use emulator::Emulator;
use emulator::cloudformation::Ids;
use emulator::template::ParsedTemplate;
use serde_json::Value;

use crate::Failure;
use crate::place::Place;

/// An event, with its request.
pub(crate) struct Event {
    pub(crate) path: PathBuf,
    payload: Value,
    form: Form,
    /// The request of CloudFormation in the payload.
    pub(crate) request: Value,
    ids: Ids,
    /// The account and the Region of the stack.
    pub(crate) place: Place,
}

/// How the function gets a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it is.
    Request,
    /// In a message of an SNS topic, to which CloudFormation sent it.
    Sns,
    /// In the record that Lambda sends to a failure destination.
    OnFailure,
}

impl Event {
    /// Reads an event from a file, or from standard input if the path is `-`.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let event = Self::parse(path, &text(path)?);
        event.map_err(|error| format!("{}: {error}", name(path)).into())
    }

    fn parse(path: &Path, text: &str) -> Result<Self, String> {
        let payload: Value = serde_json::from_str(text).map_err(|error| not_json(text, &error))?;
        if !payload.is_object() {
            return Err("an event is a JSON object".to_owned());
        }
        let (form, request) = request_in(&payload)?;
        let ids = Ids::of_event(&request).ok_or_else(|| not_a_request(&request))?;
        Ok(Self {
            path: path.to_owned(),
            place: Place::of_stack(&ids.stack_id)?,
            payload,
            form,
            request,
            ids,
        })
    }

    /// Returns the payload with a presigned URL of this emulator in the request.
    pub(crate) fn for_emulator(&self, emulator: &Emulator) -> Value {
        let mut request = self.request.clone();
        if let Some(members) = request.as_object_mut() {
            let url = emulator.sink.presign(&self.ids);
            members.insert("ResponseURL".to_owned(), url.into());
        }
        let mut payload = self.payload.clone();
        let (path, request) = match self.form {
            Form::Request => return request,
            Form::Sns => (SNS_MESSAGE, request.to_string().into()),
            Form::OnFailure => ("/requestPayload", request),
        };
        if let Some(place) = payload.pointer_mut(path) {
            *place = request;
        }
        payload
    }
}

const SNS_MESSAGE: &str = "/Records/0/Sns/Message";

/// Returns an error unless all events are of one account and Region.
pub(crate) fn one_place(events: &[Event]) -> Result<Option<Place>, Failure> {
    let Some((first, others)) = events.split_first() else {
        return Ok(None);
    };
    match others.iter().find(|event| event.place != first.place) {
        Some(other) => Err(format!(
            "{} is of {}, and {} of {}: one run has one account and Region",
            name(&first.path),
            first.place,
            name(&other.path),
            other.place
        )
        .into()),
        None => Ok(Some(first.place.clone())),
    }
}

fn name(path: &Path) -> String {
    if path == Path::new("-") {
        "standard input".to_owned()
    } else {
        path.display().to_string()
    }
}

/// Returns the text of a file, or of standard input.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    let text = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| format!("{}: {error}", name(path)).into())
}

fn not_json(text: &str, error: &serde_json::Error) -> String {
    if text.trim().is_empty() {
        return "this is empty; an event is a JSON object".to_owned();
    }
    if ParsedTemplate::parse(text).is_ok() {
        return "this is a template; `stack` plays templates".to_owned();
    }
    format!("this is no JSON, and an event is a JSON object: {error}")
}

/// Returns the request in a payload. CloudFormation sends it itself, or an SNS topic or Lambda
/// wraps it.
fn request_in(payload: &Value) -> Result<(Form, Value), String> {
    if let Some(records) = payload.get("Records").and_then(Value::as_array) {
        let message = payload.pointer(SNS_MESSAGE).and_then(Value::as_str);
        let message = message.filter(|_| records.len() == 1);
        let message = message.ok_or("Records is no list of one message of an SNS topic")?;
        let request = serde_json::from_str(message);
        let request = request.map_err(|error| format!("the SNS message is no JSON: {error}"))?;
        return Ok((Form::Sns, request));
    }
    if let Some(request) = payload.get("requestPayload") {
        return Ok((Form::OnFailure, request.clone()));
    }
    if payload.get("Resources").is_some() {
        return Err("this is a template; `stack` plays templates".to_owned());
    }
    Ok((Form::Request, payload.clone()))
}

fn not_a_request(request: &Value) -> String {
    let is_missing = |name: &&str| !request.get(*name).is_some_and(Value::is_string);
    let missing = ["StackId", "RequestId", "LogicalResourceId"];
    let missing: Vec<&str> = missing.into_iter().filter(is_missing).collect();
    let missing = missing.join(", ");
    format!("this is no request of CloudFormation, because these strings are missing: {missing}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::{Event, Form, one_place};

    fn request(region: &str) -> Value {
        json!({
            "RequestType": "Create", "RequestId": "r", "LogicalResourceId": "A",
            "StackId": format!("arn:aws:cloudformation:{region}:111122223333:stack/on-call/1"),
        })
    }

    fn parsed(payload: &Value) -> Event {
        Event::parse(Path::new("event.json"), &payload.to_string()).unwrap()
    }

    #[test]
    fn a_request_may_be_wrapped() {
        let request = request("eu-west-1");
        let message = json!({"Records": [{"Sns": {"Message": request.to_string()}}]});
        let record = json!({"requestPayload": request});
        for (payload, form) in [
            (&request, Form::Request),
            (&message, Form::Sns),
            (&record, Form::OnFailure),
        ] {
            let event = parsed(payload);
            assert_eq!((event.form, &event.request), (form, &request));
            assert_eq!(event.place.to_string(), "111122223333 in eu-west-1");
        }
    }

    #[test]
    fn what_is_no_event_is_said_in_a_sentence() {
        let template = "Resources:\n  A:\n    Type: Custom::X\n";
        let stack = |id: &str| json!({"StackId": id, "RequestId": "r", "LogicalResourceId": "A"});
        let rows = [
            (String::new(), "this is empty; an event is a JSON object"),
            (
                template.to_owned(),
                "this is a template; `stack` plays templates",
            ),
            (
                json!({"Resources": {}}).to_string(),
                "this is a template; `stack` plays templates",
            ),
            (
                "a: 1".to_owned(),
                "this is no JSON, and an event is a JSON object: expected value at line 1 column 1",
            ),
            ("[]".to_owned(), "an event is a JSON object"),
            (
                json!({"StackId": 1, "RequestId": "r"}).to_string(),
                "this is no request of CloudFormation, because these strings are missing: StackId, LogicalResourceId",
            ),
            (
                json!({"Records": []}).to_string(),
                "Records is no list of one message of an SNS topic",
            ),
            (
                json!({"Records": [{"Sns": {"Message": "x"}}]}).to_string(),
                "the SNS message is no JSON: expected value at line 1 column 1",
            ),
            (
                stack("x").to_string(),
                "the StackId is no ARN of a stack: x",
            ),
            (
                stack("arn:aws-cn:cloudformation:cn-north-1:111122223333:stack/a/1").to_string(),
                "the emulator has only the partition aws, and the StackId is of aws-cn",
            ),
            (
                stack("arn:aws:cloudformation:nowhere:111122223333:stack/a/1").to_string(),
                "nowhere is no name of a Region",
            ),
            (
                stack("arn:aws:cloudformation:us-east-1:1:stack/a/1").to_string(),
                "1 is no account: it has 12 digits",
            ),
        ];
        for (text, wanted) in rows {
            let error = Event::parse(Path::new("event.json"), &text).err().unwrap();
            assert_eq!(error, wanted, "{text}");
        }
    }

    #[test]
    fn all_events_are_of_one_account_and_region() {
        let events = ["us-east-2", "eu-west-1"].map(|region| parsed(&request(region)));
        assert_eq!(
            one_place(&events).err().unwrap().to_string(),
            "event.json is of 111122223333 in us-east-2, and event.json of 111122223333 in \
             eu-west-1: one run has one account and Region"
        );
    }
}
