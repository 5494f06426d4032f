//! Reads `Channels`: how the person of a PERSONAL contact is reached.

use std::collections::BTreeSet;

use crate::contact::channel::{Address, ChannelType, DesiredChannel};

use super::is_letter_separator_or_number;
use super::reader::{Members, Node, Violations};

/// Most characters a Name may have.
const NAME_MAX: usize = 255;
/// Most characters an address may have.
const ADDRESS_MAX: usize = 320;

/// What can be read of `Channels`.
#[derive(Default)]
pub(super) struct Read {
    pub(super) channels: Vec<DesiredChannel>,
    /// The Names that a plan can use; `None` if one of them can't be read.
    pub(super) names: Option<BTreeSet<String>>,
}

/// Reads the channels that can be read.
pub(super) fn read(node: &Node<'_>, violations: &mut Violations) -> Read {
    let Some(items) = node.items(violations) else {
        return Read::default();
    };
    let mut names = BTreeSet::new();
    let mut has_all_names = true;
    let mut channels = Vec::new();
    for item in &items {
        let known = ["DeferActivation", "DeliveryAddress", "Name", "Type"];
        let Some(members) = item.members(&known, violations) else {
            has_all_names = false;
            continue;
        };
        let name = members
            .require("Name", violations)
            .and_then(|node| name(&node, &mut names, violations));
        has_all_names &= name.is_some();
        let channel_type = members.require("Type", violations).and_then(|node| {
            node.one_of("SMS, VOICE or EMAIL", ChannelType::from_name, violations)
        });
        let address = address(&members, channel_type, violations);
        let defer_activation = members
            .get("DeferActivation")
            .and_then(|node| node.flag(violations));
        if let (Some(name), Some(channel_type), Some(address)) = (name, channel_type, address) {
            channels.push(DesiredChannel {
                name,
                channel_type,
                address,
                defer_activation,
            });
        }
    }
    Read {
        channels,
        names: has_all_names.then_some(names),
    }
}

fn name(
    node: &Node<'_>,
    names: &mut BTreeSet<String>,
    violations: &mut Violations,
) -> Option<String> {
    let allowed = |c| is_letter_separator_or_number(c) || matches!(c, '_' | '.' | '-');
    let words = "letters, numbers, spaces and _ . -";
    let name = node.bounded(1..=NAME_MAX, allowed, words, violations)?;
    if !names.insert(name.clone()) {
        violations.add(
            &node.path,
            "repeats the Name of another channel of the list",
        );
    }
    Some(name)
}

/// Reads the address. The service judges whether it can be reached; only what YAML makes of
/// a phone number without quotes is told here.
fn address(
    members: &Members<'_>,
    channel_type: Option<ChannelType>,
    violations: &mut Violations,
) -> Option<Address> {
    let node = members.require("DeliveryAddress", violations)?.hidden();
    let address = node.members(&["SimpleAddress"], violations)?;
    let node = address.require("SimpleAddress", violations)?;
    let text = node.text(violations)?;
    if !(1..=ADDRESS_MAX).contains(&text.chars().count()) {
        violations.add(
            &node.path,
            format!("must have 1 to {ADDRESS_MAX} characters"),
        );
        return None;
    }
    let mut start = text.chars();
    let is_number = start.next() == Some('+') && start.next().is_some_and(|c| c.is_ascii_digit());
    if channel_type.is_some_and(ChannelType::is_phone) && !is_number {
        violations.add(
            &node.path,
            "must begin with + and the country code; quote it in YAML, which takes +1… without quotes for a number \
             and drops the plus",
        );
        return None;
    }
    Some(Address::new(text))
}
