//! What differs between a template and a contact as it is. It serves an Update, and a Create or
//! an Update that takes over the contact that it finds.
//!
//! What the template leaves out is left alone: a person or a native resource may own it.

use super::channels::{ChannelSteps, channel_steps};
use crate::contact::channel::{Address, DesiredChannel};
use crate::contact::plan::Plan;
use crate::contact::{Contact, Tags};
use crate::properties::{Desired, TAGS_MAX};

/// One call that changes a contact, or a warning.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    /// CreateContactChannel.
    CreateChannel(DesiredChannel),
    /// UpdateContactChannel, with a new Name.
    RenameChannel { arn: String, name: String },
    /// UpdateContactChannel, with a new address.
    ChangeAddress { arn: String, address: Address },
    /// DeleteContactChannel. If it fails, the request goes on with a warning.
    DeleteChannel(String),
    /// UpdateContact. What is `None` is left out of the call and stays as it is. A Name in the
    /// plan is that of a channel which an earlier step creates.
    Update { display_name: Option<String>, plan: Option<Plan> },
    /// TagResource.
    Tag(Tags),
    /// UntagResource.
    Untag(Vec<String>),
    /// TagResource with ownership tags.
    Own {
        tags: Tags,
        /// Whether the request goes on, with a warning, if they are refused.
        may_fail: bool,
    },
    /// No call: a warning in the log.
    Warn(String),
}

/// The template before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Old<'a> {
    /// There is none: the request is a Create.
    NoTemplate,
    /// It was refused, or is about another contact.
    GaveNothing,
    /// It gave this to the contact.
    Gave(&'a Desired),
}

impl<'a> Old<'a> {
    /// The old template of an Update, as far as it counts for this contact. It does if a Create
    /// accepts it (`None` if not) and if it has the contact's alias and type. Otherwise it was
    /// refused, and gave nothing.
    pub(super) fn of_update(old: Option<&'a Desired>, contact: &Contact) -> Self {
        let is_of_contact = |old: &&Desired| {
            old.alias == *contact.arn.alias() && Some(old.contact_type) == contact.contact_type
        };
        old.filter(is_of_contact).map_or(Self::GaveNothing, Self::Gave)
    }
}

/// The steps that bring a contact to the desired state. What can't be undone comes late.
pub(super) fn reconcile(desired: &Desired, old: Old<'_>, live: &Contact) -> Vec<Step> {
    let channels = live.channels.as_deref();
    let ChannelSteps { before, after, arns } = channels
        .map_or_else(ChannelSteps::default, |channels| {
            channel_steps(&desired.channels, old, channels, live.plan.as_ref())
        });
    let display_name = desired.display_name.clone().filter(|name| *name != live.display_name);
    let is_met = |plan: &Plan| live.plan.as_ref().is_some_and(|live| plan.is_met_by(live));
    let plan = desired.plan.clone().map(|mut plan| {
        plan.resolve(&arns);
        plan
    });
    let plan = plan.filter(|plan| !is_met(plan));
    let update =
        (display_name.is_some() || plan.is_some()).then_some(Step::Update { display_name, plan });
    let steps = before.into_iter().chain(update);
    steps.chain(tag_steps(desired, old, live)).chain(after).collect()
}

/// TagResource and UntagResource, in this order if all tags together fit.
fn tag_steps(desired: &Desired, old: Old<'_>, live: &Contact) -> Vec<Step> {
    let mut tags = desired.tags.clone();
    tags.retain(|key, value| live.tags.get(key) != Some(value));
    let given = match old {
        Old::Gave(old) => old.tags.iter().collect(),
        Old::NoTemplate | Old::GaveNothing => Vec::new(),
    };
    let is_dropped = |(key, value): &(&String, &String)| {
        !desired.tags.contains_key(*key) && live.tags.get(*key) == Some(*value)
    };
    let dropped: Vec<String> =
        given.into_iter().filter(is_dropped).map(|(key, _)| key.clone()).collect();
    let is_new = |key: &&String| !live.tags.contains_key(*key);
    let fits = live.tags.len() + tags.keys().filter(is_new).count() <= TAGS_MAX;
    let tag = (!tags.is_empty()).then_some(Step::Tag(tags));
    let untag = (!dropped.is_empty()).then_some(Step::Untag(dropped));
    let steps = if fits { [tag, untag] } else { [untag, tag] };
    steps.into_iter().flatten().collect()
}
