//! The contacts of the service and its rules, without HTTP.

mod channel;
mod channels;
mod contact;
mod create;
mod tags;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::clock::Clock;
use super::constraints::{Validator, plan_fits};
use super::listing::list;
use super::{ServiceError, Switches};
use channel::Channels;

pub use channel::Channel;
pub use contact::Contact;

/// The service in one account and Region.
#[derive(Clone, Debug)]
pub struct Backend {
    /// The Region. The default is `us-east-2`, as in the examples of the API reference.
    pub region: String,
    /// The account. The default is that of the examples of the API reference.
    pub account: String,
    /// Whether CreateContact returns ValidationException instead of ConflictException for an alias
    /// that is in use. Which one the real service returns is not confirmed.
    pub taken_alias_is_invalid: bool,
    /// Whether the service refuses tags, as it does outside the first Region of the replication
    /// set.
    pub refuses_tags: bool,
    /// Whether the account has no replication set.
    pub has_no_replication_set: bool,
    /// The operations for which the caller has no permission.
    pub denied: BTreeSet<&'static str>,
    /// Behaviour that the documents do not specify.
    pub switches: Switches,
    clock: Clock,
    contacts: BTreeMap<String, Contact>,
    channels: Channels,
    /// The input and the ARN of the CreateContact with each idempotency token.
    tokens: BTreeMap<String, (Value, String)>,
    /// The aliases of the contacts of each rotation.
    rotations: BTreeMap<String, BTreeSet<String>>,
}

impl Default for Backend {
    fn default() -> Self {
        Self {
            region: "us-east-2".to_owned(),
            account: "111122223333".to_owned(),
            taken_alias_is_invalid: false,
            refuses_tags: false,
            has_no_replication_set: false,
            denied: BTreeSet::new(),
            switches: Switches::default(),
            clock: Clock::default(),
            contacts: BTreeMap::new(),
            channels: Channels::default(),
            tokens: BTreeMap::new(),
            rotations: BTreeMap::new(),
        }
    }
}

type Output = Result<Value, ServiceError>;

impl Backend {
    /// Returns the ARN of a contact with this alias.
    #[must_use]
    pub fn arn(&self, alias: &str) -> String {
        let first_region = self.switches.first_region.as_ref();
        self.arn_in(first_region.unwrap_or(&self.region), alias)
    }

    fn arn_in(&self, region: &str, alias: &str) -> String {
        let account = &self.account;
        format!("arn:aws:ssm-contacts:{region}:{account}:contact/{alias}")
    }

