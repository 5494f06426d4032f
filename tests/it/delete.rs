//! Delete: by a contact's ARN, by a marker and by any other id.

use std::time::Duration;

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::{Value, json};

use crate::fixture::{
    ADOPTED, CREATED, Fixture, MADE_UP, MARKER, READS, ROTATION, STRANGER, UPDATED, akua, arn,
    failure, own, own_as, success, told,
};

const LOOK: Duration = Duration::from_secs(30);

/// What happens to the contact in a Delete.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Deleted,
    Released,
    Left,
}

use Fate::{Deleted, Left, Released};

fn fate(fixture: &Fixture, before: &emulator::contacts::Contact) -> Fate {
    if !fixture.exists("akuam") {
        Deleted
    } else if fixture.contact("akuam") == *before {
        Left
    } else {
        assert!(fixture.contact("akuam").tags.is_empty());
        Released
    }
}

#[tokio::test]
async fn contract_the_tags_say_what_each_id_deletes() {
    let id = arn("akuam");
    let [stack, logical_id, _] = own(CREATED);
    let cases = [
        (&own(CREATED)[..], [Deleted, Deleted, Deleted]),
        (&own(UPDATED)[..], [Deleted, Deleted, Left]),
        (&own(ADOPTED)[..], [Released, Released, Released]),
        (&own("create:r0/0123456789abcdee")[..], [Deleted, Left, Deleted]),
        (&[stack, logical_id][..], [Released, Left, Left]),
        (&STRANGER[..], [Left; 3]),
    ];
    let fixture = Fixture::on_a_test_clock().await;
    for (tags, fates) in cases {
        for (id, expected) in [id.as_str(), MARKER, MADE_UP].into_iter().zip(fates) {
            let before = fixture.seed("akuam", tags);
            let deleted = fixture.delete(id, &akua(json!({}))).await;
            let answer = success(&deleted);
            assert_eq!(answer.physical_id, id);
            assert!(answer.data.is_empty());
            assert_eq!(deleted.operations()[..2], READS);
            assert_eq!(fate(&fixture, &before), expected, "{tags:?} {id}");
        }
    }
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
}

#[tokio::test]
async fn contract_a_delete_of_a_missing_contact_takes_no_wait() {
    let fixture = Fixture::on_a_test_clock().await;
    // The old properties are never refused.
    for properties in [akua(json!({})), json!({"Nonsense": [1]}), Value::Null] {
        let deleted = fixture.delete(&arn("akuam"), &properties).await;
        success(&deleted);
        assert_eq!(deleted.operations(), READS);
    }
    fixture.switch(|switches| switches.gone_is_invalid_arn = true);
    success(&fixture.delete(&arn("akuam"), &akua(json!({}))).await);
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
}

#[tokio::test]
async fn contract_without_a_replication_set_a_delete_succeeds_whatever_the_words() {
    let fixture = Fixture::on_a_test_clock().await;
    fixture.seed("akuam", &own(CREATED));
    for words in ["Account not found for the request", "Le compte est introuvable", ""] {
        fixture.emulator.contacts.clear_faults();
        for operation in [READS[0], READS[1], "DeleteContact"] {
            fixture.refuse(operation, ServiceError::new("ValidationException", words));
        }
        for id in [arn("akuam").as_str(), MARKER, MADE_UP] {
            let deleted = fixture.delete(id, &akua(json!({}))).await;
            success(&deleted);
            assert_eq!(deleted.operations(), READS, "{id}: {words}");
        }
    }
    assert_eq!(fixture.clock().waited(), Duration::ZERO);
}

