//! The files with the events to deliver.

use std::io::Read;
use std::path::{Path, PathBuf};

use emulator::cloudformation::Ids;
use emulator::sink::presign;
use emulator::template::ParsedTemplate;
use serde_json::Value;

use crate::Failure;
use crate::place::Place;

pub(crate) struct Event {
    pub(crate) path: PathBuf,
    payload: Value,
    form: Form,
    /// The request of CloudFormation in the payload. A check has none.
    pub(crate) request: Option<Request>,
}

pub(crate) struct Request {
    pub(crate) event: Value,
    ids: Ids,
    pub(crate) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Request,
    /// In a message of an SNS topic, to which CloudFormation sent it.
    Sns,
    OnFailure,
    /// No request, but a check from a schedule, which nobody waits for.
    Check,
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
        let (form, event) = request_in(&payload)?;
        let request = if form == Form::Check {
            None
        } else {
            let ids = Ids::of_event(&event).ok_or_else(|| not_a_request(&event))?;
            let place = Place::of_stack(&ids.stack_id)?;
            Some(Request { event, ids, place })
        };
        let path = path.to_owned();
        Ok(Self { path, payload, form, request })
    }

    pub(crate) fn moved(&self, to: &Place) -> Result<Self, Failure> {
        let text = self.payload.to_string();
        let place = self.request.as_ref().map(|request| &request.place);
        let text = place.map_or(text.clone(), |place| place.moved(&text, to));
        Ok(Self::parse(&self.path, &text)?)
    }

    pub(crate) fn for_server(&self, url: &str) -> Value {
        let mut payload = self.payload.clone();
        let Some(request) = &self.request else {
            return payload;
        };
        let mut event = request.event.clone();
        if let Some(members) = event.as_object_mut() {
            let url = presign(url, &request.ids);
            members.insert("ResponseURL".to_owned(), url.into());
        }
        let (path, event) = match self.form {
            Form::Sns => (SNS_MESSAGE, event.to_string().into()),
            Form::OnFailure => ("/requestPayload", event),
            Form::Request | Form::Check => return event,
        };
        if let Some(place) = payload.pointer_mut(path) {
            *place = event;
        }
        payload
    }
}

const SNS_MESSAGE: &str = "/Records/0/Sns/Message";

/// Returns the account and Region of all events, or an error if they differ.
pub(crate) fn one_place(events: &[Event]) -> Result<Option<Place>, Failure> {
    let mut places =
        events.iter().filter_map(|event| Some((&event.path, &event.request.as_ref()?.place)));
    let Some((first_path, first)) = places.next() else {
        return Ok(None);
    };
    match places.find(|(_, place)| *place != first) {
        Some((path, other)) => Err(format!(
            "{} is of {first}, and {} of {other}: one run has one account and Region",
            name(first_path),
            name(path)
        )
        .into()),
        None => Ok(Some(first.clone())),
    }
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

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
    if payload.get("check").is_some_and(Value::is_string) {
        return Ok((Form::Check, Value::Null));
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

    use super::{Event, Form, Place, one_place};

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
        for (payload, form) in
            [(&request, Form::Request), (&message, Form::Sns), (&record, Form::OnFailure)]
        {
            let event = parsed(payload);
            let found = event.request.as_ref().unwrap();
            assert_eq!((event.form, &found.event), (form, &request));
            assert_eq!(found.place.to_string(), "111122223333 in eu-west-1");
        }
        let check = json!({"check": "reachability"});
        let event = parsed(&check);
        assert!(event.request.is_none());
        assert_eq!(event.for_server("http://emulator:1"), check);
        assert!(one_place(&[event, parsed(&request)]).unwrap().is_some());
    }

    #[test]
    fn an_event_moves_to_another_account_and_server() {
        let request = request("eu-west-1");
        let message = json!({"Records": [{"Sns": {"Message": request.to_string()}}]});
        let to = Place { region: "us-east-1".to_owned(), account: "012345678912".to_owned() };
        let event = parsed(&message).moved(&to).unwrap();
        assert_eq!(event.request.as_ref().unwrap().place, to);
        let sent = event.for_server("http://emulator:4567");
        let sent = parsed(&sent).request.unwrap().event;
        let url = sent["ResponseURL"].as_str().unwrap();
        let start = "http://emulator:4567/arn%3Aaws%3Acloudformation%3Aus-east-1%3A012345678912%3A";
        assert!(url.starts_with(start), "{url}");
    }

    #[test]
    fn what_is_no_event_is_said_in_a_sentence() {
        let stack = |id: &str| json!({"StackId": id, "RequestId": "r", "LogicalResourceId": "A"});
        let of = |place: &str| stack(&format!("arn:{place}:stack/a/1"));
        let rows = json!({"rows": [
            ["", "this is empty; an event is a JSON object"],
            ["Resources:\n  A:\n    Type: X\n", "this is a template; `stack` plays templates"],
            [{"Resources": {}}, "this is a template; `stack` plays templates"],
            ["a: 1", "this is no JSON, and an event is a JSON object: \
                      expected value at line 1 column 1"],
            ["[]", "an event is a JSON object"],
            [{"StackId": 1, "RequestId": "r"}, "this is no request of CloudFormation, because \
                                                these strings are missing: StackId, LogicalResourceId"],
            [{"Records": []}, "Records is no list of one message of an SNS topic"],
            [{"Records": [{"Sns": {"Message": "x"}}]},
                "the SNS message is no JSON: expected value at line 1 column 1"],
            [stack("x"), "the StackId is no ARN of a stack: x"],
            [of("aws-cn:cloudformation:cn-north-1:111122223333"),
                "the emulator has only the partition aws, and the StackId is of aws-cn"],
            [of("aws:cloudformation:nowhere:111122223333"), "nowhere is no name of a Region"],
            [of("aws:cloudformation:us-east-1:1"), "1 is no account: it has 12 digits"],
        ]});
        for row in rows["rows"].as_array().unwrap() {
            let text = row[0].as_str().map_or_else(|| row[0].to_string(), ToOwned::to_owned);
            let error = Event::parse(Path::new("event.json"), &text).err().unwrap();
            assert_eq!(error, row[1], "{text}");
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
