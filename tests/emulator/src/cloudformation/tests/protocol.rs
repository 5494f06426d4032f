//! Tests of the rules of the response body.

use serde_json::{Value, json};

use super::super::{Properties, Request, RequestType, Response, ResponseStatus};
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

fn parse(body: &Value) -> Result<Response, String> {
    Response::parse(body.to_string().as_bytes(), &request().ids())
}

fn with(member: &str, value: impl Into<Value>) -> Result<Response, String> {
    let mut body = response_body(&request(), "SUCCESS", "id");
    body[member] = value.into();
    parse(&body)
}

fn without(member: &str, status: &str) -> Result<Response, String> {
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
    assert_eq!((read.status, read.physical_id.as_str()), (ResponseStatus::Success, "id"));
    assert_eq!((read.no_echo, read.data["Arn"].as_str()), (true, Some("arn")));
}

#[test]
fn what_violates_a_rule_is_said() {
    let large = json!({"X": "x".repeat(4097)});
    let rows: Vec<(Result<Response, String>, &str)> = vec![
        (with("StackId", "other"), "StackId is not that of the request"),
        (with("RequestId", "other"), "RequestId is not that of the request"),
        (with("LogicalResourceId", "other"), "LogicalResourceId is not that of the request"),
        (without("LogicalResourceId", "SUCCESS"), "LogicalResourceId is missing"),
        (with("Status", "OK"), "Status is neither SUCCESS nor FAILED"),
        (without("Status", "SUCCESS"), "Status is missing"),
        (without("Reason", "FAILED"), "FAILED without a Reason"),
        (with("Reason", Value::Null), "Reason has the wrong type"),
        (without("PhysicalResourceId", "SUCCESS"), "PhysicalResourceId is missing"),
        (with("PhysicalResourceId", ""), "PhysicalResourceId is empty"),
        (
            with("PhysicalResourceId", "x".repeat(1025)),
            "PhysicalResourceId has 1025 bytes, more than 1024",
        ),
        (with("PhysicalResourceId", 1), "PhysicalResourceId has the wrong type"),
        (with("Data", large), "the body has 4240 bytes, more than 4096"),
        (with("NoEcho", "true"), "NoEcho has the wrong type"),
        (with("Data", json!([])), "Data has the wrong type"),
        (with("ResponseURL", "x"), "ResponseURL is not a member of a response"),
        (Response::parse(b"[]", &request().ids()), "the body is not a JSON object"),
        (Response::parse(b"\xff", &request().ids()), "the body is not a JSON object"),
    ];
    for (parsed, wanted) in rows {
        assert_eq!(parsed.unwrap_err(), wanted);
    }
    assert!(without("Reason", "SUCCESS").is_ok());
    assert!(with("PhysicalResourceId", "x".repeat(1024)).is_ok());
}

#[test]
fn the_body_has_at_most_4096_bytes() {
    let mut body = response_body(&request(), "SUCCESS", "id");
    body["Data"] = json!({"X": ""});
    let rest = 4096 - body.to_string().len();
    assert!(with("Data", json!({"X": "x".repeat(rest)})).is_ok());
    assert!(with("Data", json!({"X": "x".repeat(rest + 1)})).is_err());
}
