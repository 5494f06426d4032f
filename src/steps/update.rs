//! What an Update changes, and whether it may.

use std::collections::BTreeSet;

use super::channels::{OldChannels, OldTemplate, channel_steps, list_may_be_behind, old_plan};
use super::{Step, is_met, tag_step, update_step};
use crate::channel::ChannelReference;
use crate::contact::{AccountAndRegion, Alias, Contact, ContactArn, Plan};
use crate::error::Error;
use crate::identity::{Creator, Ownership, OwnershipTags, Resource};
use crate::properties::{Desired, TAGS_MAX, UncheckedProperties, tags_max};

/// Checks that a contact is in the account of the function. No request changes a contact of
/// another account.
///
/// # Errors
///
/// Returns an error if the contact is in another account.
pub fn check_account(arn: &ContactArn, function: Option<&AccountAndRegion>) -> Result<(), Error> {
    match function {
        Some(function) if !function.has_same_account(arn.account_and_region()) => {
            Err(Error::another_account(arn.clone(), function.clone()))
        }
        _ => Ok(()),
    }
}

/// Checks that the contact belongs to no other resource and has the wanted type.
///
/// # Errors
///
/// Returns an error if the contact's tags name another owner, or if its type would have to
/// change.
pub fn check_update(
    resource: &Resource,
    desired: &Desired,
    contact: &Contact,
) -> Result<(), Error> {
    let arn = || contact.arn.clone();
    match resource.ownership(&contact.tags) {
        ownership @ Ownership::Other { .. } => Err(Error::owned_by_another(arn(), ownership)),
        _ if contact.contact_type == Some(desired.contact_type) => Ok(()),
        _ => Err(Error::type_change(
            arn(),
            contact.contact_type,
            desired.contact_type,
        )),
    }
}

/// The alias that a replacement wanted, if this Update rolls it back: the contact has the
/// new alias already, and the old properties name another. A replacement whose properties
/// were refused has made nothing.
#[must_use]
pub fn alias_of_rolled_back_replacement<'a>(
    arn: &ContactArn,
    old: &'a UncheckedProperties,
    setting: OwnershipTags,
) -> Option<&'a Alias> {
    let alias = old.alias.as_ref().filter(|alias| *alias != arn.alias());
    alias.filter(|_| old.is_accepted(setting))
}

/// Whether the old properties can have been applied to this contact. If a Create would refuse
/// them, or if they name another contact, they belong to an update that was refused.
fn old_template_was_applied(
    resource: &Resource,
    old: &UncheckedProperties,
    contact: &Contact,
    setting: OwnershipTags,
) -> bool {
    // The setting may have changed since. A contact that was made under `on` has ownership
    // tags, which leave less space for others.
    let made_under = match resource.ownership(&contact.tags) {
        Ownership::Ours(_) | Ownership::Incomplete => OwnershipTags::On,
        Ownership::Nobody | Ownership::Released | Ownership::Other { .. } => OwnershipTags::Off,
    };
    let may_adopt = !old.optional.adopt_existing || setting == OwnershipTags::On;
    old.is_valid
        && old.optional.tags.len() <= tags_max(made_under)
        && may_adopt
        && old.alias.as_ref() == Some(contact.arn.alias())
        && old.contact_type.is_some()
        && old.contact_type == contact.contact_type
}

