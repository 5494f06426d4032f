//! The log: what came, warnings and what became of it, with the level and format that Lambda's
//! variables set. Every fixture checks at its end that no line contains a secret.

use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use serde_json::{Value, json};

use crate::fixture::{CREATED, Fixture, STACK, akua, arn, failure, nothing_created, own, success};

fn has(line: &Value, members: Value) {
    for (name, value) in members.as_object().unwrap() {
        assert_eq!(&line[name], value, "{line}");
    }
}

#[tokio::test]
async fn contract_each_line_of_a_request_leads_back_to_stack_and_invocation() {
    let fixture = Fixture::start().await;
    let created = fixture.create(&akua(json!({}))).await;
    success(&created);
    let refused = fixture.create(&json!({"Alias": "b"})).await;
    let reason = failure(&refused, &nothing_created(&refused)).to_owned();
    fixture.seed("akuam", &[]);
    let left = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    success(&left);
    let lines = fixture.lines().await;
    let messages: Vec<_> = lines.iter().map(|line| line["message"].as_str().unwrap()).collect();
    let expected =
        ["received", "answered", "received", "answered", "received", "left alone", "answered"];
    assert_eq!(messages, expected);
    let invocation = |n: u8| format!("8476a536-e9f4-11e8-9739-{n:012}");
    for (n, event) in [(1, &created.event), (2, &refused.event), (3, &left.event)] {
        let of_request = |line: &&Value| line["request_id"] == event["RequestId"];
        for line in lines.iter().filter(of_request) {
            has(
                line,
                json!({"stack_id": STACK, "logical_id": "Akua", "request_type": event["RequestType"],
                "function_request_id": invocation(n), "cold_start": n == 1}),
            );
            assert!(line["timestamp"].is_string(), "{line}");
        }
    }
    has(
        &lines[1],
        json!({"level": "INFO", "status": "SUCCESS", "alias": "akuam",
        "physical_id": arn("akuam"), "calls": "CreateContact"}),
    );
    assert!(lines[1]["ms"].is_u64(), "{}", lines[1]);
    has(&lines[3], json!({"level": "WARN", "status": "FAILED", "reason": reason}));
    has(&lines[5], json!({"level": "WARN", "contact": arn("akuam")}));
}

#[tokio::test]
async fn contract_the_last_line_says_whether_the_answer_was_accepted() {
    let fixture = Fixture::start().await;
    fixture.emulator.sink.fault(PutFault::Status(403, "SignatureDoesNotMatch"));
    fixture.create(&akua(json!({}))).await;
    let lines = fixture.lines().await;
    has(
        &lines[1],
        json!({"level": "ERROR", "message": "the answer was not accepted", "physical_id": arn("akuam")}),
    );
    let error = lines[1]["error"].as_str().unwrap();
    assert!(error.contains("HTTP 403"), "{error}");
    assert!(lines.iter().all(|line| line["message"] != "answered"), "{lines:?}");
}

#[tokio::test]
async fn contract_channels_that_nobody_activated_are_named_at_warn() {
    let fixture = Fixture::start().await;
    let channel = |name: &str, address: &str| json!({"Name": name, "Type": "SMS", "DeliveryAddress": {"SimpleAddress": address}});
    let old = akua(
        json!({"Channels": [channel("mobile", "+12065550107"), channel("pager", "+12065550108")]}),
    );
    success(&fixture.create(&old).await);
    let [mobile, pager] = fixture.backend(|backend| {
        let arns: Vec<String> = backend.channels("akuam").into_iter().map(|c| c.arn).collect();
        arns.try_into().unwrap()
    });
    fixture.backend(|backend| backend.activate_channel(&mobile));
    success(&fixture.update(&arn("akuam"), &old, &old).await);
    fixture.backend(|backend| backend.activate_channel(&pager));
    success(&fixture.update(&arn("akuam"), &old, &old).await);
    let lines = fixture.lines().await;
    let both = format!("mobile ({mobile}), pager ({pager})");
    has(&lines[1], json!({"level": "WARN", "status": "SUCCESS", "not_activated": both}));
    has(&lines[3], json!({"level": "WARN", "not_activated": format!("pager ({pager})")}));
    has(&lines[5], json!({"level": "INFO", "not_activated": ""}));
}

