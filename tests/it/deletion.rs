//! docs/behavior.md, sections 4, 6 and 9: the stack deletes only what it created.

use std::time::Duration;

use emulator::cloudformation::Ids;
use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::fixture::{
    Fixture, STRANGER, akua, arn, failure, nothing_created, outcome_unknown, own, success,
};

#[tokio::test]
async fn contract_a_delete_leaves_what_is_not_ours() {
    let fixture = Fixture::start().await;
    let mut sibling = own("r0");
    sibling[1].1 = "Other";
    for tags in [&[][..], &STRANGER[..], &sibling[..], &own("r0")[..1]] {
        let before = fixture.seed("akuam", tags);
        success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
        assert_eq!(fixture.contact("akuam"), before);
    }
    let log = fixture.function.whole_log().await.join("\n");
    assert!(log.contains("WARN") && log.contains("left alone"), "{log}");
}

#[tokio::test]
async fn contract_tags_that_cant_be_read_fail_the_delete() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let denied = ServiceError::access_denied("ssm-contacts:ListTagsForResource", "*");
    fixture
        .emulator
        .contacts
        .fault(Fault::on("ListTagsForResource", Effect::Refuse(denied)));
    let deleted = fixture.delete(&arn("akuam"), &akua(json!({}))).await;
    let reason = failure(&deleted, &arn("akuam"));
    assert!(
        reason.contains("ssm-contacts:ListTagsForResource"),
        "{reason}"
    );
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_a_markers_delete_removes_only_what_its_request_created() {
    let fixture = Fixture::start().await;
    for (origin, goes) in [("r1", true), ("r2", false)] {
        fixture.seed("akuam", &own(origin));
        success(&fixture.delete("not-created:r1", &akua(json!({}))).await);
        assert_eq!(!fixture.exists("akuam"), goes, "{origin}");
    }
}

