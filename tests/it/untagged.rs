//! docs/behavior.md, sections 5, 6, 7, 8 and 10: `OWNERSHIP_TAGS=off`.

use std::time::Duration;

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{
    Fixture, STRANGER, adopting, akua, arn, failure, nothing_created, own, success,
};

#[tokio::test]
async fn contract_ownership_tags_off_writes_none_and_still_heeds_them() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.refuses_tags = true);
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&fixture.create(&old).await);
    assert!(fixture.contact("akuam").tags.is_empty());
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    assert!(fixture.contact("akuam").tags.is_empty());
    success(&fixture.delete(&arn("akuam"), &new).await);
    assert!(
        !fixture.exists("akuam"),
        "an untagged contact is deleted by its ARN"
    );

    let before = fixture.seed("theirs", &STRANGER);
    success(
        &fixture
            .delete(&arn("theirs"), &akua(json!({"Alias": "theirs"})))
            .await,
    );
    assert_eq!(fixture.contact("theirs"), before);

    let before = fixture.seed("untagged", &[]);
    let properties = akua(json!({"Alias": "untagged"}));
    for id in ["not-created:r1", "on-call-Akua-1XB2VS8G3K2W9"] {
        success(&fixture.delete(id, &properties).await);
    }
    assert_eq!(
        fixture.contact("untagged"),
        before,
        "an untagged contact is deleted only by its ARN"
    );

    let created = fixture.create(&adopting()).await;
    let reason = failure(&created, &nothing_created(&created));
    assert!(reason.contains("AdoptExisting"), "{reason}");
}

#[tokio::test]
async fn contract_ownership_tags_off_leaves_a_strangers_contact_when_a_rename_is_rolled_back() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    let before = fixture.seed("akua-m", &[]);
    failure(&fixture.update(&arn("akuam"), &a, &b).await, &arn("akuam"));
    success(&fixture.update(&arn("akuam"), &b, &a).await);
    assert_eq!(fixture.contact("akua-m"), before);
}

#[tokio::test]
async fn contract_ownership_tags_off_spares_an_adopted_contact_in_every_redelivery() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    fixture.seed("akuam", &own("adopted"));
    let event = fixture.delete_event(&arn("akuam"), &akua(json!({})));
    success(&fixture.deliver(event.clone()).await);
    success(&fixture.deliver(event).await);
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_a_contact_that_was_released_belongs_to_nobody() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    fixture.seed("akuam", &own("adopted"));
    success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
    let left: Vec<String> = fixture.contact("akuam").tags.into_keys().collect();
    assert_eq!(left, ["cloudformation-origin"]);
    // The function is set to `on`, and another stack adopts the contact.
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.seed("akuam", &own("adopted")[2..]);
    let refused = fixture.create(&akua(json!({}))).await;
    let reason = failure(&refused, &nothing_created(&refused));
    assert!(reason.contains("AdoptExisting: true"), "{reason}");
    success(&fixture.create(&adopting()).await);
    assert_eq!(fixture.contact("akuam").tags.len(), 3);
    success(&fixture.delete(&arn("akuam"), &adopting()).await);
    assert!(fixture.contact("akuam").tags.is_empty());
}

#[tokio::test]
async fn contract_a_templates_token_is_not_sent_under_off() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    let properties = akua(json!({"IdempotencyToken": "t1"}));
    success(&fixture.create(&properties).await);
    // Another stack has the same template: the token would return the first contact.
    let mut event = fixture.event("Create", &properties);
    event["StackId"] = json!("arn:aws:cloudformation:us-east-2:111122223333:stack/other/1");
    let created = fixture.deliver(event).await;
    let reason = failure(&created, &nothing_created(&created));
    assert!(reason.contains("is taken"), "{reason}");
    let token = created.calls[0].body["IdempotencyToken"].as_str().unwrap();
    assert_eq!(token.len(), 64);
}

#[tokio::test]
async fn contract_a_create_that_was_answered_under_off_is_rolled_back() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    let odd = Effect::Replace(200, r#"{"ContactArn": "no arn"}"#.into());
    let answered = Fault::on("CreateContact", odd).once_applied();
    fixture.emulator.contacts.fault(answered);
    let created = fixture.create(&akua(json!({}))).await;
    let id = created.response().unwrap().physical_id.clone();
    assert!(id.starts_with("created:"), "{id}");
    failure(&created, &id);
    success(&fixture.delete(&id, &akua(json!({}))).await);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_ownership_tags_off_never_advises_what_it_refuses() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    fixture.seed("akuam", &[]);
    let created = fixture.create(&akua(json!({}))).await;
    let reason = failure(&created, &nothing_created(&created));
    assert!(!reason.contains("AdoptExisting"), "{reason}");
}

#[tokio::test]
async fn contract_tags_that_cant_be_read_fail_under_off_too() {
    for broken in [
        ServiceError::invalid("Something else is wrong"),
        ServiceError::invalid("Invalid resource Arn"),
    ] {
        let fixture = Fixture::on_a_test_clock("off").await;
        let before = fixture.seed("akuam", &STRANGER);
        let fault = Fault::on("ListTagsForResource", Effect::Refuse(broken)).forever();
        fixture.emulator.contacts.fault(fault);
        let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
        failure(
            &fixture.update(&arn("akuam"), &old, &new).await,
            &arn("akuam"),
        );
        failure(&fixture.delete(&arn("akuam"), &old).await, &arn("akuam"));
        assert_eq!(fixture.contact("akuam"), before);
    }
}

#[tokio::test]
async fn contract_a_contact_that_appears_between_two_reads_is_left_alone_under_off() {
    let fixture = Fixture::on_a_test_clock("off").await;
    fixture.switch(|switches| switches.gone_is_invalid_arn = true);
    let coming = async {
        fixture.emulator.contacts.called().await;
        fixture.seed("akuam", &STRANGER);
    };
    let (akuam, properties) = (arn("akuam"), akua(json!({})));
    let (deleted, ()) = tokio::join!(fixture.delete(&akuam, &properties), coming);
    success(&deleted);
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_ownership_tags_off_claims_its_own_contact_and_writes_no_tag() {
    let fixture = Fixture::on_a_test_clock("off").await;
    fixture.seed("akuam", &own("r0"));
    let created = fixture.create(&akua(json!({}))).await;
    assert_eq!(success(&created).physical_id, arn("akuam"));
    let contact = fixture.contact("akuam");
    assert_eq!(contact.display_name.as_deref(), Some("Akua Mansa"));
    assert_eq!(contact.tags["cloudformation-origin"], "r0");
    assert!(!created.operations().contains(&"TagResource"), "{created}");
}

#[tokio::test]
async fn contract_ownership_tags_off_looks_again_for_five_seconds() {
    let five = Duration::from_secs(5);
    for id in [
        "created:r1",
        "outcome-unknown:r1",
        "on-call-Akua-1XB2VS8G3K2W9",
    ] {
        let fixture = Fixture::on_a_test_clock("off").await;
        success(&fixture.delete(id, &akua(json!({}))).await);
        assert_eq!(fixture.clock().waited(), five, "{id}");
    }
    let fixture = Fixture::on_a_test_clock("off").await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    success(&fixture.update(&arn("akuam"), &b, &a).await);
    assert_eq!(fixture.clock().waited(), five, "the rollback of a rename");
}
