//! What must be true of the channels of a contact that was there before an operation and is there
//! after it (docs/behavior.md, section 8).

use emulator::contacts::Channel;
use serde_json::Value;

use super::history::{Wanted, WantedChannel, significant};
use super::operation::{Ending, Operation};

/// The channels of one contact, before and after.
pub(super) struct Kept<'a> {
    /// The old template of this alias.
    pub(super) old: Option<&'a Wanted>,
    /// The new templates of this alias. In one that can be deployed there is at most one.
    pub(super) new: Vec<&'a Wanted>,
    /// Whether the resource had the alias before.
    pub(super) is_in_place: bool,
    /// Whether the resource of the new template was there, with any alias.
    pub(super) is_claimed_by_update: bool,
    pub(super) operation: &'a Operation,
    pub(super) ending: Ending,
    pub(super) before: &'a [Channel],
    pub(super) after: &'a [Channel],
    /// The contact's plan, before and after.
    pub(super) plans: [&'a Value; 2],
}

fn fits(wanted: &WantedChannel, channel: &Channel) -> bool {
    wanted.channel_type == channel.channel_type
        && significant(wanted.address) == significant(&channel.address)
}

/// Whether two channels of templates have the same type and address.
fn same(one: &WantedChannel, other: &WantedChannel) -> bool {
    one.channel_type == other.channel_type && significant(one.address) == significant(other.address)
}

/// Whether the template's channel is this one, with this Name.
pub(super) fn gives(wanted: &WantedChannel, channel: &Channel) -> bool {
    wanted.name == channel.name && fits(wanted, channel)
}

