//! Properties at and near the limits of what is allowed.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

pub(super) const CHANNEL: &str =
    "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/fc7405c4-46b2-48b7";
pub(super) const CONTACT: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";
pub(super) const ROTATION: &str =
    "arn:aws:ssm-contacts:us-east-2:111122223333:rotation/3ab12398-e1c4";

/// Valid properties of each contact type, with every member that the type allows.
pub(super) fn valid() -> Vec<Value> {
    let named = json!({"ContactChannelName": "mobile", "RetryIntervalInMinutes": "5"});
    let channel = json!({"ContactChannelId": CHANNEL, "RetryIntervalInMinutes": "5"});
    let contact = json!({"ContactId": CONTACT, "IsEssential": "true"});
    let stages = |kind: &str, target: Value| json!({"Stages": [{"DurationInMinutes": "5", "Targets": [{kind: target}]}]});
    let plans = [
        ("PERSONAL", stages("ChannelTargetInfo", named)),
        ("PERSONAL", stages("ChannelTargetInfo", channel)),
        ("ESCALATION", stages("ContactTargetInfo", contact)),
        ("ONCALL_SCHEDULE", json!({"RotationIds": [ROTATION]})),
    ];
    let whole = |(contact_type, plan)| {
        let mut properties = json!({
            "ServiceToken": "arn:aws:lambda:us-east-2:111122223333:function:f",
            "ServiceTimeout": "60",
            "Alias": "akuam", "Type": contact_type, "DisplayName": "Akua Mansa", "Plan": plan,
            "Tags": [{"Key": "team", "Value": "on call"}],
            "IdempotencyToken": "5b03013e", "AdoptExisting": "false",
        });
        if contact_type == "PERSONAL" {
            properties["Channels"] = channels();
        }
        properties
    };
    plans.into_iter().map(whole).collect()
}

/// A channel of each type.
fn channels() -> Value {
    let channel = |name: &str, kind: &str, address: &str| {
        json!({
            "Name": name, "Type": kind,
            "DeliveryAddress": {"SimpleAddress": address}, "DeferActivation": "true",
        })
    };
    json!([
        channel("mobile", "SMS", "+12065550101"),
        channel("desk", "VOICE", "+1 (206) 555-0102"),
        channel("mail", "EMAIL", "akua@example.com"),
    ])
}

/// JSON pointers to every value that the code reads.
pub(super) fn places(properties: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut next = 0;
    while let Some(place) = found.get(next).cloned() {
        next += 1;
        match properties.pointer(&place).unwrap() {
            Value::Object(members) => {
                let names = members.keys().filter(|name| !name.starts_with("Service"));
                found.extend(names.map(|name| format!("{place}/{name}")));
            }
            Value::Array(items) => {
                found.extend((0..items.len()).map(|index| format!("{place}/{index}")));
            }
            _ => {}
        }
    }
    found
}

/// Returns the properties with another value at `place`, which may be a new member.
pub(super) fn replaced(properties: &Value, place: &str, value: Value) -> Value {
    let mut properties = properties.clone();
    match (properties.pointer_mut(place), place.rsplit_once('/')) {
        (Some(old), _) => *old = value,
        (None, Some((parent, name))) => properties.pointer_mut(parent).unwrap()[name] = value,
        (None, None) => {}
    }
    properties
}

/// Returns the properties without the value at `place`, unless `place` is the root.
pub(super) fn removed(properties: &Value, place: &str) -> Value {
    let mut properties = properties.clone();
    if let Some((parent, name)) = place.rsplit_once('/') {
        match properties.pointer_mut(parent).unwrap() {
            Value::Object(members) => drop(members.remove(name)),
            Value::Array(items) => drop(items.remove(name.parse().unwrap())),
            _ => {}
        }
    }
    properties
}

fn texts(unit: &str, lengths: &[usize]) -> Vec<Value> {
    lengths.iter().map(|n| json!(unit.repeat(*n))).collect()
}

fn each<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Vec<Value> {
    values.into_iter().map(Into::into).collect()
}

