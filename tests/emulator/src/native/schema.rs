//! The schemas of the native types in CloudFormation's registry, as far as they concern contacts.
//! The members that lead elsewhere, as the actions of a response plan, are not checked.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use crate::cloudformation::scalar_text;

static SCHEMAS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("schemas.json")).unwrap_or_default());

pub(crate) fn is_native(resource_type: &str) -> bool {
    resource_type.contains("::") && SCHEMAS.get(resource_type).is_some()
}

/// Returns the properties with the types of the schema. CloudFormation converts scalars.
pub(super) fn conform(resource_type: &str, properties: &Value) -> Result<Value, Vec<String>> {
    let mut violations = Vec::new();
    let value = match SCHEMAS.get(resource_type) {
        Some(schema) => checked(schema, properties, "#", &mut violations),
        None => properties.clone(),
    };
    if violations.is_empty() { Ok(value) } else { Err(violations) }
}

fn checked(schema: &Value, value: &Value, path: &str, violations: &mut Vec<String>) -> Value {
    let keyword = |name: &str| schema.get(name);
    if let Some(schema) = keyword("$ref").and_then(|name| SCHEMAS.get(name.as_str()?)) {
        return checked(schema, value, path, violations);
    }
    let expected = keyword("type").and_then(Value::as_str).unwrap_or_default();
    let Some(value) = converted(expected, value) else {
        violations.push(format!("{path}: expected type: {}", with_capital(expected)));
        return value.clone();
    };
    let limit = |name: &str| keyword(name).and_then(Value::as_i64);
    let size = match &value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        _ => None,
    };
    let size = size.and_then(|size| i64::try_from(size).ok());
    for (name, is_least, measured) in [
        ("minLength", true, size),
        ("maxLength", false, size),
        ("minItems", true, size),
        ("maxItems", false, size),
        ("minimum", true, value.as_i64()),
        ("maximum", false, value.as_i64()),
    ] {
        if let (Some(limit), Some(measured)) = (limit(name), measured)
            && (if is_least { measured < limit } else { measured > limit })
        {
            violations.push(format!("{path}: expected {name}: {limit}, actual: {measured}"));
        }
    }
    if let (Some(pattern), Some(text)) =
        (keyword("pattern").and_then(Value::as_str), value.as_str())
        && !Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
    {
        let message = "failed validation constraint for keyword [pattern]";
        violations.push(format!("{path}: {message}"));
    }
    if let Some(allowed) = keyword("enum").and_then(Value::as_array)
        && !allowed.contains(&value)
    {
        violations.push(format!("{path}: {value} is not a valid enum value"));
    }
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            let schema = keyword("items").unwrap_or(&Value::Null);
            items
                .map(|(index, item)| checked(schema, item, &format!("{path}/{index}"), violations))
                .collect()
        }
        Value::Object(members) => object(schema, &members, path, violations),
        scalar => scalar,
    }
}

fn object(
    schema: &Value,
    members: &Map<String, Value>,
    path: &str,
    violations: &mut Vec<String>,
) -> Value {
    let required = |schema: &Value| -> Vec<String> {
        let names = schema.get("required").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str);
        names.filter(|name| !members.contains_key(*name)).map(ToOwned::to_owned).collect()
    };
    for name in required(schema) {
        violations.push(format!("{path}: required key [{name}] not found"));
    }
    if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array) {
        let count = alternatives.iter().filter(|it| required(it).is_empty()).count();
        if count != 1 {
            violations.push(format!("{path}: {count} subschemas matched instead of one"));
        }
    }
    let mut conforming = Map::new();
    for (name, value) in members {
        let known = schema.get("properties").and_then(|known| known.get(name));
        let is_strict = schema.get("additionalProperties") == Some(&Value::Bool(false));
        if known.is_none() && is_strict {
            violations.push(format!("{path}: extraneous key [{name}] is not permitted"));
        }
        let known = known.unwrap_or(&Value::Null);
        let value = checked(known, value, &format!("{path}/{name}"), violations);
        conforming.insert(name.clone(), value);
    }
    Value::Object(conforming)
}

fn converted(expected: &str, value: &Value) -> Option<Value> {
    let text = scalar_text(value);
    match expected {
        "string" => text.map(Value::from),
        "integer" => text?.parse::<i64>().ok().map(Value::from),
        "boolean" => text?.parse::<bool>().ok().map(Value::from),
        "array" => value.is_array().then(|| value.clone()),
        "object" => value.is_object().then(|| value.clone()),
        _ => Some(value.clone()),
    }
}

/// Returns the name of a type as CloudFormation writes it.
fn with_capital(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}
