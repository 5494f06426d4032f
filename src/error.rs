//! One error for everything that can go wrong, and what the person reads who looks
//! at CloudFormation's console: what failed, on what, why, and what to do next.

use std::fmt;

use crate::properties::Fault;

/// Why a request failed.
#[derive(Clone, Debug)]
pub struct Error(Box<Kind>);

#[derive(Clone, Debug)]
enum Kind {
    /// The template's properties have faults.
    Properties(Vec<Fault>),
    /// A setting of the function's is not allowed.
    Setting { name: String, problem: String },
    /// The service refused a call, or did not answer it.
    Call(Failure),
    /// This program refuses, to protect a contact or because the API can't do it.
    Refused { what: String, next: String },
    /// The event came after CloudFormation had stopped waiting, which it did after so
    /// many seconds.
    TooLate { service_timeout: u64 },
    /// The time for the work was over; this is what was being waited for.
    TimedOut { waiting_for: Option<String> },
    /// The handler panicked.
    Panicked,
    /// Lambda gave up on the function; its on-failure record says why.
    GivenUp { why: String },
}

/// A call that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The API's name of the operation.
    pub operation: &'static str,
    /// What it was about: an alias or an ARN.
    pub subject: String,
    /// The service's error code, or a word of ours where the service sent none.
    pub code: String,
    /// The service's message; often empty.
    pub message: String,
    /// The id to give to AWS support.
    pub request_id: Option<String>,
    /// What the code means to us.
    pub cause: Cause,
}

/// What a failed call means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause {
    /// Missing permission.
    AccessDenied,
    /// The alias is taken, or the contact is in use.
    Conflict {
        /// The resource that stands in the way.
        resource_id: String,
        /// Relation and ids of what depends on it.
        dependents: Vec<(String, Vec<String>)>,
    },
    /// The key that encrypts contacts can't be used.
    Encryption,
    /// Something that the call names does not exist.
    NotFound {
        /// What: the contact itself, or something in its plan.
        resource_id: String,
    },
    /// A quota is reached.
    Quota {
        /// Its code in Service Quotas.
        code: String,
    },
    /// The service refused the input.
    Validation {
        /// The service's word for why, such as `FIELD_VALIDATION_FAILED`.
        reason: Option<String>,
        /// The fields that it names, each with its message.
        fields: Vec<(String, String)>,
    },
    /// Incident Manager is not set up in this account and Region.
    NoReplicationSet,
    /// The function's own credentials were refused.
    Credentials,
    /// The function has no credentials at all.
    NoCredentials,
    /// Anything else, a service that never answered included.
    Other,
}

impl Error {
    /// The template's properties have faults.
    #[must_use]
    pub fn properties(faults: Vec<Fault>) -> Self {
        Self(Box::new(Kind::Properties(faults)))
    }

    /// A setting of the function's is not allowed.
    #[must_use]
    pub fn setting(name: &str, problem: &str) -> Self {
        Self(Box::new(Kind::Setting {
            name: name.to_owned(),
            problem: problem.to_owned(),
        }))
    }

    /// A call failed.
    #[must_use]
    pub fn call(failure: Failure) -> Self {
        Self(Box::new(Kind::Call(failure)))
    }

    /// This program refuses; `next` says what to do instead.
    #[must_use]
    pub fn refused(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self(Box::new(Kind::Refused {
            what: what.into(),
            next: next.into(),
        }))
    }

    /// The event came after CloudFormation had stopped waiting, which it did after so
    /// many seconds.
    #[must_use]
    pub fn too_late(service_timeout: u64) -> Self {
        Self(Box::new(Kind::TooLate { service_timeout }))
    }

    /// The time for the work was over; this is what was being waited for.
    #[must_use]
    pub fn timed_out(waiting_for: Option<String>) -> Self {
        Self(Box::new(Kind::TimedOut { waiting_for }))
    }

    /// The handler panicked.
    #[must_use]
    pub fn panicked() -> Self {
        Self(Box::new(Kind::Panicked))
    }

    /// Lambda gave up on the function; its on-failure record says why.
    #[must_use]
    pub fn given_up(why: &str) -> Self {
        Self(Box::new(Kind::GivenUp {
            why: why.to_owned(),
        }))
    }

    /// Whether the properties or a setting were refused, before any call.
    #[must_use]
    pub fn is_about_input(&self) -> bool {
        matches!(&*self.0, Kind::Properties(_) | Kind::Setting { .. })
    }

