//! The domain: a contact, its ARN and its engagement plan.
//!
//! The types hold what the CreateContact API accepts. `properties` parses a template's
//! text into them.

use std::collections::BTreeMap;
use std::fmt;

use crate::channel::Channel;

/// Most characters an alias may have (CreateContact, `Alias`).
pub const ALIAS_MAX: usize = 255;

/// A contact's short name, unique in its account and Region:
/// 1 to 255 of `a-z 0-9 _ -` (CreateContact, `Alias`).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Alias(String);

impl Alias {
    /// Parses an alias; returns `None` if the API would refuse it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
        let fits = (1..=ALIAS_MAX).contains(&text.len()) && text.chars().all(allowed);
        fits.then(|| Self(text.to_owned()))
    }

    /// The alias as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parts of an ARN: `arn:<partition>:<service>:<region>:<account>:<resource>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arn<'a> {
    /// Such as `aws` or `aws-cn`.
    pub partition: &'a str,
    /// Such as `ssm-contacts`.
    pub service: &'a str,
    /// Such as `us-east-1`.
    pub region: &'a str,
    /// Digits.
    pub account: &'a str,
    /// The rest, which may hold colons.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Parses an ARN of any service; returns `None` if it names no partition or account.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let [scheme, partition, service, region, account, resource] =
            *text.splitn(6, ':').collect::<Vec<_>>()
        else {
            return None;
        };
        let is_account = !account.is_empty() && account.bytes().all(|b| b.is_ascii_digit());
        let is_partition = partition == "aws" || partition.starts_with("aws-");
        (scheme == "arn" && is_partition && is_account).then_some(Self {
            partition,
            service,
            region,
            account,
            resource,
        })
    }
}

/// An account and a Region of a partition, where contacts are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountAndRegion {
    partition: String,
    region: String,
    account: String,
}

impl AccountAndRegion {
    /// Account and Region of an ARN of any service, such as the invoked function's.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let arn = Arn::parse(arn)?;
        (!arn.region.is_empty()).then(|| Self::of(arn))
    }

    fn of(arn: Arn<'_>) -> Self {
        Self {
            partition: arn.partition.to_owned(),
            region: arn.region.to_owned(),
            account: arn.account.to_owned(),
        }
    }

    /// Whether the other one is in the same account, in whatever Region.
    #[must_use]
    pub fn has_same_account(&self, other: &Self) -> bool {
        self.account == other.account
    }

    /// Whether it is this account.
    #[must_use]
    pub fn is_account(&self, account: &str) -> bool {
        self.account == account
    }

    /// The ARN of the contact with this alias. It follows from the alias alone.
    #[must_use]
    pub fn contact(&self, alias: &Alias) -> ContactArn {
        ContactArn {
            account_and_region: self.clone(),
            alias: alias.clone(),
        }
    }
}

impl fmt::Display for AccountAndRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} in {}", self.account, self.region)
    }
}

/// `arn:<partition>:ssm-contacts:<region>:<account>:contact/<alias>`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContactArn {
    account_and_region: AccountAndRegion,
    alias: Alias,
}

impl ContactArn {
    /// Parses the ARN of a contact; returns `None` for anything else, such as the ARN of a
    /// channel.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let arn = Arn::parse(text)?;
        let alias = arn.resource.strip_prefix("contact/")?;
        if arn.service != "ssm-contacts" || arn.region.is_empty() {
            return None;
        }
        Some(Self {
            account_and_region: AccountAndRegion::of(arn),
            alias: Alias::parse(alias)?,
        })
    }

    /// The alias, which is the last part of the ARN.
    #[must_use]
    pub fn alias(&self) -> &Alias {
        &self.alias
    }

    /// The account and Region that the ARN names.
    #[must_use]
    pub fn account_and_region(&self) -> &AccountAndRegion {
        &self.account_and_region
    }
}

impl fmt::Display for ContactArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AccountAndRegion {
            partition,
            region,
            account,
        } = &self.account_and_region;
        let alias = &self.alias;
        write!(
            f,
            "arn:{partition}:ssm-contacts:{region}:{account}:contact/{alias}"
        )
    }
}

/// The type of a contact. It can't change once the contact exists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContactType {
    /// A single person.
    Personal,
    /// An escalation plan, which engages other contacts.
    Escalation,
    /// An on-call schedule, which engages whoever its rotations name.
    OncallSchedule,
}

impl ContactType {
    /// Every type, in the API's order.
    pub const ALL: [Self; 3] = [Self::Personal, Self::Escalation, Self::OncallSchedule];

    /// The name that the API uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "PERSONAL",
            Self::Escalation => "ESCALATION",
            Self::OncallSchedule => "ONCALL_SCHEDULE",
        }
    }

    /// A plan that engages nobody, in the form that this type takes.
    #[must_use]
    pub fn empty_plan<C>(self) -> Plan<C> {
        match self {
            Self::Personal | Self::Escalation => Plan::Stages(Vec::new()),
            Self::OncallSchedule => Plan::Rotations(Vec::new()),
        }
    }
}

