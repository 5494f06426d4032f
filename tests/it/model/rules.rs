//! What must be true of the contacts after an operation, whatever happened in it (docs/behavior.md,
//! sections 2 and 3): a comparison with the contacts before it and with both templates.

use emulator::contacts::{Call, Contact};
use serde_json::{Value, json};

use super::channels::Kept;
use super::history::{CHANNEL, Resources, Wanted, plan};
use super::operation::{Ending, Operation, Owner, State, gives, of, owner};

pub(super) struct Rules<'a> {
    pub(super) operation: &'a Operation,
    pub(super) ending: Ending,
    pub(super) stack_id: &'a str,
    pub(super) after: &'a State,
    /// The calls of the operation.
    pub(super) calls: &'a [Call],
}

impl Rules<'_> {
    /// The differences between the contacts and what they must be.
    pub(super) fn wrong(&self) -> Vec<String> {
        let Operation { before, old, new, .. } = self.operation;
        let mut wrong = Vec::new();
        for (alias, contact) in &before.contacts {
            let found = self.before(alias, contact);
            wrong.extend(found.into_iter().map(|what| format!("{alias}: {what}")));
        }
        let resources = match self.ending {
            Ending::Complete => new,
            Ending::RolledBack => old,
            Ending::Deleted | Ending::Broken => &Resources::new(),
        };
        for (logical_id, wanted) in resources {
            let found = match self.ending {
                Ending::Complete => self.complete(logical_id, wanted),
                _ => self.rolled_back(logical_id, wanted),
            };
            let alias = wanted.alias;
            wrong.extend(found.into_iter().map(|what| format!("{logical_id}: {alias}: {what}")));
        }
        if self.ending != Ending::Broken {
            wrong.extend(self.leaks(resources));
        }
        let channels = self.after.channels.iter();
        let left = channels.filter(|(alias, channels)| {
            !channels.is_empty() && !self.after.contacts.contains_key(*alias)
        });
        wrong
            .extend(left.map(|(alias, channels)| format!("{alias}: no contact, but {channels:?}")));
        wrong
    }

    fn owner(&self, contact: &Contact) -> Owner {
        owner(contact, self.stack_id)
    }

    /// Whether DeleteContact was called, and was accepted.
    fn deletes(&self, arn: &str) -> (bool, bool) {
        let is_it =
            |call: &&Call| call.operation == "DeleteContact" && call.body["ContactId"] == arn;
        let mut calls = self.calls.iter().filter(is_it).peekable();
        (calls.peek().is_some(), calls.any(|call| call.status == 200))
    }

    /// Whether the contact of this alias is a new one.
    fn is_new(&self, alias: &str) -> bool {
        let before = self.operation.before.contacts.get(alias);
        before.is_none_or(|contact| self.deletes(&contact.arn).0)
    }

    /// The rules of a contact that was there before.
    fn before(&self, alias: &str, before: &Contact) -> Vec<String> {
        let Operation { old, new, .. } = self.operation;
        let after = self.after.contacts.get(alias);
        let owner = self.owner(before);
        let is_gone = after.is_none() || self.deletes(&before.arn).1;
        if is_gone && !self.may_be_deleted(alias, &owner) {
            return vec![format!("it was deleted: {before:?}")];
        }
        let Some(after) = after.filter(|_| !self.is_new(alias)) else {
            return vec![];
        };
        let (held, wanted) = (of(old, alias), of(new, alias));
        let is_ours = |logical_id: &str| {
            let named = wanted.iter().any(|(_, wanted)| wanted.adopt == Some(logical_id));
            named || gives(old, logical_id, alias) || gives(new, logical_id, alias)
        };
        let may_change = match &owner {
            Owner::Stranger => false,
            Owner::Ours { logical_id, .. } => is_ours(logical_id),
            Owner::Incomplete => !held.is_empty(),
            Owner::Nobody => {
                let adopts = |(_, wanted): &(_, &Wanted)| {
                    wanted.adopt == Some("true") && wanted.contact_type == before.contact_type
                };
                !held.is_empty() || wanted.iter().any(adopts)
            }
        };
        let channels = |state: &State| state.channels[alias].clone();
        let (channels_before, channels_after) =
            (channels(&self.operation.before), channels(self.after));
        if !may_change {
            let [from, to] = [(before, &channels_before), (after, &channels_after)];
            let what = || format!("not ours, and changed: {from:?} to {to:?}");
            return (from != to).then(what).into_iter().collect();
        }
        let mut wrong = self.released(alias, &owner, after);
        let kept = Kept {
            old: held.first().map(|(_, wanted)| *wanted),
            new: wanted.iter().map(|(_, wanted)| *wanted).collect(),
            is_in_place: held.iter().any(|(id, _)| gives(new, id, alias)),
            is_claimed_by_update: wanted.iter().any(|(id, _)| old.contains_key(id)),
            operation: self.operation,
            ending: self.ending,
            before: &channels_before,
            after: &channels_after,
            plans: [&before.plan, &after.plan],
        };
        let found = kept.wrong().into_iter();
        wrong.extend(
            found.map(|what| {
                format!("{what}; before {channels_before:?}, after {channels_after:?}")
            }),
        );
        wrong
    }

    fn may_be_deleted(&self, alias: &str, owner: &Owner) -> bool {
        let Operation { old, new, is_unanswered, .. } = self.operation;
        let Owner::Ours { logical_id, is_created: true } = owner else {
            return false;
        };
        let is_held = gives(old, logical_id, alias);
        let complete = is_held && !gives(new, logical_id, alias);
        // Two cases of a contact that was retained earlier can't be cured: the rollback of a
        // rename onto it, and the clean-up of a Create that never answered.
        let is_wanted = !is_held && gives(new, logical_id, alias);
        let rolled_back = is_wanted && (old.contains_key(logical_id.as_str()) || *is_unanswered);
        match self.ending {
            Ending::Complete => complete,
            Ending::RolledBack => rolled_back,
            Ending::Deleted => is_held,
            Ending::Broken => complete || rolled_back || is_held,
        }
    }

    /// Whether a contact that no resource has any more belongs to nobody.
    fn released(&self, alias: &str, before: &Owner, after: &Contact) -> Vec<String> {
        let Operation { old, new, .. } = self.operation;
        let stays = self.operation.stays(alias);
        let is_ours = matches!(self.owner(after), Owner::Ours { .. });
        let was_ours = matches!(before, Owner::Ours { .. });
        let has_resource = match self.ending {
            Ending::Complete => !of(new, alias).is_empty(),
            Ending::RolledBack => !of(old, alias).is_empty() || was_ours,
            Ending::Deleted => match before {
                Owner::Ours { logical_id, .. } => !gives(old, logical_id, alias),
                _ => false,
            },
            Ending::Broken => true,
        };
        let is_left = is_ours && !has_resource && !stays;
        is_left.then(|| format!("left behind: {after:?}")).into_iter().collect()
    }

    /// Contacts that the operation brought and no resource has.
    fn leaks(&self, resources: &Resources) -> Vec<String> {
        let before = &self.operation.before;
        let contacts = self.after.contacts.iter();
        let new = contacts.filter(|(alias, contact)| {
            let is_ours = matches!(self.owner(contact), Owner::Ours { .. });
            let is_new = !before.contacts.contains_key(*alias) || self.is_new(alias);
            is_ours && is_new && of(resources, alias).is_empty() && !self.operation.stays(alias)
        });
        new.map(|(_, contact)| format!("left behind: {contact:?}")).collect()
    }

    /// The rules of a resource whose template was applied.
    fn complete(&self, logical_id: &'static str, wanted: &Wanted) -> Vec<String> {
        let Operation { before, old, .. } = self.operation;
        let alias = wanted.alias;
        let old = old.get(logical_id);
        let in_place = old.filter(|old| old.alias == alias);
        let is_unchanged = old.is_some_and(|old| old.properties() == wanted.properties());
        let before = before.contacts.get(alias).filter(|_| !self.is_new(alias));
        let after = match (self.after.contacts.get(alias), before) {
            (None, None) if is_unchanged => return vec![],
            (None, _) => return vec!["it is missing".to_owned()],
            (Some(after), Some(before)) if is_unchanged => {
                let channels = [&self.operation.before, self.after].map(|it| &it.channels[alias]);
                let is_same = before == after && channels[0] == channels[1];
                let what = || format!("no template changed it, and {before:?} became {after:?}");
                // Another resource of the template may adopt what a person freed.
                let is_shared = of(&self.operation.new, alias).len() > 1;
                return (!is_same && !is_shared).then(what).into_iter().collect();
            }
            (Some(after), _) => after,
        };
        let ours = |is_created| Owner::Ours { logical_id: logical_id.to_owned(), is_created };
        let origin = before.and_then(|before| before.tags.get("cloudformation-origin"));
        let made_it = |id: &String| origin.is_some_and(|origin| origin.contains(id.as_str()));
        let is_own = old.is_some() || self.operation.request_ids.iter().any(made_it);
        let owner = match before.map(|before| self.owner(before)) {
            None => ours(true),
            Some(same) if in_place.is_some() => same,
            // A Create has not created what another request made. An Update leaves created created.
            Some(Owner::Ours { logical_id: known, is_created })
                if known == logical_id && is_own =>
            {
                ours(is_created)
            }
            Some(_) => ours(false),
        };
        let mut wrong = vec![];
        let found = (self.owner(after), after.contact_type.as_str());
        if found != (owner.clone(), wanted.contact_type) {
            wrong.push(format!("owner and type are {found:?}, not those of {owner:?}, {wanted:?}"));
        }
        let name = wanted.display_name.or(before.and_then(|before| before.display_name.as_deref()));
        let left = before.and_then(|before| before.tags.get("ours")).map(String::as_str);
        let dropped = in_place.and_then(|old| old.tag);
        let tag = wanted.tag.or(left.filter(|left| dropped != Some(*left)));
        let found = (after.display_name.as_deref(), after.tags.get("ours").map(String::as_str));
        if found != (name, tag) {
            wrong.push(format!("name and tag are {found:?}, not {:?}", (name, tag)));
        }
        if wanted.minutes.is_none() {
            let none = json!({"Stages": []});
            let plan = before.map_or(&none, |before| &before.plan);
            if after.plan != *plan {
                wrong.push(format!("the plan is {}, not {plan}", after.plan));
            }
        } else if before.is_none() || wanted.target_channel().is_none() {
            let plans = self.plans(wanted);
            if !plans.contains(&after.plan) {
                wrong.push(format!("the plan is {}, not {plans:?}", after.plan));
            }
        }
        if before.is_none() {
            let channels = &self.after.channels[alias];
            let is_there =
                |it: &_| channels.iter().any(|channel| super::channels::gives(it, channel));
            if channels.len() != wanted.channels.len() || !wanted.channels.iter().all(is_there) {
                wrong.push(format!("not the channels of the template: {channels:?}"));
            }
        }
        wrong
    }

    /// The plans that this template can mean.
    fn plans(&self, wanted: &Wanted) -> Vec<Value> {
        let minutes = wanted.minutes.unwrap_or_default();
        let plan = |arn: &str| {
            let info = json!({"ContactChannelId": arn});
            plan(minutes, wanted.contact_type, info, self.operation.filled)
        };
        let Some(target) = wanted.target_channel() else {
            return vec![plan(CHANNEL)];
        };
        let channels = self.after.channels[wanted.alias].iter();
        let named = channels.filter(|channel| channel.name == target.name);
        named.map(|channel| plan(&channel.arn)).collect()
    }

    /// The rules of a resource whose change was rolled back. What the old template leaves out may
    /// stay as the new one wrote it, and what a person wrote may stay.
    fn rolled_back(&self, logical_id: &'static str, wanted: &Wanted) -> Vec<String> {
        let Operation { before, new, .. } = self.operation;
        let alias = wanted.alias;
        let before = before.contacts.get(alias);
        let (Some(before), Some(after)) = (before, self.after.contacts.get(alias)) else {
            return vec![];
        };
        let mut wrong = vec![];
        let owners = [self.owner(before), self.owner(after)];
        // The new resource of a renamed logical id has adopted the contact, and releases it, if it
        // may.
        let is_renamed = of(new, alias).iter().any(|(_, new)| new.adopt == Some(logical_id));
        let is_released = owners[1] == Owner::Nobody || self.operation.stays(alias);
        if owners[0] != owners[1] && !(is_renamed && is_released) {
            wrong.push(format!("the owner was {:?}, and is {:?}", owners[0], owners[1]));
        }
        if before.contact_type != after.contact_type {
            wrong.push(format!("the type is {}", after.contact_type));
        }
        if is_renamed {
            // A failed adoption does not restore name, plan and channels.
            return wrong;
        }
        let attempted = of(new, alias).into_iter().map(|(_, new)| new);
        let attempted: Vec<&Wanted> = attempted.filter(|new| !new.is_invalid).collect();
        let mut check = |what: &str, values: [Option<&str>; 3], new: &[Option<&str>]| {
            let [before, old, found] = values;
            let is_new = old.is_none() && found.is_some() && new.contains(&found);
            if found != before && (old.is_none() || found != old) && !is_new {
                wrong.push(format!("{what} was, should be, and is {values:?}"));
            }
        };
        let names: Vec<_> = attempted.iter().map(|new| new.display_name).collect();
        let [name_before, name] = [before, after].map(|it| it.display_name.as_deref());
        check("the name", [name_before, wanted.display_name, name], &names);
        let [tag_before, tag] = [before, after].map(|it| it.tags.get("ours").map(String::as_str));
        // A tag that only the new template gives is removed again.
        let is_given = attempted.iter().any(|new| new.tag.is_some());
        if tag.is_some() || !is_given || wanted.tag.is_some() {
            check("the tag", [tag_before, wanted.tag, tag], &[]);
        }
        let is_right = match wanted.minutes {
            Some(_) => self.plans(wanted).contains(&after.plan),
            None => attempted.iter().any(|new| new.minutes.is_some()),
        };
        if before.plan != after.plan && !is_right {
            wrong.push(format!("the plan was {}, and is {}", before.plan, after.plan));
        }
        wrong
    }
}