#[rustfmt::skip]
fn numbers(most: i64) -> Vec<Value> {
    let mut numbers = each([i64::MIN, -1, 0, 1, 9, 10, most - 1, most, most + 1, 100, i64::MAX]);
    numbers.extend(numbers.clone().iter().map(|n| json!(n.to_string())));
    for (before, after) in [
        ("+", ""), ("-", ""), (" ", "\t"), ("", "\n"), ("000", ""), ("", "0"), ("\u{feff}", ""),
        ("\u{85}\u{3000}", "\u{2028}"), ("\u{1c}", ""),
    ] {
        numbers.push(json!(format!("{before}{most}{after}")));
    }
    numbers.extend(each(["", " ", "-0", "+0", "00", "++1", "+ 1", "1.0", "1.5", "1e1", "five", "0x1", "٣"]));
    numbers.extend([json!(1.5), json!(u64::MAX)]);
    numbers
}

/// Repeats an item. If the item is a tag or a channel, each copy has a name of its own.
fn repeated(item: &Value, times: usize) -> Value {
    let numbered = |n| {
        let mut item = item.clone();
        for name in ["Key", "Name"] {
            if let Some(name) = item.get_mut(name) {
                *name = json!(format!("k{n}"));
            }
        }
        item
    };
    (0..times).map(numbered).collect()
}

/// ARNs, and whether the API's pattern allows them.
#[rustfmt::skip]
pub(super) fn arns() -> Vec<(String, bool)> {
    let long = |length| format!("arn:aws:ssm-contacts:us-east-2:1:contact/{}", "a".repeat(length));
    let built = [
        (long(2007), true), (long(2008), false), (format!("{CONTACT}\n"), false), (format!(" {CONTACT}"), false),
    ];
    let written = [
        (CHANNEL, true), ("arn:aws-cn:ssm-contacts:cn-north-1:1:contact-channel/a/b", true),
        ("arn:aws-us-gov:ssm-contacts:us-gov-west-1:1:x:y", true), ("arn:aws:ssm-contacts::1:", true),
        ("arn:aws:ssm-contacts:a_-+=/,.@Z9:1:a_-+=/,.@:Z9", true), ("", false), ("akuam", false),
        ("arn:aws:ssm-contacts", false), ("arn:aws:ssm-contacts::1", false), ("arn:aws:ssm-contacts:::a", false),
        ("arn:aws-iso:ssm-contacts:us-iso-east-1:1:contact/a", false), ("arn:aws:ssm:us-east-2:1:contact/a", false),
        ("ARN:aws:ssm-contacts:us-east-2:1:contact/a", false), ("arn:aws:ssm-contacts:us-east-2::contact/a", false),
        ("arn:aws:ssm-contacts:us-east-2:12a:contact/a", false),
        ("arn:aws:ssm-contacts:us-east-2:١:contact/a", false), ("arn:aws:ssm-contacts:us east:1:contact/a", false),
        ("arn:aws:ssm-contacts:us-east-2:1:contact/ä", false),
    ];
    written.map(|(arn, allowed)| (arn.to_owned(), allowed)).into_iter().chain(built).collect()
}

#[rustfmt::skip]
fn flags() -> Vec<Value> {
    let flags = each(["true", "false", "True", "FALSE", "yes", "", " true", "true\n", "truefalse", "1", "a-b", "é"]);
    [flags, texts("A", &[255, 256]), vec![json!(true), json!(false), json!(0), json!(1), json!(-1)]].concat()
}

