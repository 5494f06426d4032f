//! The sentences of a Reason: what failed, on what, why, and what to do next.
//!
//! A Reason has few bytes (4096 with the rest of the answer), and what to do next stands
//! at its end. So lists and messages are shortened here, before the answer cuts.

use std::collections::BTreeMap;
use std::fmt;

use super::{AliasTaken, Cause, Error, FailedCall, Kind, NextStep};
use crate::contact::ContactType;
use crate::event::FailureRecord;
use crate::identity::Ownership;
use crate::properties::Violation;

/// Most items of a list that a Reason names.
const NAMED_MAX: usize = 8;
/// Most bytes of a failed call's details that a Reason names.
const DETAILS_MAX: usize = 1600;
/// Most bytes that a Reason repeats of one message.
const MESSAGE_MAX: usize = 800;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::InvalidProperties(violations) => invalid_properties(f, violations),
            Kind::InvalidSetting { name, problem } => write!(
                f,
                "The function's setting {name} {problem}. Nothing was changed. \
                 Next step: correct the environment variable {name} of the function."
            ),
            Kind::UnknownRequestType(request_type) => write!(
                f,
                "The request type {request_type:?} is none of Create, Update and Delete. \
                 Next step: find out who sends events to this function; CloudFormation sends no other types."
            ),
            Kind::CallFailed(call) => call.fmt(f),
            Kind::AliasTaken(taken) => taken.fmt(f),
            Kind::HolderUnreadable { alias, read } => {
                write!(
                    f,
                    "The alias {alias} is taken, and the contact that holds it can't be read: {read}"
                )
            }
            Kind::OwnedByAnother { arn, ownership } => write!(
                f,
                "The contact {arn} belongs to {ownership}, so nothing was changed. \
                 Next step: give this resource another Alias, or remove the contact's ownership tags if its owner is gone."
            ),
            Kind::TypeChange { arn, from, to } => write!(
                f,
                "The contact {arn} has the type {}, and a contact's type can't change to {to}. \
                 Next step: change the Alias together with the Type, so that CloudFormation replaces the contact (an alias is unique).",
                type_name(*from)
            ),
            Kind::AnotherAccount { arn, function } => write!(
                f,
                "The contact {arn} is in another account than the function, which is in {function}. \
                 Next step: let the function of that account manage it, or give this resource another Alias."
            ),
            Kind::TokenUsedBefore { arn, is_gone } => write!(
                f,
                "The IdempotencyToken was used before, for the contact {arn}{}. Next step: {}.",
                if *is_gone { ", which is gone" } else { "" },
                NextStep::ChangeToken
            ),
            Kind::ChannelTypeChange {
                arn,
                name,
                from,
                to,
            } => write!(
                f,
                "The channel {name} of {arn} has the type {from}, and a channel's type can't change to {to}. \
                 Nothing was changed. Next step: give it another Name, so that a channel of its own is made."
            ),
            Kind::SeveralChannels { arn, name } => write!(
                f,
                "Several channels of {arn} have the Name {name}, and none of them has the type and the address \
                 that the template gives. Nothing was changed. Next step: {}.",
                NextStep::LookAtChannels
            ),
            Kind::NoSuchChannel { arn, name } => write!(
                f,
                "The plan names the channel {name}, which {arn} does not have. \
                 Next step: update the stack again."
            ),
            Kind::TooLate { service_timeout } => write!(
                f,
                "The event came after CloudFormation had stopped waiting for it ({service_timeout} seconds). \
                 Nothing was changed. Next step: look at the function's throttles, then try again."
            ),
            Kind::TimedOut { waiting_for } => write!(
                f,
                "Time ran out while waiting for {}. Next step: see whether SSM Contacts answers, \
                 then try again; more time needs a higher Timeout of the function or ServiceTimeout of the resource.",
                waiting_for.as_deref().unwrap_or("the first call")
            ),
            Kind::Panicked => f.write_str(
                "Internal error: the handler panicked. \
                 Next step: look into the function's log, and report the defect.",
            ),
            Kind::OnFailureRecord(record) => record.fmt(f),
        }
    }
}

