//! The service's state and rules, apart from HTTP.

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

pub use contact::Contact;

/// The contacts of one account and Region.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Region, `us-east-2` as in the API page's example.
    pub region: String,
    /// Account.
    pub account: String,
    /// Answers a taken alias with ValidationException instead of ConflictException:
    /// which one the real service uses is not confirmed.
    pub taken_alias_is_invalid: bool,
    /// Whether tags are refused, as outside the replication set's first Region.
    pub refuses_tags: bool,
    /// Whether Incident Manager is not set up here.
    pub has_no_replication_set: bool,
    /// The operations that the caller's role does not allow.
    pub denied: BTreeSet<&'static str>,
    /// How the service behaves where its documents leave it open.
    pub switches: Switches,
    clock: Clock,
    contacts: BTreeMap<String, Contact>,
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
            tokens: BTreeMap::new(),
            rotations: BTreeMap::new(),
        }
    }
}

type Output = Result<Value, ServiceError>;

impl Backend {
    /// The ARN that the service gives a contact of this alias.
    #[must_use]
    pub fn arn(&self, alias: &str) -> String {
        let first_region = self.switches.first_region.as_ref();
        self.arn_in(first_region.unwrap_or(&self.region), alias)
    }

    fn arn_in(&self, region: &str, alias: &str) -> String {
        let account = &self.account;
        format!("arn:aws:ssm-contacts:{region}:{account}:contact/{alias}")
    }

    /// The alias in an ARN of this account, in one of the Regions that the service knows.
    fn alias<'a>(&self, arn: &'a str) -> Option<&'a str> {
        [Some(&self.region), self.switches.first_region.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|region| arn.strip_prefix(&self.arn_in(region, "")))
    }

    /// The contact with this alias.
    #[must_use]
    pub fn contact(&self, alias: &str) -> Option<&Contact> {
        self.contacts.get(alias)
    }

    /// All contacts, by alias.
    #[must_use]
    pub fn contacts(&self) -> &BTreeMap<String, Contact> {
        &self.contacts
    }

    /// Changes a contact past the rules, as a person at the console would.
    pub fn contact_mut(&mut self, alias: &str) -> Option<&mut Contact> {
        self.contacts.get_mut(alias)
    }

    /// Takes the time from this clock, in place of the time since the backend was made. The
    /// times of contacts that are there already are not converted.
    pub fn set_clock(&mut self, clock: impl Fn() -> Duration + Send + Sync + 'static) {
        self.clock = Clock::new(clock);
    }

    /// Puts a contact there that the function did not make.
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
        self.contacts.insert(alias.to_owned(), contact);
    }

    /// Removes a contact, as a person at the console would.
    pub fn remove(&mut self, alias: &str) {
        self.contacts.remove(alias);
    }

    /// Lets every idempotency token lapse.
    pub fn forget_tokens(&mut self) {
        self.tokens.clear();
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

    /// Carries out one operation.
    ///
    /// # Errors
    ///
    /// Those of the service.
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
            other => Err(ServiceError::new(
                "UnknownOperationException",
                &format!("no operation {other}"),
            )),
        }
    }

    /// The contact that a request to an operation names. An ARN of another account or
    /// Region is refused as IAM would refuse it.
    fn found(&mut self, operation: &str, input: &Value) -> Result<&mut Contact, ServiceError> {
        let mut validator = Validator::default();
        let of_tags = !operation.ends_with("Contact");
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
        let gone = if of_tags && self.switches.gone_is_invalid_arn {
            ServiceError::invalid("Invalid resource Arn")
        } else {
            ServiceError::not_found(arn)
        };
        let contact = self.contacts.get(alias);
        let found = contact.is_some_and(|contact| self.is_readable(contact));
        self.contacts.get_mut(alias).filter(|_| found).ok_or(gone)
    }

    /// Whether the operations other than CreateContact know a contact by now.
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
        let rotations: Vec<&String> = self
            .rotations
            .iter()
            .filter(|(_, aliases)| aliases.contains(&contact.alias))
            .map(|(rotation, _)| rotation)
            .collect();
        if !rotations.is_empty() {
            let dependents =
                json!([{"RelationType": "ROTATION", "DependentResourceIds": rotations}]);
            return Err(
                ServiceError::conflict("The contact is in use", &contact.arn)
                    .with("DependentEntities", dependents),
            );
        }
        self.contacts.remove(&contact.alias);
        Ok(json!({}))
    }
}

/// Members of a request that the API does not have.
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
        _ => return Vec::new(),
    };
    input
        .keys()
        .filter(|name| !known.contains(&name.as_str()))
        .cloned()
        .collect()
}
