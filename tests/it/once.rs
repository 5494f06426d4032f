//! docs/behavior.md, section 10: an event may be delivered several times.

use emulator::cloudformation::ResponseStatus;
use emulator::contacts::{Effect, Fault};
use serde_json::json;

use crate::fixture::{
    Fixture, STRANGER, adopting, akua, arn, both_ways, failure, outcome_unknown, own, success,
};

#[tokio::test]
async fn contract_a_redelivered_create_finds_its_own_contact() {
    both_ways(async |fixture| {
        let event = fixture.event("Create", &akua(json!({})));
        success(&fixture.deliver(event.clone()).await);
        fixture
            .emulator
            .contacts
            .backend(emulator::contacts::Backend::expire_tokens);
        let again = fixture.deliver(event).await;
        assert_eq!(success(&again).physical_id, arn("akuam"));
        let expected = ["CreateContact", "GetContact", "ListTagsForResource"];
        assert_eq!(again.operations(), expected, "nothing is left to do");
    })
    .await;
}

#[tokio::test]
async fn contract_a_redelivered_create_sends_the_same_token() {
    for setting in ["on", "off"] {
        let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", setting)).await;
        let event = fixture.event("Create", &akua(json!({})));
        let (first, again) = (
            fixture.deliver(event.clone()).await,
            fixture.deliver(event).await,
        );
        assert_eq!(success(&first), success(&again));
        assert_eq!(again.operations(), ["CreateContact"]);
        assert_eq!(first.calls[0].body, again.calls[0].body);
    }
}

#[tokio::test]
async fn contract_a_templates_token_is_sent_and_its_contact_read_back() {
    let fixture = Fixture::start().await;
    let properties = akua(json!({"IdempotencyToken": "t1"}));
    let created = fixture.create(&properties).await;
    success(&created);
    assert_eq!(
        created.operations(),
        ["CreateContact", "GetContact", "ListTagsForResource"]
    );
    assert_eq!(created.calls[0].body["IdempotencyToken"], "t1");
}

#[tokio::test]
async fn contract_a_templates_old_token_that_brings_back_one_that_is_gone_is_told() {
    let fixture = Fixture::start().await;
    // The service may accept a token only with the parameters of its first use, so the test
    // delivers the same event again.
    let event = fixture.event("Create", &akua(json!({"IdempotencyToken": "t1"})));
    success(&fixture.deliver(event.clone()).await);
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.remove("akuam"));
    let created = fixture.deliver(event).await;
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(reason.contains("change the IdempotencyToken"), "{reason}");
}

#[tokio::test]
async fn contract_a_templates_token_that_brings_back_another_contact_changes_nothing() {
    let fixture = Fixture::start().await;
    let event = fixture.event("Create", &akua(json!({"IdempotencyToken": "t1"})));
    success(&fixture.deliver(event.clone()).await);
    // Another stack has since created a contact with this alias.
    let before = fixture.seed("akuam", &STRANGER);
    let created = fixture.deliver(event).await;
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(reason.contains("stack/other/1"), "{reason}");
    assert_eq!(fixture.contact("akuam"), before);
    // The token was used for another alias.
    let before = fixture.seed("another", &own("r0"));
    let body = json!({"ContactArn": arn("another")}).to_string();
    let answered = Fault::on("CreateContact", Effect::Replace(200, body));
    fixture.emulator.contacts.fault(answered);
    let created = fixture
        .create(&akua(json!({"IdempotencyToken": "t2"})))
        .await;
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(reason.contains("change the IdempotencyToken"), "{reason}");
    assert_eq!(fixture.contact("another"), before);
}

#[tokio::test]
async fn contract_an_updates_create_never_sends_the_templates_token_itself() {
    let fixture = Fixture::start().await;
    let old = akua(json!({"IdempotencyToken": "t1"}));
    let new = akua(json!({"IdempotencyToken": "t1", "Alias": "akua-m"}));
    success(&fixture.create(&old).await);
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    success(&updated);
    let token = updated.calls[0].body["IdempotencyToken"].as_str().unwrap();
    assert_eq!(token.len(), 64);
}

#[tokio::test]
async fn contract_a_crash_between_any_two_calls_ends_in_the_same_state() {
    for killed_at in 0..3 {
        for applied in [false, true] {
            let fixture = Fixture::start().await;
            fixture.seed("akuam", &[]);
            let event = fixture.event("Create", &adopting());
            let mut fault = Fault::on_any(Effect::Stop).after(killed_at);
            if applied {
                fault = fault.once_applied();
            }
            fixture.emulator.contacts.fault(fault);
            let killing = async {
                fixture.emulator.contacts.stopped().await;
                fixture.function.kill().await;
            };
            let (first, ()) = tokio::join!(fixture.deliver(event.clone()), killing);
            assert_eq!(first.outcome, emulator::InvocationOutcome::Exited);
            let second = fixture.deliver(event).await;
            assert_eq!(success(&second).status, ResponseStatus::Success);
            let contact = fixture.contact("akuam");
            assert_eq!(contact.display_name.as_deref(), Some("Akua Mansa"));
            assert_eq!(contact.tags["cloudformation-origin"], "adopted");
        }
    }
}
