//! Why a request failed.
//!
//! [`Error`] holds what is known of a failure as values. `error/message.rs` writes the Reason,
//! the text that the reader of CloudFormation's console sees. What is wrong with a property
//! or a setting is worded where it is checked, in `properties` and `settings`.

mod message;

use crate::channel::ChannelType;
use crate::contact::{AccountAndRegion, Alias, ContactArn, ContactType};
use crate::event::FailureRecord;
use crate::identity::Ownership;
use crate::properties::Violation;

pub use message::shortened;

/// Why a request failed. `Display` is the Reason.
#[derive(Clone, Debug)]
pub struct Error(Box<Kind>);

#[derive(Clone, Debug)]
enum Kind {
    InvalidProperties(Vec<Violation>),
    InvalidSetting {
        name: &'static str,
        problem: String,
    },
    UnknownRequestType(String),
    CallFailed(FailedCall),
    AliasTaken(AliasTaken),
    /// The alias is taken, and a read of the contact that holds it failed.
    HolderUnreadable {
        alias: Alias,
        read: FailedCall,
    },
    OwnedByAnother {
        arn: ContactArn,
        ownership: Ownership,
    },
    TypeChange {
        arn: ContactArn,
        from: Option<ContactType>,
        to: ContactType,
    },
    AnotherAccount {
        arn: ContactArn,
        function: AccountAndRegion,
    },
    TokenUsedBefore {
        arn: ContactArn,
        is_gone: bool,
    },
    ChannelTypeChange {
        arn: ContactArn,
        name: String,
        from: ChannelType,
        to: ChannelType,
    },
    /// Several channels have the Name, and none of them is what the template gives.
    SeveralChannels {
        arn: ContactArn,
        name: String,
    },
    /// The plan names a channel that the contact does not have.
    NoSuchChannel {
        arn: ContactArn,
        name: String,
    },
    TooLate {
        service_timeout: u64,
    },
    TimedOut {
        waiting_for: Option<String>,
    },
    Panicked,
    OnFailureRecord(FailureRecord),
}

/// A contact that holds the alias that a request wants, and that may not be taken over.
#[derive(Clone, Debug)]
pub struct AliasTaken {
    /// The alias.
    pub alias: Alias,
    /// The contact that holds it.
    pub holder: ContactArn,
    /// The type of that contact; `None` if the function does not know it.
    pub holder_type: Option<ContactType>,
    /// Who owns that contact.
    pub ownership: Ownership,
    /// The type that the template wants.
    pub wanted_type: ContactType,
    /// Whether `AdoptExisting` is allowed by the settings.
    pub may_adopt: bool,
}

/// A call that failed.
#[derive(Clone, Debug)]
pub struct FailedCall {
    /// The API's name of the operation.
    pub operation: &'static str,
    /// What the call was about: an alias or an ARN.
    pub subject: String,
    /// The service's error code, or `no usable answer` if it sent none.
    pub code: String,
    /// The service's message; often empty.
    pub message: String,
    /// The id to give to AWS Support.
    pub request_id: Option<String>,
    /// What the error means to the request.
    pub cause: Cause,
    /// What the reader can do about it.
    pub next_step: Option<NextStep>,
}

/// What a failed call means to the request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Cause {
    /// A permission is missing.
    AccessDenied,
    /// The alias is taken, or the contact is in use.
    Conflict {
        /// The resource that the service names; may be empty.
        resource_id: String,
        /// Relation and ids of what depends on it.
        dependents: Vec<(String, Vec<String>)>,
    },
    /// Something that the call names does not exist.
    NotFound {
        /// The contact itself, or something in its plan.
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
        /// Whether it refuses tags outside the first Region of the replication set.
        refuses_tags_in_region: bool,
    },
    /// Incident Manager is not set up in this account and Region.
    NoReplicationSet,
    /// Anything else, including a service that did not answer.
    Other,
}

