use serde_json::{Value, json};

use super::*;
use crate::contact::channel::ChannelType;
use crate::contact::plan::{ChannelReference, Stage, Target};

mod addresses;
mod schema;
mod values;

use values::{CHANNEL, CONTACT, ROTATION, valid};

fn desired(properties: &Value) -> Desired {
    let read = Desired::parse(&properties.to_string());
    read.unwrap_or_else(|violations| panic!("{properties}: {violations}"))
}

/// The text of the violations; empty if there are none.
fn told(properties: &str) -> String {
    Desired::parse(properties).map_or_else(|violations| violations.to_string(), |_| String::new())
}

/// How violations are told, each with its path.
fn expected(violations: &[&str]) -> String {
    match violations.len() {
        0 => String::new(),
        1 => format!("The properties have 1 violation: {}", violations[0]),
        count => format!("The properties have {count} violations: {}", violations.join("; ")),
    }
}

/// Properties of a contact without anything but what is required and these members.
fn contact(contact_type: &str, members: Value) -> Value {
    let mut properties = json!({"Alias": "akuam", "Type": contact_type});
    let Value::Object(members) = members else { panic!() };
    properties.as_object_mut().unwrap().extend(members);
    properties
}

fn person(members: Value) -> Value {
    contact("PERSONAL", members)
}

/// A person whose plan has one target.
#[expect(clippy::needless_pass_by_value, reason = "`json!` borrows it")]
fn targeting(target: Value) -> Value {
    person(json!({"Plan": {"Stages": [{"DurationInMinutes": 5, "Targets": [target]}]}}))
}

fn mail(name: &str) -> Value {
    json!({"Name": name, "Type": "EMAIL", "DeliveryAddress": {"SimpleAddress": "akua@example.com"}})
}

#[test]
fn typed_scalars_and_strings_mean_the_same() {
    for properties in valid() {
        let typed = properties.to_string();
        let typed = typed.replace("\"true\"", "true").replace("\"false\"", "false");
        let typed = typed.replace("\"5\"", "5");
        assert_ne!(typed, properties.to_string());
        let typed = Desired::parse(&typed).unwrap();
        assert_eq!(format!("{typed:?}"), format!("{:?}", desired(&properties)));
    }
    let typed = person(json!({"Alias": 42, "DisplayName": 2.5,
        "Tags": [{"Key": 7, "Value": true}], "IdempotencyToken": 1}));
    let typed = desired(&typed);
    assert_eq!(typed.alias.as_str(), "42");
    assert_eq!(typed.display_name.as_deref(), Some("2.5"));
    assert_eq!(typed.tags, Tags::from([("7".into(), "true".into())]));
    assert_eq!(typed.idempotency_token.as_deref(), Some("1"));
}

#[test]
fn every_member_is_read() {
    let all = desired(&valid()[0]);
    assert_eq!(all.contact_type, ContactType::Personal);
    assert_eq!(all.display_name.as_deref(), Some("Akua Mansa"));
    assert_eq!(all.tags, Tags::from([("team".into(), "on call".into())]));
    assert_eq!(all.idempotency_token.as_deref(), Some("5b03013e"));
    assert_eq!(all.adopt_existing, AdoptExisting::No);
    let types = all.channels.iter().map(|channel| channel.channel_type);
    assert_eq!(types.collect::<Vec<_>>(), ChannelType::ALL);
    let first = &all.channels[0];
    assert_eq!((first.name.as_str(), first.defer_activation), ("mobile", Some(true)));
    assert_eq!(first.address.reveal(), "+12065550101");
    let stages =
        |target| Some(Plan::Stages(vec![Stage { duration_in_minutes: 5, targets: vec![target] }]));
    let channel = |channel| Target::Channel { channel, retry_interval_in_minutes: Some(5) };
    let contact = Target::Contact { contact_id: Some(CONTACT.into()), is_essential: true };
    let plans = [
        stages(channel(ChannelReference::Name("mobile".into()))),
        stages(channel(ChannelReference::Arn(CHANNEL.into()))),
        stages(contact),
        Some(Plan::Rotations(vec![ROTATION.into()])),
    ];
    for (properties, plan) in valid().iter().zip(plans) {
        assert_eq!(desired(properties).plan, plan);
    }
}

