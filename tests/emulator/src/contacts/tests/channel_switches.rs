//! Tests of each switch of contact channels, on and off.

use std::time::Duration;

use serde_json::{Value, json};

use super::channels::{MAIL, PHONE, channel_arn, create, delete, list, names, update};
use super::delays::with_clock;
use super::{arn, invalid, with_akua};
use crate::contacts::Backend;

fn delete_contact(backend: &mut Backend) -> Result<Value, crate::contacts::ServiceError> {
    backend.call("DeleteContact", &json!({"ContactId": arn("akuam")}))
}

fn address(address: &str) -> Value {
    json!({"DeliveryAddress": {"SimpleAddress": address}})
}

#[test]
fn channels_can_keep_their_contact_from_being_deleted() {
    for blocks in [false, true] {
        let mut backend = with_akua();
        backend.switches.channels_block_delete = blocks;
        create(&mut backend, json!({})).unwrap();
        backend.add_channel("akuam", "mail", "EMAIL", MAIL, true);
        backend.add_to_rotation("akuam", "r1");
        let refused = delete_contact(&mut backend).unwrap_err();
        let rotations = json!({"RelationType": "ROTATION", "DependentResourceIds": ["r1"]});
        let channels = json!({"RelationType": "CONTACT_CHANNEL",
            "DependentResourceIds": [channel_arn(1), channel_arn(2)]});
        let expected = if blocks {
            json!([rotations, channels])
        } else {
            json!([rotations])
        };
        assert_eq!(refused.members["DependentEntities"], expected);
        backend.delete_rotation("r1");
        if blocks {
            let refused = delete_contact(&mut backend).unwrap_err();
            assert_eq!(refused.code, "ConflictException");
            assert_eq!(refused.members["ResourceId"], arn("akuam"));
            assert_eq!(refused.members["DependentEntities"], json!([channels]));
            assert_eq!(backend.channels("akuam").len(), 2);
            delete(&mut backend, &channel_arn(1)).unwrap();
            backend.remove_channel(&channel_arn(2));
        }
        assert_eq!(delete_contact(&mut backend), Ok(json!({})));
        assert_eq!(backend.channels("akuam"), []);
    }
}

#[test]
fn a_dependent_entity_names_at_most_25_channels() {
    let mut backend = with_akua();
    backend.switches.channels_block_delete = true;
    for _ in 0..26 {
        create(&mut backend, json!({})).unwrap();
    }
    let refused = delete_contact(&mut backend).unwrap_err();
    let dependents = refused.members["DependentEntities"].as_array().unwrap();
    let count = |entity: &Value| entity["DependentResourceIds"].as_array().unwrap().len();
    let counts: Vec<usize> = dependents.iter().map(count).collect();
    assert_eq!(counts, [25, 1]);
}

#[test]
fn names_can_be_unique_in_a_contact() {
    for unique in [false, true] {
        let mut backend = with_akua();
        backend.seed("kwesib", "PERSONAL", &[]);
        backend.switches.channel_names_are_unique = unique;
        let mobile = create(&mut backend, json!({"IdempotencyToken": "t"})).unwrap();
        let home = create(&mut backend, json!({"Name": "home"})).unwrap();
        // The channel of another contact, the same channel and the same request do not conflict.
        create(&mut backend, json!({"ContactId": arn("kwesib")})).unwrap();
        update(&mut backend, &mobile, json!({"Name": "mobile"})).unwrap();
        let again = create(&mut backend, json!({"IdempotencyToken": "t"}));
        assert_eq!(again, Ok(mobile.clone()));
        let created = create(&mut backend, json!({"Type": "VOICE"})).map(Value::from);
        let renamed = update(&mut backend, &home, json!({"Name": "mobile"}));
        for result in [created, renamed] {
            if unique {
                let error = result.unwrap_err();
                assert_eq!(error.code, "ConflictException");
                assert_eq!(error.members["ResourceId"], mobile);
                assert_eq!(error.members["ResourceType"], "CONTACT_CHANNEL");
            } else {
                result.unwrap();
            }
        }
        delete(&mut backend, &mobile).unwrap();
        update(&mut backend, &home, json!({"Name": "mobile"})).unwrap();
    }
}

#[test]
fn a_changed_address_can_keep_the_activation() {
    for keeps in [false, true] {
        let mut backend = with_akua();
        backend.switches.changed_address_keeps_activation = keeps;
        let channel = create(&mut backend, json!({})).unwrap();
        backend.activate_channel(&channel);
        let is_activated = |backend: &Backend| backend.channels("akuam")[0].is_activated;
        update(&mut backend, &channel, address(PHONE)).unwrap();
        update(&mut backend, &channel, json!({"Name": "home"})).unwrap();
        assert!(is_activated(&backend));
        update(&mut backend, &channel, address("+1")).unwrap();
        assert_eq!(is_activated(&backend), keeps);
        update(&mut backend, &channel, address(PHONE)).unwrap();
        assert_eq!(is_activated(&backend), keeps);
    }
}

