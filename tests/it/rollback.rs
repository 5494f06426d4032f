//! Rollbacks of a replacement, with each physical id that CloudFormation may send.

use std::time::Duration;

use emulator::contacts::ServiceError;
use serde_json::{Value, json};

use crate::fixture::{
    ADOPTED, CREATED, Fixture, ROTATION, STRANGER, UPDATED, akua, arn, own, success,
};

/// The properties before and after a rename.
fn rename() -> (Value, Value) {
    (akua(json!({})), akua(json!({"Alias": "akua-m"})))
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_with_either_id() {
    for adopts in [false, true] {
        for carries_the_new_id in [false, true] {
            let fixture = Fixture::start().await;
            let (old, new) = rename();
            let mut new = new;
            if adopts {
                fixture.seed("akua-m", &[]);
                new["AdoptExisting"] = json!("true");
            }
            success(&fixture.create(&old).await);
            success(&fixture.update(&arn("akuam"), &old, &new).await);
            let id = arn(if carries_the_new_id { "akua-m" } else { "akuam" });
            let rolled_back = fixture.update(&id, &new, &old).await;
            assert_eq!(success(&rolled_back).physical_id, arn("akuam"));
            if carries_the_new_id {
                // It answered with another id, so CloudFormation deletes the contact of this one.
                success(&fixture.delete(&id, &new).await);
            }
            assert!(fixture.exists("akuam"));
            assert_eq!(fixture.exists("akua-m"), adopts);
            if adopts {
                assert!(fixture.contact("akua-m").tags.is_empty(), "released");
            }
        }
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_takes_only_what_an_update_brought() {
    let fixture = Fixture::on_a_test_clock().await;
    let (old, new) = rename();
    success(&fixture.create(&old).await);
    for (tags, goes) in [
        (&[][..], false),
        (&STRANGER[..], false),
        (&own(CREATED)[..], false),
        (&own(ADOPTED)[..], false),
        (&own("r0")[..], false),
        (&own(UPDATED)[..], true),
    ] {
        let before = fixture.seed("akua-m", tags);
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        assert_eq!(!fixture.exists("akua-m"), goes, "{tags:?}");
        assert!(goes || fixture.contact("akua-m") == before);
    }
    // Its type is not that of the old properties, or a Create would refuse these.
    let before = fixture.seed("akua-m", &own(UPDATED));
    for refused in [
        akua(json!({"Alias": "akua-m", "Colour": "red"})),
        akua(json!({"Alias": "akua-m", "Type": "ESCALATION"})),
    ] {
        success(&fixture.update(&arn("akuam"), &refused, &old).await);
        assert_eq!(fixture.contact("akua-m"), before, "{refused}");
    }
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_looks_again_for_what_may_still_be_created() {
    let fixture = Fixture::on_a_test_clock().await;
    let (old, new) = rename();
    success(&fixture.create(&old).await);
    let akuam = arn("akuam");
    let coming = fixture.once_waited(Duration::from_secs(20), |backend| {
        backend.seed("akua-m", "PERSONAL", &own(UPDATED));
    });
    let (rolled_back, ()) = tokio::join!(fixture.update(&akuam, &new, &old), coming);
    success(&rolled_back);
    assert!(!fixture.exists("akua-m"));
    let began = fixture.clock().waited();
    success(&fixture.update(&akuam, &new, &old).await);
    assert_eq!(fixture.clock().waited() - began, Duration::from_secs(30));
}

#[tokio::test]
async fn contract_a_rollback_does_not_fail_for_what_it_cant_read_delete_or_release() {
    let (old, new) = rename();
    let denied =
        |operation: &str| ServiceError::access_denied(&format!("ssm-contacts:{operation}"), "*");
    for (origin, operation) in
        [(UPDATED, "DeleteContact"), ("update:adopted:r0/0123456789abcdef", "UntagResource")]
    {
        let fixture = Fixture::start().await;
        success(&fixture.create(&old).await);
        fixture.seed("akua-m", &own(origin));
        fixture.refuse(operation, denied(operation));
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        assert!(fixture.exists("akua-m"));
        let log = fixture.log().await;
        assert!(log.contains("WARN") && log.contains("left behind"), "{log}");
    }
    let fixture = Fixture::on_a_test_clock().await;
    success(&fixture.create(&old).await);
    fixture.seed("akua-m", &own(UPDATED));
    fixture.backend(|backend| backend.add_to_rotation("akua-m", ROTATION));
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    assert!(fixture.exists("akua-m"), "in use");
    let elsewhere = emulator::contacts::Fault::on(
        "ListTagsForResource",
        emulator::contacts::Effect::Refuse(denied("ListTagsForResource")),
    );
    fixture.fault(elsewhere.after(1));
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    assert!(fixture.exists("akua-m"), "unreadable");
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_changes_nothing_that_a_person_wrote() {
    let plan = json!({"Stages": [{"DurationInMinutes": 7, "Targets": []}]});
    for carries_the_new_id in [false, true] {
        let fixture = Fixture::on_a_test_clock().await;
        fixture.seed("akuam", &own(CREATED));
        fixture.backend(|backend| {
            let contact = backend.contact_mut("akuam").unwrap();
            contact.display_name = Some("Somebody".into());
            contact.plan = plan.clone();
            contact.tags.insert("theirs".into(), "1".into());
        });
        let mut before = fixture.contact("akuam");
        let old = json!({"Alias": "akuam", "Type": "PERSONAL"});
        let new = json!({"Alias": "akua-m", "Type": "PERSONAL", "DisplayName": "Somebody",
            "Plan": plan, "Tags": [{"Key": "theirs", "Value": "1"}]});
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        let id = arn(if carries_the_new_id { "akua-m" } else { "akuam" });
        success(&fixture.update(&id, &new, &old).await);
        if carries_the_new_id {
            // The Update claims the contact.
            let origin = fixture.origin("akuam");
            assert!(origin.starts_with("update:") && !origin.contains("adopted"), "{origin}");
            before.tags.insert("cloudformation-origin".into(), origin);
        }
        assert_eq!(fixture.contact("akuam"), before);
    }
}
