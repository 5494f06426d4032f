//! A Create with channels, and one that finds its contact already there.

use emulator::contacts::{Backend, Effect, Fault, ServiceError};
use serde_json::{Value, json};

use super::{
    ANSWERS, MOBILE, OTHER, activate, add, channel, channels, mail, mobile, names, person, planned,
    sms, the, under_each_answer,
};
use crate::fixture::{
    CREATED, Fixture, STRANGER, akua, arn, assert_attempt, changes, failure, nothing_created,
    outcome_unknown, own, success, told, with,
};

#[tokio::test]
async fn contract_create_makes_the_channels_and_then_the_plan() {
    for answer in ANSWERS {
        let fixture = Fixture::start().await;
        fixture.switch(answer);
        let mut deferred = mail();
        deferred["DeferActivation"] = json!("true");
        let created = fixture.create(&person(&[mobile(), deferred])).await;
        assert_eq!(success(&created).physical_id, arn("akuam"));
        let expected =
            ["CreateContact", "CreateContactChannel", "CreateContactChannel", "UpdateContact"];
        assert_eq!(created.operations(), expected);
        let [contact, first, second, update] = &created.calls[..] else {
            panic!("{created}");
        };
        assert_eq!(contact.body["Plan"], json!({"Stages": []}));
        let token = |body: &Value| body["IdempotencyToken"].as_str().unwrap().to_owned();
        let tokens = [contact, first, second].map(|call| token(&call.body));
        assert!(tokens[0] != tokens[1] && tokens[0] != tokens[2] && tokens[1] != tokens[2]);
        let sent = json!({"ContactId": arn("akuam"), "Name": "mobile", "Type": "SMS",
            "DeliveryAddress": {"SimpleAddress": MOBILE}, "IdempotencyToken": tokens[1]});
        assert_eq!(first.body, sent);
        assert_eq!(second.body["DeferActivation"], true);
        assert!(update.body.get("DisplayName").is_none());
        assert_eq!(planned(&fixture), ["mobile", "mail"]);
    }
}

#[tokio::test]
async fn contract_create_sends_a_plan_that_names_no_channel_at_once() {
    let fixture = Fixture::start().await;
    let stages = json!({"Stages": [{"DurationInMinutes": "5", "Targets": []}]});
    let created = fixture.create(&akua(json!({"Channels": [mobile()], "Plan": stages}))).await;
    success(&created);
    assert_eq!(created.operations(), ["CreateContact", "CreateContactChannel"]);
    assert_eq!(created.calls[0].body["Plan"]["Stages"][0]["DurationInMinutes"], 5);
}

#[tokio::test]
async fn contract_a_redelivered_create_makes_no_channel_twice() {
    under_each_answer(async |fixture| {
        let event = fixture.event("Create", &person(&[mobile(), mail()]));
        success(&fixture.deliver(event.clone()).await);
        activate(&fixture, "mobile");
        let before = (channels(&fixture), fixture.contact("akuam"));
        for tokens_died in [false, true] {
            if tokens_died {
                fixture.backend(Backend::expire_tokens);
            }
            success(&fixture.deliver(event.clone()).await);
            assert_eq!((channels(&fixture), fixture.contact("akuam")), before);
        }
    })
    .await;
}

#[tokio::test]
async fn contract_a_create_that_died_after_any_call_ends_in_the_same_state() {
    for call in 0..4 {
        for tokens_died in [false, true] {
            let fixture = Fixture::start().await;
            let event = fixture.event("Create", &person(&[mobile(), mail()]));
            assert!(fixture.dies_at(event.clone(), call, true).await);
            if tokens_died {
                fixture.backend(Backend::expire_tokens);
            }
            let created = fixture.deliver(event).await;
            success(&created);
            assert_eq!(names(&fixture), ["mobile", "mail"], "{call}");
            assert_eq!(planned(&fixture), ["mobile", "mail"], "{call}");
            assert_attempt(&fixture.origin("akuam"), "create:", &created);
        }
    }
}

#[tokio::test]
async fn contract_a_create_that_fails_on_the_way_is_undone() {
    under_each_answer(async |fixture| {
        let refused = channel("mail", "EMAIL", "no mail address");
        let properties = person(&[mobile(), refused]);
        let created = fixture.create(&properties).await;
        let id = outcome_unknown(&created);
        failure(&created, &id);
        assert!(fixture.exists("akuam"), "the contact was created");
        success(&fixture.delete(&id, &properties).await);
        assert!(!fixture.exists("akuam"));
    })
    .await;
}

