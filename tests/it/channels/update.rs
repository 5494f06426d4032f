//! An Update of a contact with channels, and its rollback.

use std::time::Duration;

use emulator::contacts::{Backend, Effect, Fault, ServiceError};
use serde_json::{Value, json};

use super::{
    MAIL, MOBILE, OTHER, activate, add, changes, channel, channels, mail, mobile, names, person,
    planned, settle, the, under_each_answer,
};
use crate::fixture::{Fixture, akua, arn, failure, success};

/// Creates the contact, and lets the list catch up.
async fn created(fixture: &Fixture, properties: &Value) {
    success(&fixture.create(properties).await);
    settle(fixture);
}

#[tokio::test]
async fn contract_update_reads_everything_in_one_round_trip_and_changes_nothing() {
    under_each_answer(async |fixture| {
        let properties = person(&[mobile(), mail()]);
        created(&fixture, &properties).await;
        let before = channels(&fixture);
        let updated = fixture
            .update(&arn("akuam"), &properties, &properties)
            .await;
        success(&updated);
        assert_eq!(changes(&updated), [""; 0]);
        assert_eq!(channels(&fixture), before);
    })
    .await;
    let fixture = Fixture::start().await;
    let properties = person(&[mobile()]);
    success(&fixture.create(&properties).await);
    let updated = fixture
        .update(&arn("akuam"), &properties, &properties)
        .await;
    let expected = ["GetContact", "ListContactChannels", "ListTagsForResource"];
    assert_eq!(updated.operations(), expected);
}

#[tokio::test]
async fn contract_a_template_without_channels_makes_no_channel_call() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&fixture.create(&old).await);
    add(&fixture, "mobile", "SMS", OTHER);
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    assert_eq!(
        updated.operations(),
        ["GetContact", "ListTagsForResource", "UpdateContact"]
    );
    let deleted = fixture.delete(&arn("akuam"), &new).await;
    assert_eq!(
        deleted.operations(),
        ["ListTagsForResource", "DeleteContact"]
    );
}

#[tokio::test]
async fn contract_update_adds_a_channel_before_the_plan_and_drops_one_after_it() {
    under_each_answer(async |fixture| {
        let (old, new) = (person(&[mobile()]), person(&[mail()]));
        created(&fixture, &old).await;
        let theirs = add(&fixture, "pager", "VOICE", OTHER);
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        success(&updated);
        let expected = [
            "CreateContactChannel",
            "UpdateContact",
            "DeleteContactChannel",
        ];
        assert_eq!(changes(&updated), expected);
        assert_eq!(names(&fixture), ["pager", "mail"]);
        assert_eq!(planned(&fixture), [the(&fixture, "mail").arn]);
        // The rollback, at once.
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        assert_eq!(names(&fixture), ["pager", "mobile"]);
        assert_eq!(planned(&fixture), [the(&fixture, "mobile").arn]);
        assert_eq!(the(&fixture, "pager").arn, theirs);
        assert!(the(&fixture, "pager").is_activated);
    })
    .await;
}

#[tokio::test]
async fn contract_an_activated_channel_that_the_template_drops_stays() {
    under_each_answer(async |fixture| {
        let (old, new) = (person(&[mobile(), mail()]), person(&[mail()]));
        created(&fixture, &old).await;
        activate(&fixture, "mobile");
        let before = the(&fixture, "mobile");
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        success(&updated);
        assert_eq!(changes(&updated), ["UpdateContact"], "out of the plan only");
        assert_eq!(the(&fixture, "mobile"), before);
        assert_eq!(planned(&fixture), [the(&fixture, "mail").arn]);
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        assert_eq!(the(&fixture, "mobile"), before, "the rollback has it again");
        assert_eq!(planned(&fixture), [before.arn, the(&fixture, "mail").arn]);
    })
    .await;
}

#[tokio::test]
async fn contract_a_channel_under_a_new_name_keeps_its_activation() {
    under_each_answer(async |fixture| {
        let renamed = channel("phone", "SMS", "+1-206-555-0107");
        let (old, new) = (person(&[mobile()]), person(&[renamed]));
        created(&fixture, &old).await;
        activate(&fixture, "mobile");
        let arn_before = the(&fixture, "mobile").arn;
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        success(&updated);
        assert_eq!(
            changes(&updated),
            ["UpdateContactChannel"],
            "the plan stays"
        );
        let body = &updated.calls.last().unwrap().body;
        assert_eq!(body["Name"], "phone");
        assert!(body.get("DeliveryAddress").is_none());
        let phone = the(&fixture, "phone");
        assert_eq!((&phone.arn, phone.is_activated), (&arn_before, true));
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        let mobile = the(&fixture, "mobile");
        assert_eq!((&mobile.arn, mobile.is_activated), (&arn_before, true));
        assert_eq!(names(&fixture), ["mobile"]);
    })
    .await;
}

