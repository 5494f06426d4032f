use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::contact::channel::{Address, ChannelType};
use crate::contact::plan::{Stage, Target};
use crate::properties::Desired;

/// `name:address` of an SMS channel, or `name:MAIL:address` of an EMAIL channel.
fn desired(text: &str) -> DesiredChannel {
    let (name, rest) = text.split_once(':').unwrap();
    let mail = rest.strip_prefix("MAIL:");
    DesiredChannel {
        name: name.to_owned(),
        channel_type: if mail.is_some() { ChannelType::Email } else { ChannelType::Sms },
        address: Address::new(mail.unwrap_or(rest)),
        defer_activation: None,
    }
}

fn all_desired(list: &str) -> Vec<DesiredChannel> {
    list.split_whitespace().map(desired).collect()
}

/// The same with `!` at the end if it is activated. Its ARN is `name/address`.
fn live(text: &str) -> Channel {
    let given = desired(text.trim_end_matches('!'));
    Channel {
        arn: format!("{}/{}", given.name, given.address.reveal()),
        name: given.name,
        channel_type: Some(given.channel_type),
        address: given.address,
        is_activated: text.ends_with('!'),
    }
}

fn all_live(list: &str) -> Vec<Channel> {
    list.split_whitespace().map(live).collect()
}

fn plan_of(arns: &[&str]) -> Plan {
    let target = |arn: &&str| Target::Channel {
        channel: ChannelReference::Arn((*arn).to_owned()),
        retry_interval_in_minutes: None,
    };
    Plan::Stages(vec![Stage { duration_in_minutes: 1, targets: arns.iter().map(target).collect() }])
}

