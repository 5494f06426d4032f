//! The function's settings, which come from its environment.

use crate::error::Error;
use crate::identity::OwnershipTags;
use crate::response_url::ResponseHosts;

/// What the person who deployed the function chose.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `OWNERSHIP_TAGS`: `on` (the default) or `off`. Where any setting is not allowed,
    /// it stands here, and every request is answered with it: an error at start-up
    /// would tell nobody.
    pub ownership_tags: Result<OwnershipTags, Error>,
    /// `RESPONSE_HOSTS`: hosts allowed in a ResponseURL besides CloudFormation's own.
    pub response_hosts: ResponseHosts,
}

impl Settings {
    /// Reads the settings; `variable` looks one up, an empty one counts as unset.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.trim().is_empty());
        let ownership_tags = match set("OWNERSHIP_TAGS").as_deref().map(str::trim) {
            None | Some("on") => Ok(OwnershipTags::On),
            Some("off") => Ok(OwnershipTags::Off),
            Some(other) => {
                let problem = format!("must be on or off, not {other:?}");
                Err(Error::setting("OWNERSHIP_TAGS", &problem))
            }
        };
        match ResponseHosts::parse(&set("RESPONSE_HOSTS").unwrap_or_default()) {
            Ok(response_hosts) => Self {
                ownership_tags,
                response_hosts,
            },
            Err(entry) => {
                let problem = format!(
                    "must be a comma-separated list of host or host:port; {entry:?} is neither"
                );
                Self {
                    ownership_tags: Err(Error::setting("RESPONSE_HOSTS", &problem)),
                    response_hosts: ResponseHosts::default(),
                }
            }
        }
    }
}
