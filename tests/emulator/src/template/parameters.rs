//! The values of the parameters of a template.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use super::AccountValues;
use super::document::{Content, Member, Node, text};
use super::error::{Result, TemplateError};

/// Returns the values of all parameters: those that are given, or else the defaults.
pub(super) fn values(
    section: Option<&Node>,
    given: &BTreeMap<String, String>,
    account: &AccountValues,
) -> Result<BTreeMap<String, Value>> {
    let Some(section) = section else {
        return Ok(BTreeMap::new());
    };
    let mut values = BTreeMap::new();
    let mut missing = Vec::new();
    let declared = section.map("Parameters")?;
    for parameter in declared {
        let default = match parameter.value.get("Default").map(|node| &node.content) {
            Some(Content::Scalar(value)) => Some(text(value)),
            Some(_) => return Err(at(parameter, "Default is not a scalar")),
            None => None,
        };
        let Some(value) = given.get(&parameter.name).cloned().or(default) else {
            missing.push(parameter);
            continue;
        };
        values.insert(parameter.name.clone(), checked(parameter, &value, account)?);
    }
    let Some(first) = missing.first() else {
        return Ok(values);
    };
    let options = missing.iter().map(|parameter| format!("--parameter {}=…", parameter.name));
    let options: Vec<String> = options.collect();
    let message = format!("parameters have no value: give {}", options.join(" "));
    Err(TemplateError::new(first.line, message))
}

fn at(parameter: &Member, message: impl AsRef<str>) -> TemplateError {
    let message = format!("the parameter {}: {}", parameter.name, message.as_ref());
    TemplateError::new(parameter.line, message)
}

/// Returns the value of a parameter, which its constraints allow. The value of a type of Systems
/// Manager is the name of its parameter.
fn checked(parameter: &Member, given: &str, account: &AccountValues) -> Result<Value> {
    let node = &parameter.value;
    let kind = node.get("Type").map(|node| node.string("Type"));
    let kind = kind.ok_or_else(|| at(parameter, "Type is missing"))??;
    let of_ssm = kind.strip_prefix("AWS::SSM::Parameter::Value<");
    let of_ssm = of_ssm.and_then(|kind| kind.strip_suffix('>'));
    let value = match of_ssm {
        Some(_) => account.ssm(given).map_err(|error| at(parameter, error))?,
        None => given.to_owned(),
    };
    let items: Vec<&str> = value.split(',').map(str::trim).collect();
    let (is_list, is_number) = match of_ssm.unwrap_or(kind) {
        "String" => (false, false),
        "Number" if of_ssm.is_none() => (false, true),
        "CommaDelimitedList" => (true, false),
        "List<Number>" if of_ssm.is_none() => (true, true),
        "List<String>" if of_ssm.is_some() => (true, false),
        "AWS::SSM::Parameter::Name" if of_ssm.is_none() => (false, false),
        // What the ids of AWS's types name is not checked.
        of_aws if of_ssm.is_some() && of_aws.contains("AWS::") => {
            (of_aws.starts_with("List<"), false)
        }
        _ => {
            let message = format!("the emulator does not support the type {kind}");
            return Err(at(parameter, message));
        }
    };
    // CloudFormation does not show the value of such a parameter.
    let is_secret = node.get("NoEcho").is_some_and(|node| text(&node.to_json()) == "true");
    let shown = |value: &str| {
        if is_secret { "the value".to_owned() } else { format!("{value:?}") }
    };
    // The constraints are those of the name of a parameter of Systems Manager.
    let to_check = if is_list && of_ssm.is_none() { items.clone() } else { vec![given] };
    for value in to_check {
        if is_number && value.parse::<f64>().is_err() {
            return Err(at(parameter, format!("{} is not a number", shown(value))));
        }
        if let Some(violated) = violated(node, value)? {
            let message = format!("{} does not satisfy {violated}", shown(value));
            return Err(at(parameter, message));
        }
    }
    Ok(if is_list { items.into_iter().collect() } else { value.into() })
}

fn violated(parameter: &Node, value: &str) -> Result<Option<String>> {
    if let Some(allowed) = parameter.get("AllowedValues") {
        let Content::List(items) = &allowed.content else {
            return allowed.fails("AllowedValues is not a list");
        };
        if !items.iter().any(|item| text(&item.to_json()) == value) {
            return Ok(Some("AllowedValues".to_owned()));
        }
    }
    if let Some(node) = parameter.get("AllowedPattern") {
        let pattern = node.string("AllowedPattern")?;
        let whole = Regex::new(&format!("^(?:{pattern})$"));
        let whole =
            whole.map_err(|_| node.error("the emulator does not support this AllowedPattern"))?;
        if !whole.is_match(value) {
            return Ok(Some(format!("AllowedPattern {pattern}")));
        }
    }
    let number = value.parse::<f64>().unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "a value has at most 4096 bytes")]
    let length = value.chars().count() as f64;
    let bounds = [
        ("MinValue", number, true),
        ("MaxValue", number, false),
        ("MinLength", length, true),
        ("MaxLength", length, false),
    ];
    for (name, measured, is_minimum) in bounds {
        let Some(node) = parameter.get(name) else {
            continue;
        };
        let bound = text(&node.to_json());
        let Ok(limit) = bound.parse::<f64>() else {
            return node.fails(format!("{name} is not a number"));
        };
        if (is_minimum && measured < limit) || (!is_minimum && measured > limit) {
            return Ok(Some(format!("{name} {bound}")));
        }
    }
    Ok(None)
}
