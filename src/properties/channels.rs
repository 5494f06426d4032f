//! Reads `Channels`: how the person of a PERSONAL contact is reached.
//!
//! No violation repeats a value of a channel, because it may be an address.

use std::collections::BTreeSet;

use crate::channel::{Address, ChannelType, DesiredChannel};

use super::reader::{Members, Node, Shown, Violations};
use super::{bounded, is_letter_separator_or_number};

/// Most characters a Name may have.
const NAME_MAX: usize = 255;
/// Most characters an address may have.
const ADDRESS_MAX: usize = 320;

/// What can be read of `Channels`.
#[derive(Default)]
pub(super) struct Read {
    pub(super) channels: Vec<DesiredChannel>,
    /// The valid Names, also of channels that can't be read.
    pub(super) names: BTreeSet<String>,
    /// Whether each channel has a valid Name.
    pub(super) names_are_complete: bool,
}

impl Read {
    /// The template has no `Channels`.
    pub(super) fn none() -> Self {
        Self {
            names_are_complete: true,
            ..Self::default()
        }
    }
}

/// Reads the channels that can be read.
pub(super) fn read(node: Node<'_>, violations: &mut Violations) -> Read {
    let node = node.showing(Shown::Keys);
    let Some(items) = node.items(violations) else {
        return Read::default();
    };
    let mut names = BTreeSet::new();
    let mut names_are_complete = true;
    let mut channels = Vec::new();
    for item in &items {
        let known = &["DeferActivation", "DeliveryAddress", "Name", "Type"];
        let Some(members) = item.members(known, violations) else {
            names_are_complete = false;
            continue;
        };
        let defer_activation = members
            .get("DeferActivation")
            .and_then(|node| node.flag(violations));
        let channel_type = members.get("Type").and_then(|node| {
            let text = node.text(&mut Violations::default())?;
            ChannelType::ALL.into_iter().find(|t| t.as_str() == text)
        });
        let address = address(&members, channel_type, violations);
        let name = members
            .require("Name", violations)
            .and_then(|node| violations.valid(|violations| name(&node, &mut names, violations)));
        names_are_complete &= name.is_some();
        let type_node = members.require("Type", violations);
        if let (Some(node), None) = (type_node, channel_type) {
            violations.add(&node.path, "must be SMS, VOICE or EMAIL");
        }
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
        names,
        names_are_complete,
    }
}

fn name(
    node: &Node<'_>,
    names: &mut BTreeSet<String>,
    violations: &mut Violations,
) -> Option<String> {
    let allowed = |c| is_letter_separator_or_number(c) || matches!(c, '_' | '.' | '-');
    let words = "letters, numbers, spaces and _ . -";
    let name = bounded(node, 1..=NAME_MAX, allowed, words, violations)?;
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
    let node = members.require("DeliveryAddress", violations)?;
    let node = node.showing(Shown::Nothing);
    let address = node.members(&["SimpleAddress"], violations)?;
    let node = address.require("SimpleAddress", violations)?;
    let text = node.text(violations)?;
    if !(1..=ADDRESS_MAX).contains(&text.chars().count()) {
        let problem = format!("must be 1 to {ADDRESS_MAX} characters");
        violations.add(&node.path, problem);
        return None;
    }
    let mut start = text.chars();
    let is_number = start.next() == Some('+') && start.next().is_some_and(|c| c.is_ascii_digit());
    if channel_type.is_some_and(ChannelType::is_phone) && !is_number {
        violations.add(
            &node.path,
            "must begin with + and the country code; quote it in YAML, which takes +1… without quotes for a number and drops the plus",
        );
        return None;
    }
    Some(Address::new(text))
}
