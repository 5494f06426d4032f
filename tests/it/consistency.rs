//! docs/behavior.md, section 9: the service may be eventually consistent, and it may differ from
//! what its documents suggest. Each switch of the emulator has a test, which uses a test clock.

use std::time::Duration;

use emulator::contacts::Backend;
use serde_json::{Value, json};

use crate::fixture::{Fixture, STRANGER, adopting, akua, arn, failure, own, success};

const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/fc7405c4-46b2-48b7-87b2-93e2f225b90d";

fn named(name: &str) -> Value {
    akua(json!({"DisplayName": name}))
}

/// A fixture whose contact has just been created.
async fn created(event: &Value) -> Fixture {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.switch(|switches| {
        switches.tags_appear_after = Duration::from_secs(3);
        switches.readable_after = Duration::from_secs(1);
    });
    success(&fixture.deliver(event.clone()).await);
    fixture
}

fn create_event() -> Value {
    json!({"RequestType": "Create", "StackId": crate::fixture::STACK, "LogicalResourceId": "Akua",
        "RequestId": "r1", "ResourceType": "Custom::SSMContact", "ResourceProperties": akua(json!({}))})
}

#[tokio::test]
async fn contract_an_update_waits_for_a_new_contact_and_its_tags() {
    let fixture = created(&create_event()).await;
    let updated = fixture
        .update(&arn("akuam"), &akua(json!({})), &named("New"))
        .await;
    success(&updated);
    let contact = fixture.contact("akuam");
    assert_eq!(contact.tags["cloudformation-origin"], "r1");
    assert_eq!(contact.display_name.as_deref(), Some("New"));
    let operations = updated.operations();
    assert!(!operations.contains(&"TagResource"), "{operations:?}");
    assert!(!operations.contains(&"CreateContact"), "{operations:?}");
}

#[tokio::test]
async fn contract_a_delete_waits_for_a_new_contact_and_its_tags() {
    for id in ["arn", "outcome-unknown:r1", "on-call-Akua-1XB2VS8G3K2W9"] {
        let fixture = created(&create_event()).await;
        let akuam = arn("akuam");
        let id = if id == "arn" { &akuam } else { id };
        success(&fixture.delete(id, &akua(json!({}))).await);
        assert!(!fixture.exists("akuam"), "{id}");
    }
}

#[tokio::test]
async fn contract_a_redelivered_create_waits_for_its_own_contact() {
    for lapsed in [true, false] {
        for taken_alias_is_invalid in [false, true] {
            let fixture = created(&create_event()).await;
            fixture.switch(|switches| switches.same_token_conflicts_meanwhile = true);
            fixture.emulator.contacts.backend(|backend| {
                backend.taken_alias_is_invalid = taken_alias_is_invalid;
                if lapsed {
                    backend.expire_tokens();
                }
            });
            let again = fixture.deliver(create_event()).await;
            assert_eq!(success(&again).physical_id, arn("akuam"));
            assert_eq!(fixture.contact("akuam").tags["cloudformation-origin"], "r1");
        }
    }
}

#[tokio::test]
async fn contract_a_templates_token_waits_for_its_contact() {
    let mut event = create_event();
    event["ResourceProperties"]["IdempotencyToken"] = json!("t1");
    created(&event).await;
}

#[tokio::test]
async fn contract_what_stays_missing_is_believed_after_five_seconds() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let five = Duration::from_secs(5);
    success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
    assert_eq!(fixture.clock().waited(), five, "a contact that is gone");
    let before = fixture.seed("akuam", &[]);
    success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
    assert_eq!(fixture.contact("akuam"), before);
    assert_eq!(fixture.clock().waited(), five * 2, "an untagged contact");
    success(&fixture.create(&adopting()).await);
    assert_eq!(fixture.clock().waited(), five * 3, "an adoption");
    fixture.seed("akuam", &STRANGER);
    success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
    assert_eq!(
        fixture.clock().waited(),
        five * 3,
        "a contact of another owner"
    );
}

#[tokio::test]
async fn contract_untagged_contacts_are_believed_at_once_under_off() {
    let fixture = Fixture::on_a_test_clock("off").await;
    success(&fixture.create(&akua(json!({}))).await);
    success(
        &fixture
            .update(&arn("akuam"), &akua(json!({})), &named("New"))
            .await,
    );
    success(&fixture.delete(&arn("akuam"), &named("New")).await);
    assert!(!fixture.exists("akuam"));
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
}

