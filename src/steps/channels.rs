//! What a request does about the channels of a contact: which of them the template means by
//! its Names, and what is created, renamed, changed, deleted or left as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::Step;
use crate::channel::{Channel, ChannelReference, DesiredChannel, DesiredPlan, is_channel_of};
use crate::contact::{Contact, ContactArn, Plan};
use crate::error::Error;
use crate::identity::Resource;
use crate::properties::{Desired, UncheckedProperties};

/// Whether a request reads the channels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReadChannels {
    /// No template has channels.
    No,
    /// Only the old template has channels. If the list is refused, they are left as they are.
    IfAllowed,
    /// The template has channels.
    Yes,
}

/// The channels of the old template, as far as they can be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct OldChannels<'a> {
    pub(super) channels: &'a [DesiredChannel],
    pub(super) template: OldTemplate,
}

/// What the old template was to this contact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum OldTemplate {
    /// It was applied to the contact.
    Applied,
    /// It was refused. The request rolls back the update to it.
    Refused,
    /// It was applied to the contact of another alias.
    OfAnotherAlias,
}

impl OldChannels<'_> {
    fn by_name(&self, name: &str) -> Option<&DesiredChannel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    fn applied(&self) -> &[DesiredChannel] {
        if self.template == OldTemplate::Applied {
            self.channels
        } else {
            &[]
        }
    }

    /// Whether the old template gives the same channel under the same Name.
    fn gives(&self, wanted: &DesiredChannel) -> bool {
        let before = self.by_name(&wanted.name);
        before.is_some_and(|before| is_same(before, wanted))
    }
}

/// The steps about channels, in three groups around UpdateContact and the tags.
#[derive(Debug, Default)]
pub(super) struct ChannelSteps {
    /// Before UpdateContact: what the plan may name.
    pub(super) create: Vec<Step>,
    /// After UpdateContact and the tags: addresses, then what the template dropped.
    pub(super) change: Vec<Step>,
    /// The ARNs of the channels that exist already, by the Names that the template gives them.
    arns: BTreeMap<String, String>,
}

/// What follows a CreateContactChannel that was refused.
#[derive(Clone, Debug)]
pub enum AfterChannelRefusal {
    /// The channel exists already.
    Found(Channel),
    /// The contact or the channel may still appear: send CreateContactChannel again.
    SendAgain(Error),
    /// The request fails.
    Fail(Error),
}

/// Whether to read the channels for these properties.
#[must_use]
pub fn read_channels(desired: &Desired, old: Option<&UncheckedProperties>) -> ReadChannels {
    let had_channels =
        |old: &UncheckedProperties| old.is_valid && !old.optional.channels.is_empty();
    if !desired.optional.channels.is_empty() {
        ReadChannels::Yes
    } else if old.is_some_and(had_channels) {
        ReadChannels::IfAllowed
    } else {
        ReadChannels::No
    }
}

/// Whether a request goes on although the channels could not be read.
#[must_use]
pub fn may_go_without_channels(error: &Error, read: ReadChannels) -> bool {
    let is_refused = error.is_access_denied() || error.is_validation();
    read == ReadChannels::IfAllowed && is_refused
}

/// Whether an Update goes on although a channel that the template dropped was not deleted.
#[must_use]
pub fn may_keep_channel(error: &Error) -> bool {
    error.is_access_denied() || error.is_not_found()
}

/// Whether the list of channels may be behind. It is if it lacks what the old template gave,
/// or if it has already what only the new one gives, as before an update that is now rolled
/// back.
pub(super) fn list_may_be_behind(
    desired: &Desired,
    old: OldChannels<'_>,
    live: &[Channel],
) -> bool {
    let is_listed = |name: &str| live.iter().any(|channel| channel.name == name);
    let is_met = |wanted: &DesiredChannel| {
        live.iter()
            .any(|channel| channel.name == wanted.name && channel.reaches_as(wanted))
    };
    let has_new = |wanted: &DesiredChannel| match old.by_name(&wanted.name) {
        None => is_listed(&wanted.name),
        Some(_) => !old.gives(wanted) && is_met(wanted),
    };
    let lacks_old = old.channels.iter().any(|channel| !is_listed(&channel.name));
    old.template == OldTemplate::Applied
        && (lacks_old || desired.optional.channels.iter().any(has_new))
}

