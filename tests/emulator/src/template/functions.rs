//! Converts parts of a template to expressions in which only the references to resources are left.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::document::{Content, Node};
use super::error::Result;
use super::{AccountValues, Environment};
use crate::cloudformation::{Expression, scalar_text};
use crate::native::is_native;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    Properties,
    Conditions,
    Rules,
}

pub(super) const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";

#[derive(Clone, Copy, PartialEq)]
enum Allowed {
    Anywhere,
    /// With the transform.
    Extended,
    Conditions,
    Rules,
}

/// The functions, with the number of their arguments. Those without one are in
/// [`Scope::function`].
const FUNCTIONS: [(&str, Option<RangeInclusive<usize>>, Allowed); 18] = [
    ("Fn::And", Some(2..=10), Allowed::Conditions),
    ("Fn::Contains", Some(2..=2), Allowed::Rules),
    ("Fn::EachMemberEquals", Some(2..=2), Allowed::Rules),
    ("Fn::EachMemberIn", Some(2..=2), Allowed::Rules),
    ("Fn::Equals", Some(2..=2), Allowed::Conditions),
    ("Fn::FindInMap", None, Allowed::Anywhere),
    ("Fn::GetAtt", None, Allowed::Anywhere),
    ("Fn::If", None, Allowed::Anywhere),
    ("Fn::ImportValue", None, Allowed::Anywhere),
    ("Fn::Join", Some(2..=2), Allowed::Anywhere),
    ("Fn::Length", Some(1..=1), Allowed::Extended),
    ("Fn::Not", Some(1..=1), Allowed::Conditions),
    ("Fn::Or", Some(2..=10), Allowed::Conditions),
    ("Fn::Select", Some(2..=2), Allowed::Anywhere),
    ("Fn::Split", Some(2..=2), Allowed::Anywhere),
    ("Fn::Sub", None, Allowed::Anywhere),
    ("Fn::ToJsonString", Some(1..=1), Allowed::Extended),
    ("Ref", None, Allowed::Anywhere),
];

pub(super) fn is_function(name: &str) -> bool {
    name.starts_with("Fn::ForEach::") || FUNCTIONS.iter().any(|(known, ..)| *known == name)
}

pub(super) struct Scope<'a> {
    pub(super) environment: &'a Environment,
    pub(super) account: &'a AccountValues,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) extended: bool,
    pub(super) mappings: Option<&'a Node>,
    pub(super) conditions: Option<&'a Node>,
    /// The number of conditions that are being evaluated, each of which contains the next.
    pub(super) open: Cell<usize>,
    /// The types of the resources. Those whose condition is false have none.
    pub(super) resources: BTreeMap<String, Option<String>>,
}

/// `Ok(None)` is the value of `AWS::NoValue`: the member or item is left out.
type Compiled = Result<Option<Expression>>;

