//! A history of a stack: templates, and what happens between and during its operations.

use std::collections::{BTreeMap, BTreeSet};

use emulator::cloudformation::{AttemptOutcome, RollbackId};
use emulator::contacts::{Fault, Switches};
use serde_json::{Value, json};

use super::persons::Act;

/// A channel of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WantedChannel {
    pub(super) name: &'static str,
    pub(super) channel_type: &'static str,
    pub(super) address: &'static str,
}

/// An address without the separators of a phone number, and without case.
pub(super) fn significant(address: &str) -> String {
    address.replace([' ', '-'], "").to_lowercase()
}

/// The properties of one resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) alias: &'static str,
    pub(super) contact_type: &'static str,
    pub(super) display_name: Option<&'static str>,
    pub(super) minutes: Option<u8>,
    pub(super) channels: Vec<WantedChannel>,
    /// The position of the channel that the plan names. If it is `None`, the plan has an ARN.
    pub(super) target: Option<usize>,
    pub(super) tag: Option<&'static str>,
    /// `AdoptExisting`.
    pub(super) adopt: Option<&'static str>,
    pub(super) token: Option<&'static str>,
    /// Whether the function must refuse the properties.
    pub(super) is_invalid: bool,
    /// Whether the policies are `Retain`.
    pub(super) is_retained: bool,
}

impl Wanted {
    pub(super) fn properties(&self) -> Value {
        let channels: Vec<Value> = self.channels.iter().map(|channel| {
            let WantedChannel { name, channel_type, address } = channel;
            json!({"Name": name, "Type": channel_type, "DeliveryAddress": {"SimpleAddress": address}})
        }).collect();
        let tags = self.tag.map(|tag| json!([{"Key": "ours", "Value": tag}]));
        let members = [
            ("Alias", Some(self.alias.into())),
            ("Type", Some(self.contact_type.into())),
            ("DisplayName", self.display_name.map(Value::from)),
            ("Plan", self.plan()),
            ("Channels", Some(channels.into()).filter(|list: &Value| *list != json!([]))),
            ("Tags", tags),
            ("AdoptExisting", self.adopt.map(Value::from)),
            ("IdempotencyToken", self.token.map(Value::from)),
            ("Colour", self.is_invalid.then(|| "red".into())),
        ];
        let given = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(given.collect())
    }

    /// Leaves out channels that have the type and the address of another.
    pub(super) fn make_addresses_unique(&mut self) {
        let mut known = BTreeSet::new();
        let is_new = |it: &WantedChannel| known.insert((it.channel_type, significant(it.address)));
        self.channels.retain(is_new);
    }

    fn plan(&self) -> Option<Value> {
        let target = match self.target_channel() {
            Some(channel) => json!({"ContactChannelName": channel.name}),
            None => json!({"ContactChannelId": CHANNEL}),
        };
        Some(plan(self.minutes?, self.contact_type, target, None))
    }

    /// The channel that the plan names.
    pub(super) fn target_channel(&self) -> Option<&WantedChannel> {
        self.minutes?;
        self.channels.get(self.target?.checked_rem(self.channels.len())?)
    }
}

/// Returns a plan with one stage of this duration, or without stages if the duration is 0. The
/// target of a PERSONAL contact has a retry interval only if the service fills it in.
pub(super) fn plan(minutes: u8, contact_type: &str, mut info: Value, filled: Option<i64>) -> Value {
    if minutes == 0 {
        return json!({"Stages": []});
    }
    if let Some(interval) = filled {
        info["RetryIntervalInMinutes"] = json!(interval);
    }
    let targets = match contact_type {
        "PERSONAL" => json!([{"ChannelTargetInfo": info}]),
        _ => json!([]),
    };
    json!({"Stages": [{"DurationInMinutes": minutes, "Targets": targets}]})
}

/// A channel of no contact.
pub(super) const CHANNEL: &str = concat!(
    "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/ann/",
    "fc7405c4-46b2-48b7-87b2-93e2f225b90d"
);

/// The resources of a template, by logical id.
pub(super) type Resources = BTreeMap<&'static str, Wanted>;

/// What lasts for a whole step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LastingFault {
    None,
    /// The role has no permission for this operation.
    Denied(&'static str),
    /// Contacts can't be tagged.
    TagsRefused,
    /// The quota allows no further contact.
    QuotaFull,
    /// Another resource of the stack fails, after this one.
    FailsElsewhere(&'static str),
    /// Another resource fails while this one is in progress.
    Cancelled(&'static str),
}

/// How a request is delivered.
#[derive(Clone, Debug)]
pub(super) enum Delivered {
    Attempts(Vec<AttemptOutcome>),
    /// Two at the same time.
    Twice,
}

#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) resources: Resources,
    /// If the step before failed, it is deployed again: CloudFormation uses its request ids again
    /// (aws-cdk 35957).
    pub(super) retries: bool,
    pub(super) acts: Vec<Act>,
    pub(super) lasting_fault: LastingFault,
    pub(super) deliveries: Vec<Delivered>,
    pub(super) transient_faults: Vec<Option<Fault>>,
    /// Whether all events of the step are delivered again after it.
    pub(super) late: bool,
}

#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) rollback_id: RollbackId,
    pub(super) taken_alias_is_invalid: bool,
    pub(super) activates_new_channels: bool,
    pub(super) switches: Switches,
    pub(super) steps: Vec<Step>,
}

pub(super) const ALIASES: [&str; 5] = ["ann", "amy", "bob", "bea", "cy"];
pub(super) const NAMES: [&str; 3] = ["mobile", "desk", "mail"];
/// The first two of each list are the same address.
const PHONES: [&str; 4] = ["+1 206-555-0100", "+12065550100", "+12065550199", "+12065550177"];
const MAILS: [&str; 3] = ["Ann@Example.com", "ann@example.com", "amy@example.com"];

/// Returns the address of this position for channels of this type.
pub(super) fn address(channel_type: &str, position: usize) -> &'static str {
    match channel_type {
        "EMAIL" => MAILS[position % MAILS.len()],
        _ => PHONES[position % PHONES.len()],
    }
}