#[test]
fn what_is_left_out_differs_from_what_is_empty() {
    let null = person(
        json!({"DisplayName": null, "Plan": null, "Channels": null, "Tags": null, "Zone": null,
        "IdempotencyToken": null, "AdoptExisting": null}),
    );
    for properties in [person(json!({})), null] {
        let read = desired(&properties);
        assert_eq!((read.display_name, read.plan, read.idempotency_token), (None, None, None));
        assert_eq!((read.channels, read.tags), (vec![], Tags::new()));
        assert_eq!(read.adopt_existing, AdoptExisting::No);
    }
    assert_eq!(desired(&person(json!({"Tags": [null], "Channels": [null]}))).tags, Tags::new());
    let empty = desired(&person(json!({"DisplayName": "", "IdempotencyToken": ""})));
    assert_eq!((empty.display_name.as_deref(), empty.idempotency_token), (Some(""), None));
    for (contact_type, plan) in
        [("PERSONAL", json!({"Stages": []})), ("ONCALL_SCHEDULE", json!({"RotationIds": []}))]
    {
        let read = desired(&contact(contact_type, json!({"Plan": plan})));
        assert_eq!(read.plan, Some(Plan::empty(read.contact_type)), "{contact_type} {plan}");
        for none in [json!({}), json!({"Stages": null}), json!({"RotationIds": null})] {
            assert_eq!(desired(&contact(contact_type, json!({"Plan": none}))).plan, None);
        }
    }
}

#[test]
#[rustfmt::skip]
fn adopt_existing_is_a_flag_or_a_logical_id() {
    let id = |id: &str| AdoptExisting::OfLogicalId(id.to_owned());
    let longest = "A".repeat(255);
    for (value, read) in [
        (json!(true), Some(AdoptExisting::Untagged)), (json!("TRUE"), Some(AdoptExisting::Untagged)),
        (json!(false), Some(AdoptExisting::No)), (json!("False"), Some(AdoptExisting::No)),
        (json!("Akua2"), Some(id("Akua2"))), (json!(longest), Some(id(&longest))), (json!(longest + "A"), None),
        (json!(""), None), (json!("Akua-2"), None), (json!("Äkua"), None), (json!(["Akua"]), None),
    ] {
        let properties = person(json!({"AdoptExisting": value}));
        let found = Desired::parse(&properties.to_string()).ok();
        assert_eq!(found.map(|desired| desired.adopt_existing), read, "{value}");
    }
}