impl fmt::Display for ContactType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An engagement plan: whom Incident Manager engages, and when. `C` is how its targets name
/// a channel: by the ARN, unless the plan is a template's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Plan<C = String> {
    /// Stages, of a person or an escalation plan.
    Stages(Vec<Stage<C>>),
    /// The ARNs of the rotations of an on-call schedule, at most 25.
    Rotations(Vec<String>),
}

impl Plan {
    /// Whether `held`, the plan of a contact, satisfies this plan. An optional member that the
    /// template leaves out matches any value, because the service may fill one in.
    #[must_use]
    pub fn is_matched_by(&self, held: &Self) -> bool {
        match (self, held) {
            (Self::Stages(given), Self::Stages(held)) => {
                given.len() == held.len() && given.iter().zip(held).all(|(g, h)| g.is_matched_by(h))
            }
            (Self::Rotations(given), Self::Rotations(held)) => given == held,
            _ => false,
        }
    }
}

impl<C> Plan<C> {
    /// The channels that its targets name.
    pub fn channels(&self) -> impl Iterator<Item = &C> {
        let stages = match self {
            Self::Stages(stages) => stages.as_slice(),
            Self::Rotations(_) => &[],
        };
        let targets = stages.iter().flat_map(|stage| &stage.targets);
        targets.filter_map(|target| match target {
            Target::Channel {
                contact_channel_id, ..
            } => Some(contact_channel_id),
            Target::Contact { .. } => None,
        })
    }

    /// The same plan with another name for each channel.
    ///
    /// # Errors
    ///
    /// Returns the first error of `name`.
    pub fn map_channels<D, E>(&self, name: impl Fn(&C) -> Result<D, E>) -> Result<Plan<D>, E> {
        let stage = |stage: &Stage<C>| {
            let targets = stage.targets.iter().map(|target| target.map_channel(&name));
            Ok(Stage {
                duration_in_minutes: stage.duration_in_minutes,
                targets: targets.collect::<Result<_, E>>()?,
            })
        };
        match self {
            Self::Stages(stages) => stages
                .iter()
                .map(stage)
                .collect::<Result<_, E>>()
                .map(Plan::Stages),
            Self::Rotations(rotations) => Ok(Plan::Rotations(rotations.clone())),
        }
    }
}

/// One stage of a plan. Its targets are engaged together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stage<C = String> {
    /// Minutes until the next stage begins, 0 to 30.
    pub duration_in_minutes: i32,
    /// Whom or what the stage engages.
    pub targets: Vec<Target<C>>,
}

impl Stage {
    fn is_matched_by(&self, held: &Self) -> bool {
        self.duration_in_minutes == held.duration_in_minutes
            && self.targets.len() == held.targets.len()
            && self
                .targets
                .iter()
                .zip(&held.targets)
                .all(|(given, held)| given.is_matched_by(held))
    }
}

/// One target of a stage.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target<C = String> {
    /// A channel of the person, such as a phone.
    Channel {
        /// The channel.
        contact_channel_id: C,
        /// Minutes until the engagement is tried again, 0 to 60.
        retry_interval_in_minutes: Option<i32>,
    },
    /// Another contact.
    Contact {
        /// The contact's ARN.
        contact_id: Option<String>,
        /// Whether the plan stops once this contact has acknowledged.
        is_essential: bool,
    },
}

impl<C> Target<C> {
    fn map_channel<D, E>(&self, name: impl Fn(&C) -> Result<D, E>) -> Result<Target<D>, E> {
        Ok(match self {
            Self::Channel {
                contact_channel_id,
                retry_interval_in_minutes,
            } => Target::Channel {
                contact_channel_id: name(contact_channel_id)?,
                retry_interval_in_minutes: *retry_interval_in_minutes,
            },
            Self::Contact {
                contact_id,
                is_essential,
            } => Target::Contact {
                contact_id: contact_id.clone(),
                is_essential: *is_essential,
            },
        })
    }
}

impl Target {
    fn is_matched_by(&self, held: &Self) -> bool {
        match (self, held) {
            (
                Self::Channel {
                    contact_channel_id: given_id,
                    retry_interval_in_minutes: given_interval,
                },
                Self::Channel {
                    contact_channel_id: held_id,
                    retry_interval_in_minutes: held_interval,
                },
            ) => {
                given_id == held_id && (given_interval.is_none() || given_interval == held_interval)
            }
            (
                Self::Contact {
                    contact_id: given_id,
                    is_essential: given_essential,
                },
                Self::Contact {
                    contact_id: held_id,
                    is_essential: held_essential,
                },
            ) => given_essential == held_essential && (given_id.is_none() || given_id == held_id),
            _ => false,
        }
    }
}

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// A contact as the service has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contact {
    /// Its ARN, and with it the alias.
    pub arn: ContactArn,
    /// Its type; `None` if this program does not know it.
    pub contact_type: Option<ContactType>,
    /// Its full name; empty if it has none.
    pub display_name: String,
    /// Its plan; `None` if this program can't express it.
    pub plan: Option<Plan>,
    /// All its tags, whoever wrote them.
    pub tags: Tags,
    /// All its channels, whoever made them; `None` if they were not read.
    pub channels: Option<Vec<Channel>>,
}
