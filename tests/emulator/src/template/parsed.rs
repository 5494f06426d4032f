//! A template as a whole: its sections, and what they become in one environment.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::account::AccountValues;
use super::document::{Content, Member, Node, read};
use super::error::{Result, TemplateError};
use super::for_each::expand;
use super::functions::{LANGUAGE_EXTENSIONS, Place, Scope};
use super::parameters;
use super::resources::{Declared, declare, in_order, type_of};
use crate::cloudformation::{Expression, Template, scalar_text};

const SECTIONS: &str = "AWSTemplateFormatVersion Description Metadata Transform Parameters Rules Mappings \
    Conditions Resources Outputs";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    pub account: String,
    pub region: String,
    pub partition: String,
    pub stack_name: String,
    pub stack_id: String,
    pub service_token: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    pub name: String,
    pub value: Expression,
}

#[derive(Clone, Debug)]
pub struct ParsedTemplate {
    document: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedTemplate {
    pub template: Template,
    pub outputs: Vec<Output>,
    declared: Vec<Declared>,
    other_sections: Value,
}

impl ParsedTemplate {
    pub fn parse(text: &str) -> Result<Self> {
        let document = read(text)?;
        for section in document.map("a template")? {
            if !SECTIONS.split(' ').any(|known| known == section.name) {
                return section
                    .fails(format!("the emulator does not support the section {}", section.name));
            }
            if section.name != "Metadata" {
                section.value.check_functions()?;
            }
        }
        for transform in transforms(&document) {
            let name = transform.string("Transform")?;
            if name != LANGUAGE_EXTENSIONS {
                return transform
                    .fails(format!("the emulator does not support the transform {name}"));
            }
        }
        let resources = document.get("Resources");
        let resources = resources.ok_or_else(|| document.error("a template needs Resources"))?;
        if resources.map("Resources")?.is_empty() {
            return resources.fails("a template needs at least one resource");
        }
        Ok(Self { document })
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        let section = self.document.get("Parameters");
        let members = match section.map(|section| &section.content) {
            Some(Content::Map(members)) => members.as_slice(),
            _ => &[],
        };
        members.iter().map(|member| member.name.as_str())
    }

    pub fn resolve(
        &self,
        environment: &Environment,
        given: &BTreeMap<String, String>,
    ) -> Result<ResolvedTemplate> {
        self.resolve_in(&AccountValues::default(), environment, given)
    }

    pub(crate) fn resolve_in(
        &self,
        account: &AccountValues,
        environment: &Environment,
        given: &BTreeMap<String, String>,
    ) -> Result<ResolvedTemplate> {
        let mut scope = Scope {
            environment,
            account,
            parameters: parameters::values(self.document.get("Parameters"), given, account)?,
            extended: transforms(&self.document).next().is_some(),
            mappings: self.document.get("Mappings"),
            conditions: None,
            open: Cell::default(),
            resources: BTreeMap::new(),
        };
        let document = expand(&self.document, &scope)?;
        let section = |name: &str| match document.get(name) {
            Some(node) => node.map(name),
            None => Ok(&[][..]),
        };
        scope.conditions = document.get("Conditions");
        for condition in section("Conditions")? {
            scope.is_true(&condition.value, Place::Conditions)?;
        }
        for rule in section("Rules")? {
            check_rule(rule, &scope)?;
        }
        let resources = section("Resources")?;
        for member in resources {
            let resource_type = type_of(member, &scope)?;
            scope.resources.insert(member.name.clone(), resource_type);
        }
        let mut declared = Vec::new();
        for member in resources {
            if let Some(Some(resource_type)) = scope.resources.get(&member.name) {
                declared.push(declare(member, resource_type, &scope)?);
            }
        }
        let declared = in_order(declared)?;
        let mut outputs = Vec::new();
        for member in section("Outputs")? {
            outputs.extend(output(member, &scope)?);
        }
        Ok(ResolvedTemplate {
            outputs,
            template: declared.iter().fold(Template::new(), |template, it| {
                template.with(&it.logical_id, it.resource.clone())
            }),
            declared,
            other_sections: self.other_sections(),
        })
    }

