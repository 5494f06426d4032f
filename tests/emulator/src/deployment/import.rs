//! The resources to import of a change set, and the rules of an import (user guide,
//! resource-import).

use serde_json::Value;

use crate::native::is_native;
use crate::template::{ResolvedTemplate, TemplateError};

/// A resource to import: an entry of the file for `--resources-to-import`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub logical_id: String,
    pub resource_type: String,
    pub arn: String,
}

impl Import {
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

pub(super) fn check(
    before: &ResolvedTemplate,
    after: &ResolvedTemplate,
    imports: &[Import],
) -> Result<(), TemplateError> {
    let refused = |logical_id: &str, message: &str| Err(after.error_at(logical_id, message));
    for it in imports {
        let (id, declared) = (it.logical_id.as_str(), after.type_of(&it.logical_id));
        let (named, declared) = (&it.resource_type, declared.unwrap_or_default());
        if declared != named {
            return refused(id, &format!("the file to import says {named}, and this {declared}"));
        }
        if !is_native(named) {
            return refused(id, "CloudFormation can't import custom resources");
        }
        if !after.has_deletion_policy(id) {
            return refused(id, "an import needs a DeletionPolicy");
        }
    }
    let is_imported = |logical_id: &str| imports.iter().any(|it| it.logical_id == logical_id);
    for id in after.logical_ids().filter(|id| !is_imported(id)) {
        if before.template.get(id) != after.template.get(id) {
            return refused(id, "an import can't change or add another resource");
        }
    }
    // An error at what the template does not have has no line.
    if let Some(id) = before.logical_ids().find(|id| after.template.get(id).is_none()) {
        return refused(id, &format!("an import can't remove the resource {id}"));
    }
    if !before.has_same_other_sections(after) {
        return refused("", "an import can't change another section than Resources");
    }
    Ok(())
}
