//! What the service's documents leave open, each as a switch.

/// How the service behaves where no public source says it; each switch is off by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Switches {
    /// ListTagsForResource and UntagResource are refused as TagResource is, where
    /// [`Backend::refuses_tags`](super::Backend::refuses_tags) is set.
    pub refuses_to_list_tags: bool,
    /// ListTagsForResource, TagResource and UntagResource of a contact that is gone answer
    /// ValidationException "Invalid resource Arn" instead of
    /// `ResourceNotFoundException`.
    pub gone_is_invalid_arn: bool,
}