    fn other_sections(&self) -> Value {
        let mut sections = self.document.to_json();
        if let Some(sections) = sections.as_object_mut() {
            sections.remove("Resources");
        }
        sections
    }
}

fn transforms(document: &Node) -> impl Iterator<Item = &Node> {
    let transform = document.get("Transform");
    transform.into_iter().flat_map(|node| match &node.content {
        Content::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    })
}

/// CloudFormation refuses the operation if an assertion of a rule fails.
fn check_rule(rule: &Member, scope: &Scope<'_>) -> Result<()> {
    let Member { name, line, value } = rule;
    if let Some(condition) = value.get("RuleCondition")
        && !scope.is_true(condition, Place::Rules)?
    {
        return Ok(());
    }
    let Some(Content::List(assertions)) = value.get("Assertions").map(|node| &node.content) else {
        let message = format!("the rule {name} has no list of Assertions");
        return Err(TemplateError::new(*line, message));
    };
    for assertion in assertions {
        let assert = assertion.get("Assert");
        let assert = assert.ok_or_else(|| assertion.error("an assertion has no Assert"))?;
        if !scope.is_true(assert, Place::Rules)? {
            let description = assertion.get("AssertDescription");
            let description = description.map(|node| node.string("AssertDescription"));
            let description = description.transpose()?.unwrap_or("an assertion is false");
            return assertion.fails(format!("the rule {name} refuses this: {description}"));
        }
    }
    Ok(())
}

fn output(member: &Member, scope: &Scope<'_>) -> Result<Option<Output>> {
    let Member { name, line, value } = member;
    if let Some(condition) = value.get("Condition")
        && !scope.condition(condition)?
    {
        return Ok(None);
    }
    if let Some(export) = value.get("Export").and_then(|export| export.get("Name")) {
        scope.constant_text(export, "the name of an export")?;
    }
    let Some(node) = value.get("Value") else {
        let message = format!("the output {name} has no Value");
        return Err(TemplateError::new(*line, message));
    };
    let wrong = || node.error(format!("the value of the output {name} is not a string"));
    let value = scope.with_ssm(node)?.ok_or_else(wrong)?;
    match &value {
        Expression::Constant(value) if scalar_text(value).is_none() => Err(wrong()),
        Expression::List(_) | Expression::Map(_) => Err(wrong()),
        _ => Ok(Some(Output { name: name.clone(), value })),
    }
}

impl ResolvedTemplate {
    fn declared(&self, logical_id: &str) -> Option<&Declared> {
        self.declared.iter().find(|it| it.logical_id == logical_id)
    }

    pub fn type_of(&self, logical_id: &str) -> Option<&str> {
        self.declared(logical_id).map(|it| it.resource_type.as_str())
    }

    pub(crate) fn has_type(&self, resource_type: &str) -> bool {
        self.declared.iter().any(|it| it.resource_type == resource_type)
    }

    /// Returns the logical ids, each after those that it depends on.
    pub fn logical_ids(&self) -> impl Iterator<Item = &str> {
        self.declared.iter().map(|it| it.logical_id.as_str())
    }

    pub(crate) fn error_at(&self, logical_id: &str, message: &str) -> TemplateError {
        match self.declared(logical_id) {
            Some(declared) => TemplateError::new(declared.line, message),
            None => TemplateError::without_line(message),
        }
    }

    /// Whether a resource has a `DeletionPolicy`, also if it is the default.
    pub(crate) fn has_deletion_policy(&self, logical_id: &str) -> bool {
        self.declared(logical_id).is_some_and(|it| it.has_deletion_policy)
    }

    /// Whether another template has the same sections beside the resources.
    pub(crate) fn has_same_other_sections(&self, other: &Self) -> bool {
        self.other_sections == other.other_sections
    }
}
