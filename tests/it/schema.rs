//! Compares the schema for linters and editors with the code that reads the properties.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use ssm_contact_resource::contact::{ContactArn, ContactType};
use ssm_contact_resource::identity::OwnershipTags;
use ssm_contact_resource::properties::{Desired, NAMES, Violation};
use ssm_contact_resource::response::Data;

mod values;

use values::{changed, edges, places, removed, replaced, valid};

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&file("schema/ssm-contact.schema.json")).unwrap()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&schema()).unwrap()
}

fn code_allows(properties: &Value) -> bool {
    Desired::parse(properties, OwnershipTags::On).is_ok()
}

/// What the code says of channels that only a comparison of two of them, or of the plan with them,
/// can find. A schema can't.
const COMPARISONS: [&str; 2] = [
    "repeats the Name of another channel of the list",
    "must be the Name of one of Channels",
];

/// The violations that the code finds, without those of [`COMPARISONS`].
fn violations(properties: &Value) -> Vec<Violation> {
    let code = Desired::parse(properties, OwnershipTags::On);
    let mut violations = code.err().unwrap_or_default();
    violations.retain(|found| !COMPARISONS.iter().any(|it| found.problem.starts_with(it)));
    violations
}

/// Returns whether the schema and the code allow the properties. Returns an error if they differ,
/// with the reasons of both.
fn verdict(schema: &jsonschema::Validator, properties: &Value) -> Result<bool, String> {
    let code = violations(properties);
    if schema.is_valid(properties) == code.is_empty() {
        return Ok(code.is_empty());
    }
    let reasons: Vec<_> = schema
        .iter_errors(properties)
        .map(|e| e.to_string())
        .collect();
    Err(format!(
        "{properties}\nthe schema: {reasons:?}\nthe code: {code:?}"
    ))
}

#[test]
fn it_is_a_schema_of_draft_7() {
    jsonschema::draft7::meta::validate(&schema()).unwrap();
}

#[test]
fn whole_examples_are_allowed() {
    let schema = validator();
    for properties in valid() {
        assert_eq!(verdict(&schema, &properties), Ok(true));
    }
}

#[test]
fn the_edges_of_every_place_are_judged_alike() {
    let schema = validator();
    let mut judged: BTreeSet<(String, bool)> = BTreeSet::new();
    for properties in valid() {
        for place in places(&properties) {
            for edge in edges(&place) {
                let properties = replaced(&properties, &place, edge);
                let allowed =
                    verdict(&schema, &properties).unwrap_or_else(|e| panic!("{place}: {e}"));
                judged.insert((place.clone(), allowed));
            }
            assert!(judged.contains(&(place.clone(), true)), "{place}");
            assert!(judged.contains(&(place.clone(), false)), "{place}");
        }
    }
}

