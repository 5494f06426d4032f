//! Tests of each switch, on and off.

use serde_json::{Value, json};

use super::{
    MAIL, ON_A_CONTACT, ON_TAGS, PHONE, arn, call, channel_arn, channel_names, code, each, invalid,
};
use super::{with_akua, with_channel};
use crate::contacts::Backend;

fn address(address: &str) -> Value {
    json!({"DeliveryAddress": {"SimpleAddress": address}})
}

/// The ARN of the example in a Region.
fn akua_in(region: &str) -> String {
    arn("akuam").replace("us-east-2", region)
}

#[test]
fn the_arn_of_a_missing_contact_can_be_invalid_for_tag_operations() {
    let mut backend = Backend::default();
    for switch in [false, true] {
        backend.switches.gone_is_invalid_arn = switch;
        for operation in ON_TAGS.into_iter().chain(ON_A_CONTACT) {
            let answer = call(&mut backend, operation, json!({}));
            if switch && ON_TAGS.contains(&operation) {
                assert_eq!(invalid(answer), "Invalid resource Arn", "{operation}");
            } else {
                assert_eq!(code(answer), "ResourceNotFoundException", "{operation}");
            }
        }
    }
    let mut backend = with_akua();
    backend.switches.gone_is_invalid_arn = true;
    for operation in ON_TAGS {
        call(&mut backend, operation, json!({})).unwrap();
    }
}

#[test]
fn arns_can_be_of_the_first_region_and_those_of_both_are_accepted() {
    for first_region in [None, Some("eu-west-1")] {
        let mut backend = Backend::default();
        backend.switches.first_region = first_region.map(ToOwned::to_owned);
        let first = akua_in(first_region.unwrap_or("us-east-2"));
        assert_eq!(backend.arn("akuam"), first);
        let created = call(&mut backend, "CreateContact", json!({}));
        assert_eq!(created, Ok(json!({"ContactArn": first})));
        backend.add_to_rotation("akuam", "r1");
        let listed = call(&mut backend, "ListContacts", json!({})).unwrap();
        assert_eq!(listed["Contacts"][0]["ContactArn"], first);
        let taken = call(&mut backend, "CreateContact", json!({})).unwrap_err();
        assert_eq!(taken.members["ResourceId"], first);
        for region in ["us-east-2", "eu-west-1", "ap-south-1"] {
            let known = region == "us-east-2" || Some(region) == first_region;
            let (here, other) = (akua_in(region), akua_in(region).replace("1111", "4444"));
            for operation in ON_TAGS.into_iter().chain(ON_A_CONTACT) {
                let member = if ON_TAGS.contains(&operation) { "ResourceARN" } else { "ContactId" };
                let refused = call(&mut backend, operation, json!({member: other}));
                assert_eq!(code(refused), "AccessDeniedException");
                let answer = call(&mut backend, operation, json!({member: here}));
                match (known, operation) {
                    (false, _) => assert_eq!(code(answer), "AccessDeniedException"),
                    (true, "DeleteContact") => {
                        let refused = answer.unwrap_err();
                        assert_eq!(refused.code, "ConflictException");
                        assert_eq!(refused.members["ResourceId"], first);
                    }
                    (true, _) => drop(answer.unwrap()),
                }
            }
        }
    }
}

#[test]
fn arns_of_channels_are_of_the_region_of_their_contact() {
    let mut backend = with_akua();
    backend.switches.first_region = Some("eu-west-1".to_owned());
    // This contact was created before the switch was set.
    let created = call(&mut backend, "CreateContactChannel", json!({}));
    assert_eq!(created, Ok(json!({"ContactChannelArn": channel_arn(1)})));
    backend.seed("akuam", "PERSONAL", &[]);
    let here = |region: &str| channel_arn(2).replace("us-east-2", region);
    let created = call(&mut backend, "CreateContactChannel", json!({}));
    assert_eq!(created, Ok(json!({"ContactChannelArn": here("eu-west-1")})));
    let listed = call(&mut backend, "ListContactChannels", json!({})).unwrap();
    let contacts = each(&listed["ContactChannels"], "ContactArn");
    assert_eq!(contacts, [akua_in("eu-west-1")]);
    for region in ["eu-west-1", "us-east-2"] {
        let renamed = json!({"ContactChannelId": here(region), "Name": region});
        call(&mut backend, "UpdateContactChannel", renamed).unwrap();
        assert_eq!(channel_names(&mut backend), [region]);
    }
    let other = json!({"ContactChannelId": here("ap-south-1")});
    let refused = call(&mut backend, "UpdateContactChannel", other);
    assert_eq!(code(refused), "AccessDeniedException");
}