#[test]
fn addresses_can_be_normalized() {
    for (normalizes, phone, mail) in [
        (false, PHONE, MAIL),
        (true, "+12065550107", "akua.mansa@example.com"),
    ] {
        let mut backend = with_akua();
        backend.switches.normalizes_addresses = normalizes;
        for channel_type in ["SMS", "VOICE"] {
            create(&mut backend, json!({"Type": channel_type})).unwrap();
        }
        let mut input = address(MAIL);
        input["Type"] = json!("EMAIL");
        create(&mut backend, input).unwrap();
        let addresses = |backend: &Backend| {
            let channels = backend.channels("akuam").into_iter();
            channels.map(|channel| channel.address).collect::<Vec<_>>()
        };
        assert_eq!(addresses(&backend), [phone, phone, mail]);
        // An address in another form is the same address.
        backend.activate_channel(&channel_arn(1));
        let dotted = "+1.206.555.0107";
        update(&mut backend, &channel_arn(1), address(dotted)).unwrap();
        let stored = if normalizes { phone } else { dotted };
        assert_eq!(addresses(&backend), [stored, phone, mail]);
        assert_eq!(backend.channels("akuam")[0].is_activated, normalizes);
    }
}

#[test]
fn a_page_can_have_a_default_size() {
    for (per_page, more, expected) in [
        (None, json!(null), 3),
        (Some(2), json!(null), 2),
        (Some(2), json!(0), 2),
        (Some(2), json!(3), 3),
        (Some(2), json!(1), 1),
    ] {
        let mut backend = with_akua();
        backend.switches.channels_per_page = per_page;
        for _ in 0..3 {
            create(&mut backend, json!({})).unwrap();
        }
        let mut input = json!({"ContactId": arn("akuam")});
        if !more.is_null() {
            input["MaxResults"] = more;
        }
        let page = backend.call("ListContactChannels", &input).unwrap();
        assert_eq!(page["ContactChannels"].as_array().unwrap().len(), expected);
        assert_eq!(page.get("NextToken").is_some(), expected < 3);
    }
}

/// A backend with a seeded contact whose list of channels is behind.
fn behind() -> (Backend, impl Fn(u64)) {
    let (mut backend, set) = with_clock();
    backend.seed("akuam", "PERSONAL", &[]);
    backend.switches.channels_listed_after = Duration::from_secs(5);
    (backend, set)
}

#[test]
fn the_list_is_up_to_date_by_default() {
    let (mut backend, _) = behind();
    backend.switches.channels_listed_after = Duration::ZERO;
    let channel = create(&mut backend, json!({})).unwrap();
    assert_eq!(names(&list(&mut backend)), ["mobile"]);
    update(&mut backend, &channel, json!({"Name": "home"})).unwrap();
    assert_eq!(names(&list(&mut backend)), ["home"]);
    delete(&mut backend, &channel).unwrap();
    assert_eq!(names(&list(&mut backend)), [""; 0]);
}

#[test]
fn the_list_can_be_behind() {
    let (mut backend, set) = behind();
    let channel = create(&mut backend, json!({})).unwrap();
    set(4);
    assert_eq!(names(&list(&mut backend)), [""; 0]);
    // Only the list is behind.
    let id = json!({"ContactChannelId": channel});
    backend.call("GetContactChannel", &id).unwrap();
    assert_eq!(backend.channels("akuam").len(), 1);
    let change = json!({"Name": "home", "DeliveryAddress": {"SimpleAddress": "+1"}});
    update(&mut backend, &channel, change).unwrap();
    set(5);
    let listed = list(&mut backend);
    assert_eq!(names(&listed), ["mobile"]);
    assert_eq!(listed[0]["DeliveryAddress"]["SimpleAddress"], PHONE);
    set(7);
    delete(&mut backend, &channel).unwrap();
    assert_eq!(names(&list(&mut backend)), ["mobile"]);
    set(9);
    let listed = list(&mut backend);
    assert_eq!(names(&listed), ["home"]);
    assert_eq!(listed[0]["DeliveryAddress"]["SimpleAddress"], "+1");
    set(11);
    assert_eq!(names(&list(&mut backend)), ["home"]);
    set(12);
    assert_eq!(names(&list(&mut backend)), [""; 0]);
}

