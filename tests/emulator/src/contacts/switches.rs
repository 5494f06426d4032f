//! Switches for behaviour that the documents of the service do not specify.

use serde_json::{Map, Value};

use super::ServiceError;

/// Behaviour that no public source specifies. Each switch is off by default.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is independent")]
pub struct Switches {
    /// If [`Backend::refuses_tags`](super::Backend::refuses_tags) is set, the service refuses not
    /// only TagResource, but also ListTagsForResource and UntagResource.
    pub refuses_to_list_tags: bool,
    /// If the contact does not exist, ListTagsForResource, TagResource and UntagResource return
    /// ValidationException "Invalid resource Arn" instead of `ResourceNotFoundException`.
    pub gone_is_invalid_arn: bool,
    /// The first Region of the replication set, if it differs from
    /// [`Backend::region`](super::Backend::region). Contacts that are created or seeded from then
    /// on have ARNs of this Region. Operations accept an ARN of either Region.
    pub first_region: Option<String>,
    /// The maximum number of contacts. CreateContact of another one returns
    /// `ServiceQuotaExceededException`.
    pub quota: Option<usize>,
    /// CreateContact checks the quota before the alias. If the quota is reached, it returns
    /// `ServiceQuotaExceededException` also for an alias that is in use.
    pub quota_before_alias: bool,
    /// CreateContact and UpdateContact store this value in a `ChannelTargetInfo` without
    /// `RetryIntervalInMinutes`, and GetContact returns it.
    pub fills_in_retry_interval: Option<i64>,
    /// DeleteContact of a contact that has channels returns ConflictException, whose
    /// `DependentEntities` name all of them. By default, the channels are deleted with the contact.
    pub channels_block_delete: bool,
    /// CreateContactChannel and UpdateContactChannel return ConflictException for a name that
    /// another channel of the contact has.
    pub channel_names_are_unique: bool,
    /// A channel remains activated when UpdateContactChannel changes its address.
    pub changed_address_keeps_activation: bool,
    /// CreateContactChannel and UpdateContactChannel store phone numbers without separators and
    /// email addresses in lower case.
    pub normalizes_addresses: bool,
    /// The number of channels that ListContactChannels returns at most if the request has no
    /// `MaxResults`.
    pub channels_per_page: Option<usize>,
    /// The number of contacts that `ListContacts` returns at most if the request has no
    /// `MaxResults`.
    pub contacts_per_page: Option<usize>,
    /// A plan that names a contact, a channel of this contact or a rotation that does not exist
    /// leads to `ResourceNotFoundException`, and in CreateContact, which has no such error in the
    /// model, to ValidationException. The emulator's command sets it.
    pub refuses_unknown_targets: bool,
    /// CreateContactChannel and UpdateContactChannel return ConflictException for an address that
    /// another channel of this type of the contact has.
    pub channel_addresses_are_unique: bool,
    /// CreateContactChannel with a token that was used before creates another channel.
    pub forgets_channel_tokens: bool,
    /// The ConflictException of an alias that is in use has no `ResourceId` and no `ResourceType`.
    pub taken_alias_names_no_contact: bool,
    /// A ValidationException has an empty message and no other members.
    pub validation_has_no_words: bool,
}

impl Switches {
    /// Returns the plan that the service stores when it receives this one.
    pub(super) fn stored_plan(&self, plan: &Value) -> Value {
        let mut plan = plan.clone();
        if let Some(minutes) = self.fills_in_retry_interval {
            for channel in channel_targets(&mut plan) {
                let retry = channel.entry("RetryIntervalInMinutes").or_insert(Value::Null);
                if retry.is_null() {
                    *retry = minutes.into();
                }
            }
        }
        plan
    }

    /// Returns the error that the service returns in place of this one.
    pub(super) fn worded(&self, error: ServiceError) -> ServiceError {
        if self.validation_has_no_words && error.code == "ValidationException" {
            return ServiceError::new(&error.code, "");
        }
        error
    }

    /// Returns the address that the service stores when it receives this one.
    pub(super) fn stored_address(&self, channel_type: &str, address: &str) -> String {
        match (self.normalizes_addresses, channel_type) {
            (false, _) => address.to_owned(),
            (true, "EMAIL") => address.to_lowercase(),
            (true, _) => address.replace([' ', '-', '.', '(', ')'], ""),
        }
    }
}

fn channel_targets(plan: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let stages = plan.get_mut("Stages").and_then(Value::as_array_mut);
    stages
        .into_iter()
        .flatten()
        .filter_map(|stage| stage.get_mut("Targets")?.as_array_mut())
        .flatten()
        .filter_map(|target| target.get_mut("ChannelTargetInfo")?.as_object_mut())
}
