//! Whose contact it is: attempts, ownership tags, physical ids and idempotency tokens.
//!
//! A contact's ARN follows from its alias, so the ARN never proves that this stack made
//! the contact. The tags do.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::contact::Tags;
use crate::contact::arn::{AccountAndRegion, Alias, Arn, ContactArn};

/// The tag that names the stack, by its id.
const STACK_TAG: &str = "cloudformation-stack-id";
/// The tag that names the resource within the stack, by its logical id.
const LOGICAL_TAG: &str = "cloudformation-logical-id";
/// The tag that says how the contact came to this resource: see [`Origin`].
const ORIGIN_TAG: &str = "cloudformation-origin";
/// The keys of the ownership tags. They are refused in a template's `Tags`.
pub(crate) const OWNERSHIP_TAGS: [&str; 3] = [STACK_TAG, LOGICAL_TAG, ORIGIN_TAG];

/// The word in an origin that says that the contact was not created by this resource.
const ADOPTED: &str = "adopted";

/// One attempt of CloudFormation to carry out a request.
///
/// CloudFormation uses a RequestId again when a failed deployment is retried (aws-cdk issue
/// 35957), with another ResponseURL. Lambda delivers one event several times, with the same URL.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Attempt {
    /// The RequestId, in the form that a tag can have.
    request: String,
    /// The beginning of the SHA-256 of the ResponseURL.
    url: String,
}

impl Attempt {
    fn new(request_id: &str, response_url: &str) -> Self {
        let request = tag_value(request_id, REQUEST_MAX);
        Self {
            // The word says something in an origin.
            request: if request.contains(ADOPTED) { digest([request_id]) } else { request },
            url: digest([response_url]).chars().take(URL_DIGEST).collect(),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (request, url) = text.rsplit_once('/')?;
        let is_digest = url.len() == URL_DIGEST && url.bytes().all(|b| b.is_ascii_hexdigit());
        (is_digest && !request.is_empty())
            .then(|| Self { request: request.to_owned(), url: url.to_owned() })
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.request, self.url)
    }
}

/// The kind of request that brings a contact to a resource: creates, claims or adopts it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum BroughtBy {
    /// A Create.
    Create,
    /// An Update: a replacement, or one whose contact had been deleted outside.
    Update,
}

impl BroughtBy {
    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// How a contact came to this resource. As a tag: `create:<attempt>` or `update:<attempt>` if
/// the request created it, `create:adopted:<attempt>` or `update:adopted:<attempt>` if it was
/// there before.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Origin {
    pub(crate) by: BroughtBy,
    pub(crate) is_adopted: bool,
    pub(crate) attempt: Attempt,
}

impl Origin {
    fn parse(tag: &str) -> Option<Self> {
        let (by, rest) = tag.split_once(':')?;
        let by = [BroughtBy::Create, BroughtBy::Update]
            .into_iter()
            .find(|known| known.as_str() == by)?;
        let adopted = rest.strip_prefix(ADOPTED).and_then(|rest| rest.strip_prefix(':'));
        Some(Self {
            by,
            is_adopted: adopted.is_some(),
            attempt: Attempt::parse(adopted.unwrap_or(rest))?,
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, is_adopted, attempt } = self;
        let adopted = if *is_adopted { "adopted:" } else { "" };
        write!(f, "{}:{adopted}{attempt}", by.as_str())
    }
}

/// The owner of a contact, by its tags.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Owner {
    /// The tags name this stack and this logical id. The origin is `None` if it is missing or
    /// can't be read. Nobody knows then who created the contact, so it counts as adopted.
    Us(Option<Origin>),
    /// There are no ownership tags.
    Nobody,
    /// The tags name another logical id of this stack.
    Sibling(String),
    /// The tags name another stack, or another logical id and no stack.
    Other { stack: Option<String>, logical_id: Option<String> },
    /// Some ownership tags are missing, and none names another owner.
    Incomplete,
}

/// What a failed Create has left. Its physical id is a marker that says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Left {
    /// The Create made no contact.
    NothingCreated,
    /// The Create may have made a contact, or may still make it.
    OutcomeUnknown,
}

impl Left {
    fn prefix(self) -> &'static str {
        match self {
            Self::NothingCreated => "nothing-created:",
            Self::OutcomeUnknown => "outcome-unknown:",
        }
    }
}

/// The physical id that a request carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PhysicalId {
    /// A contact's ARN.
    Contact(ContactArn),
    /// The marker of a failed Create that made nothing.
    NothingCreated,
    /// The marker of a failed Create of this attempt, whose outcome is unknown.
    OutcomeUnknown(Attempt),
    /// Any other: CloudFormation makes one up for a Create that never answered.
    Other,
}

impl PhysicalId {
    pub(crate) fn parse(text: &str) -> Self {
        let attempt = |left: Left| Attempt::parse(text.strip_prefix(left.prefix())?);
        if let Some(arn) = ContactArn::parse(text) {
            Self::Contact(arn)
        } else if attempt(Left::NothingCreated).is_some() {
            Self::NothingCreated
        } else {
            attempt(Left::OutcomeUnknown).map_or(Self::Other, Self::OutcomeUnknown)
        }
    }
}