/// Whether two templates give the same channel, apart from its Name.
fn is_same(one: &DesiredChannel, other: &DesiredChannel) -> bool {
    one.channel_type == other.channel_type
        && one.address.is_same_as(&other.address, other.channel_type)
}

/// What a contact has under the Name of a template's channel.
enum Named<'a> {
    Nothing,
    One(&'a Channel),
    /// Several, and none of them has the type and the address of the template.
    Several(&'a Channel),
}

fn named<'a>(wanted: &DesiredChannel, live: &'a [Channel]) -> Named<'a> {
    let candidates: Vec<&Channel> = live.iter().filter(|c| c.name == wanted.name).collect();
    let exact = candidates
        .iter()
        .filter(|channel| channel.reaches_as(wanted));
    let exact = exact.max_by_key(|channel| channel.is_activated);
    match (exact, candidates.as_slice()) {
        (Some(exact), _) => Named::One(exact),
        (None, []) => Named::Nothing,
        (None, [only]) => Named::One(only),
        (None, [first, ..]) => Named::Several(first),
    }
}

/// CreateContactChannel with its token.
fn create_step(resource: &Resource, desired: &Desired, channel: &DesiredChannel) -> Step {
    let template_token = desired.optional.idempotency_token.as_deref();
    Step::CreateChannel {
        token: resource.channel_token(&desired.alias, template_token, &channel.name),
        channel: channel.clone(),
    }
}

/// The steps after a CreateContact that was accepted: the channels, then the plan if it names
/// one of them.
#[must_use]
pub fn steps_after_create(resource: &Resource, desired: &Desired) -> Vec<Step> {
    let channels = desired.optional.channels.iter();
    let plan = desired.optional.plan.clone();
    let plan = plan.filter(DesiredPlan::names_a_channel);
    let update = plan.map(|plan| Step::Update {
        display_name: None,
        plan: Some(plan),
    });
    channels
        .map(|channel| create_step(resource, desired, channel))
        .chain(update)
        .collect()
}

/// The steps that bring a contact's channels to the desired state. `old` is `None` if the
/// request is a Create. `plan` has the ARNs that the contact's plan will name.
///
/// # Errors
///
/// Returns an error if the template gives another type to a Name, or if several channels have
/// a Name and none of them is the template's.
pub(super) fn channel_steps(
    resource: &Resource,
    desired: &Desired,
    old: Option<OldChannels<'_>>,
    contact: &Contact,
    plan: &BTreeSet<&str>,
) -> Result<ChannelSteps, Error> {
    let mut steps = ChannelSteps::default();
    let Some(live) = contact.channels.as_deref() else {
        return Ok(steps);
    };
    let mut renamed = BTreeSet::new();
    for wanted in &desired.optional.channels {
        let channel = match named(wanted, live) {
            Named::One(channel) => {
                check_type(wanted, old, channel, &contact.arn)?;
                steps.settle(wanted, old, channel);
                channel
            }
            Named::Several(first) => {
                let is_unchanged = |old: OldChannels<'_>| {
                    old.template == OldTemplate::Refused || old.gives(wanted)
                };
                if !old.is_some_and(is_unchanged) {
                    let (arn, name) = (contact.arn.clone(), wanted.name.clone());
                    return Err(Error::several_channels(arn, name));
                }
                steps.keep(
                    first,
                    "several channels have its Name, and somebody has changed it",
                );
                first
            }
            Named::Nothing => {
                let source =
                    old.and_then(|old| rename_source(wanted, old, desired, live, &renamed));
                let Some(channel) = source else {
                    steps.create.push(create_step(resource, desired, wanted));
                    continue;
                };
                renamed.insert(channel.arn.as_str());
                steps.create.push(Step::RenameChannel {
                    arn: channel.arn.clone(),
                    name: wanted.name.clone(),
                });
                channel
            }
        };
        steps.arns.insert(wanted.name.clone(), channel.arn.clone());
    }
    let dropped = old.iter().flat_map(OldChannels::applied);
    for dropped in dropped.filter(|dropped| !has_name(desired, &dropped.name)) {
        let channel = match named(dropped, live) {
            Named::One(channel) if !renamed.contains(channel.arn.as_str()) => channel,
            _ => continue,
        };
        if !channel.reaches_as(dropped) {
            steps.keep(
                channel,
                "the template dropped it, and somebody has changed it",
            );
        } else if channel.is_activated {
            steps.keep(
                channel,
                "the template dropped it, and its owner has activated it",
            );
        } else if plan.contains(channel.arn.as_str()) {
            steps.keep(channel, "the template dropped it, and the plan names it");
        } else {
            steps.change.push(Step::DeleteChannel {
                arn: channel.arn.clone(),
            });
        }
    }
    Ok(steps)
}

