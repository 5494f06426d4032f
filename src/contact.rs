//! The domain: a contact, its ARN, its engagement plan and its channels.
//!
//! The types hold what the CreateContact API accepts. `properties` parses a template's text
//! into them.

use std::collections::BTreeMap;
use std::fmt;

pub(crate) mod arn;
pub(crate) mod channel;
pub(crate) mod personal_data;
pub(crate) mod plan;

use arn::ContactArn;
use channel::Channel;
use plan::Plan;

/// The type of a contact. It can't change once the contact exists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ContactType {
    /// A single person.
    Personal,
    /// An escalation plan, which engages other contacts.
    Escalation,
    /// An on-call schedule, which engages whoever its rotations name.
    OncallSchedule,
}

impl ContactType {
    /// Every type, in the API's order.
    pub(crate) const ALL: [Self; 3] = [Self::Personal, Self::Escalation, Self::OncallSchedule];

    /// The name that the API uses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Personal => "PERSONAL",
            Self::Escalation => "ESCALATION",
            Self::OncallSchedule => "ONCALL_SCHEDULE",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

impl fmt::Display for ContactType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// A contact as the service has it.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    /// Its ARN, and with it the alias.
    pub(crate) arn: ContactArn,
    /// Its type; `None` if this program does not know it.
    pub(crate) contact_type: Option<ContactType>,
    /// Its full name; empty if it has none.
    pub(crate) display_name: String,
    /// Its plan; `None` if this program can't express it.
    pub(crate) plan: Option<Plan>,
    /// All its tags, whoever wrote them.
    pub(crate) tags: Tags,
    /// All its channels, whoever made them; `None` if they were not read.
    pub(crate) channels: Option<Vec<Channel>>,
}