#[tokio::test]
async fn contract_a_changed_address_is_written_after_the_plan() {
    under_each_answer(async |fixture| {
        let changed = channel("mobile", "SMS", OTHER);
        let (old, new) = (person(&[mobile()]), person(&[changed, mail()]));
        created(&fixture, &old).await;
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        success(&updated);
        let expected = [
            "CreateContactChannel",
            "UpdateContact",
            "UpdateContactChannel",
        ];
        assert_eq!(changes(&updated), expected);
        assert_eq!(the(&fixture, "mobile").address, OTHER);
        // The rollback, at once: the list may still have the old address.
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        assert!(the(&fixture, "mobile").address.ends_with("0107"));
        assert_eq!(names(&fixture), ["mobile"]);
    })
    .await;
}

#[tokio::test]
async fn contract_the_same_address_in_another_form_is_no_difference() {
    under_each_answer(async |fixture| {
        let same = [
            channel("mobile", "SMS", "+12065550107"),
            channel("mail", "EMAIL", &MAIL.to_uppercase()),
        ];
        let (old, new) = (person(&[mobile(), mail()]), person(&same));
        created(&fixture, &old).await;
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        success(&updated);
        assert_eq!(changes(&updated), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn contract_an_address_that_a_person_changed_stays() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let mut new = old.clone();
        new["DisplayName"] = json!("New");
        created(&fixture, &old).await;
        let id = the(&fixture, "mobile").arn;
        fixture.emulator.contacts.backend(|backend| {
            let channel = backend.channel_mut(&id).unwrap();
            channel.address = OTHER.into();
            channel.is_activated = true;
        });
        let before = channels(&fixture);
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        success(&updated);
        assert_eq!(changes(&updated), ["UpdateContact"]);
        assert_eq!(channels(&fixture), before);
        // An update that was refused, and that wanted another address, is rolled back.
        let mut refused = person(&[channel("mobile", "SMS", "+12065550109")]);
        refused["Colour"] = json!("red");
        failure(
            &fixture.update(&arn("akuam"), &new, &refused).await,
            &arn("akuam"),
        );
        success(&fixture.update(&arn("akuam"), &refused, &new).await);
        assert_eq!(channels(&fixture), before);
    })
    .await;
}

#[tokio::test]
async fn contract_a_changed_type_of_a_kept_name_is_refused() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let new = person(&[mail(), channel("mobile", "VOICE", MOBILE)]);
        created(&fixture, &old).await;
        let before = (channels(&fixture), fixture.contact("akuam"));
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        let reason = failure(&updated, &arn("akuam"));
        assert!(reason.contains("another Name"), "{reason}");
        assert_eq!((channels(&fixture), fixture.contact("akuam")), before);
        let rolled_back = fixture.update(&arn("akuam"), &new, &old).await;
        success(&rolled_back);
        assert_eq!((channels(&fixture), fixture.contact("akuam")), before);
    })
    .await;
}

#[tokio::test]
async fn contract_a_channel_that_was_made_anew_with_another_type_stays() {
    let fixture = Fixture::start().await;
    let properties = person(&[mobile()]);
    success(&fixture.create(&properties).await);
    let id = the(&fixture, "mobile").arn;
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.remove_channel(&id));
    let new_id = add(&fixture, "mobile", "VOICE", OTHER);
    let before = channels(&fixture);
    let updated = fixture
        .update(&arn("akuam"), &properties, &properties)
        .await;
    success(&updated);
    assert_eq!(changes(&updated), ["UpdateContact"], "the plan follows");
    assert_eq!(channels(&fixture), before);
    assert_eq!(planned(&fixture), [new_id]);
    let log = fixture.function.whole_log().await.join("\n");
    assert!(
        log.contains("WARN") && log.contains("left as it is"),
        "{log}"
    );
}

