//! The function's settings, from its environment.

use crate::error::Error;
use crate::identity::OwnershipTags;
use crate::response_url::ResponseHosts;

/// What the person who deployed the function chose.
///
/// A setting that is not allowed is reported in every answer. An error at start-up would leave
/// every stack waiting.
#[derive(Clone, Debug)]
pub struct Settings {
    ownership_tags: Result<OwnershipTags, Error>,
    response_hosts: Result<ResponseHosts, Error>,
}

impl Settings {
    /// Reads the settings. `variable` returns the value of a variable; an empty value
    /// counts as unset.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        Self {
            ownership_tags: ownership_tags(set("OWNERSHIP_TAGS").as_deref()),
            response_hosts: response_hosts(&set("RESPONSE_HOSTS").unwrap_or_default()),
        }
    }

    /// `OWNERSHIP_TAGS`: `on` (the default) or `off`.
    ///
    /// # Errors
    ///
    /// Returns an error if this or any other setting is not allowed.
    pub fn ownership_tags(&self) -> Result<OwnershipTags, Error> {
        self.response_hosts.as_ref().map_err(Clone::clone)?;
        self.ownership_tags.clone()
    }

    /// `RESPONSE_HOSTS`: hosts allowed in a ResponseURL besides CloudFormation's own. If the
    /// setting is not allowed, there are none.
    #[must_use]
    pub fn response_hosts(&self) -> ResponseHosts {
        self.response_hosts.clone().unwrap_or_default()
    }
}

fn ownership_tags(value: Option<&str>) -> Result<OwnershipTags, Error> {
    match value.map(str::trim) {
        None | Some("on") => Ok(OwnershipTags::On),
        Some("off") => Ok(OwnershipTags::Off),
        Some(other) => {
            let problem = format!("must be on or off, not {other:?}");
            Err(Error::invalid_setting("OWNERSHIP_TAGS", problem))
        }
    }
}

fn response_hosts(value: &str) -> Result<ResponseHosts, Error> {
    ResponseHosts::parse(value).map_err(|entry| {
        let problem =
            format!("must be a comma-separated list of host or host:port; {entry:?} is neither");
        Error::invalid_setting("RESPONSE_HOSTS", problem)
    })
}
