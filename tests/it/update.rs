//! Update.

use std::time::Duration;

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::fixture::{
    CHANNEL, CREATED, Fixture, MADE_UP, MARKER, READS, ROTATION, STACK, STRANGER, akua, arn,
    assert_attempt, changes, failure, own, own_as, success, told, with, without,
};

/// A plan with one stage of this length.
fn plan(minutes: u8) -> Value {
    json!({"Stages": [{"DurationInMinutes": minutes, "Targets": []}]})
}

fn tags(tags: &[(&str, &str)]) -> Value {
    let tag = |(key, value): &(&str, &str)| json!({"Key": key, "Value": value});
    tags.iter().map(tag).collect()
}

/// Creates with the old properties and updates to the new ones, twice. Returns the operation and
/// the body of each call that changes the contact. The second update makes none.
async fn calls(old: &Value, new: &Value) -> Vec<(String, Value)> {
    let fixture = Fixture::start().await;
    success(&fixture.create(old).await);
    let id = arn(old["Alias"].as_str().unwrap());
    let delivered = fixture.update(&id, old, new).await;
    let answer = success(&delivered);
    assert_eq!((&answer.physical_id, &answer.data["ContactArn"]), (&id, &json!(id)));
    assert_eq!(delivered.operations()[..2], READS, "the reads come first");
    let again = fixture.update(&id, old, new).await;
    success(&again);
    assert_eq!(again.operations(), READS, "nothing is left to do");
    let calls = delivered.calls.iter().skip(2);
    let call = |call: &emulator::contacts::Call| (call.operation.clone(), call.body.clone());
    calls.map(call).collect()
}

#[tokio::test]
async fn contract_update_changes_what_differs_and_nothing_else() {
    let named = |name: &str| akua(json!({"DisplayName": name}));
    let planned = |plan: &Value| akua(json!({"Plan": plan}));
    let schedule = |rotations: Value| json!({"Alias": "s", "Type": "ONCALL_SCHEDULE", "Plan": {"RotationIds": rotations}});
    let target = json!({"Stages": [{"DurationInMinutes": 1, "Targets": [
        {"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": 0}}]}]});
    let update = |alias: &str, change: Value| {
        let body = with(&json!({"ContactId": arn(alias)}), change);
        vec![("UpdateContact".to_owned(), body)]
    };
    for (old, new, expected) in [
        (named("A"), named("B"), update("akuam", json!({"DisplayName": "B"}))),
        (named("A"), named(""), update("akuam", json!({"DisplayName": ""}))),
        (planned(&plan(1)), planned(&target), update("akuam", json!({"Plan": target}))),
        (
            planned(&plan(1)),
            planned(&json!({"Stages": []})),
            update("akuam", json!({"Plan": {"Stages": []}})),
        ),
        (
            schedule(json!([ROTATION])),
            schedule(json!([])),
            update("s", json!({"Plan": {"RotationIds": []}})),
        ),
        // What the template leaves out is left alone.
        (named("A"), without(&named("A"), "DisplayName"), vec![]),
        (planned(&plan(1)), without(&named("Akua Mansa"), "Plan"), vec![]),
        (schedule(json!([ROTATION])), json!({"Alias": "s", "Type": "ONCALL_SCHEDULE"}), vec![]),
        (
            akua(json!({"Tags": tags(&[("keep", "1"), ("change", "1"), ("drop", "1")])})),
            akua(json!({"Tags": tags(&[("keep", "1"), ("change", "2"), ("add", "1")])})),
            vec![
                (
                    "TagResource".to_owned(),
                    json!({"ResourceARN": arn("akuam"), "Tags": tags(&[("add", "1"), ("change", "2")])}),
                ),
                (
                    "UntagResource".to_owned(),
                    json!({"ResourceARN": arn("akuam"), "TagKeys": ["drop"]}),
                ),
            ],
        ),
    ] {
        assert_eq!(calls(&old, &new).await, expected, "{old} {new}");
    }
}

