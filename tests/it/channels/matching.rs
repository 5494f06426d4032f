//! Which channel of a contact is the template's, and that no activation is lost.

use emulator::contacts::Channel;
use serde_json::json;

use super::update::{created, is, reached, updated};
use super::{
    MOBILE, OTHER, THIRD, add, channel, channels, mail, mobile, names, person, planned, sms, the,
    under_each_answer, under_each_answer_about_names,
};
use crate::fixture::{Fixture, with};

#[tokio::test]
async fn contract_the_new_phone_loses_no_activation() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let new = person(&[sms("old mobile", MOBILE), sms("mobile", OTHER)]);
        created(&fixture, &old, &["mobile"]).await;
        let before = channels(&fixture);
        updated(&fixture, &old, &new).await;
        assert_eq!(reached(&fixture, "old mobile"), is("0107", true));
        assert_eq!(reached(&fixture, "mobile"), is("0108", false));
        assert_eq!(the(&fixture, "old mobile").arn, before[0].arn);
        updated(&fixture, &new, &old).await;
        assert_eq!(channels(&fixture), before, "as it was");
    })
    .await;
}

#[tokio::test]
async fn contract_a_new_number_under_a_name_is_a_new_channel_while_the_old_one_is_activated() {
    under_each_answer(async |fixture| {
        let (old, new) = (person(&[mobile()]), person(&[sms("mobile", OTHER)]));
        created(&fixture, &old, &["mobile"]).await;
        let before = channels(&fixture);
        let calls = updated(&fixture, &old, &new).await;
        assert_eq!(calls, ["UpdateContactChannel", "CreateContactChannel", "UpdateContact"]);
        assert_eq!(reached(&fixture, "mobile"), is("0108", false));
        let kept = the(&fixture, "mobile-old");
        assert_eq!(
            (&kept.arn, &kept.address, kept.is_activated),
            (&before[0].arn, &before[0].address, true)
        );
        updated(&fixture, &new, &old).await;
        assert_eq!(channels(&fixture), before, "the rollback finds it as it was");
    })
    .await;
}

#[tokio::test]
async fn contract_an_address_that_nobody_activated_is_changed_after_the_plan() {
    under_each_answer(async |fixture| {
        let (old, new) = (person(&[mobile()]), person(&[sms("mobile", OTHER), mail()]));
        created(&fixture, &old, &[]).await;
        let id = the(&fixture, "mobile").arn;
        let calls = updated(&fixture, &old, &new).await;
        assert_eq!(calls, ["CreateContactChannel", "UpdateContact", "UpdateContactChannel"]);
        assert_eq!(the(&fixture, "mobile").arn, id);
        assert_eq!(reached(&fixture, "mobile").0, "0108");
        updated(&fixture, &new, &old).await;
        assert_eq!(reached(&fixture, "mobile").0, "0107");
        assert_eq!(names(&fixture), ["mobile"]);
    })
    .await;
}

#[tokio::test]
async fn contract_names_that_move_up_swap_or_change_keep_every_activation() {
    let three = |first: &str, second: &str, third: &str| {
        person(&[sms("first", first), sms("second", second), sms("third", third)])
    };
    let two = |first: &str, second: &str| person(&[sms("first", first), sms("second", second)]);
    for (old, new) in [
        (three(MOBILE, OTHER, THIRD), two(OTHER, THIRD)),
        (three(MOBILE, OTHER, THIRD), three(OTHER, THIRD, MOBILE)),
        (two(MOBILE, OTHER), two(OTHER, MOBILE)),
        (two(MOBILE, OTHER), three(THIRD, MOBILE, OTHER)),
        (two(MOBILE, OTHER), person(&[sms("one", OTHER), sms("two", MOBILE)])),
    ] {
        under_each_answer_about_names(async |fixture| {
            let activated: Vec<String> = old["Channels"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["Name"].as_str().unwrap().to_owned())
                .collect();
            created(&fixture, &old, &activated.iter().map(String::as_str).collect::<Vec<_>>())
                .await;
            let mut before = channels(&fixture);
            updated(&fixture, &old, &new).await;
            for wanted in new["Channels"].as_array().unwrap() {
                let address = wanted["DeliveryAddress"]["SimpleAddress"].as_str().unwrap();
                let digits = &address[address.len() - 4..];
                let was_there = before.iter().any(|channel| channel.address.ends_with(digits));
                let name = wanted["Name"].as_str().unwrap();
                assert_eq!(reached(&fixture, name), is(digits, was_there), "{new}");
            }
            let count = channels(&fixture).iter().filter(|channel| channel.is_activated).count();
            assert_eq!(count, before.len(), "{new}");
            updated(&fixture, &new, &old).await;
            let mut after = channels(&fixture);
            let by_arn = |a: &Channel, b: &Channel| a.arn.cmp(&b.arn);
            before.sort_by(by_arn);
            after.sort_by(by_arn);
            assert_eq!(after, before, "{new}");
        })
        .await;
    }
}

#[tokio::test]
async fn contract_an_activated_channel_that_the_template_drops_stays() {
    under_each_answer_about_names(async |fixture| {
        let (old, new) = (person(&[mobile(), mail()]), person(&[mail()]));
        created(&fixture, &old, &["mobile"]).await;
        let before = channels(&fixture);
        assert_eq!(updated(&fixture, &old, &new).await, ["UpdateContact"]);
        assert_eq!(channels(&fixture), before);
        assert_eq!(planned(&fixture), ["mail"]);
        // Added again with a new number: that number is paged, and the old one kept.
        let renumbered = person(&[mail(), sms("mobile", OTHER)]);
        updated(&fixture, &new, &renumbered).await;
        assert_eq!(reached(&fixture, "mobile"), is("0108", false));
        assert!(the(&fixture, "mobile-old").is_activated);
        updated(&fixture, &renumbered, &new).await;
        assert_eq!(names(&fixture), ["mobile-old", "mail"]);
        // Added again with its number: it is the same channel.
        updated(&fixture, &new, &old).await;
        assert_eq!(channels(&fixture), before);
        assert_eq!(planned(&fixture), ["mobile", "mail"]);
    })
    .await;
}

