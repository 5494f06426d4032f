//! Compares README, DESIGN and the guides in docs/ with the code, the template and one another.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use saphyr::{LoadableYamlNode, YamlOwned};
use serde_json::{Map, Value};

use crate::events::emulator;
use crate::files::{blocks, files, read};

/// Returns the rows of the table whose heading begins with `head`.
fn rows<'a>(text: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let from = text.find(head).unwrap_or_else(|| panic!("no {head}"));
    text[from..]
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// Converts YAML to JSON. A function is replaced with its argument.
fn plain(node: &YamlOwned) -> Value {
    match node {
        YamlOwned::Tagged(_, inner) => plain(inner),
        YamlOwned::Sequence(items) => items.iter().map(plain).collect(),
        YamlOwned::Mapping(members) => {
            let member = |(name, value): (&YamlOwned, &YamlOwned)| {
                (name.as_str().unwrap().to_owned(), plain(value))
            };
            Value::Object(members.iter().map(member).collect::<Map<_, _>>())
        }
        scalar => match (scalar.as_bool(), scalar.as_integer(), scalar.as_str()) {
            (Some(value), _, _) => value.into(),
            (_, Some(value), _) => value.into(),
            (_, _, Some(value)) => value.into(),
            _ => Value::Null,
        },
    }
}

/// Whether the schema accepts properties. Unit tests compare it with the function.
fn is_accepted(properties: &Value) -> bool {
    let schema = serde_json::from_str(&read("schema/ssm-contact.schema.json")).unwrap();
    jsonschema::is_valid(&schema, properties)
}

#[test]
fn templates_in_the_text_are_accepted() {
    let mut contacts = 0;
    for (page, text) in files("md") {
        for block in blocks(&text, "json") {
            serde_json::from_str::<Value>(block).unwrap();
        }
        for block in blocks(&text, "yaml") {
            let block = plain(&YamlOwned::load_from_str(block).unwrap().remove(0));
            let resources = block["Resources"].as_object().cloned().unwrap_or_default();
            for resource in resources.values() {
                if resource["Type"] == "Custom::SSMContact" {
                    let properties = &resource["Properties"];
                    assert!(is_accepted(properties), "{page}: {resource}");
                    contacts += 1;
                }
            }
        }
    }
    assert!(contacts >= 5, "{contacts}");
}

#[test]
fn a_person_takes_as_many_resources_and_lines_as_the_comparison_says() {
    let text = read("docs/comparison.md");
    let told = rows(&text, "| | resources | lines");
    let told: Vec<(&str, usize, usize)> = told
        .iter()
        .map(|row| {
            let file = row[0].split(['(', ')']).nth(1).unwrap();
            (file, row[1].parse().unwrap(), row[2].parse().unwrap())
        })
        .collect();
    let resource = Regex::new(r"(?m)^(  \w+:|resource .*)$").unwrap();
    let found = ["custom.yaml", "native.yaml", "terraform.tf"].map(|file| {
        let text = read(Path::new("docs/comparison").join(file));
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        (format!("comparison/{file}"), resource.find_iter(&text).count(), lines.count())
    });
    let found = found.each_ref();
    let found = found.map(|(file, resources, lines)| (file.as_str(), *resources, *lines));
    assert_eq!(told, found);

    let text = read("docs/comparison/custom.yaml");
    let template = plain(&YamlOwned::load_from_str(&text).unwrap().remove(0));
    let properties = &template["Resources"]["Akua"]["Properties"];
    assert!(is_accepted(properties));
}

#[test]
fn variables_in_the_text_are_known() {
    let variable = Regex::new(r"`(AWS_[A-Z_]+|[A-Z]+_HOSTS|SSL_[A-Z_]+)[=`]").unwrap();
    let mut known = read("tests/emulator/src/emulator.rs") + &read("tests/real/rie.py");
    known += &read("template.yaml");
    for file in ["main", "aws/sdk_config", "io/roots", "io/log"] {
        known += &read(format!("src/{file}.rs"));
    }
    for (page, text) in files("md") {
        for found in variable.captures_iter(&text) {
            assert!(known.contains(&found[1]), "{page}: {}", &found[1]);
        }
    }
}

#[test]
fn templates_import_from_the_stack_that_the_guides_deploy() {
    let found = |pattern: &str, text: &str| -> BTreeSet<String> {
        let pattern = Regex::new(pattern).unwrap();
        let names = pattern.captures_iter(text);
        names.map(|name| name[1].to_owned()).collect()
    };
    let suffix = "-ServiceToken";
    assert!(read("template.yaml").contains(&format!("Name: !Sub ${{AWS::StackName}}{suffix}")));

    let templates_and_pages = files("yaml").into_iter().chain(files("md"));
    let texts: String = templates_and_pages.map(|(_, text)| text).collect();
    let imported = found(r"!ImportValue (\S+)", &texts);

    let mut stacks = found(r#"(?m)^stack_name = "(.+)"$"#, &read("samconfig.toml"));
    assert!(!stacks.is_empty());
    stacks.extend(found(r"--stack-name (\S+)", &read("docs/deploy.md")));
    let exported: BTreeSet<_> = stacks.iter().map(|name| name.clone() + suffix).collect();
    assert_eq!(exported, imported);
}

#[test]
fn every_alarm_is_explained() {
    let template = read("template.yaml");
    let alarm = Regex::new(r"(?m)^  (\w+):\n    Type: AWS::CloudWatch::Alarm").unwrap();
    let made: BTreeSet<&str> =
        alarm.captures_iter(&template).map(|found| found.get(1).unwrap().as_str()).collect();
    let text = read("docs/operations.md");
    let explained: BTreeSet<&str> =
        rows(&text, "| alarm |").iter().map(|row| row[0].trim_matches('`')).collect();
    assert_eq!(made, explained);
}

#[test]
fn the_emulator_has_the_options_that_the_guides_name() {
    let Some(output) = emulator(&["serve", "--help"]) else {
        return;
    };
    let help = String::from_utf8(output.stdout).unwrap();
    let option = Regex::new(r"emulator -- serve(.*)").unwrap();
    let text = read("docs/local.md");
    let named: Vec<&str> = option
        .captures_iter(&text)
        .flat_map(|found| found.get(1).unwrap().as_str().split_whitespace())
        .filter(|word| word.starts_with("--"))
        .collect();
    assert!(named.contains(&"--account"), "{named:?}");
    for name in named {
        assert!(help.contains(name), "{help}");
    }
}
