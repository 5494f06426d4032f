//! Validates contact channels: their members, and the form that the type requires of an address.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::{Member, NAME, Validator, pattern};
use crate::contacts::ServiceError;

static PHONE_NUMBER: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\+[0-9 .()\-]*[0-9][0-9 .()\-]*$"));

impl Validator {
    pub(in crate::contacts) fn channel_name(&mut self, input: &Value, required: bool) {
        self.string(&Member::top(input, "Name"), required, 1..=255, Some(&NAME));
    }

    pub(in crate::contacts) fn channel_type(&mut self, input: &Value) {
        self.enumeration(
            &Member::top(input, "Type"),
            true,
            &["SMS", "VOICE", "EMAIL"],
        );
    }

    /// Checks the members of an address, whatever the type of the channel is.
    pub(in crate::contacts) fn delivery_address(&mut self, input: &Value, required: bool) {
        let address = Member::top(input, "DeliveryAddress");
        if address.value.is_null() {
            if required {
                self.add(&address.path, "is required");
            }
        } else if self.structure(&address, &["SimpleAddress"]) {
            // The model does not require it. `address_fits` refuses its absence.
            self.string(&address.get("SimpleAddress"), false, 1..=320, None);
        }
    }

    pub(in crate::contacts) fn defer_activation(&mut self, input: &Value) {
        let defer = Member::top(input, "DeferActivation");
        if !defer.value.is_null() && !defer.value.is_boolean() {
            self.add(&defer.path, "must be true or false");
        }
    }
}

/// Checks that an address has the form that the type of the channel requires (API reference,
/// `ContactChannelAddress`). The error repeats the address, as messages of AWS repeat invalid
/// values.
pub(in crate::contacts) fn address_fits(
    channel_type: &str,
    address: &str,
) -> Result<(), ServiceError> {
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
    Err(ServiceError {
        message,
        ..ServiceError::fields(&[field])
    })
}