#[tokio::test]
async fn contract_a_create_whose_outcome_is_unknown_is_cleaned_up() {
    let fixture = Fixture::start().await;
    fixture.emulator.contacts.fault(
        Fault::on("CreateContact", Effect::Hang)
            .once_applied()
            .forever(),
    );
    let properties = akua(json!({"ServiceTimeout": "2"}));
    let created = fixture.create(&properties).await;
    let id = outcome_unknown(&created);
    let reason = failure(&created, &id);
    assert!(
        reason.contains("waiting for CreateContact for akuam"),
        "{reason}"
    );
    assert!(
        fixture.exists("akuam"),
        "the create was applied although no reply came"
    );
    success(&fixture.delete(&id, &properties).await);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_a_delete_with_an_invented_id_waits_for_the_create() {
    let fixture = Fixture::start().await;
    let other = Fixture::start().await;
    let properties = akua(json!({}));
    let coming = async {
        while other.emulator.contacts.count() == 0 {
            other.emulator.contacts.called().await;
        }
        other.seed("akuam", &own("r0"));
    };
    let (deleted, ()) = tokio::join!(
        other.delete("on-call-Akua-1XB2VS8G3K2W9", &properties),
        coming
    );
    success(&deleted);
    assert_eq!(
        deleted.response().unwrap().physical_id,
        "on-call-Akua-1XB2VS8G3K2W9"
    );
    assert!(!other.exists("akuam"));
    // A contact of another stack remains.
    let before = fixture.seed("akuam", &STRANGER);
    let short = akua(json!({"ServiceTimeout": "3"}));
    success(&fixture.delete("on-call-Akua-1XB2VS8G3K2W9", &short).await);
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_a_delete_with_an_invented_id_gives_up_after_30_seconds() {
    let fixture = Fixture::start().await;
    let deleted = fixture
        .delete("on-call-Akua-1XB2VS8G3K2W9", &akua(json!({})))
        .await;
    success(&deleted);
    assert!(deleted.calls.len() > 3, "{deleted}");
}

#[tokio::test]
async fn contract_a_delete_with_an_alias_that_could_never_be_makes_no_call() {
    let fixture = Fixture::start().await;
    for id in ["on-call-Akua-1XB2VS8G3K2W9", "not-created:r1"] {
        for properties in [json!({"Alias": "NO ALIAS"}), json!({}), Value::Null] {
            let deleted = fixture.delete(id, &properties).await;
            success(&deleted);
            assert!(deleted.calls.is_empty());
        }
    }
}

#[tokio::test]
async fn contract_a_delete_with_an_id_of_another_function_makes_no_call() {
    let fixture = Fixture::start().await;
    let properties = akua(json!({}));
    for (id, adopting) in [("2026/11/22/[$LATEST]abc", false), ("some-other-id", true)] {
        if adopting {
            fixture.seed("akuam", &[]);
        }
        // Another function created the resource, and this function has replaced it.
        let new = akua(json!({"AdoptExisting": adopting}));
        let updated = fixture.update(id, &properties, &new).await;
        assert_eq!(success(&updated).physical_id, arn("akuam"));
        let before = fixture.contact("akuam");
        let deleted = fixture.delete(id, &properties).await;
        success(&deleted);
        assert!(deleted.calls.is_empty());
        assert_eq!(fixture.contact("akuam"), before);
        fixture
            .emulator
            .contacts
            .backend(|backend| backend.remove("akuam"));
    }
    let log = fixture.function.whole_log().await.join("\n");
    assert!(log.contains("WARN"), "{log}");
}

#[tokio::test]
async fn contract_a_delete_with_an_invented_id_never_takes_what_an_update_made() {
    let fixture = Fixture::start().await;
    let id = "on-call-Akua-1XB2VS8G3K2W9";
    let properties = akua(json!({}));
    success(&fixture.update(id, &properties, &properties).await);
    let before = fixture.contact("akuam");
    success(&fixture.delete(id, &properties).await);
    assert_eq!(fixture.contact("akuam"), before);
}

/// Checks that a Create with these properties fails with the marker `nothing-created`, and that the
/// Delete of this marker succeeds without a call. The role has no permissions.
async fn nothing_is_left(fixture: Fixture, properties: Value) {
    fixture.deny(&[
        "CreateContact",
        "GetContact",
        "ListTagsForResource",
        "DeleteContact",
    ]);
    let created = fixture.create(&properties).await;
    let id = nothing_created(&created);
    failure(&created, &id);
    let deleted = fixture.delete(&id, &properties).await;
    success(&deleted);
    assert!(deleted.calls.is_empty());
}

#[tokio::test]
async fn contract_a_create_that_made_nothing_is_rolled_back_whatever_is_wrong() {
    let without_permissions = Fixture::start().await;
    nothing_is_left(without_permissions, akua(json!({}))).await;
    nothing_is_left(Fixture::start().await, akua(json!({"Colour": "red"}))).await;
    let bad_setting = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "false")).await;
    nothing_is_left(bad_setting, akua(json!({}))).await;
}

#[tokio::test]
async fn contract_the_delete_of_nothing_created_succeeds_even_too_late() {
    let fixture = Fixture::start().await;
    let properties = akua(json!({"ServiceTimeout": "60"}));
    let mut event = fixture.delete_event("nothing-created:r1", &properties);
    let ids = Ids::of_event(&event).unwrap();
    event["ResponseURL"] = json!(fixture.emulator.sink.presign_v4(&ids, "20200101T000000Z"));
    let deleted = fixture
        .emulator
        .deliver_unchanged(&fixture.function, event)
        .await
        .unwrap();
    success(&deleted);
}