#[test]
fn unknown_and_missing_members_are_judged_alike() {
    let schema = validator();
    for properties in valid() {
        for place in places(&properties) {
            if properties.pointer(&place).unwrap().is_object() {
                let properties = replaced(&properties, &format!("{place}/Unknown"), json!("x"));
                assert_eq!(verdict(&schema, &properties), Ok(false), "{place}");
            }
            let properties = removed(&properties, &place);
            verdict(&schema, &properties).unwrap_or_else(|e| panic!("{place}: {e}"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_changes_are_judged_alike(properties in changed()) {
        thread_local!(static SCHEMA: jsonschema::Validator = validator());
        let verdict = SCHEMA.with(|schema| verdict(schema, &properties));
        prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    }
}

/// The differences between the schema and the code. Each has the words of the README for it,
/// properties, whether the schema allows them, and whether the code does.
fn differences() -> Vec<(&'static str, Value, bool, bool)> {
    let with = |name: &str, value: Value| replaced(&valid()[0], &format!("/{name}"), value);
    let minutes = |value: Value| replaced(&valid()[0], "/Plan/Stages/0/DurationInMinutes", value);
    let without_token = removed(&valid()[0], "/ServiceToken");
    let tag = json!({"Key": "team", "Value": "a"});
    let channel = &valid()[0]["Channels"][0];
    let other_name = "/Plan/Stages/0/Targets/0/ChannelTargetInfo/ContactChannelName";
    let other_name = replaced(&valid()[0], other_name, json!("fax"));
    let tags: Value = (0..50)
        .map(|n| json!({"Key": format!("k{n}"), "Value": "v"}))
        .collect();
    vec![
        ("no `ServiceToken`", without_token, false, true),
        (
            "an invalid `ServiceTimeout`",
            with("ServiceTimeout", json!("soon")),
            false,
            true,
        ),
        (
            "another name that begins with `Service`",
            with("ServiceName", json!("x")),
            false,
            true,
        ),
        ("null", with("DisplayName", Value::Null), false, true),
        (
            "two tags with one key",
            with("Tags", json!([tag, tag])),
            true,
            false,
        ),
        (
            "two channels with one `Name`",
            with("Channels", json!([channel, channel])),
            true,
            false,
        ),
        (
            "a `ContactChannelName` that is not in `Channels`",
            other_name,
            true,
            false,
        ),
        (
            "a fraction of zero, as in `5.0`",
            minutes(json!(5.0)),
            true,
            false,
        ),
        ("`OWNERSHIP_TAGS=off`", with("Tags", tags), false, false),
    ]
}

#[test]
fn the_readme_tells_every_difference() {
    let (schema, readme) = (validator(), file("schema/README.md"));
    for (words, properties, schema_allows, allows) in differences() {
        assert_eq!(schema.is_valid(&properties), schema_allows, "{words}");
        assert_eq!(code_allows(&properties), allows, "{words}");
        assert!(readme.contains(&format!("| {words} |")), "{words}");
    }
    let told = readme.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(
        told,
        differences().len() + 1,
        "one row for each difference, and the heading"
    );
}

#[test]
fn under_ownership_tags_off_other_rules_hold() {
    let differences = differences();
    let (_, fifty_tags, ..) = differences.last().unwrap();
    assert!(Desired::parse(fifty_tags, OwnershipTags::Off).is_ok());
    let adopting = replaced(&valid()[0], "/AdoptExisting", json!(true));
    assert!(validator().is_valid(&adopting));
    assert!(Desired::parse(&adopting, OwnershipTags::Off).is_err());
}

/// The names of all properties that the schema describes, on every level.
fn names_in(schema: &Value, names: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        names.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(members) => members.values().for_each(|value| names_in(value, names)),
        Value::Array(items) => items.iter().for_each(|value| names_in(value, names)),
        _ => {}
    }
}

fn not_cloudformations(name: &&str) -> bool {
    !name.starts_with("Service")
}

#[test]
fn the_names_are_the_codes() {
    let schema = schema();
    let names = schema["properties"].as_object().unwrap().keys();
    let names: Vec<_> = names
        .map(String::as_str)
        .filter(not_cloudformations)
        .collect();
    assert_eq!(names, NAMES);
}

#[test]
fn the_names_are_the_readmes() {
    let mut names = BTreeSet::new();
    names_in(&schema(), &mut names);
    let names: BTreeSet<_> = names
        .iter()
        .map(String::as_str)
        .filter(not_cloudformations)
        .collect();
    let readme = file("README.md");
    let (_, table) = readme.split_once("### Properties").unwrap();
    let (table, _) = table.split_once("### Return values").unwrap();
    let code = regex::Regex::new("`[^`]+`").unwrap();
    let name = regex::Regex::new(r"\b[A-Z][a-z]+[A-Za-z]*\b").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let told: BTreeSet<_> = rows
        .flat_map(|row| code.find_iter(row))
        .flat_map(|code| name.find_iter(code.as_str()))
        .map(|name| name.as_str())
        .collect();
    assert_eq!(names, told);
}

#[test]
fn the_linter_knows_the_attributes_that_the_answer_has() {
    let arn = ContactArn::parse("arn:aws:ssm-contacts:us-east-2:111122223333:contact/a").unwrap();
    let data = serde_json::to_value(Data::new(&arn, ContactType::Personal)).unwrap();
    let answered: BTreeSet<_> = data.as_object().unwrap().keys().cloned().collect();
    let rule = file("schema/cfn_lint_rules/ssm_contact_attributes.py");
    let line = rule.lines().find(|line| line.starts_with("ATTRIBUTES = "));
    let known: BTreeSet<_> = line
        .unwrap()
        .split('"')
        .skip(1)
        .step_by(2)
        .map(String::from)
        .collect();
    assert_eq!(known, answered);
}
