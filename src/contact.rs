//! The domain: a contact, its engagement plan and its ARN.
//!
//! The types hold what the CreateContact API accepts; `properties` is where
//! a template's text becomes one of them.

use std::collections::BTreeMap;
use std::fmt;

/// Most characters an alias may have (CreateContact, `Alias`).
pub const ALIAS_MAX: usize = 255;

/// A contact's short name, unique in its account and Region:
/// 1 to 255 of `a-z 0-9 _ -` (CreateContact, `Alias`).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Alias(String);

impl Alias {
    /// Reads an alias; `None` where the API would refuse it.
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

/// Where contacts live: partition, Region and account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Home {
    partition: String,
    region: String,
    account: String,
}

impl Home {
    /// The home that an ARN of any service names, such as the invoked function's.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        split_arn(arn).map(|(home, _, _)| home)
    }

    /// Whether an ARN is of this account, whatever its Region.
    #[must_use]
    pub fn is_account_of(&self, arn: &ContactArn) -> bool {
        self.account == arn.home.account
    }

    /// The ARN of the contact with this alias. It follows from the alias alone.
    #[must_use]
    pub fn contact(&self, alias: &Alias) -> ContactArn {
        ContactArn {
            home: self.clone(),
            alias: alias.clone(),
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} in {}", self.account, self.region)
    }
}

fn split_arn(arn: &str) -> Option<(Home, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let scheme = parts.next()?;
    let partition = parts.next()?;
    let service = parts.next()?;
    let region = parts.next()?;
    let account = parts.next()?;
    let resource = parts.next()?;
    let named = scheme == "arn"
        && partition.starts_with("aws")
        && !region.is_empty()
        && !account.is_empty()
        && account.bytes().all(|b| b.is_ascii_digit());
    named.then(|| {
        let home = Home {
            partition: partition.to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
        };
        (home, service, resource)
    })
}

/// `arn:<partition>:ssm-contacts:<region>:<account>:contact/<alias>`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ContactArn {
    home: Home,
    alias: Alias,
}

impl ContactArn {
    /// Reads a contact's ARN; `None` for anything else, such as a channel's.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (home, service, resource) = split_arn(text)?;
        let alias = resource.strip_prefix("contact/")?;
        if service != "ssm-contacts" {
            return None;
        }
        Some(Self {
            home,
            alias: Alias::parse(alias)?,
        })
    }

    /// The alias at its end.
    #[must_use]
    pub fn alias(&self) -> &Alias {
        &self.alias
    }

    /// Its partition, Region and account.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }
}

impl fmt::Display for ContactArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Home {
            partition,
            region,
            account,
        } = &self.home;
        let alias = &self.alias;
        write!(
            f,
            "arn:{partition}:ssm-contacts:{region}:{account}:contact/{alias}"
        )
    }
}

/// What kind of contact it is. It can't change once the contact exists.
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

    /// The API's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "PERSONAL",
            Self::Escalation => "ESCALATION",
            Self::OncallSchedule => "ONCALL_SCHEDULE",
        }
    }

    /// The plan that engages nobody, in the form that this type takes.
    #[must_use]
    pub fn empty_plan(self) -> Plan {
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

/// The engagement plan: whom Incident Manager engages, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Plan {
    /// Stages, of a person or an escalation plan.
    Stages(Vec<Stage>),
    /// The ARNs of the rotations of an on-call schedule, at most 25.
    Rotations(Vec<String>),
}

impl Plan {
    /// Whether a contact's plan is the one that a template gives. What a template leaves
    /// out of a target equals whatever the contact has there: the service may fill in a
    /// value of its own.
    #[must_use]
    pub fn is_met_by(&self, held: &Self) -> bool {
        match (self, held) {
            (Self::Stages(given), Self::Stages(held)) => {
                given.len() == held.len() && given.iter().zip(held).all(|(g, h)| g.is_met_by(h))
            }
            (Self::Rotations(given), Self::Rotations(held)) => given == held,
            _ => false,
        }
    }
}

/// One stage: its targets are engaged together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Stage {
    /// Minutes until the next stage begins, 0 to 30.
    pub duration_in_minutes: i32,
    /// Whom or what the stage engages.
    pub targets: Vec<Target>,
}

impl Stage {
    fn is_met_by(&self, held: &Self) -> bool {
        self.duration_in_minutes == held.duration_in_minutes
            && self.targets.len() == held.targets.len()
            && self
                .targets
                .iter()
                .zip(&held.targets)
                .all(|(given, held)| given.is_met_by(held))
    }
}

/// One target of a stage.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Target {
    /// A channel of the person, such as a phone.
    Channel {
        /// The channel's ARN.
        contact_channel_id: String,
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

impl Target {
    fn is_met_by(&self, held: &Self) -> bool {
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
    /// Its type; `None` for one that this program does not know.
    pub contact_type: Option<ContactType>,
    /// Its full name; empty where it has none.
    pub display_name: String,
    /// Its plan; `None` for one that this program can't express.
    pub plan: Option<Plan>,
    /// All its tags, whoever put them there.
    pub tags: Tags,
}
