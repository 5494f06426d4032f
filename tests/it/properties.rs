//! docs/behavior.md, section 1: what a template may contain, and the violations that the function
//! reports.

use proptest::prelude::*;
use serde_json::{Value, json};
use ssm_contact_resource::contact::{ContactType, Plan, Stage, Target};
use ssm_contact_resource::identity::OwnershipTags;
use ssm_contact_resource::properties::{Desired, UncheckedProperties};

const CHANNEL: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/fc7405c4-46b2-48b7-87b2-93e2f225b90d";
const CONTACT: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";
const ROTATION: &str =
    "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/3ab12398-e1c4-4a2e-8d8d-7e1f3c8a2b11";

fn parse(properties: &Value) -> Result<Desired, Vec<String>> {
    Desired::parse(properties, OwnershipTags::On)
        .map_err(|violations| violations.iter().map(ToString::to_string).collect())
}

/// Returns the violations of properties that are valid except for one member.
fn faults_with(name: &str, value: Value) -> Vec<String> {
    let mut properties = json!({"Alias": "akuam", "Type": "PERSONAL"});
    properties[name] = value;
    parse(&properties).err().unwrap_or_default()
}

/// The paths that the violations name.
fn paths(violations: &[String]) -> Vec<&str> {
    let path = |violation: &'_ String| violation.find(": ").unwrap();
    violations.iter().map(|f| &f[..path(f)]).collect()
}

fn stage(target: Value) -> Value {
    json!({"Stages": [{"DurationInMinutes": 5, "Targets": [target]}]})
}

#[test]
fn scalars_as_strings_mean_what_they_say() {
    let stringly = json!({
        "ServiceToken": "arn:aws:lambda:us-east-2:111122223333:function:f", "ServiceTimeout": "60",
        "Alias": "akuam", "Type": "ESCALATION", "AdoptExisting": "true",
        "Plan": {"Stages": [{"DurationInMinutes": "5", "Targets": [
            {"ContactTargetInfo": {"ContactId": CONTACT, "IsEssential": "false"}}]}]},
    });
    let typed = json!({
        "Alias": "akuam", "Type": "ESCALATION", "AdoptExisting": true,
        "Plan": {"Stages": [{"DurationInMinutes": 5, "Targets": [
            {"ContactTargetInfo": {"ContactId": CONTACT, "IsEssential": false}}]}]},
    });
    let read = parse(&stringly).unwrap();
    assert_eq!(read, parse(&typed).unwrap());
    assert!(read.optional.adopt_existing);
    let target = Target::Contact {
        contact_id: Some(CONTACT.to_owned()),
        is_essential: false,
    };
    let stages = vec![Stage {
        duration_in_minutes: 5,
        targets: vec![target],
    }];
    assert_eq!(read.optional.plan, Some(Plan::Stages(stages)));
}

#[test]
fn numbers_serve_as_strings() {
    let read = parse(&json!({"Alias": 42, "Type": "PERSONAL",
        "Tags": [{"Key": "floor", "Value": 3}, {"Key": "oncall", "Value": true}]}))
    .unwrap();
    assert_eq!(read.alias.as_str(), "42");
    assert_eq!(read.optional.tags["floor"], "3");
    assert_eq!(read.optional.tags["oncall"], "true");
}

#[test]
fn every_type_with_every_member_is_read() {
    let personal = parse(&json!({
        "Alias": "akuam", "DisplayName": "Akua Mänsa 2.0", "Type": "PERSONAL",
        "IdempotencyToken": "5b03013e-6255-404c-a673-1aa10EXAMPLE",
        "Tags": [{"Key": "team", "Value": "größe: 1 @ home"}],
        "Plan": stage(json!({"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": "60"}})),
    }))
    .unwrap();
    assert_eq!(personal.contact_type, ContactType::Personal);
    assert_eq!(
        personal.optional.display_name.as_deref(),
        Some("Akua Mänsa 2.0")
    );
    assert!(personal.optional.idempotency_token.is_some());
    let schedule = parse(&json!({"Alias": "primary", "Type": "ONCALL_SCHEDULE",
        "Plan": {"RotationIds": [ROTATION]}}))
    .unwrap();
    assert_eq!(
        schedule.optional.plan,
        Some(Plan::Rotations(vec![ROTATION.into()]))
    );
}

