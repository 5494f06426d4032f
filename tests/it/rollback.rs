//! docs/behavior.md, section 8: rollbacks, with each physical id that CloudFormation may send.

use std::time::Duration;

use emulator::contacts::{Contact, Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::fixture::{Fixture, STRANGER, akua, arn, failure, nothing_created, own, success};

#[tokio::test]
async fn contract_the_rollback_of_a_rename_with_either_id() {
    for carries_the_new_id in [false, true] {
        let fixture = Fixture::start().await;
        let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
        success(&fixture.create(&a).await);
        success(&fixture.update(&arn("akuam"), &a, &b).await);
        let id = arn(if carries_the_new_id {
            "akua-m"
        } else {
            "akuam"
        });
        let rolled_back = fixture.update(&id, &b, &a).await;
        assert_eq!(success(&rolled_back).physical_id, arn("akuam"));
        if carries_the_new_id {
            // The rollback answered with another physical id, so CloudFormation deletes the contact
            // with this id.
            success(&fixture.delete(&id, &b).await);
        }
        assert!(fixture.exists("akuam") && !fixture.exists("akua-m"));
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_refused_rename_touches_no_stranger() {
    let fixture = Fixture::start().await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    for tags in [&[][..], &STRANGER[..]] {
        let before = fixture.seed("akua-m", tags);
        failure(&fixture.update(&arn("akuam"), &a, &b).await, &arn("akuam"));
        success(&fixture.update(&arn("akuam"), &b, &a).await);
        assert_eq!(fixture.contact("akua-m"), before);
        assert!(fixture.exists("akuam"));
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_refused_update_finds_nothing_to_do() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&fixture.create(&old).await);
    let denied = ServiceError::access_denied("ssm-contacts:UpdateContact", "*");
    fixture
        .emulator
        .contacts
        .fault(Fault::on("UpdateContact", Effect::Refuse(denied)).forever());
    failure(
        &fixture.update(&arn("akuam"), &old, &new).await,
        &arn("akuam"),
    );
    success(&fixture.update(&arn("akuam"), &new, &old).await);
}

#[tokio::test]
async fn contract_another_logical_id_does_not_take_the_contact() {
    let fixture = Fixture::start().await;
    success(&fixture.create(&akua(json!({}))).await);
    let mut event = fixture.event("Create", &akua(json!({})));
    event["LogicalResourceId"] = json!("Renamed");
    let created = fixture.deliver(event).await;
    let id = nothing_created(&created);
    failure(&created, &id);
    let mut event = fixture.delete_event(&id, &akua(json!({})));
    event["LogicalResourceId"] = json!("Renamed");
    success(&fixture.deliver(event).await);
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_does_not_fail_for_what_is_in_use() {
    let fixture = Fixture::start().await;
    let (a, b) = (
        akua(json!({})),
        akua(json!({"Alias": "akua-m", "ServiceTimeout": "8"})),
    );
    success(&fixture.create(&a).await);
    success(&fixture.update(&arn("akuam"), &a, &b).await);
    let rotation = "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/r1";
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.add_to_rotation("akua-m", rotation));
    let a = akua(json!({"ServiceTimeout": "8"}));
    success(&fixture.update(&arn("akuam"), &b, &a).await);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.delete_rotation(rotation));
    success(&fixture.delete(&arn("akua-m"), &b).await);
    assert!(fixture.exists("akuam") && !fixture.exists("akua-m"));
}

#[tokio::test]
async fn contract_the_rollback_of_an_update_does_not_fail_for_tags_that_are_refused() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &[]);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.refuses_tags = true);
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    let log = fixture.function.whole_log().await.join("\n");
    let warned = log.contains("WARN") && log.contains("has no ownership tags");
    assert!(warned, "{log}");
}

const PLAN: &str = r#"{"Stages": [{"DurationInMinutes": 7, "Targets": []}]}"#;

/// Creates a contact of the stack. A person set its name, its plan and a tag; the template never
/// set them.
fn written_by_a_person(fixture: &Fixture) -> Contact {
    fixture.seed("akuam", &own("r0"));
    fixture.emulator.contacts.backend(|backend| {
        let contact = backend.contact_mut("akuam").unwrap();
        contact.display_name = Some("Somebody".into());
        contact.plan = serde_json::from_str(PLAN).unwrap();
        contact.tags.insert("theirs".into(), "1".into());
    });
    fixture.contact("akuam")
}