#[tokio::test]
async fn contract_a_refusal_after_a_sending_without_reply_proves_nothing() {
    for effect in [
        Effect::Close,
        Effect::Truncate,
        Effect::Replace(200, "<html>".into()),
        Effect::Replace(503, String::new()),
        Effect::Refuse(ServiceError::internal()),
    ] {
        let fixture = Fixture::start().await;
        let lost = Fault::on("CreateContact", effect.clone()).once_applied();
        fixture.emulator.contacts.fault(lost);
        let denied = ServiceError::access_denied("ssm-contacts:CreateContact", "*");
        let refused = Fault::on("CreateContact", Effect::Refuse(denied)).after(1);
        fixture.emulator.contacts.fault(refused);
        let created = fixture.create(&akua(json!({}))).await;
        let id = outcome_unknown(&created);
        failure(&created, &id);
        assert!(
            fixture.exists("akuam"),
            "{effect:?}: the create was applied"
        );
        success(&fixture.delete(&id, &akua(json!({}))).await);
        assert!(!fixture.exists("akuam"), "{effect:?}");
    }
}

#[tokio::test]
async fn contract_a_conflict_whose_holder_cant_be_found_proves_nothing() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let conflict = ServiceError::new("ConflictException", "A contact with this alias exists");
    let fault = Fault::on("CreateContact", Effect::Refuse(conflict)).forever();
    fixture.emulator.contacts.fault(fault);
    let created = fixture.create(&akua(json!({}))).await;
    failure(&created, &outcome_unknown(&created));
    let operations = created.operations();
    let sent = operations.iter().filter(|name| **name == "CreateContact");
    assert!(sent.count() > 2, "sent again: {created}");
    assert_eq!(fixture.clock().waited(), Duration::from_secs(5));
}

#[tokio::test]
async fn contract_the_first_versions_marker_means_outcome_unknown() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own("r1"));
    success(&fixture.delete("not-created:r1", &akua(json!({}))).await);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_a_markers_delete_looks_again_for_what_may_still_be_created() {
    for id in ["outcome-unknown:r1", "on-call-Akua-1XB2VS8G3K2W9"] {
        let fixture = Fixture::on_a_test_clock("on").await;
        let coming = async {
            while fixture.clock().waited() < Duration::from_secs(20) {
                fixture.emulator.contacts.called().await;
            }
            fixture.seed("akuam", &own("r1"));
        };
        let properties = akua(json!({}));
        let (deleted, ()) = tokio::join!(fixture.delete(id, &properties), coming);
        success(&deleted);
        assert!(!fixture.exists("akuam"), "{id}");
        // No contact appears.
        let began = fixture.clock().waited();
        success(&fixture.delete(id, &properties).await);
        assert_eq!(fixture.clock().waited() - began, Duration::from_secs(30));
        // Another stack owns the contact with this alias.
        let before = fixture.seed("akuam", &STRANGER);
        let began = fixture.clock().waited();
        success(&fixture.delete(id, &properties).await);
        assert_eq!(fixture.clock().waited() - began, Duration::ZERO);
        assert_eq!(fixture.contact("akuam"), before);
        // Without a replication set, no contact can exist.
        fixture
            .emulator
            .contacts
            .backend(|backend| backend.has_no_replication_set = true);
        let deleted = fixture.delete(id, &properties).await;
        success(&deleted);
        assert_eq!(deleted.operations(), ["ListTagsForResource"]);
    }
}

#[tokio::test]
async fn contract_a_failed_create_leaves_a_contact_that_stood_before_it() {
    let fixture = Fixture::start().await;
    let before = fixture.seed("akuam", &own("r0"));
    fixture.deny(&["UpdateContact"]);
    let created = fixture.create(&akua(json!({}))).await;
    let id = outcome_unknown(&created);
    failure(&created, &id);
    success(&fixture.delete(&id, &akua(json!({}))).await);
    assert_eq!(fixture.contact("akuam"), before);
}

#[tokio::test]
async fn contract_a_delete_waits_for_an_adoption_that_may_be_in_progress() {
    for (id, adopting, waited) in [
        ("outcome-unknown:r1", true, 30),
        ("on-call-Akua-1XB2VS8G3K2W9", true, 30),
        ("on-call-Akua-1XB2VS8G3K2W9", false, 5),
    ] {
        let fixture = Fixture::on_a_test_clock("on").await;
        fixture.seed("akuam", &[]);
        let properties = akua(json!({"AdoptExisting": adopting}));
        success(&fixture.delete(id, &properties).await);
        assert_eq!(fixture.clock().waited(), Duration::from_secs(waited));
        if !adopting {
            continue;
        }
        let began = fixture.clock().waited();
        let coming = async {
            while fixture.clock().waited() - began < Duration::from_secs(20) {
                fixture.emulator.contacts.called().await;
            }
            fixture.seed("akuam", &own("adopted"));
        };
        let (deleted, ()) = tokio::join!(fixture.delete(id, &properties), coming);
        success(&deleted);
        assert!(fixture.contact("akuam").tags.is_empty(), "released");
    }
}