/// Checks that the template does not give another type to a channel: to one that the old
/// template gave, or to one that only the new template names. A channel that somebody has made
/// anew with another type is left as it is.
fn check_type(
    wanted: &DesiredChannel,
    old: Option<OldChannels<'_>>,
    channel: &Channel,
    contact: &ContactArn,
) -> Result<(), Error> {
    let applied = old.filter(|old| old.template == OldTemplate::Applied);
    let (Some(old), Some(found)) = (applied, channel.channel_type) else {
        return Ok(());
    };
    let before = old.by_name(&wanted.name);
    let is_kept = before.is_none_or(|before| before.channel_type == found);
    if found == wanted.channel_type || !is_kept {
        return Ok(());
    }
    let (arn, name) = (contact.clone(), wanted.name.clone());
    Err(Error::channel_type_change(
        arn,
        name,
        found,
        wanted.channel_type,
    ))
}

fn has_name(desired: &Desired, name: &str) -> bool {
    desired.optional.channels.iter().any(|c| c.name == name)
}

/// The channel that the old template gave under another Name, and that the new one drops.
fn rename_source<'a>(
    wanted: &DesiredChannel,
    old: OldChannels<'_>,
    desired: &Desired,
    live: &'a [Channel],
    renamed: &BTreeSet<&str>,
) -> Option<&'a Channel> {
    let dropped = old.applied().iter();
    dropped
        .filter(|before| !has_name(desired, &before.name) && is_same(before, wanted))
        .filter_map(|before| match named(before, live) {
            Named::One(channel) if channel.reaches_as(wanted) => Some(channel),
            _ => None,
        })
        .find(|channel| !renamed.contains(channel.arn.as_str()))
}

/// Whether a channel with another address gets the one of the template. If the template did
/// not change it, a person did, and may have activated it. The same holds for the rollback of
/// an update that was refused, unless the channel has the address of that update and is not
/// activated. An activated channel of a Name that only the new template has is a person's: it was there before, or its
/// owner has changed it after a template dropped it. So is one on a contact that an Update
/// claims, since the Update may roll back a rename.
fn takes_address(wanted: &DesiredChannel, old: Option<OldChannels<'_>>, channel: &Channel) -> bool {
    let Some(old) = old else { return true };
    let before = old.by_name(&wanted.name);
    match old.template {
        _ if old.gives(wanted) => false,
        OldTemplate::Refused => {
            !channel.is_activated && before.is_some_and(|before| channel.reaches_as(before))
        }
        OldTemplate::Applied => before.is_some() || !channel.is_activated,
        OldTemplate::OfAnotherAlias => !channel.is_activated,
    }
}