impl Scope<'_> {
    pub(super) fn compile(&self, node: &Node, place: Place) -> Compiled {
        let expression = match &node.content {
            Content::Scalar(value) => return Ok(Some(Expression::Constant(value.clone()))),
            Content::List(items) => {
                let items = items.iter().map(|item| self.compile(item, place));
                let items: Result<Vec<_>> = items.collect();
                Expression::List(items?.into_iter().flatten().collect())
            }
            Content::Map(members) => match (node.function()?, members.as_slice()) {
                (Some((name, argument)), _) => match self.function(name, argument, node, place)? {
                    Some(result) => result,
                    None => return Ok(None),
                },
                (None, [it]) if it.name == "Condition" && place != Place::Properties => {
                    Expression::Constant(self.condition(&it.value)?.into())
                }
                (None, members) => {
                    let mut compiled = Vec::new();
                    for member in members {
                        if let Some(value) = self.compile(&member.value, place)? {
                            compiled.push((member.name.clone(), value));
                        }
                    }
                    Expression::Map(compiled)
                }
            },
        };
        expression.fold().map(Some).map_err(|error| node.error(error))
    }

    /// Converts a part of a template, and replaces the dynamic references of Parameter Store.
    pub(super) fn with_ssm(&self, node: &Node) -> Compiled {
        let mut compiled = self.compile(node, Place::Properties)?;
        if let Some(expression) = &mut compiled {
            let in_text = |text: &mut String| {
                *text = self.account.with_references(text)?;
                Ok(())
            };
            let replaced: std::result::Result<(), String> = expression.map_texts(&in_text);
            replaced.map_err(|error| node.error(error))?;
        }
        Ok(compiled)
    }

    fn required(&self, node: &Node, what: &str, place: Place) -> Result<Expression> {
        let compiled = self.compile(node, place)?;
        compiled.ok_or_else(|| node.error(format!("{what}: AWS::NoValue is not possible here")))
    }

    pub(super) fn constant(&self, node: &Node, what: &str) -> Result<Value> {
        match self.required(node, what, Place::Properties)? {
            Expression::Constant(value) => Ok(value),
            _ => node.fails(format!("{what} can't refer to a resource here")),
        }
    }

    pub(super) fn constant_text(&self, node: &Node, what: &str) -> Result<String> {
        let text = scalar_text(&self.constant(node, what)?);
        text.ok_or_else(|| node.error(format!("{what} is not a string")))
    }

    pub(super) fn is_true(&self, node: &Node, place: Place) -> Result<bool> {
        match self.required(node, "a condition", place)? {
            Expression::Constant(Value::Bool(value)) => Ok(value),
            _ => node.fails("a condition is one of the condition functions"),
        }
    }

    pub(super) fn condition(&self, at: &Node) -> Result<bool> {
        let name = at.string("Condition")?;
        let found = self.conditions.and_then(|all| all.get(name));
        let condition = found.ok_or_else(|| at.error(format!("there is no condition {name}")))?;
        let all = self.conditions.map_or(0, |all| all.members().len());
        if self.open.get() > all {
            return at.fails(format!("the condition {name} depends on itself"));
        }
        self.open.set(self.open.get() + 1);
        let value = self.is_true(condition, Place::Conditions);
        self.open.set(self.open.get() - 1);
        value
    }

    fn function(&self, name: &str, argument: &Node, node: &Node, place: Place) -> Compiled {
        let found = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        let unsupported = || node.error(format!("the emulator does not support {name}"));
        let (_, count, allowed) = found.ok_or_else(unsupported)?;
        let only_in = match allowed {
            Allowed::Extended if !self.extended => Some("with Transform: AWS::LanguageExtensions"),
            Allowed::Conditions if place == Place::Properties => Some("in Conditions"),
            Allowed::Rules if place != Place::Rules => Some("in Rules"),
            _ => None,
        };
        if let Some(only_in) = only_in {
            return node.fails(format!("{name} is possible only {only_in}"));
        }
        if let Some(count) = count {
            let arguments = match &argument.content {
                // A function of one argument has it as it is, except for Fn::Not.
                _ if *count.end() == 1 && name != "Fn::Not" => vec![argument],
                Content::List(items) if count.contains(&items.len()) => items.iter().collect(),
                _ => {
                    let (least, most) = (count.start(), count.end());
                    let count = if least == most {
                        least.to_string()
                    } else {
                        format!("{least} to {most}")
                    };
                    return argument.fails(format!("{name} needs a list of {count} arguments"));
                }
            };
            let arguments = arguments.into_iter();
            let arguments = arguments.map(|node| self.required(node, name, place));
            let call = Expression::Call(name.to_owned(), arguments.collect::<Result<_>>()?);
            return Ok(Some(call));
        }
        match name {
            "Ref" => self.reference(&self.name(argument, name)?, argument),
            "Fn::GetAtt" => self.attribute(argument).map(Some),
            "Fn::If" => {
                let [condition, yes, no] = arguments(argument, name)?;
                self.compile(if self.condition(condition)? { yes } else { no }, place)
            }
            "Fn::Sub" => self.substitute(argument).map(Some),
            "Fn::FindInMap" => self.find_in_map(argument).map(Some),
            _ => {
                let name = self.constant_text(argument, "Fn::ImportValue")?;
                let value = self.account.export(&name, self.environment);
                let value = value.ok_or_else(|| {
                    argument.error(format!(
                        "no stack exports {name}; --export {name}=… gives it a value"
                    ))
                })?;
                Ok(Some(Expression::Constant(value.into())))
            }
        }
    }

    /// Returns the name of a resource or parameter. With the transform, it may be a function.
    pub(super) fn name(&self, node: &Node, what: &str) -> Result<String> {
        if self.extended {
            self.constant_text(node, what)
        } else {
            node.string(what).map(ToOwned::to_owned)
        }
    }

    fn reference(&self, name: &str, at: &Node) -> Compiled {
        let environment = self.environment;
        let value: Value = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::AccountId" => environment.account.as_str().into(),
            "AWS::NotificationARNs" => Value::Array(Vec::new()),
            "AWS::Partition" => environment.partition.as_str().into(),
            "AWS::Region" => environment.region.as_str().into(),
            "AWS::StackId" => environment.stack_id.as_str().into(),
            "AWS::StackName" => environment.stack_name.as_str().into(),
            "AWS::URLSuffix" if environment.partition == "aws-cn" => "amazonaws.com.cn".into(),
            "AWS::URLSuffix" => "amazonaws.com".into(),
            name => {
                if let Some(value) = self.parameters.get(name) {
                    value.clone()
                } else {
                    self.resource(name, at)?;
                    return Ok(Some(Expression::Ref(name.to_owned())));
                }
            }
        };
        Ok(Some(Expression::Constant(value)))
    }

    fn resource(&self, name: &str, at: &Node) -> Result<&str> {
        match self.resources.get(name) {
            Some(Some(resource_type)) => Ok(resource_type),
            Some(None) => Err(at.error(format!(
                "the resource {name} does not exist, because its condition is false"
            ))),
            None => at.fails(format!("the template has no parameter and no resource {name}")),
        }
    }

    fn attribute(&self, argument: &Node) -> Result<Expression> {
        if let Content::Scalar(Value::String(text)) = &argument.content {
            match text.split_once('.') {
                Some((name, attribute)) => self.attribute_of(name, attribute, argument),
                None => Err(argument.error("Fn::GetAtt needs a resource, a dot and an attribute")),
            }
        } else {
            let [name, attribute] = arguments(argument, "Fn::GetAtt")?;
            let name = self.name(name, "the resource of Fn::GetAtt")?;
            let attribute = self.constant_text(attribute, "the attribute of Fn::GetAtt")?;
            self.attribute_of(&name, &attribute, argument)
        }
    }

    fn attribute_of(&self, name: &str, attribute: &str, at: &Node) -> Result<Expression> {
        let resource_type = self.resource(name, at)?;
        if is_native(resource_type) && attribute != "Arn" {
            return at.fails(format!("{resource_type} has no attribute {attribute}, only Arn"));
        }
        Ok(Expression::GetAtt(name.to_owned(), attribute.to_owned()))
    }

    fn substitute(&self, argument: &Node) -> Result<Expression> {
        let (text, own) = match &argument.content {
            Content::List(_) => {
                let [text, own] = arguments(argument, "Fn::Sub")?;
                own.map("the second argument of Fn::Sub")?;
                (text, Some(own))
            }
            _ => (argument, None),
        };
        let mut rest = text.string("the text of Fn::Sub")?;
        let constant = |text: &str| Expression::Constant(text.into());
        let mut parts = Vec::new();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| argument.error("Fn::Sub: a variable has no closing brace"))?;
            parts.push(constant(before));
            // `${!name}` is the text `${name}`.
            parts.push(match name.strip_prefix('!') {
                Some(escaped) => constant(&format!("${{{escaped}}}")),
                None => self.variable(name.trim(), own, argument)?,
            });
            rest = after;
        }
        parts.push(constant(rest));
        let joined = vec![constant(""), Expression::List(parts)];
        Ok(Expression::Call("Fn::Join".to_owned(), joined))
    }

    fn variable(&self, name: &str, own: Option<&Node>, at: &Node) -> Result<Expression> {
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.required(value, "Fn::Sub", Place::Properties);
        }
        if let Some((name, attribute)) = name.split_once('.') {
            return self.attribute_of(name, attribute, at);
        }
        let value = self.reference(name, at)?;
        value.ok_or_else(|| at.error("Fn::Sub: AWS::NoValue is not possible here"))
    }

    /// With the transform, a fourth argument has a `DefaultValue`.
    fn find_in_map(&self, argument: &Node) -> Result<Expression> {
        let default = match &argument.content {
            Content::List(items) if self.extended => items.get(3),
            _ => None,
        };
        let default = default.and_then(|options| options.get("DefaultValue"));
        let [map, first, second] = match (&argument.content, default) {
            (Content::List(items), Some(_)) => match items.as_slice() {
                [map, first, second, _] => [map, first, second],
                _ => return Err(argument.error("Fn::FindInMap has too many arguments")),
            },
            _ => arguments(argument, "Fn::FindInMap")?,
        };
        let mut keys = Vec::new();
        for node in [map, first, second] {
            keys.push(self.constant_text(node, "Fn::FindInMap")?);
        }
        let found =
            keys.iter().try_fold(self.mappings, |at, key| at.and_then(|at| at.get(key)).map(Some));
        match (found.flatten(), default) {
            (Some(value), _) => Ok(Expression::Constant(value.to_json())),
            (None, Some(default)) => self.required(default, "DefaultValue", Place::Properties),
            (None, None) => {
                let path = keys.join(", ");
                Err(argument.error(format!("the mappings have no value for {path}")))
            }
        }
    }
}

pub(super) fn arguments<'a, const N: usize>(
    argument: &'a Node,
    function: &str,
) -> Result<[&'a Node; N]> {
    let items = match &argument.content {
        Content::List(items) => items.iter().collect::<Vec<_>>().try_into().ok(),
        _ => None,
    };
    items.ok_or_else(|| argument.error(format!("{function} needs a list of {N} arguments")))
}
