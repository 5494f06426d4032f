//! Properties that refer to other resources, and their evaluation. It has no side effects.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceValues {
    /// The physical id, the value of `Ref`.
    pub reference: String,
    /// The values of `Fn::GetAtt`. A custom resource returns them as `Data`.
    pub attributes: Map<String, Value>,
}

pub type Values = BTreeMap<String, ResourceValues>;

/// A part of a template in which only the references to resources are unresolved.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Constant(Value),
    List(Vec<Expression>),
    Map(Vec<(String, Expression)>),
    Ref(String),
    GetAtt(String, String),
    Call(String, Vec<Expression>),
}

impl From<Value> for Expression {
    fn from(value: Value) -> Self {
        Self::Constant(value)
    }
}

impl Expression {
    pub(crate) fn fold(self) -> Result<Self, String> {
        if self.references().is_empty() {
            self.evaluate(&Values::new()).map(Self::Constant)
        } else {
            Ok(self)
        }
    }

    pub(crate) fn references(&self) -> BTreeSet<&str> {
        match self {
            Self::Constant(_) => BTreeSet::new(),
            Self::List(items) | Self::Call(_, items) => {
                items.iter().flat_map(Self::references).collect()
            }
            Self::Map(members) => {
                let members = members.iter();
                members.flat_map(|(_, value)| value.references()).collect()
            }
            Self::Ref(resource) | Self::GetAtt(resource, _) => [resource.as_str()].into(),
        }
    }

    pub(crate) fn evaluate(&self, values: &Values) -> Result<Value, String> {
        let all = |items: &[Self]| -> Result<Vec<Value>, _> {
            items.iter().map(|item| item.evaluate(values)).collect()
        };
        let resource = |name: &String| {
            let found = values.get(name);
            found.ok_or_else(|| format!("The stack has no resource {name}"))
        };
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::List(items) => all(items).map(Value::Array),
            Self::Map(members) => {
                let members = members.iter();
                members.map(|(name, value)| Ok((name.clone(), value.evaluate(values)?))).collect()
            }
            Self::Ref(name) => Ok(resource(name)?.reference.clone().into()),
            Self::GetAtt(name, attribute) => {
                let value = resource(name)?.attributes.get(attribute).cloned();
                value
                    .ok_or_else(|| format!("The resource {name} returned no attribute {attribute}"))
            }
            Self::Call(function, arguments) => apply(function, &all(arguments)?),
        }
    }

    /// Changes every string that is in the template itself.
    pub(crate) fn map_texts<E>(
        &mut self,
        change: &impl Fn(&mut String) -> Result<(), E>,
    ) -> Result<(), E> {
        fn in_value<E>(
            value: &mut Value,
            change: &impl Fn(&mut String) -> Result<(), E>,
        ) -> Result<(), E> {
            match value {
                Value::String(text) => change(text),
                Value::Array(items) => items.iter_mut().try_for_each(|it| in_value(it, change)),
                Value::Object(members) => {
                    let mut members = members.iter_mut();
                    members.try_for_each(|(_, value)| in_value(value, change))
                }
                _ => Ok(()),
            }
        }
        match self {
            Self::Constant(value) => in_value(value, change),
            Self::List(items) | Self::Call(_, items) => {
                items.iter_mut().try_for_each(|item| item.map_texts(change))
            }
            Self::Map(members) => {
                let mut members = members.iter_mut();
                members.try_for_each(|(_, value)| value.map_texts(change))
            }
            Self::Ref(_) | Self::GetAtt(..) => Ok(()),
        }
    }
}

fn apply(function: &str, arguments: &[Value]) -> Result<Value, String> {
    let wrong = |wanted: &str| format!("{function} has an argument that is not {wanted}");
    let list = |value: &Value| match value {
        Value::Array(items) => Ok(items.clone()),
        _ => Err(wrong("a list")),
    };
    let text = |value: &Value| scalar_text(value).ok_or_else(|| wrong("a string"));
    let texts =
        |value: &Value| -> Result<Vec<String>, _> { list(value)?.iter().map(text).collect() };
    let truth = |value: &Value| value.as_bool().ok_or_else(|| wrong("a condition"));
    let truths = || -> Result<Vec<bool>, _> { arguments.iter().map(truth).collect() };
    Ok(match (function, arguments) {
        ("Fn::Join", [delimiter, items]) => texts(items)?.join(&text(delimiter)?).into(),
        ("Fn::Split", [delimiter, whole]) => text(whole)?.split(&text(delimiter)?).collect(),
        ("Fn::Select", [index, items]) => {
            let index = text(index)?;
            let number: usize = index.parse().map_err(|_| wrong("an index"))?;
            let item = list(items)?.into_iter().nth(number);
            item.ok_or_else(|| format!("Fn::Select: the list has no item {index}"))?
        }
        ("Fn::Length", [items]) => list(items)?.len().into(),
        ("Fn::ToJsonString", [value]) => value.to_string().into(),
        ("Fn::Equals", [left, right]) => match (scalar_text(left), scalar_text(right)) {
            (Some(left), Some(right)) => (left == right).into(),
            _ => (left == right).into(),
        },
        ("Fn::Not", [value]) => (!truth(value)?).into(),
        ("Fn::And", _) => truths()?.into_iter().all(|value| value).into(),
        ("Fn::Or", _) => truths()?.into_iter().any(|value| value).into(),
        ("Fn::Contains", [items, value]) => texts(items)?.contains(&text(value)?).into(),
        ("Fn::EachMemberEquals", [items, value]) => {
            let value = text(value)?;
            texts(items)?.iter().all(|item| *item == value).into()
        }
        ("Fn::EachMemberIn", [items, allowed]) => {
            let allowed = texts(allowed)?;
            texts(items)?.iter().all(|item| allowed.contains(item)).into()
        }
        _ => return Err(format!("{function} has not these arguments")),
    })
}

/// Returns a scalar as CloudFormation writes it into a string.
pub(crate) fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
