//! docs/behavior.md, sections 6, 11, 12, 13, 14, 16 and 17: CloudFormation gets an answer, whatever
//! the payload is and whatever happens to the PUT.

use std::time::Duration;

use aws_sdk_ssmcontacts::config::Credentials;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use emulator::Invocation;
use emulator::InvocationOutcome;
use emulator::cloudformation::{Ids, ResponseStatus};
use emulator::contacts::{Effect, Fault, ServiceError};
use emulator::sink::PutFault;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Value, json};
use ssm_contact_resource::aws::client::client;
use ssm_contact_resource::handler::Handler;
use ssm_contact_resource::io::clock::Clock;
use ssm_contact_resource::io::http;
use ssm_contact_resource::settings::Settings;

use crate::fixture::{Fixture, akua, arn, failure, nothing_created, outcome_unknown, success};

fn error_of(ended: &InvocationOutcome) -> &str {
    match ended {
        InvocationOutcome::Error(error) => error["errorMessage"].as_str().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn contract_an_unknown_request_type_is_answered() {
    let fixture = Fixture::start().await;
    for request_type in ["Upsert", "create", ""] {
        let delivered = fixture
            .deliver(fixture.event(request_type, &akua(json!({}))))
            .await;
        let reason = failure(&delivered, &outcome_unknown(&delivered));
        assert!(reason.contains(request_type), "{reason}");
        assert!(delivered.calls.is_empty());
    }
}

#[tokio::test]
async fn contract_properties_of_megabytes_are_answered() {
    let fixture = Fixture::start().await;
    let stage = json!({"DurationInMinutes": "99", "Targets": [{"Chanel": "x".repeat(200)}]});
    let huge = akua(json!({"Plan": {"Stages": vec![stage; 15_000]}}));
    assert!(huge.to_string().len() > 3_000_000);
    let delivered = fixture.create(&huge).await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(
        reason.starts_with("The properties have 45000 violations"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_what_cant_be_answered_is_an_error_to_lambda_and_the_process_lives_on() {
    let fixture = Fixture::start().await;
    for payload in [
        "{not json",
        "null",
        "[]",
        "{}",
        r#"{"RequestType": "Create"}"#,
        r#"{"Records": [{}]}"#,
    ] {
        let ended = fixture
            .function
            .invoke_with(payload.to_owned())
            .await
            .unwrap();
        assert!(
            matches!(ended, InvocationOutcome::Error(_)),
            "{payload}: {ended:?}"
        );
    }
    success(&fixture.create(&akua(json!({}))).await);
    assert_eq!(fixture.function.starts(), 1);
}

#[tokio::test]
async fn contract_a_setting_that_is_not_allowed_is_told_in_every_answer() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "perhaps")).await;
    for _ in 0..2 {
        let delivered = fixture.create(&akua(json!({}))).await;
        let reason = failure(&delivered, &nothing_created(&delivered));
        assert!(
            reason.contains("OWNERSHIP_TAGS must be on or off"),
            "{reason}"
        );
        assert!(delivered.calls.is_empty());
    }
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
    let http = http::client().unwrap();
    let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Panics)))
        .region(aws_config::Region::new("us-east-2"))
        .credentials_provider(Credentials::new("id", "key", None, None, "test"))
        .load()
        .await;
    let host = fixture.emulator.sink.host();
    let settings = Settings::read(|name| (name == "RESPONSE_HOSTS").then(|| host.clone()));
    let handler = Handler::new(settings, http, client(&config), Clock::default());
    let mut event = fixture.event("Create", &akua(json!({})));
    let ids = Ids::of_event(&event).unwrap();
    event["ResponseURL"] = json!(fixture.emulator.sink.presign(&ids));
    let ended = handler
        .handle(LambdaEvent::new(event, Context::default()))
        .await;
    assert!(
        ended.is_ok(),
        "an invocation succeeds once its PUT is accepted"
    );
    let put = fixture.emulator.sink.put_for(&ids.request_id).await;
    let answer = put.response.unwrap();
    assert_eq!(answer.status, ResponseStatus::Failed);
    assert!(answer.reason.unwrap().contains("the handler panicked"));
}

#[tokio::test]
async fn contract_a_response_url_of_others_is_refused_before_any_call() {
    let fixture = Fixture::start().await;
    let mut event = fixture.event("Create", &akua(json!({})));
    for url in [
        "https://evil.example/?Signature=5ec3e7",
        "http://cloudformation-custom-resource-response-x.s3.amazonaws.com/?Signature=5ec3e7",
    ] {
        event["ResponseURL"] = json!(url);
        let delivered = fixture
            .emulator
            .deliver_unchanged(&fixture.function, event.clone())
            .await
            .unwrap();
        let error = error_of(&delivered.outcome);
        assert!(
            error.contains("ResponseURL is refused") && !error.contains("5ec3e7"),
            "{error}"
        );
        assert!(delivered.calls.is_empty() && delivered.puts.is_empty());
    }
}

