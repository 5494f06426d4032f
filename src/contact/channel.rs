//! The channels of a contact: how a person is reached.

use std::fmt;

/// The type of a channel. It can't change once the channel exists.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ChannelType {
    /// Text messages.
    Sms,
    /// Calls.
    Voice,
    /// Mail.
    Email,
}

impl ChannelType {
    /// Every type, in the API's order.
    pub(crate) const ALL: [Self; 3] = [Self::Sms, Self::Voice, Self::Email];

    /// The name that the API uses.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Voice => "VOICE",
            Self::Email => "EMAIL",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// Whether the addresses of this type are phone numbers.
    pub(crate) fn is_phone(self) -> bool {
        matches!(self, Self::Sms | Self::Voice)
    }
}

/// A phone number or a mail address (`SimpleAddress`), which is personal data: it has no
/// `Display`, and its `Debug` hides it.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Address(String);

impl Address {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The address, for the API alone.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether two addresses of this type reach the same device. The service may return a
    /// phone number without its separators, and a mail address in another case.
    pub(crate) fn is_same_as(&self, other: &Self, channel_type: ChannelType) -> bool {
        let significant = |address: &Self| -> String {
            let address = address.0.chars();
            if channel_type.is_phone() {
                address.filter(|c| *c == '+' || c.is_alphanumeric()).collect()
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

/// A channel of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct DesiredChannel {
    /// Its Name, which no other channel of the template has.
    pub(crate) name: String,
    pub(crate) channel_type: ChannelType,
    pub(crate) address: Address,
    /// Whether the service sends no activation code when it creates the channel.
    pub(crate) defer_activation: Option<bool>,
}

impl DesiredChannel {
    /// Whether another template's channel has the same type and address.
    pub(crate) fn has_type_and_address_of(&self, other: &Self) -> bool {
        self.channel_type == other.channel_type
            && self.address.is_same_as(&other.address, self.channel_type)
    }
}

/// A channel of a contact as the service has it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Channel {
    pub(crate) arn: String,
    /// Its Name. The service may allow several channels of one Name.
    pub(crate) name: String,
    /// Its type; `None` if this program does not know it.
    pub(crate) channel_type: Option<ChannelType>,
    pub(crate) address: Address,
    /// Whether its owner has activated it. The service engages no other channel.
    pub(crate) is_activated: bool,
}

impl Channel {
    /// Whether it has the type and the address of a template's channel.
    pub(crate) fn has_type_and_address_of(&self, desired: &DesiredChannel) -> bool {
        self.channel_type == Some(desired.channel_type)
            && self.address.is_same_as(&desired.address, desired.channel_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_equal_without_separators_and_without_case() {
        for (channel_type, one, other, expected) in [
            (ChannelType::Sms, "+1 (206) 555-0107", "+12065550107", true),
            (ChannelType::Voice, "+1.206", "+1206", true),
            (ChannelType::Sms, "+1206", "+1207", false),
            (ChannelType::Email, "Akua@Example.com", "akua@example.com", true),
            (ChannelType::Email, "a.b@example.com", "ab@example.com", false),
        ] {
            let same = Address::new(one).is_same_as(&Address::new(other), channel_type);
            assert_eq!(same, expected, "{one} {other}");
        }
    }

    #[test]
    fn no_debug_shows_an_address() {
        let channel = DesiredChannel {
            name: "mobile".to_owned(),
            channel_type: ChannelType::Sms,
            address: Address::new("+12065550107"),
            defer_activation: None,
        };
        assert!(!format!("{channel:?}").contains("206"));
    }
}