impl Kept<'_> {
    pub(super) fn wrong(&self) -> Vec<String> {
        let mut wrong = self.touched();
        match (self.ending, self.old, &self.new[..]) {
            (Ending::Complete, _, [new]) => wrong.extend(self.complete(new)),
            // What a resource with a new logical id did to a contact is not undone: it releases it.
            (Ending::RolledBack, Some(old), new) if self.is_in_place || new.is_empty() => {
                wrong.extend(self.rolled_back(old));
            }
            _ => {}
        }
        wrong
    }

    /// The channels of all templates of this contact.
    fn templates(&self) -> impl Iterator<Item = &WantedChannel> {
        let all = self.old.into_iter().chain(self.new.iter().copied());
        all.flat_map(|wanted| &wanted.channels)
    }

    /// The rules that hold however the operation ended.
    fn touched(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for channel in self.before {
            let now = self.after.iter().find(|now| now.arn == channel.arn);
            let is_named = self.templates().any(|it| it.name == channel.name);
            let is_fine = match now {
                Some(now) if now == channel => true,
                // Only a Name may change, and only if a template needs it for this channel or for
                // another.
                Some(now) if channel.is_activated => {
                    let renamed = Channel { name: now.name.clone(), ..channel.clone() };
                    let mut aside = self.templates().map(|it| format!("{}-old", it.name));
                    let is_aside = aside.any(|name| now.name.starts_with(&name));
                    let is_given = self.templates().any(|it| gives(it, now));
                    let is_meant = is_named || self.templates().any(|it| fits(it, channel));
                    *now == renamed && (is_given || (is_meant && is_aside))
                }
                None if channel.is_activated => false,
                Some(_) => is_named || self.templates().any(|it| fits(it, channel)),
                None if self.ending == Ending::Complete => {
                    self.templates().any(|it| gives(it, channel))
                }
                // The new template's Name or address may have become the channel's before the
                // rollback dropped it.
                None => self.templates().any(|it| {
                    let is_readdressed =
                        it.name == channel.name && it.channel_type == channel.channel_type;
                    fits(it, channel) || is_readdressed
                }),
            };
            if !is_fine {
                wrong.push(format!("{channel:?} became {now:?}"));
            }
        }
        for channel in self.new_ones() {
            if !self.templates().any(|it| fits(it, channel)) {
                wrong.push(format!("no template gives {channel:?}"));
            }
        }
        wrong
    }

    fn new_ones(&self) -> impl Iterator<Item = &Channel> {
        let is_new = |channel: &&Channel| !self.before.iter().any(|it| it.arn == channel.arn);
        self.after.iter().filter(is_new)
    }

    /// Channels that the operation made and this template does not give.
    fn left(&self, template: &Wanted) -> Vec<String> {
        let is_given = |channel: &Channel| template.channels.iter().any(|it| gives(it, channel));
        let left = self.new_ones().filter(|channel| !channel.is_activated && !is_given(channel));
        let left = left.filter(|_| !self.operation.keeps_dropped());
        left.map(|channel| format!("left behind: {channel:?}")).collect()
    }

    /// Whether this channel is the template's, which was applied.
    fn is_right(&self, wanted: &WantedChannel, channel: &Channel) -> bool {
        let is_unchanged = match self.old.filter(|_| self.is_in_place) {
            Some(old) => old.channels.iter().any(|it| it.name == wanted.name && same(it, wanted)),
            None => self.is_claimed_by_update,
        };
        let is_owners = is_unchanged && channel.is_activated && self.before.contains(channel);
        wanted.name == channel.name && (fits(wanted, channel) || is_owners)
    }

    /// The rules of a template that was applied.
    fn complete(&self, new: &Wanted) -> Vec<String> {
        let is_unchanged = |old: &Wanted| old.properties() == new.properties();
        if self.is_in_place && self.old.is_some_and(is_unchanged) {
            return vec![];
        }
        let mut wrong = self.left(new);
        for wanted in &new.channels {
            let right = |channel: &&Channel| self.is_right(wanted, channel);
            let found: Vec<&Channel> = self.after.iter().filter(right).collect();
            if found.is_empty() {
                wrong.push(format!("not there: {wanted:?}"));
            }
            let active = |channel: &&Channel| channel.is_activated && fits(wanted, channel);
            let wanted_times = new.channels.iter().filter(|it| same(it, wanted)).count();
            let reaches = self.before.iter().filter(active).count() >= wanted_times;
            // The channel of the same Name comes first.
            let is_there = |channel: &Channel| gives(wanted, channel) && !channel.is_activated;
            let reaches = reaches && !self.before.iter().any(is_there);
            if reaches && !found.iter().any(|it| it.is_activated && fits(wanted, it)) {
                wrong.push(format!("not activated any more: {wanted:?}"));
            }
            if new.target_channel() == Some(wanted) {
                let is_target = |it: &&Channel| self.plans[1].to_string().contains(&it.arn);
                let target = found.iter().copied().find(is_target);
                let active = found.iter().any(|it| it.is_activated);
                if new.minutes != Some(0) && target.is_none_or(|it| active && !it.is_activated) {
                    wrong.push(format!("the plan {} does not reach {wanted:?}", self.plans[1]));
                }
            }
        }
        let old = self.old.filter(|_| self.is_in_place);
        let dropped = old.iter().flat_map(|old| &old.channels);
        for dropped in dropped.filter(|_| !self.operation.keeps_dropped()) {
            let is_left = |channel: &&Channel| {
                let is_before = self.before.contains(channel);
                let is_wanted = new.channels.iter().any(|it| gives(it, channel));
                is_before && gives(dropped, channel) && !channel.is_activated && !is_wanted
            };
            if let Some(left) = self.after.iter().find(is_left) {
                wrong.push(format!("the template dropped {left:?}"));
            }
        }
        wrong
    }

    /// The rules of a template whose change was rolled back.
    fn rolled_back(&self, old: &Wanted) -> Vec<String> {
        let mut wrong = self.left(old);
        // Whom the plan reached, as the old template says, it reaches again.
        let plans = self.plans.map(ToString::to_string);
        let reached = self.before.iter().filter(|it| it.is_activated && plans[0].contains(&it.arn));
        let target = old.target_channel();
        for channel in reached.filter(|it| target.is_some_and(|target| gives(target, it))) {
            let is_it = |it: &&Channel| it.is_activated && plans[1].contains(&it.arn);
            let same = |it: &Channel| target.is_some_and(|target| gives(target, it));
            if !self.after.iter().filter(is_it).any(same) {
                wrong.push(format!("the plan {} does not reach {channel:?} any more", plans[1]));
            }
        }
        wrong
    }
}
