//! The command `stack`, which plays templates.

use serde_json::Value;

use super::{StandIn, emulator, printed, text};

/// A small template of the tests.
fn case(name: &str) -> String {
    format!("{}/tests/cases/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn all_faulty_resources_of_a_template_are_told_and_its_file() {
    let template = case("native-patterns.yaml");
    let shown = printed(&["stack", &template, "--bootstrap", "/bin/false"], 1);
    for wanted in [
        &format!("create {template}"),
        "for resource Name with message: #/DisplayName: failed validation constraint",
        "for resource Rotation with message: #/Name: failed validation constraint",
        "failed to create: [Name, Rotation].",
    ] {
        assert!(shown.contains(wanted), "{wanted}\n{shown}");
    }
    assert!(!shown.contains("business-hours"), "{shown}");
}

#[test]
fn the_warnings_of_the_function_are_shown() {
    let line = r#"{"timestamp":"t","level":"WARN","message":"not activated","channel":"mobile"}"#;
    let info = line.replace("WARN", "INFO").replace("mobile", "mail");
    let stand_in = StandIn::new("emulator-warns", &format!("echo '{line}'\necho '{info}'\n"));
    let (function, template) = (stand_in.0.join("bootstrap"), stand_in.0.join("template.yaml"));
    let resource = "Resources: { A: { Type: Custom::X, Properties: { ServiceToken: !ImportValue \
                    ssm-contact-resource-ServiceToken } } }";
    std::fs::write(&template, resource).unwrap();
    let play = |option: &str| {
        let arguments = ["stack", template.to_str().unwrap(), option, "--bootstrap"];
        emulator(&[&arguments[..], &[function.to_str().unwrap()]].concat())
    };
    let shown = text(&play("--activate").stdout);
    assert!(shown.contains("warning not activated  channel mobile\n"), "{shown}");
    assert!(!shown.contains("channel mail"), "{shown}");
    let document: Value = serde_json::from_slice(&play("--json").stdout).unwrap();
    let warnings = document["warnings"].as_array().unwrap();
    assert!(warnings.iter().all(|warning| warning["channel"] == "mobile"), "{document}");
    assert!(!warnings.is_empty(), "{document}");
}

#[test]
fn values_of_the_account_are_given_once_and_a_missing_one_is_named() {
    let people = case("people-of-a-list.yaml");
    let rows: [(&[&str], &str); 3] = [
        (&[], "--ssm /on-call/akua-m=…"),
        (&["--ssm", "/a=1", "--ssm", "/a=2"], "--ssm /a is given twice"),
        (&["--export", "a"], "KEY=VALUE"),
    ];
    for (options, wanted) in rows {
        let arguments = [&["stack", &people, "--bootstrap", "/bin/false"], options].concat();
        let said = printed(&arguments, 2);
        assert!(said.contains(wanted), "{said}");
    }
}

#[test]
fn plans_name_channels_and_who_can_not_be_paged_is_marked() {
    let template = case("native-people.yaml");
    let play = |option: &str| {
        let arguments = ["stack", &template, "--keep", option, "--bootstrap"];
        text(&emulator(&[&arguments[..], &["/bin/false"]].concat()).stdout)
    };
    let named = r#""ContactChannelName":"by mail""#;
    for (option, is_named, marks) in
        [("--stack-name=x", true, 2), ("--activate", true, 0), ("-v", false, 2)]
    {
        let shown = play(option);
        assert_eq!(shown.contains(named), is_named, "{option}: {shown}");
        let found = shown.matches("can't be paged").count();
        assert_eq!(found, marks, "{option}: {shown}");
    }
}