#[tokio::test]
async fn contract_tags_that_cant_be_read_fail_the_delete() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &own(CREATED));
    for error in [
        ServiceError::access_denied("ssm-contacts:ListTagsForResource", "*"),
        ServiceError::invalid("Tags can be used only in the first Region"),
    ] {
        fixture.emulator.contacts.clear_faults();
        fixture.refuse("ListTagsForResource", error);
        for id in [arn("akuam").as_str(), MARKER, MADE_UP] {
            let deleted = fixture.delete(id, &akua(json!({}))).await;
            told(&deleted, id, &["ListTagsForResource failed"]);
        }
    }
    assert!(fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_an_alias_that_could_never_be_makes_no_call() {
    let fixture = Fixture::start().await;
    for id in [MADE_UP, MARKER, "some-other-functions-id"] {
        for properties in [json!({"Alias": "NO ALIAS"}), json!({}), Value::Null] {
            let deleted = fixture.delete(id, &properties).await;
            success(&deleted);
            assert!(deleted.calls.is_empty());
        }
    }
}

#[tokio::test]
async fn contract_a_made_up_id_need_not_begin_with_the_stacks_name() {
    // CloudFormation cuts long names of stacks.
    let stack =
        format!("arn:aws:cloudformation:us-east-2:111122223333:stack/{}/1", "s".repeat(120));
    let fixture = Fixture::start().await;
    let mut create = fixture.event("Create", &akua(json!({})));
    create["StackId"] = json!(stack);
    success(&fixture.deliver(create).await);
    let mut delete =
        fixture.delete_event(&format!("{}-Akua-1XB2VS8G3K2W9", "s".repeat(40)), &akua(json!({})));
    delete["StackId"] = json!(stack);
    success(&fixture.deliver(delete).await);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_an_id_of_another_function_takes_nothing_that_an_update_brought() {
    let fixture = Fixture::start().await;
    // Another function created the resource, and its id begins with the stack's name.
    for (id, adopts) in [
        ("on-call-contact-7", false),
        ("on-call-contact-7", true),
        ("2026/11/22/[$LATEST]abc", true),
    ] {
        if adopts {
            fixture.seed("akuam", &[]);
        }
        let properties = akua(json!({"AdoptExisting": adopts}));
        success(&fixture.update(id, &properties, &properties).await);
        let before = fixture.contact("akuam");
        success(&fixture.delete(id, &properties).await);
        assert_eq!(fixture.contact("akuam"), before);
        fixture.backend(|backend| backend.remove("akuam"));
    }
}

#[tokio::test]
async fn contract_the_create_may_still_be_in_progress() {
    for id in [MARKER, MADE_UP] {
        let fixture = Fixture::on_a_test_clock().await;
        let properties = akua(json!({}));
        let create = |backend: &mut emulator::contacts::Backend| {
            backend.seed("akuam", "PERSONAL", &own(CREATED));
        };
        let coming = fixture.once_waited(Duration::from_secs(20), create);
        let (deleted, ()) = tokio::join!(fixture.delete(id, &properties), coming);
        success(&deleted);
        assert!(!fixture.exists("akuam"), "{id}");
        // No contact appears.
        let began = fixture.clock().waited();
        success(&fixture.delete(id, &properties).await);
        assert_eq!(fixture.clock().waited() - began, LOOK);
        // It ends before the deadline.
        let began = fixture.clock().waited();
        let short = akua(json!({"ServiceTimeout": "10"}));
        success(&fixture.delete(id, &short).await);
        let waited = fixture.clock().waited() - began;
        // A quarter is the answer's, and of the rest the last fifth is the calls'.
        let allowed = Duration::from_secs(5)..=Duration::from_secs(6);
        assert!(allowed.contains(&waited), "{waited:?}");
    }
}

#[tokio::test]
async fn contract_an_adoption_may_still_be_in_progress() {
    for (tags, adopt, waits) in [
        (&[][..], "true", true),
        (&[][..], "false", false),
        (&own_as("Old", CREATED)[..], "Old", true),
        (&own_as("Old", CREATED)[..], "true", false),
        (&STRANGER[..], "true", false),
    ] {
        let fixture = Fixture::on_a_test_clock().await;
        let before = fixture.seed("akuam", tags);
        let properties = akua(json!({"AdoptExisting": adopt}));
        success(&fixture.delete(MADE_UP, &properties).await);
        let expected = if waits { LOOK } else { Duration::ZERO };
        assert_eq!(fixture.clock().waited(), expected, "{tags:?} {adopt}");
        assert_eq!(fixture.contact("akuam"), before);
        if !waits {
            continue;
        }
        let adopt = |backend: &mut emulator::contacts::Backend| {
            backend.seed("akuam", "PERSONAL", &own(ADOPTED));
        };
        let coming = fixture.once_waited(Duration::from_secs(20), adopt);
        let (deleted, ()) = tokio::join!(fixture.delete(MADE_UP, &properties), coming);
        success(&deleted);
        assert!(fixture.contact("akuam").tags.is_empty(), "released");
    }
}

#[tokio::test]
async fn contract_a_contact_that_goes_during_its_delete_is_gone() {
    for (origin, operation, refusal) in [
        (CREATED, "DeleteContact", ServiceError::not_found(&arn("akuam"))),
        (CREATED, "DeleteContact", ServiceError::invalid("Account not found for the request")),
        (ADOPTED, "UntagResource", ServiceError::invalid("Invalid resource Arn")),
        (CREATED, "ListTagsForResource", ServiceError::not_found(&arn("akuam"))),
    ] {
        let fixture = Fixture::on_a_test_clock().await;
        fixture.seed("akuam", &own(origin));
        fixture.refuse(operation, refusal);
        let (akuam, properties) = (arn("akuam"), akua(json!({})));
        let going = fixture.once_called(operation, |backend| backend.remove("akuam"));
        let (deleted, ()) = tokio::join!(fixture.delete(&akuam, &properties), going);
        success(&deleted);
    }
}

#[tokio::test]
async fn contract_a_contact_in_use_is_retried_for_30_seconds() {
    let fixture = Fixture::on_a_test_clock().await;
    let (akuam, properties) = (arn("akuam"), akua(json!({})));
    fixture.seed("akuam", &own(CREATED));
    fixture.backend(|backend| backend.add_to_rotation("akuam", ROTATION));
    let deleted = fixture.delete(&akuam, &properties).await;
    told(&deleted, &akuam, &[ROTATION, "RetainResources"]);
    assert_eq!(fixture.clock().waited(), LOOK);
    let operations = deleted.operations();
    let sent = operations.iter().filter(|name| **name == "DeleteContact");
    assert!(sent.count() > 3, "{deleted}");
    let freed = fixture.once_called("DeleteContact", |backend| backend.delete_rotation(ROTATION));
    let (deleted, ()) = tokio::join!(fixture.delete(&akuam, &properties), freed);
    success(&deleted);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_the_clean_up_of_a_first_attempt_never_touches_what_the_retry_made() {
    for (adopts, first_applied) in [(false, true), (false, false), (true, true)] {
        let fixture = Fixture::start().await;
        let properties = akua(json!({"AdoptExisting": adopts}));
        if adopts {
            fixture.seed("akuam", &[]);
        }
        // The first attempt ends without a reply. CloudFormation uses the RequestId again.
        let event = fixture.event("Create", &properties);
        let operation = if adopts { "UpdateContact" } else { "CreateContact" };
        let refused =
            Effect::Refuse(ServiceError::access_denied(&format!("ssm-contacts:{operation}"), "*"));
        let lost = if first_applied && !adopts {
            fixture.fault(Fault::on(operation, Effect::Close).once_applied());
            Fault::on(operation, refused).after(1)
        } else {
            Fault::on(operation, refused)
        };
        fixture.fault(lost);
        let first = fixture.deliver_signed(event.clone(), "20990101T000000Z").await;
        let marker = first.response().unwrap().physical_id.clone();
        failure(&first, &marker);
        let retry = fixture.deliver_signed(event.clone(), "20990101T000001Z").await;
        assert_eq!(success(&retry).physical_id, arn("akuam"));
        let live = fixture.contact("akuam");
        success(&fixture.delete(&marker, &properties).await);
        assert_eq!(fixture.contact("akuam"), live, "{marker}");
        // Its own Delete takes it.
        success(&fixture.delete(&arn("akuam"), &properties).await);
        assert_eq!(fixture.exists("akuam"), adopts);
    }
}
