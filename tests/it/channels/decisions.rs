//! The steps about channels, as a table of templates and of what a contact has.

use serde_json::{Value, json};
use ssm_contact_resource::channel::{Address, Channel, ChannelType};
use ssm_contact_resource::contact::{Contact, ContactArn, ContactType, Plan, Stage, Target};
use ssm_contact_resource::error::Error;
use ssm_contact_resource::identity::{Creator, OwnershipTags, Resource};
use ssm_contact_resource::properties::{Desired, UncheckedProperties};
use ssm_contact_resource::steps::{Step, channels_may_appear, claim_or_adopt, update_steps};

use super::channel;
use crate::fixture::{STACK, akua, arn};

/// A channel in a table: `a1` has the Name `a` and an address that ends with 1. It is SMS unless
/// `v` follows (VOICE), and not activated unless `*` follows.
fn parts(text: &str) -> (&str, char, &'static str, bool) {
    let (name, rest) = text.split_at(1);
    let channel_type = if rest.contains('v') { "VOICE" } else { "SMS" };
    (
        name,
        rest.chars().next().unwrap(),
        channel_type,
        rest.contains('*'),
    )
}

fn address(digit: char) -> String {
    format!("+1206555010{digit}")
}

/// The properties with these channels.
fn properties(given: &str, more: Value) -> Value {
    let channel = |text| {
        let (name, digit, channel_type, _) = parts(text);
        channel(name, channel_type, &address(digit))
    };
    let channels: Vec<Value> = given.split_whitespace().map(channel).collect();
    let mut properties = akua(more);
    properties.as_object_mut().unwrap().remove("Plan");
    properties["Channels"] = channels.into();
    properties
}

/// An old template. One that begins with `!` was refused, since it has an unknown property.
fn old(text: &str) -> UncheckedProperties {
    let properties = match text.strip_prefix('!') {
        Some(given) => properties(given, json!({"Colour": "red"})),
        None => properties(text, json!({})),
    };
    UncheckedProperties::parse(&properties)
}

fn new(given: &str) -> Desired {
    Desired::parse(&properties(given, json!({})), OwnershipTags::On).unwrap()
}

fn resource() -> Resource {
    Resource {
        stack_id: STACK.into(),
        logical_id: "Akua".into(),
        request_id: "r1".into(),
    }
}

/// A contact with these channels. The ARN of each is its position, from 1.
fn contact(live: &str) -> Contact {
    let channel = |(n, text): (u32, &str)| {
        let (name, digit, channel_type, is_activated) = parts(text);
        Channel {
            arn: (n + 1).to_string(),
            name: name.to_owned(),
            channel_type: ChannelType::ALL
                .into_iter()
                .find(|known| known.as_str() == channel_type),
            address: Address::new(address(digit)),
            is_activated,
        }
    };
    Contact {
        arn: ContactArn::parse(&arn("akuam")).unwrap(),
        contact_type: Some(ContactType::Personal),
        display_name: "Akua Mansa".into(),
        plan: Some(Plan::Stages(vec![])),
        tags: resource().tags(Creator::Create),
        channels: Some((0..).zip(live.split_whitespace()).map(channel).collect()),
    }
}

fn short(step: &Step) -> String {
    match step {
        Step::CreateChannel { channel, .. } => format!("create {}", channel.name),
        Step::RenameChannel { arn, name } => format!("rename {arn} {name}"),
        Step::ChangeAddress { arn, address } => {
            format!("address {arn} {}", &address.reveal()[11..])
        }
        Step::DeleteChannel { arn } => format!("delete {arn}"),
        Step::KeepChannel { arn, .. } => format!("keep {arn}"),
        Step::Update { .. } => "update".into(),
        Step::Tag(_) => "tag".into(),
        Step::Untag(_) => "untag".into(),
        Step::Restore(_) => "restore".into(),
        Step::Delete => "delete".into(),
    }
}

fn told(steps: Result<Vec<Step>, Error>) -> String {
    match steps {
        Ok(steps) => steps.iter().map(short).collect::<Vec<_>>().join(", "),
        Err(error) => error.to_string().split(' ').next().unwrap().to_owned(),
    }
}

/// A case, the old template, the new one, what the contact has, and the steps. An error is told
/// by its first word.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