#[test]
fn optional_members_may_be_left_out() {
    let channel = stage(json!({"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}));
    assert_eq!(faults_with("Plan", channel), [""; 0]);
    let escalation = json!({"Alias": "a", "Type": "ESCALATION",
        "Plan": stage(json!({"ContactTargetInfo": {"IsEssential": true}}))});
    parse(&escalation).unwrap();
    let bare = parse(&json!({"Alias": "a", "Type": "PERSONAL", "Plan": null})).unwrap();
    assert_eq!(bare.optional.plan, None);
    assert_eq!(bare.optional.display_name, None);
}

#[test]
fn an_empty_plan_is_a_plan() {
    for (contact_type, plan) in [
        ("PERSONAL", Plan::Stages(vec![])),
        ("ESCALATION", Plan::Stages(vec![])),
        ("ONCALL_SCHEDULE", Plan::Rotations(vec![])),
    ] {
        let read = parse(&json!({"Alias": "a", "Type": contact_type, "Plan": {}})).unwrap();
        assert_eq!(read.optional.plan, Some(plan), "{contact_type}");
    }
}

#[test]
fn all_violations_come_at_once_each_with_its_path_and_what_is_allowed() {
    let violations = parse(&json!({
        "Alias": "Akua M", "Type": "PERSON", "DisplayNam": "Akua", "DisplayName": "Akua!",
        "AdoptExisting": "maybe", "IdempotencyToken": "a:b",
        "Plan": {"Stages": [
            {"DurationInMinutes": "31", "Targets": []},
            {"Targets": [{"ChannelTargetInfo": {"ContactChannelId": CHANNEL}},
                {"ChannelTargetInfo": {"ContactChannelId": "phone", "RetryIntervalInMinutes": "61"}}]},
        ]},
        "Tags": [{"Key": "a b", "Value": "x"}, {"Key": "k"}, {"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}],
    }))
    .unwrap_err();
    let expected = [
        ("DisplayNam", "is unknown; did you mean DisplayName?"),
        ("AdoptExisting", "must be true or false, not \"maybe\""),
        ("Alias", "must be 1 to 255 of a-z 0-9 _ -, not \"Akua M\""),
        (
            "DisplayName",
            "must be 0 to 255 characters out of letters, numbers, spaces and _ . -, not \"Akua!\"",
        ),
        (
            "IdempotencyToken",
            "must be 0 to 2048 characters out of a-z A-Z 0-9 \\ / _ + = -, not \"a:b\"",
        ),
        (
            "Plan.Stages[0].DurationInMinutes",
            "must be a whole number from 0 to 30, not \"31\"",
        ),
        ("Plan.Stages[1].DurationInMinutes", "is required"),
        (
            "Plan.Stages[1].Targets[1].ChannelTargetInfo.ContactChannelId",
            "must be an ARN of SSM Contacts (arn:aws:ssm-contacts:<region>:<account>:…) of at most 2048 characters, not \"phone\"",
        ),
        (
            "Plan.Stages[1].Targets[1].ChannelTargetInfo.RetryIntervalInMinutes",
            "must be a whole number from 0 to 60, not \"61\"",
        ),
        (
            "Tags[0].Key",
            "must be 1 to 128 characters out of a-z A-Z 0-9 \\ / _ + = -, not \"a b\"",
        ),
        ("Tags[1].Value", "is required"),
        ("Tags[2]", "repeats the key \"k\""),
        ("Tags[3]", "repeats the key \"k\""),
        (
            "Type",
            "must be PERSONAL, ESCALATION or ONCALL_SCHEDULE, not \"PERSON\"",
        ),
    ];
    let expected: Vec<String> = expected.iter().map(|(p, w)| format!("{p}: {w}")).collect();
    assert_eq!(violations, expected);
}

#[test]
fn a_repeated_key_is_told_beside_a_bad_value() {
    let tags = json!([{"Key": "a", "Value": ""}, {"Key": "a", "Value": "1"}]);
    let violations = faults_with("Tags", tags);
    assert_eq!(paths(&violations), ["Tags[0].Value", "Tags[1]"]);
}

#[test]
fn an_empty_idempotency_token_is_none() {
    let properties = json!({"Alias": "a", "Type": "PERSONAL", "IdempotencyToken": ""});
    assert_eq!(parse(&properties).unwrap().optional.idempotency_token, None);
}

#[test]
fn alias_and_type_are_required() {
    assert_eq!(
        parse(&json!({})).unwrap_err(),
        ["Alias: is required", "Type: is required"]
    );
    assert_eq!(
        parse(&Value::Null).unwrap_err(),
        ["ResourceProperties: must be an object"]
    );
}

#[test]
fn an_unknown_member_names_the_nearest_known_one() {
    for (plan, violation) in [
        (
            json!({"Stage": []}),
            "Plan.Stage: is unknown; did you mean Stages?",
        ),
        (
            json!({"Rotations": []}),
            "Plan.Rotations: is unknown; did you mean RotationIds?",
        ),
        (
            json!({"Stages": [{"Duration": 5, "DurationInMinutes": 5, "Targets": []}]}),
            "Plan.Stages[0].Duration: is unknown; did you mean DurationInMinutes?",
        ),
    ] {
        assert_eq!(faults_with("Plan", plan), [violation]);
    }
    for (name, nearest) in [
        ("alias", "Alias"),
        ("Display_Name", "DisplayName"),
        ("Tag", "Tags"),
        ("Idempotency", "IdempotencyToken"),
        ("Adopt", "AdoptExisting"),
    ] {
        let violations = faults_with(name, json!("x"));
        assert_eq!(
            violations,
            [format!("{name}: is unknown; did you mean {nearest}?")]
        );
    }
}

#[test]
fn the_edges_of_every_range() {
    let channel = |retry: i64| {
        stage(
            json!({"ChannelTargetInfo": {"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": retry}}),
        )
    };
    let duration = |minutes: i64| {
        json!({"Stages": [{"DurationInMinutes": minutes,
            "Targets": [{"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}]}]})
    };
    let tags = |count: usize| -> Value {
        (0..count)
            .map(|n| json!({"Key": format!("k{n}"), "Value": "v"}))
            .collect()
    };
    let tag = |key: String, value: String| json!([{"Key": key, "Value": value}]);
    let cases: Vec<(&str, Value, bool)> = vec![
        ("Alias", json!("a"), true),
        ("Alias", json!("a".repeat(255)), true),
        ("Alias", json!("a".repeat(256)), false),
        ("Alias", json!(""), false),
        ("Alias", json!("é"), false),
        ("DisplayName", json!(""), true),
        ("DisplayName", json!("é".repeat(255)), true),
        ("DisplayName", json!("é".repeat(256)), false),
        ("DisplayName", json!("阿夸 Ⅳ ½ a\u{2003}b"), true),
        ("DisplayName", json!("e\u{301}"), false),
        ("DisplayName", json!("tab\tbed"), false),
        ("DisplayName", json!(["a"]), false),
        ("IdempotencyToken", json!("A/\\_+=-9".repeat(256)), true),
        ("IdempotencyToken", json!("a".repeat(2049)), false),
        ("Plan", channel(0), true),
        ("Plan", channel(60), true),
        ("Plan", channel(61), false),
        ("Plan", channel(-1), false),
        ("Plan", channel(i64::MAX), false),
        ("Plan", duration(0), true),
        ("Plan", duration(30), true),
        ("Plan", duration(31), false),
        (
            "Plan",
            json!({"Stages": [{"DurationInMinutes": 1, "Targets": []}]}),
            true,
        ),
        (
            "Plan",
            json!({"Stages": [{"DurationInMinutes": 0, "Targets": []}]}),
            false,
        ),
        (
            "Plan",
            json!({"Stages": [{"DurationInMinutes": 1.5, "Targets": []}]}),
            false,
        ),
        (
            "Plan",
            json!({"Stages": [{"DurationInMinutes": "", "Targets": []}]}),
            false,
        ),
        ("Plan", json!({"Stages": {}}), false),
        ("Plan", json!("none"), false),
        ("Tags", json!([]), true),
        ("Tags", tags(47), true),
        ("Tags", tags(48), false),
        ("Tags", tag("k".repeat(128), "v".repeat(256)), true),
        ("Tags", tag("k".repeat(129), "v".into()), false),
        ("Tags", tag("k".into(), "v".repeat(257)), false),
        ("Tags", tag(String::new(), "v".into()), false),
        ("Tags", tag("k".into(), String::new()), false),
        ("Tags", tag("aws:k".into(), "v".into()), false),
        ("Tags", tag("k".into(), "v!".into()), false),
    ];
    for (name, value, allowed) in cases {
        let violations = faults_with(name, value.clone());
        assert_eq!(
            violations.is_empty(),
            allowed,
            "{name} {value}: {violations:?}"
        );
    }
}

#[test]
fn arns_follow_the_apis_pattern() {
    let long = format!(
        "arn:aws:ssm-contacts:us-east-2:1:contact/{}",
        "a".repeat(2007)
    );
    for (arn, allowed) in [
        (CHANNEL, true),
        (
            "arn:aws-cn:ssm-contacts:cn-north-1:1:contact-channel/a/b",
            true,
        ),
        ("arn:aws-us-gov:ssm-contacts:us-gov-west-1:1:x:y", true),
        ("arn:aws:ssm-contacts::1:", true),
        (long.as_str(), true),
        (&format!("{long}a"), false),
        ("arn:aws-iso:ssm-contacts:us-iso-east-1:1:contact/a", false),
        ("arn:aws:ssm:us-east-2:1:contact/a", false),
        ("arn:aws:ssm-contacts:us-east-2::contact/a", false),
        ("arn:aws:ssm-contacts:us-east-2:12a:contact/a", false),
        ("arn:aws:ssm-contacts:us east:1:contact/a", false),
        ("arn:aws:ssm-contacts:us-east-2:1:contact/ä", false),
        ("arn:aws:ssm-contacts", false),
    ] {
        let plan = stage(json!({"ChannelTargetInfo": {"ContactChannelId": arn}}));
        let violations = faults_with("Plan", plan);
        assert_eq!(violations.is_empty(), allowed, "{arn}: {violations:?}");
    }
}

#[test]
fn the_type_decides_what_a_plan_holds() {
    let channel = || stage(json!({"ChannelTargetInfo": {"ContactChannelId": CHANNEL}}));
    let contact = || stage(json!({"ContactTargetInfo": {"IsEssential": true}}));
    let rotations = |n: usize| json!({"RotationIds": vec![ROTATION; n]});
    let target = "Plan.Stages[0].Targets[0]";
    let cases = [
        (
            "PERSONAL",
            contact(),
            vec![format!("{target}.ContactTargetInfo")],
        ),
        (
            "ESCALATION",
            channel(),
            vec![format!("{target}.ChannelTargetInfo")],
        ),
        ("PERSONAL", rotations(1), vec!["Plan.RotationIds".into()]),
        ("ESCALATION", rotations(1), vec!["Plan.RotationIds".into()]),
        ("ONCALL_SCHEDULE", channel(), vec!["Plan.Stages".into()]),
        (
            "ONCALL_SCHEDULE",
            json!({"Stages": []}),
            vec!["Plan.Stages".into()],
        ),
        ("ONCALL_SCHEDULE", rotations(25), vec![]),
        (
            "ONCALL_SCHEDULE",
            rotations(26),
            vec!["Plan.RotationIds".into()],
        ),
        ("PERSONAL", stage(json!({})), vec![target.into()]),
    ];
    for (contact_type, plan, expected) in cases {
        let violations = parse(&json!({"Alias": "a", "Type": contact_type, "Plan": plan}));
        let violations = violations.err().unwrap_or_default();
        assert_eq!(
            paths(&violations),
            expected,
            "{contact_type} {plan}: {violations:?}"
        );
    }
    let both = stage(json!({"ChannelTargetInfo": {"ContactChannelId": CHANNEL},
        "ContactTargetInfo": {"IsEssential": true}}));
    let violations = faults_with("Plan", both);
    assert!(paths(&violations).contains(&target), "{violations:?}");
}

#[test]
fn the_ownership_tags_are_refused_in_a_template() {
    for key in [
        "cloudformation-stack-id",
        "cloudformation-logical-id",
        "cloudformation-origin",
    ] {
        let violations = faults_with("Tags", json!([{"Key": key, "Value": "x"}]));
        assert_eq!(
            violations,
            [format!("Tags[0].Key: {key:?} is the function's own tag")]
        );
    }
}

#[test]
fn ownership_tags_off_leaves_all_50_tags_and_refuses_adoption() {
    let tags: Value = (0..50)
        .map(|n| json!({"Key": format!("k{n}"), "Value": "v"}))
        .collect();
    let mut properties = json!({"Alias": "a", "Type": "PERSONAL", "Tags": tags});
    Desired::parse(&properties, OwnershipTags::Off).unwrap();
    properties["AdoptExisting"] = json!("true");
    let violations = Desired::parse(&properties, OwnershipTags::Off).unwrap_err();
    assert_eq!(violations[0].path, "AdoptExisting");
    assert_eq!(violations.len(), 1);
}

#[test]
fn old_properties_are_read_as_far_as_they_go() {
    let old = UncheckedProperties::parse(&json!({
        "Alias": "NOT AN ALIAS", "Type": "NOPE", "DisplayName": "Akua", "Unknown": {"a": []},
        "Plan": {"Stages": [{"DurationInMinutes": "99", "Targets": []}]},
        "Tags": [{"Key": "good", "Value": "1"}, {"Key": "bad key", "Value": "2"}, "nonsense"],
    }));
    assert_eq!(old.alias, None);
    assert_eq!(old.optional.plan, None);
    assert_eq!(old.optional.display_name.as_deref(), Some("Akua"));
    assert_eq!(old.optional.tags.len(), 1);
    for nonsense in [json!(null), json!([]), json!("x"), json!(1)] {
        assert_eq!(
            UncheckedProperties::parse(&nonsense),
            UncheckedProperties::default()
        );
    }
}

/// Generates any JSON, with the names of the properties among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let names = [
        "Alias",
        "Type",
        "Plan",
        "Stages",
        "Targets",
        "Tags",
        "Key",
        "Value",
        "DurationInMinutes",
        "ChannelTargetInfo",
        "ContactTargetInfo",
        "RotationIds",
        "IsEssential",
    ];
    let key = prop_oneof![
        proptest::sample::select(names.to_vec()).prop_map(String::from),
        ".{0,8}"
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("PERSONAL")),
        Just(json!("ONCALL_SCHEDULE")),
        Just(json!(CHANNEL)),
    ];
    leaf.prop_recursive(5, 64, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn old_properties_is_accepted_as_new_ones_are(properties in any_json()) {
        let old = UncheckedProperties::parse(&properties);
        for setting in [OwnershipTags::On, OwnershipTags::Off] {
            let new = Desired::parse(&properties, setting);
            prop_assert_eq!(old.is_accepted(setting), new.is_ok());
        }
    }

    #[test]
    fn what_is_accepted_keeps_the_apis_patterns(name in any::<String>(), alias in any::<String>()) {
        // The API page has this pattern. The crate regex is independent of the code under test.
        let pattern = regex::Regex::new(r"^[\p{L}\p{Z}\p{N}_.\-]*$").unwrap();
        let properties = json!({"Alias": "a", "Type": "PERSONAL", "DisplayName": name});
        let within = name.chars().count() <= 255 && pattern.is_match(&name) && !name.contains('\n');
        prop_assert_eq!(parse(&properties).is_ok(), within);
        let pattern = regex::Regex::new(r"^[a-z0-9_\-]{1,255}$").unwrap();
        let properties = json!({"Alias": alias, "Type": "PERSONAL"});
        prop_assert_eq!(parse(&properties).is_ok(), pattern.is_match(&alias));
    }
}
