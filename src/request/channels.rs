//! Which channels of a contact are the template's, and what is created, renamed, changed or
//! deleted for that.
//!
//! An activation is precious: only the channel's owner can give it. So a channel is used by
//! its address first, and the address of an activated channel is never changed: a new number is
//! a new channel, and a rollback finds the old one as it was. What the template drops is deleted
//! only if nobody has activated it. Only a Delete of the contact deletes activated channels.

use std::collections::{BTreeMap, BTreeSet};

use super::reconcile::{Old, Step};
use crate::contact::channel::{Channel, DesiredChannel};
use crate::contact::personal_data::shown_name;
use crate::contact::plan::{ChannelReference, Plan};

/// What became of a template's channel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Match {
    /// The contact has no such channel: create it.
    Nothing,
    /// It is this channel of the contact, by its place in the list.
    Is(usize),
    /// It is this one, whose owner has changed it.
    Changed(usize),
    /// It is this one, and its address is to be changed. It is not activated.
    Readdress(usize),
}

impl Match {
    fn place(self) -> Option<usize> {
        match self {
            Self::Nothing => None,
            Self::Is(place) | Self::Changed(place) | Self::Readdress(place) => Some(place),
        }
    }
}

/// The channels that the old template gave to the contact.
fn given(old: Old<'_>) -> &[DesiredChannel] {
    match old {
        Old::Gave(old) => &old.channels,
        Old::GaveNothing | Old::NoTemplate => &[],
    }
}

/// Whether the template changes type or address of a channel. If not, its owner has.
fn is_changed(desired: &DesiredChannel, old: Old<'_>) -> bool {
    match old {
        Old::Gave(_) => !given(old)
            .iter()
            .any(|given| given.name == desired.name && given.has_type_and_address_of(desired)),
        Old::GaveNothing => false,
        Old::NoTemplate => true,
    }
}

/// The steps about channels, around UpdateContact and the tags.
#[derive(Debug, Default)]
pub(super) struct ChannelSteps {
    /// Before UpdateContact: names are freed, then channels are renamed and created.
    pub(super) before: Vec<Step>,
    /// After the tags: new addresses, then what the template dropped.
    pub(super) after: Vec<Step>,
    /// The ARNs of the channels that exist already, by the Names that the template gives them.
    pub(super) arns: BTreeMap<String, String>,
}

/// Decides about the channels of a contact. `live` are its channels, `plan` is its plan.
pub(super) fn channel_steps(
    template: &[DesiredChannel],
    old: Old<'_>,
    live: &[Channel],
    plan: Option<&Plan>,
) -> ChannelSteps {
    let matches = match_channels(template, old, live, plan);
    let used: BTreeSet<usize> = matches.iter().filter_map(|found| found.place()).collect();
    let mut steps = ChannelSteps::default();
    let mut names = Names::new(live);
    for (desired, found) in template.iter().zip(&matches) {
        if let Some(channel) = found.place().and_then(|place| live.get(place)) {
            steps.arns.insert(desired.name.clone(), channel.arn.clone());
        }
    }
    let freed = steps.free_names(template, given(old), live, &matches, &used, &mut names);
    steps.rename(template, &matches, &mut names);
    for (desired, found) in template.iter().zip(&matches) {
        let channel = found.place().and_then(|place| live.get(place));
        match (found, channel) {
            (Match::Nothing, _) => steps.before.push(Step::CreateChannel(desired.clone())),
            (Match::Changed(_), Some(channel)) => {
                steps
                    .after
                    .push(warning(channel, "its owner has changed it, and it stays as it is"));
            }
            (Match::Readdress(_), Some(channel)) => steps.after.push(Step::ChangeAddress {
                arn: channel.arn.clone(),
                address: desired.address.clone(),
            }),
            _ => {}
        }
    }
    for given in given(old) {
        let is_dropped = |(place, channel): &(usize, &Channel)| {
            !used.contains(place) && !freed.contains(place) && is_given(channel, given)
        };
        for (_, channel) in live.iter().enumerate().filter(is_dropped) {
            steps.after.push(if channel.is_activated {
                let why = "the template dropped it; it is activated, so it stays until its owner removes it";
                warning(channel, why)
            } else {
                Step::DeleteChannel(channel.arn.clone())
            });
        }
    }
    steps
}

/// Whether a channel is what a template gave: Name, type and address.
fn is_given(channel: &Channel, given: &DesiredChannel) -> bool {
    channel.name == given.name && channel.has_type_and_address_of(given)
}

fn warning(channel: &Channel, why: &str) -> Step {
    let name = shown_name(&channel.name);
    Step::Warn(format!("channel {name} ({}): {why}", channel.arn))
}