#[tokio::test]
async fn contract_a_delete_waits_for_a_missing_origin() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.seed("akuam", &own("adopted")[..2]);
    let appearing = async {
        fixture.emulator.contacts.called().await;
        fixture.seed("akuam", &own("adopted"));
    };
    let (akuam, properties) = (arn("akuam"), akua(json!({})));
    let (deleted, ()) = tokio::join!(fixture.delete(&akuam, &properties), appearing);
    success(&deleted);
    assert!(fixture.exists("akuam"), "an adopted contact stays");
}

#[tokio::test]
async fn contract_a_contact_that_goes_during_its_delete_is_gone() {
    for (origin, operation, refusal) in [
        (
            "r0",
            "DeleteContact",
            ServiceError::not_found(&arn("akuam")),
        ),
        ("r0", "DeleteContact", no_replication_set()),
        (
            "adopted",
            "UntagResource",
            ServiceError::invalid("Invalid resource Arn"),
        ),
    ] {
        let fixture = Fixture::on_a_test_clock("on").await;
        fixture.seed("akuam", &own(origin));
        let fault = Fault::on(operation, Effect::Refuse(refusal)).forever();
        fixture.emulator.contacts.fault(fault);
        let going = async {
            fixture.emulator.contacts.called().await;
            fixture
                .emulator
                .contacts
                .backend(|backend| backend.remove("akuam"));
        };
        let (akuam, properties) = (arn("akuam"), akua(json!({})));
        let (deleted, ()) = tokio::join!(fixture.delete(&akuam, &properties), going);
        success(&deleted);
    }
}

fn no_replication_set() -> ServiceError {
    ServiceError::invalid("Account not found for the request")
}

#[tokio::test]
async fn contract_a_refusal_after_a_conflict_proves_nothing() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let conflict = ServiceError::new("ConflictException", "A create is in progress");
    let quota = ServiceError::new("ServiceQuotaExceededException", "Too many contacts")
        .with("QuotaCode", "L-CONTACTS")
        .with("ServiceCode", "ssm-contacts");
    for refusal in [conflict, quota] {
        let fault = Fault::on("CreateContact", Effect::Refuse(refusal));
        fixture.emulator.contacts.fault(fault);
    }
    let created = fixture.create(&akua(json!({}))).await;
    failure(&created, &outcome_unknown(&created));
}

#[tokio::test]
async fn contract_a_taken_alias_whose_holder_may_not_be_read_proves_nothing() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.seed("akuam", &STRANGER);
    fixture.deny(&["GetContact"]);
    let created = fixture.create(&akua(json!({}))).await;
    let reason = failure(&created, &outcome_unknown(&created));
    let begin =
        "The alias akuam is taken, and the contact that holds it can't be read: GetContact failed";
    assert!(reason.starts_with(begin), "{reason}");
    assert!(
        reason.contains("allow the function's role ssm-contacts:GetContact"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_a_delete_looks_no_longer_than_its_deadline_allows() {
    for id in ["outcome-unknown:r1", "on-call-Akua-1XB2VS8G3K2W9"] {
        let fixture = Fixture::on_a_test_clock("on").await;
        let short = akua(json!({"ServiceTimeout": "10"}));
        success(&fixture.delete(id, &short).await);
        let waited = fixture.clock().waited();
        let allowed = Duration::from_secs(5)..Duration::from_secs(8);
        assert!(allowed.contains(&waited), "{waited:?}");
    }
}
