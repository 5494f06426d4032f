use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const URL: &str = "https://cloudformation-custom-resource-response-useast2.s3.us-east-2.amazonaws.com/x?Signature=s";

fn create() -> Value {
    json!({
        "RequestType": "Create",
        "ResponseURL": URL,
        "StackId": "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/4a7a",
        "RequestId": "3f9c1c52",
        "LogicalResourceId": "Akua",
        "ResourceType": "Custom::SSMContact",
        "ResourceProperties": {"Alias": "akuam", "ServiceTimeout": "120"},
    })
}

fn with(members: Value) -> Value {
    let mut event = create();
    let Value::Object(members) = members else { panic!() };
    event.as_object_mut().unwrap().extend(members);
    event
}

fn parse(payload: &str) -> Payload {
    Payload::parse(payload, &ResponseHosts::default())
}

fn requests(payload: &Value) -> Vec<Result<Request, Unanswerable>> {
    match parse(&payload.to_string()) {
        Payload::Requests(requests) => requests,
        _ => panic!("{payload}"),
    }
}

fn request(payload: &Value) -> Request {
    requests(payload).remove(0).unwrap()
}

fn on_failure(payload: &Value) -> Value {
    json!({
        "version": "1.0",
        "requestContext": {"requestId": "e1", "condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": payload,
        "responsePayload": {"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"},
    })
}

fn sns(messages: &[String]) -> Value {
    let records = messages.iter().map(|message| json!({"Sns": {"Message": message}}));
    json!({"Records": records.collect::<Value>()})
}

/// Whatever the members hold that an answer does not need, it is answered.
#[test]
fn everything_else_may_be_broken() {
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for broken in
        [&deep, "\"\\ud800\"", "1e400", "nan", "{]}", "[{}", "[1", "null", "5", "\"x\"", "[{\"a\":"]
    {
        for name in [
            "ResourceProperties",
            "OldResourceProperties",
            "PhysicalResourceId",
            "RequestType",
            "Extra",
        ] {
            let mut event = create();
            event[name] = json!("BROKEN");
            event["RequestType"] = json!(if name == "RequestType" { "BROKEN" } else { "Update" });
            let event = event.to_string().replace("\"BROKEN\"", broken);
            for payload in [sns(std::slice::from_ref(&event)).to_string(), event] {
                let Payload::Requests(mut requests) = parse(&payload) else { panic!("{payload}") };
                let request =
                    requests.remove(0).unwrap_or_else(|why| panic!("{broken:.30}: {why}"));
                assert_eq!(request.resource.logical_id, "Akua");
                assert_eq!(matches!(request.action, Action::Unknown(_)), name == "RequestType");
                assert_eq!(request.alias.is_none(), name == "ResourceProperties", "{payload}");
            }
        }
    }
}

#[test]
#[rustfmt::skip]
fn the_physical_id_is_the_one_that_came() {
    let longest = "i".repeat(1024);
    for request_type in ["Create", "Update", "Delete", "Upsert"] {
        for (id, read) in [
            (json!("some-id"), Some("some-id")), (json!(""), None), (json!(5), None),
            (json!(longest), Some(longest.as_str())), (json!("i".repeat(1025)), None),
            (json!("\n".repeat(513)), None),
        ] {
            let event = with(json!({"RequestType": request_type, "PhysicalResourceId": id}));
            let read = read.filter(|_| request_type != "Create");
            assert_eq!(request(&event).physical_id.as_deref(), read, "{request_type}");
        }
    }
}

#[test]
fn only_the_delete_of_a_marker_of_nothing_is_one_of_nothing() {
    let nothing = "nothing-created:3f9c1c52/0123456789abcdef";
    for (request_type, id, expected) in [
        ("Delete", nothing, true),
        ("Update", nothing, false),
        ("Create", nothing, false),
        ("Delete", "nothing-created:", false),
        ("Delete", "outcome-unknown:3f9c1c52/0123456789abcdef", false),
    ] {
        let event = with(json!({"RequestType": request_type, "PhysicalResourceId": id}));
        assert_eq!(request(&event).is_delete_of_nothing(), expected, "{request_type} {id}");
    }
}

#[test]
#[rustfmt::skip]
fn service_timeout_is_seconds_up_to_an_hour() {
    for (own, events, seconds) in [
        (json!("60"), json!(null), 60), (json!(" 60 "), json!(null), 60), (json!(60), json!(30), 60),
        (json!(null), json!("30"), 30), (json!(null), json!(null), 3600), (json!("3601"), json!(null), 3600),
        (json!("0"), json!(null), 3600), (json!("soon"), json!(null), 3600), (json!(-5), json!(null), 3600),
        (json!([]), json!(null), 3600),
    ] {
        let event = with(json!({"ResourceProperties": {"ServiceTimeout": own}, "ServiceTimeout": events}));
        assert_eq!(request(&event).service_timeout, Duration::from_secs(seconds), "{event}");
    }
}

#[test]
fn sns_wraps_one_event_or_several() {
    let found = requests(&sns(&[create().to_string(), "not json".into(), create().to_string()]));
    assert_eq!(found.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn an_on_failure_record_says_why_and_holds_the_event() {
    let mut aged = on_failure(&create());
    aged["requestContext"]["condition"] = json!("EventAgeExceeded");
    aged["responsePayload"] = Value::Null;
    let mut bare = on_failure(&create());
    bare["requestContext"] = Value::Null;
    bare["responsePayload"] = json!({"errorMessage": "m".repeat(5000)});
    for (record, start) in [
        (
            on_failure(&create()),
            "Lambda gave up on the function (attempts: 3): Runtime.ExitError: exit status 1",
        ),
        (
            on_failure(&sns(&[create().to_string()])),
            "Lambda gave up on the function (attempts: 3): Runtime",
        ),
        (aged, "Lambda could not run the function before the event grew too old (attempts: 3)"),
        (bare, "Lambda gave up on the function: mmm"),
    ] {
        let Payload::FailureRecord(why, requests) = parse(&record.to_string()) else {
            panic!("{record}")
        };
        assert!(why.to_string().starts_with(start) && why.to_string().len() < 1000, "{why}");
        assert_eq!(requests.iter().filter(|request| request.is_ok()).count(), 1);
    }
}

proptest! {
    #[test]
    fn no_payload_makes_the_parser_panic(
        at in any::<prop::sample::Index>(),
        length in 0usize..40,
        inserted in r#"([\[\]{},:"\\]|null|é|\PC){0,6}"#,
    ) {
        let mut event = with(json!({"RequestType": "Update", "OldResourceProperties": {"Alias": ["é", 1, {}]}}));
        event["é"] = json!("\u{0}\"\\");
        let payload = [create().to_string(), on_failure(&sns(&[event.to_string()])).to_string()];
        for payload in payload {
            let ends: Vec<usize> = payload.char_indices().map(|(at, _)| at).collect();
            let start = *at.get(&ends);
            let end = payload.ceil_char_boundary((start + length).min(payload.len()));
            let (before, after) = (payload.get(..start).unwrap(), payload.get(end..).unwrap());
            let _ = parse(&format!("{before}{inserted}{after}"));
        }
    }
}
