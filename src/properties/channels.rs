//! Reads `Channels`: how the person of a PERSONAL contact is reached.

use std::collections::BTreeSet;

use crate::contact::channel::{Address, ChannelType, DesiredChannel};

use super::reader::{Members, Node};
use super::{NAME_WORDS, is_name};

/// Most characters a Name may have.
const NAME_MAX: usize = 255;
/// Most characters an address may have.
const ADDRESS_MAX: usize = 320;

/// What can be read of `Channels`.
#[derive(Default)]
pub(super) struct ReadableChannels {
    pub(super) channels: Vec<DesiredChannel>,
    /// The Names that a plan can use; `None` if one of them can't be read.
    pub(super) names: Option<BTreeSet<String>>,
}

/// Reads the channels that can be read.
pub(super) fn read(node: &Node<'_>) -> ReadableChannels {
    let mut names = BTreeSet::new();
    let mut has_all_names = true;
    let channel = |item: Node<'_>| {
        let members = item.members(&["DeferActivation", "DeliveryAddress", "Name", "Type"]);
        let Some(members) = members else {
            has_all_names = false;
            return None;
        };
        let name = members.require("Name").and_then(|node| name(&node, &mut names));
        has_all_names &= name.is_some();
        let channel_type = members.require("Type");
        let channel_type =
            channel_type.and_then(|node| node.read("SMS, VOICE or EMAIL", ChannelType::from_name));
        let address = address(&members, channel_type);
        let defer_activation = members.get("DeferActivation").and_then(|node| node.flag());
        Some(DesiredChannel {
            name: name?,
            channel_type: channel_type?,
            address: address?,
            defer_activation,
        })
    };
    let channels = node.each(channel);
    let has_all_names = has_all_names && node.is_list();
    ReadableChannels {
        channels: channels.unwrap_or_default(),
        names: has_all_names.then_some(names),
    }
}

fn name(node: &Node<'_>, names: &mut BTreeSet<String>) -> Option<String> {
    let name = node.bounded(1..=NAME_MAX, is_name, NAME_WORDS)?;
    if !names.insert(name.clone()) {
        node.refuse("repeats the Name of another channel of the list");
    }
    Some(name)
}

/// Reads the address. The service judges whether it can be reached; only what YAML makes of
/// a phone number without quotes is told here.
fn address(members: &Members<'_>, channel_type: Option<ChannelType>) -> Option<Address> {
    let node = members.require("DeliveryAddress")?.hidden();
    let node = node.members(&["SimpleAddress"])?.require("SimpleAddress")?;
    let text = node.text()?;
    if !(1..=ADDRESS_MAX).contains(&text.chars().count()) {
        node.refuse(format!("must have 1 to {ADDRESS_MAX} characters"));
        return None;
    }
    let mut start = text.chars();
    let is_number = start.next() == Some('+') && start.next().is_some_and(|c| c.is_ascii_digit());
    if channel_type.is_some_and(ChannelType::is_phone) && !is_number {
        node.refuse(
            "must begin with + and the country code; quote it in YAML, which takes +1… without \
             quotes for a number and drops the plus",
        );
        return None;
    }
    Some(Address::new(text))
}