#[tokio::test]
async fn contract_outside_the_first_region_there_are_no_tags_under_off() {
    let fixture = Fixture::on_a_test_clock("off").await;
    fixture.switch(|switches| switches.refuses_to_list_tags = true);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.refuses_tags = true);
    success(&fixture.create(&akua(json!({}))).await);
    success(
        &fixture
            .update(&arn("akuam"), &akua(json!({})), &named("New"))
            .await,
    );
    success(
        &fixture
            .update(
                &arn("akuam"),
                &named("New"),
                &akua(json!({"Alias": "akua-m"})),
            )
            .await,
    );
    success(&fixture.delete(&arn("akuam"), &named("New")).await);
    assert!(!fixture.exists("akuam") && fixture.exists("akua-m"));
}

#[tokio::test]
async fn contract_tags_that_are_refused_to_be_listed_fail_a_delete_under_on() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.seed("akuam", &own("r0"));
    fixture.switch(|switches| switches.refuses_to_list_tags = true);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.refuses_tags = true);
    let deleted = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    let reason = failure(&deleted, &arn("akuam"));
    assert!(reason.contains("ListTagsForResource"), "{reason}");
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_an_invalid_arn_is_a_contact_that_is_gone() {
    for setting in ["on", "off"] {
        let fixture = Fixture::on_a_test_clock(setting).await;
        fixture.switch(|switches| switches.gone_is_invalid_arn = true);
        success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
        let updated = fixture
            .update(&arn("akuam"), &akua(json!({})), &named("New"))
            .await;
        success(&updated);
        assert!(fixture.exists("akuam"), "created again");
        success(
            &fixture
                .delete("outcome-unknown:r1", &akua(json!({"Alias": "other"})))
                .await,
        );
    }
}

#[tokio::test]
async fn contract_tags_decide_and_not_the_region_of_the_arn() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.switch(|switches| switches.first_region = Some("us-east-1".into()));
    let created = fixture.create(&akua(json!({}))).await;
    let first = arn("akuam").replace("us-east-2", "us-east-1");
    assert_eq!(success(&created).physical_id, first);
    let again = fixture.deliver(created.event.clone()).await;
    assert_eq!(success(&again).physical_id, first);
    let updated = fixture
        .update(&first, &akua(json!({})), &named("New"))
        .await;
    assert_eq!(success(&updated).physical_id, first);
    fixture.emulator.contacts.backend(Backend::expire_tokens);
    let claimed = fixture.create(&named("New")).await;
    assert_eq!(success(&claimed).physical_id, first);
    success(&fixture.delete(&first, &named("New")).await);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_a_retry_interval_that_the_service_fills_in_is_no_difference() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.switch(|switches| switches.fills_in_retry_interval = Some(1));
    let stages = json!([{"DurationInMinutes": "5", "Targets": [
        {"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]}]);
    let with_plan = akua(json!({"Plan": {"Stages": stages}}));
    success(&fixture.create(&with_plan).await);
    let same = fixture.update(&arn("akuam"), &with_plan, &with_plan).await;
    success(&same);
    assert_eq!(same.operations().len(), 2, "nothing differs: {same}");
    let mut without = akua(json!({}));
    without.as_object_mut().unwrap().remove("Plan");
    success(&fixture.update(&arn("akuam"), &with_plan, &without).await);
    assert_eq!(fixture.contact("akuam").plan, json!({"Stages": []}));
}

#[tokio::test]
async fn contract_a_contact_that_vanished_keeps_its_physical_id() {
    let fixture = Fixture::on_a_test_clock("on").await;
    success(&fixture.create(&akua(json!({}))).await);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.remove("akuam"));
    // The replication set was created again, with another first Region.
    fixture.switch(|switches| switches.first_region = Some("us-east-1".into()));
    let updated = fixture
        .update(&arn("akuam"), &akua(json!({})), &named("New"))
        .await;
    assert_eq!(success(&updated).physical_id, arn("akuam"));
    assert!(fixture.exists("akuam"));
}
