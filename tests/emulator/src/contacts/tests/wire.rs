//! Tests of the protocol `awsJson1_1`: headers of requests, and responses.

use serde_json::{Value, json};

use super::{akua, arn};
use crate::contacts::{Call, Service, ServiceError};
use crate::raw::{self, Raw};

const SIGNED: &str =
    "authorization: AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-2/ssm-contacts/aws4_request";

/// Sends a request with these headers.
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

fn error_type(response: &Raw) -> (u16, String) {
    let body: Value = serde_json::from_str(&response.body).unwrap();
    let code = body["__type"].as_str().unwrap().to_owned();
    let header = format!("x-amzn-errortype: {}", code.to_ascii_lowercase());
    assert!(response.head.contains(&header), "{response:?}");
    assert!(response.head.contains("x-amzn-requestid: "), "{response:?}");
    (response.status, code)
}

#[tokio::test]
async fn a_response_has_a_request_id_and_the_call_is_recorded() {
    let service = Service::start(0).await.unwrap();
    let response = call(&service, "CreateContact", &akua(json!({}))).await.unwrap();
    assert_eq!(response.status, 200);
    assert!(response.head.contains("x-amzn-requestid: "), "{response:?}");
    assert!(response.head.contains(JSON), "{response:?}");
    let output: Value = serde_json::from_str(&response.body).unwrap();
    assert_eq!(output, json!({"ContactArn": arn("akuam")}));
    let calls = service.calls();
    let [Call { operation, text, body, status, response, headers, .. }] = &calls[..] else {
        panic!("{calls:?}")
    };
    assert_eq!((operation.as_str(), *status), ("CreateContact", 200));
    assert_eq!((body, response), (&akua(json!({})), &output));
    assert_eq!(text, &akua(json!({})).to_string());
    assert!(headers.contains(&("x-amz-target".into(), "SSMContacts.CreateContact".into())));
}

#[tokio::test]
async fn a_head_request_is_not_recorded() {
    let service = Service::start(0).await.unwrap();
    let response = send(&service, "HEAD / HTTP/1.1", &[], "").await;
    assert_eq!(response.status, 404, "{response:?}");
    assert_eq!(service.connections(), 1);
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn requests_that_violate_the_protocol_are_rejected() {
    let service = Service::start(0).await.unwrap();
    let body = akua(json!({})).to_string();
    let (post, create) = ("POST / HTTP/1.1", "x-amz-target: SSMContacts.CreateContact");
    let (unknown, other) = (create.replace("Create", "Un"), create.replace("SSMC", "C"));
    let (unsigned, plain) = ("authorization: Bearer x", "content-type: application/json");
    // The first line, the headers, the body and the error.
    let rows = json!({"rows": [
        ["PUT / HTTP/1.1", [create, SIGNED, JSON], "", "UnknownOperationException"],
        ["POST /v1 HTTP/1.1", [create, SIGNED, JSON], body, "UnknownOperationException"],
        [post, [create, SIGNED, plain], body, "SerializationException"],
        [post, [create, SIGNED], body, "SerializationException"],
        [post, [create, JSON], body, "MissingAuthenticationTokenException"],
        [post, [create, JSON, unsigned], body, "MissingAuthenticationTokenException"],
        [post, [SIGNED, JSON], body, "UnknownOperationException"],
        [post, [unknown, SIGNED, JSON], body, "UnknownOperationException"],
        [post, [other, SIGNED, JSON], body, "UnknownOperationException"],
        [post, [create, SIGNED, JSON], "{", "ValidationException"],
        [post, [create, SIGNED, JSON], "[]", "ValidationException"],
    ]});
    for row in rows["rows"].as_array().unwrap() {
        let [first, body, expected] = [0, 2, 3].map(|column| row[column].as_str().unwrap());
        let headers = row[1].as_array().unwrap().iter();
        let headers: Vec<&str> = headers.map(|header| header.as_str().unwrap()).collect();
        let response = send(&service, first, &headers, body).await;
        assert_eq!(error_type(&response), (400, expected.to_owned()), "{row}");
    }
    assert!(service.backend(|backend| backend.contacts().is_empty()));
}

#[tokio::test]
async fn errors_have_additional_members() {
    let service = Service::start(0).await.unwrap();
    call(&service, "CreateContact", &akua(json!({}))).await.unwrap();
    let taken = call(&service, "CreateContact", &akua(json!({}))).await.unwrap();
    assert_eq!(error_type(&taken), (400, "ConflictException".to_owned()));
    let body: Value = serde_json::from_str(&taken.body).unwrap();
    assert_eq!(body["ResourceId"], arn("akuam"));
    let throttled = ServiceError::throttling().with("RetryAfterSeconds", 3);
    assert_eq!(
        throttled.body(),
        json!({"__type": "ThrottlingException", "Message": "Rate exceeded", "RetryAfterSeconds": 3})
    );
}