#[test]
fn a_contact_beyond_the_quota_is_refused() {
    let other = || json!({"Alias": "other", "IdempotencyToken": "u"});
    call(&mut with_akua(), "CreateContact", other()).unwrap();
    let mut backend = Backend::default();
    backend.switches.quota = Some(1);
    let token = json!({"IdempotencyToken": "t"});
    for _ in 0..2 {
        call(&mut backend, "CreateContact", token.clone()).unwrap();
    }
    let refused = call(&mut backend, "CreateContact", other()).unwrap_err();
    assert_eq!(refused.code, "ServiceQuotaExceededException");
    assert_eq!(
        Value::Object(refused.members),
        json!({"QuotaCode": "L-CONTACTS", "ServiceCode": "ssm-contacts",
            "ResourceId": "other", "ResourceType": "CONTACT"})
    );
    assert!(backend.contact("other").is_none());
    for (taken_alias_is_invalid, quota_before_alias, quota, expected) in [
        (false, false, 1, "ConflictException"),
        (true, false, 1, "ValidationException"),
        (false, true, 1, "ServiceQuotaExceededException"),
        (true, true, 1, "ServiceQuotaExceededException"),
        (false, true, 2, "ConflictException"),
    ] {
        backend.taken_alias_is_invalid = taken_alias_is_invalid;
        backend.switches.quota_before_alias = quota_before_alias;
        backend.switches.quota = Some(quota);
        let refused = call(&mut backend, "CreateContact", json!({}));
        assert_eq!(code(refused), expected);
    }
    call(&mut backend, "DeleteContact", json!({})).unwrap();
    call(&mut backend, "CreateContact", other()).unwrap();
}

#[test]
fn the_conflict_of_a_taken_alias_can_name_no_contact() {
    let mut backend = with_akua();
    backend.switches.taken_alias_names_no_contact = true;
    let taken = call(&mut backend, "CreateContact", json!({})).unwrap_err();
    assert_eq!(taken.code, "ConflictException");
    assert!(taken.members.is_empty(), "{taken:?}");
}

/// A plan with an empty stage and a stage with a channel for each retry interval. Null means
/// a channel without one.
fn channels(retries: &[Value]) -> Value {
    let channel = |retry: &Value| {
        let mut info = json!({"ContactChannelId": channel_arn(1)});
        if !retry.is_null() {
            info["RetryIntervalInMinutes"] = retry.clone();
        }
        json!({"ChannelTargetInfo": info})
    };
    let targets: Vec<Value> = retries.iter().map(channel).collect();
    json!({"Stages": [
        {"DurationInMinutes": 1, "Targets": []},
        {"DurationInMinutes": 1, "Targets": targets},
    ]})
}

#[test]
fn a_missing_retry_interval_can_be_filled_in() {
    let sent = channels(&[json!(null), json!(0), json!(7)]);
    let filled = channels(&[json!(5), json!(0), json!(7)]);
    let targets = json!([{"ContactTargetInfo": {"ContactId": arn("b"), "IsEssential": true}}]);
    let contacts = json!({"Stages": [{"DurationInMinutes": 1, "Targets": targets}]});
    for (minutes, contact_type, plan, expected) in [
        (None, "PERSONAL", &sent, &sent),
        (Some(5), "PERSONAL", &sent, &filled),
        (Some(5), "ESCALATION", &contacts, &contacts),
        (Some(5), "ONCALL_SCHEDULE", &json!({}), &json!({})),
    ] {
        let mut backend = Backend::default();
        backend.switches.fills_in_retry_interval = minutes;
        let input = json!({"Type": contact_type, "Plan": plan, "IdempotencyToken": "t"});
        // The input of the token is what was sent.
        for _ in 0..2 {
            call(&mut backend, "CreateContact", input.clone()).unwrap();
        }
        assert_eq!(backend.contact("akuam").unwrap().plan, *expected);
        backend.contact_mut("akuam").unwrap().plan = json!({});
        call(&mut backend, "UpdateContact", json!({"Plan": plan})).unwrap();
        let found = call(&mut backend, "GetContact", json!({})).unwrap();
        assert_eq!(found["Plan"], *expected);
    }
}

#[test]
fn channels_can_keep_their_contact_from_being_deleted() {
    let entity = |relation: &str, ids: Vec<String>| json!({"RelationType": relation, "DependentResourceIds": ids});
    for blocks in [false, true] {
        let mut backend = with_channel();
        backend.switches.channels_block_delete = blocks;
        for _ in 0..25 {
            backend.add_channel("akuam", "mail", "EMAIL", MAIL, true);
        }
        backend.add_to_rotation("akuam", "r1");
        let mut expected = vec![entity("ROTATION", vec!["r1".to_owned()])];
        if blocks {
            // An entity names at most 25.
            expected.push(entity("CONTACT_CHANNEL", (1..=25).map(channel_arn).collect()));
            expected.push(entity("CONTACT_CHANNEL", vec![channel_arn(26)]));
        }
        let refused = call(&mut backend, "DeleteContact", json!({})).unwrap_err();
        assert_eq!(refused.members["DependentEntities"], json!(expected));
        backend.delete_rotation("r1");
        if blocks {
            let refused = call(&mut backend, "DeleteContact", json!({})).unwrap_err();
            assert_eq!(refused.code, "ConflictException");
            assert_eq!(refused.members["ResourceId"], arn("akuam"));
            assert_eq!(refused.members["DependentEntities"], json!(expected[1..]));
            (1..=26).for_each(|number| backend.remove_channel(&channel_arn(number)));
        }
        assert_eq!(call(&mut backend, "DeleteContact", json!({})), Ok(json!({})));
        assert_eq!(backend.channels("akuam"), []);
    }
}

