//! Tests of the Runtime API with the requests of a runtime.

use serde_json::json;

use super::{InvocationOutcome, RuntimeApi};
use crate::raw::{self, Raw, hangs};

const ARN: &str = "arn:aws:lambda:us-east-2:111122223333:function:ssm-contact";

async fn next(api: &RuntimeApi) -> Raw {
    let request_line = "GET /2018-06-01/runtime/invocation/next HTTP/1.1";
    raw::send(&api.address(), &[request_line], "").await.unwrap()
}

async fn post(api: &RuntimeApi, path: &str, body: &str) -> u16 {
    let request_line = format!("POST /2018-06-01/runtime/{path} HTTP/1.1");
    let length = format!("content-length: {}", body.len());
    let response = raw::send(&api.address(), &[&request_line, &length], body).await;
    response.unwrap().status
}

fn request_id(next: &Raw) -> String {
    let after = next.head.split("lambda-runtime-aws-request-id: ").nth(1);
    after.unwrap().lines().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_posted_response_or_error_is_the_outcome() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    let error = json!({"errorType": "T", "errorMessage": "m"});
    for (path, body, expected) in [
        ("response", json!("done"), InvocationOutcome::Response(json!("done"))),
        ("error", error.clone(), InvocationOutcome::Error(error)),
    ] {
        let outcome = api.invoke("{}".into(), 1000);
        let id = request_id(&next(&api).await);
        let path = format!("invocation/{id}/{path}");
        assert_eq!(post(&api, &path, &body.to_string()).await, 202);
        assert_eq!(outcome.await.unwrap(), expected);
        assert_eq!(post(&api, &path, "{}").await, 400, "the invocation has ended");
    }
}

#[tokio::test]
async fn an_initialization_error_ends_the_pending_invocation() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    let outcome = api.invoke("{}".into(), 1000);
    let error = json!({"errorType": "T", "errorMessage": "m"});
    assert_eq!(post(&api, "init/error", &error.to_string()).await, 202);
    assert_eq!(outcome.await.unwrap(), InvocationOutcome::InitError(error));
}

#[tokio::test]
async fn the_request_of_an_exited_process_gets_no_invocation() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    assert!(hangs(next(&api)).await);
    api.process_exited();
    let _outcome = api.invoke("{}".into(), 1000);
    assert_eq!(next(&api).await.status, 200);
}

#[tokio::test]
async fn an_exited_process_ends_its_invocations() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    let running = api.invoke("{}".into(), 1000);
    next(&api).await;
    let pending = api.invoke("{}".into(), 1000);
    api.process_exited();
    assert_eq!(running.await.unwrap(), InvocationOutcome::Exited);
    assert_eq!(pending.await.unwrap(), InvocationOutcome::Exited);
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let api = RuntimeApi::start(ARN.to_owned()).await.unwrap();
    assert_eq!(post(&api, "unknown", "{}").await, 404);
    let request_line = "GET /2015-03-31/functions HTTP/1.1";
    let response = raw::send(&api.address(), &[request_line], "").await.unwrap();
    assert_eq!(response.status, 404);
}