/// What the reader of a Reason can do about a failed call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum NextStep {
    /// Allow this action to the function's role.
    AllowAction(String),
    /// Change the template's `IdempotencyToken`.
    ChangeToken,
    /// See that what the plan names exists.
    CreateWhatThePlanNames,
    /// Set up Incident Manager.
    CreateReplicationSet,
    /// Enable the KMS key of the replication set.
    EnableKey,
    /// Give the contact fewer tags.
    FewerTags,
    /// Raise a quota.
    RaiseQuota,
    /// Raise the quota of contacts, or delete some.
    RaiseQuotaOfContacts,
    /// Take the contact out of what depends on it.
    ReleaseDependents,
    /// See that the function's role exists.
    CheckRole,
    /// Put credentials into the function's environment.
    SetCredentials,
    /// Tag contacts in the first Region of the replication set only.
    TagInFirstRegion,
    /// Update the stack again.
    UpdateAgain,
    /// See that the channel's address is one that the service takes.
    CheckAddress,
    /// See which channels the contact has.
    LookAtChannels,
}

impl Cause {
    /// Drops what the service wrote in words, or named: only codes and names of fields stay.
    pub(crate) fn forget_messages(&mut self) {
        match self {
            Self::Validation { fields, .. } => {
                for (_, message) in fields {
                    message.clear();
                }
            }
            Self::Conflict {
                resource_id,
                dependents,
            } => {
                resource_id.clear();
                dependents.clear();
            }
            Self::NotFound { resource_id } => resource_id.clear(),
            Self::AccessDenied | Self::Quota { .. } | Self::NoReplicationSet | Self::Other => {}
        }
    }
}

impl Error {
    fn new(kind: Kind) -> Self {
        Self(Box::new(kind))
    }

    /// The template's properties violate constraints.
    #[must_use]
    pub fn invalid_properties(violations: Vec<Violation>) -> Self {
        Self::new(Kind::InvalidProperties(violations))
    }

    /// A setting of the function is not allowed.
    #[must_use]
    pub fn invalid_setting(name: &'static str, problem: String) -> Self {
        Self::new(Kind::InvalidSetting { name, problem })
    }

    /// The protocol has no such request type.
    #[must_use]
    pub fn unknown_request_type(request_type: &str) -> Self {
        Self::new(Kind::UnknownRequestType(request_type.to_owned()))
    }

    /// A call failed.
    #[must_use]
    pub fn call_failed(call: FailedCall) -> Self {
        Self::new(Kind::CallFailed(call))
    }

    /// The alias is taken.
    #[must_use]
    pub fn alias_taken(taken: AliasTaken) -> Self {
        Self::new(Kind::AliasTaken(taken))
    }

    /// The alias is taken, and this read of the contact that holds it failed.
    #[must_use]
    pub fn holder_unreadable(alias: Alias, read: Self) -> Self {
        match *read.0 {
            Kind::CallFailed(read) => Self::new(Kind::HolderUnreadable { alias, read }),
            other => Self::new(other),
        }
    }

    /// The contact's tags name another owner.
    #[must_use]
    pub fn owned_by_another(arn: ContactArn, ownership: Ownership) -> Self {
        Self::new(Kind::OwnedByAnother { arn, ownership })
    }

    /// The contact's type would have to change.
    #[must_use]
    pub fn type_change(arn: ContactArn, from: Option<ContactType>, to: ContactType) -> Self {
        Self::new(Kind::TypeChange { arn, from, to })
    }

    /// The contact is of another account than the function.
    #[must_use]
    pub fn another_account(arn: ContactArn, function: AccountAndRegion) -> Self {
        Self::new(Kind::AnotherAccount { arn, function })
    }

    /// The template's `IdempotencyToken` was used before, for this contact.
    #[must_use]
    pub fn token_used_before(arn: ContactArn, is_gone: bool) -> Self {
        Self::new(Kind::TokenUsedBefore { arn, is_gone })
    }

    /// The template gives a channel that it keeps another type.
    #[must_use]
    pub fn channel_type_change(
        arn: ContactArn,
        name: String,
        from: ChannelType,
        to: ChannelType,
    ) -> Self {
        Self::new(Kind::ChannelTypeChange {
            arn,
            name,
            from,
            to,
        })
    }

    /// Several channels have this Name, and none of them has the type and the address that the
    /// template gives.
    #[must_use]
    pub fn several_channels(arn: ContactArn, name: String) -> Self {
        Self::new(Kind::SeveralChannels { arn, name })
    }