#[tokio::test]
async fn contract_the_put_has_a_length_and_no_content_type() {
    let fixture = Fixture::start().await;
    let delivered = fixture.create(&akua(json!({}))).await;
    success(&delivered);
    let header = |name: &str| {
        delivered.puts[0]
            .headers
            .iter()
            .find(|(known, _)| known == name)
    };
    assert_eq!(header("content-type"), None);
    assert_eq!(header("transfer-encoding"), None);
    assert_eq!(
        header("content-length").unwrap().1,
        delivered.puts[0].body.len().to_string()
    );
}

#[tokio::test]
async fn contract_work_stops_early_enough_for_the_answer() {
    let fixture = Fixture::with(|function| function.timeout(Some(Duration::from_secs(4)))).await;
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", Effect::Hang).forever());
    let delivered = fixture.create(&akua(json!({}))).await;
    let reason = failure(&delivered, &outcome_unknown(&delivered));
    assert!(
        reason.starts_with("Time ran out while waiting for CreateContact for akuam"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_the_answer_of_a_deadline_tells_the_last_refusal() {
    let fixture = Fixture::start().await;
    let throttled = Effect::Refuse(ServiceError::throttling());
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", throttled).forever());
    let delivered = fixture.create(&akua(json!({"ServiceTimeout": "4"}))).await;
    let reason = failure(&delivered, &outcome_unknown(&delivered));
    assert!(
        reason.contains("the last reply: ThrottlingException"),
        "{reason}"
    );
    assert!(delivered.calls.len() > 2);
}

#[tokio::test]
async fn contract_a_deadline_that_lies_in_the_past_is_none() {
    let fixture = Fixture::with(|function| function.timeout(None)).await;
    success(&fixture.create(&akua(json!({}))).await);
}

#[tokio::test]
async fn contract_an_event_after_service_timeout_changes_nothing() {
    let fixture = Fixture::start().await;
    let mut event = fixture.event("Create", &akua(json!({"ServiceTimeout": "60"})));
    let ids = Ids::of_event(&event).unwrap();
    event["ResponseURL"] = json!(fixture.emulator.sink.presign_v4(&ids, "20200101T000000Z"));
    let delivered = fixture
        .emulator
        .deliver_unchanged(&fixture.function, event)
        .await
        .unwrap();
    let reason = failure(&delivered, &outcome_unknown(&delivered));
    assert!(reason.contains("60 seconds"), "{reason}");
    assert!(delivered.calls.is_empty());
}

#[tokio::test]
async fn contract_passing_faults_of_the_service_are_retried() {
    let fixture = Fixture::start().await;
    let effects = [
        (Effect::Refuse(ServiceError::throttling()), false),
        (Effect::Refuse(ServiceError::internal()), false),
        (
            Effect::Replace(503, "<html>Service Unavailable</html>".into()),
            false,
        ),
        (Effect::Replace(500, String::new()), false),
        (Effect::Close, false),
        (Effect::Close, true),
        (Effect::Truncate, false),
    ];
    for (n, (effect, applied)) in effects.into_iter().enumerate() {
        let fault = Fault::on("CreateContact", effect.clone()).times(2);
        fixture
            .emulator
            .contacts
            .fault(if applied { fault.once_applied() } else { fault });
        let delivered = fixture
            .create(&akua(json!({"Alias": format!("a{n}")})))
            .await;
        success(&delivered);
        assert_eq!(delivered.operations(), ["CreateContact"; 3], "{effect:?}");
        let token = |n: usize| delivered.calls[n].body["IdempotencyToken"].clone();
        assert_eq!(token(0), token(2), "every attempt sends the same token");
    }
}

#[tokio::test]
async fn contract_retry_after_seconds_is_honoured() {
    let fixture = Fixture::start().await;
    let throttled = ServiceError::throttling().with("RetryAfterSeconds", 2);
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", Effect::Refuse(throttled)));
    let short = akua(json!({"ServiceTimeout": "2"}));
    let delivered = fixture.create(&short).await;
    failure(&delivered, &outcome_unknown(&delivered));
    assert_eq!(
        delivered.calls.len(),
        1,
        "a second attempt after two seconds would be too late"
    );
}

#[tokio::test]
async fn contract_the_put_is_retried_where_it_failed_for_a_while_only() {
    let fixture = Fixture::start().await;
    for (n, trouble) in [
        PutFault::Status(500, "InternalError"),
        PutFault::Status(503, "SlowDown"),
        PutFault::Status(429, ""),
        PutFault::Status(408, ""),
        PutFault::Status(400, "RequestTimeout"),
        PutFault::Close,
        PutFault::Delay(Duration::from_millis(300)),
    ]
    .into_iter()
    .enumerate()
    {
        fixture.emulator.sink.fault(trouble);
        let delivered = fixture
            .create(&akua(json!({"Alias": format!("a{n}")})))
            .await;
        success(&delivered);
        assert!(matches!(delivered.outcome, InvocationOutcome::Response(_)));
    }
}

#[tokio::test]
async fn contract_an_answer_kept_without_a_reply_is_sent_again() {
    let fixture = Fixture::start().await;
    fixture.emulator.sink.fault(PutFault::CloseAfterStoring);
    let delivered = fixture.create(&akua(json!({}))).await;
    assert_eq!(delivered.puts.len(), 2);
    assert_eq!(delivered.puts[0].body, delivered.puts[1].body);
}

#[tokio::test]
async fn no_proxy_of_the_environment_comes_between() {
    let fixture = Fixture::with(|function| {
        let proxy = "http://127.0.0.1:9";
        function
            .env("HTTP_PROXY", proxy)
            .env("http_proxy", proxy)
            .env("ALL_PROXY", proxy)
    })
    .await;
    success(&fixture.create(&akua(json!({"ServiceTimeout": "8"}))).await);
}

#[tokio::test]
async fn contract_a_put_that_hangs_once_leaves_time_for_another() {
    let fixture = Fixture::with(|function| function.timeout(Some(Duration::from_secs(20)))).await;
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", Effect::Hang).forever());
    fixture.emulator.sink.fault(PutFault::Hang);
    let delivered = fixture.create(&akua(json!({}))).await;
    failure(&delivered, &outcome_unknown(&delivered));
}

#[tokio::test]
async fn contract_a_put_that_is_refused_for_good_is_an_error_to_lambda() {
    let fixture = Fixture::start().await;
    for (n, trouble) in [
        PutFault::Status(403, "SignatureDoesNotMatch"),
        PutFault::Status(400, "InvalidRequest"),
        PutFault::Status(404, "NoSuchBucket"),
        PutFault::Redirect(fixture.emulator.contacts.url()),
    ]
    .into_iter()
    .enumerate()
    {
        let said = match &trouble {
            PutFault::Status(status, _) => format!("HTTP {status} "),
            _ => "HTTP 307".to_owned(),
        };
        fixture.emulator.sink.fault(trouble);
        let calls = fixture.emulator.contacts.count();
        let delivered = fixture
            .create(&akua(json!({"Alias": format!("a{n}")})))
            .await;
        let error = error_of(&delivered.outcome);
        assert!(
            error.contains("attempts: 1") && error.contains(&said),
            "{error}"
        );
        assert!(!error.contains("Signature="), "{error}");
        assert!(delivered.puts.is_empty());
        assert_eq!(
            fixture.emulator.contacts.count(),
            calls + 1,
            "no redirect is followed"
        );
    }
}

#[tokio::test]
async fn contract_sns_wraps_one_event_or_several() {
    let fixture = Fixture::start().await;
    let events: Vec<Value> = ["a", "b"]
        .into_iter()
        .map(|alias| {
            let mut event = fixture.event("Create", &akua(json!({"Alias": alias})));
            let ids = Ids::of_event(&event).unwrap();
            event["ResponseURL"] = json!(fixture.emulator.sink.presign(&ids));
            event
        })
        .collect();
    let record =
        |event: &Value| json!({"EventSource": "aws:sns", "Sns": {"Message": event.to_string()}});
    let records: Vec<Value> = events.iter().map(record).collect();
    let delivered = fixture.deliver(json!({"Records": records})).await;
    assert!(matches!(delivered.outcome, InvocationOutcome::Response(_)));
    let verdicts: Vec<_> = delivered
        .puts
        .iter()
        .map(|put| put.response.as_ref().unwrap().status)
        .collect();
    assert_eq!(verdicts, [ResponseStatus::Success; 2]);
    assert!(fixture.exists("a") && fixture.exists("b"));
}

fn failed_record(payload: &Value) -> Value {
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
    success(&fixture.create(&akua(json!({}))).await);
    let presigned = |mut event: Value| {
        let ids = Ids::of_event(&event).unwrap();
        event["ResponseURL"] = json!(fixture.emulator.sink.presign(&ids));
        event
    };
    let create = presigned(fixture.event("Create", &akua(json!({}))));
    let update = presigned(fixture.update_event(&arn("akuam"), &akua(json!({})), &json!({})));
    let delete = presigned(fixture.delete_event(&arn("akuam"), &akua(json!({}))));
    let wrapped = json!({"Records": [{"Sns": {"Message": delete.to_string()}}]});
    let marker = format!("outcome-unknown:{}", create["RequestId"].as_str().unwrap());
    for (payload, id) in [
        (create, marker),
        (update, arn("akuam")),
        (delete, arn("akuam")),
        (wrapped, arn("akuam")),
    ] {
        let delivered: Invocation = fixture.deliver(failed_record(&payload)).await;
        let reason = failure(&delivered, &id);
        assert!(
            reason.contains("(attempts: 3): Sandbox.Timedout: Task timed out"),
            "{reason}"
        );
        assert!(delivered.calls.is_empty());
    }
    let again = fixture
        .deliver(failed_record(&failed_record(&json!({}))))
        .await;
    assert!(matches!(again.outcome, InvocationOutcome::Response(_)) && again.puts.is_empty());
    assert!(fixture.exists("akuam"));
    let log = fixture.function.whole_log().await.join("\n");
    assert!(log.contains("the payload has no request"), "{log}");
}
