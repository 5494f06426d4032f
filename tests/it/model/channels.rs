//! What must be true of the channels after an operation (docs/behavior.md, section 18): a
//! comparison with the channels before it and with both templates.

use std::collections::{BTreeMap, BTreeSet};

use emulator::contacts::Channel;

use super::check::{Contacts, is_of};
use super::history::{Resources, Wanted};
use super::people::WantedChannel;

/// The channels of every contact, by alias.
pub(super) type Channels = BTreeMap<String, Vec<Channel>>;

/// The contacts and their channels.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) contacts: Contacts,
    pub(super) channels: Channels,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ending {
    Complete,
    RolledBack,
    /// The stack is deleted.
    Deleted,
    /// The contacts of the stack may match either template.
    Broken,
}

/// An operation of the stack.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    pub(super) before: State,
    /// How many calls were made before it.
    pub(super) calls: usize,
    pub(super) old: Resources,
    pub(super) new: Resources,
    /// Whether dropped channels may stay, since the permission to delete or to list them lacks.
    pub(super) keeps_dropped: bool,
}

/// Without the separators of a phone number, and without case.
fn significant(address: &str) -> String {
    let separators = [' ', '-', '.', '(', ')'];
    address.replace(separators, "").to_lowercase()
}

fn is_same(one: &WantedChannel, other: &WantedChannel) -> bool {
    one.channel_type == other.channel_type && significant(one.address) == significant(other.address)
}

/// Whether the channel has the type and the address of the template.
pub(super) fn fits(channel: &Channel, wanted: &WantedChannel) -> bool {
    channel.channel_type == wanted.channel_type
        && significant(&channel.address) == significant(wanted.address)
}

pub(super) fn named<'a>(channels: &'a [Channel], name: &str) -> Vec<&'a Channel> {
    channels.iter().filter(|c| c.name == name).collect()
}

/// Whether an update must be refused because of a channel: the template changes the type of a
/// Name that it keeps, adds a Name that a channel of another type has, or it can't be told which
/// channel it means.
pub(super) fn must_refuse(old: &Wanted, new: &Wanted, channels: &[Channel]) -> bool {
    new.channels.iter().any(|wanted| {
        let old = old.channel(wanted.name);
        match named(channels, wanted.name)[..] {
            [] => false,
            [only] => {
                only.channel_type != wanted.channel_type
                    && old.is_none_or(|old| old.channel_type == only.channel_type)
            }
            ref several => {
                !several.iter().any(|channel| fits(channel, wanted))
                    && !old.is_some_and(|old| is_same(old, wanted))
            }
        }
    })
}

/// Whether the rollback of this update may fail (docs/limits.md): a channel was deleted or made
/// again with another type outside, and the update drops its Name or gives it another type; or a
/// person gave a second channel a Name that the update drops, and changed the first one.
pub(super) fn rollback_may_fail(old: &Wanted, new: &Wanted, channels: &[Channel]) -> bool {
    old.channels.iter().any(|old| {
        let named = named(channels, old.name);
        if let Some(new) = new.channel(old.name) {
            let is_there = matches!(named[..], [only] if only.channel_type == old.channel_type);
            return old.channel_type != new.channel_type && !is_there;
        }
        let others = named.iter().filter(|channel| !fits(channel, old));
        let has_other_type = |channel: &&Channel| channel.channel_type != old.channel_type;
        others.clone().count() > 1 || others.copied().any(|channel| has_other_type(&channel))
    })
}

fn holder<'a>(resources: &'a Resources, alias: &str) -> Option<&'a (&'static str, Wanted)> {
    resources.iter().find(|(_, wanted)| wanted.alias == alias)
}

/// One contact that exists before and after an operation, and was not deleted in between.
struct Kept<'a> {
    old: Option<&'a Wanted>,
    new: Option<&'a Wanted>,
    before: &'a [Channel],
    after: &'a [Channel],
    /// The plan of the contact after the operation.
    plan: String,
    keeps_dropped: bool,
}

