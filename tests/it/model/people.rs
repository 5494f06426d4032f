//! Random channels of templates, and what persons do about the channels of their contacts.

use emulator::contacts::{Backend, Channel};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use super::channels::{State, named};
use super::history::ALIASES;

/// A channel of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WantedChannel {
    pub(super) name: &'static str,
    pub(super) channel_type: &'static str,
    pub(super) address: &'static str,
    pub(super) defer: bool,
}

impl WantedChannel {
    pub(super) fn properties(&self) -> Value {
        let mut properties = json!({
            "Name": self.name, "Type": self.channel_type,
            "DeliveryAddress": {"SimpleAddress": self.address},
        });
        if self.defer {
            properties["DeferActivation"] = "true".into();
        }
        properties
    }
}

/// What a person does about a channel before a step. Contact and channel are chosen by their
/// positions among those that exist.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    pub(super) contact: usize,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Activate(usize),
    ActivateAll,
    /// Adds a channel with this name, type, and position of the address.
    Add(&'static str, &'static str, usize, bool),
    /// Changes the address to the one of this position, and perhaps activates it.
    ChangeAddress(usize, usize, bool),
    Remove(usize),
}

impl Act {
    /// Returns the alias of the contact, and the Name of a channel that was added, removed or
    /// got another address, else an empty one. Returns `None` if nothing was done.
    pub(super) fn carry_out(
        self,
        state: &State,
        backend: &mut Backend,
    ) -> Option<(&'static str, String)> {
        let position = self.contact.checked_rem(state.channels.len())?;
        let (alias, channels) = state.channels.iter().nth(position)?;
        let alias = ALIASES.into_iter().find(|known| known == alias)?;
        let name = self.what.carry_out(alias, channels, state, backend)?;
        Some((alias, name))
    }
}

impl What {
    fn carry_out(
        self,
        alias: &str,
        channels: &[Channel],
        state: &State,
        backend: &mut Backend,
    ) -> Option<String> {
        let nth = |n: usize| n.checked_rem(channels.len()).map(|n| &channels[n]);
        let switches = backend.switches.clone();
        let stored = |channel_type: &str, position| {
            let address = address(channel_type, position);
            match (switches.normalizes_addresses, channel_type) {
                (false, _) => address.to_owned(),
                (true, "EMAIL") => address.to_lowercase(),
                (true, _) => address.replace([' ', '-'], ""),
            }
        };
        match self {
            Self::Activate(n) => {
                backend.activate_channel(&nth(n)?.arn);
                Some(String::new())
            }
            Self::ActivateAll => {
                for channel in channels {
                    backend.activate_channel(&channel.arn);
                }
                Some(String::new())
            }
            Self::Add(name, channel_type, position, active) => {
                let is_taken =
                    switches.channel_names_are_unique && !named(channels, name).is_empty();
                if is_taken || state.contacts[alias].contact_type != "PERSONAL" {
                    return None;
                }
                let address = stored(channel_type, position);
                backend.add_channel(alias, name, channel_type, &address, active);
                Some(name.to_owned())
            }
            Self::ChangeAddress(n, position, activates) => {
                let address = stored(&nth(n)?.channel_type, position);
                let channel = backend.channel_mut(&nth(n)?.arn)?;
                if channel.address != address {
                    let keeps = switches.changed_address_keeps_activation && channel.is_activated;
                    channel.is_activated = keeps || activates;
                }
                channel.address = address;
                Some(channel.name.clone())
            }
            Self::Remove(n) => {
                backend.remove_channel(&nth(n)?.arn);
                Some(nth(n)?.name.clone())
            }
        }
    }
}

const NAMES: [&str; 3] = ["mobile", "desk", "mail"];
/// The first two of each list are the same address.
const PHONES: [&str; 3] = ["+1 206-555-0100", "+12065550100", "+12065550199"];
const MAILS: [&str; 3] = ["Ann@Example.com", "ann@example.com", "amy@example.com"];

/// Returns the address of this position for channels of this type.
fn address(channel_type: &str, position: usize) -> &'static str {
    match channel_type {
        "EMAIL" => MAILS[position % MAILS.len()],
        _ => PHONES[position % PHONES.len()],
    }
}

fn channel_type() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("SMS"), 1 => Just("VOICE"), 1 => Just("EMAIL")]
}

fn channel(name: &'static str) -> impl Strategy<Value = WantedChannel> {
    let defer = prop::bool::weighted(0.2);
    (channel_type(), 0..3usize, defer).prop_map(move |(channel_type, position, defer)| {
        WantedChannel {
            name,
            channel_type,
            address: address(channel_type, position),
            defer,
        }
    })
}

/// The channels of a template. Each has another Name.
pub(super) fn channels() -> impl Strategy<Value = Vec<WantedChannel>> {
    let names = subsequence(NAMES.to_vec(), 0..=NAMES.len()).prop_shuffle();
    names.prop_flat_map(|names| names.into_iter().map(channel).collect::<Vec<_>>())
}

pub(super) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let name = prop_oneof![2 => Just("own"), 1 => select(&NAMES[..])];
    let what = prop_oneof![
        2 => (0..3usize).prop_map(What::Activate),
        3 => Just(What::ActivateAll),
        2 => (name, channel_type(), 0..3usize, any::<bool>())
            .prop_map(|(name, kind, position, active)| What::Add(name, kind, position, active)),
        1 => (0..3usize, 0..3usize, any::<bool>())
            .prop_map(|(n, position, active)| What::ChangeAddress(n, position, active)),
        1 => (0..3usize).prop_map(What::Remove),
    ];
    let act = (0..4usize, what).prop_map(|(contact, what)| Act { contact, what });
    prop::collection::vec(act, 0..4)
}
