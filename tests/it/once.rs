//! An event may be delivered several times, and the process may die between any two calls.

use emulator::cloudformation::ResponseStatus;
use emulator::contacts::{Backend, Effect, Fault, ServiceError};
use serde_json::json;

use crate::fixture::{
    CREATED, Fixture, READS, STRANGER, adopting, akua, arn, changes, each_refusal_of_a_taken_alias,
    failure, nothing_created, outcome_unknown, own, success, told,
};
use crate::in_process::InProcess;

#[tokio::test]
async fn contract_a_redelivered_create_finds_its_own_contact() {
    each_refusal_of_a_taken_alias(async |fixture| {
        let event = fixture.event("Create", &akua(json!({})));
        let first = fixture.deliver(event.clone()).await;
        success(&first);
        let before = fixture.contact("akuam");
        let again = fixture.deliver(event.clone()).await;
        assert_eq!(success(&first), success(&again));
        assert_eq!(again.operations(), ["CreateContact"]);
        assert_eq!(first.calls[0].body, again.calls[0].body, "the same token");
        fixture.backend(Backend::expire_tokens);
        let late = fixture.deliver(event.clone()).await;
        assert_eq!(success(&late), success(&first));
        assert_eq!(late.operations(), ["CreateContact", READS[0], READS[1]]);
        fixture.deny(&["GetContact"]);
        let unread = fixture.deliver(event).await;
        failure(&unread, &nothing_created(&unread));
        assert_eq!(fixture.contact("akuam"), before);
    })
    .await;
}

#[tokio::test]
async fn contract_a_retry_with_the_same_request_id_is_another_attempt() {
    let fixture = Fixture::start().await;
    let mut event = fixture.event("Create", &akua(json!({})));
    let first = fixture.deliver_signed(event.clone(), "20990101T000000Z").await;
    success(&first);
    // The rollback deletes it. The service remembers tokens. The template was corrected.
    fixture.backend(|backend| backend.remove("akuam"));
    event["ResourceProperties"]["DisplayName"] = json!("Corrected");
    let retry = fixture.deliver_signed(event, "20990101T000001Z").await;
    success(&retry);
    let token = |n: &emulator::Invocation| n.calls[0].body["IdempotencyToken"].clone();
    assert_ne!(token(&first), token(&retry));
    assert_eq!(fixture.contact("akuam").display_name.as_deref(), Some("Corrected"));
}

