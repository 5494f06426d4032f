//! `awsJson1_1`: what a request must carry, and how an response stands on the wire.

use serde_json::{Value, json};

use super::{akua, arn};
use crate::contacts::{Call, Service, ServiceError};
use crate::raw::{self, Raw};

const SIGNED: &str =
    "authorization: AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-2/ssm-contacts/aws4_request";

/// A request as a client makes it, with some headers in another form.
async fn send(service: &Service, first: &str, headers: &[&str], body: &str) -> Raw {
    let address = service.url().replace("http://", "");
    let length = format!("content-length: {}", body.len());
    let mut head = vec![first, &length];
    head.extend(headers);
    raw::send(&address, &head, body).await.unwrap()
}

pub(super) async fn call(service: &Service, operation: &str, input: &Value) -> Option<Raw> {
    let address = service.url().replace("http://", "");
    let body = input.to_string();
    let length = format!("content-length: {}", body.len());
    let target = format!("x-amz-target: SSMContacts.{operation}");
    let head = ["POST / HTTP/1.1", &length, &target, SIGNED, JSON];
    raw::send(&address, &head, &body).await
}

const JSON: &str = "content-type: application/x-amz-json-1.1";
const CREATE: &str = "x-amz-target: SSMContacts.CreateContact";
const POST: &str = "POST / HTTP/1.1";

fn error_type(response: &Raw) -> (u16, String) {
    let body: Value = serde_json::from_str(&response.body).unwrap();
    let code = body["__type"].as_str().unwrap().to_owned();
    let header = format!("x-amzn-errortype: {}", code.to_ascii_lowercase());
    assert!(response.head.contains(&header), "{response:?}");
    assert!(response.head.contains("x-amzn-requestid: "), "{response:?}");
    (response.status, code)
}

#[tokio::test]
async fn an_answer_bears_a_request_id_and_the_call_is_on_record() {
    let service = Service::start(0).await.unwrap();
    let response = call(&service, "CreateContact", &akua(json!({})))
        .await
        .unwrap();
    assert_eq!(response.status, 200);
    assert!(response.head.contains("x-amzn-requestid: "), "{response:?}");
    assert!(response.head.contains(JSON), "{response:?}");
    let output: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(output, json!({"ContactArn": arn("akuam")}));
    let calls = service.calls();
    let [
        Call {
            operation,
            text,
            body,
            status,
            response,
            headers,
            ..
        },
    ] = &calls[..]
    else {
        panic!("{calls:?}")
    };
    assert_eq!((operation.as_str(), *status), ("CreateContact", 200));
    assert_eq!((body, response), (&akua(json!({})), &output));
    assert_eq!(text, &akua(json!({})).to_string());
    assert!(headers.contains(&("x-amz-target".into(), "SSMContacts.CreateContact".into())));
}

#[tokio::test]
async fn a_look_is_no_call() {
    let service = Service::start(0).await.unwrap();
    let response = send(&service, "HEAD / HTTP/1.1", &[], "").await;
    assert_eq!(response.status, 404, "{response:?}");
    assert_eq!(service.connections(), 1);
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn what_is_not_the_protocol_is_refused() {
    let service = Service::start(0).await.unwrap();
    let body = akua(json!({})).to_string();
    for (first, headers, body, wanted) in [
        (
            "PUT / HTTP/1.1",
            &[CREATE, SIGNED, JSON][..],
            "",
            "UnknownOperationException",
        ),
        (
            "POST /v1 HTTP/1.1",
            &[CREATE, SIGNED, JSON],
            &body,
            "UnknownOperationException",
        ),
        (
            POST,
            &[CREATE, SIGNED, "content-type: application/json"],
            &body,
            "SerializationException",
        ),
        (POST, &[CREATE, SIGNED], &body, "SerializationException"),
        (
            POST,
            &[CREATE, JSON],
            &body,
            "MissingAuthenticationTokenException",
        ),
        (
            POST,
            &[CREATE, JSON, "authorization: Bearer x"],
            &body,
            "MissingAuthenticationTokenException",
        ),
        (POST, &[SIGNED, JSON], &body, "UnknownOperationException"),
        (
            POST,
            &["x-amz-target: SSMContacts.MakeCoffee", SIGNED, JSON],
            &body,
            "UnknownOperationException",
        ),
        (
            POST,
            &["x-amz-target: SSM.CreateContact", SIGNED, JSON],
            &body,
            "UnknownOperationException",
        ),
        (POST, &[CREATE, SIGNED, JSON], "{", "ValidationException"),
        (POST, &[CREATE, SIGNED, JSON], "[]", "ValidationException"),
    ] {
        let response = send(&service, first, headers, body).await;
        assert_eq!(
            error_type(&response),
            (400, wanted.to_owned()),
            "{headers:?}"
        );
    }
    assert!(service.backend(|backend| backend.contacts().is_empty()));
}

#[tokio::test]
async fn a_member_that_the_api_does_not_have_is_refused() {
    let service = Service::start(0).await.unwrap();
    let input = akua(json!({"AdoptExisting": true}));
    let response = call(&service, "CreateContact", &input).await.unwrap();
    assert_eq!(
        error_type(&response),
        (400, "ValidationException".to_owned())
    );
    assert!(response.body.contains("AdoptExisting"), "{response:?}");
}

#[tokio::test]
async fn errors_bear_their_own_members() {
    let service = Service::start(0).await.unwrap();
    call(&service, "CreateContact", &akua(json!({})))
        .await
        .unwrap();
    let taken = call(&service, "CreateContact", &akua(json!({})))
        .await
        .unwrap();
    assert_eq!(error_type(&taken), (400, "ConflictException".to_owned()));
    let body: Value = serde_json::from_str(&taken.body).unwrap();
    assert_eq!(body["ResourceId"], arn("akuam"));
    let throttled = ServiceError::throttling().with("RetryAfterSeconds", 3);
    assert_eq!(
        throttled.body(),
        json!({"__type": "ThrottlingException", "Message": "Rate exceeded", "RetryAfterSeconds": 3})
    );
}
