//! Aliases and ARNs.

use std::fmt;

/// Most characters an alias may have (CreateContact, `Alias`).
const ALIAS_MAX: usize = 255;

/// A contact's short name, unique in its account and Region:
/// 1 to 255 of `a-z 0-9 _ -` (CreateContact, `Alias`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Alias(String);

impl Alias {
    /// Parses an alias; returns `None` if the API would refuse it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let allowed = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-');
        let fits = (1..=ALIAS_MAX).contains(&text.len()) && text.chars().all(allowed);
        fits.then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The parts of an ARN: `arn:<partition>:<service>:<region>:<account>:<resource>`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arn<'a> {
    /// Such as `aws` or `aws-cn`.
    pub(crate) partition: &'a str,
    /// Such as `ssm-contacts`.
    pub(crate) service: &'a str,
    /// Such as `us-east-1`.
    pub(crate) region: &'a str,
    /// Digits.
    pub(crate) account: &'a str,
    /// The rest, which may hold colons.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Parses an ARN of any service; returns `None` if it names no partition or account.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
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
pub(crate) struct AccountAndRegion {
    partition: String,
    region: String,
    account: String,
}

impl AccountAndRegion {
    /// Account and Region of an ARN of any service, such as the invoked function's.
    pub(crate) fn of_arn(arn: &str) -> Option<Self> {
        let arn = Arn::parse(arn)?;
        (!arn.region.is_empty()).then(|| Self {
            partition: arn.partition.to_owned(),
            region: arn.region.to_owned(),
            account: arn.account.to_owned(),
        })
    }

    /// The ARN of the contact with this alias. It follows from the alias alone.
    pub(crate) fn contact(&self, alias: &Alias) -> ContactArn {
        ContactArn { account_and_region: self.clone(), alias: alias.clone() }
    }
}

impl fmt::Display for AccountAndRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} in {}", self.account, self.region)
    }
}

/// `arn:<partition>:ssm-contacts:<region>:<account>:contact/<alias>`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ContactArn {
    account_and_region: AccountAndRegion,
    alias: Alias,
}

impl ContactArn {
    /// Parses the ARN of a contact; returns `None` for anything else, such as the ARN of a
    /// channel.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let arn = Arn::parse(text)?;
        let alias = Alias::parse(arn.resource.strip_prefix("contact/")?)?;
        let account_and_region = AccountAndRegion::of_arn(text)?;
        (arn.service == "ssm-contacts").then_some(Self { account_and_region, alias })
    }

    /// The alias, which is the last part of the ARN.
    pub(crate) fn alias(&self) -> &Alias {
        &self.alias
    }

    /// The ARN of another alias in the same account and Region.
    pub(crate) fn with_alias(&self, alias: &Alias) -> Self {
        self.account_and_region.contact(alias)
    }

    /// Whether the contact is in this account, in whatever Region.
    pub(crate) fn is_in_account_of(&self, other: &AccountAndRegion) -> bool {
        self.account_and_region.account == other.account
    }

    /// Account and alias, which identify a contact, whatever Region its ARN names.
    pub(crate) fn key(&self) -> (String, String) {
        (self.account_and_region.account.clone(), self.alias.0.clone())
    }

    /// Whether a text is the ARN of a channel of this contact. AWS's pages write
    /// `contact-channel/…`, `contactchannel/…` and `device/…`, each with `<alias>/<id>`.
    pub(crate) fn has_channel(&self, text: &str) -> bool {
        let Some(arn) = Arn::parse(text) else {
            return false;
        };
        let mut parts = arn.resource.splitn(3, '/');
        arn.service == "ssm-contacts"
            && arn.account == self.account_and_region.account
            && matches!(parts.next(), Some("contact-channel" | "contactchannel" | "device"))
            && parts.next() == Some(self.alias.as_str())
            && parts.next().is_some()
    }
}

impl fmt::Display for ContactArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let AccountAndRegion { partition, region, account } = &self.account_and_region;
        let alias = &self.alias;
        write!(f, "arn:{partition}:ssm-contacts:{region}:{account}:contact/{alias}")
    }
}

/// What identifies a channel, whatever Region its ARN names and however AWS calls its kind: account,
/// alias and id.
pub(crate) fn channel_key(arn: &str) -> Option<(&str, &str)> {
    let arn = Arn::parse(arn)?;
    let (_, alias_and_id) = arn.resource.split_once('/')?;
    Some((arn.account, alias_and_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";

    #[test]
    fn only_a_contacts_arn_is_a_contact() {
        for text in [
            ARN,
            "arn:aws-cn:ssm-contacts:cn-north-1:111122223333:contact/a",
            "arn:aws-us-gov:ssm-contacts:us-gov-west-1:1:contact/a_b-9",
        ] {
            assert_eq!(ContactArn::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "",
            "akuam",
            "arn:aws:ssm-contacts:us-east-2:111122223333:contact/Akuam",
            "arn:aws:ssm-contacts:us-east-2:111122223333:contact/",
            "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/1",
            "arn:aws:ssm-contacts::111122223333:contact/akuam",
            "arn:aws:ssm-contacts:us-east-2:account:contact/akuam",
            "arn:aws:lambda:us-east-2:111122223333:contact/akuam",
            "urn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam",
        ] {
            assert!(ContactArn::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_channel_belongs_to_the_contact_that_its_arn_names() {
        let contact = ContactArn::parse(ARN).unwrap();
        for (resource, expected) in [
            ("contact-channel/akuam/1", true),
            ("contactchannel/akuam/1", true),
            ("device/akuam/1", true),
            ("contact-channel/akua/1", false),
            ("rotation/akuam/1", false),
            ("device/akuam", false),
        ] {
            let arn = format!("arn:aws:ssm-contacts:us-west-2:111122223333:{resource}");
            assert_eq!(contact.has_channel(&arn), expected, "{resource}");
        }
        assert!(!contact.has_channel("arn:aws:ssm-contacts:us-east-2:999999999999:device/akuam/1"));
    }
}
