//! docs/behavior.md, sections 2, 5 and 6: Create.

use std::time::Duration;

use emulator::contacts::{Effect, Fault};
use serde_json::{Value, json};

use crate::fixture::{Fixture, akua, arn, failure, nothing_created, success};

const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/fc7405c4-46b2-48b7-87b2-93e2f225b90d";
const ROTATION: &str =
    "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/3ab12398-e1c4-4a2e-8d8d-7e1f3c8a2b11";

#[tokio::test]
async fn contract_create_answers_with_the_arn_and_data() {
    let fixture = Fixture::start().await;
    let delivered = fixture.create(&akua(json!({}))).await;
    let answer = success(&delivered);
    assert_eq!(answer.physical_id, arn("akuam"));
    let data = json!({"ContactArn": arn("akuam"), "Arn": arn("akuam"), "Alias": "akuam", "Type": "PERSONAL"});
    assert_eq!(Value::Object(answer.data.clone()), data);
    assert_eq!(delivered.operations(), ["CreateContact"]);
}

/// Returns the body of the CreateContact request without tags and token, which other tests check.
async fn sent(properties: Value) -> Value {
    let fixture = Fixture::start().await;
    let delivered = fixture.create(&properties).await;
    success(&delivered);
    let mut body = delivered.calls[0].body.clone();
    let members = body.as_object_mut().unwrap();
    members.remove("Tags");
    members.remove("IdempotencyToken");
    body
}

#[tokio::test]
async fn contract_create_sends_every_member_of_a_person() {
    let plan = json!({"Stages": [
        {"DurationInMinutes": 5, "Targets": [
            {"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": 2}},
            {"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]},
        {"DurationInMinutes": 0, "Targets": [{"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]}]});
    let body = sent(akua(
        json!({"DisplayName": "Akua Mänsa 阿夸", "Plan": plan}),
    ))
    .await;
    let expected = json!({"Alias": "akuam", "DisplayName": "Akua Mänsa 阿夸", "Type": "PERSONAL", "Plan": plan});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn contract_create_sends_every_member_of_an_escalation_plan() {
    let plan = json!({"Stages": [{"DurationInMinutes": 30, "Targets": [
        {"ContactTargetInfo": {"ContactId": arn("akuam"), "IsEssential": true}},
        {"ContactTargetInfo": {"IsEssential": false}}]}]});
    let body = sent(json!({"Alias": "esc", "Type": "ESCALATION", "Plan": plan})).await;
    assert_eq!(
        body,
        json!({"Alias": "esc", "Type": "ESCALATION", "Plan": plan})
    );
}

#[tokio::test]
async fn contract_create_sends_the_rotations_of_a_schedule() {
    let plan = json!({"RotationIds": [ROTATION]});
    let body = sent(json!({"Alias": "s", "Type": "ONCALL_SCHEDULE", "Plan": plan})).await;
    assert_eq!(body["Plan"], plan);
}

#[tokio::test]
async fn contract_create_without_a_plan_sends_what_the_type_allows() {
    for (contact_type, plan) in [
        ("PERSONAL", json!({"Stages": []})),
        ("ESCALATION", json!({"Stages": []})),
        ("ONCALL_SCHEDULE", json!({})),
    ] {
        let body = sent(json!({"Alias": "a", "Type": contact_type})).await;
        assert_eq!(body["Plan"], plan, "{contact_type}");
    }
}

#[tokio::test]
async fn contract_create_tags_the_contact_in_the_create_call() {
    let fixture = Fixture::start().await;
    let tags = json!([{"Key": "team", "Value": "blue"}]);
    let delivered = fixture.create(&akua(json!({"Tags": tags}))).await;
    success(&delivered);
    let contact = fixture.contact("akuam");
    let request = delivered.event["RequestId"].as_str().unwrap();
    let expected = [
        ("cloudformation-logical-id", "Akua"),
        ("cloudformation-origin", request),
        ("cloudformation-stack-id", crate::fixture::STACK),
        ("team", "blue"),
    ];
    let found: Vec<(&str, &str)> = contact
        .tags
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(delivered.operations(), ["CreateContact"]);
}

#[tokio::test]
async fn contract_create_with_violations_makes_no_call_and_answers_with_the_marker() {
    let fixture = Fixture::start().await;
    let delivered = fixture
        .create(&json!({"Alias": "Akua M", "Typ": "PERSONAL"}))
        .await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(
        reason.starts_with("The properties have 3 violations: Typ: is unknown; did you mean Type?"),
        "{reason}"
    );
    assert!(delivered.calls.is_empty());
}

#[tokio::test]
async fn contract_a_failed_create_never_answers_with_an_arn() {
    let fixture = Fixture::start().await;
    fixture
        .emulator
        .contacts
        .backend(|b| b.seed("akuam", "PERSONAL", &[]));
    let delivered = fixture.create(&akua(json!({}))).await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(
        reason.contains("The alias akuam is taken by the PERSONAL contact"),
        "{reason}"
    );
    assert!(
        !delivered
            .response()
            .unwrap()
            .physical_id
            .contains(":contact/")
    );
}

#[tokio::test]
async fn a_slow_service_is_waited_for() {
    let fixture = Fixture::start().await;
    let slow = Effect::Delay(Duration::from_secs(7));
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContact", slow));
    let delivered = fixture.create(&akua(json!({}))).await;
    success(&delivered);
    assert_eq!(delivered.operations(), ["CreateContact"], "{delivered}");
}