#[rustfmt::skip]
const CASES: [Case; 38] = [
    ("new", "", "a1", "", "create a"),
    ("kept", "a1", "a1", "a1", ""),
    ("missing", "a1", "a1", "", "create a"),
    ("a person's", "a1", "a1", "a1 p9*", ""),
    ("dropped", "a1", "", "a1", "delete 1"),
    ("dropped, activated", "a1", "", "a1*", "keep 1"),
    ("dropped, changed", "a1", "", "a9", "keep 1"),
    ("dropped, remade", "a1", "", "a1v", "keep 1"),
    ("dropped by a refused template", "!a1", "", "a1", ""),
    ("dropped, of two equal ones", "a1", "", "a1 a1*", "keep 2"),
    ("dropped, after another address", "a1 d4", "a2", "d4 a1", "address 2 2, delete 1"),
    ("renamed", "a1", "b1", "a1", "rename 1 b"),
    ("renamed, activated", "a1", "b1", "a1*", "rename 1 b"),
    ("renamed, changed", "a1", "b1", "a9", "create b, keep 1"),
    ("renamed, another address", "a1", "b2", "a2", "create b, keep 1"),
    ("renamed from a refused template", "!a1", "b1", "a1", "create b"),
    ("renamed, and there already", "a1", "b1", "a1 b1*", "delete 1"),
    ("kept and doubled", "a1", "a1 b1", "a1", "create b"),
    ("renamed twice", "a1", "b1 c1", "a1", "rename 1 b, create c"),
    ("two renamed", "a1 b1", "c1 d1", "a1 b1", "rename 1 c, rename 2 d"),
    ("another address", "a1", "a2", "a1*", "address 1 2"),
    ("another address, changed", "a1", "a2", "a9*", "address 1 2"),
    ("the same address, changed", "a1", "a1", "a9*", "keep 1"),
    ("refused, changed", "!a2", "a1", "a9*", "keep 1"),
    ("refused, but applied", "!a2", "a1", "a2", "address 1 1"),
    ("refused, and a person's", "!a2", "a1", "a2*", "keep 1"),
    ("refused without the Name", "!", "a1", "a9", "keep 1"),
    ("added, another address", "", "a1", "a9", "address 1 1"),
    ("added, another address, activated", "", "a1", "a9*", "keep 1"),
    ("another type", "a1", "a1v", "a1", "The"),
    ("another type, refused before", "!a1", "a1v", "a1", "keep 1"),
    ("remade with another type", "a1v", "a1v", "a1", "keep 1"),
    ("added, another type", "", "a1v", "a1", "The"),
    ("several, one the template's", "", "a1", "a9* a1", ""),
    ("several, none the template's", "", "a1", "a9* a8", "Several"),
    ("several, no change of the template", "a1", "a1", "a9* a8", "keep 1"),
    ("several, refused before", "!a2", "a1", "a9* a8", "keep 1"),
    ("several, dropped", "a1", "", "a9 a8", ""),
];

#[test]
fn what_an_update_does_to_each_channel() {
    for (case, before, after, live, expected) in CASES {
        let (held, on) = (contact(live), OwnershipTags::On);
        let steps = update_steps(&resource(), &new(after), &old(before), &held, on);
        assert_eq!(told(steps), expected, "{case}");
    }
}

#[test]
fn channels_are_changed_after_the_tags() {
    let old = old("a1 d4");
    let more = json!({"DisplayName": "New", "Tags": [{"Key": "k", "Value": "v"}]});
    let new = properties("a2 n5", more);
    let new = Desired::parse(&new, OwnershipTags::On).unwrap();
    let mut held = contact("a1 d4");
    held.tags.remove("cloudformation-origin");
    let steps = update_steps(&resource(), &new, &old, &held, OwnershipTags::On);
    let expected = "create n, update, tag, restore, address 1 2, delete 2";
    assert_eq!(told(steps), expected);
}

#[test]
fn a_claim_by_an_update_takes_no_channel_for_the_old_templates() {
    let (old, new, held) = (old("a1"), new("b1"), contact("a1"));
    let on = OwnershipTags::On;
    let steps = claim_or_adopt(&resource(), &new, Some(&old), &held, Creator::Update, on);
    assert_eq!(told(steps), "create b, restore");
}

#[test]
fn a_dropped_plan_is_the_one_with_the_templates_own_channel() {
    let target = json!({"ChannelTargetInfo": {"ContactChannelName": "a"}});
    let plan = json!({"Plan": {"Stages": [{"DurationInMinutes": 5, "Targets": [target]}]}});
    let mut old = properties("a1", plan.clone());
    old["Plan"] = plan["Plan"].clone();
    let (new, mut held) = (new("a1"), contact("a9* a1"));
    let with = |arn: &str| {
        let target = Target::Channel {
            contact_channel_id: arn.to_owned(),
            retry_interval_in_minutes: None,
        };
        Some(Plan::Stages(vec![Stage {
            duration_in_minutes: 5,
            targets: vec![target],
        }]))
    };
    for (arn, expected) in [("2", "update"), ("1", "")] {
        held.plan = with(arn);
        let old = UncheckedProperties::parse(&old);
        let steps = update_steps(&resource(), &new, &old, &held, OwnershipTags::On);
        assert_eq!(told(steps), expected, "{arn}");
    }
}

#[test]
fn when_the_list_may_be_behind() {
    for (case, before, after, live, expected) in [
        ("lacks the old one", "a1", "a1", "", true),
        ("lacks what was refused", "!a1", "a1", "", false),
        ("has the old one", "a1", "a2", "a1", false),
        ("has the new address", "a1", "a2", "a2", true),
        ("has a third address", "a1", "a2", "a9", false),
        ("has a new Name", "", "a1", "a9", true),
        ("lacks a new Name", "", "a1", "", false),
        ("has a person's", "", "a1", "p1*", false),
    ] {
        let (held, on) = (contact(live), OwnershipTags::On);
        let behind = channels_may_appear(&resource(), &new(after), &old(before), &held, on);
        assert_eq!(behind, expected, "{case}");
    }
}
