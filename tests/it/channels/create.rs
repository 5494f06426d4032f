//! A Create with channels, and one that finds its contact already there.

use std::time::Duration;

use emulator::contacts::{Backend, Effect, Fault, ServiceError};
use serde_json::json;

use super::{
    ANSWERS, MAIL, MOBILE, OTHER, activate, add, changes, channel, channels, mail, mobile, names,
    person, planned, settle, the, under_each_answer,
};
use crate::fixture::{
    Fixture, STRANGER, akua, arn, failure, nothing_created, outcome_unknown, own, success,
};

#[tokio::test]
async fn contract_create_makes_the_channels_and_then_the_plan() {
    for answer in ANSWERS {
        let fixture = Fixture::start().await;
        fixture.switch(answer);
        let created = fixture.create(&person(&[mobile(), mail()])).await;
        assert_eq!(success(&created).physical_id, arn("akuam"));
        let expected = [
            "CreateContact",
            "CreateContactChannel",
            "CreateContactChannel",
            "UpdateContact",
        ];
        assert_eq!(created.operations(), expected);
        let [contact, first, second, update] = &created.calls[..] else {
            panic!("{created}");
        };
        assert_eq!(contact.body["Plan"], json!({"Stages": []}));
        assert_eq!(first.body["Name"], "mobile");
        assert_eq!(first.body["ContactId"], arn("akuam"));
        assert_eq!(
            first.body["DeliveryAddress"],
            json!({"SimpleAddress": MOBILE})
        );
        assert_eq!(second.body["Type"], "EMAIL");
        let token =
            |body: &serde_json::Value| body["IdempotencyToken"].as_str().unwrap().to_owned();
        assert_ne!(token(&first.body), token(&second.body));
        assert_ne!(token(&first.body), token(&contact.body));
        assert!(update.body.get("DisplayName").is_none());
        let arns = [the(&fixture, "mobile").arn, the(&fixture, "mail").arn];
        assert_eq!(planned(&fixture), arns);
    }
}

#[tokio::test]
async fn contract_create_sends_a_plan_that_names_no_channel_at_once() {
    let fixture = Fixture::start().await;
    let stages = json!({"Stages": [{"DurationInMinutes": "5", "Targets": []}]});
    let created = fixture
        .create(&akua(json!({"Channels": [mobile()], "Plan": stages})))
        .await;
    success(&created);
    assert_eq!(
        created.operations(),
        ["CreateContact", "CreateContactChannel"]
    );
    assert_eq!(
        created.calls[0].body["Plan"]["Stages"][0]["DurationInMinutes"],
        5
    );
}

#[tokio::test]
async fn contract_defer_activation_is_sent_as_given() {
    let fixture = Fixture::start().await;
    let mut deferred = mobile();
    deferred["DeferActivation"] = json!("true");
    let created = fixture.create(&person(&[deferred, mail()])).await;
    success(&created);
    assert_eq!(created.calls[1].body["DeferActivation"], true);
    assert!(created.calls[2].body.get("DeferActivation").is_none());
}

#[tokio::test]
async fn contract_a_redelivered_create_makes_no_channel_twice() {
    let died = [false, true];
    for (answer, tokens_died) in ANSWERS.into_iter().flat_map(|a| died.map(|died| (a, died))) {
        let fixture = Fixture::on_a_test_clock("on").await;
        fixture.switch(answer);
        let event = fixture.event("Create", &person(&[mobile(), mail()]));
        success(&fixture.deliver(event.clone()).await);
        let before = (channels(&fixture), fixture.contact("akuam"));
        if tokens_died {
            fixture.emulator.contacts.backend(Backend::expire_tokens);
            // Names that repeat, dead tokens and a list that is behind can't be told from a
            // new channel.
            settle(&fixture);
        }
        success(&fixture.deliver(event).await);
        assert_eq!((channels(&fixture), fixture.contact("akuam")), before);
    }
}

