//! The service's state and rules, apart from HTTP.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::ServiceError;
use super::constraints::{Fields, plan_fits};
use super::listing::list;

/// A contact as the service keeps it.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// Its ARN.
    pub arn: String,
    /// Its alias, unique in the account and Region.
    pub alias: String,
    /// PERSONAL, ESCALATION or ONCALL_SCHEDULE.
    pub contact_type: String,
    /// Its full name; `None` where it has none.
    pub display_name: Option<String>,
    /// Its plan, as it was sent.
    pub plan: Value,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Contact {
    /// What GetContact answers.
    #[must_use]
    pub fn output(&self) -> Value {
        let mut output = json!({
            "ContactArn": self.arn, "Alias": self.alias, "Type": self.contact_type, "Plan": self.plan,
        });
        if let (Some(name), Some(output)) = (&self.display_name, output.as_object_mut()) {
            output.insert("DisplayName".to_owned(), name.clone().into());
        }
        output
    }
}

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
    contacts: BTreeMap<String, Contact>,
    tokens: BTreeMap<String, (Value, String)>,
    /// The ARNs of the contacts that each rotation holds.
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
            contacts: BTreeMap::new(),
            tokens: BTreeMap::new(),
            rotations: BTreeMap::new(),
        }
    }
}

type Output = Result<Value, ServiceError>;

