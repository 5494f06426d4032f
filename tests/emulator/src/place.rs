//! An account and a Region.

use std::fmt;

use clap::Args;
use emulator::Emulator;
use regex::Regex;

#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The Region of the stack and its contacts
    #[arg(long, default_value = "us-east-2", value_parser = region)]
    pub(crate) region: String,

    /// The account of the stack and its contacts; the runtime interface emulator, and so SAM, gives
    /// every function 012345678912 in us-east-1
    #[arg(long, default_value = "111122223333", value_parser = account)]
    pub(crate) account: String,
}

impl Place {
    pub(crate) fn of_stack(stack_id: &str) -> Result<Self, String> {
        let parts: Vec<&str> = stack_id.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", "aws", "cloudformation", region, account, resource]
                if resource.starts_with("stack/") =>
            {
                Ok(Self { region: self::region(region)?, account: self::account(account)? })
            }
            ["arn", partition, "cloudformation", ..] if *partition != "aws" => Err(format!(
                "the emulator has only the partition aws, and the StackId is of {partition}"
            )),
            _ => Err(format!("the StackId is no ARN of a stack: {stack_id}")),
        }
    }

    pub(crate) fn moved(&self, text: &str, to: &Self) -> String {
        let part = |place: &Self| format!(":{}:{}:", place.region, place.account);
        text.replace(&part(self), &part(to))
    }

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
    let is_region = Regex::new("^[a-z]{2}(-[a-z]+)+-[0-9]$").is_ok_and(|form| form.is_match(text));
    if !is_region {
        return Err(format!("{text} is no name of a Region"));
    }
    if text.starts_with("cn-") || text.starts_with("us-gov-") {
        return Err(format!(
            "{text} is of another partition than aws, which the emulator does not have"
        ));
    }
    Ok(text.to_owned())
}

pub(crate) fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.chars().all(|c| c.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("{text} is no account: it has 12 digits"))
    }
}
