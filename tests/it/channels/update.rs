//! An Update of a contact with channels, and its rollback.

use emulator::contacts::{Backend, Channel, ServiceError};
use serde_json::{Value, json};

use super::matching::shown;
use super::{
    MAIL, MOBILE, OTHER, THIRD, activate, add, channel, channels, mail, mobile, names, person,
    planned, sms, the, under_each_answer,
};
use crate::fixture::{Fixture, READS, akua, arn, changes, success, told, with};

/// Creates the contact, and its owner activates these channels.
pub(super) async fn created(fixture: &Fixture, properties: &Value, activated: &[&str]) {
    success(&fixture.create(properties).await);
    for name in activated {
        activate(fixture, name);
    }
}

/// Updates, and checks that the same Update again changes nothing.
pub(super) async fn updated(fixture: &Fixture, old: &Value, new: &Value) -> Vec<String> {
    let done = fixture.update(&arn("akuam"), old, new).await;
    success(&done);
    let again = fixture.update(&arn("akuam"), old, new).await;
    success(&again);
    assert_eq!(changes(&again), [""; 0], "the second run changes nothing");
    changes(&done).into_iter().map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn contract_update_reads_everything_in_one_round_trip_and_changes_nothing() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile(), mail()]);
        // The same addresses in another form.
        let new = person(&[
            sms("mobile", "+12065550107"),
            channel("mail", "EMAIL", &MAIL.to_uppercase()),
        ]);
        created(&fixture, &old, &["mobile"]).await;
        let before = channels(&fixture);
        let done = fixture.update(&arn("akuam"), &old, &new).await;
        success(&done);
        let pages = fixture.backend(|backend| backend.switches.channels_per_page.is_some());
        let mut expected = vec![READS[0], "ListContactChannels", READS[1]];
        expected.extend(pages.then_some("ListContactChannels"));
        assert_eq!(done.operations(), expected);
        assert_eq!(channels(&fixture), before);
    })
    .await;
}

#[tokio::test]
async fn contract_a_template_without_channels_makes_no_channel_call() {
    let fixture = Fixture::start().await;
    let (old, new) = (akua(json!({})), akua(json!({"DisplayName": "New"})));
    success(&fixture.create(&old).await);
    add(&fixture, "mobile", "SMS", OTHER);
    let done = fixture.update(&arn("akuam"), &old, &new).await;
    assert_eq!(done.operations(), [READS[0], READS[1], "UpdateContact"]);
    let deleted = fixture.delete(&arn("akuam"), &new).await;
    assert_eq!(deleted.operations(), [READS[0], READS[1], "DeleteContact"]);
}

#[tokio::test]
async fn contract_update_creates_before_the_plan_and_deletes_after_it() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile(), sms("desk", THIRD)]);
        let new = person(&[sms("desk", "+4930"), mail()]);
        let new = with(&new, json!({"Tags": [{"Key": "team", "Value": "a"}]}));
        created(&fixture, &old, &[]).await;
        add(&fixture, "pager", "VOICE", OTHER);
        let pager = the(&fixture, "pager");
        let expected = [
            "CreateContactChannel",
            "UpdateContact",
            "TagResource",
            "UpdateContactChannel",
            "DeleteContactChannel",
        ];
        assert_eq!(updated(&fixture, &old, &new).await, expected);
        assert_eq!(names(&fixture), ["desk", "pager", "mail"]);
        assert_eq!(planned(&fixture), ["desk", "mail"]);
        updated(&fixture, &new, &old).await;
        assert_eq!(names(&fixture), ["desk", "pager", "mobile"]);
        assert_eq!(planned(&fixture), ["mobile", "desk"]);
        assert_eq!(the(&fixture, "pager"), pager);
    })
    .await;
}

#[tokio::test]
async fn contract_an_update_that_died_after_any_call_ends_in_the_same_state() {
    let (old, new) =
        (person(&[mobile()]), person(&[sms("phone", MOBILE), sms("mobile", OTHER), mail()]));
    for call in 3.. {
        let fixture = Fixture::start().await;
        fixture.switch(|switches| switches.channel_names_are_unique = true);
        created(&fixture, &old, &["mobile"]).await;
        let event = fixture.update_event(&arn("akuam"), &old, &new);
        let died = fixture.dies_at(event.clone(), call, true).await;
        fixture.backend(Backend::expire_tokens);
        success(&fixture.deliver(event).await);
        let found = ["phone:0107!*", "mobile:0108*", "mail:M*"];
        let shown = shown(&fixture);
        assert!(shown.split(", ").all(|it| found.contains(&it)), "{shown}");
        assert_eq!(names(&fixture).len(), 3, "{call}");
        if !died {
            assert_eq!(call, 7);
            break;
        }
    }
}

