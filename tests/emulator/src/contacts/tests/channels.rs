//! Tests of the operations on contact channels.

use serde_json::{Value, json};

use super::{arn, code, invalid, merge, with_akua};
use crate::contacts::{Backend, Channel, ServiceError};

pub(super) const PHONE: &str = "+1 (206) 555-0107";
pub(super) const MAIL: &str = "Akua.Mansa@example.com";

/// The ARN of the channel of the example with this number.
pub(super) fn channel_arn(number: u32) -> String {
    let channel = arn("akuam").replace(":contact/", ":contact-channel/");
    format!("{channel}/00000000-0000-4000-9000-{number:012}")
}

fn mobile(more: Value) -> Value {
    let mut input = json!({"ContactId": arn("akuam"), "Name": "mobile", "Type": "SMS",
        "DeliveryAddress": {"SimpleAddress": PHONE}});
    merge(&mut input, more);
    input
}

/// Creates a channel of the example, with other members. Returns its ARN.
pub(super) fn create(backend: &mut Backend, more: Value) -> Result<String, ServiceError> {
    let output = backend.call("CreateContactChannel", &mobile(more))?;
    let [(name, arn)] = &output.as_object().unwrap().iter().collect::<Vec<_>>()[..] else {
        panic!("{output}")
    };
    assert_eq!(*name, "ContactChannelArn");
    Ok(arn.as_str().unwrap().to_owned())
}

pub(super) fn update(backend: &mut Backend, arn: &str, more: Value) -> Result<Value, ServiceError> {
    let mut input = json!({"ContactChannelId": arn});
    merge(&mut input, more);
    backend.call("UpdateContactChannel", &input)
}

pub(super) fn delete(backend: &mut Backend, arn: &str) -> Result<Value, ServiceError> {
    backend.call("DeleteContactChannel", &json!({"ContactChannelId": arn}))
}

pub(super) fn list(backend: &mut Backend) -> Vec<Value> {
    let listed = backend.call("ListContactChannels", &json!({"ContactId": arn("akuam")}));
    listed.unwrap()["ContactChannels"]
        .as_array()
        .unwrap()
        .clone()
}

