//! What the function logs: one line for each event, with the level and format that Lambda's
//! variables set. Every fixture checks at its end that no line contains a secret.

use emulator::Invocation;
use emulator::cloudformation::ResponseStatus;
use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::fixture::{Fixture, STACK, akua, arn, failure, nothing_created, success};

async fn lines(fixture: &Fixture) -> Vec<Value> {
    let parse =
        |line: &String| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
    fixture
        .function
        .whole_log()
        .await
        .iter()
        .map(parse)
        .collect()
}

#[tokio::test]
async fn one_line_tells_an_event() {
    let fixture = Fixture::start().await;
    let created = fixture.create(&akua(json!({}))).await;
    success(&created);
    let refused = fixture.create(&json!({"Alias": "b"})).await;
    let reason = failure(&refused, &nothing_created(&refused));
    let lines = lines(&fixture).await;
    let line = lines
        .iter()
        .find(|line| line["request_id"] == created.event["RequestId"])
        .unwrap();
    for (name, value) in [
        ("level", json!("INFO")),
        ("message", json!("Create")),
        ("stack_id", json!(STACK)),
        ("logical_id", json!("Akua")),
        ("alias", json!("akuam")),
        ("physical_id", json!(arn("akuam"))),
        ("calls", json!("CreateContact")),
        ("status", json!("SUCCESS")),
    ] {
        assert_eq!(line[name], value, "{line}");
    }
    assert!(
        line["ms"].is_u64() && line["timestamp"].is_string(),
        "{line}"
    );
    let line = lines
        .iter()
        .find(|line| line["request_id"] == refused.event["RequestId"])
        .unwrap();
    assert_eq!(line["reason"], reason);
    assert_eq!(line["status"], "FAILED");
    assert_eq!(line["level"], "WARN");
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn lambdas_variables_set_level_and_format() {
    for (level, format, expected) in [
        ("ERROR", "JSON", 0),
        ("FATAL", "JSON", 0),
        ("info", "Text", 2),
        ("nonsense", "Text", 2),
    ] {
        let fixture = Fixture::with(|function| {
            function
                .env("AWS_LAMBDA_LOG_LEVEL", level)
                .env("AWS_LAMBDA_LOG_FORMAT", format)
        })
        .await;
        for _ in 0..2 {
            success(&fixture.create(&akua(json!({}))).await);
        }
        let log = fixture.function.whole_log().await;
        assert_eq!(log.len(), expected, "{level} {format}: {log:?}");
        let is_json = |line: &String| line.starts_with('{');
        assert_eq!(log.iter().any(is_json), format == "JSON" && expected > 0);
    }
}

#[tokio::test]
async fn nothing_of_an_event_forges_a_line() {
    let fixture = Fixture::with(|function| function.env("AWS_LAMBDA_LOG_FORMAT", "Text")).await;
    let forged = "x\n2026 ERROR forged\u{1b}[31m";
    for request_type in ["Create", "Update", "Delete", forged] {
        let properties = json!({"Alias": forged, "Type": forged, forged: forged,
            "Tags": [{"Key": forged, "Value": forged}], "DisplayName": forged});
        let mut event = fixture.event(request_type, &properties);
        event["PhysicalResourceId"] = json!(forged);
        event["LogicalResourceId"] = json!(forged);
        event["OldResourceProperties"] = properties;
        fixture.deliver(event).await;
    }
    // The service may repeat parts of an event in its error messages.
    let echo = ServiceError::new("AccessDeniedException", forged);
    for operation in ["ListTagsForResource", "TagResource", "CreateContact"] {
        let fault = Fault::on(operation, Effect::Refuse(echo.clone())).forever();
        fixture.emulator.contacts.fault(fault);
    }
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    failure_of_any(&fixture.create(&a).await);
    fixture.seed("akuam", &[]);
    failure_of_any(&fixture.update(&arn("akuam"), &b, &a).await);
    let log = fixture.function.whole_log().await;
    assert!(log.len() >= 6, "{log:?}");
    for line in log {
        let begins = ["INFO", "WARN", "ERROR"];
        let begins = begins
            .iter()
            .any(|level| line.trim_start().starts_with(level));
        assert!(begins && !line.contains('\u{1b}'), "{line:?}");
    }
}

fn failure_of_any(delivered: &Invocation) {
    let answer = delivered.response().unwrap();
    assert_eq!(answer.status, ResponseStatus::Failed, "{delivered}");
}
