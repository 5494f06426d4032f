//! The Runtime API as a runtime meets it.

use serde_json::json;

use super::{InvocationOutcome, RuntimeApi};
use crate::raw::{self, Raw, hangs};

const ARN: &str = "arn:aws:lambda:us-east-2:111122223333:function:ssm-contact";

async fn next(api: &RuntimeApi) -> Raw {
    let first = "GET /2018-06-01/runtime/invocation/next HTTP/1.1";
    raw::send(&api.address(), &[first], "").await.unwrap()
}

async fn post(api: &RuntimeApi, path: &str, body: &str) -> u16 {
    let first = format!("POST /2018-06-01/runtime/{path} HTTP/1.1");
    let length = format!("content-length: {}", body.len());
    let answer = raw::send(&api.address(), &[&first, &length], body).await;
    answer.unwrap().status
}

fn request_id(next: &Raw) -> String {
    let after = next.head.split("lambda-runtime-aws-request-id: ").nth(1);
    after.unwrap().lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn an_event_is_handed_over_with_lambdas_headers() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    let _ending = api.invoke(r#"{"a":1}"#.into(), 1000);
    let next = next(&api).await;
    assert_eq!((next.status, next.body.as_str()), (200, r#"{"a":1}"#));
    for header in [
        "lambda-runtime-deadline-ms: 1000",
        &format!("lambda-runtime-invoked-function-arn: {ARN}"),
        "lambda-runtime-trace-id: root=",
        "lambda-runtime-aws-request-id: ",
    ] {
        assert!(next.head.contains(header), "{header}: {}", next.head);
    }
}

#[tokio::test]
async fn what_the_function_makes_of_it_comes_back() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    let error = json!({"errorType": "T", "errorMessage": "m"});
    for (way, body, wanted) in [
        (
            "response",
            json!("done"),
            InvocationOutcome::Response(json!("done")),
        ),
        ("error", error.clone(), InvocationOutcome::Error(error)),
    ] {
        let ending = api.invoke("{}".into(), 1000);
        let id = request_id(&next(&api).await);
        let path = format!("invocation/{id}/{way}");
        assert_eq!(post(&api, &path, &body.to_string()).await, 202);
        assert_eq!(ending.await.unwrap(), wanted);
        assert_eq!(post(&api, &path, "{}").await, 400, "it has ended already");
    }
}

#[tokio::test]
async fn a_failed_start_ends_what_waits() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    let ending = api.invoke("{}".into(), 1000);
    let error = json!({"errorType": "T", "errorMessage": "m"});
    assert_eq!(post(&api, "init/error", &error.to_string()).await, 202);
    assert_eq!(ending.await.unwrap(), InvocationOutcome::InitError(error));
}

#[tokio::test]
async fn the_poll_of_a_dead_process_takes_no_event() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    assert!(hangs(next(&api)).await);
    api.died();
    let _ending = api.invoke("{}".into(), 1000);
    assert_eq!(next(&api).await.status, 200);
}

#[tokio::test]
async fn a_process_that_died_takes_its_invocation_with_it() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    let running = api.invoke("{}".into(), 1000);
    next(&api).await;
    let waiting = api.invoke("{}".into(), 1000);
    api.died();
    assert_eq!(running.await.unwrap(), InvocationOutcome::Exited);
    assert_eq!(waiting.await.unwrap(), InvocationOutcome::Exited);
}

#[tokio::test]
async fn another_way_is_not_found() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    assert_eq!(post(&api, "elsewhere", "{}").await, 404);
    let first = "GET /2015-03-31/functions HTTP/1.1";
    let answer = raw::send(&api.address(), &[first], "").await.unwrap();
    assert_eq!(answer.status, 404);
}
