//! docs/behavior.md, section 11: the payloads that the function accepts, and which requests it can
//! answer.

use proptest::prelude::*;
use serde_json::{Value, json};
use ssm_contact_resource::event::{Action, Delivery, parse};
use ssm_contact_resource::response_url::ResponseHosts;

fn create() -> Value {
    json!({
        "RequestType": "Create",
        "ResponseURL": "https://cloudformation-custom-resource-response-useast2.s3.us-east-2.amazonaws.com/x?Signature=s",
        "StackId": "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/4a7a",
        "RequestId": "3f9c1c52-6bf4-4f52-a4a8-5a2bb6bbf8a1",
        "LogicalResourceId": "Akua",
        "ResourceType": "Custom::SSMContact",
        "ResourceProperties": {"Alias": "akuam", "ServiceTimeout": "120"},
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut event = create();
    event[name] = value;
    event
}

fn open(event: &Value) -> Delivery {
    parse(event, &ResponseHosts::default())
}

fn why_not(event: &Value) -> String {
    let mut delivery = open(event);
    delivery.requests.remove(0).unwrap_err().to_string()
}

#[test]
fn cloudformations_own_event() {
    let delivery = open(&create());
    assert_eq!(delivery.failure_record, None);
    let [Ok(request)] = &delivery.requests[..] else {
        panic!("{delivery:?}");
    };
    assert_eq!(request.resource.logical_id, "Akua");
    assert_eq!(request.service_timeout, 120);
    assert_eq!(request.request_type(), "Create");
    assert!(
        matches!(&request.action, Action::Create { properties } if properties["Alias"] == "akuam")
    );
}

#[test]
fn an_event_without_what_every_answer_needs_is_unanswerable() {
    for name in ["ResponseURL", "StackId", "RequestId", "LogicalResourceId"] {
        for value in [Value::Null, json!(""), json!(5), json!({})] {
            let why = why_not(&with(name, value));
            assert!(why.ends_with(&format!("it has no {name}")), "{why}");
        }
    }
    for nonsense in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({"Records": [{}]}),
    ] {
        assert!(open(&nonsense).requests[0].is_err(), "{nonsense}");
    }
    assert!(
        why_not(&with("ResponseURL", json!("https://evil.example/?secret"))).contains("refused")
    );
    assert!(why_not(&with("StackId", json!("s".repeat(2000)))).contains("1536"));
}

#[test]
fn everything_else_may_be_nonsense() {
    for (name, value) in [
        ("ResourceProperties", Value::Null),
        ("ResourceProperties", json!("x")),
        ("ResourceType", json!(3)),
        ("PhysicalResourceId", json!({"a": 1})),
        ("OldResourceProperties", json!([])),
    ] {
        for request_type in ["Create", "Update", "Delete", "Upsert", ""] {
            let mut event = with(name, value.clone());
            event["RequestType"] = json!(request_type);
            assert!(open(&event).requests[0].is_ok(), "{name} {value}");
        }
    }
}

#[test]
fn the_current_physical_id_is_the_one_that_came() {
    let current = |request_type: &str, id: Value| {
        let mut event = with("PhysicalResourceId", id);
        event["RequestType"] = json!(request_type);
        let request = open(&event).requests.remove(0).unwrap();
        request.current_physical_id().map(ToOwned::to_owned)
    };
    assert_eq!(current("Create", json!("ignored")), None);
    for request_type in ["Update", "Delete", "Unheard-of"] {
        let came = current(request_type, json!("some-id"));
        assert_eq!(came.as_deref(), Some("some-id"));
        assert_eq!(current(request_type, json!("")), None);
        assert_eq!(current(request_type, json!("i".repeat(1025))), None);
        assert_eq!(current(request_type, Value::Null), None);
    }
}

#[test]
fn service_timeout_is_seconds_up_to_an_hour() {
    for (value, seconds) in [
        (json!("60"), 60),
        (json!(60), 60),
        (json!("3600"), 3600),
        (json!("3601"), 3600),
        (json!("0"), 3600),
        (json!("soon"), 3600),
        (json!(null), 3600),
        (json!(-5), 3600),
    ] {
        let event = with("ResourceProperties", json!({"ServiceTimeout": value}));
        let request = open(&event).requests.remove(0).unwrap();
        assert_eq!(request.service_timeout, seconds, "{value}");
    }
}

#[test]
fn sns_wraps_one_event_or_several() {
    let record = |message: String| json!({"EventSource": "aws:sns", "Sns": {"Message": message}});
    let delivery = open(&json!({"Records": [
        record(create().to_string()), record("not json".into()), record(create().to_string())]}));
    let answerable: Vec<bool> = delivery.requests.iter().map(Result::is_ok).collect();
    assert_eq!(answerable, [true, false, true]);
    assert!(open(&json!({"Records": []})).requests[0].is_err());
}

fn record(payload: &Value) -> Value {
    json!({
        "version": "1.0", "timestamp": "2026-11-23T10:00:00.000Z",
        "requestContext": {"requestId": "e1", "functionArn": "arn:aws:lambda:us-east-2:111122223333:function:f:$LATEST",
            "condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": payload,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "Runtime.ExitError", "errorMessage": "exit status 1"},
    })
}

#[test]
fn lambdas_on_failure_record_says_why_and_holds_the_event() {
    let sns = json!({"Records": [{"Sns": {"Message": create().to_string()}}]});
    for payload in [create(), sns] {
        let delivery = open(&record(&payload));
        let reason = delivery.failure_record.unwrap().to_string();
        assert!(
            reason.contains("(attempts: 3): Runtime.ExitError: exit status 1"),
            "{reason}"
        );
        assert_eq!(delivery.requests.len(), 1);
        assert!(delivery.requests[0].is_ok());
    }
    let mut aged = record(&create());
    aged["requestContext"]["condition"] = json!("EventAgeExceeded");
    aged["responsePayload"] = Value::Null;
    let reason = open(&aged).failure_record.unwrap().to_string();
    assert!(reason.contains("grew too old"), "{reason}");
}

#[test]
fn a_record_within_a_record_has_no_request() {
    let delivery = open(&record(&record(&create())));
    assert!(delivery.requests.is_empty());
    assert!(delivery.failure_record.is_some());
}

proptest! {
    #[test]
    fn no_event_makes_the_parser_panic(members in proptest::collection::hash_map(
        prop_oneof![Just("Records".to_owned()), Just("requestPayload".to_owned()),
            Just("RequestType".to_owned()), Just("ResponseURL".to_owned()), ".{0,10}"],
        prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from),
            ".{0,30}".prop_map(Value::from), Just(json!([{"Sns": {"Message": "{}"}}])), Just(json!({}))],
        0..6,
    )) {
        let mut event = create();
        for (name, value) in members {
            event[name] = value;
        }
        let _ = open(&event);
    }
}
