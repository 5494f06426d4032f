//! What the service's documents leave open, each as a switch.

use std::time::Duration;

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
}
