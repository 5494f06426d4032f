//! The resources to import of a change set, and the rules of an import (user guide,
//! resource-import).

use serde_json::Value;

use crate::native::Natives;
use crate::template::{ResolvedTemplate, TemplateError};

/// A resource to import: an entry of the file for `--resources-to-import`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// `LogicalResourceId`.
    pub logical_id: String,
    /// `ResourceType`.
    pub resource_type: String,
    /// `Arn` of `ResourceIdentifier`.
    pub arn: String,
}

impl Import {
    /// Reads the file for `--resources-to-import`.
    pub fn read(text: &str) -> Result<Vec<Self>, String> {
        let list: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let list = list.as_array().ok_or("this is no list of resources")?;
        list.iter().map(Self::entry).collect()
    }

    fn entry(entry: &Value) -> Result<Self, String> {
        let text = |value: Option<&Value>, name: &str| {
            let text = value.and_then(|value| value.get(name)?.as_str());
            let text = text.map(ToOwned::to_owned);
            text.ok_or_else(|| format!("{name} is missing or not a string: {entry}"))
        };
        Ok(Self {
            logical_id: text(Some(entry), "LogicalResourceId")?,
            resource_type: text(Some(entry), "ResourceType")?,
            arn: text(entry.get("ResourceIdentifier"), "Arn")?,
        })
    }
}

/// Returns an error if the update from one template to another can't be an import of these
/// resources.
pub(super) fn check(
    before: &ResolvedTemplate,
    after: &ResolvedTemplate,
    imports: &[Import],
) -> Result<(), TemplateError> {
    for Import {
        logical_id,
        resource_type,
        ..
    } in imports
    {
        let declared = after.type_of(logical_id).unwrap_or_default();
        if declared != resource_type {
            let message = format!("the file to import says {resource_type}, and this {declared}");
            return Err(after.error_at(logical_id, &message));
        }
        if !Natives::support(resource_type) {
            let message = "CloudFormation can't import custom resources";
            return Err(after.error_at(logical_id, message));
        }
        if !after.has_deletion_policy(logical_id) {
            return Err(after.error_at(logical_id, "an import needs a DeletionPolicy"));
        }
    }
    let is_imported = |logical_id: &str| imports.iter().any(|it| it.logical_id == logical_id);
    for logical_id in after.logical_ids().filter(|id| !is_imported(id)) {
        if before.template.get(logical_id) != after.template.get(logical_id) {
            let message = "an import can't change or add another resource";
            return Err(after.error_at(logical_id, message));
        }
    }
    for logical_id in before.logical_ids() {
        if after.template.get(logical_id).is_none() {
            let message = format!("an import can't remove the resource {logical_id}");
            return Err(TemplateError {
                line: None,
                message,
            });
        }
    }
    if !before.has_same_other_sections(after) {
        let message = "an import can't change another section than Resources".to_owned();
        return Err(TemplateError {
            line: None,
            message,
        });
    }
    Ok(())
}
