//! The operations on contacts.

use serde_json::{Value, json};

use super::pages::page;
use super::tags::{tags, tags_refused};
use super::{Backend, Contact, Output, created, items, remember, text};
use crate::contacts::error::{Result, ServiceError};
use crate::contacts::rules::{plan_fits, targets};

impl Backend {
    pub(super) fn create(&mut self, input: &Value) -> Output {
        let (alias, contact_type) = (text(input, "Alias"), text(input, "Type"));
        if let Some(arn) = created(&self.contact_tokens, input)? {
            return Ok(json!({"ContactArn": arn}));
        }
        let plan = input.get("Plan").unwrap_or(&Value::Null);
        plan_fits(contact_type, plan, true)?;
        let tags = tags(input);
        if self.refuses_tags && !tags.is_empty() {
            return Err(tags_refused());
        }
        let arn = self.arn(alias);
        self.check_alias_and_quota(alias, &arn)?;
        if let Some(unknown) = self.unknown_target(alias, plan) {
            // The model has no ResourceNotFoundException for this operation.
            let message = format!("Invalid value provided - {unknown} was not found");
            return Err(ServiceError::invalid(&message));
        }
        let contact = Contact {
            arn: arn.clone(),
            alias: alias.to_owned(),
            contact_type: contact_type.to_owned(),
            display_name: display_name(input),
            plan: self.switches.stored_plan(plan),
            tags,
        };
        self.contacts.insert(alias.to_owned(), contact);
        remember(&mut self.contact_tokens, input, &arn);
        Ok(json!({"ContactArn": arn}))
    }

    fn check_alias_and_quota(&self, alias: &str, arn: &str) -> Result<()> {
        let switches = &self.switches;
        let quota = switches.quota;
        let full = quota.is_some_and(|quota| self.contacts.len() >= quota);
        if self.contacts.contains_key(alias) && !(full && switches.quota_before_alias) {
            return Err(if self.taken_alias_is_invalid {
                ServiceError::invalid("Invalid value provided - Alias is already in use")
            } else if switches.taken_alias_names_no_contact {
                ServiceError::new("ConflictException", "A contact with this alias exists")
            } else {
                ServiceError::conflict("A contact with this alias exists", arn)
            });
        }
        if full {
            let error = ServiceError::quota_exceeded("L-CONTACTS", "Too many contacts");
            let error = error.with("ResourceId", alias);
            return Err(error.with("ResourceType", "CONTACT"));
        }
        Ok(())
    }

    /// Returns the first ARN in the plan of a contact that is not one of an existing contact or
    /// rotation or of a channel of this contact.
    fn unknown_target<'a>(&self, alias: &str, plan: &'a Value) -> Option<&'a str> {
        if !self.switches.refuses_unknown_targets {
            return None;
        }
        let rotations = items(plan, "RotationIds").filter_map(Value::as_str);
        let mut unknown = rotations.filter(|id| !self.rotations.contains_key(*id));
        let mut targets = targets(plan).filter_map(|target| {
            let named = |info: &str, name: &str| target.get(info)?.get(name)?.as_str();
            if let Some(id) = named("ChannelTargetInfo", "ContactChannelId") {
                let channel = self.channel(id);
                return Some(id).filter(|_| channel.is_none_or(|(owner, _)| owner != alias));
            }
            let id = named("ContactTargetInfo", "ContactId")?;
            let known = self.alias(id).is_some_and(|alias| self.contacts.contains_key(alias));
            Some(id).filter(|_| !known)
        });
        unknown.next().or_else(|| targets.next())
    }

    pub(super) fn update(&mut self, input: &Value) -> Output {
        let contact = self.found("UpdateContact", input)?.clone();
        let plan = input.get("Plan").filter(|plan| !plan.is_null());
        if let Some(plan) = plan {
            plan_fits(&contact.contact_type, plan, false)?;
            if let Some(unknown) = self.unknown_target(&contact.alias, plan) {
                return Err(ServiceError::not_found(unknown));
            }
        }
        let plan = plan.map(|plan| self.switches.stored_plan(plan));
        if let Some(contact) = self.contacts.get_mut(&contact.alias) {
            contact.plan = plan.unwrap_or_else(|| contact.plan.clone());
            if input.get("DisplayName").is_some_and(Value::is_string) {
                contact.display_name = display_name(input);
            }
        }
        Ok(json!({}))
    }

    pub(super) fn delete(&mut self, input: &Value) -> Output {
        let contact = self.found("DeleteContact", input)?.clone();
        let dependents = self.dependents(&contact.alias);
        if !dependents.is_empty() {
            let error = ServiceError::conflict("The contact is in use", &contact.arn);
            return Err(error.with("DependentEntities", dependents));
        }
        self.remove(&contact.alias);
        Ok(json!({}))
    }

    fn dependents(&self, alias: &str) -> Vec<Value> {
        let rotations = self.rotations.iter();
        let rotations = rotations.filter(|(_, aliases)| aliases.contains(alias));
        let rotations: Vec<&str> = rotations.map(|(rotation, _)| rotation.as_str()).collect();
        let mut channels: Vec<&str> = Vec::new();
        if self.switches.channels_block_delete {
            channels.extend(self.channels.of(alias).map(|channel| channel.arn.as_str()));
        }
        let entity = |relation: &'static str| {
            move |ids: &[&str]| {
                let ids = json!(ids);
                json!({"RelationType": relation, "DependentResourceIds": ids})
            }
        };
        // The model allows 25 ids.
        let rotations = rotations.chunks(25).map(entity("ROTATION"));
        let channels = channels.chunks(25).map(entity("CONTACT_CHANNEL"));
        rotations.chain(channels).collect()
    }

    pub(super) fn list(&self, input: &Value) -> Value {
        let (prefix, contact_type) = (text(input, "AliasPrefix"), text(input, "Type"));
        let matching = self.contacts.values().filter(|contact| {
            contact.alias.starts_with(prefix)
                && [contact.contact_type.as_str(), ""].contains(&contact_type)
        });
        let summaries = matching.map(|contact| {
            let mut summary = contact.output();
            if let Some(summary) = summary.as_object_mut() {
                summary.remove("Plan");
            }
            (contact.alias.as_str(), summary)
        });
        page("Contacts", summaries, input, self.switches.contacts_per_page)
    }
}

fn display_name(input: &Value) -> Option<String> {
    let name = text(input, "DisplayName");
    Some(name.to_owned()).filter(|name| !name.is_empty())
}