#[tokio::test]
async fn contract_hundreds_of_channels_make_no_line_longer_than_some_kilobytes() {
    let fixture = Fixture::start().await;
    let channel =
        json!({"Name": "mobile", "Type": "SMS", "DeliveryAddress": {"SimpleAddress": "+49"}});
    let person = akua(json!({"Channels": [channel]}));
    success(&fixture.create(&person).await);
    fixture.switch(|switches| switches.channels_per_page = Some(1));
    for n in 0..300 {
        fixture
            .backend(|backend| backend.add_channel("akuam", &format!("c{n}"), "SMS", "+1", false));
    }
    let updated = fixture.update(&arn("akuam"), &person, &person).await;
    success(&updated);
    assert!(updated.calls.len() > 300);
    let lines = fixture.lines().await;
    let last = lines.last().unwrap();
    assert!(last["not_activated"].as_str().unwrap().starts_with("mobile ("), "{last}");
    assert!(last.to_string().len() < 16_384, "{}", last.to_string().len());
}

#[tokio::test]
async fn lambdas_variables_set_level_and_format() {
    for (level, format, expected) in
        [("ERROR", "JSON", 0), ("FATAL", "JSON", 0), ("info", "Text", 4), ("nonsense", "Text", 4)]
    {
        let fixture = Fixture::with(|function| {
            let function = function.env("AWS_LAMBDA_LOG_LEVEL", level);
            function.env("AWS_LAMBDA_LOG_FORMAT", format)
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
async fn an_entry_of_a_setting_that_is_ignored_is_told() {
    let emulator = emulator::Emulator::start().await.unwrap();
    let hosts = format!("https://nonsense/, {}", emulator.sink.host());
    let fixture =
        Fixture::within(emulator, |function| function.env("RESPONSE_HOSTS", &hosts)).await;
    success(&fixture.create(&akua(json!({}))).await);
    let lines = fixture.lines().await;
    has(
        &lines[0],
        json!({"level": "WARN", "name": "RESPONSE_HOSTS", "entry": "https://nonsense/"}),
    );
}

#[tokio::test]
async fn contract_nothing_of_an_event_forges_a_line() {
    let fixture = Fixture::with(|function| function.env("AWS_LAMBDA_LOG_FORMAT", "Text")).await;
    let forged = "x\n2026 ERROR forged\u{1b}[31m";
    for request_type in ["Create", "Update", "Delete", forged] {
        let properties = json!({"Alias": forged, "Type": forged, forged: forged,
            "Tags": [{"Key": forged, "Value": forged}], "DisplayName": forged});
        let mut event = fixture.update_event(forged, &properties, &properties);
        event["RequestType"] = json!(request_type);
        event["LogicalResourceId"] = json!(forged);
        assert!(fixture.deliver(event).await.response().is_ok());
    }
    // The service may repeat parts of an event in its messages, and a record parts of an error.
    fixture.seed("akuam", &own(CREATED));
    let echo = Effect::Refuse(ServiceError::new("AccessDeniedException", forged));
    fixture.fault(Fault::on("UpdateContact", echo).forever());
    let updated = fixture.update(&arn("akuam"), &akua(json!({})), &akua(json!({}))).await;
    failure(&updated, &arn("akuam"));
    let mut record = crate::answer::failed_record(&json!({"requestPayload": 1}));
    record["responsePayload"]["errorMessage"] = json!(forged);
    fixture.deliver(record).await;
    let log = fixture.function.whole_log().await;
    assert!(log.len() >= 11, "{log:?}");
    for line in log {
        let begins = |level: &str| line.trim_start().starts_with(level);
        assert!(["INFO", "WARN", "ERROR"].into_iter().any(begins), "{line:?}");
        assert!(!line.contains('\u{1b}'), "{line:?}");
    }
}
