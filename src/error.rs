//! Why a request failed. The text of an error is the Reason, which the reader of
//! CloudFormation's console sees: what failed, on what, why, and what to do next.
//!
//! What a failed call means is in `aws/failure.rs`.

use std::fmt;

use crate::aws::failure::FailedCall;
use crate::cloudformation::event::FailureRecord;
use crate::contact::ContactType;
use crate::contact::arn::{AccountAndRegion, ContactArn};
use crate::ownership::Owner;
use crate::properties::Violations;

/// Why a request failed.
#[derive(Clone, Debug)]
pub(crate) enum Error {
    InvalidProperties(Violations),
    /// The stack's id can't say whose a contact is.
    NoStackArn,
    /// The request type as it came, in quotes; empty if it may not be told.
    UnknownRequestType(String),
    /// A call failed.
    Call(Box<FailedCall>),
    AliasTaken(Box<AliasTaken>),
    /// The alias is taken, and the contact that holds it can't be read.
    HolderUnreadable {
        read: Box<FailedCall>,
        /// Whether CreateContact was refused for good at its only sending.
        was_refused_at_once: bool,
    },
    /// A contact that an Update is about has another owner.
    OwnedByAnother(ContactArn, Owner),
    TypeChange {
        arn: ContactArn,
        from: Option<ContactType>,
        to: ContactType,
    },
    /// The contact is in another account than the function.
    AnotherAccount(ContactArn, AccountAndRegion),
    /// The template's `IdempotencyToken` was used before, for this contact.
    TokenUsedBefore {
        arn: ContactArn,
        is_gone: bool,
    },
    /// The event came after CloudFormation had stopped waiting, or its URL had expired.
    TooLate,
    /// The time for the work was over while this was being waited for.
    TimedOut(String),
    Panicked,
    /// Lambda gave up on the invocation, and its on-failure record says why.
    NotHandled(FailureRecord),
}

/// A contact that holds the alias that a request wants, and that may not be taken over.
#[derive(Clone, Debug)]
pub(crate) struct AliasTaken {
    /// Whether CreateContact was refused for good at its only sending.
    pub(crate) was_refused_at_once: bool,
    pub(crate) holder: ContactArn,
    /// The type of that contact; `None` if the function does not know it.
    pub(crate) holder_type: Option<ContactType>,
    pub(crate) owner: Owner,
    /// The type that the template wants.
    pub(crate) wanted_type: ContactType,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidProperties(violations) => write!(f, "{violations}. Nothing was changed."),
            Self::NoStackArn => f.write_str(
                "The StackId is not the ARN of a CloudFormation stack, so it can't tell whose a contact is. \
                 Nothing was changed. Next step: use an engine that sends the ARN of its stack.",
            ),
            Self::UnknownRequestType(request_type) => write!(
                f,
                "The request type {request_type} is none of Create, Update and Delete. \
                 Next step: find out who sends events to this function; CloudFormation sends no other types."
            ),
            Self::Call(call) => call.fmt(f),
            Self::AliasTaken(taken) => taken.fmt(f),
            Self::HolderUnreadable { read, .. } => {
                write!(f, "The alias is taken, and the contact that holds it can't be read: {read}")
            }
            Self::OwnedByAnother(arn, owner) => write!(
                f,
                "The contact {arn} belongs to {owner}, so nothing was changed. Next step: give this \
                 resource another Alias, or remove the contact's tags that begin with cloudformation- \
                 if its owner is gone."
            ),
            Self::TypeChange { arn, from, to } => write!(
                f,
                "The contact {arn} has the type {}, and a contact's type can't change to {to}. Nothing was changed. \
                 Next step: change the Alias together with the Type, so that CloudFormation replaces the contact \
                 (an alias is unique).",
                type_name(*from)
            ),
            Self::AnotherAccount(arn, function) => write!(
                f,
                "The contact {arn} is in another account than the function, which is in {function}. \
                 Next step: let the function of that account manage it, or give this resource another Alias."
            ),
            Self::TokenUsedBefore { arn, is_gone } => write!(
                f,
                "The IdempotencyToken was used before, for the contact {arn}{}. \
                 Next step: change the IdempotencyToken, or leave it out (the function makes its own).",
                if *is_gone { ", which is gone" } else { "" }
            ),
            Self::TooLate => f.write_str(
                "The event came after CloudFormation had stopped waiting for it, or its ResponseURL had \
                 expired. Nothing was changed. Next step: look at the function's throttles, then try again.",
            ),
            Self::TimedOut(waiting_for) => write!(
                f,
                "Time ran out while waiting for {waiting_for}. Next step: see whether SSM Contacts answers, \
                 then try again; more time needs a higher Timeout of the function or ServiceTimeout of the resource."
            ),
            Self::Panicked => f.write_str(
                "Internal error: the handler panicked. \
                 Next step: look into the function's log, and report the defect.",
            ),
            Self::NotHandled(record) => write!(
                f,
                "{record}. Next step: {}, then try again.",
                if record.has_expired {
                    "look at the function's throttles and concurrency"
                } else {
                    "look into the function's log"
                }
            ),
        }
    }
}

impl fmt::Display for AliasTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { holder, holder_type, owner, wanted_type, .. } = self;
        let (alias, holder_type_name) = (holder.alias(), type_name(*holder_type));
        write!(
            f,
            "The alias {alias} is taken by the {holder_type_name} contact {holder}, which belongs to \
             {owner}; it was left as it is. Next step: "
        )?;
        let type_fits = *holder_type == Some(*wanted_type);
        match owner {
            Owner::Sibling(logical_id) => {
                if type_fits {
                    write!(
                        f,
                        "if this resource was called {logical_id} before, set AdoptExisting: \
                         {logical_id}; "
                    )?;
                }
                f.write_str(
                    "if two resources swap their aliases, free one alias in an update of its own first \
                     (over a third alias); if both resources are to stay, choose another Alias.",
                )
            }
            Owner::Other { .. } | Owner::Incomplete => f.write_str(
                "choose another Alias, delete that contact with its owner, or remove its tags that begin with \
                 cloudformation- if its owner is gone.",
            ),
            Owner::Nobody if type_fits => f.write_str(
                "choose another Alias, delete that contact, or set AdoptExisting: true to take it over.",
            ),
            Owner::Nobody | Owner::Us(_) => write!(
                f,
                "choose another Alias, or delete that contact first (its type is not {wanted_type})."
            ),
        }
    }
}

/// Written as it follows "belongs to".
impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Us(_) => f.write_str("this resource"),
            Self::Nobody => f.write_str("nobody (it has no ownership tags)"),
            Self::Incomplete => f.write_str("an unknown owner (its ownership tags are incomplete)"),
            Self::Sibling(logical_id) => write!(f, "{logical_id} of this stack"),
            Self::Other { stack, logical_id } => {
                let logical_id = logical_id.as_deref().unwrap_or("a resource");
                let stack = stack.as_deref().unwrap_or("that no tag names");
                write!(f, "{logical_id} of the stack {stack}")
            }
        }
    }
}

fn type_name(contact_type: Option<ContactType>) -> &'static str {
    contact_type.map_or("unknown", ContactType::as_str)
}

impl From<Box<FailedCall>> for Error {
    fn from(call: Box<FailedCall>) -> Self {
        Self::Call(call)
    }
}

impl From<Violations> for Error {
    fn from(violations: Violations) -> Self {
        Self::InvalidProperties(violations)
    }
}