/// The steps of an Update: what differs from the contact as it is.
///
/// What the template never set is left as it is. What it had and dropped is cleared if the
/// contact still has the value that the old template gave it.
///
/// # Errors
///
/// Returns an error if the template gives another type to a channel that it keeps, or if it
/// can't be told which channel it means.
pub fn update_steps(
    resource: &Resource,
    desired: &Desired,
    old: &UncheckedProperties,
    contact: &Contact,
    setting: OwnershipTags,
) -> Result<Vec<Step>, Error> {
    let wanted = &desired.optional;
    let old_channels = old_channels(resource, old, contact, setting);
    let was_applied = old_channels.template == OldTemplate::Applied;
    let given = was_applied.then_some(&old.optional);
    let dropped_name = given
        .and_then(|given| given.display_name.as_ref())
        .filter(|name| **name == contact.display_name);
    let display_name = wanted
        .display_name
        .clone()
        .or_else(|| dropped_name.map(|_| String::new()));
    let dropped_plan = given
        .and_then(|_| old_plan(old, contact))
        .filter(|plan| is_met(plan, contact));
    let in_plan = match (&wanted.plan, &dropped_plan) {
        (Some(plan), _) => plan.channels().filter_map(ChannelReference::arn).collect(),
        (None, Some(_)) => BTreeSet::new(),
        (None, None) => {
            let held = contact.plan.iter().flat_map(Plan::channels);
            held.map(String::as_str).collect()
        }
    };
    let channels = channel_steps(resource, desired, Some(old_channels), contact, &in_plan)?;
    let plan = wanted
        .plan
        .as_ref()
        .map(|plan| channels.with_arns(plan))
        .or_else(|| dropped_plan.map(|_| desired.contact_type.empty_plan()));
    let given_tags = given.into_iter().flat_map(|given| &given.tags);
    let dropped_tags = given_tags.filter(|(key, value)| {
        !wanted.tags.contains_key(*key) && contact.tags.get(*key) == Some(*value)
    });
    let dropped_keys: Vec<String> = dropped_tags.map(|(key, _)| key.clone()).collect();

    let untag = (!dropped_keys.is_empty()).then_some(Step::Untag(dropped_keys));
    let tag = tag_step(wanted.tags.clone(), contact);
    let is_new = |key: &&String| !contact.tags.contains_key(*key);
    let fits = contact.tags.len() + wanted.tags.keys().filter(is_new).count() <= TAGS_MAX;
    let tagging = if fits { [tag, untag] } else { [untag, tag] };
    let steps = channels.create.into_iter();
    Ok(steps
        .chain(update_step(display_name, plan, contact))
        .chain(tagging.into_iter().flatten())
        .chain(restore_step(resource, desired, old, contact, setting))
        .chain(channels.change)
        .collect())
}

fn old_channels<'a>(
    resource: &Resource,
    old: &'a UncheckedProperties,
    contact: &Contact,
    setting: OwnershipTags,
) -> OldChannels<'a> {
    OldChannels {
        channels: &old.optional.channels,
        template: if old_template_was_applied(resource, old, contact, setting) {
            OldTemplate::Applied
        } else {
            OldTemplate::Refused
        },
    }
}

/// Whether channels that the list lacks, or had before, may still appear.
#[must_use]
pub fn channels_may_appear(
    resource: &Resource,
    desired: &Desired,
    old: &UncheckedProperties,
    contact: &Contact,
    setting: OwnershipTags,
) -> bool {
    let old = old_channels(resource, old, contact, setting);
    let live = contact.channels.as_deref();
    live.is_some_and(|live| list_may_be_behind(desired, old, live))
}

/// Puts back the ownership tags that a contact lacks. If it lacks all three, nobody knows
/// who created it, and the stack must not delete it later. So it counts as adopted.
fn restore_step(
    resource: &Resource,
    desired: &Desired,
    old: &UncheckedProperties,
    contact: &Contact,
    setting: OwnershipTags,
) -> Option<Step> {
    let is_adopted = resource.ownership(&contact.tags) == Ownership::Nobody
        || desired.optional.adopt_existing
        || old.optional.adopt_existing;
    let mut missing = if is_adopted {
        resource.adoption_tags()
    } else {
        resource.tags(Creator::Update)
    };
    missing.retain(|key, _| !contact.tags.contains_key(key));
    (setting == OwnershipTags::On && !missing.is_empty()).then_some(Step::Restore(missing))
}

/// Whether an Update goes on although the ownership tags could not be put back.
#[must_use]
pub fn may_go_without_tags(error: &Error) -> bool {
    error.is_validation() || error.is_access_denied() || error.is_quota()
}
