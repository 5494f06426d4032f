//! An address appears in no violation, Reason, line of the log or `Debug`. Each fixture looks
//! for the addresses of its events, too.

use emulator::contacts::{Effect, Fault, ServiceError};
use regex::Regex;
use serde_json::{Value, json};
use ssm_contact_resource::event;
use ssm_contact_resource::identity::OwnershipTags;
use ssm_contact_resource::properties::Desired;
use ssm_contact_resource::response_url::ResponseHosts;

use super::{MAIL, MOBILE, channel, mail, mobile, person};
use crate::fixture::{Fixture, arn, failure, outcome_unknown, success};

#[tokio::test]
async fn contract_a_refused_address_is_told_without_it() {
    let fixture = Fixture::start().await;
    let created = fixture
        .create(&person(&[channel("mobile", "SMS", "+1 2065550107 x")]))
        .await;
    let reply = &created.calls[1].response["Message"];
    assert!(reply.as_str().unwrap().contains("2065550107"), "{reply}");
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(
        reason.contains("CreateContactChannel failed for channel mobile"),
        "{reason}"
    );
    assert!(reason.contains("ValidationException"), "{reason}");
    assert!(reason.contains("request id"), "{reason}");
    assert!(reason.contains("DeliveryAddress"), "{reason}");
    assert!(!reason.contains("2065550107"), "{reason}");
}

/// Every way in which the service may repeat an address.
fn refusals() -> Vec<ServiceError> {
    let fields = [(
        "DeliveryAddress.SimpleAddress".to_owned(),
        format!("{MOBILE} is no number"),
    )];
    vec![
        ServiceError::fields(&fields),
        ServiceError::conflict(&format!("{MOBILE} is in use"), MOBILE),
        ServiceError::access_denied(MOBILE, MOBILE),
        ServiceError::new("DataEncryptionException", MOBILE),
        ServiceError::new("SomethingElse", MOBILE),
    ]
}

#[tokio::test]
async fn contract_no_error_of_a_channel_call_repeats_an_address() {
    let (old, new) = (person(&[mobile()]), person(&[mail()]));
    for refusal in refusals() {
        for operation in ["CreateContactChannel", "ListContactChannels"] {
            let fixture = Fixture::on_a_test_clock("on").await;
            success(&fixture.create(&old).await);
            let refuse = Fault::on(operation, Effect::Refuse(refusal.clone()));
            fixture.emulator.contacts.fault(refuse.forever());
            let updated = fixture.update(&arn("akuam"), &old, &new).await;
            let reason = failure(&updated, &arn("akuam"));
            assert!(reason.contains(operation), "{reason}");
            assert!(reason.contains(&refusal.code), "{reason}");
            assert!(!reason.contains("0107"), "{reason}");
        }
    }
}

#[tokio::test]
async fn contract_the_reason_of_a_deadline_repeats_no_address() {
    let fixture = Fixture::start().await;
    let fault = ServiceError {
        status: 500,
        ..ServiceError::new("InternalServerException", MOBILE)
    };
    let refuse = Fault::on("CreateContactChannel", Effect::Refuse(fault));
    fixture.emulator.contacts.fault(refuse.forever());
    let mut properties = person(&[mobile()]);
    properties["ServiceTimeout"] = json!("2");
    let created = fixture.create(&properties).await;
    let reason = failure(&created, &outcome_unknown(&created));
    assert!(reason.contains("InternalServerException"), "{reason}");
    assert!(!reason.contains("0107"), "{reason}");
}

fn violations(properties: &Value) -> Vec<String> {
    let parsed = Desired::parse(properties, OwnershipTags::On);
    let violations = parsed.err().unwrap_or_default();
    violations.iter().map(ToString::to_string).collect()
}

/// The violations of a person with another value at a path.
fn violations_with(path: &str, value: Value) -> Vec<String> {
    let mut properties = person(&[mobile(), mail()]);
    let (parent, name) = path.rsplit_once('/').unwrap();
    properties.pointer_mut(parent).unwrap()[name] = value;
    violations(&properties)
}

