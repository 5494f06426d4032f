//! Tests of the rules of the response body.

use serde_json::{Value, json};

use super::super::{InvalidResponse, Properties, Request, RequestType, Response, ResponseStatus};
use super::fake::response_body;

fn request() -> Request {
    Request {
        stack_id: "arn:stack".into(),
        request_id: "r".into(),
        logical_id: "A".into(),
        resource_type: "Custom::SSMContact".into(),
        request_type: RequestType::Create {
            properties: Properties::from_template(&json!({}), "arn:token"),
        },
        response_url: String::new(),
    }
}

fn parse(body: &Value) -> Result<Response, InvalidResponse> {
    Response::parse(body.to_string().as_bytes(), &request().ids())
}

fn with(member: &str, value: impl Into<Value>) -> Result<Response, InvalidResponse> {
    let mut body = response_body(&request(), "SUCCESS", "id");
    body[member] = value.into();
    parse(&body)
}

fn without(member: &str, status: &str) -> Result<Response, InvalidResponse> {
    let mut body = response_body(&request(), status, "id");
    body.as_object_mut().unwrap().remove(member);
    parse(&body)
}

#[test]
fn all_members_of_a_response_are_parsed() {
    let mut body = response_body(&request(), "SUCCESS", "id");
    body["Data"] = json!({"Arn": "arn"});
    body["NoEcho"] = true.into();
    let read = parse(&body).unwrap();
    assert_eq!(
        (read.status, read.physical_id.as_str()),
        (ResponseStatus::Success, "id")
    );
    assert_eq!(
        (read.no_echo, read.data["Arn"].as_str()),
        (true, Some("arn"))
    );
}

#[test]
fn the_ids_must_be_those_of_the_request() {
    for member in ["StackId", "RequestId", "LogicalResourceId"] {
        assert_eq!(
            with(member, "other"),
            Err(InvalidResponse::Mismatch(member))
        );
        assert_eq!(
            without(member, "SUCCESS"),
            Err(InvalidResponse::Missing(member))
        );
    }
}

#[test]
fn status_must_be_success_or_failed() {
    assert_eq!(with("Status", "OK"), Err(InvalidResponse::UnknownStatus));
    assert_eq!(
        without("Status", "SUCCESS"),
        Err(InvalidResponse::Missing("Status"))
    );
}

#[test]
fn failed_requires_a_reason() {
    assert_eq!(
        without("Reason", "FAILED"),
        Err(InvalidResponse::MissingReason)
    );
    assert!(without("Reason", "SUCCESS").is_ok());
    assert_eq!(
        with("Reason", Value::Null),
        Err(InvalidResponse::WrongType("Reason"))
    );
}

#[test]
fn the_physical_id_is_required_and_has_1_to_1024_bytes() {
    let missing = Err(InvalidResponse::Missing("PhysicalResourceId"));
    assert_eq!(without("PhysicalResourceId", "SUCCESS"), missing);
    assert_eq!(
        with("PhysicalResourceId", ""),
        Err(InvalidResponse::EmptyPhysicalId)
    );
    assert!(with("PhysicalResourceId", "x".repeat(1024)).is_ok());
    assert_eq!(
        with("PhysicalResourceId", "x".repeat(1025)),
        Err(InvalidResponse::PhysicalIdTooLong(1025))
    );
}

#[test]
fn the_body_has_at_most_4096_bytes() {
    let empty = with("Data", json!({"X": ""})).is_ok();
    assert!(empty);
    let rest = 4096 - {
        let mut body = response_body(&request(), "SUCCESS", "id");
        body["Data"] = json!({"X": ""});
        body.to_string().len()
    };
    assert!(with("Data", json!({"X": "x".repeat(rest)})).is_ok());
    assert_eq!(
        with("Data", json!({"X": "x".repeat(rest + 1)})),
        Err(InvalidResponse::TooLong(4097))
    );
}

#[test]
fn members_of_another_type_or_name_are_rejected() {
    assert_eq!(
        with("NoEcho", "true"),
        Err(InvalidResponse::WrongType("NoEcho"))
    );
    assert_eq!(
        with("Data", json!([])),
        Err(InvalidResponse::WrongType("Data"))
    );
    assert_eq!(
        with("ResponseURL", "x"),
        Err(InvalidResponse::UnknownMember("ResponseURL".into()))
    );
    assert_eq!(
        Response::parse(b"[]", &request().ids()),
        Err(InvalidResponse::NotAnObject)
    );
    assert_eq!(
        Response::parse(b"\xff", &request().ids()),
        Err(InvalidResponse::NotAnObject)
    );
}
