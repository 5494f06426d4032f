//! CloudFormation gets an answer, whatever the payload is and whatever happens to the PUT.

use aws_sdk_ssmcontacts::config::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use emulator::InvocationOutcome;
use emulator::cloudformation::ResponseStatus;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use ssm_contact_resource::{Clock, Handler, ResponseHosts, contacts_client, http_client};

use crate::fixture::{
    CREATED, Fixture, adopting, akua, arn, failure, nothing_created, outcome_unknown, own, success,
    told, with,
};

pub(crate) fn error_of(ended: &InvocationOutcome) -> &str {
    match ended {
        InvocationOutcome::Error(error) => error["errorMessage"].as_str().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn contract_an_unknown_request_type_is_answered() {
    let fixture = Fixture::start().await;
    for request_type in ["Upsert", "create", ""] {
        let event = fixture.event(request_type, &akua(json!({})));
        let delivered = fixture.deliver(event).await;
        told(&delivered, &nothing_created(&delivered), &[request_type]);
        assert!(delivered.calls.is_empty());
    }
}

/// Texts of a value that serde refuses.
fn refused_by_serde() -> Vec<String> {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let deep_objects = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
    [&deep, &deep_objects, r#""\ud800""#, "1e400", "nonsense", "01", "{\"a\" 1}"]
        .map(ToOwned::to_owned)
        .to_vec()
}

/// The text of an event whose properties have this value, as it stands, under this name.
fn with_text(event: &Value, properties: &str, name: &str, text: &str) -> String {
    let mut event = event.clone();
    event[properties][name] = json!("<here>");
    event.to_string().replace("\"<here>\"", text)
}

#[tokio::test]
async fn contract_an_event_that_serde_refuses_is_answered() {
    let fixture = Fixture::start().await;
    let akuas = akua(json!({}));
    for text in refused_by_serde() {
        let create = fixture.presigned(fixture.event("Create", &akuas));
        for name in ["Colour", "DisplayName", "Plan"] {
            let payload = with_text(&create, "ResourceProperties", name, &text);
            let delivered = fixture.deliver_text(&payload).await;
            failure(&delivered, &nothing_created(&delivered));
            // Nor can the function that handles the failure be kept from answering.
            let record = failed_record(&json!("<event>")).to_string();
            let record = record.replace("\"<event>\"", &payload);
            let delivered = fixture.deliver_text(&record).await;
            told(&delivered, &outcome_unknown(&delivered), &["Task timed out"]);
            let wrapped = json!({"Records": [{"Sns": {"Message": payload}}]}).to_string();
            let delivered = fixture.deliver_text(&wrapped).await;
            failure(&delivered, &nothing_created(&delivered));
        }
        // Old properties are never refused.
        fixture.seed("akuam", &own(CREATED));
        let update = fixture.presigned(fixture.update_event(&arn("akuam"), &akuas, &akuas));
        let payload = with_text(&update, "OldResourceProperties", "Colour", &text);
        success(&fixture.deliver_text(&payload).await);
        let delete = fixture.presigned(fixture.delete_event(&arn("akuam"), &akuas));
        let payload = with_text(&delete, "ResourceProperties", "Colour", &text);
        success(&fixture.deliver_text(&payload).await);
        assert!(!fixture.exists("akuam"), "{text}");
    }
    // An event that breaks off after what an answer needs.
    let mut create = fixture.presigned(fixture.event("Create", &Value::Null));
    create.as_object_mut().unwrap().remove("ResourceProperties");
    let begin = create.to_string().trim_end_matches('}').to_owned();
    for rest in ["", ",", r#","ResourceProperties":{"Alias":"akuam","Typ"#] {
        let delivered = fixture.deliver_text(&format!("{begin}{rest}")).await;
        failure(&delivered, &nothing_created(&delivered));
    }
    assert_eq!(fixture.function.starts(), 1);
}

#[tokio::test]
async fn contract_an_event_of_megabytes_is_answered_with_lines_of_kilobytes() {
    let fixture = Fixture::start().await;
    let stage = json!({"DurationInMinutes": "99", "Targets": [{"Chanel": "x".repeat(200)}]});
    let many = akua(json!({"Plan": {"Stages": vec![stage; 5_000]}}));
    assert!(many.to_string().len() > 1_000_000);
    let long = "y".repeat(1_000_000);
    let names: Value = (0..3_000).map(|n| (format!("{n}{}", "z".repeat(350)), json!(1))).collect();
    let long_names =
        json!({(long.clone()): long, "Alias": long, "DisplayName": long, "Type": long});
    for properties in [many, names, long_names] {
        let delivered = fixture.create(&properties).await;
        let reason = failure(&delivered, &nothing_created(&delivered));
        assert!(reason.starts_with("The properties have"), "{reason}");
        let mut event = fixture.event(&long, &properties);
        event["LogicalResourceId"] = json!("L".repeat(500));
        let delivered = fixture.deliver(event).await;
        failure(&delivered, &nothing_created(&delivered));
    }
    // The answer repeats the ids, a control character in six bytes.
    for stack in [&long, &"\u{1}".repeat(300)] {
        let mut unanswerable = fixture.presigned(fixture.event("Create", &akua(json!({}))));
        unanswerable["StackId"] = json!(stack);
        let ended = fixture.deliver_text(&unanswerable.to_string()).await;
        let error = error_of(&ended.outcome);
        assert!(error.contains("1536") && error.len() < 1000, "{error}");
    }
    for line in fixture.log().await.lines() {
        assert!(line.len() < 16_384, "{}", line.len());
    }
}

#[tokio::test]
async fn contract_what_cant_be_answered_is_an_error_to_lambda_and_the_process_lives_on() {
    let fixture = Fixture::start().await;
    let event = fixture.presigned(fixture.event("Create", &akua(json!({}))));
    let unusable = ["null", r#""""#, "5", "{}", r#""\ud800""#];
    let ids = ["ResponseURL", "StackId", "RequestId", "LogicalResourceId"].map(|name| {
        let event = with(&event, json!({(name): "<here>"})).to_string();
        (name, unusable.map(|value| event.replace("\"<here>\"", value)).to_vec())
    });
    let check = r#"{"check": "reach"}"#;
    let records = [r#"{"Records": [{}]}"#, r#"{"Records": []}"#];
    let others = [&["{not json", "null", "[]", "{}", check][..], &records].concat();
    let others = others.into_iter().map(ToOwned::to_owned).collect();
    for (named, payloads) in ids.into_iter().chain([("", others)]) {
        for payload in payloads {
            let delivered = fixture.deliver_text(&payload).await;
            let error = error_of(&delivered.outcome);
            assert!(error.contains("this event can't be answered"), "{payload}: {error}");
            assert!(error.contains(named), "{payload}: {error}");
            assert!(delivered.calls.is_empty() && delivered.puts.is_empty());
        }
    }
    success(&fixture.create(&akua(json!({}))).await);
    assert_eq!(fixture.function.starts(), 1);
}

#[derive(Debug)]
struct Panics;

impl HttpConnector for Panics {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        panic!("the test causes this panic");
    }
}

#[tokio::test]
async fn contract_a_panic_is_answered() {
    let fixture = Fixture::start().await;
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Panics)))
        .region(aws_config::Region::new("us-east-2"))
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .load()
        .await;
    let hosts = ResponseHosts::parse(&fixture.emulator.sink.host(), |_| {});
    let contacts = contacts_client(&config);
    let handler = Handler::new(hosts, http_client().unwrap(), contacts, Clock::default());
    let event = fixture.presigned(fixture.event("Create", &akua(json!({}))));
    let ended = handler.handle(LambdaEvent::new(event.to_string(), Context::default()));
    assert!(ended.await.is_ok(), "an invocation succeeds once its PUT is accepted");
    let answer = fixture.emulator.sink.puts()[0].response.clone().unwrap();
    assert!(answer.physical_id.starts_with("outcome-unknown:"));
    assert!(answer.reason.unwrap().contains("the handler panicked"));
}

#[tokio::test]
async fn contract_a_response_url_of_others_is_refused_before_any_call() {
    let fixture = Fixture::start().await;
    fixture.keep_secret("5ec3e7");
    let mut event = fixture.event("Create", &akua(json!({})));
    for url in [
        "https://evil.example/?Signature=5ec3e7",
        "http://cloudformation-custom-resource-response-x.s3.amazonaws.com/?Signature=5ec3e7",
        "5ec3e7",
    ] {
        event["ResponseURL"] = json!(url);
        let delivered = fixture.deliver_unchanged(event.clone()).await;
        let error = error_of(&delivered.outcome);
        assert!(error.contains("ResponseURL is refused") && !error.contains("5ec3e7"), "{error}");
        assert!(delivered.calls.is_empty() && delivered.puts.is_empty());
    }
}

#[tokio::test]
async fn contract_sns_wraps_one_event_or_several() {
    let fixture = Fixture::start().await;
    let record = |alias: &str| {
        let event = fixture.event("Create", &akua(json!({"Alias": alias})));
        let message = fixture.presigned(event).to_string();
        json!({"EventSource": "aws:sns", "Sns": {"Message": message}})
    };
    let event = json!({"Records": [record("a"), record("b")]});
    let delivered = fixture.deliver(event).await;
    assert!(matches!(delivered.outcome, InvocationOutcome::Response(_)));
    let status = |put: &emulator::sink::Put| put.response.as_ref().unwrap().status;
    let statuses: Vec<_> = delivered.puts.iter().map(status).collect();
    assert_eq!(statuses, [ResponseStatus::Success; 2]);
    assert!(fixture.exists("a") && fixture.exists("b"));
}

pub(crate) fn failed_record(payload: &Value) -> Value {
    json!({
        "version": "1.0", "timestamp": "2026-11-23T10:00:00.000Z",
        "requestContext": {"requestId": "e1", "functionArn": "arn:aws:lambda:us-east-2:111122223333:function:f:$LATEST",
            "condition": "RetriesExhausted", "approximateInvokeCount": 3},
        "requestPayload": payload,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorType": "Sandbox.Timedout", "errorMessage": "Task timed out after 900.00 seconds"},
    })
}

#[tokio::test]
async fn contract_an_on_failure_record_is_answered_without_touching_a_contact() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own(CREATED));
    let before = fixture.contact("akuam");
    let akuas = akua(json!({}));
    let create = fixture.presigned(fixture.event("Create", &adopting()));
    let update = fixture.presigned(fixture.update_event(&arn("akuam"), &akuas, &json!({})));
    let delete = fixture.presigned(fixture.delete_event(&arn("akuam"), &akuas));
    let sns = |event: &Value| json!({"Records": [{"Sns": {"Message": event.to_string()}}]});
    for payload in [create, update, delete.clone(), sns(&delete)] {
        let delivered = fixture.deliver(failed_record(&payload)).await;
        let id = match payload["RequestType"].as_str() {
            Some("Create") => outcome_unknown(&delivered),
            _ => arn("akuam"),
        };
        told(&delivered, &id, &["(attempts: 3): Sandbox.Timedout: Task timed out"]);
        assert!(delivered.calls.is_empty());
    }
    // There is nothing to delete.
    let nothing = "nothing-created:r1/0123456789abcdef";
    let delete = fixture.presigned(fixture.delete_event(nothing, &akuas));
    for payload in [delete.clone(), sns(&delete)] {
        let delivered = fixture.deliver(failed_record(&payload)).await;
        assert_eq!(success(&delivered).physical_id, nothing);
    }
    // Nobody waits for these.
    for payload in [failed_record(&json!({})), json!({"check": "reachability"})] {
        let delivered = fixture.deliver(failed_record(&payload)).await;
        let ended_well = matches!(delivered.outcome, InvocationOutcome::Response(_));
        assert!(ended_well && delivered.puts.is_empty() && delivered.calls.is_empty());
    }
    assert_eq!(fixture.contact("akuam"), before);
    let log = fixture.log().await;
    assert_eq!(log.matches("an on-failure record without a request").count(), 2, "{log}");
}