    /// The plan names a channel that the contact does not have.
    #[must_use]
    pub fn no_such_channel(arn: ContactArn, name: String) -> Self {
        Self::new(Kind::NoSuchChannel { arn, name })
    }

    /// The event came after CloudFormation had stopped waiting. It waits for
    /// `service_timeout` seconds.
    #[must_use]
    pub fn too_late(service_timeout: u64) -> Self {
        Self::new(Kind::TooLate { service_timeout })
    }

    /// The time for the work was over.
    #[must_use]
    pub fn timed_out(waiting_for: Option<String>) -> Self {
        Self::new(Kind::TimedOut { waiting_for })
    }

    /// The handler panicked.
    #[must_use]
    pub fn panicked() -> Self {
        Self::new(Kind::Panicked)
    }

    /// Lambda gave up on the invocation, and its on-failure record says why.
    #[must_use]
    pub fn on_failure_record(record: FailureRecord) -> Self {
        Self::new(Kind::OnFailureRecord(record))
    }

    fn call(&self) -> Option<&FailedCall> {
        match &*self.0 {
            Kind::CallFailed(call) | Kind::HolderUnreadable { read: call, .. } => Some(call),
            _ => None,
        }
    }

    /// The same error, without the advice to change a token that the template does not give.
    #[must_use]
    pub fn without_token_advice(mut self) -> Self {
        if let Kind::CallFailed(call) = &mut *self.0 {
            call.next_step
                .take_if(|step| *step == NextStep::ChangeToken);
        }
        self
    }

    /// Whether tags were refused outside the first Region of the replication set.
    #[must_use]
    pub fn refuses_tags_in_region(&self) -> bool {
        matches!(
            self.cause(),
            Some(Cause::Validation {
                refuses_tags_in_region: true,
                ..
            })
        )
    }

    fn cause(&self) -> Option<&Cause> {
        self.call().map(|call| &call.cause)
    }

    /// Whether the properties or a setting were refused, before any call.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(
            &*self.0,
            Kind::InvalidProperties(_) | Kind::InvalidSetting { .. }
        )
    }

    /// Whether the work was not carried on to its end.
    #[must_use]
    pub fn is_interruption(&self) -> bool {
        matches!(
            &*self.0,
            Kind::TooLate { .. }
                | Kind::TimedOut { .. }
                | Kind::Panicked
                | Kind::OnFailureRecord(_)
        )
    }

    /// Whether the time for the work was over.
    #[must_use]
    pub fn is_time_out(&self) -> bool {
        matches!(&*self.0, Kind::TimedOut { .. })
    }

    /// Whether a channel of a contact that exists is not what the template wants.
    #[must_use]
    pub fn is_about_channel(&self) -> bool {
        matches!(
            &*self.0,
            Kind::ChannelTypeChange { .. }
                | Kind::SeveralChannels { .. }
                | Kind::NoSuchChannel { .. }
        )
    }

    /// The operation that failed.
    #[must_use]
    pub fn failed_operation(&self) -> Option<&'static str> {
        self.call().map(|call| call.operation)
    }

    /// Whether something that the call names does not exist: the contact, or something in its
    /// plan.
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

    /// Whether the alias is taken or the contact is in use.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.cause(), Some(Cause::Conflict { .. }))
    }

    /// Whether a permission is missing.
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        matches!(self.cause(), Some(Cause::AccessDenied))
    }

    /// Whether a quota is reached.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        matches!(self.cause(), Some(Cause::Quota { .. }))
    }

    /// What a conflict says to depend on the contact, as the service names it.
    #[must_use]
    pub fn dependents(&self) -> Vec<&str> {
        match self.cause() {
            Some(Cause::Conflict { dependents, .. }) => {
                let ids = dependents.iter().flat_map(|(_, ids)| ids);
                ids.map(String::as_str).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The resource of a conflict, as the service names it.
    #[must_use]
    pub fn conflicting_resource(&self) -> Option<&str> {
        match self.cause() {
            Some(Cause::Conflict { resource_id, .. }) => Some(resource_id),
            _ => None,
        }
    }
}

impl std::error::Error for Error {}
