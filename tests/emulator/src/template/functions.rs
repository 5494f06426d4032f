//! Converts parts of a template to expressions in which only the references to resources are left.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Content, Node, text};
use super::substitution::{Part, parts};
use super::types::is_native;
use super::{Environment, TemplateError};
use crate::cloudformation::Expression;

/// What the functions of a template can refer to.
pub(super) struct Scope<'a> {
    pub(super) environment: &'a Environment,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) mappings: Option<&'a Node>,
    pub(super) conditions: BTreeMap<String, bool>,
    /// The types of the resources. Those whose condition is false have none.
    pub(super) resources: BTreeMap<String, Option<String>>,
}

/// `Ok(None)` is the value of `AWS::NoValue`: the member or item is left out.
type Compiled = Result<Option<Expression>, TemplateError>;

impl Scope<'_> {
    /// Converts a part of a template.
    pub(super) fn compile(&self, node: &Node) -> Compiled {
        let expression = match &node.content {
            Content::Scalar(value) => return Ok(Some(Expression::Constant(value.clone()))),
            Content::List(items) => {
                let items = items.iter().map(|item| self.compile(item));
                let items: Result<Vec<_>, _> = items.collect();
                Expression::List(items?.into_iter().flatten().collect())
            }
            Content::Map(members) => {
                if let Some((name, argument)) = node.function()? {
                    let Some(result) = self.function(name, argument, node)? else {
                        return Ok(None);
                    };
                    result
                } else {
                    let mut compiled = Vec::new();
                    for member in members {
                        if let Some(value) = self.compile(&member.value)? {
                            compiled.push((member.name.clone(), value));
                        }
                    }
                    Expression::Map(compiled)
                }
            }
        };
        let folded = expression.fold();
        folded
            .map(Some)
            .map_err(|error| node.error(error.to_string()))
    }

    /// Converts a part that can't be left out.
    fn required(&self, node: &Node, what: &str) -> Result<Expression, TemplateError> {
        let compiled = self.compile(node)?;
        compiled.ok_or_else(|| node.error(format!("{what}: AWS::NoValue is not possible here")))
    }

    /// Returns the value of a part that refers to no resource.
    pub(super) fn constant(&self, node: &Node, what: &str) -> Result<Value, TemplateError> {
        match self.required(node, what)? {
            Expression::Constant(value) => Ok(value),
            _ => Err(node.error(format!("{what} can't refer to a resource here"))),
        }
    }

    /// Returns the text of a scalar that refers to no resource.
    pub(super) fn constant_text(&self, node: &Node, what: &str) -> Result<String, TemplateError> {
        match self.constant(node, what)? {
            Value::Array(_) | Value::Object(_) | Value::Null => {
                Err(node.error(format!("{what} is not a string")))
            }
            scalar => Ok(text(&scalar)),
        }
    }

    fn function(&self, name: &str, argument: &Node, node: &Node) -> Compiled {
        match name {
            "Ref" => self.reference(argument.string("Ref")?, argument),
            "Fn::GetAtt" => self.attribute(argument).map(Some),
            "Fn::If" => {
                let [condition, yes, no] = arguments(argument, name)?;
                let condition = condition.string("the condition of Fn::If")?;
                match self.conditions.get(condition) {
                    Some(true) => self.compile(yes),
                    Some(false) => self.compile(no),
                    None => Err(argument.error(format!("there is no condition {condition}"))),
                }
            }
            "Fn::Join" => {
                let [delimiter, items] = arguments(argument, name)?;
                let delimiter = delimiter.string("the delimiter of Fn::Join")?.to_owned();
                let items = self.required(items, name)?;
                Ok(Some(Expression::Join(delimiter, Box::new(items))))
            }
            "Fn::Select" => {
                let [index, items] = arguments(argument, name)?;
                let text = self.constant_text(index, "the index of Fn::Select")?;
                let number = text.parse();
                let number = number
                    .map_err(|_| index.error(format!("Fn::Select: {text} is not an index")))?;
                let items = self.required(items, name)?;
                Ok(Some(Expression::Select(number, Box::new(items))))
            }
            "Fn::Split" => {
                let [delimiter, whole] = arguments(argument, name)?;
                let delimiter = delimiter.string("the delimiter of Fn::Split")?.to_owned();
                let whole = self.required(whole, name)?;
                Ok(Some(Expression::Split(delimiter, Box::new(whole))))
            }
            "Fn::Sub" => self.substitute(argument).map(Some),
            "Fn::FindInMap" => self.find_in_map(argument).map(Some),
            "Fn::ImportValue" => self.import(argument).map(Some),
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
                Err(node.error(format!("{name} is possible only in Conditions")))
            }
            other => Err(node.error(format!("the emulator does not support {other}"))),
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

    /// Returns the type of a resource that a function refers to.
    fn resource(&self, name: &str, at: &Node) -> Result<&str, TemplateError> {
        match self.resources.get(name) {
            Some(Some(resource_type)) => Ok(resource_type),
            Some(None) => Err(at.error(format!(
                "the resource {name} does not exist, because its condition is false"
            ))),
            None => Err(at.error(format!(
                "the template has no parameter and no resource {name}"
            ))),
        }
    }

    fn attribute(&self, argument: &Node) -> Result<Expression, TemplateError> {
        if let Content::Scalar(Value::String(text)) = &argument.content {
            match text.split_once('.') {
                Some((name, attribute)) => self.attribute_of(name, attribute, argument),
                None => Err(argument.error("Fn::GetAtt needs a resource, a dot and an attribute")),
            }
        } else {
            let [name, attribute] = arguments(argument, "Fn::GetAtt")?;
            let name = name.string("the resource of Fn::GetAtt")?;
            let attribute = self.constant_text(attribute, "the attribute of Fn::GetAtt")?;
            self.attribute_of(name, &attribute, argument)
        }
    }

    fn attribute_of(
        &self,
        name: &str,
        attribute: &str,
        at: &Node,
    ) -> Result<Expression, TemplateError> {
        let resource_type = self.resource(name, at)?;
        if is_native(resource_type) && attribute != "Arn" {
            let message = format!("{resource_type} has no attribute {attribute}, only Arn");
            return Err(at.error(message));
        }
        Ok(Expression::GetAtt(name.to_owned(), attribute.to_owned()))
    }

    fn substitute(&self, argument: &Node) -> Result<Expression, TemplateError> {
        let (text, own) = match &argument.content {
            Content::List(_) => {
                let [text, own] = arguments(argument, "Fn::Sub")?;
                own.map("the second argument of Fn::Sub")?;
                (text, Some(own))
            }
            _ => (argument, None),
        };
        let text = text.string("the text of Fn::Sub")?;
        let parts = parts(text)
            .ok_or_else(|| argument.error("Fn::Sub: a variable has no closing brace"))?;
        let part = |part: Part| match part {
            Part::Text(text) => Ok(Expression::Constant(text.into())),
            Part::Variable(name) => self.variable(&name, own, argument),
        };
        let parts: Result<Vec<_>, _> = parts.into_iter().map(part).collect();
        let parts = Box::new(Expression::List(parts?));
        Ok(Expression::Join(String::new(), parts))
    }

    fn variable(
        &self,
        name: &str,
        own: Option<&Node>,
        at: &Node,
    ) -> Result<Expression, TemplateError> {
        if let Some(value) = own.and_then(|own| own.get(name)) {
            return self.required(value, "Fn::Sub");
        }
        if let Some((name, attribute)) = name.split_once('.') {
            return self.attribute_of(name, attribute, at);
        }
        let value = self.reference(name, at)?;
        value.ok_or_else(|| at.error("Fn::Sub: AWS::NoValue is not possible here"))
    }

    fn find_in_map(&self, argument: &Node) -> Result<Expression, TemplateError> {
        let [map, first, second] = arguments(argument, "Fn::FindInMap")?;
        let mut keys = Vec::new();
        for node in [map, first, second] {
            keys.push(self.constant_text(node, "Fn::FindInMap")?);
        }
        let found = keys.iter().try_fold(self.mappings, |at, key| {
            at.and_then(|at| at.get(key)).map(Some)
        });
        if let Some(value) = found.flatten() {
            Ok(Expression::Constant(value.to_json()))
        } else {
            let path = keys.join(", ");
            Err(argument.error(format!("the mappings have no value for {path}")))
        }
    }

    /// The stack of the function exports one value, its `ServiceToken`.
    fn import(&self, argument: &Node) -> Result<Expression, TemplateError> {
        let name = self.constant_text(argument, "Fn::ImportValue")?;
        if name.ends_with("-ServiceToken") {
            let token = self.environment.service_token.as_str();
            return Ok(Expression::Constant(token.into()));
        }
        Err(argument.error(format!(
            "no stack exports {name}; the emulator exports only the function, as \
             ssm-contact-resource-ServiceToken"
        )))
    }
}

/// Returns the arguments of a function that has so many.
fn arguments<'a, const N: usize>(
    argument: &'a Node,
    function: &str,
) -> Result<[&'a Node; N], TemplateError> {
    let items = match &argument.content {
        Content::List(items) => items.iter().collect::<Vec<_>>().try_into().ok(),
        _ => None,
    };
    items.ok_or_else(|| argument.error(format!("{function} needs a list of {N} arguments")))
}