fn told(steps: &[Step]) -> String {
    let told = steps.iter().map(|step| match step {
        Step::CreateChannel(channel) => {
            format!("create {}:{}", channel.name, channel.address.reveal())
        }
        Step::RenameChannel { arn, name } => format!("{arn}→{name}"),
        Step::ChangeAddress { arn, address } => format!("{arn}={}", address.reveal()),
        Step::DeleteChannel(arn) => format!("delete {arn}"),
        Step::Warn(_) => "warn".to_owned(),
        other => panic!("{other:?}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// A template with these channels.
fn template(channels: Vec<DesiredChannel>) -> Desired {
    let desired = Desired::parse(r#"{"Alias": "akuam", "Type": "PERSONAL"}"#).unwrap();
    Desired { channels, ..desired }
}

/// The old template: `-` of a Create, `?` if it counts for nothing, else its channels.
fn steps(old: &str, new: &str, live: &str) -> String {
    let given = template(if matches!(old, "-" | "?") { vec![] } else { all_desired(old) });
    let old = match old {
        "-" => Old::NoTemplate,
        "?" => Old::GaveNothing,
        _ => Old::Gave(&given),
    };
    let ChannelSteps { before, after, .. } =
        channel_steps(&all_desired(new), old, &all_live(live), None);
    format!("{} | {}", told(&before), told(&after)).trim().to_owned()
}

#[test]
fn each_rule_in_its_order() {
    for (old, new, live, expected) in [
        // Nothing differs.
        ("a:+1", "a:+1", "a:+1!", "|"),
        ("a:+1", "a:+1", "a:+1", "|"),
        ("-", "a:+1 b:MAIL:x@y", "", "create a:+1, create b:x@y |"),
        // 1. The new phone: the old number keeps its channel under its new Name.
        ("a:+1", "old:+1 a:+2", "a:+1!", "a/+1→old, create a:+2 |"),
        // Names move up by one.
        ("a:+1 b:+2", "a:+2 b:+3", "a:+1! b:+2!", "warn, a/+1→a-old, b/+2→a, create b:+3 |"),
        // Names are swapped.
        ("a:+1 b:+2", "a:+2 b:+1", "a:+1! b:+2!", "b/+2→a-old, a/+1→b, b/+2→a |"),
        // Her own channel with the template's number, under another Name.
        ("?", "a:+1", "hers:+1!", "hers/+1→a |"),
        ("a:+1", "a:+1", "hers:+1!", "hers/+1→a |"),
        // An activated one comes first, then the same Name.
        ("-", "a:+1", "hers:+1 a:+1", "|"),
        ("-", "a:+1", "hers:+1! a:+1!", "|"),
        ("-", "a:+1", "hers:+1! a:+1", "warn, a/+1→a-old, hers/+1→a |"),
        ("a:+1", "a:+1", "hers:+1! a:+1", "delete a/+1, hers/+1→a |"),
        ("-", "a:+1 b:+1", "a:+1 b:+1!", "|"),
        ("-", "a:+1", "x:+1 y:+1!", "y/+1→a |"),
        // 2. The owner has changed it, and the template has not.
        ("a:+1", "a:+1", "a:+9!", "| warn"),
        ("?", "a:+1", "a:+9!", "| warn"),
        ("a:+1", "a:+1", "a:MAIL:x@y!", "| warn"),
        ("a:+1", "a:+1", "a:+8 a:+9!", "| warn"),
        // The template changes it, or a Create wants it: the activated one steps aside.
        ("a:+1", "a:+2", "a:+1!", "warn, a/+1→a-old, create a:+2 |"),
        ("-", "a:+1", "a:+9!", "warn, a/+9→a-old, create a:+1 |"),
        ("-", "a:+1", "a:MAIL:x@y!", "warn, a/x@y→a-old, create a:+1 |"),
        ("a:+1", "a:+2", "a:+1! a-old:+8", "warn, a/+1→a-old2, create a:+2 |"),
        ("b:+1", "b:+1 a:+2", "b:+1! a:+9!", "warn, a/+9→a-old, create a:+2 |"),
        // 3. It is the template's, with an old address.
        ("a:+1", "a:+2", "a:+1", "| a/+1=+2"),
        ("?", "a:+2", "a:+1", "| a/+1=+2"),
        ("-", "a:+2", "a:+1", "| a/+1=+2"),
        // Another type can't become it.
        ("a:+1", "a:MAIL:x@y", "a:+1", "delete a/+1, create a:x@y |"),
        ("?", "a:MAIL:x@y", "a:+1", "warn, a/+1→a-old, create a:x@y |"),
        // 4. A rollback finds the old number as it was.
        ("a:+2", "a:+1", "a-old:+1! a:+2", "delete a/+2, a-old/+1→a |"),
        // Re-added with a new number after a drop.
        ("", "a:+2", "a:+1!", "warn, a/+1→a-old, create a:+2 |"),
        // Dropped.
        ("a:+1 b:+2", "a:+1", "a:+1! b:+2", "| delete b/+2"),
        ("a:+1 b:+2", "a:+1", "a:+1! b:+2!", "| warn"),
        ("a:+1", "", "a:+1", "| delete a/+1"),
        ("?", "", "a:+1", "|"),
        // What no template gave stays.
        ("a:+1 b:+2", "a:+1", "a:+1! b:+3 c:+2", "|"),
        // Two Names of one number.
        ("-", "a:+1 b:+1", "b:+1!", "create a:+1 |"),
        ("a:+1 b:+1", "b:+1 a:+1", "a:+1! b:+1!", "|"),
    ] {
        assert_eq!(steps(old, new, live), expected, "{old} to {new} on {live}");
    }
}

#[test]
fn the_plan_decides_between_channels_that_fit_alike() {
    let (new, live) = (all_desired("a:+1"), all_live("x:+1 y:+1"));
    let arn = |plan: &Plan| {
        let steps = channel_steps(&new, Old::NoTemplate, &live, Some(plan));
        steps.arns.get("a").cloned()
    };
    assert_eq!(arn(&plan_of(&["y/+1"])).as_deref(), Some("y/+1"));
    assert_eq!(arn(&plan_of(&[])).as_deref(), Some("x/+1"));
}

#[test]
fn a_long_name_makes_place() {
    let long = "n".repeat(255);
    let new = [desired(&format!("{long}:+2"))];
    let live = [live(&format!("{long}:+1!"))];
    let ChannelSteps { before, .. } = channel_steps(&new, Old::NoTemplate, &live, None);
    let renamed = before.iter().find_map(|step| match step {
        Step::RenameChannel { name, .. } => Some(name.chars().count()),
        _ => None,
    });
    assert!(renamed.unwrap() <= 255);
}

/// The channels of a contact, as a service that refuses what it may refuse.
#[derive(Clone, Debug)]
struct Service {
    channels: Vec<Channel>,
    names_are_unique: bool,
    next: usize,
}

impl Service {
    /// Makes the call of a step; returns what the service refuses.
    fn call(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::CreateChannel(channel) => {
                self.check_name(&channel.name, "")?;
                self.next += 1;
                self.channels.push(Channel {
                    arn: format!("arn{}", self.next),
                    name: channel.name.clone(),
                    channel_type: Some(channel.channel_type),
                    address: channel.address.clone(),
                    is_activated: false,
                });
            }
            Step::RenameChannel { arn, name } => {
                self.check_name(name, arn)?;
                self.find(arn)?.name.clone_from(name);
            }
            Step::ChangeAddress { arn, address } => {
                let channel = self.find(arn)?;
                assert!(!channel.is_activated, "the address of an activated channel is changed");
                channel.address = address.clone();
            }
            Step::DeleteChannel(arn) => {
                assert!(!self.find(arn)?.is_activated, "an activated channel is deleted");
                self.channels.retain(|channel| channel.arn != *arn);
            }
            Step::Warn(_) => {}
            other => panic!("{other:?}"),
        }
        Ok(())
    }

    fn find(&mut self, arn: &str) -> Result<&mut Channel, String> {
        self.channels
            .iter_mut()
            .find(|channel| channel.arn == arn)
            .ok_or_else(|| format!("no {arn}"))
    }

    fn check_name(&self, name: &str, arn: &str) -> Result<(), String> {
        let is_taken =
            self.channels.iter().any(|channel| channel.name == name && channel.arn != arn);
        if self.names_are_unique && is_taken { Err(format!("{name} is taken")) } else { Ok(()) }
    }

    /// Deploys a template; returns the ARN of each of its channels.
    fn deploy(&mut self, old: Old<'_>, new: &[DesiredChannel]) -> Vec<String> {
        let ChannelSteps { before, after, arns } = channel_steps(new, old, &self.channels, None);
        for step in before.iter().chain(&after) {
            self.call(step).unwrap();
        }
        let arn_of = |wanted: &DesiredChannel| {
            let created = |channel: &&Channel| {
                channel.name == wanted.name && channel.has_type_and_address_of(wanted)
            };
            arns.get(&wanted.name)
                .cloned()
                .or_else(|| Some(self.channels.iter().find(created)?.arn.clone()))
                .unwrap()
        };
        new.iter().map(arn_of).collect()
    }
}

/// What a person does between two deployments.
#[derive(Clone, Debug)]
enum Act {
    Activate(usize),
    Add(DesiredChannel),
    Rename(usize, String),
    Change(usize, Address),
}

fn any_channel() -> impl Strategy<Value = DesiredChannel> {
    let name = prop_oneof!["a", "b", "c", "a-old"];
    (name, 1..5u8, any::<bool>()).prop_map(|(name, number, mail)| {
        desired(&if mail { format!("{name}:MAIL:{number}@x") } else { format!("{name}:+{number}") })
    })
}

fn any_template() -> impl Strategy<Value = Vec<DesiredChannel>> {
    proptest::collection::vec(any_channel(), 0..4).prop_map(|mut channels| {
        let mut names = BTreeSet::new();
        channels.retain(|channel| names.insert(channel.name.clone()));
        channels
    })
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..8usize).prop_map(Act::Activate),
        1 => any_channel().prop_map(Act::Add),
        1 => ((0..8usize), "[a-d]").prop_map(|(place, name)| Act::Rename(place, name)),
        1 => ((0..8usize), 1..9u8).prop_map(|(place, n)| Act::Change(place, Address::new(format!("+{n}")))),
    ]
}

fn act(service: &mut Service, act: &Act) {
    match act {
        Act::Activate(place) => {
            if let Some(channel) = service.channels.get_mut(*place) {
                channel.is_activated = true;
            }
        }
        Act::Add(channel) => {
            if service.call(&Step::CreateChannel(channel.clone())).is_ok() {
                service.channels.last_mut().unwrap().is_activated = true;
            }
        }
        Act::Rename(place, name) => {
            if let Some(channel) = service.channels.get(*place).cloned() {
                let _ = service.call(&Step::RenameChannel { arn: channel.arn, name: name.clone() });
            }
        }
        Act::Change(place, address) => {
            if let Some(channel) = service
                .channels
                .get_mut(*place)
                .filter(|channel| channel.channel_type == Some(ChannelType::Sms))
            {
                channel.address = address.clone();
                channel.is_activated = true;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Every edit can be deployed, whatever persons did before, and whether Names are unique or
    /// not. No activation is lost, and the same template once more changes nothing.
    #[test]
    fn any_life_of_a_persons_channels(
        templates in proptest::collection::vec((any_template(), proptest::collection::vec(any_act(), 0..4)), 1..5),
        names_are_unique: bool,
    ) {
        let mut service = Service { channels: vec![], names_are_unique, next: 0 };
        let mut old: Option<Desired> = None;
        for (channels, acts) in &templates {
            let new = template(channels.clone());
            let before = service.clone();
            let given = old.as_ref().map_or(Old::NoTemplate, Old::Gave);
            service.deploy(given, channels);
            for channel in before.channels.iter().filter(|channel| channel.is_activated) {
                let kept = service.channels.iter().find(|kept| kept.arn == channel.arn);
                let kept = kept.expect("an activated channel is gone");
                prop_assert!(kept.is_activated && kept.address == channel.address);
            }
            let after = service.clone();
            service.deploy(Old::Gave(&new), channels);
            prop_assert_eq!(&service.channels, &after.channels, "the second run");
            for one in acts {
                act(&mut service, one);
            }
            old = Some(new);
        }
    }

    /// A rollback reaches whom the template before reached at the number that it gives. A number
    /// that its owner changed, under a Name that the update dropped, can't be told from one that
    /// the template replaces.
    #[test]
    fn a_rollback_reaches_whom_the_old_template_reached(
        old in any_template(),
        acts in proptest::collection::vec(any_act(), 0..4),
        new in any_template(),
        later in proptest::collection::vec((0..8usize).prop_map(Act::Activate), 0..2),
        names_are_unique: bool,
    ) {
        let mut service = Service { channels: vec![], names_are_unique, next: 0 };
        let (old_template, new_template) = (template(old.clone()), template(new.clone()));
        service.deploy(Old::NoTemplate, &old);
        for one in &acts {
            act(&mut service, one);
        }
        // The template's channels as they are found before the update.
        let before = service.deploy(Old::Gave(&old_template), &old);
        let reached = reached(&service, &before, &old);
        service.deploy(Old::Gave(&old_template), &new);
        for one in &later {
            act(&mut service, one);
        }
        let after = service.deploy(Old::Gave(&new_template), &old);
        for wanted in reached {
            let still = super::tests::reached(&service, &after, &old);
            let is_reached = still.iter().any(|channel| channel.has_type_and_address_of(wanted));
            prop_assert!(is_reached, "{:?} {:?} {:?}", old, new, service);
        }
    }
}

/// The channels of a template that reach their owner at the number that the template gives.
fn reached<'a>(
    service: &Service,
    arns: &[String],
    template: &'a [DesiredChannel],
) -> Vec<&'a DesiredChannel> {
    let is_reached = |(arn, wanted): &(&String, &DesiredChannel)| {
        service.channels.iter().any(|channel| {
            channel.arn == **arn && channel.is_activated && channel.has_type_and_address_of(wanted)
        })
    };
    arns.iter().zip(template).filter(is_reached).map(|(_, wanted)| wanted).collect()
}