#[tokio::test]
async fn contract_a_conflict_of_a_channel_is_followed_by_the_list() {
    let fixture = Fixture::on_a_test_clock().await;
    let event = fixture.event("Create", &person(&[mobile(), mail()]));
    let lost = Fault::on("CreateContactChannel", Effect::Refuse(ServiceError::internal()));
    fixture.fault(lost.once_applied());
    fixture.switch(|switches| {
        switches.channel_names_are_unique = true;
        switches.forgets_channel_tokens = true;
    });
    let created = fixture.deliver(event).await;
    success(&created);
    let operations = created.operations();
    assert!(operations.contains(&"ListContactChannels"), "{operations:?}");
    assert_eq!(planned(&fixture), ["mobile", "mail"]);
    // A conflict that no such channel explains is told.
    let conflict = ServiceError::conflict("the message tells +12065550107", &arn("akuam"));
    fixture.refuse("CreateContactChannel", conflict);
    let (old, new) =
        (person(&[mobile(), mail()]), person(&[mobile(), mail(), sms("pager", OTHER)]));
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    told(&updated, &arn("akuam"), &["list-contact-channels"]);
}

#[tokio::test]
async fn contract_a_redelivery_that_may_not_list_is_cleaned_up() {
    let fixture = Fixture::on_a_test_clock().await;
    let properties = person(&[mobile()]);
    let event = fixture.event("Create", &properties);
    success(&fixture.deliver(event.clone()).await);
    fixture.backend(Backend::expire_tokens);
    fixture.deny(&["ListContactChannels"]);
    let again = fixture.deliver(event).await;
    let id = outcome_unknown(&again);
    told(&again, &id, &["ListContactChannels"]);
    success(&fixture.delete(&id, &properties).await);
    assert!(!fixture.exists("akuam"));
}

#[tokio::test]
async fn contract_a_templates_token_always_counts_as_there() {
    under_each_answer(async |fixture| {
        let properties = with(&person(&[mobile()]), json!({"IdempotencyToken": "t1"}));
        let event = fixture.event("Create", &properties);
        let created = fixture.deliver(event.clone()).await;
        success(&created);
        assert_eq!(changes(&created), ["CreateContact", "CreateContactChannel", "UpdateContact"]);
        success(&fixture.deliver(event).await);
        assert_eq!(names(&fixture), ["mobile"]);
    })
    .await;
}

#[tokio::test]
async fn contract_an_adoption_takes_the_channels_along() {
    under_each_answer(async |fixture| {
        fixture.seed("akuam", &[]);
        add(&fixture, "pager", "VOICE", OTHER);
        add(&fixture, "mobile", "SMS", "+12065550107");
        let properties = with(&person(&[mobile(), mail()]), json!({"AdoptExisting": "true"}));
        let created = fixture.create(&properties).await;
        success(&created);
        let expected = ["CreateContact", "TagResource", "CreateContactChannel", "UpdateContact"];
        assert_eq!(changes(&created), expected);
        assert_eq!(names(&fixture), ["pager", "mobile", "mail"]);
        assert_eq!(planned(&fixture), ["mobile", "mail"]);
        assert!(the(&fixture, "mobile").is_activated);
        // The release leaves them all.
        let before = channels(&fixture);
        success(&fixture.delete(&arn("akuam"), &properties).await);
        assert_eq!(channels(&fixture), before);
    })
    .await;
}

#[tokio::test]
async fn contract_a_claim_writes_the_origin_after_every_other_call() {
    under_each_answer(async |fixture| {
        fixture.seed("akuam", &own(CREATED));
        fixture.backend(|backend| backend.add_channel("akuam", "mobile", "SMS", OTHER, false));
        let properties =
            with(&person(&[mobile(), mail()]), json!({"Tags": [{"Key": "team", "Value": "a"}]}));
        let created = fixture.create(&properties).await;
        success(&created);
        let expected = [
            "CreateContact",
            "CreateContactChannel",
            "UpdateContact",
            "TagResource",
            "UpdateContactChannel",
            "TagResource",
        ];
        assert_eq!(changes(&created), expected);
        assert!(the(&fixture, "mobile").address.ends_with("0107"));
    })
    .await;
}

#[tokio::test]
async fn contract_a_strangers_contact_keeps_its_channels() {
    let fixture = Fixture::start().await;
    fixture.seed("akuam", &STRANGER);
    add(&fixture, "mobile", "SMS", OTHER);
    let before = channels(&fixture);
    let created = fixture.create(&person(&[mobile(), mail()])).await;
    failure(&created, &nothing_created(&created));
    success(&fixture.delete(&arn("akuam"), &person(&[mobile()])).await);
    assert_eq!(channels(&fixture), before);
    // The service may refuse the list of a contact that is no person.
    fixture.backend(|backend| backend.seed("akuam", "ESCALATION", &STRANGER));
    fixture.refuse(
        "ListContactChannels",
        ServiceError::invalid("only a PERSONAL contact has channels"),
    );
    let created = fixture.create(&person(&[mobile()])).await;
    told(&created, &nothing_created(&created), &["taken by the ESCALATION contact"]);
}