#[tokio::test]
async fn contract_several_channels_of_a_name_and_none_the_templates_is_refused() {
    let fixture = Fixture::start().await;
    let (old, new) = (person(&[mail()]), person(&[mail(), mobile()]));
    success(&fixture.create(&old).await);
    add(&fixture, "mobile", "SMS", OTHER);
    add(&fixture, "mobile", "VOICE", MOBILE);
    let before = (channels(&fixture), fixture.contact("akuam"));
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    let reason = failure(&updated, &arn("akuam"));
    assert!(reason.contains("Several channels"), "{reason}");
    assert_eq!((channels(&fixture), fixture.contact("akuam")), before);
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    assert_eq!((channels(&fixture), fixture.contact("akuam")), before);
}

#[tokio::test]
async fn contract_a_channel_that_was_deleted_outside_is_made_again() {
    under_each_answer(async |fixture| {
        let properties = person(&[mobile()]);
        created(&fixture, &properties).await;
        let id = the(&fixture, "mobile").arn;
        fixture
            .emulator
            .contacts
            .backend(|backend| backend.remove_channel(&id));
        success(
            &fixture
                .update(&arn("akuam"), &properties, &properties)
                .await,
        );
        assert_eq!(planned(&fixture), [the(&fixture, "mobile").arn]);
    })
    .await;
}

#[tokio::test]
async fn contract_a_list_that_is_behind_is_waited_for() {
    let fixture = Fixture::on_a_test_clock("on").await;
    fixture.switch(|switches| switches.channels_listed_after = Duration::from_secs(1));
    let (old, new) = (person(&[mobile()]), person(&[mobile(), mail()]));
    success(&fixture.create(&old).await);
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    success(&updated);
    assert_eq!(changes(&updated), ["CreateContactChannel", "UpdateContact"]);
    assert_eq!(names(&fixture), ["mobile", "mail"]);
}

#[tokio::test]
async fn contract_a_redelivered_update_ends_in_the_same_state() {
    let died = [false, true];
    for (answer, tokens_died) in super::ANSWERS
        .into_iter()
        .flat_map(|a| died.map(|d| (a, d)))
    {
        let fixture = Fixture::on_a_test_clock("on").await;
        fixture.switch(answer);
        let renamed = channel("phone", "SMS", MOBILE);
        let (old, new) = (person(&[mobile()]), person(&[renamed, mail()]));
        created(&fixture, &old).await;
        activate(&fixture, "mobile");
        let event = fixture.update_event(&arn("akuam"), &old, &new);
        success(&fixture.deliver(event.clone()).await);
        let before = (channels(&fixture), fixture.contact("akuam"));
        if tokens_died {
            fixture.emulator.contacts.backend(Backend::expire_tokens);
            settle(&fixture);
        }
        success(&fixture.deliver(event).await);
        assert_eq!((channels(&fixture), fixture.contact("akuam")), before);
    }
}

#[tokio::test]
async fn contract_a_dropped_plan_is_cleared_if_the_channels_are_as_they_were() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let mut new = old.clone();
        new.as_object_mut().unwrap().remove("Plan");
        created(&fixture, &old).await;
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        assert_eq!(planned(&fixture), [""; 0]);
        assert_eq!(names(&fixture), ["mobile"]);
    })
    .await;
}

#[tokio::test]
async fn contract_another_alias_gets_channels_of_its_own() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let mut new = old.clone();
        new["Alias"] = json!("akua-m");
        created(&fixture, &old).await;
        let before = channels(&fixture);
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        let of_new = |backend: &mut Backend| backend.channels("akua-m");
        assert_eq!(fixture.emulator.contacts.backend(of_new).len(), 1);
        assert_eq!(channels(&fixture), before);
        // The rollback, with the new id.
        success(&fixture.update(&arn("akua-m"), &new, &old).await);
        assert_eq!(channels(&fixture), before);
    })
    .await;
}

#[tokio::test]
async fn contract_a_rollback_does_not_fail_for_channels_that_may_not_be_listed_or_deleted() {
    let (old, new) = (akua(json!({})), akua(json!({"Channels": [mobile()]})));
    let fixture = Fixture::start().await;
    success(&fixture.create(&old).await);
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    fixture.deny(&["DeleteContactChannel"]);
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    fixture.deny(&["ListContactChannels"]);
    let rolled_back = fixture.update(&arn("akuam"), &new, &old).await;
    success(&rolled_back);
    assert_eq!(changes(&rolled_back), [""; 0]);
    assert_eq!(names(&fixture), ["mobile"]);
    let log = fixture.function.whole_log().await.join("\n");
    assert!(log.contains("not deleted"), "{log}");
    assert!(log.contains("keeps its channels"), "{log}");
    // A template with channels can't do without the list.
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    let reason = failure(&updated, &arn("akuam"));
    assert!(
        reason.contains("ssm-contacts:ListContactChannels"),
        "{reason}"
    );
}

