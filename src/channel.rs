//! The channels of a contact: how a person is reached.
//!
//! An address is personal data. [`Address`] has no `Display`, and its `Debug` hides it.

use std::fmt;

use crate::contact::{Arn, ContactArn, Plan};

/// The type of a channel. It can't change once the channel exists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChannelType {
    /// Text messages.
    Sms,
    /// Calls.
    Voice,
    /// Mail.
    Email,
}

impl ChannelType {
    /// Every type, in the API's order.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Voice, Self::Email];

    /// The name that the API uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Voice => "VOICE",
            Self::Email => "EMAIL",
        }
    }

    /// Whether the addresses of this type are phone numbers.
    #[must_use]
    pub fn is_phone(self) -> bool {
        matches!(self, Self::Sms | Self::Voice)
    }
}

impl fmt::Display for ChannelType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A phone number or a mail address (`SimpleAddress`), which is personal data.
#[derive(Clone, Eq, PartialEq)]
pub struct Address(String);

impl Address {
    /// Wraps an address.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The address, for the API alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether two addresses of this type reach the same device. The service may return a
    /// phone number without its separators, and a mail address in another case.
    #[must_use]
    pub fn is_same_as(&self, other: &Self, channel_type: ChannelType) -> bool {
        let significant = |address: &Self| -> String {
            let address = address.0.chars();
            if channel_type.is_phone() {
                address
                    .filter(|c| *c == '+' || c.is_alphanumeric())
                    .collect()
            } else {
                address.flat_map(char::to_lowercase).collect()
            }
        };
        significant(self) == significant(other)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(***)")
    }
}

/// A channel that a template wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DesiredChannel {
    /// Its Name, which no other channel of the template has.
    pub name: String,
    /// Its type.
    pub channel_type: ChannelType,
    /// Its address.
    pub address: Address,
    /// Whether the service sends no activation code when it creates the channel.
    pub defer_activation: Option<bool>,
}

/// A channel of a contact as the service has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Channel {
    /// Its ARN.
    pub arn: String,
    /// Its Name. The service may allow several channels of one Name.
    pub name: String,
    /// Its type; `None` if this program does not know it.
    pub channel_type: Option<ChannelType>,
    /// Its address.
    pub address: Address,
    /// Whether its owner has activated it. The service engages no other channel.
    pub is_activated: bool,
}

impl Channel {
    /// Whether it has the type and the address that a template wants.
    #[must_use]
    pub fn reaches_as(&self, wanted: &DesiredChannel) -> bool {
        self.channel_type == Some(wanted.channel_type)
            && self
                .address
                .is_same_as(&wanted.address, wanted.channel_type)
    }
}

/// What a target of a template's plan names: the ARN of a channel, or the Name of one of the
/// template's own channels.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ChannelReference {
    /// `ContactChannelId`.
    Arn(String),
    /// `ContactChannelName`.
    Name(String),
}

impl ChannelReference {
    /// The ARN, if it is one.
    #[must_use]
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::Arn(arn) => Some(arn),
            Self::Name(_) => None,
        }
    }
}

/// The plan of a template, which may name channels by their Names.
pub type DesiredPlan = Plan<ChannelReference>;

impl DesiredPlan {
    /// Whether the plan names a channel by its Name.
    #[must_use]
    pub fn names_a_channel(&self) -> bool {
        self.channels().any(|channel| channel.arn().is_none())
    }

    /// The plan with the ARNs of the channels that it names.
    ///
    /// # Errors
    ///
    /// Returns the first Name for which `arn_of` returns `None`.
    pub fn resolve(&self, arn_of: impl Fn(&str) -> Option<String>) -> Result<Plan, String> {
        self.map_channels(|channel| match channel {
            ChannelReference::Arn(arn) => Ok(arn.clone()),
            ChannelReference::Name(name) => arn_of(name).ok_or_else(|| name.clone()),
        })
    }
}

/// Whether a text is the ARN of a channel of this contact. AWS's pages write both
/// `contact-channel/<alias>/<id>` and `contactchannel/<alias>/<id>`.
#[must_use]
pub fn is_channel_of(contact: &ContactArn, text: &str) -> bool {
    let Some(arn) = Arn::parse(text) else {
        return false;
    };
    let (kind, rest) = arn.resource.split_once('/').unwrap_or_default();
    let alias = rest.split_once('/').map(|(alias, _)| alias);
    arn.service == "ssm-contacts"
        && contact.account_and_region().is_account(arn.account)
        && matches!(kind, "contact-channel" | "contactchannel")
        && alias == Some(contact.alias().as_str())
}