#[tokio::test]
async fn contract_update_leaves_what_others_own() {
    let fixture = Fixture::start().await;
    let bare = json!({"Alias": "akuam", "Type": "PERSONAL"});
    let tagged = with(&bare, json!({"Tags": tags(&[("changed", "1")])}));
    success(&fixture.create(&tagged).await);
    fixture.backend(|backend| {
        let contact = backend.contact_mut("akuam").unwrap();
        contact.display_name = Some("A person's".into());
        contact.plan = plan(1);
        contact.tags.insert("theirs".into(), "1".into());
        contact.tags.insert("changed".into(), "2".into());
    });
    let before = fixture.contact("akuam");
    let updated = fixture.update(&arn("akuam"), &tagged, &bare).await;
    success(&updated);
    assert_eq!(updated.operations(), READS);
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_a_target_that_leaves_a_member_out_equals_whatever_is_there() {
    let fixture = Fixture::start().await;
    fixture.switch(|switches| switches.fills_in_retry_interval = Some(3));
    let target = json!([{"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]);
    let planned = akua(json!({"Plan": {"Stages": [{"DurationInMinutes": 1, "Targets": target}]}}));
    success(&fixture.create(&planned).await);
    let updated = fixture.update(&arn("akuam"), &planned, &planned).await;
    assert_eq!(changes(&updated), [""; 0]);
}

#[tokio::test]
async fn contract_update_untags_first_only_where_all_tags_would_pass_50() {
    let tagged = |numbers: std::ops::Range<u8>| {
        let tag = |n: u8| json!({"Key": format!("k{n}"), "Value": "1"});
        akua(json!({"Tags": numbers.map(tag).collect::<Vec<_>>()}))
    };
    // The contact has three more, of its owner.
    for (count, expected) in
        [(46, ["TagResource", "UntagResource"]), (47, ["UntagResource", "TagResource"])]
    {
        let fixture = Fixture::start().await;
        let (old, new) = (tagged(0..count), tagged(1..count + 1));
        success(&fixture.create(&old).await);
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        success(&updated);
        assert_eq!(changes(&updated), expected);
    }
}

#[tokio::test]
async fn contract_an_old_template_that_was_refused_or_is_of_another_contact_gave_nothing() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own(CREATED));
    fixture.backend(|backend| {
        let contact = backend.contact_mut("akuam").unwrap();
        contact.tags.insert("theirs".into(), "1".into());
    });
    let before = fixture.contact("akuam");
    let new = json!({"Alias": "akuam", "Type": "PERSONAL"});
    let old = with(&new, json!({"Tags": tags(&[("theirs", "1")])}));
    for old in [with(&old, json!({"Colour": "red"})), with(&old, json!({"Type": "ESCALATION"}))] {
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        assert_eq!(fixture.contact("akuam"), before, "{old}");
    }
}

#[tokio::test]
async fn contract_another_alias_or_an_id_that_is_no_contacts_replaces() {
    let fixture = Fixture::start().await;
    let old = akua(json!({}));
    success(&fixture.create(&old).await);
    let before = fixture.contact("akuam");
    for (n, id) in
        [arn("akuam"), MADE_UP.to_owned(), MARKER.to_owned(), "some-other-functions-id".to_owned()]
            .into_iter()
            .enumerate()
    {
        let alias = format!("akua-{n}");
        let new = json!({"Alias": alias, "Type": "ESCALATION"});
        let refused = fixture.update(&id, &old, &json!({"Alias": alias})).await;
        failure(&refused, &id);
        assert!(refused.calls.is_empty());
        let updated = fixture.update(&id, &old, &new).await;
        let answer = success(&updated);
        assert_eq!(answer.physical_id, arn(&alias));
        assert_eq!(answer.data["Alias"], alias);
        assert_eq!(updated.operations(), ["CreateContact"]);
        assert_attempt(&fixture.origin(&alias), "update:", &updated);
        assert_eq!(fixture.contact("akuam"), before, "CloudFormation deletes it later");
    }
}

#[tokio::test]
async fn contract_another_type_is_refused() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"Type": "ESCALATION"})));
    success(&fixture.create(&old).await);
    let before = fixture.contact("akuam");
    let delivered = fixture.update(&arn("akuam"), &old, &new).await;
    told(&delivered, &arn("akuam"), &["change the Alias together with the Type"]);
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_a_contact_that_was_deleted_outside_is_made_again_at_once() {
    let fixture = Fixture::on_a_test_clock().await;
    fixture.switch(|switches| switches.first_region = Some("us-east-1".to_owned()));
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "Akua M"})));
    // The stack knows the contact by the ARN of another Region.
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    assert_eq!(success(&updated).physical_id, arn("akuam"));
    assert_eq!(updated.operations(), [READS[0], READS[1], "CreateContact"]);
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
    assert_attempt(&fixture.origin("akuam"), "update:", &updated);
    assert_eq!(fixture.contact("akuam").display_name.as_deref(), Some("Akua M"));
}

#[tokio::test]
async fn contract_the_reads_of_an_update_and_of_a_delete_go_out_together() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let short = akua(json!({"ServiceTimeout": "1"}));
    for silent in READS {
        fixture.emulator.contacts.clear_faults();
        fixture.fault(Fault::on(silent, Effect::Hang).forever());
        for event in [
            fixture.update_event(&arn("akuam"), &short, &short),
            fixture.delete_event(&arn("akuam"), &short),
        ] {
            let delivered = fixture.deliver(event).await;
            let reason = failure(&delivered, &arn("akuam"));
            assert!(reason.contains(&format!("waiting for {silent}")), "{reason}");
            assert_eq!(delivered.operations(), READS);
        }
    }
}