    /// Whether the work was not carried on to its end.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        matches!(
            &*self.0,
            Kind::TooLate { .. } | Kind::TimedOut { .. } | Kind::Panicked | Kind::GivenUp { .. }
        )
    }

    fn cause(&self) -> Option<&Cause> {
        match &*self.0 {
            Kind::Call(failure) => Some(&failure.cause),
            _ => None,
        }
    }

    /// Whether no contact has the ARN that the call named.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.cause(), Some(Cause::NotFound { .. }))
    }

    /// Whether there is no replication set, and so no contact at all.
    #[must_use]
    pub fn is_no_replication_set(&self) -> bool {
        matches!(self.cause(), Some(Cause::NoReplicationSet))
    }

    /// Whether the service refused the input.
    #[must_use]
    pub fn is_validation(&self) -> bool {
        matches!(self.cause(), Some(Cause::Validation { .. }))
    }

    /// Whether something stands in the way of the call.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.cause(), Some(Cause::Conflict { .. }))
    }

    /// Whether a permission is missing.
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        matches!(self.cause(), Some(Cause::AccessDenied))
    }

    /// Whether a permission to read a contact is missing.
    #[must_use]
    pub fn is_denied_read(&self) -> bool {
        let reads = ["GetContact", "ListTagsForResource"];
        matches!(&*self.0, Kind::Call(failure)
            if failure.cause == Cause::AccessDenied && reads.contains(&failure.operation))
    }

    /// Whether a call of another operation than this one failed.
    #[must_use]
    pub fn is_about_another_call(&self, operation: &str) -> bool {
        matches!(&*self.0, Kind::Call(failure) if failure.operation != operation)
    }

    /// Whether a quota is reached.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        matches!(self.cause(), Some(Cause::Quota { .. }))
    }

    /// The resource that stands in the way, as the service names it.
    #[must_use]
    pub fn conflicting_resource(&self) -> Option<&str> {
        match self.cause() {
            Some(Cause::Conflict { resource_id, .. }) => Some(resource_id),
            _ => None,
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Properties(faults) => {
                let (count, plural) = (faults.len(), if faults.len() == 1 { "" } else { "s" });
                write!(f, "The properties have {count} fault{plural}")?;
                for (n, fault) in faults.iter().enumerate() {
                    let before = if n == 0 { ": " } else { "; " };
                    write!(f, "{before}{fault}")?;
                }
                f.write_str(". Nothing was changed.")
            }
            Kind::Setting { name, problem } => write!(
                f,
                "The function's setting {name} {problem}. Nothing was changed. \
                 Next step: correct the environment variable {name} of the function."
            ),
            Kind::Refused { what, next } => write!(f, "{what}. Next step: {next}."),
            Kind::TooLate { service_timeout } => write!(
                f,
                "The event came after CloudFormation had stopped waiting for it ({service_timeout} seconds). \
                 Nothing was changed. Next step: look at the function's throttles, then try again."
            ),
            Kind::TimedOut { waiting_for } => write!(
                f,
                "Time ran out while waiting for {}. Next step: see whether SSM Contacts answers, \
                 then try again; more time needs a higher Timeout of the function or ServiceTimeout of the resource.",
                waiting_for.as_deref().unwrap_or("nothing in particular")
            ),
            Kind::Panicked => f.write_str(
                "Internal error: the handler panicked. \
                 Next step: look into the function's log, and report the defect.",
            ),
            Kind::GivenUp { why } => f.write_str(why),
            Kind::Call(failure) => failure.fmt(f),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            subject,
            code,
            message,
            ..
        } = self;
        write!(f, "{operation} failed for {subject}: {code}")?;
        let message = shortened(message.trim().trim_end_matches('.'));
        if !message.is_empty() {
            write!(f, ": {message}")?;
        }
        for detail in self.details() {
            write!(f, "; {detail}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        f.write_str(".")?;
        if let Some(step) = self.next_step() {
            write!(f, " Next step: {step}.")?;
        }
        Ok(())
    }
}

impl Failure {
    fn details(&self) -> Vec<String> {
        match &self.cause {
            Cause::Validation { reason, fields } => {
                let fields = fields.iter().take(NAMED_MAX);
                let fields =
                    fields.map(|(name, message)| format!("{name}: {}", shortened(message)));
                reason.iter().cloned().chain(fields).collect()
            }
            Cause::Conflict {
                resource_id,
                dependents,
            } => {
                let dependents = dependents
                    .iter()
                    .map(|(relation, ids)| format!("{relation}: {}", first_of(ids)));
                let resource = format!("resource {resource_id}");
                Some(resource)
                    .filter(|_| !resource_id.is_empty() && !self.message.contains(resource_id))
                    .into_iter()
                    .chain(dependents)
                    .collect()
            }
            Cause::Quota { code } if !code.is_empty() => vec![format!("quota {code}")],
            Cause::NotFound { resource_id } if self.is_about_another(resource_id) => {
                vec![format!("resource {resource_id}")]
            }
            _ => Vec::new(),
        }
    }

    fn next_step(&self) -> Option<String> {
        Some(match &self.cause {
            Cause::AccessDenied => {
                let action = denied_action(&self.message)
                    .map_or_else(|| format!("ssm-contacts:{}", self.operation), ToOwned::to_owned);
                let also = match self.operation {
                    "CreateContact" | "UpdateContact" => {
                        " (with it ssm-contacts:AssociateContact, for the contacts that a plan names)"
                    }
                    _ => "",
                };
                format!("allow the function's role {action}{also}, and look for a denial in a service control policy or permissions boundary")
            }
            Cause::Conflict { .. } if self.operation == "DeleteContact" => {
                "take the contact out of what is named here and delete again, or keep it: \
                 delete the stack with RetainResources naming this resource, or give it DeletionPolicy: Retain"
                    .to_owned()
            }
            Cause::Encryption => {
                "see that the KMS key of Incident Manager's replication set is enabled and that \
                 its key policy lets the function's role use it"
                    .to_owned()
            }
            Cause::Quota { .. } if self.operation == "TagResource" => {
                "a contact bears at most 50 tags: remove some of those on the contact, or give it fewer Tags"
                    .to_owned()
            }
            Cause::Quota { .. } => {
                "delete contacts that nobody needs, or ask for more under AWS Systems Manager \
                 Incident Manager Contacts in Service Quotas"
                    .to_owned()
            }
            Cause::NoReplicationSet => {
                "set up Incident Manager in this account and Region (AWS::SSMIncidents::ReplicationSet) \
                 before the contacts; since 2025-11-07 it takes no new customers"
                    .to_owned()
            }
            Cause::Conflict { .. } | Cause::Validation { .. } if self.is_about_the_token() => {
                CHANGE_THE_TOKEN.to_owned()
            }
            Cause::Validation { .. } if self.is_about_tags() => {
                "contacts can be tagged only in the first Region of the replication set: deploy there, \
                 or set OWNERSHIP_TAGS=off on the function and give no Tags"
                    .to_owned()
            }
            Cause::Credentials => {
                "see that the function's role exists and can be assumed by Lambda, then try again".to_owned()
            }
            Cause::NoCredentials => {
                "give the function AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in its environment, \
                 as Lambda does by itself; it looks nowhere else"
                    .to_owned()
            }
            Cause::NotFound { resource_id } if self.is_about_another(resource_id) => {
                "see that what the plan names exists, and before this contact (DependsOn)".to_owned()
            }
            Cause::NotFound { .. } if self.operation != "GetContact" => {
                "the contact was deleted meanwhile; update the stack again".to_owned()
            }
            Cause::Conflict { .. } | Cause::Validation { .. } | Cause::NotFound { .. } | Cause::Other => {
                return None;
            }
        })
    }

    fn is_about_another(&self, resource_id: &str) -> bool {
        !resource_id.is_empty() && resource_id != self.subject
    }

    fn is_about_the_token(&self) -> bool {
        let said = self.said();
        self.operation == "CreateContact" && said.contains("token")
    }

    fn is_about_tags(&self) -> bool {
        let said = self.said();
        said.contains("tag") && said.contains("region")
    }

    /// The message and the fields, in lower case.
    fn said(&self) -> String {
        let mut said = self.message.to_lowercase();
        if let Cause::Validation { fields, .. } = &self.cause {
            for (name, message) in fields {
                said.push_str(&name.to_lowercase());
                said.push_str(&message.to_lowercase());
            }
        }
        said
    }
}

/// What to do about an idempotency token that was used before.
pub const CHANGE_THE_TOKEN: &str =
    "change the IdempotencyToken, or leave it out (the function makes its own)";

/// Most things of a kind that a Reason names, and most characters that it repeats of a
/// message: what to do next stands at its end, and must not be cut off.
const NAMED_MAX: usize = 8;
const MESSAGE_MAX: usize = 800;

/// The beginning of a message.
pub(crate) fn shortened(message: &str) -> String {
    let mut kept: String = message.chars().take(MESSAGE_MAX).collect();
    if kept.len() < message.len() {
        kept.push('…');
    }
    kept
}

fn first_of(ids: &[String]) -> String {
    let named: Vec<&str> = ids.iter().take(NAMED_MAX).map(String::as_str).collect();
    match ids.len().saturating_sub(NAMED_MAX) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// The action in IAM's message «… is not authorized to perform: <action> on …».
fn denied_action(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    rest.split_whitespace()
        .next()
        .filter(|action| action.contains(':'))
}