#[test]
fn changes_of_a_person_are_listed_immediately() {
    let (mut backend, set) = behind();
    let channel = backend.add_channel("akuam", "mobile", "SMS", PHONE, false);
    assert_eq!(names(&list(&mut backend)), ["mobile"]);
    backend.activate_channel(&channel);
    assert_eq!(list(&mut backend)[0]["ActivationStatus"], "ACTIVATED");
    update(&mut backend, &channel, json!({"Name": "home"})).unwrap();
    assert_eq!(names(&list(&mut backend)), ["mobile"]);
    set(5);
    assert_eq!(names(&list(&mut backend)), ["home"]);
    backend.remove_channel(&channel);
    assert_eq!(names(&list(&mut backend)), [""; 0]);
}

#[test]
fn the_activation_of_an_unlisted_channel_does_not_list_it() {
    let (mut backend, set) = behind();
    let channel = create(&mut backend, json!({})).unwrap();
    backend.activate_channel(&channel);
    assert_eq!(names(&list(&mut backend)), [""; 0]);
    set(5);
    assert_eq!(list(&mut backend)[0]["ActivationStatus"], "ACTIVATED");
}

#[test]
fn a_new_contact_has_no_channels_of_the_deleted_one() {
    let (mut backend, _) = behind();
    backend.add_channel("akuam", "mobile", "SMS", PHONE, false);
    delete_contact(&mut backend).unwrap();
    backend.seed("akuam", "PERSONAL", &[]);
    assert_eq!(names(&list(&mut backend)), [""; 0]);
}

#[test]
fn pages_are_those_of_the_list_that_is_behind() {
    let (mut backend, _) = behind();
    for name in ["a", "b", "c"] {
        backend.add_channel("akuam", name, "SMS", PHONE, false);
    }
    delete(&mut backend, &channel_arn(1)).unwrap();
    create(&mut backend, json!({})).unwrap();
    let page = |token: Option<&Value>| {
        let mut input = json!({"ContactId": arn("akuam"), "MaxResults": 2});
        if let Some(token) = token {
            input["NextToken"] = token.clone();
        }
        input
    };
    let first = backend.call("ListContactChannels", &page(None)).unwrap();
    let next = page(first.get("NextToken"));
    let second = backend.call("ListContactChannels", &next).unwrap();
    let of = |page: &Value| page["ContactChannels"].as_array().unwrap().clone();
    assert_eq!(names(&of(&first)), ["a", "b"]);
    assert_eq!(names(&of(&second)), ["c"]);
    assert!(second.get("NextToken").is_none());
}

#[test]
fn the_contact_of_a_channel_must_be_readable() {
    for after in [Duration::ZERO, Duration::from_secs(5)] {
        let (mut backend, set) = with_clock();
        backend.switches.readable_after = after;
        let input = super::akua(json!({}));
        backend.call("CreateContact", &input).unwrap();
        if after > Duration::ZERO {
            set(4);
            let token = json!({"IdempotencyToken": "t"});
            let refused = create(&mut backend, token).map(Value::from);
            assert!(invalid(refused).contains("not found"));
            let id = json!({"ContactId": arn("akuam")});
            let listed = backend.call("ListContactChannels", &id);
            assert_eq!(super::code(listed), "ResourceNotFoundException");
            set(5);
        }
        create(&mut backend, json!({"IdempotencyToken": "t"})).unwrap();
        assert_eq!(names(&list(&mut backend)), ["mobile"]);
    }
}

#[test]
fn arns_of_channels_are_of_the_region_of_their_contact() {
    let mut backend = with_akua();
    backend.switches.first_region = Some("eu-west-1".to_owned());
    // This contact was created before the switch was set.
    assert_eq!(create(&mut backend, json!({})), Ok(channel_arn(1)));
    backend.seed("akuam", "PERSONAL", &[]);
    let in_region = |region: &str| channel_arn(2).replace("us-east-2", region);
    let channel = create(&mut backend, json!({})).unwrap();
    assert_eq!(channel, in_region("eu-west-1"));
    let contact = arn("akuam").replace("us-east-2", "eu-west-1");
    assert_eq!(list(&mut backend)[0]["ContactArn"], contact);
    for region in ["eu-west-1", "us-east-2"] {
        let renamed = json!({"Name": region});
        update(&mut backend, &in_region(region), renamed).unwrap();
        assert_eq!(names(&list(&mut backend)), [region]);
    }
    let other = update(&mut backend, &in_region("ap-south-1"), json!({}));
    assert_eq!(super::code(other), "AccessDeniedException");
}