#[tokio::test]
async fn contract_an_update_of_anothers_contact_is_refused() {
    let fixture = Fixture::start().await;
    let akuas = akua(json!({}));
    for (tags, owner) in [(STRANGER, "stack/other/1"), (own_as("Other", CREATED), "Other")] {
        let before = fixture.seed("akuam", &tags);
        let updated = fixture.update(&arn("akuam"), &akuas, &akuas).await;
        told(&updated, &arn("akuam"), &[owner]);
        assert_eq!(fixture.contact("akuam"), before);
    }
    // The stack may be in another account than the function, and the contact may not.
    fixture.seed("akuam", &own(CREATED));
    let mut event = fixture.update_event(&arn("akuam"), &akuas, &akuas);
    event["StackId"] = json!(STACK.replace("1111", "9999"));
    told(&fixture.deliver(event).await, &arn("akuam"), &["belongs to", STACK]);
    let elsewhere = arn("akuam").replace("1111", "9999");
    let updated = fixture.update(&elsewhere, &akuas, &akuas).await;
    told(&updated, &elsewhere, &["is in another account"]);
    assert!(updated.calls.is_empty());
    let deleted = fixture.delete(&elsewhere, &akuas).await;
    success(&deleted);
    assert!(deleted.calls.is_empty());
}

#[tokio::test]
async fn contract_a_contact_whose_tags_were_removed_is_updated_and_no_longer_deleted() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    let [stack, logical_id, _] = own(CREATED);
    for tags in [&[][..], &[stack][..], &[logical_id][..], &[stack, logical_id][..]] {
        fixture.seed("akuam", tags);
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        let found = fixture.contact("akuam");
        assert_eq!(found.display_name.as_deref(), Some("New"));
        assert_eq!(found.tags.len(), tags.len(), "no tag is put back");
        success(&fixture.delete(&arn("akuam"), &new).await);
        assert!(fixture.exists("akuam"), "{tags:?}");
    }
    // Both ids named us, so it was released as an adopted one is.
    assert!(fixture.contact("akuam").tags.is_empty());
    let log = fixture.log().await;
    assert!(log.contains("WARN") && log.contains("left alone") && log.contains(STACK), "{log}");
}

#[tokio::test]
async fn contract_a_refused_update_is_rolled_back_without_a_change() {
    let old = akua(json!({"Tags": tags(&[("old", "1")])}));
    for (new, denied) in [
        (akua(json!({"Alias": "NOT AN ALIAS"})), None),
        (akua(json!({"DisplayName": "New"})), Some("UpdateContact")),
        (akua(json!({"Tags": tags(&[("new", "1")])})), Some("TagResource")),
    ] {
        let fixture = Fixture::start().await;
        success(&fixture.create(&old).await);
        let before = fixture.contact("akuam");
        fixture.deny(denied.as_slice());
        let id = arn("akuam");
        let refused = fixture.update(&id, &old, &new).await;
        failure(&refused, &id);
        assert_eq!(refused.calls.is_empty(), denied.is_none());
        let rolled_back = fixture.update(&id, &new, &old).await;
        assert_eq!(success(&rolled_back).physical_id, id);
        assert_eq!(changes(&rolled_back), [""; 0]);
        assert_eq!(fixture.contact("akuam"), before);
    }
}

#[tokio::test]
async fn contract_the_rollback_of_an_update_that_repeated_a_persons_plan_leaves_the_plan() {
    let fixture = Fixture::start().await;
    let bare = json!({"Alias": "akuam", "Type": "PERSONAL"});
    success(&fixture.create(&bare).await);
    fixture.backend(|backend| {
        let contact = backend.contact_mut("akuam").unwrap();
        contact.plan = plan(7);
        contact.display_name = Some("Somebody".into());
    });
    let before = fixture.contact("akuam");
    let repeats = with(&bare, json!({"Plan": plan(7), "DisplayName": "Somebody"}));
    // Another resource of the stack fails afterwards.
    success(&fixture.update(&arn("akuam"), &bare, &repeats).await);
    success(&fixture.update(&arn("akuam"), &repeats, &bare).await);
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_an_update_by_a_marker_whose_origin_cant_be_written_fails() {
    let fixture = Fixture::start().await;
    let properties = akua(json!({}));
    let before = fixture.seed("akuam", &own(CREATED));
    fixture.refuse("TagResource", ServiceError::access_denied("ssm-contacts:TagResource", "*"));
    for id in [MARKER, MADE_UP] {
        let updated = fixture.update(id, &properties, &properties).await;
        told(&updated, id, &["TagResource"]);
    }
    assert_eq!(fixture.contact("akuam").tags, before.tags);
    // With an ARN, it goes on with a warning: it may be a rollback.
    let elsewhere = akua(json!({"Alias": "akua-m"}));
    let updated = fixture.update(&arn("akua-m"), &elsewhere, &properties).await;
    assert_eq!(success(&updated).physical_id, arn("akuam"));
    // Once the tags can be written, the clean-up of the marker leaves the contact.
    fixture.emulator.contacts.clear_faults();
    success(&fixture.update(MARKER, &properties, &properties).await);
    success(&fixture.delete(MARKER, &properties).await);
    assert!(fixture.exists("akuam"));
    let log = fixture.log().await;
    assert!(log.contains("has no new ownership tags"), "{log}");
}