#[tokio::test]
async fn contract_several_channels_that_no_template_changes_stay() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let old = person(&[mobile()]);
    let new = named(old.clone(), "New");
    created(&fixture, &old).await;
    let id = the(&fixture, "mobile").arn;
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.channel_mut(&id).unwrap().address = OTHER.into());
    add(&fixture, "mobile", "VOICE", OTHER);
    fixture.update(&arn("akuam"), &old, &new).await;
    success(&fixture.update(&arn("akuam"), &new, &old).await);
}

#[tokio::test]
async fn contract_a_list_that_is_refused_for_another_type_is_not_needed() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let old = json!({"Alias": "akuam", "Type": "ESCALATION"});
    let new = person(&[mobile()]);
    success(&fixture.create(&old).await);
    let invalid = ServiceError::invalid("only a PERSONAL contact has contact channels");
    let refuse = Fault::on("ListContactChannels", Effect::Refuse(invalid));
    fixture.emulator.contacts.fault(refuse.forever());
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    let reason = failure(&updated, &arn("akuam")).to_owned();
    let rolled_back = fixture.update(&arn("akuam"), &new, &old).await;
    success(&rolled_back);
    assert!(reason.contains("change the Alias together"), "{reason}");
}

/// A plan that names a channel by its ARN.
fn by_arn(id: &str) -> Value {
    let target = json!({"ContactChannelId": id, "RetryIntervalInMinutes": 1});
    json!({"Stages": [{"DurationInMinutes": 5, "Targets": [{"ChannelTargetInfo": target}]}]})
}

#[tokio::test]
async fn contract_a_channel_that_the_plan_names_by_its_arn_stays() {
    let fixture = Fixture::on_a_test_clock("on").await;
    created(&fixture, &akua(json!({}))).await;
    let id = fixture
        .emulator
        .contacts
        .backend(|backend| backend.add_channel("akuam", "mobile", "SMS", MOBILE, false));
    let old = akua(json!({"Plan": by_arn(&id)}));
    success(&fixture.update(&arn("akuam"), &akua(json!({})), &old).await);
    // The channel moves into the template, and back.
    let new = person(&[mobile()]);
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    assert_eq!(planned(&fixture), std::slice::from_ref(&id));
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    assert_eq!(planned(&fixture), std::slice::from_ref(&id));
    assert_eq!(
        names(&fixture),
        ["mobile"],
        "the plan names a channel that is gone"
    );
}

#[tokio::test]
async fn contract_a_channel_that_somebody_elses_plan_names_stays() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let mut old = akua(json!({}));
    old.as_object_mut().unwrap().remove("Plan");
    created(&fixture, &old).await;
    let id = fixture
        .emulator
        .contacts
        .backend(|backend| backend.add_channel("akuam", "mobile", "SMS", MOBILE, false));
    fixture
        .emulator
        .contacts
        .backend(|backend| backend.contact_mut("akuam").unwrap().plan = by_arn(&id));
    let mut new = person(&[mobile()]);
    new.as_object_mut().unwrap().remove("Plan");
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    success(&fixture.update(&arn("akuam"), &new, &old).await);
    assert_eq!(
        names(&fixture),
        ["mobile"],
        "the plan names a channel that is gone"
    );
}

#[tokio::test]
async fn contract_a_new_name_that_a_channel_of_another_type_has_is_refused() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let (old, new) = (person(&[mail()]), person(&[mail(), mobile()]));
    created(&fixture, &old).await;
    add(&fixture, "mobile", "VOICE", OTHER);
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    let reason = failure(&updated, &arn("akuam"));
    assert!(reason.contains("another Name"), "{reason}");
    assert_eq!(changes(&updated), [""; 0]);
}

#[tokio::test]
async fn contract_an_empty_next_token_ends_the_list() {
    let fixture = Fixture::start().await;
    let old = person(&[mobile()]);
    success(&fixture.create(&old).await);
    let page = json!({"ContactChannels": channels(&fixture).iter().map(emulator::contacts::Channel::output).collect::<Vec<_>>(), "NextToken": ""});
    fixture.emulator.contacts.fault(
        Fault::on(
            "ListContactChannels",
            Effect::Replace(200, page.to_string()),
        )
        .forever(),
    );
    let mut new = named(old.clone(), "New");
    new["ServiceTimeout"] = json!("4");
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    let lists = updated
        .operations()
        .iter()
        .filter(|o| **o == "ListContactChannels")
        .count();
    assert_eq!(lists, 1);
    success(&updated);
}