#[test]
fn names_and_addresses_of_channels_can_be_unique_in_a_contact() {
    let home = json!({"Name": "home", "DeliveryAddress": {"SimpleAddress": "+49"}});
    for (names, addresses) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut backend = with_akua();
        backend.seed("kwesib", "PERSONAL", &[]);
        backend.switches.channel_names_are_unique = names;
        backend.switches.channel_addresses_are_unique = addresses;
        let token = json!({"IdempotencyToken": "t"});
        for _ in 0..2 {
            call(&mut backend, "CreateContactChannel", token.clone()).unwrap();
        }
        call(&mut backend, "CreateContactChannel", home.clone()).unwrap();
        // The channel of another contact, another type, and the same channel do not conflict.
        call(&mut backend, "CreateContactChannel", json!({"ContactId": arn("kwesib")})).unwrap();
        let voice = json!({"Name": "voice", "Type": "VOICE"});
        call(&mut backend, "CreateContactChannel", voice).unwrap();
        let same = json!({"Name": "mobile", "DeliveryAddress": {"SimpleAddress": PHONE}});
        call(&mut backend, "UpdateContactChannel", same).unwrap();
        let new_name = json!({"Name": "new"});
        let new_address = address("+1");
        for (operation, more, refused) in [
            ("CreateContactChannel", new_address, names),
            ("CreateContactChannel", new_name, addresses),
            ("UpdateContactChannel", json!({"Name": "mobile"}), names),
            ("UpdateContactChannel", address(PHONE), addresses),
        ] {
            let mut backend = backend.clone();
            let mut more = more;
            if operation == "UpdateContactChannel" {
                more["ContactChannelId"] = channel_arn(2).into();
            }
            let result = call(&mut backend, operation, more.clone());
            if !refused {
                result.unwrap();
                continue;
            }
            let error = result.unwrap_err();
            assert_eq!(error.code, "ConflictException");
            assert_eq!(error.members["ResourceId"], channel_arn(1));
            assert_eq!(error.members["ResourceType"], "CONTACT_CHANNEL");
            call(&mut backend, "DeleteContactChannel", json!({})).unwrap();
            call(&mut backend, operation, more).unwrap();
        }
    }
}

#[test]
fn a_changed_address_can_keep_the_activation() {
    for keeps in [false, true] {
        let mut backend = with_channel();
        backend.switches.changed_address_keeps_activation = keeps;
        backend.activate_channel(&channel_arn(1));
        for (more, activated) in [
            (address(PHONE), true),
            (json!({"Name": "home"}), true),
            (address("+1"), keeps),
            (address(PHONE), keeps),
        ] {
            call(&mut backend, "UpdateContactChannel", more).unwrap();
            assert_eq!(backend.channels("akuam")[0].is_activated, activated);
        }
    }
}

#[test]
fn addresses_can_be_normalized() {
    let dotted = "+1.206.555.0107";
    for (normalizes, phone, mail, changed) in [
        (false, PHONE, MAIL, dotted),
        (true, "+12065550107", "akua.mansa@example.com", "+12065550107"),
    ] {
        let mut backend = with_akua();
        backend.switches.normalizes_addresses = normalizes;
        for (channel_type, address) in [("SMS", PHONE), ("VOICE", PHONE), ("EMAIL", MAIL)] {
            let more = json!({"Type": channel_type, "DeliveryAddress": {"SimpleAddress": address}});
            call(&mut backend, "CreateContactChannel", more).unwrap();
        }
        let addresses = |backend: &Backend| -> Vec<String> {
            backend.channels("akuam").into_iter().map(|channel| channel.address).collect()
        };
        assert_eq!(addresses(&backend), [phone, phone, mail]);
        // An address in another form is the same address.
        backend.activate_channel(&channel_arn(1));
        call(&mut backend, "UpdateContactChannel", address(dotted)).unwrap();
        assert_eq!(addresses(&backend), [changed, phone, mail]);
        assert_eq!(backend.channels("akuam")[0].is_activated, normalizes);
    }
}
