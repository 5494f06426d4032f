//! The function's settings, which come from its environment.

use crate::error::Error;
use crate::identity::OwnershipTags;
use crate::response_url::ResponseHosts;

/// What the person who deployed the function chose.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `OWNERSHIP_TAGS`: `on` (the default) or `off`.
    pub ownership_tags: OwnershipTags,
    /// `RESPONSE_HOSTS`: hosts allowed in a ResponseURL besides CloudFormation's own.
    pub response_hosts: ResponseHosts,
}

impl Settings {
    /// Reads the settings; `variable` looks one up, an empty one counts as unset.
    ///
    /// # Errors
    ///
    /// A value that is not allowed, with what is.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        let ownership_tags = match set("OWNERSHIP_TAGS").as_deref().map(str::trim) {
            None | Some("on") => OwnershipTags::On,
            Some("off") => OwnershipTags::Off,
            Some(other) => {
                return Err(Error::setting(
                    "OWNERSHIP_TAGS",
                    &format!("must be on or off, not {other:?}"),
                ));
            }
        };
        let response_hosts = ResponseHosts::parse(&set("RESPONSE_HOSTS").unwrap_or_default())
            .map_err(|entry| {
                let problem = format!(
                    "must be a comma-separated list of host or host:port; {entry:?} is neither"
                );
                Error::setting("RESPONSE_HOSTS", &problem)
            })?;
        Ok(Self {
            ownership_tags,
            response_hosts,
        })
    }
}