/// Values at, below and above the limits of a place, and values of other JSON types.
#[rustfmt::skip]
pub(super) fn edges(place: &str) -> Vec<Value> {
    let steps = || place.rsplit('/');
    let is_name = |step: &&str| step.parse::<usize>().is_err();
    let name = steps().find(is_name).unwrap_or_default();
    let in_list = !steps().next().is_some_and(|step| is_name(&step));
    let lists = |item: Value, lengths: &[usize]| lengths.iter().map(|n| repeated(&item, *n)).collect();
    let mut edges = match name {
        "" => valid(),
        "Plan" | "Stages" | "Targets" | "ChannelTargetInfo" | "ContactTargetInfo" => plans(name),
        "Channels" if in_list => channel_edges(),
        "Channels" => vec![channels()],
        "DeliveryAddress" => vec![json!({"SimpleAddress": "+1"})],
        "RotationIds" if !in_list => lists(json!(ROTATION), &[0, 1, 24, 25, 26]),
        "Tags" if in_list => vec![json!({"Key": "k", "Value": "v"}), json!({"Key": "k"})],
        "Tags" => lists(json!({"Key": "k", "Value": "v"}), &[0, 1, 46, 47, 48, 50]),
        _ => scalars(name),
    };
    edges.extend([json!({}), json!([]), json!([[]]), json!([{}]), json!("x"), json!(7), json!(true), json!(1.5)]);
    edges
}

#[rustfmt::skip]
fn scalars(name: &str) -> Vec<Value> {
    let with = |lengths: Vec<Value>, others: &[&str]| [lengths, each(others.to_vec())].concat();
    match name {
        "Alias" => with(
            [texts("a", &[0, 1, 255, 256]), each([-1, i64::MAX])].concat(),
            &["-_09az", "A", "é", "a b", "a.b", "a\n", "\n", "a/b"],
        ),
        "Type" => each([
            "SMS", "VOICE", "EMAIL", "sms", "EMAIL\n", "PERSONAL", "ESCALATION", "ONCALL_SCHEDULE", "personal", "",
            "PERSONAL\n",
        ]),
        "DisplayName" | "Name" => with(
            [texts("é", &[0, 1, 255, 256]), texts("𝒜", &[255, 256])].concat(),
            &["阿夸 Ⅳ ½ a\u{2003}b", "e\u{301}", "a\tb", "a\n", "_.-", "a/b", "\u{ad}", "\u{200b}",
                "\u{2028}", "😀"],
        ),
        "IdempotencyToken" => with(
            [texts("A/\\_+=-9", &[0, 1, 256]), texts("a", &[2048, 2049])].concat(),
            &["a:b", "a b", "é", "a\n", "a.b"],
        ),
        "Key" => with(
            texts("k", &[0, 1, 128, 129]),
            &[
                "a/\\_+=-Z9", "a b", "aws:k", "é", "k\n", "a.b", "cloudformation-stack-id",
                "cloudformation-logical-id", "cloudformation-origin", "cloudformation-stack-id2",
                "Cloudformation-origin",
            ],
        ),
        "Value" => with(
            texts("ß", &[0, 1, 256, 257]),
            &["größe: 1 @ home", "_.:/=+-@", "v!", "\\", "a\n", "a\tb", "a\u{2028}"],
        ),
        "SimpleAddress" => with(
            [texts("é", &[0, 1, 320, 321]), texts("+1𝒜4", &[80, 81]), each([12_065_550_101_i64])].concat(),
            &[
                "+12065550101", "+1 206 555 01 01\n", "12065550101", "+", "+٣", "++1", " +1", "\n", "\n+1",
                "akua@example.com", "+1@example.com", "a\nb",
            ],
        ),
        "AdoptExisting" | "IsEssential" | "DeferActivation" => flags(),
        "DurationInMinutes" => numbers(30),
        "RetryIntervalInMinutes" => numbers(60),
        "ContactChannelId" | "ContactId" | "RotationIds" => each(arns().into_iter().map(|(arn, _)| arn)),
        "ContactChannelName" => each(["mobile", "desk"]),
        _ => vec![],
    }
}

