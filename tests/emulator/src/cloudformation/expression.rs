//! Properties that refer to other resources, and their evaluation. It has no side effects.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

/// What the functions of a template can read from a resource of the stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResourceValues {
    /// The physical id, the value of `Ref`.
    pub reference: String,
    /// The values of `Fn::GetAtt`. A custom resource returns them as `Data`.
    pub attributes: Map<String, Value>,
}

/// The values of the resources of a stack by logical id.
pub type Values = BTreeMap<String, ResourceValues>;

/// A part of a template in which only the references to resources are unresolved.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A value without references.
    Constant(Value),
    /// A list.
    List(Vec<Expression>),
    /// A map.
    Map(Vec<(String, Expression)>),
    /// `Ref` of the resource with this logical id.
    Ref(String),
    /// `Fn::GetAtt` of a resource and an attribute.
    GetAtt(String, String),
    /// `Fn::Join` with this delimiter. `Fn::Sub` is a join without a delimiter.
    Join(String, Box<Expression>),
    /// `Fn::Select` of the item with this index.
    Select(usize, Box<Expression>),
    /// `Fn::Split` at this delimiter.
    Split(String, Box<Expression>),
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvaluationError {
    /// The stack has no resource with this logical id.
    NoResource(String),
    /// The resource does not have this attribute.
    NoAttribute(String, String),
    /// `Fn::Select` has an index that is not in its list.
    NoItem(usize),
    /// A function has an argument of another type.
    WrongType(&'static str, &'static str),
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoResource(resource) => write!(f, "The stack has no resource {resource}"),
            Self::NoAttribute(resource, attribute) => {
                write!(
                    f,
                    "The resource {resource} returned no attribute {attribute}"
                )
            }
            Self::NoItem(index) => write!(f, "Fn::Select: the list has no item {index}"),
            Self::WrongType(function, wanted) => {
                write!(f, "{function} has an argument that is not {wanted}")
            }
        }
    }
}

impl std::error::Error for EvaluationError {}

impl From<Value> for Expression {
    fn from(value: Value) -> Self {
        Self::Constant(value)
    }
}

impl Expression {
    /// Replaces the expression with its value if it refers to no resource.
    ///
    /// # Errors
    ///
    /// Returns an error if the expression refers to no resource and has no value.
    pub fn fold(self) -> Result<Self, EvaluationError> {
        if self.references().is_empty() {
            self.evaluate(&Values::new()).map(Self::Constant)
        } else {
            Ok(self)
        }
    }

    /// Returns the logical ids of the resources that the expression refers to.
    #[must_use]
    pub fn references(&self) -> BTreeSet<&str> {
        match self {
            Self::Constant(_) => BTreeSet::new(),
            Self::List(items) => items.iter().flat_map(Self::references).collect(),
            Self::Map(members) => {
                let members = members.iter();
                members.flat_map(|(_, value)| value.references()).collect()
            }
            Self::Ref(resource) | Self::GetAtt(resource, _) => [resource.as_str()].into(),
            Self::Join(_, inner) | Self::Select(_, inner) | Self::Split(_, inner) => {
                inner.references()
            }
        }
    }

    /// Returns the value, given those of the resources.
    ///
    /// # Errors
    ///
    /// Returns an error if a resource or an attribute is missing, or if a function can't be applied
    /// to its arguments.
    pub fn evaluate(&self, values: &Values) -> Result<Value, EvaluationError> {
        let resource = |name: &String| {
            let found = values.get(name);
            found.ok_or_else(|| EvaluationError::NoResource(name.clone()))
        };
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::List(items) => items.iter().map(|item| item.evaluate(values)).collect(),
            Self::Map(members) => {
                let member =
                    |(name, value): &(String, Self)| Ok((name.clone(), value.evaluate(values)?));
                let members: Result<Map<_, _>, _> = members.iter().map(member).collect();
                members.map(Value::Object)
            }
            Self::Ref(name) => Ok(resource(name)?.reference.clone().into()),
            Self::GetAtt(name, attribute) => {
                let value = resource(name)?.attributes.get(attribute).cloned();
                value.ok_or_else(|| EvaluationError::NoAttribute(name.clone(), attribute.clone()))
            }
            Self::Join(delimiter, items) => {
                let items = list("Fn::Join", items.evaluate(values)?)?;
                let texts: Result<Vec<_>, _> =
                    items.iter().map(|it| text("Fn::Join", it)).collect();
                Ok(texts?.join(delimiter).into())
            }
            Self::Select(index, items) => {
                let items = list("Fn::Select", items.evaluate(values)?)?;
                let item = items.into_iter().nth(*index);
                item.ok_or(EvaluationError::NoItem(*index))
            }
            Self::Split(delimiter, whole) => {
                let whole = text("Fn::Split", &whole.evaluate(values)?)?;
                Ok(whole.split(delimiter.as_str()).collect())
            }
        }
    }
}

fn list(function: &'static str, value: Value) -> Result<Vec<Value>, EvaluationError> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(EvaluationError::WrongType(function, "a list")),
    }
}

/// Returns a scalar as text.
fn text(function: &'static str, value: &Value) -> Result<String, EvaluationError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(EvaluationError::WrongType(function, "a string")),
    }
}