#[test]
#[rustfmt::skip]
fn the_edges_of_the_apis_constraints() {
    let minutes = |minutes: Value, targets: Value| {
        person(json!({"Plan": {"Stages": [{"DurationInMinutes": minutes, "Targets": targets}]}}))
    };
    let retry = |minutes: i64| {
        let info = json!({"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": minutes});
        targeting(json!({"ChannelTargetInfo": info}))
    };
    let tags = |count: usize| {
        let tags = (0..count).map(|n| json!({"Key": format!("k{n}"), "Value": "v"}));
        person(json!({"Tags": tags.collect::<Value>()}))
    };
    let tag = |key: &str, value: &str| person(json!({"Tags": [{"Key": key, "Value": value}]}));
    let rotations = |n| contact("ONCALL_SCHEDULE", json!({"Plan": {"RotationIds": vec![ROTATION; n]}}));
    let channel = |name: &str, kind: &str, address: Value| {
        let address = json!({"SimpleAddress": address});
        person(json!({"Channels": [{"Name": name, "Type": kind, "DeliveryAddress": address}]}))
    };
    let target = json!([{"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]);
    for (properties, allowed) in [
        (person(json!({"Alias": "a".repeat(255)})), true), (person(json!({"Alias": "a".repeat(256)})), false),
        (person(json!({"Alias": ""})), false), (person(json!({"Alias": "a.b"})), false),
        (person(json!({"DisplayName": "𝒜".repeat(255)})), true),
        (person(json!({"DisplayName": "é".repeat(256)})), false),
        (person(json!({"DisplayName": "阿夸 Ⅳ ½ a\u{2003}b_.-"})), true),
        (person(json!({"DisplayName": "e\u{301}"})), false), (person(json!({"DisplayName": "tab\tbed"})), false),
        (person(json!({"DisplayName": "a\n"})), false),
        (person(json!({"IdempotencyToken": "A/\\_+=-9".repeat(256)})), true),
        (person(json!({"IdempotencyToken": "a".repeat(2049)})), false),
        (person(json!({"IdempotencyToken": "a:b"})), false), (minutes(json!("0"), target.clone()), true),
        (minutes(json!(" +30 "), target.clone()), true), (minutes(json!(31), target.clone()), false),
        (minutes(json!(-1), target), false), (minutes(json!(1), json!([])), true),
        (minutes(json!("0"), json!([])), false), (minutes(json!("1.5"), json!([])), false),
        (minutes(json!("9".repeat(30)), json!([])), false), (retry(0), true), (retry(60), true), (retry(61), false),
        (tags(47), true), (tags(48), false), (tag(&"k".repeat(128), &"ß".repeat(256)), true),
        (tag(&"k".repeat(129), "v"), false), (tag("k", &"v".repeat(257)), false), (tag("k", ""), false),
        (tag("k", "größe: 1 @ home/+=-."), true), (tag("k", "v!"), false), (tag("aws:k", "v"), false),
        (rotations(25), true), (rotations(26), false),
        (channel(&"é".repeat(255), "SMS", json!("+1 (206) 555-0107")), true),
        (channel(&"é".repeat(256), "SMS", json!("+1")), false), (channel("", "SMS", json!("+1")), false),
        (channel("a", "VOICE", json!("+x")), false), (channel("a", "VOICE", json!("0012065550107")), false),
        (channel("a", "EMAIL", json!("é".repeat(320))), true),
        (channel("a", "EMAIL", json!("é".repeat(321))), false), (channel("a", "EMAIL", json!("")), false),
    ] {
        let told = told(&properties.to_string());
        assert_eq!(told.is_empty(), allowed, "{properties:.200}: {told}");
    }
}

#[test]
fn arns_follow_the_apis_pattern() {
    for (arn, allowed) in values::arns() {
        let properties = targeting(json!({"ChannelTargetInfo": {"ContactChannelId": arn}}));
        assert_eq!(told(&properties.to_string()).is_empty(), allowed, "{arn}");
    }
}

/// Each mistake is one violation, with its path and what is allowed there.
#[test]
#[rustfmt::skip]
fn one_mistake_is_one_violation() {
    let channel = json!({"ChannelTargetInfo": {"ContactChannelId": CHANNEL}});
    let escalation = json!({"ContactTargetInfo": {"IsEssential": true}});
    let both = json!({"ChannelTargetInfo": {"ContactChannelId": CHANNEL}, "ContactTargetInfo": {"IsEssential": true}});
    let stages = |target: &Value| json!({"Plan": {"Stages": [{"DurationInMinutes": 5, "Targets": [target]}]}});
    let rotations = || json!({"Plan": {"RotationIds": [ROTATION]}});
    let rotations_in_stage = || json!({"Plan": {"Stages": [{"RotationIds": [ROTATION]}]}});
    let one = |info: Value| stages(&json!({"ChannelTargetInfo": info}));
    let refers = |names: Value| {
        json!({"Channels": names, "Plan": {"Stages": [{"DurationInMinutes": 5,
            "Targets": [{"ChannelTargetInfo": {"ContactChannelName": "mobil"}}]}]}})
    };
    let target = "Plan.Stages[0].Targets[0]";
    for (contact_type, members, path, rule) in [
        ("PERSON", json!({}), "Type", "must be PERSONAL, ESCALATION or ONCALL_SCHEDULE, not \"PERSON\""),
        ("PERSONAL", json!({"Alias": null}), "Alias", "is required"),
        ("PERSONAL", json!({"Alias": []}), "Alias", "must be a string, not a list"),
        ("PERSONAL", json!({"Plan": "x"}), "Plan", "must be an object, not a single value"),
        ("PERSONAL", json!({"Tags": {}}), "Tags", "must be a list, not an object"),
        ("PERSONAL", json!({"DisplayNam": "x"}), "DisplayNam", "is unknown; use DisplayName"),
        ("PERSONAL", json!({"display_name": "x"}), "display_name", "is unknown; use DisplayName"),
        ("PERSONAL", json!({"Zone": "x"}), "Zone", "is unknown"),
        ("PERSONAL", json!({"plan": {"Stages": 5}}), "plan", "is unknown; use Plan"),
        ("PERSONAL", json!({"Tags": [{"key": "k", "Value": "v"}]}), "Tags[0].key", "is unknown; use Key"),
        ("PERSONAL", json!({"Tags": [{"Key": "cloudformation-origin", "Value": "v"}]}), "Tags[0].Key",
            "cloudformation-origin is the function's own tag"),
        ("PERSONAL", json!({"Tags": [{"Key": "k", "Value": "v"}, {"Key": "k", "Value": "w"}]}), "Tags[1]",
            "repeats the key \"k\""),
        ("PERSONAL", stages(&escalation), &format!("{target}.ContactTargetInfo"),
            "is not allowed: the stages of a PERSONAL contact hold ChannelTargetInfo"),
        ("ESCALATION", stages(&channel), &format!("{target}.ChannelTargetInfo"),
            "is not allowed: the stages of an ESCALATION plan hold ContactTargetInfo"),
        ("PERSONAL", stages(&both), target, "must have exactly one of ChannelTargetInfo and ContactTargetInfo"),
        ("PERSONAL", stages(&json!({})), target, "must have exactly one of ChannelTargetInfo and ContactTargetInfo"),
        ("ESCALATION", stages(&json!({"ContactTargetInfo": {"ContactId": CONTACT}})),
            &format!("{target}.ContactTargetInfo.IsEssential"), "is required"),
        ("PERSONAL", rotations(), "Plan.RotationIds",
            "must be left out: only an ONCALL_SCHEDULE has rotations, a contact of type PERSONAL has Stages"),
        ("ONCALL_SCHEDULE", stages(&channel), "Plan.Stages",
            "must be left out: an ONCALL_SCHEDULE has RotationIds and no stages"),
        ("ONCALL_SCHEDULE", rotations_in_stage(), "Plan.Stages[0].RotationIds",
            "is unknown; use Plan: {RotationIds: […]}; an ONCALL_SCHEDULE has no stages"),
        ("ESCALATION", rotations_in_stage(), "Plan.Stages[0].RotationIds",
            "is unknown; use Plan: {RotationIds: […]}; a stage has no rotations"),
        ("PERSONAL", json!({"Plan": []}), "Plan", "must be an object, not a list; use Plan: {Stages: […]}"),
        ("ONCALL_SCHEDULE", json!({"Plan": [{"RotationIds": [ROTATION]}]}), "Plan",
            "must be an object, not a list; use Plan: {RotationIds: […]}"),
        ("ESCALATION", json!({"Channels": [mail("a")]}), "Channels",
            "must be left out: only a PERSONAL contact has channels"),
        ("PERSONAL", json!({"Channels": [mail("a"), mail("a")]}), "Channels[1].Name",
            "repeats the Name of another channel of the list"),
        ("PERSONAL",
            json!({"Channels": [{"Name": "a", "Type": "sms", "DeliveryAddress": {"SimpleAddress": "+1"}}]}),
            "Channels[0].Type", "must be SMS, VOICE or EMAIL, not \"sms\""),
        (
            "PERSONAL",
            json!({"Channels": [{"Name": "a", "Type": "SMS", "DeliveryAddress": {"SimpleAddress": 12_065}}]}),
            "Channels[0].DeliveryAddress.SimpleAddress",
            "must begin with + and the country code; quote it in YAML, which takes +1… without quotes for a number \
             and drops the plus",
        ),
        ("PERSONAL", json!({"Channels": [{"Name": "a", "Type": "SMS", "SimpleAddress": "+1"}]}),
            "Channels[0].SimpleAddress", "is unknown; use DeliveryAddress: {SimpleAddress: …}"),
        ("PERSONAL", one(json!({})), &format!("{target}.ChannelTargetInfo"),
            "must have exactly one of ContactChannelId and ContactChannelName"),
        ("PERSONAL", one(json!({"ChannelId": CHANNEL})), &format!("{target}.ChannelTargetInfo.ChannelId"),
            "is unknown; use ContactChannelId or ContactChannelName"),
        ("PERSONAL", one(json!({"contact_channel_id": CHANNEL})),
            &format!("{target}.ChannelTargetInfo.contact_channel_id"), "is unknown; use ContactChannelId"),
        ("PERSONAL", refers(json!([mail("mobile")])), &format!("{target}.ChannelTargetInfo.ContactChannelName"),
            "must be the Name of one of Channels; use mobile, not \"mobil\""),
        ("PERSONAL", refers(Value::Null), &format!("{target}.ChannelTargetInfo.ContactChannelName"),
            "must be the Name of one of Channels, not \"mobil\""),
        // The Name that the plan means may be the one that can't be read.
        ("PERSONAL", refers(json!([{"Type": "EMAIL", "DeliveryAddress": {"SimpleAddress": "a"}}])),
            "Channels[0].Name", "is required"),
    ] {
        let properties = contact(contact_type, members).to_string();
        assert_eq!(told(&properties), expected(&[&format!("{path}: {rule}")]), "{properties}");
    }
    for nonsense in ["", "null", "[]", "\"x\"", "5"] {
        let told = told(nonsense);
        let expected = "The properties have 1 violation: ResourceProperties: must be an object, not";
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn the_shapes_of_the_native_types_lead_to_ours() {
    let person = json!({"Alias": "ama-k", "Type": "PERSONAL",
        "Channels": [{"ChannelName": "Mail", "ChannelType": "EMAIL", "ChannelAddress": "ama@example.com"}],
        "Plan": [{"DurationInMinutes": 10, "Targets": [{"ChannelTargetInfo":
            {"ChannelId": "Mail", "RetryIntervalInMinutes": 3}}]}]});
    let violations = expected(&[
        "Channels[0].ChannelAddress: is unknown; use DeliveryAddress: {SimpleAddress: …}",
        "Channels[0].ChannelName: is unknown; use Name",
        "Channels[0].ChannelType: is unknown; use Type",
        "Plan: must be an object, not a list; use Plan: {Stages: […]}",
        "Plan[0].Targets[0].ChannelTargetInfo.ChannelId: is unknown; use ContactChannelId or ContactChannelName",
    ]);
    assert_eq!(told(&person.to_string()), violations);
}

#[test]
fn all_violations_come_at_once_and_thirty_are_named() {
    let properties = json!({"Alias": "Akua M", "Zone": 1, "AdoptExisting": "may be", "Type": "ESCALATION",
        "Plan": {"RotationIds": [], "Stages": [{"DurationInMinutes": "31", "Targets": [{"ContactTargetInfo": {}}]}]},
        "Tags": [{"Key": "a", "Value": ""}, {"Key": "a", "Value": "1"}]});
    let told_of = told(&properties.to_string());
    for path in [
        "Zone",
        "AdoptExisting",
        "Alias",
        "Plan.RotationIds",
        "Plan.Stages[0].DurationInMinutes",
        "Plan.Stages[0].Targets[0].ContactTargetInfo.IsEssential",
        "Tags[0].Value",
        "Tags[1]",
    ] {
        assert_eq!(told_of.matches(&format!(" {path}: ")).count(), 1, "{path}: {told_of}");
    }
    assert!(told_of.starts_with("The properties have 8 violations: "), "{told_of}");
    for (count, end) in
        [(30, "Targets: is required"), (31, "; and 1 more"), (1000, "; and 970 more")]
    {
        let stages = vec![json!({"DurationInMinutes": 1}); count];
        let told = told(&person(json!({"Plan": {"Stages": stages}})).to_string());
        assert!(told.starts_with(&format!("The properties have {count} violations: ")), "{told}");
        assert_eq!(told.matches("is required").count(), 30);
        assert!(told.ends_with(end), "{told}");
    }
}

#[test]
fn an_unresolved_reference_is_told_wherever_it_stands() {
    let reference = json!("{{resolve:secretsmanager:phone:SecretString:number}}");
    for properties in valid() {
        for place in values::places(&properties) {
            let unresolved = values::replaced(&properties, &place, reference.clone());
            let told = told(&unresolved.to_string());
            let is_whole = place.is_empty();
            assert_eq!(
                told.contains("CloudFormation resolves {{resolve:ssm:…}} only"),
                !is_whole,
                "{place}: {told}"
            );
            assert!(!told.contains("phone"), "{told}");
        }
    }
}

#[test]
fn a_broken_property_is_one_violation_and_the_others_are_read() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for broken in [&deep, r#""\ud800""#, "1e400", "{]}", "nan", "\"\u{1}\""] {
        let properties = format!(
            r#"{{"Type": {broken}, "Alias": "A B", "ServiceX": {broken}, "x@y": {broken}}}"#
        );
        let told = told(&properties);
        assert!(told.starts_with("The properties have 3 violations: "), "{told}");
        for start in
            ["Type: can't be read as JSON: ", "ResourceProperties: can't be ", "Alias: must be "]
        {
            assert_eq!(told.matches(start).count(), 1, "{told}");
        }
        let last = LastProperties::read(&format!(
            r#"{{"Alias": "a", "Plan": {broken}, "AdoptExisting": "B"}}"#
        ));
        assert_eq!(last.alias.as_ref().map(Alias::as_str), Some("a"));
        assert_eq!(last.adopt_existing, AdoptExisting::OfLogicalId("B".into()));
    }
}

#[test]
fn last_properties_count_as_left_out_where_they_cannot_be_read() {
    for properties in
        ["", "null", "[]", r#"{"Alias": "A B", "AdoptExisting": []}"#, r#"{"Alias": {}}"#]
    {
        let last = LastProperties::read(properties);
        assert_eq!((last.alias, last.adopt_existing), (None, AdoptExisting::No));
    }
}

/// Addresses that people put into the wrong property.
const ADDRESSES: [&str; 6] = [
    "akua@example.com",
    "+12065550107",
    "12065550107",
    "+1 (206) 555-0107",
    "206-555-0107",
    "٢٠٦٥٥٥٠١٠٧",
];