fn invalid_properties(f: &mut fmt::Formatter<'_>, violations: &[Violation]) -> fmt::Result {
    let count = violations.len();
    let plural = if count == 1 { "" } else { "s" };
    write!(f, "The properties have {count} violation{plural}")?;
    for (n, violation) in violations.iter().enumerate() {
        let before = if n == 0 { ": " } else { "; " };
        write!(f, "{before}{violation}")?;
    }
    let ends_with_question = violations
        .last()
        .is_some_and(|last| last.problem.ends_with('?'));
    let end = if ends_with_question { "" } else { "." };
    write!(f, "{end} Nothing was changed.")
}

impl fmt::Display for AliasTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            alias,
            holder,
            holder_type,
            ownership,
            wanted_type,
            may_adopt,
        } = self;
        write!(
            f,
            "The alias {alias} is taken by the {} contact {holder}, which belongs to {ownership}; it was left as it is. Next step: ",
            type_name(*holder_type)
        )?;
        let has_owner = matches!(ownership, Ownership::Other { .. } | Ownership::Incomplete);
        if has_owner {
            f.write_str("choose another Alias, delete that contact with its owner, or remove its ownership tags if its owner is gone.")
        } else if *holder_type != Some(*wanted_type) {
            write!(
                f,
                "choose another Alias, or delete that contact first (its type is not {wanted_type})."
            )
        } else if *may_adopt {
            f.write_str("choose another Alias, delete that contact, or set AdoptExisting: true to take it over.")
        } else {
            f.write_str("choose another Alias, or delete that contact if no stack uses it.")
        }
    }
}

impl fmt::Display for FailureRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.expired {
            "Lambda could not run the function before the event grew too old"
        } else {
            "Lambda gave up on the function"
        };
        f.write_str(what)?;
        if let Some(attempts) = self.attempts {
            write!(f, " (attempts: {attempts})")?;
        }
        if let Some(error) = &self.error {
            write!(f, ": {error}")?;
        }
        let next_step = if self.expired {
            "look at the function's throttles and concurrency, then try again"
        } else {
            "look into the function's log, then try again"
        };
        write!(f, ". Next step: {next_step}.")
    }
}

impl fmt::Display for FailedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            subject,
            code,
            message,
            request_id,
            cause,
            next_step,
        } = self;
        write!(f, "{operation} failed for {subject}: {code}")?;
        let told = shortened(message.trim().trim_end_matches('.'));
        if !told.is_empty() {
            write!(f, ": {told}")?;
        }
        let mut left = DETAILS_MAX;
        for detail in details(cause, subject, message) {
            if detail.len() > left {
                f.write_str("; …")?;
                break;
            }
            left -= detail.len();
            write!(f, "; {detail}")?;
        }
        if let Some(id) = request_id {
            write!(f, " (request id {id})")?;
        }
        f.write_str(".")?;
        match next_step {
            Some(step) => write!(f, " Next step: {step}."),
            None => Ok(()),
        }
    }
}

/// What an error tells besides its message.
fn details(cause: &Cause, subject: &str, message: &str) -> Vec<String> {
    match cause {
        Cause::Validation { reason, fields, .. } => {
            let fields = fields.iter().take(NAMED_MAX);
            let fields = fields.map(|(name, message)| match message.as_str() {
                "" => name.clone(),
                message => format!("{name}: {}", shortened(message)),
            });
            reason.iter().cloned().chain(fields).collect()
        }
        Cause::Conflict {
            resource_id,
            dependents,
        } => {
            let mut by_relation: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (relation, ids) in dependents {
                let of_relation = by_relation.entry(relation).or_default();
                of_relation.extend(ids.iter().map(String::as_str));
            }
            let dependents = by_relation
                .into_iter()
                .map(|(relation, ids)| format!("{relation}: {}", first_of(&ids)));
            let resource = (!resource_id.is_empty() && !message.contains(resource_id.as_str()))
                .then(|| format!("resource {resource_id}"));
            resource.into_iter().chain(dependents).collect()
        }
        Cause::Quota { code } if !code.is_empty() => vec![format!("quota {code}")],
        Cause::NotFound { resource_id } if !resource_id.is_empty() && resource_id != subject => {
            vec![format!("resource {resource_id}")]
        }
        _ => Vec::new(),
    }
}

