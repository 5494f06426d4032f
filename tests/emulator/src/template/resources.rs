//! The resources of a template: their attributes, and the order of their dependencies.

use super::document::{Content, Member, Node};
use super::error::{Result, TemplateError};
use super::functions::Scope;
use crate::cloudformation::{Expression, Policy, Resource, is_custom};
use crate::native::is_native;

const ATTRIBUTES: &str =
    "Type Properties Condition DependsOn DeletionPolicy UpdateReplacePolicy Metadata";

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) logical_id: String,
    pub(super) line: usize,
    pub(super) resource_type: String,
    pub(super) has_deletion_policy: bool,
    pub(super) resource: Resource,
}

/// Returns the type of a resource, or `None` if its condition is false.
pub(super) fn type_of(member: &Member, scope: &Scope<'_>) -> Result<Option<String>> {
    let Member { name, line, value } = member;
    if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        let message = format!("the logical id {name} is not alphanumeric");
        return Err(TemplateError::new(*line, message));
    }
    for attribute in value.map(name)? {
        if !ATTRIBUTES.split(' ').any(|known| known == attribute.name) {
            return attribute.fails(format!("the emulator does not support {}", attribute.name));
        }
    }
    let Some(kind) = value.get("Type") else {
        return Err(TemplateError::new(*line, format!("{name} has no Type")));
    };
    let resource_type = kind.string("Type")?;
    let is_custom = is_custom(resource_type) && resource_type.len() <= 60;
    if !is_custom && !is_native(resource_type) {
        return kind.fails(format!("the emulator does not support the type {resource_type}"));
    }
    match value.get("Condition") {
        None => Ok(Some(resource_type.to_owned())),
        Some(node) => Ok(scope.condition(node)?.then(|| resource_type.to_owned())),
    }
}

pub(super) fn declare(member: &Member, resource_type: &str, scope: &Scope<'_>) -> Result<Declared> {
    let Member { name, line, value } = member;
    let properties = match value.get("Properties") {
        Some(node) => {
            node.map("Properties")?;
            let compiled = scope.with_ssm(node)?;
            compiled.ok_or_else(|| node.error("Properties can't be AWS::NoValue"))?
        }
        None => Expression::Map(Vec::new()),
    };
    if is_custom(resource_type) {
        check_token(member, scope)?;
    }
    let policy = |name| match value.get(name) {
        Some(node) => policy(name, node, scope),
        None => Ok(Policy::Delete),
    };
    let resource = Resource::new(properties)
        .resource_type(resource_type)
        .depends_on(depends_on(value, scope)?)
        .deletion_policy(policy("DeletionPolicy")?)
        .update_replace_policy(policy("UpdateReplacePolicy")?);
    Ok(Declared {
        logical_id: name.clone(),
        line: *line,
        resource_type: resource_type.to_owned(),
        has_deletion_policy: value.get("DeletionPolicy").is_some(),
        resource,
    })
}

fn policy(name: &str, node: &Node, scope: &Scope<'_>) -> Result<Policy> {
    match scope.name(node, name)?.as_str() {
        "Delete" => Ok(Policy::Delete),
        "Retain" => Ok(Policy::Retain),
        "RetainExceptOnCreate" if name == "DeletionPolicy" => Ok(Policy::RetainExceptOnCreate),
        other => node.fails(format!("{name} can't be {other} for this type")),
    }
}

/// Returns the resources of `DependsOn`. One whose condition is false is ignored, as by
/// CloudFormation.
fn depends_on(resource: &Node, scope: &Scope<'_>) -> Result<Vec<String>> {
    let Some(node) = resource.get("DependsOn") else {
        return Ok(Vec::new());
    };
    let names = match &node.content {
        Content::List(items) => items.iter().collect(),
        _ => vec![node],
    };
    let mut existing = Vec::new();
    for node in names {
        let name = node.string("DependsOn")?;
        match scope.resources.get(name) {
            Some(Some(_)) => existing.push(name.to_owned()),
            Some(None) => {}
            None => return Err(node.error(format!("there is no resource {name}"))),
        }
    }
    Ok(existing)
}

fn check_token(member: &Member, scope: &Scope<'_>) -> Result<()> {
    let properties = member.value.get("Properties");
    let Some(node) = properties.and_then(|properties| properties.get("ServiceToken")) else {
        return member.fails(format!("{} has no ServiceToken", member.name));
    };
    let token = scope.constant_text(node, "ServiceToken")?;
    let ours = &scope.environment.service_token;
    if token != *ours {
        return Err(node.error(format!(
            "the emulator has no function {token}; write !ImportValue \
             ssm-contact-resource-ServiceToken or {ours}"
        )));
    }
    let Some(node) = properties.and_then(|properties| properties.get("ServiceTimeout")) else {
        return Ok(());
    };
    let seconds = scope.constant_text(node, "ServiceTimeout")?;
    match seconds.parse::<u32>() {
        Ok(1..=3600) => Ok(()),
        _ => node.fails("ServiceTimeout is not a number of seconds from 1 to 3600"),
    }
}

pub(super) fn in_order(mut waiting: Vec<Declared>) -> Result<Vec<Declared>> {
    let mut ordered = Vec::new();
    while !waiting.is_empty() {
        let is_ready = |declared: &Declared| {
            let needed = declared.resource.dependencies();
            waiting.iter().all(|other| !needed.contains(other.logical_id.as_str()))
        };
        let Some(next) = waiting.iter().position(is_ready) else {
            let names: Vec<&str> = waiting.iter().map(|it| it.logical_id.as_str()).collect();
            let message = format!("circular dependency between resources: {}", names.join(", "));
            let line = waiting.first().map_or(1, |first| first.line);
            return Err(TemplateError::new(line, message));
        };
        ordered.push(waiting.remove(next));
    }
    Ok(ordered)
}