impl ChannelSteps {
    /// What differs between a channel and the template's.
    fn settle(&mut self, wanted: &DesiredChannel, old: Option<OldChannels<'_>>, channel: &Channel) {
        if channel.channel_type != Some(wanted.channel_type) {
            self.keep(
                channel,
                "it has another type than the template's, which can't change",
            );
        } else if !channel.reaches_as(wanted) && takes_address(wanted, old, channel) {
            self.change.push(Step::ChangeAddress {
                arn: channel.arn.clone(),
                address: wanted.address.clone(),
            });
        } else if !channel.reaches_as(wanted) {
            self.keep(channel, "somebody has changed its address");
        }
    }

    fn keep(&mut self, channel: &Channel, why: &'static str) {
        self.change.push(Step::KeepChannel {
            arn: channel.arn.clone(),
            why,
        });
    }

    /// Whether a call follows the tags.
    pub(super) fn has_calls_after_tags(&self) -> bool {
        let is_call = |step: &Step| !matches!(step, Step::KeepChannel { .. });
        self.change.iter().any(is_call)
    }

    /// The plan, with the ARNs of the channels that exist.
    pub(super) fn with_arns(&self, plan: &DesiredPlan) -> DesiredPlan {
        let known = plan.map_channels::<_, std::convert::Infallible>(|channel| {
            Ok(match channel {
                ChannelReference::Name(name) => match self.arns.get(name) {
                    Some(arn) => ChannelReference::Arn(arn.clone()),
                    None => channel.clone(),
                },
                ChannelReference::Arn(_) => channel.clone(),
            })
        });
        match known {
            Ok(plan) => plan,
            Err(never) => match never {},
        }
    }
}

/// The old template's plan with the channels as they are; `None` if it names one that the
/// contact does not have.
pub(super) fn old_plan(old: &UncheckedProperties, contact: &Contact) -> Option<Plan> {
    let live = contact.channels.as_deref().unwrap_or_default();
    let arn_of = |name: &str| {
        let before = old.optional.channels.iter().find(|c| c.name == name)?;
        match named(before, live) {
            Named::One(channel) => Some(channel.arn.clone()),
            Named::Nothing | Named::Several(_) => None,
        }
    };
    old.optional.plan.as_ref()?.resolve(arn_of).ok()
}

/// What follows a refused CreateContactChannel, once the channels were listed. The contact may
/// be too new, or an earlier delivery may have made the channel.
#[must_use]
pub fn after_channel_refusal(
    refusal: Error,
    wanted: &DesiredChannel,
    listed: Result<Vec<Channel>, Error>,
) -> AfterChannelRefusal {
    let channels = match listed {
        Ok(channels) => channels,
        Err(error) if error.is_not_found() => return AfterChannelRefusal::SendAgain(refusal),
        Err(error) if refusal.is_conflict() => return AfterChannelRefusal::Fail(error),
        Err(_) => return AfterChannelRefusal::Fail(refusal),
    };
    let found = channels
        .into_iter()
        .filter(|c| c.name == wanted.name && c.channel_type == Some(wanted.channel_type))
        .max_by_key(|channel| channel.reaches_as(wanted));
    match found {
        Some(channel) => AfterChannelRefusal::Found(channel),
        None if refusal.is_conflict() => AfterChannelRefusal::SendAgain(refusal),
        None => AfterChannelRefusal::Fail(refusal),
    }
}

/// The channels to delete before a contact whose DeleteContact was refused: what depends on
/// the contact, if these are all channels of its own. A person who stays on call, because a
/// rotation holds the contact, must stay reachable.
#[must_use]
pub fn channels_that_block(refusal: &Error, contact: &ContactArn) -> Vec<String> {
    let dependents = refusal.dependents();
    if dependents.iter().all(|arn| is_channel_of(contact, arn)) {
        dependents.into_iter().map(ToOwned::to_owned).collect()
    } else {
        Vec::new()
    }
}
