//! Who owns a contact: physical ids, ownership tags, idempotency tokens.
//!
//! A contact's ARN follows from its alias, so the ARN never proves that this stack made
//! the contact. The tags do.

use sha2::{Digest, Sha256};

use crate::contact::{Alias, ContactArn, Tags};

/// The tag that names the stack, by its id.
pub const STACK_TAG: &str = "cloudformation-stack-id";
/// The tag that names the resource within the stack, by its logical id.
pub const LOGICAL_TAG: &str = "cloudformation-logical-id";
/// The tag that says how the contact came to be: the id of the Create that made it,
/// `update` if an Update did, or `adopted`.
pub const ORIGIN_TAG: &str = "cloudformation-origin";
/// The keys of the ownership tags. They are refused in a template's `Tags`.
pub const OWNERSHIP_TAGS: [&str; 3] = [STACK_TAG, LOGICAL_TAG, ORIGIN_TAG];

/// The origin of a contact that was there before its stack.
const ADOPTED: &str = "adopted";
/// The origin of a contact that an Update made.
const UPDATE: &str = "update";

/// What the marker of a failed Create says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MarkerKind {
    /// The Create made no contact.
    NothingCreated,
    /// The Create made a contact without ownership tags (`OWNERSHIP_TAGS=off`).
    Created,
    /// The Create may have made a contact, or may still make it.
    OutcomeUnknown,
}

impl MarkerKind {
    const ALL: [Self; 3] = [Self::NothingCreated, Self::Created, Self::OutcomeUnknown];

    /// How a marker begins. An id that CloudFormation invents has only letters, digits and
    /// hyphens, so it never contains the colon.
    fn prefix(self) -> &'static str {
        match self {
            Self::NothingCreated => "nothing-created:",
            Self::Created => "created:",
            Self::OutcomeUnknown => "outcome-unknown:",
        }
    }
}

/// The only marker of an earlier version, which did not tell the kinds apart.
const OLD_MARKER: &str = "not-created:";

/// The kind of request that makes or claims a contact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Creator {
    /// A Create.
    Create,
    /// An Update: a replacement, or one whose contact had been deleted outside.
    Update,
}

/// Whether the function writes ownership tags (setting `OWNERSHIP_TAGS`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum OwnershipTags {
    /// It writes and reads them.
    #[default]
    On,
    /// It writes none, and still obeys those that it finds.
    Off,
}

/// The resource of a request: a logical id in a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Resource {
    /// The stack's id, an ARN.
    pub stack_id: String,
    /// The name in the template.
    pub logical_id: String,
    /// The id of the request, the same in every redelivery.
    pub request_id: String,
}

/// The owner of a contact, by its tags.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Ownership {
    /// The tags name this stack and this logical id.
    Ours(Origin),
    /// There are no ownership tags.
    Nobody,
    /// The origin `adopted` is the only ownership tag, since the contact was released under
    /// `OWNERSHIP_TAGS=off`. It belongs to nobody.
    Released,
    /// Some ownership tags are there, and none names another owner.
    Incomplete,
    /// The tags name another stack or another logical id.
    Other {
        /// The stack that the tag names, if there is one.
        stack: Option<String>,
        /// The logical id that the tag names, if there is one.
        logical_id: Option<String>,
    },
}

/// How a contact of this resource came to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Made by the Create with this id.
    Create(String),
    /// Made by an Update.
    Update,
    /// It existed before the stack, which adopted it.
    Adopted,
    /// The tag is missing.
    Missing,
}

impl Origin {
    fn of(tag: Option<&String>) -> Self {
        match tag.map(String::as_str) {
            None => Self::Missing,
            Some(ADOPTED) => Self::Adopted,
            Some(UPDATE) => Self::Update,
            Some(request) => Self::Create(request.to_owned()),
        }
    }
}

impl Resource {
    /// The physical id of a Create that failed. It names no contact, and it tells the Delete
    /// that follows what to look for.
    #[must_use]
    pub fn marker(&self, kind: MarkerKind) -> String {
        format!("{}{}", kind.prefix(), self.request_tag())
    }

    /// The ownership tags of a contact that this request makes.
    #[must_use]
    pub fn tags(&self, creator: Creator) -> Tags {
        self.tags_with_origin(self.origin(creator))
    }

    /// The ownership tags of a contact that the stack adopts.
    #[must_use]
    pub fn adoption_tags(&self) -> Tags {
        self.tags_with_origin(ADOPTED.to_owned())
    }

    fn tags_with_origin(&self, origin: String) -> Tags {
        Tags::from([
            (STACK_TAG.to_owned(), tag_value(&self.stack_id)),
            (LOGICAL_TAG.to_owned(), tag_value(&self.logical_id)),
            (ORIGIN_TAG.to_owned(), origin),
        ])
    }

