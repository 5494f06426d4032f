//! Decides what of a value Reasons and the log may repeat.
//!
//! An address is personal data, and people put addresses into the wrong property.

use super::arn::Arn;

/// Most characters of a value that a Reason repeats.
const SHOWN_MAX: usize = 40;

/// Whether a text may hold an address: an `@`, or as many digits as a phone number.
pub(crate) fn may_be_address(text: &str) -> bool {
    text.contains('@') || text.chars().filter(|c| c.is_numeric()).count() >= 7
}

/// The beginning of a value in quotes; `None` if it may hold an address. An ARN holds the digits
/// of an account.
pub(crate) fn quoted(value: &str) -> Option<String> {
    let is_arn = Arn::parse(value).is_some() && !value.contains(['@', '+', ' ']);
    if may_be_address(value) && !is_arn {
        return None;
    }
    let mut start: String = value.chars().take(SHOWN_MAX).collect();
    if start.len() < value.len() {
        start.push('…');
    }
    Some(format!("{start:?}"))
}

/// The Name of a channel, unless it may be a phone number.
pub(crate) fn shown_name(name: &str) -> &str {
    if may_be_address(name) { "(a Name with the digits of a phone number)" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_an_address_is_not_repeated() {
        for address in [
            "akua@example.com",
            "+1 (206) 555-0107",
            "call 2065550107",
            "12065550107",
            "206-555-0107",
            "akua-2065550107",
            "arn:aws:ssm-contacts:us-east-1:1:+12065550107 Akua",
            "٠١٢٣٤٥٦",
        ] {
            assert_eq!(quoted(address), None, "{address}");
        }
        for value in ["ROBOT", "Akua Mansa", "123456", "akua-206"] {
            assert_eq!(quoted(value), Some(format!("{value:?}")));
        }
        let arn = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";
        assert!(quoted(arn).is_some());
        assert_eq!(quoted(&format!("{arn}@example.com")), None);
        let long = "a b".repeat(1000);
        assert!(quoted(&long).unwrap().chars().count() < 50);
        assert_eq!(shown_name("mobile"), "mobile");
        assert!(!shown_name("+12065550107").contains("206"));
    }
}
