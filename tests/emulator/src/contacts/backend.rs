//! The contacts of the service and its rules, without HTTP.

mod activation;
mod channel;
mod channels;
mod contact;
mod contacts;
mod pages;
mod tags;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::constraints;
use super::error::Result;
use super::{ServiceError, Switches};
use channel::Channels;

pub use activation::SentCode;
pub use channel::Channel;
pub use contact::Contact;

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is independent")]
pub struct Backend {
    /// The Region. The default is `us-east-2`, as in the examples of the API reference.
    pub region: String,
    /// The account. The default is that of the examples of the API reference.
    pub account: String,
    /// Whether CreateContact returns ValidationException instead of ConflictException for an alias
    /// that is in use. Which one the real service returns is not confirmed.
    pub taken_alias_is_invalid: bool,
    pub refuses_tags: bool,
    pub has_no_replication_set: bool,
    /// Whether each channel is activated when it is created, as if its owner had entered the code.
    pub activates_new_channels: bool,
    pub denied: BTreeSet<&'static str>,
    pub switches: Switches,
    contacts: BTreeMap<String, Contact>,
    channels: Channels,
    sent_codes: Vec<SentCode>,
    contact_tokens: Tokens,
    channel_tokens: Tokens,
    /// The aliases of the contacts of each rotation.
    rotations: BTreeMap<String, BTreeSet<String>>,
}

/// The input and the ARN of the create with each idempotency token.
type Tokens = BTreeMap<String, (Value, String)>;

impl Default for Backend {
    fn default() -> Self {
        Self {
            region: "us-east-2".to_owned(),
            account: "111122223333".to_owned(),
            taken_alias_is_invalid: false,
            refuses_tags: false,
            has_no_replication_set: false,
            activates_new_channels: false,
            denied: BTreeSet::new(),
            switches: Switches::default(),
            contacts: BTreeMap::new(),
            channels: Channels::default(),
            sent_codes: Vec::new(),
            contact_tokens: Tokens::new(),
            channel_tokens: Tokens::new(),
            rotations: BTreeMap::new(),
        }
    }
}

type Output = Result<Value>;

impl Backend {
    pub fn arn(&self, alias: &str) -> String {
        let first_region = self.switches.first_region.as_ref();
        self.arn_in(first_region.unwrap_or(&self.region), alias)
    }

    fn arn_in(&self, region: &str, alias: &str) -> String {
        let account = &self.account;
        format!("arn:aws:ssm-contacts:{region}:{account}:contact/{alias}")
    }

    fn alias<'a>(&self, arn: &'a str) -> Option<&'a str> {
        [Some(&self.region), self.switches.first_region.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|region| arn.strip_prefix(&self.arn_in(region, "")))
    }

    pub fn contact(&self, alias: &str) -> Option<&Contact> {
        self.contacts.get(alias)
    }

    pub fn contacts(&self) -> &BTreeMap<String, Contact> {
        &self.contacts
    }

    /// Returns a contact to be changed without validation, as if in the console.
    pub fn contact_mut(&mut self, alias: &str) -> Option<&mut Contact> {
        self.contacts.get_mut(alias)
    }

    /// Adds a contact that the function did not create, and replaces one with the same alias.
    pub fn seed(&mut self, alias: &str, contact_type: &str, tags: &[(&str, &str)]) {
        let plan = match contact_type {
            "ONCALL_SCHEDULE" => json!({"RotationIds": []}),
            _ => json!({"Stages": []}),
        };
        let tags = tags.iter();
        let contact = Contact {
            arn: self.arn(alias),
            alias: alias.to_owned(),
            contact_type: contact_type.to_owned(),
            display_name: None,
            plan,
            tags: tags.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        };
        self.remove(alias);
        self.contacts.insert(alias.to_owned(), contact);
    }

    /// Removes a contact and its channels without validation, as if in the console.
    pub fn remove(&mut self, alias: &str) {
        self.channels.remove_all(alias);
        self.contacts.remove(alias);
    }

    pub fn expire_tokens(&mut self) {
        self.contact_tokens.clear();
        self.channel_tokens.clear();
    }

    /// Creates a rotation without contacts if it does not exist.
    pub(crate) fn add_rotation(&mut self, rotation: &str) {
        self.rotations.entry(rotation.to_owned()).or_default();
    }

    /// Adds a contact to a rotation, and creates the rotation if it does not exist. A contact of
    /// a rotation can't be deleted.
    pub fn add_to_rotation(&mut self, alias: &str, rotation: &str) {
        let aliases = self.rotations.entry(rotation.to_owned()).or_default();
        aliases.insert(alias.to_owned());
    }

    pub fn delete_rotation(&mut self, rotation: &str) {
        self.rotations.remove(rotation);
    }

    pub(crate) fn call(&mut self, operation: &str, input: &Value) -> Output {
        if self.denied.contains(operation) {
            return Err(denied(operation, "*"));
        }
        if self.has_no_replication_set {
            return Err(ServiceError::invalid("Account not found for the request"));
        }
        constraints::check(operation, input)?;
        match operation {
            "CreateContact" => self.create(input),
            "GetContact" => Ok(self.found(operation, input)?.output()),
            "UpdateContact" => self.update(input),
            "DeleteContact" => self.delete(input),
            "ListContacts" => Ok(self.list(input)),
            "TagResource" => self.tag(input),
            "UntagResource" => self.untag(input),
            "ListTagsForResource" => self.list_tags(input),
            "CreateContactChannel" => self.create_channel(input),
            "GetContactChannel" => Ok(self.found_channel(operation, input)?.1.output()),
            "UpdateContactChannel" => self.update_channel(input),
            "DeleteContactChannel" => self.delete_channel(input),
            "ListContactChannels" => self.list_channels(input),
            "SendActivationCode" => self.send_code(input),
            _ => self.activate(input),
        }
    }

    /// Returns the contact of a request. For an ARN of another account or Region, access is denied
    /// as by IAM.
    fn found(&mut self, operation: &str, input: &Value) -> Result<&mut Contact> {
        let of_tags = input.get("ResourceARN").is_some();
        let arn = text(input, if of_tags { "ResourceARN" } else { "ContactId" });
        let alias = self.alias(arn).ok_or_else(|| denied(operation, arn))?;
        let not_found = if of_tags && self.switches.gone_is_invalid_arn {
            ServiceError::invalid("Invalid resource Arn")
        } else {
            ServiceError::not_found(arn)
        };
        self.contacts.get_mut(alias).ok_or(not_found)
    }
}

fn denied(operation: &str, resource: &str) -> ServiceError {
    ServiceError::access_denied(&format!("ssm-contacts:{operation}"), resource)
}

/// Returns the ARN that the create with the token of a request returned, if there was one.
fn created(tokens: &Tokens, input: &Value) -> Result<Option<String>> {
    match tokens.get(text(input, "IdempotencyToken")) {
        Some((before, _)) if before != input => Err(ServiceError::invalid(
            "Invalid value provided - the idempotency token was used with other parameters",
        )),
        used => Ok(used.map(|(_, arn)| arn.clone())),
    }
}

fn remember(tokens: &mut Tokens, input: &Value, arn: &str) {
    let token = text(input, "IdempotencyToken");
    if !token.is_empty() {
        tokens.insert(token.to_owned(), (input.clone(), arn.to_owned()));
    }
}

/// Returns a member that is a string. It is empty if it is missing.
fn text<'a>(input: &'a Value, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn items<'a>(input: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = input.get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}