#[tokio::test]
async fn contract_a_deleted_channel_that_the_list_still_has_is_waited_for() {
    for wanted in [
        channel("mobile", "VOICE", OTHER),
        channel("mobile", "SMS", OTHER),
    ] {
        let fixture = Fixture::on_a_test_clock("on").await;
        fixture.switch(|switches| switches.channels_listed_after = Duration::from_secs(1));
        let (first, second, third) = (
            person(&[mobile(), mail()]),
            person(&[mail()]),
            person(&[mail(), wanted]),
        );
        created(&fixture, &first).await;
        success(&fixture.update(&arn("akuam"), &first, &second).await);
        let updated = fixture.update(&arn("akuam"), &second, &third).await;
        settle(&fixture);
        success(&updated);
        let arns = [the(&fixture, "mail").arn, the(&fixture, "mobile").arn];
        assert_eq!(planned(&fixture), arns);
    }
}

#[tokio::test]
async fn contract_two_channels_of_one_address_keep_their_activations_under_new_names() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let old = person(&[mobile(), channel("second", "SMS", MOBILE)]);
    let new = person(&[channel("one", "SMS", MOBILE), channel("two", "SMS", MOBILE)]);
    created(&fixture, &old).await;
    activate(&fixture, "mobile");
    activate(&fixture, "second");
    let updated = fixture.update(&arn("akuam"), &old, &new).await;
    success(&updated);
    assert_eq!(
        changes(&updated),
        ["UpdateContactChannel", "UpdateContactChannel"]
    );
}

fn named(mut properties: Value, name: &str) -> Value {
    properties["DisplayName"] = json!(name);
    properties
}

#[tokio::test]
async fn contract_an_activated_channel_of_a_name_that_a_template_adds_keeps_its_address() {
    under_each_answer(async |fixture| {
        let (old, new) = (person(&[mail()]), person(&[mail(), mobile()]));
        created(&fixture, &old).await;
        add(&fixture, "mobile", "SMS", OTHER);
        let before = the(&fixture, "mobile");
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        settle(&fixture);
        assert_eq!(the(&fixture, "mobile"), before);
        assert_eq!(
            planned(&fixture),
            [the(&fixture, "mail").arn, before.arn.clone()]
        );
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        assert_eq!(the(&fixture, "mobile"), before);
    })
    .await;
}

#[tokio::test]
async fn contract_any_other_error_about_channels_fails_the_update() {
    let (old, new) = (person(&[mobile()]), akua(json!({})));
    for operation in ["ListContactChannels", "DeleteContactChannel"] {
        let fixture = Fixture::on_a_test_clock("on").await;
        created(&fixture, &old).await;
        let unknown = ServiceError::new("SomethingElse", "");
        let refuse = Fault::on(operation, Effect::Refuse(unknown));
        fixture.emulator.contacts.fault(refuse.forever());
        let updated = fixture.update(&arn("akuam"), &old, &new).await;
        let reason = failure(&updated, &arn("akuam"));
        assert!(reason.contains(operation), "{reason}");
    }
}

#[tokio::test]
async fn contract_a_channel_that_is_gone_when_it_is_to_be_deleted_is_no_failure() {
    let fixture = Fixture::on_a_test_clock("on").await;
    let (old, new) = (person(&[mobile()]), akua(json!({})));
    created(&fixture, &old).await;
    let gone = ServiceError::not_found(&the(&fixture, "mobile").arn);
    let refuse = Fault::on("DeleteContactChannel", Effect::Refuse(gone));
    fixture.emulator.contacts.fault(refuse.forever());
    success(&fixture.update(&arn("akuam"), &old, &new).await);
}

#[tokio::test]
async fn contract_the_rollback_of_a_rename_keeps_an_activated_address() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let mut new = person(&[channel("mobile", "SMS", "+12065550109")]);
        new["Alias"] = json!("akua-m");
        created(&fixture, &old).await;
        let id = the(&fixture, "mobile").arn;
        fixture.emulator.contacts.backend(|backend| {
            let channel = backend.channel_mut(&id).unwrap();
            channel.address = OTHER.into();
            channel.is_activated = true;
        });
        let before = channels(&fixture);
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        for id in ["akuam", "akua-m"] {
            success(&fixture.update(&arn(id), &new, &old).await);
            assert_eq!(channels(&fixture), before, "{id}");
        }
    })
    .await;
}