#[test]
fn violations_of_channels_give_path_and_rule_and_no_value() {
    let unquoted = "must begin with + and the country code; quote it in YAML, which takes +1… without quotes for a number and drops the plus";
    let address = "/Channels/0/DeliveryAddress/SimpleAddress";
    let cases = [
        (address, json!(12_065_550_107_u64), unquoted),
        (address, json!("12065550107"), unquoted),
        (address, json!("+phone"), unquoted),
        (address, json!(""), "must be 1 to 320 characters"),
        (
            address,
            json!("1".repeat(321)),
            "must be 1 to 320 characters",
        ),
        (address, json!([MOBILE]), "must be a string, not a list"),
        (
            "/Channels/0/DeliveryAddress",
            json!(MOBILE),
            "must be an object, not a string",
        ),
        (
            "/Channels/0/DeliveryAddress",
            json!({"+12065550107": 1, "SimpleAddress": MOBILE}),
            "has an unknown member; it may have SimpleAddress",
        ),
        ("/Channels/0/DeliveryAddress", Value::Null, "is required"),
        (
            "/Channels/0/Type",
            json!(MOBILE),
            "must be SMS, VOICE or EMAIL",
        ),
        (
            "/Channels/0/DeliveryAdress",
            json!(MOBILE),
            "is unknown; did you mean DeliveryAddress?",
        ),
        (
            "/Channels/0/Name",
            json!(MOBILE),
            "must be 1 to 255 characters out of letters, numbers, spaces and _ . -",
        ),
        (
            "/Channels/1/Name",
            json!("mobile"),
            "repeats the Name of another channel of the list",
        ),
        (
            "/Channels/0/DeferActivation",
            json!(MOBILE),
            "must be true or false",
        ),
        (
            "/Plan/Stages/0/Targets/0/ChannelTargetInfo/ContactChannelName",
            json!("mobil"),
            "must be the Name of one of Channels; did you mean mobile?",
        ),
        (
            "/Plan/Stages/0/Targets/0/ChannelTargetInfo",
            json!({"ContactChannelName": "mobile", "ContactChannelId": MOBILE}),
            "must have exactly one of ContactChannelId and ContactChannelName",
        ),
        (
            "/Plan/Stages/0/Targets/0/ChannelTargetInfo",
            json!({}),
            "must have exactly one of ContactChannelId and ContactChannelName",
        ),
    ];
    let index = Regex::new(r"/(\d+)").unwrap();
    for (path, value, problem) in cases {
        let found = violations_with(path, value.clone()).join("\n");
        let told_at = index.replace_all(&path[1..], "[$1]").replace('/', ".");
        let expected = format!("{told_at}: {problem}");
        assert!(found.contains(&expected), "{expected}\n{found}");
        assert!(!found.contains("0107") && !found.contains(MAIL), "{found}");
    }
    // A name that may be a value in the wrong place, and an address in place of an ARN.
    let found = violations_with("/Channels/0/+12065550107", json!(1)).join("\n");
    let expected = "Channels[0]: has an unknown member; it may have DeferActivation, DeliveryAddress, Name, Type";
    assert!(found.contains(expected), "{found}");
    for address in [MOBILE, MAIL] {
        let target = json!({"ContactChannelId": address});
        let found = violations_with("/Plan/Stages/0/Targets/0/ChannelTargetInfo", target);
        let told = found.join("\n");
        assert!(told.contains("ContactChannelId: must be an ARN"), "{told}");
        assert!(!told.contains(address), "{told}");
    }
}

#[test]
fn only_a_personal_contact_has_channels() {
    let properties = json!({"Alias": "team", "Type": "ESCALATION", "Channels": [mobile()]});
    let expected = "Channels: must be left out: only a PERSONAL contact has channels";
    assert_eq!(violations(&properties), [expected]);
}

#[test]
fn a_channel_needs_name_type_and_address() {
    let properties = json!({"Alias": "akuam", "Type": "PERSONAL", "Channels": [{}]});
    let expected =
        ["DeliveryAddress", "Name", "Type"].map(|name| format!("Channels[0].{name}: is required"));
    assert_eq!(violations(&properties), expected);
}

#[test]
fn no_debug_shows_an_address() {
    let properties = person(&[mobile(), mail()]);
    let desired = Desired::parse(&properties, OwnershipTags::On).unwrap();
    let event = json!({
        "RequestType": "Update", "StackId": "s", "LogicalResourceId": "l", "RequestId": "r",
        "ResponseURL": "https://cloudformation-custom-resource-response-useast2.s3.us-east-2.amazonaws.com/x",
        "ResourceProperties": properties, "OldResourceProperties": properties,
    });
    let delivery = event::parse(&event, &ResponseHosts::default());
    assert!(delivery.requests[0].is_ok());
    for shown in [format!("{desired:#?}"), format!("{delivery:#?}")] {
        assert!(!shown.contains("0107") && !shown.contains(MAIL), "{shown}");
    }
}

#[test]
fn a_name_that_is_not_in_the_list_is_told_beside_another_violation() {
    let mut properties = person(&[mobile(), mail()]);
    properties["Channels"][1]["DeferActivation"] = json!("perhaps");
    properties["Plan"]["Stages"][0]["Targets"][0]["ChannelTargetInfo"]["ContactChannelName"] =
        json!("mobil");
    let told = Desired::parse(&properties, OwnershipTags::On)
        .err()
        .unwrap();
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
}
