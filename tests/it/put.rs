//! The PUT of the answer, and its deadline.

use std::time::Duration;

use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use serde_json::json;

use crate::answer::error_of;
use crate::fixture::{CREATED, Fixture, akua, arn, failure, outcome_unknown, own, success, told};

#[tokio::test]
async fn contract_the_put_has_a_length_and_no_content_type() {
    let fixture = Fixture::start().await;
    let delivered = fixture.create(&akua(json!({}))).await;
    success(&delivered);
    let put = &delivered.puts[0];
    let header = |name: &str| put.headers.iter().find(|(known, _)| known == name);
    assert_eq!(header("content-type"), None);
    assert_eq!(header("transfer-encoding"), None);
    assert_eq!(header("content-length").unwrap().1, put.body.len().to_string());
}

#[tokio::test]
async fn contract_work_stops_early_enough_for_the_answer() {
    let fixture = Fixture::with(|function| function.timeout(Some(Duration::from_secs(2)))).await;
    let throttled = Effect::Refuse(ServiceError::throttling());
    fixture.fault(Fault::on("CreateContact", throttled));
    fixture.fault(Fault::on("CreateContact", Effect::Hang).after(1).forever());
    let delivered = fixture.create(&akua(json!({}))).await;
    let reason = failure(&delivered, &outcome_unknown(&delivered));
    let told = "Time ran out while waiting for CreateContact for akuam, attempts: 2, the last reply: \
                ThrottlingException: Rate exceeded (request id 00000000-0000-4000-8000-000000000000)";
    assert!(reason.starts_with(told), "{reason}");
}

#[tokio::test]
async fn contract_a_deadline_that_lies_in_the_past_is_none() {
    let fixture = Fixture::with(|function| function.timeout(None)).await;
    success(&fixture.create(&akua(json!({}))).await);
}

#[tokio::test]
async fn contract_an_event_that_comes_too_late_changes_nothing() {
    let fixture = Fixture::start().await;
    let properties = akua(json!({"ServiceTimeout": "60"}));
    fixture.seed("akuam", &own(CREATED));
    let before = fixture.contact("akuam");
    for request_type in ["Create", "Update", "Delete"] {
        let mut event = fixture.update_event(&arn("akuam"), &properties, &properties);
        event["RequestType"] = json!(request_type);
        let delivered = fixture.deliver_signed(event.clone(), "20200101T000000Z").await;
        let id = match request_type {
            "Create" => outcome_unknown(&delivered),
            _ => arn("akuam"),
        };
        told(&delivered, &id, &["had stopped waiting"]);
        assert!(delivered.calls.is_empty());
    }
    // The URL of a signature of version 2 has expired. S3 would refuse the answer.
    let mut event = fixture.presigned(fixture.delete_event(&arn("akuam"), &akua(json!({}))));
    let url = event["ResponseURL"].as_str().unwrap();
    event["ResponseURL"] = json!(url.replace("Expires=4102444800", "Expires=1577836800"));
    let delivered = fixture.emulator.deliver_unchanged(&fixture.function, event);
    let delivered = delivered.await.unwrap();
    assert!(delivered.calls.is_empty());
    assert!(error_of(&delivered.outcome).contains("HTTP 403"), "at least one attempt is made");
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_the_error_of_a_put_without_a_reply_holds_no_url() {
    let closed = "127.0.0.1:1";
    let fixture = Fixture::with(|function| {
        function.env("RESPONSE_HOSTS", closed).timeout(Some(Duration::from_secs(2)))
    })
    .await;
    let mut event = fixture.delete_event(&arn("akuam"), &akua(json!({})));
    event["ResponseURL"] = json!(format!("http://{closed}/?Signature=s"));
    let delivered = fixture.emulator.deliver_unchanged(&fixture.function, event);
    let delivered = delivered.await.unwrap();
    let error = error_of(&delivered.outcome);
    assert!(error.contains("the last error: ") && error.contains("refused"), "{error}");
    assert!(!error.contains("Signature="), "{error}");
}

#[tokio::test]
async fn contract_one_attempt_to_answer_is_made_whatever_the_clock_says() {
    let fixture = Fixture::on_a_test_clock().await;
    let slow = Effect::Delay(Duration::from_millis(50));
    fixture.fault(Fault::on("CreateContact", slow));
    let properties = akua(json!({}));
    let jump = fixture.once_called("CreateContact", |_| {
        fixture.clock().advance(Duration::from_hours(2));
    });
    let (delivered, ()) = tokio::join!(fixture.create(&properties), jump);
    success(&delivered);
}

#[tokio::test]
async fn no_proxy_of_the_environment_comes_between() {
    let fixture = Fixture::with(|function| {
        let proxy = "http://127.0.0.1:9";
        let function = function.env("HTTP_PROXY", proxy).env("http_proxy", proxy);
        function.env("ALL_PROXY", proxy)
    })
    .await;
    success(&fixture.create(&akua(json!({"ServiceTimeout": "8"}))).await);
}

#[tokio::test]
async fn contract_the_put_is_retried_where_it_failed_for_a_while_only() {
    let fixture = Fixture::on_a_test_clock().await;
    for (n, fault) in [
        PutFault::Status(500, "InternalError"),
        PutFault::Status(503, "SlowDown"),
        PutFault::Status(429, ""),
        PutFault::Status(408, ""),
        PutFault::Status(400, "RequestTimeout"),
        PutFault::Close,
        PutFault::Delay(Duration::from_millis(50)),
    ]
    .into_iter()
    .enumerate()
    {
        fixture.emulator.sink.fault(fault);
        let delivered = fixture.create(&akua(json!({"Alias": format!("a{n}")}))).await;
        success(&delivered);
    }
    // An answer that was kept without a reply is sent again.
    fixture.emulator.sink.fault(PutFault::CloseAfterStoring);
    let delivered = fixture.create(&akua(json!({}))).await;
    assert_eq!(delivered.puts.len(), 2);
    assert_eq!(delivered.puts[0].body, delivered.puts[1].body);
}

#[tokio::test]
async fn contract_a_put_that_is_refused_for_good_is_an_error_to_lambda() {
    let fixture = Fixture::start().await;
    for (n, (fault, said)) in [
        (PutFault::Status(403, "SignatureDoesNotMatch"), "HTTP 403 "),
        (PutFault::Status(400, "InvalidRequest"), "HTTP 400 "),
        (PutFault::Status(404, "NoSuchBucket"), "HTTP 404 "),
        // A code is one word. Other text may repeat the request.
        (PutFault::Status(403, "no, /?Signature=s"), "HTTP 403 "),
        (PutFault::Redirect(fixture.emulator.contacts.url()), "HTTP 307"),
    ]
    .into_iter()
    .enumerate()
    {
        fixture.emulator.sink.fault(fault);
        let delivered = fixture.create(&akua(json!({"Alias": format!("a{n}")}))).await;
        let error = error_of(&delivered.outcome);
        assert!(error.contains("attempts: 1") && error.contains(said), "{error}");
        assert!(!error.contains("Signature="), "{error}");
        assert!(delivered.puts.is_empty());
        assert_eq!(delivered.operations(), ["CreateContact"], "no redirect is followed");
    }
}