impl Backend {
    /// The ARN of the contact with this alias.
    #[must_use]
    pub fn arn(&self, alias: &str) -> String {
        let Self {
            region, account, ..
        } = self;
        format!("arn:aws:ssm-contacts:{region}:{account}:contact/{alias}")
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
        };
        self.contacts.insert(alias.to_owned(), contact);
    }

    /// Takes a contact away, as a person at the console would.
    pub fn vanish(&mut self, alias: &str) {
        self.contacts.remove(alias);
    }

    /// Lets every idempotency token lapse.
    pub fn forget_tokens(&mut self) {
        self.tokens.clear();
    }

    /// Makes a rotation depend on a contact, besides those that it depends on already;
    /// the contact then can't be deleted.
    pub fn hold(&mut self, alias: &str, rotation: &str) {
        let arn = self.arn(alias);
        let held = self.rotations.entry(rotation.to_owned()).or_default();
        held.insert(arn);
    }

    /// Takes the rotation away again.
    pub fn let_go(&mut self, rotation: &str) {
        self.rotations.remove(rotation);
    }

    /// Carries out one operation.
    ///
    /// # Errors
    ///
    /// Those of the service.
    pub fn call(&mut self, operation: &str, input: &Value) -> Output {
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
            "ListContacts" => list(&self.contacts, input),
            "TagResource" => self.tag(input),
            "UntagResource" => self.untag(input),
            "ListTagsForResource" => self.list_tags(input),
            other => Err(ServiceError::new(
                "UnknownOperationException",
                &format!("no operation {other}"),
            )),
        }
    }

    fn create(&mut self, input: &Value) -> Output {
        let mut fields = Fields::default();
        fields.alias(input, "Alias", true);
        fields.contact_type(input, true);
        fields.display_name(input);
        fields.token(input, "IdempotencyToken");
        fields.tags(input, false);
        fields.plan(input.get("Plan").unwrap_or(&Value::Null));
        fields.into_result()?;
        let text = |name: &str| {
            input
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (alias, contact_type, token) = (text("Alias"), text("Type"), text("IdempotencyToken"));
        if let Some((before, arn)) = self.tokens.get(&token) {
            return if before == input {
                Ok(json!({"ContactArn": arn}))
            } else {
                Err(ServiceError::invalid(
                    "Invalid value provided - the idempotency token was used with other parameters",
                ))
            };
        }
        let plan = input.get("Plan").cloned().unwrap_or_default();
        plan_fits(&contact_type, &plan, true)?;
        let tags = tags(input);
        if self.refuses_tags && !tags.is_empty() {
            return Err(tags_refused());
        }
        let arn = self.arn(&alias);
        if self.contacts.contains_key(&alias) {
            return Err(self.taken(&arn));
        }
        let contact = Contact {
            arn: arn.clone(),
            alias: alias.clone(),
            contact_type,
            display_name: Some(text("DisplayName")).filter(|name| !name.is_empty()),
            plan,
            tags,
        };
        self.contacts.insert(alias, contact);
        if !token.is_empty() {
            self.tokens.insert(token, (input.clone(), arn.clone()));
        }
        Ok(json!({"ContactArn": arn}))
    }

    fn taken(&self, arn: &str) -> ServiceError {
        if self.taken_alias_is_invalid {
            return ServiceError::invalid("Invalid value provided - Alias is already in use");
        }
        ServiceError::new("ConflictException", "A contact with this alias exists")
            .with("ResourceId", arn)
            .with("ResourceType", "CONTACT")
    }

    /// The contact that a request to an operation names. An ARN of another account or
    /// Region is refused as IAM would refuse it.
    fn found(&mut self, operation: &str, input: &Value) -> Result<&mut Contact, ServiceError> {
        let mut fields = Fields::default();
        let member = if operation.ends_with("Contact") {
            fields.arn(input, "ContactId");
            "ContactId"
        } else {
            fields.resource_arn(input);
            "ResourceARN"
        };
        fields.into_result()?;
        let arn = input
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(alias) = arn.strip_prefix(&self.arn("")) else {
            let action = format!("ssm-contacts:{operation}");
            return Err(ServiceError::access_denied(&action, arn));
        };
        self.contacts
            .get_mut(alias)
            .ok_or_else(|| ServiceError::not_found(arn))
    }

    fn update(&mut self, input: &Value) -> Output {
        let mut fields = Fields::default();
        fields.display_name(input);
        if let Some(plan) = input.get("Plan") {
            fields.plan(plan);
        }
        fields.into_result()?;
        let contact = self.found("UpdateContact", input)?;
        if let Some(plan) = input.get("Plan") {
            plan_fits(&contact.contact_type, plan, false)?;
            contact.plan = plan.clone();
        }
        if let Some(name) = input.get("DisplayName").and_then(Value::as_str) {
            contact.display_name = Some(name.to_owned()).filter(|name| !name.is_empty());
        }
        Ok(json!({}))
    }

    fn delete(&mut self, input: &Value) -> Output {
        let contact = self.found("DeleteContact", input)?.clone();
        let held: Vec<&String> = self
            .rotations
            .iter()
            .filter(|(_, arns)| arns.contains(&contact.arn))
            .map(|(rotation, _)| rotation)
            .collect();
        if !held.is_empty() {
            let dependents = json!([{"RelationType": "ROTATION", "DependentResourceIds": held}]);
            return Err(
                ServiceError::new("ConflictException", "The contact is in use")
                    .with("ResourceId", contact.arn)
                    .with("ResourceType", "CONTACT")
                    .with("DependentEntities", dependents),
            );
        }
        self.contacts.remove(&contact.alias);
        Ok(json!({}))
    }

    fn tag(&mut self, input: &Value) -> Output {
        let mut fields = Fields::default();
        fields.tags(input, true);
        fields.into_result()?;
        let refuses_tags = self.refuses_tags;
        let contact = self.found("TagResource", input)?;
        if refuses_tags {
            return Err(tags_refused());
        }
        let mut all = contact.tags.clone();
        all.extend(tags(input));
        if all.len() > 50 {
            return Err(
                ServiceError::new("ServiceQuotaExceededException", "Too many tags")
                    .with("QuotaCode", "L-TAGS")
                    .with("ServiceCode", "ssm-contacts"),
            );
        }
        contact.tags = all;
        Ok(json!({}))
    }

    fn untag(&mut self, input: &Value) -> Output {
        let mut fields = Fields::default();
        fields.tag_keys(input);
        fields.into_result()?;
        let contact = self.found("UntagResource", input)?;
        for key in input
            .get("TagKeys")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            contact.tags.remove(key.as_str().unwrap_or_default());
        }
        Ok(json!({}))
    }

    fn list_tags(&mut self, input: &Value) -> Output {
        let contact = self.found("ListTagsForResource", input)?;
        let tags: Vec<Value> = contact
            .tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        Ok(json!({"Tags": tags}))
    }
}

fn tags_refused() -> ServiceError {
    ServiceError::invalid(
        "You can only tag resources created in the first Region of your replication set",
    )
}

fn tags(input: &Value) -> BTreeMap<String, String> {
    let empty = Vec::new();
    let list = input
        .get("Tags")
        .and_then(Value::as_array)
        .unwrap_or(&empty);
    let member = |tag: &Value, name: &str| {
        tag.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    list.iter()
        .map(|tag| (member(tag, "Key"), member(tag, "Value")))
        .collect()
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
