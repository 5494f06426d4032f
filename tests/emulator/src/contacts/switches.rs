//! What the service's documents leave open, each as a switch.

use std::time::Duration;

use serde_json::{Map, Value};

/// How the service behaves where no public source says it; each switch is off by default.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is independent")]
pub struct Switches {
    /// ListTagsForResource and UntagResource are refused as TagResource is, where
    /// [`Backend::refuses_tags`](super::Backend::refuses_tags) is set.
    pub refuses_to_list_tags: bool,
    /// ListTagsForResource, TagResource and UntagResource of a contact that is gone answer
    /// ValidationException "Invalid resource Arn" instead of
    /// `ResourceNotFoundException`.
    pub gone_is_invalid_arn: bool,
    /// ListTagsForResource leaves out the tags that CreateContact gave, until so long after
    /// it. It shows tags that TagResource wrote at once.
    pub tags_appear_after: Duration,
    /// Until so long after its CreateContact, a contact is gone for every other operation,
    /// while its alias is taken.
    pub readable_after: Duration,
    /// Until [`readable_after`](Self::readable_after), CreateContact with the same token and
    /// parameters answers ConflictException instead of the ARN: the first one is still in
    /// progress.
    pub same_token_conflicts_meanwhile: bool,
    /// The first Region of the replication set. Contacts that are created or seeded from
    /// then on have ARNs of it, although the service is called in
    /// [`Backend::region`](super::Backend::region); an ARN of either Region finds a contact.
    pub first_region: Option<String>,
    /// So many contacts may exist; CreateContact of another one answers
    /// `ServiceQuotaExceededException`.
    pub quota: Option<usize>,
    /// CreateContact checks the quota before the alias: at a full quota, a taken alias is
    /// answered with `ServiceQuotaExceededException`, too.
    pub quota_before_alias: bool,
    /// CreateContact and UpdateContact store a `ChannelTargetInfo` without
    /// `RetryIntervalInMinutes` with this value, and GetContact answers it.
    pub fills_in_retry_interval: Option<i64>,
}

impl Switches {
    /// The plan that the service stores when it gets this one.
    pub(super) fn stored_plan(&self, plan: &Value) -> Value {
        let mut plan = plan.clone();
        if let Some(minutes) = self.fills_in_retry_interval {
            for channel in channels(&mut plan) {
                let retry = channel
                    .entry("RetryIntervalInMinutes")
                    .or_insert(Value::Null);
                if retry.is_null() {
                    *retry = minutes.into();
                }
            }
        }
        plan
    }
}

fn channels(plan: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let stages = plan.get_mut("Stages").and_then(Value::as_array_mut);
    stages
        .into_iter()
        .flatten()
        .filter_map(|stage| stage.get_mut("Targets")?.as_array_mut())
        .flatten()
        .filter_map(|target| target.get_mut("ChannelTargetInfo")?.as_object_mut())
}