pub(super) fn names(channels: &[Value]) -> Vec<&str> {
    channels
        .iter()
        .map(|channel| channel["Name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_new_channel_is_listed_and_not_activated() {
    for defer in [json!(null), json!(true), json!(false)] {
        let mut backend = with_akua();
        let more = json!({"DeferActivation": defer, "IdempotencyToken": "t"});
        assert_eq!(create(&mut backend, more), Ok(channel_arn(1)));
        let expected = json!({"ContactArn": arn("akuam"), "ContactChannelArn": channel_arn(1),
            "Name": "mobile", "Type": "SMS", "DeliveryAddress": {"SimpleAddress": PHONE},
            "ActivationStatus": "NOT_ACTIVATED"});
        assert_eq!(list(&mut backend), std::slice::from_ref(&expected));
        let id = json!({"ContactChannelId": channel_arn(1)});
        assert_eq!(backend.call("GetContactChannel", &id), Ok(expected));
        let [channel] = &backend.channels("akuam")[..] else {
            panic!()
        };
        assert_eq!(channel.address, PHONE);
        assert_eq!(channel.name, "mobile");
    }
}

#[test]
fn channels_are_returned_in_order_of_creation() {
    let mut backend = with_akua();
    backend.seed("kwesib", "PERSONAL", &[]);
    for name in ["b", "a", "b"] {
        create(&mut backend, json!({"Name": name})).unwrap();
    }
    create(&mut backend, json!({"ContactId": arn("kwesib")})).unwrap();
    assert_eq!(names(&list(&mut backend)), ["b", "a", "b"]);
    let arns: Vec<String> = backend
        .channels("akuam")
        .into_iter()
        .map(|channel| channel.arn)
        .collect();
    assert_eq!(arns, [channel_arn(1), channel_arn(2), channel_arn(3)]);
    assert_eq!(backend.channels("kwesib").len(), 1);
    assert_eq!(backend.channels("nobody"), []);
}

#[test]
fn members_omitted_from_an_update_do_not_change() {
    let mut backend = with_akua();
    let channel = create(&mut backend, json!({})).unwrap();
    let home = json!({"SimpleAddress": "+12065550199"});
    let seen = |backend: &mut Backend| {
        let channel = &list(backend)[0];
        (
            channel["Name"].clone(),
            channel["DeliveryAddress"]["SimpleAddress"].clone(),
        )
    };
    for (more, expected) in [
        (json!({}), ("mobile", PHONE)),
        (json!({"Name": "home"}), ("home", PHONE)),
        (json!({"DeliveryAddress": home}), ("home", "+12065550199")),
    ] {
        assert_eq!(update(&mut backend, &channel, more), Ok(json!({})));
        assert_eq!(seen(&mut backend), (json!(expected.0), json!(expected.1)));
    }
}

#[test]
fn a_refused_update_changes_nothing() {
    let mut backend = with_akua();
    let channel = create(&mut backend, json!({})).unwrap();
    let before = backend.channels("akuam");
    for address in ["555", MAIL] {
        let more = json!({"Name": "home", "DeliveryAddress": {"SimpleAddress": address}});
        update(&mut backend, &channel, more).unwrap_err();
        assert_eq!(backend.channels("akuam"), before);
    }
}

#[test]
fn a_deleted_channel_is_not_found() {
    let mut backend = with_akua();
    let channel = create(&mut backend, json!({})).unwrap();
    assert_eq!(delete(&mut backend, &channel), Ok(json!({})));
    assert_eq!(backend.channels("akuam"), []);
    assert_eq!(list(&mut backend), [json!(null); 0]);
    for operation in [
        "GetContactChannel",
        "UpdateContactChannel",
        "DeleteContactChannel",
    ] {
        let error = backend
            .call(operation, &json!({"ContactChannelId": channel}))
            .unwrap_err();
        assert_eq!(error.code, "ResourceNotFoundException", "{operation}");
        assert_eq!(error.members["ResourceId"], channel);
        assert_eq!(error.members["ResourceType"], "CONTACT_CHANNEL");
    }
    // A later channel gets another ARN.
    assert_eq!(create(&mut backend, json!({})), Ok(channel_arn(2)));
}

#[test]
fn the_channels_of_a_missing_contact_are_neither_created_nor_listed() {
    let mut backend = Backend::default();
    let refused = create(&mut backend, json!({})).map(Value::from);
    assert!(invalid(refused).contains("not found"));
    let listed = backend.call("ListContactChannels", &json!({"ContactId": arn("akuam")}));
    let error = listed.unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
    assert_eq!(error.members["ResourceType"], "CONTACT");
}

#[test]
fn only_personal_contacts_have_channels() {
    for contact_type in ["ESCALATION", "ONCALL_SCHEDULE"] {
        let mut backend = Backend::default();
        backend.seed("akuam", contact_type, &[]);
        let refused = create(&mut backend, json!({})).map(Value::from);
        assert!(invalid(refused).contains("PERSONAL"));
        assert_eq!(list(&mut backend), [json!(null); 0]);
    }
}

#[test]
fn access_to_channels_of_another_account_or_region_is_denied() {
    let mut backend = with_akua();
    let channel = create(&mut backend, json!({})).unwrap();
    for (from, to) in [("1111", "4444"), ("us-east-2", "us-west-1")] {
        let (contact, channel) = (arn("akuam").replace(from, to), channel.replace(from, to));
        for (operation, input) in [
            (
                "CreateContactChannel",
                mobile(json!({"ContactId": contact})),
            ),
            ("ListContactChannels", json!({"ContactId": contact})),
            ("GetContactChannel", json!({"ContactChannelId": channel})),
            ("UpdateContactChannel", json!({"ContactChannelId": channel})),
            ("DeleteContactChannel", json!({"ContactChannelId": channel})),
        ] {
            let error = backend.call(operation, &input).unwrap_err();
            assert_eq!(error.code, "AccessDeniedException");
            assert!(error.message.contains(operation), "{}", error.message);
        }
    }
}

#[test]
fn the_arn_of_a_contact_is_not_that_of_a_channel() {
    let mut backend = with_akua();
    let channel = create(&mut backend, json!({})).unwrap();
    for id in [
        arn("akuam"),
        channel.replace(":contact-channel/", ":contact/"),
    ] {
        assert_eq!(code(delete(&mut backend, &id)), "ResourceNotFoundException");
    }
    assert_eq!(backend.channels("akuam").len(), 1);
}

#[test]
fn a_denied_operation_is_refused() {
    for operation in [
        "CreateContactChannel",
        "UpdateContactChannel",
        "DeleteContactChannel",
        "ListContactChannels",
        "GetContactChannel",
    ] {
        let mut backend = with_akua();
        backend.denied.insert(operation);
        let refused = backend.call(operation, &json!({}));
        assert_eq!(code(refused), "AccessDeniedException");
    }
}

#[test]
fn a_token_leads_to_the_next_page() {
    let mut backend = with_akua();
    for name in ["a", "b", "c"] {
        create(&mut backend, json!({"Name": name})).unwrap();
    }
    let mut page = |more: Value| {
        let mut input = json!({"ContactId": arn("akuam")});
        merge(&mut input, more);
        let page = backend.call("ListContactChannels", &input).unwrap();
        let channels = page["ContactChannels"].as_array().unwrap();
        let names: Vec<String> = names(channels).into_iter().map(str::to_owned).collect();
        (names.concat(), page.get("NextToken").cloned())
    };
    for whole in [
        json!({}),
        json!({"MaxResults": 0}),
        json!({"MaxResults": 3}),
    ] {
        assert_eq!(page(whole), ("abc".to_owned(), None));
    }
    let (first, next) = page(json!({"MaxResults": 2}));
    assert_eq!(first, "ab");
    let second = page(json!({"MaxResults": 2, "NextToken": next.unwrap()}));
    assert_eq!(second, ("c".to_owned(), None));
}

#[test]
fn a_plan_can_have_channels_that_do_not_exist() {
    let mut backend = with_akua();
    let target = json!({"ChannelTargetInfo": {"ContactChannelId": channel_arn(7)}});
    let plan = json!({"Stages": [{"DurationInMinutes": 1, "Targets": [target]}]});
    let other = super::akua(json!({"Alias": "other", "Plan": plan}));
    backend.call("CreateContact", &other).unwrap();
    let input = json!({"ContactId": arn("akuam"), "Plan": plan});
    backend.call("UpdateContact", &input).unwrap();
    assert_eq!(backend.contact("akuam").unwrap().plan, plan);
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
    let expected = [
        channel(&mobile, "mobile", "SMS", PHONE),
        channel(&mail, "work", "EMAIL", "no address"),
    ];
    assert_eq!(backend.channels("akuam"), expected);
    let listed = list(&mut backend);
    assert_eq!(listed[0]["ActivationStatus"], "ACTIVATED");
    assert_eq!(names(&listed), ["mobile", "work"]);
    backend.remove_channel(&mobile);
    assert_eq!(backend.channels("akuam"), expected[1..]);
    assert_eq!(names(&list(&mut backend)), ["work"]);
    assert_eq!(backend.channel_mut(&mobile), None);
}

#[test]
fn a_removed_contact_loses_its_channels() {
    let delete: fn(&mut Backend) = |backend| {
        backend
            .call("DeleteContact", &json!({"ContactId": arn("akuam")}))
            .unwrap();
    };
    let remove: fn(&mut Backend) = |backend| backend.remove("akuam");
    let replace: fn(&mut Backend) = |backend| backend.seed("akuam", "PERSONAL", &[]);
    for end in [delete, remove, replace] {
        let mut backend = with_akua();
        backend.seed("kwesib", "PERSONAL", &[]);
        let channel = create(&mut backend, json!({})).unwrap();
        backend.add_channel("kwesib", "mobile", "SMS", PHONE, true);
        end(&mut backend);
        backend.seed("akuam", "PERSONAL", &[]);
        assert_eq!(list(&mut backend), [json!(null); 0]);
        assert_eq!(
            code(update(&mut backend, &channel, json!({}))),
            "ResourceNotFoundException"
        );
        assert_eq!(backend.channels("kwesib").len(), 1);
    }
}

#[test]
fn a_contact_of_a_rotation_keeps_its_channels() {
    let mut backend = with_akua();
    create(&mut backend, json!({})).unwrap();
    backend.add_to_rotation("akuam", "r1");
    let refused = backend.call("DeleteContact", &json!({"ContactId": arn("akuam")}));
    let dependents = &refused.unwrap_err().members["DependentEntities"];
    assert_eq!(
        *dependents,
        json!([{"RelationType": "ROTATION", "DependentResourceIds": ["r1"]}])
    );
    assert_eq!(backend.channels("akuam").len(), 1);
}

#[test]
fn a_channel_does_not_change_its_contact() {
    let mut backend = with_akua();
    let before = backend.contact("akuam").cloned();
    create(&mut backend, json!({})).unwrap();
    assert_eq!(backend.contact("akuam").cloned(), before);
}
