//! Rules of the service that its model does not state.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::error::{Result, ServiceError};

#[expect(clippy::unwrap_used, reason = "the pattern is a constant")]
static PHONE_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\+[0-9 .()\-]*[0-9][0-9 .()\-]*$").unwrap());

/// Checks that an address has the form that the type of the channel requires (API reference,
/// `ContactChannelAddress`). The error repeats the address, as messages of AWS repeat invalid
/// values.
pub(super) fn address_fits(channel_type: &str, address: &str) -> Result<()> {
    let (fits, form) = if channel_type == "EMAIL" {
        (address.matches('@').count() == 1, "an email address")
    } else {
        (PHONE_NUMBER.is_match(address), "a phone number")
    };
    if fits {
        return Ok(());
    }
    let message = format!("Invalid value provided - '{address}' is not {form}");
    let field = ("DeliveryAddress.SimpleAddress".to_owned(), message.clone());
    Err(ServiceError { message, ..ServiceError::fields(&[field]) })
}

/// Checks that a plan has the form that the type of the contact requires (API reference,
/// CreateContact; the error of the service for a schedule whose plan has stages).
pub(super) fn plan_fits(contact_type: &str, plan: &Value, creating: bool) -> Result<()> {
    let has = |name: &str| plan.get(name).is_some();
    let all = |name: &str| targets(plan).all(|target| target.get(name).is_some());
    let wrong = match contact_type {
        "ONCALL_SCHEDULE" if has("Stages") => "ONCALL SCHEDULE contact cannot have stages in plan",
        "ONCALL_SCHEDULE" => return Ok(()),
        _ if has("RotationIds") => "only an ONCALL SCHEDULE contact can have rotations in plan",
        _ if creating && !has("Stages") => "plan must have stages",
        "PERSONAL" if !all("ChannelTargetInfo") => {
            "the targets of a PERSONAL contact must be ChannelTargetInfo"
        }
        "ESCALATION" if !all("ContactTargetInfo") => {
            "the targets of an ESCALATION contact must be ContactTargetInfo"
        }
        _ => return Ok(()),
    };
    Err(ServiceError::invalid(&format!("Invalid value provided - {wrong}")))
}

pub(super) fn targets(plan: &Value) -> impl Iterator<Item = &Value> {
    let stages = plan.get("Stages").and_then(Value::as_array);
    let stages = stages.into_iter().flatten();
    let targets = stages.filter_map(|stage| stage.get("Targets")?.as_array());
    targets.flatten()
}