/// The resource of a request: a logical id in a stack, and the attempt.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) stack_id: String,
    pub(crate) logical_id: String,
    pub(crate) request_id: String,
    pub(crate) attempt: Attempt,
}

impl Resource {
    pub(crate) fn new(
        stack_id: String,
        logical_id: String,
        request_id: String,
        response_url: &str,
    ) -> Self {
        Self { attempt: Attempt::new(&request_id, response_url), stack_id, logical_id, request_id }
    }

    /// Account and Region of the stack; `None` if its id is not the ARN of a CloudFormation stack.
    /// Other engines send plain names, which several stacks can have.
    pub(crate) fn stack_account_and_region(&self) -> Option<AccountAndRegion> {
        let arn = Arn::parse(&self.stack_id).filter(|arn| arn.service == "cloudformation")?;
        let (name, id) = arn.resource.strip_prefix("stack/")?.split_once('/')?;
        let is_stack = !name.is_empty() && !id.is_empty();
        AccountAndRegion::of_arn(&self.stack_id).filter(|_| is_stack)
    }

    /// The physical id of a Create that failed. It names no contact, and it tells the Delete
    /// that follows what to look for.
    pub(crate) fn marker(&self, left: Left) -> String {
        format!("{}{}", left.prefix(), self.attempt)
    }

    /// The origin of a contact that this request brings to the resource.
    pub(crate) fn origin(&self, by: BroughtBy, is_adopted: bool) -> Origin {
        Origin { by, is_adopted, attempt: self.attempt.clone() }
    }

    /// The three tags of a contact that is this resource's.
    pub(crate) fn ownership_tags(&self, origin: &Origin) -> Tags {
        Tags::from([
            (STACK_TAG.to_owned(), tag_value(&self.stack_id, TAG_VALUE_MAX)),
            (LOGICAL_TAG.to_owned(), tag_value(&self.logical_id, TAG_VALUE_MAX)),
            (ORIGIN_TAG.to_owned(), origin.to_string()),
        ])
    }

    /// Who owns a contact with these tags.
    pub(crate) fn owner(&self, tags: &Tags) -> Owner {
        let [stack, logical_id, origin] = OWNERSHIP_TAGS.map(|key| tags.get(key));
        let is_our_stack = stack.map(|tag| *tag == tag_value(&self.stack_id, TAG_VALUE_MAX));
        let is_our_id = logical_id.map(|tag| *tag == tag_value(&self.logical_id, TAG_VALUE_MAX));
        match (is_our_stack, is_our_id, logical_id) {
            (Some(true), Some(true), _) => Owner::Us(origin.and_then(|tag| Origin::parse(tag))),
            (Some(true), Some(false), Some(sibling)) => Owner::Sibling(sibling.clone()),
            (Some(false), ..) | (_, Some(false), _) => {
                Owner::Other { stack: stack.cloned(), logical_id: logical_id.cloned() }
            }
            (None, None, _) if origin.is_none() => Owner::Nobody,
            _ => Owner::Incomplete,
        }
    }

    /// Whether another RequestId brought the contact. A retry has the same RequestId and another
    /// URL, so the URL does not count here.
    pub(crate) fn is_of_another_request(&self, origin: Option<&Origin>) -> bool {
        origin.is_none_or(|origin| origin.attempt.request != self.attempt.request)
    }

    /// The idempotency token of this attempt's CreateContact, or of its CreateContactChannel for
    /// a Name. It is hexadecimal, because the API allows no `:` in a token.
    pub(crate) fn token(
        &self,
        alias: &Alias,
        template_token: Option<&str>,
        channel: Option<&str>,
    ) -> String {
        let attempt = self.attempt.to_string();
        let parts = [
            self.stack_id.as_str(),
            &self.logical_id,
            &attempt,
            alias.as_str(),
            template_token.unwrap_or_default(),
        ];
        digest(parts.into_iter().chain(channel))
    }
}

/// The keys of the ownership tags among these tags.
pub(crate) fn ownership_keys(tags: &Tags) -> Vec<String> {
    let present = OWNERSHIP_TAGS.into_iter().filter(|key| tags.contains_key(*key));
    present.map(ToOwned::to_owned).collect()
}

/// Whether a logical id is the one that an ownership tag names.
pub(crate) fn is_logical_id(tag: &str, logical_id: &str) -> bool {
    tag == tag_value(logical_id, TAG_VALUE_MAX)
}

/// Most characters a tag's value may have (CreateContact, `Tags`).
pub(crate) const TAG_VALUE_MAX: usize = 256;
/// Most characters of a RequestId that an origin takes as it is.
const REQUEST_MAX: usize = 128;
/// How many hexadecimal digits tell the `ResponseURL`s of one RequestId apart.
const URL_DIGEST: usize = 16;

/// An id as the value of a tag: the id itself, or its digest if the API would refuse it.
fn tag_value(id: &str, most: usize) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.:/=+-@ ".contains(c);
    if !id.is_empty() && id.len() <= most && id.chars().all(allowed) {
        id.to_owned()
    } else {
        digest([id])
    }
}

/// SHA-256 in hexadecimal. Each part is hashed with its length, so that no two lists of
/// parts have the same input.
fn digest<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests;
