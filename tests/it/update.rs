//! docs/behavior.md, section 3: Update. One test for each property that can change.

use emulator::contacts::{Effect, Fault};
use serde_json::{Value, json};

use crate::fixture::{Fixture, akua, arn, failure, success};

const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/fc7405c4-46b2-48b7-87b2-93e2f225b90d";

/// Creates with the old properties and updates to the new ones. Returns the operation and the body
/// of each call of the update that changes the contact.
async fn changes(old: Value, new: Value) -> Vec<(String, Value)> {
    let fixture = Fixture::start().await;
    success(&fixture.create(&old).await);
    let alias = old["Alias"].as_str().unwrap();
    let delivered = fixture.update(&arn(alias), &old, &new).await;
    let answer = success(&delivered);
    assert_eq!(answer.physical_id, arn(alias));
    assert_eq!(answer.data["ContactArn"], arn(alias));
    let operations = delivered.operations();
    assert_eq!(
        operations[..2],
        ["GetContact", "ListTagsForResource"],
        "the contact is read first"
    );
    let again = fixture.update(&arn(alias), &old, &new).await;
    success(&again);
    assert_eq!(
        again.operations(),
        ["GetContact", "ListTagsForResource"],
        "nothing is left to do"
    );
    let calls = delivered.calls.iter().skip(2);
    calls
        .map(|call| (call.operation.clone(), call.body.clone()))
        .collect()
}

fn one(operation: &str, body: Value) -> Vec<(String, Value)> {
    vec![(operation.to_owned(), body)]
}

#[tokio::test]
async fn contract_update_display_name() {
    let changes = changes(akua(json!({})), akua(json!({"DisplayName": "Akua M"}))).await;
    assert_eq!(
        changes,
        one(
            "UpdateContact",
            json!({"ContactId": arn("akuam"), "DisplayName": "Akua M"})
        )
    );
}

#[tokio::test]
async fn contract_update_drops_display_name() {
    let mut new = akua(json!({}));
    new.as_object_mut().unwrap().remove("DisplayName");
    let changes = changes(akua(json!({})), new).await;
    assert_eq!(
        changes,
        one(
            "UpdateContact",
            json!({"ContactId": arn("akuam"), "DisplayName": ""})
        )
    );
}

#[tokio::test]
async fn contract_update_plan() {
    let plan = json!({"Stages": [{"DurationInMinutes": 1, "Targets": [
        {"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": 0}}]}]});
    let changes = changes(akua(json!({})), akua(json!({"Plan": plan}))).await;
    assert_eq!(
        changes,
        one(
            "UpdateContact",
            json!({"ContactId": arn("akuam"), "Plan": plan})
        )
    );
}

#[tokio::test]
async fn contract_update_drops_plan() {
    let plan = json!({"Stages": [{"DurationInMinutes": "1", "Targets": []}]});
    let mut new = akua(json!({}));
    new.as_object_mut().unwrap().remove("Plan");
    let changes = changes(akua(json!({"Plan": plan})), new).await;
    assert_eq!(
        changes,
        one(
            "UpdateContact",
            json!({"ContactId": arn("akuam"), "Plan": {"Stages": []}})
        )
    );
}

#[tokio::test]
async fn contract_update_rotations() {
    let rotation = |n: u8| format!("arn:aws:ssm-contacts:us-east-2:111122223333:rotation/{n}");
    let schedule = |n: u8| json!({"Alias": "s", "Type": "ONCALL_SCHEDULE", "Plan": {"RotationIds": [rotation(n)]}});
    let body = json!({"ContactId": arn("s"), "Plan": {"RotationIds": [rotation(2)]}});
    assert_eq!(
        changes(schedule(1), schedule(2)).await,
        one("UpdateContact", body)
    );
    let body = json!({"ContactId": arn("s"), "Plan": {"RotationIds": []}});
    let bare = json!({"Alias": "s", "Type": "ONCALL_SCHEDULE"});
    assert_eq!(changes(schedule(1), bare).await, one("UpdateContact", body));
}

#[tokio::test]
async fn contract_update_tags() {
    let tags = |tags: &[(&str, &str)]| -> Value {
        tags.iter()
            .map(|(k, v)| json!({"Key": k, "Value": v}))
            .collect()
    };
    let changes = changes(
        akua(json!({"Tags": tags(&[("keep", "1"), ("change", "1"), ("drop", "1")])})),
        akua(json!({"Tags": tags(&[("keep", "1"), ("change", "2"), ("add", "1")])})),
    )
    .await;
    let expected = vec![
        (
            "TagResource".to_owned(),
            json!({"ResourceARN": arn("akuam"), "Tags": tags(&[("add", "1"), ("change", "2")])}),
        ),
        (
            "UntagResource".to_owned(),
            json!({"ResourceARN": arn("akuam"), "TagKeys": ["drop"]}),
        ),
    ];
    assert_eq!(changes, expected);
}