    /// Returns the alias in an ARN of this account and of a Region that operations accept.
    fn alias<'a>(&self, arn: &'a str) -> Option<&'a str> {
        [Some(&self.region), self.switches.first_region.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|region| arn.strip_prefix(&self.arn_in(region, "")))
    }

    /// Returns the contact with this alias.
    #[must_use]
    pub fn contact(&self, alias: &str) -> Option<&Contact> {
        self.contacts.get(alias)
    }

    /// Returns all contacts by alias.
    #[must_use]
    pub fn contacts(&self) -> &BTreeMap<String, Contact> {
        &self.contacts
    }

    /// Returns a contact to be changed without validation, as if in the console.
    pub fn contact_mut(&mut self, alias: &str) -> Option<&mut Contact> {
        self.contacts.get_mut(alias)
    }

    /// Sets the clock. The default is the time since the backend was created. The creation times
    /// of existing contacts are not converted.
    pub fn set_clock(&mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) {
        self.clock = Clock::new(clock);
    }

    /// Adds a contact that the function did not create, and replaces one with the same alias.
    pub fn seed(&mut self, alias: &str, contact_type: &str, tags: &[(&str, &str)]) {
        let plan = match contact_type {
            "ONCALL_SCHEDULE" => json!({"RotationIds": []}),
            _ => json!({"Stages": []}),
        };
        let contact = Contact {
            arn: self.arn(alias),
            alias: alias.to_owned(),
            contact_type: contact_type.to_owned(),
            display_name: None,
            plan,
            tags: tags
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            creation: None,
        };
        self.channels.remove_all(alias);
        self.contacts.insert(alias.to_owned(), contact);
    }

    /// Removes a contact and its channels without validation, as if in the console.
    pub fn remove(&mut self, alias: &str) {
        self.channels.remove_all(alias);
        self.contacts.remove(alias);
    }

    /// Makes all idempotency tokens expire.
    pub fn expire_tokens(&mut self) {
        self.tokens.clear();
        self.channels.tokens.clear();
    }

    /// Adds a contact to a rotation, and creates the rotation if it does not exist. A contact of
    /// a rotation can't be deleted.
    pub fn add_to_rotation(&mut self, alias: &str, rotation: &str) {
        let aliases = self.rotations.entry(rotation.to_owned()).or_default();
        aliases.insert(alias.to_owned());
    }

    /// Deletes a rotation.
    pub fn delete_rotation(&mut self, rotation: &str) {
        self.rotations.remove(rotation);
    }

    /// Runs one operation.
    ///
    /// # Errors
    ///
    /// Returns an error if the service would.
    pub fn call(&mut self, operation: &str, input: &Value) -> Output {
        if self.denied.contains(operation) {
            let action = format!("ssm-contacts:{operation}");
            return Err(ServiceError::access_denied(&action, "*"));
        }
        if self.has_no_replication_set {
            return Err(ServiceError::new(
                "ValidationException",
                "Account not found for the request",
            )
            .with("Reason", "OTHER"));
        }
        match operation {
            "CreateContact" => self.create(input),
            "GetContact" => self.found(operation, input).map(|contact| contact.output()),
            "UpdateContact" => self.update(input),
            "DeleteContact" => self.delete(input),
            "ListContacts" => list(&self.contacts, |contact| self.is_readable(contact), input),
            "TagResource" => self.tag(input),
            "UntagResource" => self.untag(input),
            "ListTagsForResource" => self.list_tags(input),
            "CreateContactChannel" => self.create_channel(input),
            "GetContactChannel" => self.get_channel(input),
            "UpdateContactChannel" => self.update_channel(input),
            "DeleteContactChannel" => self.delete_channel(input),
            "ListContactChannels" => self.list_channels(input),
            other => Err(ServiceError::new(
                "UnknownOperationException",
                &format!("unknown operation {other}"),
            )),
        }
    }

    /// Returns the contact of a request. For an ARN of another account or Region, access is denied
    /// as by IAM.
    fn found(&mut self, operation: &str, input: &Value) -> Result<&mut Contact, ServiceError> {
        let mut validator = Validator::default();
        let of_tags = matches!(
            operation,
            "TagResource" | "UntagResource" | "ListTagsForResource"
        );
        let member = if of_tags {
            validator.resource_arn(input);
            "ResourceARN"
        } else {
            validator.arn(input, "ContactId");
            "ContactId"
        };
        validator.into_result()?;
        let arn = input
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(alias) = self.alias(arn) else {
            let action = format!("ssm-contacts:{operation}");
            return Err(ServiceError::access_denied(&action, arn));
        };
        let not_found = if of_tags && self.switches.gone_is_invalid_arn {
            ServiceError::invalid("Invalid resource Arn")
        } else {
            ServiceError::not_found(arn)
        };
        let contact = self.contacts.get(alias);
        let found = contact.is_some_and(|contact| self.is_readable(contact));
        self.contacts
            .get_mut(alias)
            .filter(|_| found)
            .ok_or(not_found)
    }

    /// Whether a contact exists for operations other than CreateContact.
    fn is_readable(&self, contact: &Contact) -> bool {
        contact.age(self.clock.now()) >= self.switches.readable_after
    }

    fn update(&mut self, input: &Value) -> Output {
        let mut validator = Validator::default();
        validator.display_name(input);
        if let Some(plan) = input.get("Plan") {
            validator.plan(plan);
        }
        validator.into_result()?;
        let plan = input.get("Plan");
        let plan = plan.map(|plan| self.switches.stored_plan(plan));
        let contact = self.found("UpdateContact", input)?;
        if let Some(plan) = plan {
            plan_fits(&contact.contact_type, &plan, false)?;
            contact.plan = plan;
        }
        if let Some(name) = input.get("DisplayName").and_then(Value::as_str) {
            contact.display_name = Some(name.to_owned()).filter(|name| !name.is_empty());
        }
        Ok(json!({}))
    }

    fn delete(&mut self, input: &Value) -> Output {
        let contact = self.found("DeleteContact", input)?.clone();
        let dependents = self.dependents(&contact.alias);
        if !dependents.is_empty() {
            return Err(
                ServiceError::conflict("The contact is in use", &contact.arn)
                    .with("DependentEntities", dependents),
            );
        }
        self.channels.remove_all(&contact.alias);
        self.contacts.remove(&contact.alias);
        Ok(json!({}))
    }

    /// Returns what keeps a contact from being deleted.
    fn dependents(&self, alias: &str) -> Vec<Value> {
        let rotations: Vec<&String> = self
            .rotations
            .iter()
            .filter(|(_, aliases)| aliases.contains(alias))
            .map(|(rotation, _)| rotation)
            .collect();
        let mut dependents = Vec::new();
        if !rotations.is_empty() {
            dependents.push(json!({"RelationType": "ROTATION", "DependentResourceIds": rotations}));
        }
        if self.switches.channels_block_delete {
            let arns: Vec<&str> = self.channels.of(alias).map(|c| c.arn.as_str()).collect();
            // The model allows 25 ids.
            dependents.extend(arns.chunks(25).map(
                |ids| json!({"RelationType": "CONTACT_CHANNEL", "DependentResourceIds": ids}),
            ));
        }
        dependents
    }
}

/// Returns the members of a request that the API does not define.
pub(super) fn unknown_members(operation: &str, input: &Map<String, Value>) -> Vec<String> {
    let known: &[&str] = match operation {
        "CreateContact" => &[
            "Alias",
            "DisplayName",
            "Type",
            "Plan",
            "Tags",
            "IdempotencyToken",
        ],
        "UpdateContact" => &["ContactId", "DisplayName", "Plan"],
        "GetContact" | "DeleteContact" => &["ContactId"],
        "TagResource" => &["ResourceARN", "Tags"],
        "UntagResource" => &["ResourceARN", "TagKeys"],
        "ListTagsForResource" => &["ResourceARN"],
        "ListContacts" => &["NextToken", "MaxResults", "AliasPrefix", "Type"],
        "CreateContactChannel" => &[
            "ContactId",
            "Name",
            "Type",
            "DeliveryAddress",
            "DeferActivation",
            "IdempotencyToken",
        ],
        "UpdateContactChannel" => &["ContactChannelId", "Name", "DeliveryAddress"],
        "GetContactChannel" | "DeleteContactChannel" => &["ContactChannelId"],
        "ListContactChannels" => &["ContactId", "NextToken", "MaxResults"],
        _ => return Vec::new(),
    };
    input
        .keys()
        .filter(|name| !known.contains(&name.as_str()))
        .cloned()
        .collect()
}
