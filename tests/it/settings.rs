//! docs/behavior.md, section 17: the function's own settings.

use ssm_contact_resource::identity::OwnershipTags;
use ssm_contact_resource::response_url::ResponseUrl;
use ssm_contact_resource::settings::Settings;

fn settings(name: &str, value: Option<&str>) -> Settings {
    Settings::read(|asked| value.filter(|_| asked == name).map(ToOwned::to_owned))
}

#[test]
fn ownership_tags_are_on_unless_they_are_off() {
    for (value, expected) in [
        (None, OwnershipTags::On),
        (Some(""), OwnershipTags::On),
        (Some(" "), OwnershipTags::On),
        (Some("on"), OwnershipTags::On),
        (Some("off"), OwnershipTags::Off),
    ] {
        let found = settings("OWNERSHIP_TAGS", value).ownership_tags().unwrap();
        assert_eq!(found, expected, "{value:?}");
    }
    for value in ["ON", "Off", "true", "0"] {
        let error = settings("OWNERSHIP_TAGS", Some(value)).ownership_tags();
        let reason = error.unwrap_err().to_string();
        assert!(
            reason.contains("OWNERSHIP_TAGS must be on or off"),
            "{reason}"
        );
    }
}

#[test]
fn response_hosts_that_are_not_allowed_add_no_host_and_are_told() {
    let settings = settings("RESPONSE_HOSTS", Some("localhost,http://localhost"));
    let reason = settings.ownership_tags().unwrap_err().to_string();
    assert!(
        reason.contains("RESPONSE_HOSTS must be a comma-separated list"),
        "{reason}"
    );
    let hosts = settings.response_hosts();
    assert!(ResponseUrl::parse("http://localhost/x", &hosts).is_err());
}