#[tokio::test]
async fn contract_what_its_owner_changed_stays_while_the_template_does_not_change_it() {
    under_each_answer(async |fixture| {
        let old = person(&[mobile()]);
        let new = with(&old, json!({"DisplayName": "New"}));
        created(&fixture, &old, &["mobile"]).await;
        let id = the(&fixture, "mobile").arn;
        fixture.backend(|backend| backend.channel_mut(&id).unwrap().address = OTHER.into());
        let before = channels(&fixture);
        assert_eq!(updated(&fixture, &old, &new).await, ["UpdateContact"]);
        assert_eq!(channels(&fixture), before);
        // An update that was refused is rolled back: the old template counts for nothing.
        let refused = with(&person(&[sms("mobile", THIRD)]), json!({"Colour": "red"}));
        updated(&fixture, &refused, &new).await;
        assert_eq!(channels(&fixture), before);
        // Once the template changes it, the owner's channel is kept beside the new one.
        updated(&fixture, &new, &person(&[sms("mobile", THIRD)])).await;
        assert_eq!(reached(&fixture, "mobile"), is("0109", false));
        assert_eq!(the(&fixture, "mobile-old").address, OTHER);
        assert!(the(&fixture, "mobile-old").is_activated);
    })
    .await;
}

#[tokio::test]
async fn contract_a_late_or_skipped_write_is_mended() {
    under_each_answer(async |fixture| {
        let properties = person(&[mobile()]);
        created(&fixture, &properties, &[]).await;
        let id = the(&fixture, "mobile").arn;
        fixture.backend(|backend| backend.channel_mut(&id).unwrap().address = OTHER.into());
        updated(&fixture, &properties, &properties).await;
        assert_eq!(reached(&fixture, "mobile").0, "0107");
        assert_eq!(names(&fixture), ["mobile"]);
    })
    .await;
}

#[tokio::test]
async fn contract_her_own_channel_with_the_templates_number_is_the_templates() {
    under_each_answer(async |fixture| {
        let (old, new) = (person(&[mail()]), person(&[mail(), mobile()]));
        created(&fixture, &old, &[]).await;
        let hers = add(&fixture, "my phone", "SMS", "+12065550107");
        updated(&fixture, &old, &new).await;
        assert_eq!(reached(&fixture, "mobile"), is("0107", true));
        assert_eq!(the(&fixture, "mobile").arn, hers);
        // She adds the template's number beside a channel that nobody activated.
        fixture.backend(|backend| {
            backend.remove_channel(&hers);
            backend.add_channel("akuam", "mobile", "SMS", THIRD, false);
        });
        let hers = add(&fixture, "my phone", "SMS", MOBILE);
        let renamed = with(&new, json!({"DisplayName": "New"}));
        updated(&fixture, &new, &renamed).await;
        assert_eq!(the(&fixture, "mobile").arn, hers);
        assert_eq!(reached(&fixture, "mobile"), is("0107", true));
    })
    .await;
}

#[tokio::test]
async fn contract_of_several_channels_of_one_name_an_activated_one_comes_first() {
    let fixture = Fixture::on_a_test_clock().await;
    let old = person(&[mobile()]);
    let new = with(&old, json!({"DisplayName": "New"}));
    created(&fixture, &old, &[]).await;
    let activated = add(&fixture, "mobile", "SMS", "+12065550107");
    updated(&fixture, &old, &new).await;
    let plan = fixture.contact("akuam").plan.to_string();
    assert!(plan.contains(&activated), "{plan}");
    // None of them is the template's by address: the activated one is.
    let id = channels(&fixture)[0].arn.clone();
    fixture.backend(|backend| {
        backend.channel_mut(&id).unwrap().address = OTHER.into();
        backend.channel_mut(&activated).unwrap().address = THIRD.into();
    });
    updated(&fixture, &new, &old).await;
    let plan = fixture.contact("akuam").plan.to_string();
    assert!(plan.contains(&activated), "{plan}");
}

#[tokio::test]
async fn contract_another_type_under_a_name_is_another_channel() {
    under_each_answer_about_names(async |fixture| {
        for activated in [&[][..], &["mobile"]] {
            let old = person(&[mobile()]);
            let new = person(&[channel("mobile", "VOICE", MOBILE)]);
            fixture.backend(|backend| backend.remove("akuam"));
            created(&fixture, &old, activated).await;
            let before = channels(&fixture);
            updated(&fixture, &old, &new).await;
            assert_eq!(the(&fixture, "mobile").channel_type, "VOICE");
            assert_eq!(planned(&fixture), ["mobile"]);
            let others = names(&fixture).len() - 1;
            assert_eq!(others, activated.len(), "one that nobody activated is deleted");
            updated(&fixture, &new, &old).await;
            assert_eq!(the(&fixture, "mobile").channel_type, "SMS");
            assert!(activated.is_empty() || channels(&fixture) == before);
        }
    })
    .await;
}

#[tokio::test]
async fn contract_a_channel_that_was_deleted_outside_is_made_again() {
    under_each_answer(async |fixture| {
        let properties = person(&[mobile()]);
        created(&fixture, &properties, &[]).await;
        let id = the(&fixture, "mobile").arn;
        fixture.backend(|backend| backend.remove_channel(&id));
        updated(&fixture, &properties, &properties).await;
        assert_eq!(reached(&fixture, "mobile"), is("0107", false));
    })
    .await;
}