/// Matches each channel of the template with at most one of the contact's, and each of these at
/// most once.
fn match_channels(
    template: &[DesiredChannel],
    old: Old<'_>,
    live: &[Channel],
    plan: Option<&Plan>,
) -> Vec<Match> {
    type Rule<'a> = (fn(usize) -> Match, &'a dyn Fn(&DesiredChannel, &Channel) -> bool);
    let has_name = |desired: &DesiredChannel, channel: &Channel| channel.name == desired.name;
    let is_same =
        |desired: &DesiredChannel, channel: &Channel| channel.has_type_and_address_of(desired);
    let rules: [Rule<'_>; 6] = [
        // 1. The same type and address: it is this channel, an activated one before all others,
        //    then one of the same Name. So a number that moves to another Name, or that its owner
        //    added, stays reachable.
        (Match::Is, &|desired, channel| {
            is_same(desired, channel) && channel.is_activated && has_name(desired, channel)
        }),
        (Match::Is, &|desired, channel| is_same(desired, channel) && channel.is_activated),
        (Match::Is, &|desired, channel| is_same(desired, channel) && has_name(desired, channel)),
        (Match::Is, &|desired, channel| is_same(desired, channel)),
        // 2. Its owner has changed it.
        (Match::Changed, &|desired, channel| {
            has_name(desired, channel) && channel.is_activated && !is_changed(desired, old)
        }),
        // 3. It is the template's, with an old address.
        (Match::Readdress, &|desired, channel| {
            has_name(desired, channel)
                && channel.channel_type == Some(desired.channel_type)
                && !channel.is_activated
        }),
    ];
    let in_plan = |channel: &Channel| {
        let mut planned = plan.into_iter().flat_map(Plan::channels);
        planned.any(|named| matches!(named, ChannelReference::Arn(arn) if *arn == channel.arn))
    };
    let mut taken = BTreeSet::new();
    let mut matches = vec![Match::Nothing; template.len()];
    for (found, fits) in rules {
        for (desired, result) in template.iter().zip(&mut matches) {
            if *result != Match::Nothing {
                continue;
            }
            let fitting = live.iter().enumerate();
            let fitting =
                fitting.filter(|(place, channel)| !taken.contains(place) && fits(desired, channel));
            // Of several, the first one that is best.
            let best =
                fitting.rev().max_by_key(|(_, channel)| (channel.is_activated, in_plan(channel)));
            if let Some((place, _)) = best {
                taken.insert(place);
                *result = found(place);
            }
        }
    }
    matches
}

/// The Names of a contact's channels while steps change them.
struct Names<'a> {
    live: &'a [Channel],
    names: Vec<Option<String>>,
}

impl<'a> Names<'a> {
    fn new(live: &'a [Channel]) -> Self {
        let names = live.iter().map(|channel| Some(channel.name.clone())).collect();
        Self { live, names }
    }

    fn is_free(&self, name: &str) -> bool {
        !self.names.iter().flatten().any(|held| held == name)
    }

    fn is_held_by(&self, place: usize, name: &str) -> bool {
        self.names.get(place).and_then(Option::as_deref) == Some(name)
    }

    /// Renames a channel.
    fn rename(&mut self, place: usize, name: String, steps: &mut Vec<Step>) {
        let (Some(held), Some(channel)) = (self.names.get_mut(place), self.live.get(place)) else {
            return;
        };
        *held = Some(name.clone());
        steps.push(Step::RenameChannel { arn: channel.arn.clone(), name });
    }

    fn remove(&mut self, place: usize) {
        if let Some(held) = self.names.get_mut(place) {
            *held = None;
        }
    }

    /// `<name>-old`, or the next one that is free here and in the template.
    fn old_name(&self, name: &str, desired: &[DesiredChannel]) -> String {
        /// Most characters a Name may have, less those of the ending.
        const STEM_MAX: usize = 240;
        let stem: String = name.chars().take(STEM_MAX).collect();
        let numbered = (2..).map(|number: u64| format!("{stem}-old{number}"));
        let is_usable = |name: &String| {
            self.is_free(name) && !desired.iter().any(|channel| channel.name == *name)
        };
        std::iter::once(format!("{stem}-old")).chain(numbered).find(is_usable).unwrap_or_default()
    }
}

impl ChannelSteps {
    /// Frees the Names that a rename or a create needs, of channels that are none of the
    /// template's. Returns the channels that are deleted or renamed for it.
    fn free_names(
        &mut self,
        template: &[DesiredChannel],
        given: &[DesiredChannel],
        live: &[Channel],
        matches: &[Match],
        used: &BTreeSet<usize>,
        names: &mut Names<'_>,
    ) -> BTreeSet<usize> {
        let mut freed = BTreeSet::new();
        for (desired, found) in template.iter().zip(matches) {
            if found.place().is_some_and(|place| names.is_held_by(place, &desired.name)) {
                continue;
            }
            let holders = live.iter().enumerate();
            for (place, channel) in holders
                .filter(|(place, channel)| !used.contains(place) && channel.name == desired.name)
            {
                if !channel.is_activated && given.iter().any(|given| is_given(channel, given)) {
                    self.before.push(Step::DeleteChannel(channel.arn.clone()));
                    names.remove(place);
                } else {
                    let name = names.old_name(&channel.name, template);
                    let why = format!(
                        "the template gives its Name to another channel: it is renamed to {}, and stays",
                        shown_name(&name)
                    );
                    self.before.push(warning(channel, &why));
                    names.rename(place, name, &mut self.before);
                }
                freed.insert(place);
            }
        }
        freed
    }

    /// Gives the used channels their Names, each once its Name is free.
    fn rename(&mut self, desired: &[DesiredChannel], matches: &[Match], names: &mut Names<'_>) {
        let wanted = desired.iter().zip(matches);
        let mut left: Vec<(usize, &str)> = wanted
            .filter_map(|(desired, found)| Some((found.place()?, desired.name.as_str())))
            .filter(|(place, name)| !names.is_held_by(*place, name))
            .collect();
        while let Some((place, name)) = left.first().copied() {
            let next = left.iter().position(|(_, name)| names.is_free(name));
            if let Some((place, name)) = next.map(|next| left.remove(next)) {
                names.rename(place, name.to_owned(), &mut self.before);
            } else {
                // The Names go round in a circle.
                let aside = names.old_name(name, desired);
                names.rename(place, aside, &mut self.before);
            }
        }
    }
}

#[cfg(test)]
mod tests;
