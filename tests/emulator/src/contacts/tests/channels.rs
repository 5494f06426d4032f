//! Tests of the operations on contact channels.

use serde_json::{Value, json};

use super::{MAIL, PHONE, arn, call, channel_arn, channel_names, code, each, fields, invalid};
use super::{with_akua, with_channel};
use crate::contacts::{Backend, Channel};

fn create(backend: &mut Backend, more: Value) -> Result<Value, crate::contacts::ServiceError> {
    call(backend, "CreateContactChannel", more)
}

#[test]
fn a_new_channel_is_listed_and_not_activated() {
    let mut backend = with_akua();
    let before = backend.contact("akuam").cloned();
    assert_eq!(create(&mut backend, json!({})), Ok(json!({"ContactChannelArn": channel_arn(1)})));
    let expected = json!({"ContactArn": arn("akuam"), "ContactChannelArn": channel_arn(1),
        "Name": "mobile", "Type": "SMS", "DeliveryAddress": {"SimpleAddress": PHONE},
        "ActivationStatus": "NOT_ACTIVATED"});
    let listed = call(&mut backend, "ListContactChannels", json!({}));
    assert_eq!(listed, Ok(json!({"ContactChannels": [expected]})));
    assert_eq!(call(&mut backend, "GetContactChannel", json!({})), Ok(expected));
    assert_eq!(backend.contact("akuam").cloned(), before);
}

#[test]
fn channels_are_returned_in_order_of_creation_and_in_pages() {
    for per_page in [None, Some(2)] {
        let mut backend = with_akua();
        backend.switches.channels_per_page = per_page;
        backend.seed("kwesib", "PERSONAL", &[]);
        for name in ["b", "a", "b"] {
            create(&mut backend, json!({"Name": name})).unwrap();
        }
        create(&mut backend, json!({"ContactId": arn("kwesib")})).unwrap();
        let arns: Vec<String> =
            backend.channels("akuam").into_iter().map(|channel| channel.arn).collect();
        assert_eq!(arns, [channel_arn(1), channel_arn(2), channel_arn(3)]);
        assert_eq!((backend.channels("kwesib").len(), backend.channels("nobody").len()), (1, 0));
        let mut page = |more: Value| {
            let page = call(&mut backend, "ListContactChannels", more).unwrap();
            (each(&page["ContactChannels"], "Name").concat(), page["NextToken"].clone())
        };
        let whole = if per_page.is_some() { "ba" } else { "bab" };
        for (most, expected) in
            [(json!(null), whole), (json!(0), whole), (json!(3), "bab"), (json!(1), "b")]
        {
            let (names, next) = page(json!({"MaxResults": most}));
            assert_eq!((names.as_str(), next.is_null()), (expected, expected == "bab"));
        }
        let (_, next) = page(json!({"MaxResults": 2}));
        let last = page(json!({"MaxResults": 2, "NextToken": next}));
        assert_eq!(last, ("b".to_owned(), json!(null)));
    }
}

#[test]
fn members_omitted_from_an_update_do_not_change() {
    let mut backend = with_channel();
    let address = |address: &str| json!({"SimpleAddress": address});
    for (more, name, stored) in [
        (json!({}), "mobile", PHONE),
        (json!({"Name": "home"}), "home", PHONE),
        (json!({"DeliveryAddress": address("+49")}), "home", "+49"),
    ] {
        assert_eq!(call(&mut backend, "UpdateContactChannel", more), Ok(json!({})));
        let before = backend.channels("akuam");
        assert_eq!((before[0].name.as_str(), before[0].address.as_str()), (name, stored));
        for wrong in ["555", MAIL] {
            let refused = json!({"Name": "other", "DeliveryAddress": address(wrong)});
            call(&mut backend, "UpdateContactChannel", refused).unwrap_err();
            assert_eq!(backend.channels("akuam"), before);
        }
    }
}

#[test]
fn a_deleted_channel_is_gone_and_a_later_one_has_another_arn() {
    let mut backend = with_channel();
    assert_eq!(call(&mut backend, "DeleteContactChannel", json!({})), Ok(json!({})));
    assert_eq!(channel_names(&mut backend), [""; 0]);
    let again = call(&mut backend, "DeleteContactChannel", json!({}));
    assert_eq!(code(again), "ResourceNotFoundException");
    create(&mut backend, json!({})).unwrap();
    assert_eq!(backend.channels("akuam")[0].arn, channel_arn(2));
    for id in [arn("akuam"), channel_arn(2).replace(":contact-channel/", ":contact/")] {
        let refused = call(&mut backend, "DeleteContactChannel", json!({"ContactChannelId": id}));
        assert_eq!(code(refused), "ResourceNotFoundException");
    }
}

