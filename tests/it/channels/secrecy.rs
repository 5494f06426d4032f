//! An address appears in no Reason and no line of the log. Each fixture looks for the addresses of
//! its events, too.

use emulator::contacts::{Effect, Fault, ServiceError};
use serde_json::{Value, json};

use super::{MOBILE, OTHER, channel, mail, mobile, person, sms};
use crate::fixture::{
    Fixture, arn, failure, nothing_created, outcome_unknown, success, told, with,
};

#[tokio::test]
async fn contract_a_refused_address_is_told_without_it() {
    let fixture = Fixture::start().await;
    fixture.keep_secret("2065550107");
    let refused = person(&[channel("mobile", "SMS", "+1 2065550107 x")]);
    let created = fixture.create(&refused).await;
    let reply = &created.calls[1].response["Message"];
    assert!(reply.as_str().unwrap().contains("2065550107"), "{reply}");
    let reason = failure(&created, &outcome_unknown(&created));
    for told in [
        "CreateContactChannel failed for channel mobile",
        "ValidationException",
        "request id",
        "DeliveryAddress",
    ] {
        assert!(reason.contains(told), "{told}: {reason}");
    }
}

#[tokio::test]
async fn contract_no_error_of_a_channel_call_repeats_an_address() {
    // The unit tests of `aws/failure` have every error.
    let refusals = [
        ServiceError::conflict(&format!("{MOBILE} is in use"), MOBILE),
        ServiceError { status: 500, ..ServiceError::new("InternalServerException", MOBILE) },
    ];
    let old = with(&person(&[mobile()]), json!({"ServiceTimeout": "4"}));
    let new = with(&person(&[sms("mobile", OTHER), mail()]), json!({"ServiceTimeout": "4"}));
    for operation in ["CreateContactChannel", "UpdateContactChannel", "ListContactChannels"] {
        let fixture = Fixture::start().await;
        fixture.keep_secret("0107");
        success(&fixture.create(&old).await);
        for refusal in &refusals {
            fixture.emulator.contacts.clear_faults();
            let refuse = Effect::Refuse(refusal.clone());
            fixture.fault(Fault::on(operation, refuse).forever());
            let updated = fixture.update(&arn("akuam"), &old, &new).await;
            told(&updated, &arn("akuam"), &[operation, refusal.code.as_str()]);
            fixture.backend(|backend| {
                for channel in backend.channels("akuam").iter().filter(|c| c.name == "mail") {
                    backend.remove_channel(&channel.arn);
                }
            });
        }
    }
}

#[tokio::test]
async fn contract_an_address_in_the_wrong_property_is_repeated_nowhere() {
    let fixture = Fixture::start().await;
    fixture.keep_secret("555-01");
    fixture.keep_secret("12065550");
    fixture.keep_secret("akua@example");
    let refused = async |event: Value| {
        let delivered = fixture.deliver(event).await;
        failure(&delivered, &nothing_created(&delivered)).to_owned()
    };
    for address in ["+1 206-555-0107", "+12065550107", "akua@example.com"] {
        // The unit tests of `properties` put it in every place.
        for (parent, name) in [
            ("", "Alias"),
            ("/Plan", address),
            ("/Plan/Stages/0/Targets/0/ChannelTargetInfo", "RetryIntervalInMinutes"),
            ("/Channels/0/DeliveryAddress", address),
        ] {
            let mut properties = person(&[channel("mobile", "SMS", "+49")]);
            properties.pointer_mut(parent).unwrap()[name] = json!(address);
            let reason = refused(fixture.event("Create", &properties)).await;
            assert!(reason.starts_with("The properties have"), "{parent}/{name}: {reason}");
        }
        let target = json!({"ContactTargetInfo": {"ContactId": address, "IsEssential": true}});
        let plan = json!({"Stages": [{"DurationInMinutes": 1, "Targets": [target]}]});
        let escalation = json!({"Alias": "esc", "Type": "ESCALATION", "Plan": plan});
        refused(fixture.event("Create", &escalation)).await;
        refused(fixture.event(address, &person(&[]))).await;
    }
}

#[tokio::test]
async fn contract_a_name_of_seven_digits_is_told_nowhere() {
    let fixture = Fixture::start().await;
    fixture.keep_secret("206 555 0107");
    let old = person(&[sms("1 206 555 0107", "+49")]);
    success(&fixture.create(&old).await);
    let id = fixture.backend(|backend| backend.channels("akuam")[0].arn.clone());
    fixture.backend(|backend| backend.activate_channel(&id));
    // It is freed, with a warning, and then told as not activated.
    let new = person(&[sms("1 206 555 0107", OTHER)]);
    success(&fixture.update(&arn("akuam"), &old, &new).await);
    fixture.deny(&["CreateContactChannel"]);
    let more = person(&[sms("1 206 555 0107", "+50")]);
    let updated =
        fixture.update(&arn("akuam"), &old, &with(&more, json!({"Alias": "akua-m"}))).await;
    failure(&updated, &arn("akuam"));
    let log = fixture.log().await;
    assert!(log.contains("digits of a phone number"), "{log}");
}