#[tokio::test]
async fn contract_a_create_that_died_after_any_call_ends_in_the_same_state() {
    for killed_after in 0..4 {
        for tokens_died in [false, true] {
            let fixture = Fixture::start().await;
            let event = fixture.event("Create", &person(&[mobile(), mail()]));
            let stop = Fault::on_any(Effect::Stop).after(killed_after);
            fixture.emulator.contacts.fault(stop.once_applied());
            let killing = async {
                fixture.emulator.contacts.stopped().await;
                fixture.function.kill().await;
            };
            let (first, ()) = tokio::join!(fixture.deliver(event.clone()), killing);
            assert_eq!(first.outcome, emulator::InvocationOutcome::Exited);
            if tokens_died {
                fixture.emulator.contacts.backend(Backend::expire_tokens);
            }
            success(&fixture.deliver(event).await);
            assert_eq!(names(&fixture), ["mobile", "mail"], "{killed_after}");
            let arns = [the(&fixture, "mobile").arn, the(&fixture, "mail").arn];
            assert_eq!(planned(&fixture), arns, "{killed_after}");
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
async fn contract_under_off_a_create_that_fails_on_the_way_is_undone_by_created() {
    let fixture = Fixture::with(|function| function.env("OWNERSHIP_TAGS", "off")).await;
    let properties = person(&[channel("mail", "EMAIL", "no mail address")]);
    let created = fixture.create(&properties).await;
    let request = created.event["RequestId"].as_str().unwrap();
    let id = format!("created:{request}");
    failure(&created, &id);
    success(&fixture.delete(&id, &properties).await);
    assert!(!fixture.exists("akuam"));
    // The same where the time runs out between two channels.
    let hang = Fault::on("CreateContactChannel", Effect::Hang).forever();
    fixture.emulator.contacts.fault(hang);
    let mut slow = properties.clone();
    slow["ServiceTimeout"] = json!("2");
    let created = fixture.create(&slow).await;
    let request = created.event["RequestId"].as_str().unwrap();
    failure(&created, &format!("created:{request}"));
}

#[tokio::test]
async fn contract_a_contact_that_can_t_be_found_yet_is_waited_for() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.switch(|switches| switches.readable_after = Duration::from_secs(1));
    success(&fixture.create(&person(&[mobile()])).await);
    assert_eq!(names(&fixture), ["mobile"]);
    assert_eq!(planned(&fixture), [the(&fixture, "mobile").arn]);
}

#[tokio::test]
async fn contract_a_channel_that_is_refused_fails_at_once_if_the_contact_is_found() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let created = fixture
        .create(&person(&[channel("mail", "EMAIL", "no mail address")]))
        .await;
    failure(&created, &outcome_unknown(&created));
    let expected = [
        "CreateContact",
        "CreateContactChannel",
        "ListContactChannels",
    ];
    assert_eq!(created.operations(), expected);
}

#[tokio::test]
async fn contract_a_conflict_of_a_channel_is_followed_by_the_list() {
    // The first delivery made the channel, its token died, and the list is behind.
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.switch(|switches| {
        switches.channel_names_are_unique = true;
        switches.channels_listed_after = Duration::from_secs(1);
    });
    let event = fixture.event("Create", &person(&[mobile()]));
    success(&fixture.deliver(event.clone()).await);
    let before = channels(&fixture);
    fixture.emulator.contacts.backend(Backend::expire_tokens);
    success(&fixture.deliver(event).await);
    assert_eq!(channels(&fixture), before);
    // A conflict that nothing explains is sent again for five seconds, and then told.
    let conflict = ServiceError::conflict("the message tells +12065550107", &arn("akuam"));
    let refuse = Fault::on("CreateContactChannel", Effect::Refuse(conflict));
    fixture.emulator.contacts.fault(refuse.forever());
    let waited = fixture.clock().waited();
    let (old, new) = (person(&[mobile()]), person(&[mobile(), mail()]));
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    let reason = failure(&updated, &arn("akuam"));
    assert!(reason.contains("list-contact-channels"), "{reason}");
    let took = fixture.clock().waited() - waited;
    assert!(took <= Duration::from_secs(10), "{took:?}");
}

#[tokio::test]
async fn contract_a_templates_token_always_counts_as_there() {
    under_each_answer(async |fixture| {
        let mut properties = person(&[mobile()]);
        properties["IdempotencyToken"] = json!("t1");
        let event = fixture.event("Create", &properties);
        let created = fixture.deliver(event.clone()).await;
        success(&created);
        let expected = [
            "CreateContact",
            "GetContact",
            "ListContactChannels",
            "ListTagsForResource",
            "CreateContactChannel",
            "UpdateContact",
        ];
        assert_eq!(created.operations(), expected);
        settle(&fixture);
        success(&fixture.deliver(event).await);
        assert_eq!(names(&fixture), ["mobile"]);
    })
    .await;
}

#[tokio::test]
async fn contract_an_adoption_takes_the_channels_along() {
    under_each_answer(async |fixture| {
        fixture.seed("akuam", &[]);
        let theirs = add(&fixture, "pager", "VOICE", OTHER);
        let same = add(&fixture, "mobile", "SMS", "+12065550107");
        let mut properties = person(&[mobile(), mail()]);
        properties["AdoptExisting"] = json!("true");
        let created = fixture.create(&properties).await;
        success(&created);
        let expected = [
            "CreateContact",
            "TagResource",
            "CreateContactChannel",
            "UpdateContact",
        ];
        assert_eq!(changes(&created), expected);
        assert_eq!(names(&fixture), ["pager", "mobile", "mail"]);
        assert_eq!(planned(&fixture), [same.clone(), the(&fixture, "mail").arn]);
        assert!(the(&fixture, "mobile").is_activated);
        // The release leaves them all.
        let before = channels(&fixture);
        success(&fixture.delete(&arn("akuam"), &properties).await);
        assert_eq!(channels(&fixture), before);
        assert_eq!(the(&fixture, "pager").arn, theirs);
    })
    .await;
}

#[tokio::test]
async fn contract_a_claim_stamps_the_origin_after_every_other_call() {
    under_each_answer(async |fixture| {
        fixture.seed("akuam", &own("r0"));
        add(&fixture, "mobile", "SMS", OTHER);
        let mut properties = person(&[mobile(), mail()]);
        properties["Tags"] = json!([{"Key": "team", "Value": "a"}]);
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
        let digits: String = the(&fixture, "mobile").address;
        assert!(digits.ends_with("0107"), "{digits}");
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
    assert_eq!(channels(&fixture), before);
}

#[tokio::test]
async fn contract_a_claim_that_can_t_tell_a_channel_changes_nothing() {
    let fixture = Fixture::start().await;
    let before = fixture.seed("akuam", &own("r0"));
    add(&fixture, "mail", "EMAIL", "one@example.com");
    add(&fixture, "mail", "EMAIL", "two@example.com");
    let created = fixture.create(&person(&[mobile(), mail()])).await;
    let reason = failure(&created, &outcome_unknown_or_nothing(&created)).to_owned();
    assert!(reason.contains("Several channels"), "{reason}");
    assert_eq!(fixture.contact("akuam"), before);
    assert_eq!(names(&fixture), ["mail", "mail"]);
    // With one of them the template's, it is the one.
    add(&fixture, "mail", "EMAIL", &MAIL.to_uppercase());
    success(&fixture.create(&person(&[mail()])).await);
    let exact = channels(&fixture).into_iter().nth(2).unwrap();
    assert_eq!(planned(&fixture), [exact.arn]);
}

/// The marker of a Create that was refused, and that found a contact.
fn outcome_unknown_or_nothing(created: &emulator::Invocation) -> String {
    let id = &created.response().unwrap().physical_id;
    let allowed = [nothing_created(created), outcome_unknown(created)];
    assert!(allowed.contains(id), "{id}");
    id.clone()
}

#[tokio::test]
async fn contract_an_activation_survives_a_claim() {
    under_each_answer(async |fixture| {
        let properties = person(&[mobile(), mail()]);
        let event = fixture.event("Create", &properties);
        success(&fixture.deliver(event.clone()).await);
        activate(&fixture, "mobile");
        fixture.emulator.contacts.backend(Backend::expire_tokens);
        settle(&fixture);
        success(&fixture.deliver(event).await);
        assert!(the(&fixture, "mobile").is_activated);
    })
    .await;
}

#[tokio::test]
async fn contract_an_alias_that_no_person_holds_is_told_as_such() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.seed("akuam", "ESCALATION", &STRANGER));
    let invalid = ServiceError::invalid("only a PERSONAL contact has contact channels");
    let refuse = Fault::on("ListContactChannels", Effect::Refuse(invalid));
    fixture.emulator.contacts.fault(refuse.forever());
    let created = fixture.create(&person(&[mobile()])).await;
    let reason = created.response().unwrap().reason.clone().unwrap();
    assert!(
        reason.contains("taken by the ESCALATION contact"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_an_adoption_by_an_update_writes_the_addresses() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let mut first = person(&[]);
    first["Alias"] = json!("akua-m");
    success(&fixture.create(&first).await);
    fixture.seed("akuam", &[]);
    add(&fixture, "mobile", "SMS", OTHER);
    let mut second = person(&[mobile()]);
    second["AdoptExisting"] = json!(true);
    success(&fixture.update(&arn("akua-m"), &first, &second).await);
    assert_eq!(the(&fixture, "mobile").address, MOBILE);
}

#[tokio::test]
async fn contract_a_create_that_can_t_tell_a_channel_leaves_nothing_of_its_first_delivery() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let properties = person(&[mobile()]);
    let event = fixture.event("Create", &properties);
    success(&fixture.deliver(event.clone()).await);
    let id = the(&fixture, "mobile").arn;
    fixture.emulator.contacts.backend(|backend| {
        Backend::expire_tokens(backend);
        backend.channel_mut(&id).unwrap().address = OTHER.into();
    });
    add(&fixture, "mobile", "VOICE", OTHER);
    settle(&fixture);
    let again = fixture.deliver(event).await;
    let id = again.response().unwrap().physical_id.clone();
    success(&fixture.delete(&id, &properties).await);
    assert!(!fixture.exists("akuam"), "left behind after {id}");
}

#[tokio::test]
async fn contract_a_channel_that_a_conflict_names_gets_its_address_after_the_plan() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let event = fixture.event("Create", &person(&[mobile()]));
    success(&fixture.deliver(event.clone()).await);
    let id = the(&fixture, "mobile").arn;
    fixture.emulator.contacts.backend(|backend| {
        let c = backend.channel_mut(&id).unwrap();
        c.address = OTHER.into();
        c.is_activated = true;
    });
    let conflict = ServiceError::conflict("A contact channel with this name exists", &id);
    fixture
        .emulator
        .contacts
        .fault(Fault::on("CreateContactChannel", Effect::Refuse(conflict)));
    let again = fixture.deliver(event).await;
    success(&again);
    let at = |name: &str| changes(&again).iter().position(|o| *o == name);
    let (address, plan) = (at("UpdateContactChannel"), at("UpdateContact"));
    assert!(address.is_none() || address > plan, "{:?}", changes(&again));
}
