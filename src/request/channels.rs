//! Which channels of a contact are the template's, and what is created, renamed, changed or
//! deleted for that.
//!
//! An activation is precious: only the channel's owner can give it. So a channel is used by
//! its address first, and the address of an activated channel is never changed: a new number is
//! a new channel, and a rollback finds the old one as it was. What the template drops is deleted
//! only if nobody has activated it. Only a Delete of the contact deletes activated channels.

use std::collections::{BTreeMap, BTreeSet};

use super::label;
use super::reconcile::{Old, Step};
use crate::contact::channel::{Channel, DesiredChannel};
use crate::contact::personal_data::shown_name;
use crate::contact::plan::{ChannelReference, Plan};

/// How a channel of the contact is one of the template's.
#[derive(Clone, Copy)]
enum How {
    /// It is this one.
    Same,
    /// It is this one, whose owner has changed it.
    Changed,
    /// It is this one, and its address is to be changed. It is not activated.
    Readdress,
}

/// A channel of the contact that is one of the template's.
struct Match<'a> {
    how: How,
    channel: &'a Channel,
    /// Its place in the list of the contact's channels.
    place: usize,
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
    let used: BTreeSet<usize> = matches.iter().flatten().map(|found| found.place).collect();
    let unused: Vec<(usize, &Channel)> =
        live.iter().enumerate().filter(|(place, _)| !used.contains(place)).collect();
    let held = live.iter().map(|channel| channel.name.clone()).enumerate().collect();
    let mut names = Names { held, steps: Vec::new() };
    names.free(template, given(old), &matches, &unused);
    names.give(template, &matches);
    let Names { held, steps: before } = names;
    let mut steps = ChannelSteps { before, ..ChannelSteps::default() };
    for (desired, found) in template.iter().zip(&matches) {
        let Some(Match { how, channel, .. }) = found else {
            steps.before.push(Step::CreateChannel(desired.clone()));
            continue;
        };
        let arn = channel.arn.clone();
        steps.arns.insert(desired.name.clone(), arn.clone());
        steps.after.extend(match how {
            How::Same => None,
            How::Changed => {
                Some(warning(channel, "its owner has changed it, and it stays as it is"))
            }
            How::Readdress => Some(Step::ChangeAddress { arn, address: desired.address.clone() }),
        });
    }
    for given in given(old) {
        // A channel that has lost its Name was renamed or deleted for that.
        let is_dropped = |(place, channel): &&(usize, &Channel)| {
            held.get(place) == Some(&channel.name) && is_given(channel, given)
        };
        for (_, channel) in unused.iter().filter(is_dropped) {
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
    Step::Warn(format!("channel {}: {why}", label(channel)))
}

/// Matches each channel of the template with at most one of the contact's, and each of these at
/// most once.
fn match_channels<'a>(
    template: &[DesiredChannel],
    old: Old<'_>,
    live: &'a [Channel],
    plan: Option<&Plan>,
) -> Vec<Option<Match<'a>>> {
    type Rule<'a> = (How, &'a dyn Fn(&DesiredChannel, &Channel) -> bool);
    let has_name = |desired: &DesiredChannel, channel: &Channel| channel.name == desired.name;
    let is_same =
        |desired: &DesiredChannel, channel: &Channel| channel.has_type_and_address_of(desired);
    let rules: [Rule<'_>; 6] = [
        // 1. The same type and address: it is this channel, an activated one before all others,
        //    then one of the same Name. So a number that moves to another Name, or that its owner
        //    added, stays reachable.
        (How::Same, &|desired, channel| {
            is_same(desired, channel) && channel.is_activated && has_name(desired, channel)
        }),
        (How::Same, &|desired, channel| is_same(desired, channel) && channel.is_activated),
        (How::Same, &|desired, channel| is_same(desired, channel) && has_name(desired, channel)),
        (How::Same, &|desired, channel| is_same(desired, channel)),
        // 2. Its owner has changed it.
        (How::Changed, &|desired, channel| {
            has_name(desired, channel) && channel.is_activated && !is_changed(desired, old)
        }),
        // 3. It is the template's, with an old address.
        (How::Readdress, &|desired, channel| {
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
    let mut matches: Vec<Option<Match<'_>>> = template.iter().map(|_| None).collect();
    for (how, fits) in rules {
        for (desired, result) in template.iter().zip(&mut matches) {
            if result.is_some() {
                continue;
            }
            let fitting = live.iter().enumerate();
            let fitting =
                fitting.filter(|(place, channel)| !taken.contains(place) && fits(desired, channel));
            // Of several, the first one that is best.
            let best =
                fitting.rev().max_by_key(|(_, channel)| (channel.is_activated, in_plan(channel)));
            if let Some((place, channel)) = best {
                taken.insert(place);
                *result = Some(Match { how, channel, place });
            }
        }
    }
    matches
}

/// The Names of a contact's channels, and the steps that change them.
struct Names {
    /// By the place of the channel.
    held: BTreeMap<usize, String>,
    steps: Vec<Step>,
}

impl Names {
    fn is_free(&self, name: &str) -> bool {
        !self.held.values().any(|held| held == name)
    }

    fn is_held_by(&self, place: usize, name: &str) -> bool {
        self.held.get(&place).is_some_and(|held| held == name)
    }

    /// Renames a channel.
    fn rename(&mut self, place: usize, channel: &Channel, name: String) {
        self.held.insert(place, name.clone());
        self.steps.push(Step::RenameChannel { arn: channel.arn.clone(), name });
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

    /// Frees the Names that a rename or a create needs, of channels that are none of the
    /// template's.
    fn free(
        &mut self,
        template: &[DesiredChannel],
        given: &[DesiredChannel],
        matches: &[Option<Match<'_>>],
        unused: &[(usize, &Channel)],
    ) {
        for (desired, found) in template.iter().zip(matches) {
            if found.as_ref().is_some_and(|found| self.is_held_by(found.place, &desired.name)) {
                continue;
            }
            for (place, channel) in unused.iter().filter(|(_, other)| other.name == desired.name) {
                if !channel.is_activated && given.iter().any(|given| is_given(channel, given)) {
                    self.steps.push(Step::DeleteChannel(channel.arn.clone()));
                    self.held.remove(place);
                } else {
                    let name = self.old_name(&channel.name, template);
                    let why = format!(
                        "the template gives its Name to another channel: it is renamed to {}, and stays",
                        shown_name(&name)
                    );
                    self.steps.push(warning(channel, &why));
                    self.rename(*place, channel, name);
                }
            }
        }
    }

    /// Gives the used channels their Names, each once its Name is free.
    fn give(&mut self, template: &[DesiredChannel], matches: &[Option<Match<'_>>]) {
        let wanted = template.iter().zip(matches);
        let mut left: Vec<(&Match<'_>, &str)> = wanted
            .filter_map(|(desired, found)| Some((found.as_ref()?, desired.name.as_str())))
            .filter(|(found, name)| !self.is_held_by(found.place, name))
            .collect();
        while let Some((found, name)) = left.first().copied() {
            let next = left.iter().position(|(_, name)| self.is_free(name));
            if let Some((found, name)) = next.map(|next| left.remove(next)) {
                self.rename(found.place, found.channel, name.to_owned());
            } else {
                // The Names go round in a circle.
                let aside = self.old_name(name, template);
                self.rename(found.place, found.channel, aside);
            }
        }
    }
}

#[cfg(test)]
mod tests;
