//! Create.

use emulator::contacts::{Effect, Fault};
use serde_json::{Value, json};

use crate::fixture::{
    CHANNEL, Fixture, ROTATION, STACK, akua, arn, assert_attempt, failure, nothing_created,
    outcome_unknown, success, told,
};

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

#[tokio::test]
async fn contract_create_sends_every_member_as_the_template_gives_it() {
    let contact = |alias: &str, contact_type: &str| json!({"Alias": alias, "Type": contact_type});
    let planned = |alias: &str, contact_type: &str, plan: Value| json!({"Alias": alias, "Type": contact_type, "Plan": plan});
    let person = json!({"Stages": [
        {"DurationInMinutes": 5, "Targets": [
            {"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": 2}},
            {"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]},
        {"DurationInMinutes": 0, "Targets": [{"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]}]});
    let escalation = json!({"Stages": [{"DurationInMinutes": 30, "Targets": [
        {"ContactTargetInfo": {"ContactId": arn("akuam"), "IsEssential": true}},
        {"ContactTargetInfo": {"IsEssential": false}}]}]});
    let named = akua(json!({"DisplayName": "Akua Mänsa 阿夸", "Plan": person}));
    let schedule = json!({"RotationIds": [ROTATION]});
    let same = |properties: Value| (properties.clone(), properties);
    let fixture = Fixture::start().await;
    for (properties, expected) in [
        same(named),
        same(planned("esc", "ESCALATION", escalation)),
        same(planned("shift", "ONCALL_SCHEDULE", schedule)),
        same(planned("empty", "ONCALL_SCHEDULE", json!({"RotationIds": []}))),
        // Without a plan, each type gets what the service accepts for it.
        (contact("a", "PERSONAL"), planned("a", "PERSONAL", json!({"Stages": []}))),
        (contact("b", "ESCALATION"), planned("b", "ESCALATION", json!({"Stages": []}))),
        (contact("c", "ONCALL_SCHEDULE"), planned("c", "ONCALL_SCHEDULE", json!({}))),
    ] {
        let delivered = fixture.create(&properties).await;
        success(&delivered);
        let mut body = delivered.calls[0].body.clone();
        let members = body.as_object_mut().unwrap();
        members.remove("Tags");
        members.remove("IdempotencyToken");
        assert_eq!(body, expected);
    }
}

#[tokio::test]
async fn contract_create_tags_the_contact_in_the_create_call() {
    let fixture = Fixture::start().await;
    let tags = json!([{"Key": "team", "Value": "blue"}]);
    let delivered = fixture.create(&akua(json!({"Tags": tags}))).await;
    success(&delivered);
    assert_eq!(delivered.operations(), ["CreateContact"]);
    assert_attempt(&fixture.origin("akuam"), "create:", &delivered);
    let mut tags = fixture.contact("akuam").tags;
    tags.remove("cloudformation-origin");
    let expected = [
        ("cloudformation-logical-id", "Akua"),
        ("cloudformation-stack-id", STACK),
        ("team", "blue"),
    ];
    let found: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn contract_violations_come_all_at_once_without_a_call() {
    let fixture = Fixture::start().await;
    let wrong = json!({"Alias": "Akua M", "Typ": "PERSONAL", "Tags": [{"Key": "cloudformation-origin", "Value": "x"}],
        "DisplayName": "{{resolve:ssm:name}}"});
    let delivered = fixture.create(&wrong).await;
    let reason = failure(&delivered, &nothing_created(&delivered));
    assert!(reason.starts_with("The properties have 4 violations: "), "{reason}");
    for told in [
        "Alias: ",
        "Typ: is unknown; use Type",
        "Tags[0].Key: ",
        "DisplayName: ",
        "Nothing was changed",
    ] {
        assert!(reason.contains(told), "{told}: {reason}");
    }
    assert!(delivered.calls.is_empty());
}

#[tokio::test]
async fn contract_a_create_that_made_nothing_is_rolled_back_whatever_is_wrong() {
    let fixture = Fixture::start().await;
    let denied = ["CreateContact", "GetContact", "ListTagsForResource", "DeleteContact"];
    fixture.deny(&denied);
    fixture.backend(|backend| backend.seed("akuam", "PERSONAL", &[]));
    for properties in [akua(json!({})), akua(json!({"Colour": "red"}))] {
        let created = fixture.create(&properties).await;
        let id = nothing_created(&created);
        failure(&created, &id);
        let mut late = fixture.delete_event(&id, &properties);
        for delivered in [
            fixture.deliver(late.clone()).await,
            fixture.deliver_signed(late.clone(), "20200101T000000Z").await,
            {
                late["StackId"] = json!("a-plain-name");
                fixture.deliver(late).await
            },
        ] {
            assert_eq!(success(&delivered).physical_id, id);
            assert!(delivered.calls.is_empty(), "{delivered}");
        }
    }
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_a_stack_id_that_is_no_arn_fails_without_a_call() {
    let fixture = Fixture::start().await;
    let before = fixture.seed(
        "akuam",
        &[("cloudformation-stack-id", "project"), ("cloudformation-logical-id", "Akua")],
    );
    for request_type in ["Create", "Update", "Delete"] {
        let mut event = fixture.update_event(&arn("akuam"), &akua(json!({})), &akua(json!({})));
        event["RequestType"] = json!(request_type);
        event["StackId"] = json!("project");
        let delivered = fixture.deliver(event).await;
        let id = if request_type == "Create" { nothing_created(&delivered) } else { arn("akuam") };
        told(&delivered, &id, &["not the ARN of a CloudFormation stack"]);
        assert!(delivered.calls.is_empty());
    }
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_a_create_whose_outcome_is_unknown_is_cleaned_up() {
    let fixture = Fixture::start().await;
    let hangs = Fault::on("CreateContact", Effect::Hang);
    fixture.fault(hangs.once_applied().forever());
    let properties = akua(json!({"ServiceTimeout": "1"}));
    let created = fixture.create(&properties).await;
    let id = outcome_unknown(&created);
    let reason = failure(&created, &id);
    assert!(
        reason.starts_with("Time ran out while waiting for CreateContact for akuam"),
        "{reason}"
    );
    assert!(fixture.exists("akuam"), "applied, although no reply came");
    success(&fixture.delete(&id, &properties).await);
    assert!(!fixture.exists("akuam"));
}
