//! What a template reads from its account.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::Environment;

/// The export of the function's stack, if that has the name of the documents.
const FUNCTION: &str = "ssm-contact-resource-ServiceToken";

/// The version of CDK's bootstrap stack. `cdk synth` adds a rule that requires at least 6.
const BOOTSTRAP_VERSION: &str = "30";

#[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
static REFERENCE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{\{resolve:ssm:([a-zA-Z0-9_./-]+)(:\d+)?\}\}").unwrap());

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountValues {
    /// The values of Parameter Store. A name with a colon and a number is that of a version.
    pub ssm: BTreeMap<String, String>,
    pub exports: BTreeMap<String, String>,
}

impl AccountValues {
    /// Returns the value of a parameter of Parameter Store. That of CDK's bootstrap stack is there
    /// by default, because every template of CDK reads it.
    pub(super) fn ssm(&self, name: &str) -> Result<String, String> {
        if let Some(value) = self.ssm.get(name) {
            return Ok(value.clone());
        }
        if name.starts_with("/cdk-bootstrap/") && name.ends_with("/version") {
            return Ok(BOOTSTRAP_VERSION.to_owned());
        }
        Err(format!("Parameter Store has no {name}; --ssm {name}=… gives it a value"))
    }

    /// Returns a text with the values of `{{resolve:ssm:…}}`. Other dynamic references stay text in
    /// a custom resource.
    pub(super) fn with_references(&self, text: &str) -> Result<String, String> {
        let mut error = None;
        let replaced = REFERENCE.replace_all(text, |found: &Captures<'_>| {
            let name = found.get(1).map_or("", |name| name.as_str());
            let version = found.get(2).map_or("", |version| version.as_str());
            let of_version = self.ssm.get(&format!("{name}{version}")).cloned();
            of_version.map_or_else(|| self.ssm(name), Ok).unwrap_or_else(|why| {
                error = Some(why);
                String::new()
            })
        });
        match error {
            Some(error) => Err(error),
            None => Ok(replaced.into_owned()),
        }
    }

    pub(super) fn export(&self, name: &str, environment: &Environment) -> Option<String> {
        let of_function = (name == FUNCTION).then(|| environment.service_token.clone());
        self.exports.get(name).cloned().or(of_function)
    }
}