impl Operation {
    /// The differences between the channels and what they must be.
    pub(super) fn wrong(
        &self,
        stack_id: &str,
        ending: Ending,
        after: &State,
        deleted: &BTreeSet<String>,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let none = Vec::new();
        for (alias, channels) in &after.channels {
            let Some(contact) = after.contacts.get(alias) else {
                wrong.push(format!(
                    "{alias}: no contact, but the channels {channels:?}"
                ));
                continue;
            };
            let (old, new) = (holder(&self.old, alias), holder(&self.new, alias));
            let is_deleted = deleted.contains(&contact.arn);
            let is_in_place = matches!((old, new), (Some(old), Some(new)) if old.0 == new.0);
            if is_deleted && is_in_place {
                wrong.push(format!("{alias}: DeleteContact was called"));
            }
            let kept = Kept {
                old: old.map(|(_, wanted)| wanted),
                new: new.map(|(_, wanted)| wanted),
                before: self.before.channels.get(alias).unwrap_or(&none),
                after: channels,
                plan: contact.plan.to_string(),
                keeps_dropped: self.keeps_dropped,
            };
            let found = if is_deleted || !self.before.contacts.contains_key(alias) {
                kept.not_as_created(ending)
            } else {
                let ours = is_of(contact, stack_id);
                let mut found = kept.touched(ending);
                match (ending, kept.old, kept.new) {
                    (Ending::Complete, _, Some(new)) if ours => found.extend(kept.incomplete(new)),
                    (Ending::RolledBack, Some(old), _) if ours => {
                        found.extend(kept.not_rolled_back(old));
                    }
                    (Ending::Deleted, ..) if kept.before != kept.after => {
                        found.push("a contact that stays keeps its channels".to_owned());
                    }
                    _ => {}
                }
                found
            };
            wrong.extend(found.into_iter().map(|what| {
                let Kept { before, after, .. } = &kept;
                format!("{alias}: {what}; before {before:?}, after {after:?}")
            }));
        }
        wrong
    }
}

