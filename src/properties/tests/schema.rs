//! Compares the schema for linters and editors with the code that reads the properties.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::NAMES;
use super::told;
use super::values::{changed, edges, places, removed, replaced, valid};
use crate::cloudformation::response::Data;
use crate::contact::ContactType;
use crate::contact::arn::ContactArn;

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&file("schema/ssm-contact.schema.json")).unwrap()
}

fn validator() -> jsonschema::Validator {
    jsonschema::draft7::new(&schema()).unwrap()
}

/// What only a comparison of two channels, or of the plan with them, can find. A schema can't.
const COMPARISONS: [&str; 2] =
    ["repeats the Name of another channel of the list", "must be the Name of one of Channels"];

/// Whether the schema and the code allow the properties, apart from [`COMPARISONS`]. Returns an
/// error if they differ, with the reasons of both.
fn verdict(schema: &jsonschema::Validator, properties: &Value) -> Result<bool, String> {
    let code = told(&properties.to_string());
    let compared: usize = COMPARISONS.iter().map(|text| code.matches(text).count()).sum();
    let count = code.split_whitespace().nth(3).map_or(0, |count| count.parse::<usize>().unwrap());
    let allows = count == compared;
    if schema.is_valid(properties) == allows {
        return Ok(allows);
    }
    let reasons: Vec<_> = schema.iter_errors(properties).map(|error| error.to_string()).collect();
    Err(format!("{properties}\nthe schema: {reasons:?}\nthe code: {code}"))
}

#[test]
fn the_edges_of_every_place_are_judged_alike() {
    jsonschema::draft7::meta::validate(&schema()).unwrap();
    let schema = validator();
    let judge =
        |properties: &Value| verdict(&schema, properties).unwrap_or_else(|error| panic!("{error}"));
    for properties in valid() {
        assert!(judge(&properties));
        for place in places(&properties) {
            let edges = edges(&place).into_iter();
            let judged: BTreeSet<bool> =
                edges.map(|edge| judge(&replaced(&properties, &place, edge))).collect();
            assert_eq!(judged, BTreeSet::from([false, true]), "{place}");
            if properties.pointer(&place).unwrap().is_object() {
                let unknown = replaced(&properties, &format!("{place}/Unknown"), json!("x"));
                assert!(!judge(&unknown), "{place}");
            }
            judge(&removed(&properties, &place));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn random_changes_are_judged_alike(properties in changed()) {
        // The tables of the two are of different versions of Unicode, which add scripts up there.
        prop_assume!(!properties.to_string().contains(|c| c > '\u{2fa1f}'));
        thread_local!(static SCHEMA: jsonschema::Validator = validator());
        let verdict = SCHEMA.with(|schema| verdict(schema, &properties));
        prop_assert!(verdict.is_ok(), "{}", verdict.unwrap_err());
    }
}

/// The differences between the schema and the code: the words of the README for it, properties,
/// whether the schema allows them, and whether the code does.
#[rustfmt::skip]
fn differences() -> Vec<(&'static str, Value, bool, bool)> {
    let with = |place: &str, value: Value| replaced(&valid()[0], place, value);
    let tag = json!({"Key": "team", "Value": "a"});
    let channel = &valid()[0]["Channels"][0];
    let name = "/Plan/Stages/0/Targets/0/ChannelTargetInfo/ContactChannelName";
    vec![
        ("no `ServiceToken`", removed(&valid()[0], "/ServiceToken"), false, true),
        ("an invalid `ServiceTimeout`", with("/ServiceTimeout", json!("soon")), false, true),
        ("another name that begins with `Service`", with("/ServiceName", json!("x")), false, true),
        ("null", with("/DisplayName", Value::Null), false, true),
        ("two tags with one key", with("/Tags", json!([tag, tag])), true, false),
        ("two channels with one `Name`", with("/Channels", json!([channel, channel])), true, false),
        ("a `ContactChannelName` that is not in `Channels`", with(name, json!("fax")), true, false),
        ("a fraction of zero, as in `5.0`", with("/Plan/Stages/0/DurationInMinutes", json!(5.0)), true, false),
    ]
}

#[test]
fn the_readme_tells_every_difference() {
    let (schema, readme) = (validator(), file("schema/README.md"));
    for (words, properties, schema_allows, code_allows) in differences() {
        assert_eq!(schema.is_valid(&properties), schema_allows, "{words}");
        assert_eq!(told(&properties.to_string()).is_empty(), code_allows, "{words}");
        assert!(readme.contains(&format!("| {words} |")), "{words}");
    }
    let rows = readme.lines().filter(|line| line.starts_with("| ")).count();
    assert_eq!(rows, differences().len() + 1, "one row for each difference, and the heading");
}

/// The names of all properties that the schema describes, on every level.
fn names_in(schema: &Value, names: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        names.extend(properties.keys().filter(|name| !name.starts_with("Service")).cloned());
    }
    match schema {
        Value::Object(members) => members.values().for_each(|value| names_in(value, names)),
        Value::Array(items) => items.iter().for_each(|value| names_in(value, names)),
        _ => {}
    }
}

#[test]
fn the_names_are_the_codes_and_the_readmes() {
    let schema = schema();
    let names = schema["properties"].as_object().unwrap().keys();
    let names: Vec<_> = names.filter(|name| !name.starts_with("Service")).collect();
    assert_eq!(names, NAMES);
    let mut names = BTreeSet::new();
    names_in(&schema, &mut names);
    let readme = file("README.md");
    let (_, table) = readme.split_once("### Properties").unwrap();
    let (table, _) = table.split_once("### Return values").unwrap();
    let code = regex::Regex::new("`[^`]+`").unwrap();
    let name = regex::Regex::new(r"\b[A-Z][a-z]+[A-Za-z]*\b").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let code = rows.flat_map(|row| code.find_iter(row));
    let told = code.flat_map(|code| name.find_iter(code.as_str()));
    assert_eq!(names, told.map(|name| name.as_str().to_owned()).collect());
}

#[test]
fn the_linter_knows_the_attributes_that_the_answer_has() {
    let arn = ContactArn::parse("arn:aws:ssm-contacts:us-east-2:111122223333:contact/a").unwrap();
    let data = serde_json::to_value(Data::new(&arn, ContactType::Personal)).unwrap();
    let rule = file("schema/cfn_lint_rules/ssm_contact_attributes.py");
    let line = rule.lines().find(|line| line.starts_with("ATTRIBUTES = ")).unwrap();
    let known: BTreeSet<_> = line.split('"').skip(1).step_by(2).collect();
    assert_eq!(known, data.as_object().unwrap().keys().map(String::as_str).collect());
}
