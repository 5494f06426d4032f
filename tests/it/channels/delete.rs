//! A Delete of a contact with channels.

use emulator::contacts::ServiceError;
use serde_json::json;

use super::{add, channels, mail, mobile, person, under_each_answer};
use crate::fixture::{Fixture, ROTATION, arn, changes, failure, success, told};

#[tokio::test]
async fn contract_delete_is_delete_contact_alone_unless_channels_block_it() {
    under_each_answer(async |fixture| {
        let properties = person(&[mobile(), mail()]);
        success(&fixture.create(&properties).await);
        add(&fixture, "pager", "VOICE", super::OTHER);
        let blocks = fixture.backend(|backend| backend.switches.channels_block_delete);
        let deleted = fixture.delete(&arn("akuam"), &properties).await;
        success(&deleted);
        let mut expected = vec!["DeleteContact"];
        if blocks {
            expected.extend(["DeleteContactChannel"; 3]);
            expected.push("DeleteContact");
        }
        assert_eq!(changes(&deleted), expected);
        assert!(!fixture.exists("akuam"));
    })
    .await;
}

#[tokio::test]
async fn contract_a_person_whom_something_else_holds_keeps_the_channels() {
    let fixture = Fixture::on_a_test_clock().await;
    fixture.switch(|switches| switches.channels_block_delete = true);
    let properties = person(&[mobile(), mail()]);
    success(&fixture.create(&properties).await);
    let before = channels(&fixture);
    fixture.backend(|backend| backend.add_to_rotation("akuam", ROTATION));
    let deleted = fixture.delete(&arn("akuam"), &properties).await;
    told(&deleted, &arn("akuam"), &[ROTATION]);
    assert_eq!(channels(&fixture), before);
    // A channel of another contact holds it.
    let another = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam2/1";
    let dependents =
        json!([{"RelationType": "CHANNEL", "DependentResourceIds": [before[0].arn, another]}]);
    let conflict = ServiceError::conflict("in use", &arn("akuam"));
    fixture.refuse("DeleteContact", conflict.with("DependentEntities", dependents));
    let deleted = fixture.delete(&arn("akuam"), &properties).await;
    failure(&deleted, &arn("akuam"));
    assert_eq!(channels(&fixture), before);
}

#[tokio::test]
async fn contract_the_reason_says_that_the_channels_are_gone() {
    let fixture = Fixture::on_a_test_clock().await;
    fixture.switch(|switches| switches.channels_block_delete = true);
    let properties = person(&[mobile()]);
    success(&fixture.create(&properties).await);
    let akuam = arn("akuam");
    let held = fixture.once_called("DeleteContactChannel", |backend| {
        backend.add_to_rotation("akuam", ROTATION);
    });
    let (deleted, ()) = tokio::join!(fixture.delete(&akuam, &properties), held);
    let reason = told(&deleted, &akuam, &["channels of the contact are deleted already"]);
    assert!(reason.contains(ROTATION) && reason.contains("RetainResources"), "{reason}");
}

#[tokio::test]
async fn contract_a_delete_whose_channels_may_not_be_deleted_names_the_action() {
    let fixture = Fixture::start().await;
    fixture.switch(|switches| switches.channels_block_delete = true);
    let properties = person(&[mobile()]);
    success(&fixture.create(&properties).await);
    fixture.deny(&["DeleteContactChannel"]);
    let deleted = fixture.delete(&arn("akuam"), &properties).await;
    told(&deleted, &arn("akuam"), &["ssm-contacts:DeleteContactChannel"]);
    assert!(fixture.exists("akuam"));
}
