//! The resource types that the emulator supports, with their properties (template reference).

use super::TemplateError;
use super::document::Member;

/// The native type of a contact.
pub const CONTACT: &str = "AWS::SSMContacts::Contact";
/// The native type of a contact channel.
pub const CHANNEL: &str = "AWS::SSMContacts::ContactChannel";
/// The native type of a plan.
pub const PLAN: &str = "AWS::SSMContacts::Plan";
/// The native type of a rotation.
pub const ROTATION: &str = "AWS::SSMContacts::Rotation";

/// A native type: its name, its required properties and the other ones.
type NativeType = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const NATIVE_TYPES: [NativeType; 4] = [
    (CONTACT, &["Alias", "DisplayName", "Type"], &["Plan"]),
    (
        CHANNEL,
        &["ChannelAddress", "ChannelName", "ChannelType", "ContactId"],
        &["DeferActivation"],
    ),
    (PLAN, &["ContactId"], &["Stages", "RotationIds"]),
    (
        ROTATION,
        &[
            "ContactIds",
            "Name",
            "Recurrence",
            "StartTime",
            "TimeZoneId",
        ],
        &["Tags"],
    ),
];

pub(super) fn is_native(resource_type: &str) -> bool {
    NATIVE_TYPES.iter().any(|(name, ..)| *name == resource_type)
}

pub(super) fn is_custom(resource_type: &str) -> bool {
    let name = resource_type.strip_prefix("Custom::");
    let is_name = |name: &str| !name.is_empty() && resource_type.len() <= 60;
    name.is_some_and(is_name) || resource_type == "AWS::CloudFormation::CustomResource"
}

/// Returns an error if a native type does not have one of these properties, or if a required one
/// is missing.
pub(super) fn check_native(
    resource_type: &str,
    line: usize,
    properties: &[Member],
) -> Result<(), TemplateError> {
    let found = NATIVE_TYPES
        .iter()
        .find(|(name, ..)| *name == resource_type);
    let Some((_, required, optional)) = found else {
        return Ok(());
    };
    for property in properties {
        let name = property.name.as_str();
        if !required.contains(&name) && !optional.contains(&name) {
            let message = format!("{resource_type} has no property {name}");
            return Err(TemplateError::new(property.line, message));
        }
    }
    let is_missing = |name: &&&str| properties.iter().all(|property| property.name != ***name);
    match required.iter().find(is_missing) {
        Some(missing) => {
            let message = format!("{resource_type} needs the property {missing}");
            Err(TemplateError::new(line, message))
        }
        None => Ok(()),
    }
}
