//! Reads a template as CloudFormation does: it resolves parameters and functions, and it orders the
//! resources by their dependencies.
//!
//! In the emulator, every physical id follows from the properties. So a reference is resolved
//! before its resource is created, and `ExampleStack` compares each answer with the resolved value.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use emulator::cloudformation::{Policy, Resource};
use emulator::function::FUNCTION_ARN;
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

use super::native;
use crate::fixture::arn;

pub(super) const CUSTOM: &str = "Custom::SSMContact";

/// The names and values of a deployment's parameters.
pub(super) type Parameters<'a> = [(&'a str, &'a str)];

/// The values of `Ref` and `Fn::GetAtt` for a resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Identity {
    pub(super) reference: String,
    pub(super) attributes: Map<String, Value>,
}

/// A resource as it is deployed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Declared {
    pub(super) kind: String,
    pub(super) resource: Resource,
    pub(super) identity: Identity,
}

/// The resources with their logical ids, each after the resources that it depends on.
pub(super) type Resources = Vec<(String, Declared)>;

pub(super) fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
}

/// The files in the folder that are not templates.
const OTHER_FILES: [&str; 3] = [
    "README.md",
    "migrate/README.md",
    "migrate/resources-to-import.json",
];

/// The names of all templates.
pub(super) fn templates() -> BTreeSet<String> {
    let mut folders = vec![folder().to_owned()];
    let mut names = BTreeSet::new();
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder()).unwrap().to_str();
                names.insert(name.unwrap().to_owned());
            }
        }
    }
    names.retain(|name| !OTHER_FILES.contains(&name.as_str()));
    names
}

/// Reads a template. Functions have their long form in the result.
pub(super) fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap();
    let [document] = documents.as_slice() else {
        panic!("{name} has {} documents", documents.len());
    };
    json_of(document)
}

fn json_of(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(flag)) => (*flag).into(),
        Yaml::Value(Scalar::Integer(number)) => (*number).into(),
        Yaml::Value(Scalar::String(text)) => text.as_ref().into(),
        Yaml::Sequence(items) => items.iter().map(json_of).collect(),
        Yaml::Mapping(members) => {
            let member = |(name, value): (&Yaml, &Yaml)| {
                let name = name.as_str().expect("a name is a string");
                (name.to_owned(), json_of(value))
            };
            Value::Object(members.iter().map(member).collect())
        }
        Yaml::Tagged(tag, node) => {
            let (name, value) = (tag.suffix.as_str(), json_of(node));
            match (name, &value) {
                ("Ref", _) => json!({"Ref": value}),
                ("GetAtt", Value::String(text)) => {
                    let (resource, attribute) = text.split_once('.').expect("Resource.Attribute");
                    json!({"Fn::GetAtt": [resource, attribute]})
                }
                _ => json!({format!("Fn::{name}"): value}),
            }
        }
        other => panic!("the tests do not support {other:?}"),
    }
}

/// The resources that a template declares with these parameters.
pub(super) fn resources(template: &Value, parameters: &Parameters) -> Resources {
    let mut known = Known::new(template, parameters);
    let mut waiting: BTreeMap<&str, &Value> = members(template, "Resources").collect();
    let mut resources = Resources::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().find(|(_, resource)| {
            let needed = needs(resource);
            !waiting.keys().any(|other| needed.contains(other))
        });
        let (&logical_id, &resource) = ready.expect("a template without a cycle");
        waiting.remove(logical_id);
        let declared = known.declare(logical_id, resource);
        known
            .resources
            .insert(logical_id.to_owned(), declared.identity.clone());
        resources.push((logical_id.to_owned(), declared));
    }
    for (name, output) in members(template, "Outputs") {
        let value = known.resolve(&output["Value"]);
        assert!(value.is_string(), "the output {name}: {value}");
    }
    resources
}

/// The members of a template's section, if it has one.
fn members<'a>(template: &'a Value, section: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let members = template[section].as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}