/// Values for each part of a plan, at and beyond its limits.
#[rustfmt::skip]
fn plans(name: &str) -> Vec<Value> {
    let channel = json!({"ContactChannelId": CHANNEL});
    let named = json!({"ContactChannelName": "mobile"});
    let contact = json!({"IsEssential": true});
    let stage = |minutes: Value| json!({"DurationInMinutes": minutes, "Targets": []});
    match name {
        "Stages" => each(["0", "-0", "1"].map(|minutes| stage(json!(minutes))))
            .into_iter()
            .chain([stage(json!(0)), stage(json!(1))])
            .collect(),
        "Targets" => vec![
            json!({"ChannelTargetInfo": channel}), json!({"ChannelTargetInfo": named}),
            json!({"ContactTargetInfo": contact}),
            json!({"ChannelTargetInfo": channel, "ContactTargetInfo": contact}), json!({"Unknown": channel}),
        ],
        "Plan" => vec![json!({"Stages": []}), json!({"RotationIds": []}), json!({"Stages": [], "RotationIds": []})],
        _ => vec![
            channel, named, contact, json!({"ContactId": CONTACT}),
            json!({"ContactChannelId": CHANNEL, "ContactChannelName": "mobile"}),
            json!({"RetryIntervalInMinutes": 1}),
        ],
    }
}

/// A channel, and channels with something missing or too much.
#[rustfmt::skip]
fn channel_edges() -> Vec<Value> {
    let address = json!({"SimpleAddress": "+1"});
    vec![
        json!({"Name": "fax", "Type": "VOICE", "DeliveryAddress": address}),
        json!({"Name": "fax", "Type": "VOICE", "DeliveryAddress": {}}),
        json!({"Name": "fax", "Type": "FAX", "DeliveryAddress": address}),
        json!({"Name": "fax", "Type": "VOICE", "DeliveryAddress": address, "Fax": true}),
        json!({"Name": "fax", "DeliveryAddress": address}),
    ]
}

#[derive(Clone, Debug)]
enum Change {
    /// Replaces the value with one of `edges`.
    Edge(Index),
    Other(Value),
    Remove,
    Add(&'static str, Value),
    Repeat(usize),
}

#[rustfmt::skip]
fn change() -> impl Strategy<Value = Change> {
    let other = prop_oneof![
        ".{0,4}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-3..70i64).prop_map(Value::from),
        "[-+ ]{0,2}[0-9]{0,3}[.e ]?".prop_map(Value::from),
        "[a-zé0-9_.:/ ]{250,260}".prop_map(Value::from),
        "arn:(aws|aws-cn|aws-us-gov|aws-iso)?:ssm-contacts:[-a-z0-9_é]{0,3}:[0-9a]{0,3}:[a-z:/!]{0,4}"
            .prop_map(Value::from),
    ];
    let names = vec![
        "Alias", "Type", "Plan", "Stages", "RotationIds", "Targets", "ChannelTargetInfo", "ContactTargetInfo",
        "ContactId", "RetryIntervalInMinutes", "Tags", "Key", "Channels", "Name", "DeliveryAddress",
        "SimpleAddress", "DeferActivation", "ContactChannelId", "ContactChannelName", "Unknown",
    ];
    let added = (select(names), other.clone()).prop_map(|(name, value)| Change::Add(name, value));
    prop_oneof![
        6 => any::<Index>().prop_map(Change::Edge), 3 => other.prop_map(Change::Other), 1 => Just(Change::Remove),
        1 => added, 1 => select(vec![0, 1, 2, 25, 26, 47, 48]).prop_map(Change::Repeat),
    ]
}

/// Generates valid properties and changes some places in them.
pub(super) fn changed() -> impl Strategy<Value = Value> {
    let changes = proptest::collection::vec((any::<Index>(), change()), 1..4);
    (select(valid()), changes).prop_map(|(mut properties, changes)| {
        for (place, change) in changes {
            let places = places(&properties);
            apply(&mut properties, place.get::<String>(&places), change);
        }
        properties
    })
}

fn apply(properties: &mut Value, place: &str, change: Change) {
    let node = properties.pointer_mut(place).unwrap();
    match change {
        Change::Edge(index) => *node = index.get(&edges(place)).clone(),
        Change::Other(value) => *node = value,
        Change::Add(name, value) => {
            if let Some(members) = node.as_object_mut() {
                members.insert(name.to_owned(), value);
            }
        }
        Change::Repeat(times) => {
            if let Some(item) = node.get(0).cloned() {
                *node = repeated(&item, times);
            }
        }
        Change::Remove => *properties = removed(properties, place),
    }
}