#[test]
fn only_existing_personal_contacts_have_channels() {
    let refused = create(&mut Backend::default(), json!({}));
    assert!(invalid(refused).contains("not found"));
    let other = json!({"ContactId": arn("akuam").replace("1111", "4444")});
    assert_eq!(code(create(&mut with_akua(), other)), "AccessDeniedException");
    for contact_type in ["ESCALATION", "ONCALL_SCHEDULE"] {
        let mut backend = Backend::default();
        backend.seed("akuam", contact_type, &[]);
        assert!(invalid(create(&mut backend, json!({}))).contains("PERSONAL"));
        assert_eq!(channel_names(&mut backend), [""; 0]);
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
        let more = |address: Value| json!({"Type": channel_type, "DeliveryAddress": address});
        let mut backend = with_akua();
        create(&mut backend, more(json!({"SimpleAddress": accepted}))).unwrap();
        for address in [json!({"SimpleAddress": refused}), json!({})] {
            let change = json!({"DeliveryAddress": address});
            let repeated = address["SimpleAddress"].as_str().unwrap_or("''");
            for result in [
                create(&mut backend, more(address.clone())),
                call(&mut backend, "UpdateContactChannel", change),
            ] {
                let error = result.clone().unwrap_err();
                assert!(error.message.contains(repeated), "{}", error.message);
                assert_eq!(error.members["Fields"][0]["Message"], error.message);
                assert_eq!(fields(result), ["DeliveryAddress.SimpleAddress"]);
            }
        }
        assert_eq!(backend.channels("akuam").len(), 1);
    }
}

#[test]
fn a_person_adds_activates_changes_and_removes_channels() {
    let mut backend = with_akua();
    let mobile = backend.add_channel("akuam", "mobile", "SMS", PHONE, false);
    let mail = backend.add_channel("akuam", "mail", "EMAIL", "no address", true);
    assert_eq!((&mobile, &mail), (&channel_arn(1), &channel_arn(2)));
    backend.activate_channel(&mobile);
    backend.channel_mut(&mail).unwrap().name = "work".to_owned();
    let channel = |arn: &str, name: &str, channel_type: &str, address: &str| Channel {
        arn: arn.to_owned(),
        name: name.to_owned(),
        channel_type: channel_type.to_owned(),
        address: address.to_owned(),
        is_activated: true,
    };
    let expected =
        [channel(&mobile, "mobile", "SMS", PHONE), channel(&mail, "work", "EMAIL", "no address")];
    assert_eq!(backend.channels("akuam"), expected);
    let found = call(&mut backend, "GetContactChannel", json!({})).unwrap();
    assert_eq!(found["ActivationStatus"], "ACTIVATED");
    assert_eq!(channel_names(&mut backend), ["mobile", "work"]);
    backend.remove_channel(&mobile);
    assert_eq!(backend.channels("akuam"), expected[1..]);
    assert_eq!(backend.channel_mut(&mobile), None);
}

#[test]
fn a_removed_contact_loses_its_channels() {
    let delete: fn(&mut Backend) = |backend| {
        call(backend, "DeleteContact", json!({})).unwrap();
    };
    let remove: fn(&mut Backend) = |backend| backend.remove("akuam");
    let replace: fn(&mut Backend) = |backend| backend.seed("akuam", "PERSONAL", &[]);
    for end in [delete, remove, replace] {
        let mut backend = with_channel();
        backend.seed("kwesib", "PERSONAL", &[]);
        backend.add_channel("kwesib", "mobile", "SMS", PHONE, true);
        end(&mut backend);
        backend.seed("akuam", "PERSONAL", &[]);
        assert_eq!(channel_names(&mut backend), [""; 0]);
        let gone = call(&mut backend, "UpdateContactChannel", json!({}));
        assert_eq!(code(gone), "ResourceNotFoundException");
        assert_eq!(backend.channels("kwesib").len(), 1);
    }
}
