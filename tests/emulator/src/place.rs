//! An account and a Region.

use std::fmt;

use emulator::Emulator;

/// The account and the Region of the contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) account: String,
}

impl Place {
    /// Returns the place of a stack.
    pub(crate) fn of_stack(stack_id: &str) -> Result<Self, String> {
        let parts: Vec<&str> = stack_id.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", "aws", "cloudformation", region, account, resource]
                if resource.starts_with("stack/") =>
            {
                Ok(Self {
                    region: self::region(region)?,
                    account: self::account(account)?,
                })
            }
            ["arn", partition, "cloudformation", ..] if *partition != "aws" => Err(format!(
                "the emulator has only the partition aws, and the StackId is of {partition}"
            )),
            _ => Err(format!("the StackId is no ARN of a stack: {stack_id}")),
        }
    }

    /// Returns a text with all ARNs of this place moved to another one.
    pub(crate) fn moved(&self, text: &str, to: &Self) -> String {
        let part = |place: &Self| format!(":{}:{}:", place.region, place.account);
        text.replace(&part(self), &part(to))
    }

    /// Moves the contacts of an emulator to this place.
    pub(crate) fn set(&self, emulator: &Emulator) {
        emulator.contacts.backend(|backend| {
            backend.region.clone_from(&self.region);
            backend.account.clone_from(&self.account);
        });
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.account, self.region)
    }
}

/// Checks the name of a Region of the partition `aws`. New Regions have names of the same form.
pub(crate) fn region(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let is_name = |part: &&str| part.chars().all(|c| c.is_ascii_lowercase()) && !part.is_empty();
    let is_region = match parts.as_slice() {
        [area, names @ .., number] => {
            area.len() == 2
                && is_name(area)
                && !names.is_empty()
                && names.iter().all(is_name)
                && number.len() == 1
                && number.chars().all(|c| c.is_ascii_digit())
        }
        _ => false,
    };
    let is_other_partition = text.starts_with("cn-") || text.starts_with("us-gov-");
    if is_region && !is_other_partition {
        Ok(text.to_owned())
    } else if is_region {
        Err(format!(
            "{text} is of another partition than aws, which the emulator does not have"
        ))
    } else {
        Err(format!("{text} is no name of a Region"))
    }
}

/// Checks the id of an account.
pub(crate) fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text} is no account: it has 12 digits"))
    }
}