impl Kept<'_> {
    /// The channels of a contact that was created in the operation.
    fn not_as_created(&self, ending: Ending) -> Vec<String> {
        let template = match ending {
            Ending::Complete => self.new,
            Ending::RolledBack => self.old,
            Ending::Deleted | Ending::Broken => None,
        };
        let Some(template) = template.filter(|_| !self.keeps_dropped) else {
            return vec![];
        };
        let is_there = |wanted: &WantedChannel| matches!(named(self.after, wanted.name)[..], [only] if fits(only, wanted));
        if template.channels.iter().all(is_there) && self.after.len() == template.channels.len() {
            return vec![];
        }
        vec!["a new contact has not the channels of the template".to_owned()]
    }

    /// The rules that hold however the operation ended.
    fn touched(&self, ending: Ending) -> Vec<String> {
        let mut wrong = Vec::new();
        let of = |template: Option<&Wanted>, name: &str| {
            template
                .and_then(|template| template.channel(name))
                .cloned()
        };
        for channel in self.before {
            let now = self.after.iter().find(|now| now.arn == channel.arn);
            let is_unchanged = now == Some(channel);
            let keeps_activation = now.is_some_and(|now| {
                now.is_activated
                    && now.channel_type == channel.channel_type
                    && now.address == channel.address
                    && (now.name == channel.name
                        || of(self.old, &now.name).is_some()
                        || of(self.new, &now.name).is_some())
            });
            let fine = match (of(self.old, &channel.name), of(self.new, &channel.name)) {
                // No template named it.
                (None, None) => is_unchanged,
                // Neither template changed it.
                (Some(old), Some(new)) if is_same(&old, &new) => is_unchanged,
                // The template dropped it, and a person had changed it. A rollback writes the
                // address of the template unless it is activated.
                (Some(old), None) if !fits(channel, &old) => {
                    is_unchanged
                        || (ending != Ending::Complete
                            && !channel.is_activated
                            && now.is_some_and(|c| fits(c, &old)))
                }
                // The template dropped it, or had it and has it still.
                (Some(_), None) => !channel.is_activated || keeps_activation,
                (None, Some(new)) if fits(channel, &new) => {
                    !channel.is_activated || keeps_activation
                }
                // The template added the Name of a person's channel.
                (None, Some(_)) if self.old.is_some() => is_unchanged || !channel.is_activated,
                (None, Some(_)) => now.is_some() || ending != Ending::Complete,
                // The new template was refused. A rollback writes the old address over that of
                // the new one unless it is activated.
                (Some(_), Some(new)) if self.new.is_some_and(|new| new.fault) => {
                    is_unchanged || (!channel.is_activated && fits(channel, &new))
                }
                (Some(_), Some(_)) => now.is_some(),
            };
            if !fine {
                wrong.push(format!("{channel:?} became {now:?}"));
            }
        }
        for channel in self.after {
            let is_new = !self.before.iter().any(|before| before.arn == channel.arn);
            let templates = [of(self.old, &channel.name), of(self.new, &channel.name)];
            let is_given = templates
                .iter()
                .flatten()
                .any(|wanted| fits(channel, wanted));
            if is_new && !is_given {
                wrong.push(format!("no template gives {channel:?}"));
            }
        }
        wrong
    }

    /// The rules of a template that was applied.
    fn incomplete(&self, new: &Wanted) -> Vec<String> {
        let mut wrong = Vec::new();
        if self.old == Some(new) {
            if self.before != self.after {
                wrong.push("no template changed anything".to_owned());
            }
            return wrong;
        }
        for wanted in &new.channels {
            let old = self.old.and_then(|old| old.channel(wanted.name));
            let before = named(self.before, wanted.name);
            let after = named(self.after, wanted.name);
            let is_unchanged = before == after;
            let fine = match (&before[..], &after[..]) {
                ([], [now]) => fits(now, wanted),
                ([before], [now]) if before.channel_type == wanted.channel_type => {
                    let is_persons = self.old.is_some() && old.is_none() && before.is_activated;
                    // An Update that claims the contact keeps an activated address, a Create
                    // does not.
                    let may_stay = self.old.is_none() && before.is_activated && is_unchanged;
                    let stays = is_persons || old.is_some_and(|old| is_same(old, wanted));
                    let is_right = if stays {
                        is_unchanged
                    } else {
                        fits(now, wanted)
                    };
                    now.arn == before.arn && (is_right || may_stay)
                }
                // It was remade with another type.
                ([before], _) => {
                    let is_others = old.is_some_and(|old| old.channel_type != before.channel_type);
                    is_unchanged && (self.old.is_none() || is_others)
                }
                ([], _) => false,
                (several, _) => {
                    let is_same = old.is_some_and(|old| is_same(old, wanted));
                    is_unchanged && (is_same || several.iter().any(|c| fits(c, wanted)))
                }
            };
            if !fine {
                wrong.push(format!("not as the template says: {wanted:?}"));
            }
        }
        let dropped = self.old.iter().flat_map(|old| &old.channels);
        for dropped in dropped.filter(|dropped| new.channel(dropped.name).is_none()) {
            let [before] = named(self.before, dropped.name)[..] else {
                continue;
            };
            let is_left = named(self.after, dropped.name)
                .iter()
                .any(|c| c.arn == before.arn);
            let is_left = is_left && !self.plan.contains(&before.arn);
            if is_left && fits(before, dropped) && !before.is_activated && !self.keeps_dropped {
                wrong.push(format!("the template dropped {before:?}, and it is left"));
            }
        }
        wrong.extend(self.left_over(new));
        wrong
    }

    /// Whether an operation left a channel that the template does not give.
    fn left_over(&self, template: &Wanted) -> Option<String> {
        let left = self.after.iter().find(|now| {
            !self.before.iter().any(|before| before.arn == now.arn)
                && template.channel(&now.name).is_none()
        });
        let left = left.filter(|_| !self.keeps_dropped)?;
        Some(format!("left behind: {left:?}"))
    }

    /// The rules of a template whose change was rolled back.
    fn not_rolled_back(&self, old: &Wanted) -> Vec<String> {
        let mut wrong = Vec::new();
        for wanted in &old.channels {
            let new = self.new.and_then(|new| new.channel(wanted.name));
            let before = named(self.before, wanted.name);
            let after = named(self.after, wanted.name);
            let is_unchanged = before == after;
            let fine = match (&before[..], &after[..]) {
                // A person removed it.
                ([], []) => true,
                ([before], _) if before.channel_type != wanted.channel_type => is_unchanged,
                ([before], [now]) if !fits(before, wanted) => {
                    let is_same = new.is_some_and(|new| is_same(new, wanted));
                    is_unchanged || (!is_same && fits(now, wanted))
                }
                ([] | [_], [now]) => fits(now, wanted),
                ([] | [_], _) => false,
                (_, after) => !after.is_empty(),
            };
            if !fine {
                wrong.push(format!("not as before: {wanted:?}"));
            }
        }
        wrong.extend(self.left_over(old));
        wrong
    }
}
