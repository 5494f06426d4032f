//! `CreateContact`.

use serde_json::{Value, json};

use super::contact::Creation;
use super::tags::{tags, tags_refused};
use super::{Backend, Contact, Output};
use crate::contacts::ServiceError;
use crate::contacts::constraints::{Validator, plan_fits};

impl Backend {
    pub(super) fn create(&mut self, input: &Value) -> Output {
        let mut validator = Validator::default();
        validator.alias(input, "Alias", true);
        validator.contact_type(input, true);
        validator.display_name(input);
        validator.token(input, "IdempotencyToken");
        validator.tags(input, false);
        validator.plan(input.get("Plan").unwrap_or(&Value::Null));
        validator.into_result()?;
        let text = |name: &str| {
            input
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (alias, contact_type, token) = (text("Alias"), text("Type"), text("IdempotencyToken"));
        if let Some((before, arn)) = self.tokens.get(&token) {
            if before != input {
                return Err(ServiceError::invalid(
                    "Invalid value provided - the idempotency token was used with other parameters",
                ));
            }
            let contact = self.contacts.get(&alias);
            let in_progress = contact.is_some_and(|contact| !self.is_readable(contact));
            if in_progress && self.switches.same_token_conflicts_meanwhile {
                return Err(ServiceError::conflict(
                    "A create with this token is in progress",
                    arn,
                ));
            }
            return Ok(json!({"ContactArn": arn}));
        }
        let plan = input.get("Plan").unwrap_or(&Value::Null);
        plan_fits(&contact_type, plan, true)?;
        let tags = tags(input);
        if self.refuses_tags && !tags.is_empty() {
            return Err(tags_refused());
        }
        let arn = self.arn(&alias);
        self.check_alias_and_quota(&alias, &arn)?;
        let contact = Contact {
            arn: arn.clone(),
            alias: alias.clone(),
            contact_type,
            display_name: Some(text("DisplayName")).filter(|name| !name.is_empty()),
            plan: self.switches.stored_plan(plan),
            creation: Some(Creation {
                at: self.clock.now(),
                tags: tags.clone(),
            }),
            tags,
        };
        self.contacts.insert(alias, contact);
        if !token.is_empty() {
            self.tokens.insert(token, (input.clone(), arn.clone()));
        }
        Ok(json!({"ContactArn": arn}))
    }

    fn check_alias_and_quota(&self, alias: &str, arn: &str) -> Result<(), ServiceError> {
        let taken = self.contacts.contains_key(alias);
        let full = self
            .switches
            .quota
            .is_some_and(|quota| self.contacts.len() >= quota);
        if taken && !(full && self.switches.quota_before_alias) {
            return Err(self.taken(arn));
        }
        if full {
            return Err(
                ServiceError::quota_exceeded("L-CONTACTS", "Too many contacts")
                    .with("ResourceId", alias)
                    .with("ResourceType", "CONTACT"),
            );
        }
        Ok(())
    }

    fn taken(&self, arn: &str) -> ServiceError {
        if self.taken_alias_is_invalid {
            return ServiceError::invalid("Invalid value provided - Alias is already in use");
        }
        ServiceError::conflict("A contact with this alias exists", arn)
    }
}