/// Returns properties without name, plan and tags, and properties with the values that the person
/// set.
fn without_and_with() -> (Value, Value) {
    let plan: Value = serde_json::from_str(PLAN).unwrap();
    let without = json!({"Alias": "akuam", "Type": "PERSONAL"});
    let with = json!({"Alias": "akuam", "Type": "PERSONAL", "DisplayName": "Somebody",
        "Plan": plan, "Tags": [{"Key": "theirs", "Value": "1"}]});
    (without, with)
}

#[tokio::test]
async fn contract_the_rollback_of_a_refused_update_clears_nothing_that_no_template_gave() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let before = written_by_a_person(&fixture);
    fixture.seed("theirs", &STRANGER);
    let (old, new) = without_and_with();
    for (name, value) in [
        ("Colour", json!("red")),
        ("Type", json!("ESCALATION")),
        ("Alias", json!("theirs")),
        ("Alias", json!("closed")),
        ("Alias", json!("NOT AN ALIAS")),
    ] {
        let mut new = new.clone();
        new[name] = value.clone();
        if value == "closed" {
            fixture.deny(&["CreateContact"]);
        }
        if name == "Type" {
            new.as_object_mut().unwrap().remove("Plan");
        }
        failure(
            &fixture.update(&arn("akuam"), &old, &new).await,
            &arn("akuam"),
        );
        fixture.deny(&[]);
        // The rollback has nothing to clear, so it succeeds without the permissions to clear it.
        fixture.deny(&["UpdateContact", "UntagResource"]);
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        fixture.deny(&[]);
        assert_eq!(fixture.contact("akuam"), before, "{name} {value}");
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_clears_nothing_that_no_template_gave() {
    for carries_the_new_id in [false, true] {
        let fixture = Fixture::on_a_test_clock("on").await;
        let before = written_by_a_person(&fixture);
        let (old, mut new) = without_and_with();
        new["Alias"] = json!("akua-m");
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        let id = if carries_the_new_id {
            "akua-m"
        } else {
            "akuam"
        };
        success(&fixture.update(&arn(id), &new, &old).await);
        let mut now = fixture.contact("akuam");
        let origin = now.tags.insert("cloudformation-origin".into(), "r0".into());
        let expected = if carries_the_new_id { "update" } else { "r0" };
        assert_eq!(origin.as_deref(), Some(expected));
        assert_eq!(now, before);
    }
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_that_may_not_be_looked_at_goes_on() {
    let fixture = Fixture::start().await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    // The role has no permissions for the new alias: the create was refused, and so is the read.
    let denied = ServiceError::access_denied("ssm-contacts:ListTagsForResource", "*");
    let look = Fault::on("ListTagsForResource", Effect::Refuse(denied)).after(1);
    fixture.emulator.contacts.fault(look);
    let rolled_back = fixture.update(&arn("akuam"), &b, &a).await;
    assert_eq!(success(&rolled_back).physical_id, arn("akuam"));
    let log = fixture.function.whole_log().await.join("\n");
    assert!(log.contains("WARN") && log.contains("left behind"), "{log}");
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_fails_where_the_new_contact_may_not_be_deleted() {
    let fixture = Fixture::start().await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    success(&fixture.update(&arn("akuam"), &a, &b).await);
    fixture.deny(&["DeleteContact"]);
    failure(&fixture.update(&arn("akuam"), &b, &a).await, &arn("akuam"));
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_looks_again_for_what_may_still_be_created() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    let akuam = arn("akuam");
    let coming = async {
        while fixture.clock().waited() < Duration::from_secs(20) {
            fixture.emulator.contacts.called().await;
        }
        fixture.seed("akua-m", &own("update"));
    };
    let (rolled_back, ()) = tokio::join!(fixture.update(&akuam, &b, &a), coming);
    success(&rolled_back);
    assert!(fixture.exists("akuam") && !fixture.exists("akua-m"));
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_does_not_look_where_a_create_is_refused() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let (a, bad) = (
        akua(json!({})),
        akua(json!({"Alias": "akua-m", "Colour": 1})),
    );
    success(&fixture.create(&a).await);
    success(&fixture.update(&arn("akuam"), &bad, &a).await);
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_ends_its_look_at_once_for_a_stranger() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    let before = fixture.seed("akua-m", &STRANGER);
    success(&fixture.update(&arn("akuam"), &b, &a).await);
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
    assert_eq!(fixture.contact("akua-m"), before);
}

#[tokio::test]
async fn contract_missing_ownership_tags_that_cant_be_put_back_do_not_fail_an_update() {
    let quota = ServiceError::new("ServiceQuotaExceededException", "Too many tags")
        .with("QuotaCode", "L-TAGS")
        .with("ServiceCode", "ssm-contacts");
    for refusal in [
        ServiceError::invalid("You can only tag resources created in the first Region"),
        ServiceError::access_denied("ssm-contacts:TagResource", "*"),
        quota,
    ] {
        let fixture = Fixture::on_a_test_clock("on").await;
        fixture.seed("akuam", &[]);
        let fault = Fault::on("TagResource", Effect::Refuse(refusal)).forever();
        fixture.emulator.contacts.fault(fault);
        let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        success(&fixture.update(&arn("akuam"), &new, &old).await);
    }
}

#[tokio::test]
async fn contract_a_denied_tag_resource_leaves_the_old_tag_for_the_rollback() {
    let fixture = Fixture::start().await;
    let tagged = |key: &str| akua(json!({"Tags": [{"Key": key, "Value": "1"}]}));
    let (old, new) = (tagged("old"), tagged("new"));
    success(&fixture.create(&old).await);
    fixture.deny(&["TagResource"]);
    failure(
        &fixture.update(&arn("akuam"), &old, &new).await,
        &arn("akuam"),
    );
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    assert_eq!(fixture.contact("akuam").tags["old"], "1");
}

#[tokio::test]
async fn contract_a_full_quota_that_is_checked_first_does_not_hide_the_contact() {
    let fixture = Fixture::start().await;
    fixture.switch(|switches| {
        switches.quota = Some(2);
        switches.quota_before_alias = true;
    });
    let (a, b) = (akua(json!({})), akua(json!({"Alias": "akua-m"})));
    success(&fixture.create(&a).await);
    success(&fixture.update(&arn("akuam"), &a, &b).await);
    let rolled_back = fixture.update(&arn("akua-m"), &b, &a).await;
    assert_eq!(success(&rolled_back).physical_id, arn("akuam"));
}

#[tokio::test]
async fn contract_the_rollback_of_a_refused_rename_leaves_a_contact_that_was_retained() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let old = akua(json!({}));
    success(&fixture.create(&old).await);
    // A Retain policy kept this contact when the alias was changed earlier.
    let retained = fixture.seed("akua-m", &own("r0"));
    for refused in [
        akua(json!({"Alias": "akua-m", "Colour": "red"})),
        akua(json!({"Alias": "akua-m", "Type": "ESCALATION"})),
    ] {
        let updated = fixture.update(&arn("akuam"), &old, &refused).await;
        failure(&updated, &arn("akuam"));
        success(&fixture.update(&arn("akuam"), &refused, &old).await);
        assert_eq!(fixture.contact("akua-m"), retained, "{refused}");
    }
}

#[tokio::test]
async fn contract_a_rollback_does_not_fail_for_tags_that_may_not_be_written() {
    for denied in ["TagResource", "UntagResource"] {
        for carries_the_new_id in [false, true] {
            let fixture = Fixture::on_a_test_clock("on").await;
            fixture.seed("akua-m", &[]);
            let (old, new) = (
                akua(json!({})),
                akua(json!({"Alias": "akua-m", "AdoptExisting": true})),
            );
            success(&fixture.create(&old).await);
            success(&fixture.update(&arn("akuam"), &old, &new).await);
            fixture.deny(&[denied]);
            let id = if carries_the_new_id {
                "akua-m"
            } else {
                "akuam"
            };
            let rolled_back = fixture.update(&arn(id), &new, &old).await;
            assert_eq!(success(&rolled_back).physical_id, arn("akuam"));
            assert!(fixture.exists("akua-m"), "an adopted contact stays");
        }
    }
}

#[tokio::test]
async fn contract_the_waits_of_a_rollback_end_before_the_deadline() {
    let fixture = Fixture::start().await;
    let short = |alias: &str| akua(json!({"Alias": alias, "ServiceTimeout": "6"}));
    let (a, b) = (short("akuam"), short("akua-m"));
    success(&fixture.create(&a).await);
    let coming = async {
        while fixture.emulator.contacts.count() < 6 {
            fixture.emulator.contacts.called().await;
        }
        fixture.seed("akua-m", &[]);
    };
    let akuam = arn("akuam");
    let (rolled_back, ()) = tokio::join!(fixture.update(&akuam, &b, &a), coming);
    success(&rolled_back);
}
