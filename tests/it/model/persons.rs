//! What persons and other owners do between the operations of the stack.

use std::collections::BTreeMap;

use emulator::contacts::{Backend, Channel};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::history::{ALIASES, CHANNEL, NAMES, Resources, address, plan};
use super::strategy::channel_type;

/// An act, and the alias of its contact.
#[derive(Clone, Copy, Debug)]
pub(super) struct Act {
    alias: &'static str,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// Creates a contact with these tags and this type.
    Seed(Option<&'static str>, &'static str),
    /// Deletes the contact.
    Vanish,
    /// The service's idempotency tokens expire.
    ExpireTokens,
    /// Sets display name, plan and tag, where they are given.
    Write(Option<&'static str>, Option<u8>, Option<&'static str>),
    /// Removes the ownership tags that begin so.
    Untag(&'static str),
    ActivateAll,
    Activate(usize),
    /// Adds a channel with this Name, type, and position of the address.
    Add(&'static str, &'static str, usize, bool),
    /// Changes the address to the one of this position, and perhaps activates it.
    ChangeAddress(usize, usize, bool),
    Rename(usize, &'static str),
    Remove(usize),
}

/// The stack of another owner.
pub(super) const STRANGER: &str = "arn:aws:cloudformation:us-east-2:111122223333:stack/other/1";

impl Act {
    /// Returns nothing if nothing was done. `held` are the resources of the stack.
    pub(super) fn carry_out(self, backend: &mut Backend, held: &Resources) -> Option<()> {
        let Self { alias, what } = self;
        let filled = backend.switches.fills_in_retry_interval;
        let contact = backend.contact_mut(alias);
        let is_strangers =
            |tags: &BTreeMap<String, String>| tags.values().any(|tag| tag == STRANGER);
        match (what, contact) {
            // A new contact has the ARN of one that vanished, so an Update of a resource that has
            // vanished takes it for its own, or must fail.
            (What::Seed(stack, contact_type), None)
                if held.values().all(|held| held.alias != alias) =>
            {
                let origin = "create:r0/0123456789abcdef";
                let tags = stack.map(|stack| {
                    [("stack-id", stack), ("logical-id", "First"), ("origin", origin)]
                });
                backend.seed(alias, contact_type, &[]);
                let tags = tags.into_iter().flatten();
                let tags = tags.map(|(key, value)| (format!("cloudformation-{key}"), value.into()));
                backend.contact_mut(alias)?.tags.extend(tags);
            }
            (What::Vanish, Some(contact)) => {
                let is_tagged = contact.tags.contains_key("cloudformation-stack-id");
                if !is_tagged || is_strangers(&contact.tags) {
                    return None;
                }
                backend.remove(alias);
            }
            (What::ExpireTokens, _) => backend.expire_tokens(),
            (What::Write(display_name, minutes, tag), Some(contact)) => {
                let name = display_name.map(ToOwned::to_owned);
                contact.display_name = name.or(contact.display_name.take());
                if let Some(minutes) = minutes {
                    let info = json!({"ContactChannelId": CHANNEL});
                    contact.plan = plan(minutes, &contact.contact_type, info, filled);
                }
                let tag = tag.map(|tag| ("ours".to_owned(), tag.to_owned()));
                contact.tags.extend(tag);
            }
            (What::Untag(key), Some(contact)) if !is_strangers(&contact.tags) => {
                contact.tags.retain(|known, _| !known.starts_with(key));
            }
            (_, Some(_)) => return self.change_channel(backend),
            _ => return None,
        }
        Some(())
    }

    fn change_channel(self, backend: &mut Backend) -> Option<()> {
        let channels = backend.channels(self.alias);
        let nth = |n: usize| Some(channels[n.checked_rem(channels.len())?].clone());
        let switches = backend.switches.clone();
        // Whether another channel has what must be unique.
        let is_free = |it: &Channel| {
            let is_other = |other: &&Channel| other.arn != it.arn;
            channels.iter().filter(is_other).all(|other| {
                let has_name = switches.channel_names_are_unique && other.name == it.name;
                let is_same = other.channel_type == it.channel_type && other.address == it.address;
                let has_address = switches.channel_addresses_are_unique && is_same;
                !(has_name || has_address)
            })
        };
        let stored = |channel_type: &str, position| {
            let address = address(channel_type, position);
            match (switches.normalizes_addresses, channel_type) {
                (false, _) => address.to_owned(),
                (true, "EMAIL") => address.to_lowercase(),
                (true, _) => address.replace([' ', '-'], ""),
            }
        };
        let mut channel;
        match self.what {
            What::ActivateAll => {
                for channel in &channels {
                    backend.activate_channel(&channel.arn);
                }
                return Some(());
            }
            What::Activate(n) => {
                backend.activate_channel(&nth(n)?.arn);
                return Some(());
            }
            What::Remove(n) => {
                backend.remove_channel(&nth(n)?.arn);
                return Some(());
            }
            What::Add(name, channel_type, position, is_activated) => {
                let channel = Channel {
                    arn: String::new(),
                    name: name.to_owned(),
                    channel_type: channel_type.to_owned(),
                    address: stored(channel_type, position),
                    is_activated,
                };
                let is_person = backend.contact(self.alias)?.contact_type == "PERSONAL";
                let address = (is_person && is_free(&channel)).then_some(channel.address)?;
                backend.add_channel(self.alias, name, channel_type, &address, is_activated);
                return Some(());
            }
            What::ChangeAddress(n, position, activates) => {
                channel = nth(n)?;
                let address = stored(&channel.channel_type, position);
                if channel.address != address {
                    let keeps = switches.changed_address_keeps_activation && channel.is_activated;
                    channel.is_activated = keeps || activates;
                }
                channel.address = address;
            }
            What::Rename(n, name) => {
                channel = nth(n)?;
                name.clone_into(&mut channel.name);
            }
            _ => return None,
        }
        let changed = Some(channel).filter(is_free)?;
        let arn = changed.arn.clone();
        *backend.channel_mut(&arn)? = changed;
        Some(())
    }
}

pub(super) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let name = || prop_oneof![2 => Just("own"), 1 => select(&NAMES[..])];
    let contact_type = prop_oneof![4 => Just("PERSONAL"), 1 => Just("ESCALATION")];
    let written = (
        option::of(select(&["One", "Two"][..])),
        option::of(1..3u8),
        option::of(select(&["x", "y"][..])),
    );
    let tags = ["cloudformation-", "cloudformation-origin", "cloudformation-stack-id"];
    let what = prop_oneof![
        1 => (option::of(Just(STRANGER)), contact_type).prop_map(|(stack, kind)| What::Seed(stack, kind)),
        1 => Just(What::Vanish),
        1 => Just(What::ExpireTokens),
        3 => written.prop_map(|(name, minutes, tag)| What::Write(name, minutes, tag)),
        1 => select(tags.to_vec()).prop_map(What::Untag),
        6 => Just(What::ActivateAll),
        2 => (0..3usize).prop_map(What::Activate),
        3 => (name(), channel_type(), 0..4usize, any::<bool>())
            .prop_map(|(name, kind, position, active)| What::Add(name, kind, position, active)),
        2 => (0..3usize, 0..4usize, any::<bool>())
            .prop_map(|(n, position, active)| What::ChangeAddress(n, position, active)),
        1 => (0..3usize, name()).prop_map(|(n, name)| What::Rename(n, name)),
        1 => (0..3usize).prop_map(What::Remove),
    ];
    let act = (select(&ALIASES[..]), what).prop_map(|(alias, what)| Act { alias, what });
    prop::collection::vec(act, 0..6)
}
