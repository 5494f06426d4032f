//! A Delete of a contact with channels.

use emulator::contacts::{Effect, Fault};
use serde_json::json;

use super::{channels, mail, mobile, person, under_each_answer};
use crate::fixture::{Fixture, STRANGER, arn, failure, success};

#[tokio::test]
async fn contract_delete_is_delete_contact_alone_unless_channels_block_it() {
    under_each_answer(async |fixture| {
        let properties = person(&[mobile(), mail()]);
        success(&fixture.create(&properties).await);
        super::add(&fixture, "pager", "VOICE", super::OTHER);
        let blocks = fixture
            .emulator
            .contacts
            .backend(|backend| backend.switches.channels_block_delete);
        let deleted = fixture.delete(&arn("akuam"), &properties).await;
        success(&deleted);
        let expected = if blocks {
            &[
                "DeleteContact",
                "DeleteContactChannel",
                "DeleteContactChannel",
                "DeleteContactChannel",
                "DeleteContact",
            ][..]
        } else {
            &["DeleteContact"]
        };
        assert_eq!(super::changes(&deleted), expected);
        assert!(!fixture.exists("akuam"));
    })
    .await;
}

#[tokio::test]
async fn contract_a_person_on_call_keeps_the_channels() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.switch(|switches| switches.channels_block_delete = true);
    let properties = person(&[mobile(), mail()]);
    success(&fixture.create(&properties).await);
    let before = channels(&fixture);
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/r";
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.add_to_rotation("akuam", rotation));
    let deleted = fixture.delete(&arn("akuam"), &properties).await;
    let reason = failure(&deleted, &arn("akuam"));
    assert!(reason.contains(rotation), "{reason}");
    assert_eq!(channels(&fixture), before);
}

#[tokio::test]
async fn contract_a_delete_whose_channels_may_not_be_deleted_names_the_action() {
    let fixture = Fixture::start().await;
    fixture.switch(|switches| switches.channels_block_delete = true);
    let properties = person(&[mobile()]);
    success(&fixture.create(&properties).await);
    fixture.deny(&["DeleteContactChannel"]);
    let deleted = fixture.delete(&arn("akuam"), &properties).await;
    let reason = failure(&deleted, &arn("akuam"));
    assert!(
        reason.contains("ssm-contacts:DeleteContactChannel"),
        "{reason}"
    );
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_channels_of_another_contact_block_as_anything_else_does() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let properties = person(&[mobile()]);
    success(&fixture.create(&properties).await);
    let before = channels(&fixture);
    let another = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam2/1";
    let conflict = emulator::contacts::ServiceError::conflict("in use", &arn("akuam")).with(
        "DependentEntities",
        json!([{"RelationType": "CHANNEL", "DependentResourceIds": [before[0].arn, another]}]),
    );
    let refuse = Fault::on("DeleteContact", Effect::Refuse(conflict));
    fixture.emulator.contacts.fault(refuse.forever());
    let deleted = fixture.delete(&arn("akuam"), &properties).await;
    failure(&deleted, &arn("akuam"));
    assert_eq!(channels(&fixture), before);
}

#[tokio::test]
async fn contract_a_delete_leaves_the_channels_of_what_is_not_ours() {
    let fixture = Fixture::start().await;
    fixture.switch(|switches| switches.channels_block_delete = true);
    fixture.seed("akuam", &STRANGER);
    super::add(&fixture, "mobile", "SMS", super::OTHER);
    let before = channels(&fixture);
    success(&fixture.delete(&arn("akuam"), &person(&[mobile()])).await);
    assert_eq!(channels(&fixture), before);
}