#[tokio::test]
async fn contract_another_alias_gets_channels_of_its_own() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let new = with(&old, json!({"Alias": "akua-m"}));
        created(&fixture, &old, &["mobile"]).await;
        let before = channels(&fixture);
        success(&fixture.update(&arn("akuam"), &old, &new).await);
        assert_eq!(fixture.backend(|backend| backend.channels("akua-m")).len(), 1);
        assert_eq!(channels(&fixture), before);
        // The rollback, with the new id, claims the contact that still stands.
        success(&fixture.update(&arn("akua-m"), &new, &old).await);
        assert_eq!(channels(&fixture), before);
    })
    .await;
}

#[tokio::test]
async fn contract_a_rollback_does_not_fail_for_channels_that_cant_be_listed_or_deleted() {
    let (old, new) = (akua(json!({})), akua(json!({"Channels": [mobile()]})));
    let fixture = Fixture::start().await;
    success(&fixture.create(&old).await);
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    for (operation, error) in [
        (
            "DeleteContactChannel",
            ServiceError::access_denied("ssm-contacts:DeleteContactChannel", "*"),
        ),
        ("DeleteContactChannel", ServiceError::new("SomethingElse", "")),
        ("ListContactChannels", ServiceError::new("SomethingElse", "")),
    ] {
        fixture.emulator.contacts.clear_faults();
        fixture.refuse(operation, error);
        success(&fixture.update(&arn("akuam"), &new, &old).await);
        assert_eq!(names(&fixture), ["mobile"]);
    }
    // A template with channels can't do without the list.
    let refused = fixture.update(&arn("akuam"), &old, &new).await;
    told(&refused, &arn("akuam"), &["ListContactChannels failed"]);
    let log = fixture.log().await;
    assert!(
        log.contains("a channel was not deleted") && log.contains("keeps its channels"),
        "{log}"
    );
}

#[tokio::test]
async fn contract_what_stays_although_the_template_differs_is_a_warning() {
    let fixture = Fixture::start().await;
    let (old, new) = (
        person(&[mobile(), mail(), sms("pager", THIRD)]),
        person(&[sms("mobile", OTHER), sms("pager", THIRD)]),
    );
    created(&fixture, &old, &["mobile", "mail", "pager"]).await;
    let [mobile, mail, pager] = ["mobile", "mail", "pager"].map(|name| the(&fixture, name).arn);
    fixture.backend(|backend| backend.channel_mut(&pager).unwrap().address = "+4912345678".into());
    fixture.keep_secret("+4912345678");
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    let log = fixture.log().await;
    for (name, id, why) in [
        ("mobile", mobile, "it is renamed to mobile-old, and stays"),
        ("mail", mail, "it stays until its owner removes it"),
        ("pager", pager, "its owner has changed it, and it stays as it is"),
    ] {
        let told =
            |line: &&str| line.contains(&format!("channel {name} ({id})")) && line.contains(why);
        let line = log.lines().find(told);
        assert!(line.is_some_and(|line| line.contains("WARN")), "{name}: {log}");
    }
}

#[tokio::test]
async fn contract_an_empty_next_token_ends_the_list() {
    let fixture = Fixture::start().await;
    let old = person(&[mobile()]);
    created(&fixture, &old, &[]).await;
    let page: Vec<Value> = channels(&fixture).iter().map(Channel::output).collect();
    let page = json!({"ContactChannels": page, "NextToken": ""}).to_string();
    let replaced = emulator::contacts::Effect::Replace(200, page);
    fixture.fault(emulator::contacts::Fault::on("ListContactChannels", replaced).forever());
    let done = fixture.update(&arn("akuam"), &old, &old).await;
    success(&done);
    assert_eq!(done.operations(), [READS[0], "ListContactChannels", READS[1]]);
}