/// The names that a resource refers to.
fn needs(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(needs).collect(),
        Value::Object(members) => {
            let mut names = BTreeSet::new();
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("Ref" | "DependsOn", Value::String(name)) => names.extend([name.as_str()]),
                    ("Fn::GetAtt", value) => names.extend(value[0].as_str()),
                    _ => names.extend(needs(value)),
                }
            }
            names
        }
        _ => BTreeSet::new(),
    }
}

/// The parameters and resources that a template's functions may refer to.
struct Known {
    parameters: BTreeMap<String, Value>,
    resources: BTreeMap<String, Identity>,
}

impl Known {
    fn new(template: &Value, given: &Parameters) -> Self {
        let value = |(name, parameter): (&str, &Value)| {
            let given = given.iter().find(|(given, _)| *given == name);
            let value = match given {
                Some((_, value)) => (*value).into(),
                None => parameter["Default"].clone(),
            };
            assert!(!value.is_null(), "the parameter {name} has no value");
            (name.to_owned(), value)
        };
        let parameters: BTreeMap<_, _> = members(template, "Parameters").map(value).collect();
        for (name, _) in given {
            assert!(parameters.contains_key(*name), "no parameter {name}");
        }
        Self {
            parameters,
            resources: BTreeMap::new(),
        }
    }

    fn declare(&self, logical_id: &str, resource: &Value) -> Declared {
        let kind = resource["Type"].as_str().unwrap().to_owned();
        let properties = self.resolve(&resource["Properties"]);
        let identity = if kind == CUSTOM {
            assert_eq!(properties["ServiceToken"], FUNCTION_ARN, "{logical_id}");
            contact(&properties)
        } else {
            native::identity(&kind, logical_id, &properties)
        };
        let policy = |name: &str| match resource[name].as_str() {
            None | Some("Delete") => Policy::Delete,
            Some("Retain") => Policy::Retain,
            Some(other) => panic!("{logical_id}: the tests do not support the policy {other}"),
        };
        let resource = Resource::new(properties)
            .deletion_policy(policy("DeletionPolicy"))
            .update_replace_policy(policy("UpdateReplacePolicy"));
        Declared {
            kind,
            resource,
            identity,
        }
    }

    fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            Value::Object(members) => match members.iter().next() {
                Some((name, argument)) if name == "Ref" || name.starts_with("Fn::") => {
                    assert_eq!(members.len(), 1, "{value}");
                    self.function(name, argument)
                        .unwrap_or_else(|| panic!("can't resolve {value}"))
                }
                _ => {
                    let member =
                        |(name, value): (&String, &Value)| (name.clone(), self.resolve(value));
                    Value::Object(members.iter().map(member).collect())
                }
            },
            scalar => scalar.clone(),
        }
    }

    fn function(&self, name: &str, argument: &Value) -> Option<Value> {
        match name {
            "Ref" => {
                let name = argument.as_str()?;
                let reference = || Some(self.resources.get(name)?.reference.clone().into());
                self.parameters.get(name).cloned().or_else(reference)
            }
            "Fn::GetAtt" => {
                let identity = self.resources.get(argument[0].as_str()?)?;
                identity.attributes.get(argument[1].as_str()?).cloned()
            }
            // template.yaml exports this name if its stack has the name in samconfig.toml.
            "Fn::ImportValue" if argument == "ssm-contact-resource-ServiceToken" => {
                Some(FUNCTION_ARN.into())
            }
            _ => None,
        }
    }
}

/// Returns the values that the README documents for a contact.
fn contact(properties: &Value) -> Identity {
    let arn = arn(properties["Alias"].as_str().unwrap());
    let attributes = json!({
        "ContactArn": arn, "Arn": arn, "Alias": properties["Alias"], "Type": properties["Type"],
    });
    Identity {
        reference: arn,
        attributes: attributes.as_object().unwrap().clone(),
    }
}