impl fmt::Display for NextStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AllowAction(action) => {
                return allow_action(f, action);
            }
            Self::ChangeToken => {
                "change the IdempotencyToken, or leave it out (the function makes its own)"
            }
            Self::CreateWhatThePlanNames => {
                "see that what the plan names exists, and is created before this contact (DependsOn)"
            }
            Self::CreateReplicationSet => {
                "set up Incident Manager in this account and Region (AWS::SSMIncidents::ReplicationSet) \
                 before the contacts; since 2025-11-07 it takes no new customers"
            }
            Self::EnableKey => {
                "see that the KMS key of Incident Manager's replication set is enabled and that \
                 its key policy lets the function's role use it"
            }
            Self::FewerTags => {
                "remove tags from the contact, or give it fewer Tags (a contact has at most 50 tags)"
            }
            Self::RaiseQuota => {
                "stay within the quota, or ask for more under AWS Systems Manager \
                 Incident Manager Contacts in Service Quotas"
            }
            Self::RaiseQuotaOfContacts => {
                "delete contacts that nobody needs, or ask for more under AWS Systems Manager \
                 Incident Manager Contacts in Service Quotas"
            }
            Self::ReleaseDependents => {
                "take the contact out of what is named here and delete again, or keep it: \
                 delete the stack with RetainResources naming this resource, or give it DeletionPolicy: Retain"
            }
            Self::CheckRole => {
                "see that the function's role exists and can be assumed by Lambda, then try again"
            }
            Self::SetCredentials => {
                "give the function AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment, \
                 as Lambda does by itself; it looks nowhere else"
            }
            Self::TagInFirstRegion => {
                "contacts can be tagged only in the first Region of the replication set: deploy there, \
                 or set OWNERSHIP_TAGS=off on the function and give no Tags"
            }
            Self::UpdateAgain => "it was deleted meanwhile; update the stack again",
            Self::CheckAddress => {
                "see that the channel's DeliveryAddress is one that Incident Manager takes \
                 (+, country code and number for SMS and VOICE, a mail address for EMAIL); \
                 the service's message is left out, since it may repeat the address"
            }
            Self::LookAtChannels => {
                "see which channels the contact has (aws ssm-contacts list-contact-channels), \
                 and give this channel another Name, or rename or delete the others"
            }
        })
    }
}

fn allow_action(f: &mut fmt::Formatter<'_>, action: &str) -> fmt::Result {
    let also = match action {
        "ssm-contacts:CreateContact" | "ssm-contacts:UpdateContact" => {
            " (with it ssm-contacts:AssociateContact, for the contacts that a plan names)"
        }
        _ => "",
    };
    write!(
        f,
        "allow the function's role {action}{also}, and look for a denial in a service control policy or permissions boundary"
    )
}

impl fmt::Display for Ownership {
    /// Writes the owner as it follows "belongs to".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ours(_) => f.write_str("this resource"),
            Self::Nobody => f.write_str("nobody (it has no ownership tags)"),
            Self::Released => {
                f.write_str("nobody (it was released by the stack that had adopted it)")
            }
            Self::Incomplete => f.write_str("an unknown owner (its ownership tags are incomplete)"),
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

/// The beginning of a message that may be long.
#[must_use]
pub fn shortened(message: &str) -> String {
    if message.len() <= MESSAGE_MAX {
        return message.to_owned();
    }
    let end = message.floor_char_boundary(MESSAGE_MAX);
    message
        .get(..end)
        .map_or_else(String::new, |start| format!("{start}…"))
}

fn first_of(ids: &[&str]) -> String {
    let named: Vec<&str> = ids.iter().take(NAMED_MAX).copied().collect();
    match ids.len().saturating_sub(NAMED_MAX) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