#[tokio::test]
async fn contract_a_crash_between_any_two_calls_ends_in_the_same_state() {
    let (old, new) = (
        akua(json!({"Tags": [{"Key": "old", "Value": "1"}]})),
        akua(json!({"DisplayName": "New", "Tags": [{"Key": "new", "Value": "1"}]})),
    );
    for request_type in ["Create", "Adopt", "Update", "Delete"] {
        for call in 0.. {
            let mut ended = false;
            for applied in [false, true] {
                let fixture = Fixture::start().await;
                let event = match request_type {
                    "Create" => fixture.event("Create", &old),
                    "Adopt" => {
                        fixture.seed("akuam", &[]);
                        fixture.event("Create", &adopting())
                    }
                    _ => {
                        success(&fixture.create(&old).await);
                        let mut event = fixture.update_event(&arn("akuam"), &old, &new);
                        event["RequestType"] = json!(request_type);
                        event
                    }
                };
                ended |= !fixture.dies_at(event.clone(), call, applied).await;
                success(&fixture.deliver(event).await);
                assert_eq!(fixture.exists("akuam"), request_type != "Delete");
                if request_type == "Delete" {
                    continue;
                }
                let contact = fixture.contact("akuam");
                let name = if request_type == "Update" { "New" } else { "Akua Mansa" };
                assert_eq!(contact.display_name.as_deref(), Some(name));
                assert_eq!(contact.tags.contains_key("new"), request_type == "Update");
                assert_eq!(contact.tags.contains_key("old"), request_type == "Create");
                let origin = fixture.origin("akuam");
                assert!(origin.starts_with("create:"), "{origin}");
                assert_eq!(origin.contains("adopted"), request_type == "Adopt");
            }
            if ended {
                assert!(call > 0, "{request_type}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn contract_two_deliveries_at_a_time_make_one_contact() {
    let fixture = Fixture::start().await;
    let function = InProcess::start(&fixture.emulator).await;
    let channel = json!({"Name": "mail", "Type": "EMAIL", "DeliveryAddress": {"SimpleAddress": "a@example.com"}});
    let person = akua(json!({"Channels": [channel]}));
    for event in [
        fixture.event("Create", &person),
        fixture.update_event(&arn("akuam"), &person, &akua(json!({"DisplayName": "New"}))),
        fixture.delete_event(&arn("akuam"), &person),
    ] {
        let event = fixture.presigned(event);
        let puts = fixture.emulator.sink.count();
        let both = tokio::join!(function.invoke(event.clone()), function.invoke(event.clone()));
        assert_eq!(both, (true, true));
        for put in fixture.emulator.sink.puts_since(puts) {
            let answer = put.response.unwrap();
            assert_eq!(answer.status, ResponseStatus::Success, "{:?}", answer.reason);
            assert_eq!(answer.physical_id, arn("akuam"));
        }
        let channels = fixture.backend(|backend| backend.channels("akuam").len());
        assert!(channels <= 1, "{channels}");
        assert_eq!(fixture.exists("akuam"), event["RequestType"] != "Delete");
    }
}

#[tokio::test]
async fn contract_a_templates_token_is_sent_and_its_contact_read_back() {
    let fixture = Fixture::start().await;
    let event = fixture.event("Create", &akua(json!({"IdempotencyToken": "t1"})));
    let created = fixture.deliver(event.clone()).await;
    success(&created);
    assert_eq!(created.operations(), ["CreateContact", READS[0], READS[1]]);
    assert_eq!(created.calls[0].body["IdempotencyToken"], "t1");
    let expected = success(&fixture.deliver(event.clone()).await).clone();
    assert_eq!(expected.physical_id, arn("akuam"));
    let says_so = |delivered: &emulator::Invocation| {
        told(delivered, &outcome_unknown(delivered), &["change the IdempotencyToken"]);
    };
    // The contact of the token is gone.
    fixture.backend(|backend| backend.remove("akuam"));
    says_so(&fixture.deliver(event.clone()).await);
    // Another stack has since created a contact with this alias.
    let before = fixture.seed("akuam", &STRANGER);
    let created = fixture.deliver(event).await;
    told(&created, &outcome_unknown(&created), &["stack/other/1"]);
    assert_eq!(fixture.contact("akuam"), before);
    // The token was used for another alias.
    let before = fixture.seed("another", &own(CREATED));
    let body = json!({"ContactArn": arn("another")}).to_string();
    fixture.fault(Fault::on("CreateContact", Effect::Replace(200, body)));
    let with_token = akua(json!({"Alias": "akua-m", "IdempotencyToken": "t2"}));
    says_so(&fixture.create(&with_token).await);
    assert_eq!(fixture.contact("another"), before);
    // The service refuses it.
    let with_token = akua(json!({"Alias": "akua-m", "IdempotencyToken": "t1"}));
    let created = fixture.create(&with_token).await;
    told(&created, &nothing_created(&created), &["change the IdempotencyToken"]);
}

#[tokio::test]
async fn contract_only_a_create_sends_the_templates_token_itself() {
    let fixture = Fixture::start().await;
    let old = akua(json!({"IdempotencyToken": "t1"}));
    let new = akua(json!({"IdempotencyToken": "t1", "Alias": "akua-m"}));
    success(&fixture.create(&old).await);
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    success(&updated);
    let token = updated.calls[0].body["IdempotencyToken"].as_str().unwrap();
    assert!(token.len() == 64 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
    // Its refusal is no reason to change the template's token.
    let conflict =
        ServiceError::new("ConflictException", "A create with this token is in progress");
    fixture.refuse("CreateContact", conflict);
    let created = fixture.create(&akua(json!({"Alias": "another"}))).await;
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(!reason.contains("change the IdempotencyToken"), "{reason}");
    assert_eq!(changes(&created), ["CreateContact"]);
}