    /// The origin of a contact that this request makes.
    #[must_use]
    pub fn origin(&self, creator: Creator) -> String {
        match creator {
            Creator::Create => self.request_tag(),
            Creator::Update => UPDATE.to_owned(),
        }
    }

    /// The request's id, in the form that the origin tag and the marker hold.
    fn request_tag(&self) -> String {
        match tag_value(&self.request_id) {
            value if value == ADOPTED || value == UPDATE => digest([&self.request_id]),
            value => value,
        }
    }

    /// The stack's name, out of its id `arn:…:stack/<name>/<uuid>`.
    fn stack_name(&self) -> Option<&str> {
        let (_, rest) = self.stack_id.split_once(":stack/")?;
        rest.split('/').next().filter(|name| !name.is_empty())
    }

    /// Who owns a contact with these tags.
    #[must_use]
    pub fn ownership(&self, tags: &Tags) -> Ownership {
        let stack = tags.get(STACK_TAG);
        let logical_id = tags.get(LOGICAL_TAG);
        let origin = tags.get(ORIGIN_TAG);
        let foreign = |tag: Option<&String>, own: &str| tag.is_some_and(|t| *t != tag_value(own));
        if foreign(stack, &self.stack_id) || foreign(logical_id, &self.logical_id) {
            return Ownership::Other {
                stack: stack.cloned(),
                logical_id: logical_id.cloned(),
            };
        }
        match (stack, logical_id, origin) {
            (None, None, None) => Ownership::Nobody,
            (None, None, Some(origin)) if origin == ADOPTED => Ownership::Released,
            (Some(_), Some(_), origin) => Ownership::Ours(Origin::of(origin)),
            _ => Ownership::Incomplete,
        }
    }

    /// The idempotency token of this request's CreateContact. It is the same in every
    /// redelivery, and differs for every alias and every token of the template. It is
    /// hexadecimal, because the API allows no `:` in a token.
    #[must_use]
    pub fn token(&self, alias: &Alias, template_token: Option<&str>) -> String {
        self.token_with(alias, template_token, None)
    }

    /// The idempotency token of this request's CreateContactChannel for a Name. It is made as
    /// [`token`](Self::token) is.
    #[must_use]
    pub fn channel_token(&self, alias: &Alias, template_token: Option<&str>, name: &str) -> String {
        self.token_with(alias, template_token, Some(name))
    }

    fn token_with(
        &self,
        alias: &Alias,
        template_token: Option<&str>,
        channel: Option<&str>,
    ) -> String {
        let parts = [
            self.stack_id.as_str(),
            &self.logical_id,
            &self.request_id,
            alias.as_str(),
            template_token.unwrap_or_default(),
        ];
        digest(parts.into_iter().chain(channel))
    }
}

/// The physical id that a request carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PhysicalId {
    /// A contact's ARN.
    Contact(ContactArn),
    /// The marker of a failed Create: its kind and the origin that the Create would have
    /// written.
    Marker(MarkerKind, String),
    /// An id that CloudFormation invents if a Create did not answer:
    /// `<stack>-<logical id>-<suffix>`.
    Invented,
    /// Any other, such as the id of a function that backed the resource before.
    Unrecognized,
}

impl PhysicalId {
    /// Parses the id of an Update or a Delete of this resource.
    #[must_use]
    pub fn parse(text: &str, resource: &Resource) -> Self {
        if let Some(arn) = ContactArn::parse(text) {
            return Self::Contact(arn);
        }
        let marker = MarkerKind::ALL
            .into_iter()
            .find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))
            .or_else(|| Some((MarkerKind::OutcomeUnknown, text.strip_prefix(OLD_MARKER)?)));
        if let Some((kind, origin)) = marker {
            return Self::Marker(kind, origin.to_owned());
        }
        let after_stack = resource
            .stack_name()
            .and_then(|stack| text.strip_prefix(stack));
        match after_stack {
            Some(rest) if rest.starts_with('-') => Self::Invented,
            _ => Self::Unrecognized,
        }
    }
}

/// Most characters a tag's value may have (CreateContact, `Tags`).
pub const TAG_VALUE_MAX: usize = 256;

/// An id as the value of a tag: the id itself, or its digest if the API would refuse it.
fn tag_value(id: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.:/=+-@ ".contains(c);
    if !id.is_empty() && id.len() <= TAG_VALUE_MAX && id.chars().all(allowed) {
        id.to_owned()
    } else {
        digest([id])
    }
}

/// SHA-256 in hexadecimal. Each part is hashed with its length, so that no two lists of
/// parts have the same input.
fn digest<'a>(parts: impl IntoIterator<Item = &'a (impl AsRef<str> + ?Sized + 'a)>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}