#[tokio::test]
async fn contract_update_leaves_alone_what_the_template_never_set() {
    let fixture = Fixture::start().await;
    let bare = json!({"Alias": "akuam", "Type": "PERSONAL"});
    success(&fixture.create(&bare).await);
    let plan = json!({"Stages": [{"DurationInMinutes": 1, "Targets": []}]});
    fixture.emulator.contacts.backend(|backend| {
        let contact = backend.contact_mut("akuam").unwrap();
        contact.display_name = Some("A person's".into());
        contact.plan = plan.clone();
        contact.tags.insert("theirs".into(), "1".into());
    });
    let before = fixture.contact("akuam");
    let new = json!({"Alias": "akuam", "Type": "PERSONAL", "Tags": []});
    success(&fixture.update(&arn("akuam"), &bare, &new).await);
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_update_of_the_alias_replaces() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&old).await);
    let delivered = fixture.update(&arn("akuam"), &old, &new).await;
    let answer = success(&delivered);
    assert_eq!(answer.physical_id, arn("akua-m"));
    assert_eq!(answer.data["Alias"], "akua-m");
    assert_eq!(delivered.operations(), ["CreateContact"]);
    assert!(
        fixture.exists("akuam"),
        "CloudFormation deletes the old one later"
    );
    success(&fixture.delete(&arn("akuam"), &old).await);
    assert!(!fixture.exists("akuam") && fixture.exists("akua-m"));
}

#[tokio::test]
async fn contract_update_of_the_type_is_refused() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"Type": "ESCALATION"})));
    success(&fixture.create(&old).await);
    let before = fixture.contact("akuam");
    let delivered = fixture.update(&arn("akuam"), &old, &new).await;
    let reason = failure(&delivered, &arn("akuam"));
    assert!(
        reason.contains("change the Alias together with the Type"),
        "{reason}"
    );
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_update_of_type_and_alias_replaces() {
    let fixture = Fixture::start().await;
    let (old, new) = (
        akua(json!({})),
        akua(json!({"Type": "ESCALATION", "Alias": "esc"})),
    );
    success(&fixture.create(&old).await);
    let delivered = fixture.update(&arn("akuam"), &old, &new).await;
    assert_eq!(success(&delivered).physical_id, arn("esc"));
}

#[tokio::test]
async fn contract_update_disappears() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "Akua M"})));
    success(&fixture.create(&old).await);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.remove("akuam"));
    let delivered = fixture.update(&arn("akuam"), &old, &new).await;
    assert_eq!(success(&delivered).physical_id, arn("akuam"));
    let operations = delivered.operations();
    assert_eq!(operations[..2], ["GetContact", "ListTagsForResource"]);
    assert_eq!(operations.last(), Some(&"CreateContact"));
    let tags = fixture.contact("akuam").tags;
    assert_eq!(tags["cloudformation-origin"], "update");
    assert_eq!(
        fixture.contact("akuam").display_name.as_deref(),
        Some("Akua M")
    );
}

#[tokio::test]
async fn contract_update_with_an_id_that_is_no_contacts_creates() {
    let fixture = Fixture::start().await;
    for (alias, id) in [("a", "some-other-functions-id"), ("b", "not-created:r0")] {
        let properties = akua(json!({"Alias": alias}));
        let delivered = fixture.update(id, &properties, &properties).await;
        assert_eq!(success(&delivered).physical_id, arn(alias));
        let refused = fixture.update(id, &properties, &json!({})).await;
        failure(&refused, id);
    }
}

#[tokio::test]
async fn contract_a_failed_update_answers_with_the_id_it_was_given() {
    let fixture = Fixture::start().await;
    let old = akua(json!({}));
    success(&fixture.create(&old).await);
    let bad = akua(json!({"Alias": "NOT AN ALIAS"}));
    let delivered = fixture.update(&arn("akuam"), &old, &bad).await;
    failure(&delivered, &arn("akuam"));
    assert!(delivered.calls.is_empty());
    // CloudFormation rolls back with the refused properties as the old ones.
    let delivered = fixture.update(&arn("akuam"), &bad, &old).await;
    assert_eq!(success(&delivered).physical_id, arn("akuam"));
    assert_eq!(
        delivered.operations(),
        ["GetContact", "ListTagsForResource"]
    );
}

#[tokio::test]
async fn contract_the_reads_of_an_update_go_out_together() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    for silent in ["GetContact", "ListTagsForResource"] {
        fixture.emulator.contacts.clear_faults();
        let hangs = Fault::on(silent, Effect::Hang).forever();
        fixture.emulator.contacts.fault(hangs);
        let short = akua(json!({"ServiceTimeout": "2"}));
        let delivered = fixture.update(&arn("akuam"), &short, &short).await;
        let reason = failure(&delivered, &arn("akuam"));
        assert!(
            reason.contains(&format!("waiting for {silent}")),
            "{reason}"
        );
        let mut operations = delivered.operations();
        operations.sort_unstable();
        assert_eq!(operations, ["GetContact", "ListTagsForResource"]);
    }
}
