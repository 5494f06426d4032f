//! Tests of the input of the operations on contact channels: constraints, addresses and tokens.

use serde_json::{Value, json};

use super::channels::{MAIL, PHONE, channel_arn, create, delete, update};
use super::{fields, invalid, with_akua};
use crate::contacts::Backend;

#[test]
fn lengths_patterns_and_types_are_those_of_the_model() {
    let mail = |length: usize| {
        let address = format!("{}@example.com", "a".repeat(length - 12));
        json!({"Type": "EMAIL", "DeliveryAddress": {"SimpleAddress": address}})
    };
    for (more, refused) in [
        (json!({"Name": "夸".repeat(255)}), None),
        (json!({"Name": "夸".repeat(256)}), Some("Name")),
        (json!({"Name": ""}), Some("Name")),
        (json!({"Name": "Ákua\u{3000}Ⅷ_.-"}), None),
        (json!({"Name": "a@b"}), Some("Name")),
        (json!({"Type": "VOICE"}), None),
        (json!({"Type": "FAX"}), Some("Type")),
        (json!({"Type": null}), Some("Type")),
        (mail(320), None),
        (mail(321), Some("DeliveryAddress.SimpleAddress")),
        (
            json!({"DeliveryAddress": {"SimpleAddress": 1}}),
            Some("DeliveryAddress.SimpleAddress"),
        ),
        (
            json!({"DeliveryAddress": {"SimpleAddress": PHONE, "Type": "SMS"}}),
            Some("DeliveryAddress.Type"),
        ),
        (json!({"DeliveryAddress": PHONE}), Some("DeliveryAddress")),
        (json!({"DeferActivation": "true"}), Some("DeferActivation")),
        (json!({"IdempotencyToken": r"\/aZ9_+=-"}), None),
        (json!({"IdempotencyToken": "a:b"}), Some("IdempotencyToken")),
        (
            json!({"IdempotencyToken": "t".repeat(2049)}),
            Some("IdempotencyToken"),
        ),
    ] {
        let result = create(&mut with_akua(), more.clone()).map(Value::from);
        match refused {
            None => drop(result.unwrap()),
            Some(member) => assert_eq!(fields(result), [member], "{more}"),
        }
    }
}

#[test]
fn all_constraint_violations_are_returned_at_once() {
    let mut backend = with_akua();
    assert_eq!(
        fields(backend.call("CreateContactChannel", &json!({}))),
        ["ContactId", "Name", "Type", "DeliveryAddress"]
    );
    let wrong = json!({"ContactChannelId": 1, "Name": "", "DeliveryAddress": []});
    assert_eq!(
        fields(backend.call("UpdateContactChannel", &wrong)),
        ["ContactChannelId", "Name", "DeliveryAddress"]
    );
    let wrong = json!({"ContactId": 1, "NextToken": "a:b", "MaxResults": 1025});
    assert_eq!(
        fields(backend.call("ListContactChannels", &wrong)),
        ["ContactId", "NextToken", "MaxResults"]
    );
    for operation in ["GetContactChannel", "DeleteContactChannel"] {
        assert_eq!(
            fields(backend.call(operation, &json!({}))),
            ["ContactChannelId"]
        );
    }
}

#[test]
fn an_address_has_the_form_of_its_type_and_the_error_repeats_it() {
    for (channel_type, accepted, refused) in [
        ("SMS", "+12065550107", "12065550107"),
        ("VOICE", "+1 (206) 555-01.07", "+1 206 CALL-NOW"),
        ("SMS", "+1", "+ ()"),
        ("VOICE", "+49", MAIL),
        ("SMS", "+49", "+49\n"),
        ("SMS", "+49", "+4+9"),
        ("EMAIL", MAIL, "akua.example.com"),
        ("EMAIL", "a@b", "a@b@c"),
        ("EMAIL", "a@b", PHONE),
    ] {
        let address = |address| json!({"SimpleAddress": address});
        let more = |address| json!({"Type": channel_type, "DeliveryAddress": address});
        let mut backend = with_akua();
        let channel = create(&mut backend, more(address(accepted))).unwrap();
        let created = create(&mut backend, more(address(refused))).map(Value::from);
        let change = json!({"DeliveryAddress": address(refused)});
        let updated = update(&mut backend, &channel, change);
        for result in [created, updated] {
            let error = result.clone().unwrap_err();
            assert!(error.message.contains(refused), "{}", error.message);
            assert_eq!(error.members["Fields"][0]["Message"], error.message);
            assert_eq!(fields(result), ["DeliveryAddress.SimpleAddress"]);
        }
        assert_eq!(backend.channels("akuam").len(), 1);
    }
}

#[test]
fn an_address_without_its_member_is_refused() {
    let mut backend = with_akua();
    let channel = create(&mut backend, json!({})).unwrap();
    let more = json!({"DeliveryAddress": {}});
    let created = create(&mut backend, more.clone()).map(Value::from);
    for result in [created, update(&mut backend, &channel, more)] {
        assert_eq!(fields(result), ["DeliveryAddress.SimpleAddress"]);
    }
}

#[test]
fn a_token_creates_one_channel() {
    let mut backend = with_akua();
    let token = || json!({"IdempotencyToken": "t"});
    for _ in 0..2 {
        assert_eq!(create(&mut backend, token()), Ok(channel_arn(1)));
    }
    assert_eq!(backend.channels("akuam").len(), 1);
    for other in [
        json!({"IdempotencyToken": "t", "Name": "home"}),
        json!({"IdempotencyToken": "t", "DeferActivation": true}),
    ] {
        let refused = create(&mut backend, other).map(Value::from);
        assert!(invalid(refused).contains("token"));
    }
    delete(&mut backend, &channel_arn(1)).unwrap();
    assert_eq!(create(&mut backend, token()), Ok(channel_arn(1)));
    assert_eq!(backend.channels("akuam"), []);
    backend.expire_tokens();
    assert_eq!(create(&mut backend, token()), Ok(channel_arn(2)));
}

#[test]
fn the_token_of_a_contact_and_that_of_a_channel_are_independent() {
    let mut backend = Backend::default();
    let contact = super::akua(json!({"IdempotencyToken": "t"}));
    backend.call("CreateContact", &contact).unwrap();
    let token = json!({"IdempotencyToken": "t"});
    assert_eq!(create(&mut backend, token), Ok(channel_arn(1)));
}

#[test]
fn the_token_of_a_failed_create_can_be_used_again() {
    let mut backend = Backend::default();
    let token = json!({"IdempotencyToken": "t"});
    create(&mut backend, token.clone()).unwrap_err();
    backend.seed("akuam", "PERSONAL", &[]);
    assert_eq!(create(&mut backend, token), Ok(channel_arn(1)));
}
