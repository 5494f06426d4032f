//! Reads YAML and JSON to nodes with line numbers.

use saphyr::{LoadableYamlNode, MarkedYamlOwned, ScalarOwned, YamlDataOwned};
use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

use super::error::{Result, TemplateError};
use super::functions::is_function;

#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The line on which it begins, counted from 1.
    pub(super) line: usize,
    pub(super) content: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<Member>),
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) value: Node,
}

/// Reads a document. JSON is YAML, too. Short forms of functions become long ones.
pub(super) fn read(text: &str) -> Result<Node> {
    let documents = MarkedYamlOwned::load_from_str(text).map_err(|error| {
        let message = format!("this is neither YAML nor JSON: {}", error.info());
        TemplateError::new(error.marker().line(), message)
    })?;
    check_aliases(text)?;
    match documents.as_slice() {
        [document] => node(document),
        [] => Err(TemplateError::without_line("the file is empty")),
        [_, second, ..] => {
            Err(TemplateError::new(second.span.start.line(), "a template is one YAML document"))
        }
    }
}

/// CloudFormation does not support aliases, and the nodes no longer tell what was one.
fn check_aliases(text: &str) -> Result<()> {
    for event in Parser::new_from_str(text) {
        if let Ok((Event::Alias(_), span)) = event {
            let message = "CloudFormation does not support YAML's aliases";
            return Err(TemplateError::new(span.start.line(), message));
        }
    }
    Ok(())
}

fn node(yaml: &MarkedYamlOwned) -> Result<Node> {
    let line = yaml.span.start.line();
    let content = match &yaml.data {
        YamlDataOwned::Value(scalar) => Content::Scalar(value(scalar)),
        YamlDataOwned::Sequence(items) => {
            Content::List(items.iter().map(node).collect::<Result<_>>()?)
        }
        YamlDataOwned::Mapping(members) => {
            let members = members.iter().map(|(name, value)| member(name, value));
            Content::Map(members.collect::<Result<_>>()?)
        }
        YamlDataOwned::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                name @ ("Ref" | "Condition") => name.to_owned(),
                name => format!("Fn::{name}"),
            };
            let mut value = node(inner)?;
            // A scalar with a tag has its position only outside the tag.
            value.line = value.line.max(line);
            Content::Map(vec![Member { name, line, value }])
        }
        YamlDataOwned::Representation(text, ..) => Content::Scalar(text.as_str().into()),
        YamlDataOwned::Alias(_) | YamlDataOwned::BadValue => {
            return Err(TemplateError::new(line, "this YAML has no value"));
        }
    };
    Ok(Node { line, content })
}

fn member(name: &MarkedYamlOwned, value: &MarkedYamlOwned) -> Result<Member> {
    let line = name.span.start.line();
    let name = match &name.data {
        YamlDataOwned::Value(ScalarOwned::String(name)) => name.clone(),
        YamlDataOwned::Value(scalar) => text(&self::value(scalar)),
        _ => return Err(TemplateError::new(line, "a name is not a string")),
    };
    if name == "<<" {
        let message = "CloudFormation does not support YAML's merge keys";
        return Err(TemplateError::new(line, message));
    }
    let mut value = node(value)?;
    // YAML without a value (`Name:`) begins where the next token is.
    if matches!(value.content, Content::Scalar(Value::Null)) {
        value.line = line;
    }
    Ok(Member { name, line, value })
}

fn value(scalar: &ScalarOwned) -> Value {
    match scalar {
        ScalarOwned::Null => Value::Null,
        ScalarOwned::Boolean(flag) => (*flag).into(),
        ScalarOwned::Integer(number) => (*number).into(),
        ScalarOwned::FloatingPoint(number) => number.into_inner().into(),
        ScalarOwned::String(text) => text.as_str().into(),
    }
}

/// Returns a scalar as CloudFormation writes it into a string.
pub(super) fn text(scalar: &Value) -> String {
    match scalar {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Member {
    pub(super) fn fails<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(TemplateError::new(self.line, message))
    }
}

impl Node {
    pub(super) fn fails<T>(&self, message: impl Into<String>) -> Result<T> {
        Err(self.error(message))
    }

    pub(super) fn error(&self, message: impl Into<String>) -> TemplateError {
        TemplateError::new(self.line, message)
    }

    pub(super) fn string(&self, what: &str) -> Result<&str> {
        match &self.content {
            Content::Scalar(Value::String(text)) => Ok(text),
            _ => self.fails(format!("{what} is not a string")),
        }
    }

    pub(super) fn map(&self, what: &str) -> Result<&[Member]> {
        match &self.content {
            Content::Map(members) => Ok(members),
            _ => self.fails(format!("{what} is not a map")),
        }
    }

    /// Returns the members of a map. What is no map has none.
    pub(super) fn members(&self) -> &[Member] {
        self.map("").unwrap_or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&Node> {
        let found = self.members().iter().find(|member| member.name == name)?;
        Some(&found.value)
    }

    /// Returns the name and the argument if this is a function.
    pub(super) fn function(&self) -> Result<Option<(&str, &Node)>> {
        let members = self.members();
        let is_function =
            |member: &&Member| member.name == "Ref" || member.name.starts_with("Fn::");
        let Some(function) = members.iter().find(is_function) else {
            return Ok(None);
        };
        if members.len() > 1 {
            return function.fails(format!("{} has other members beside it", function.name));
        }
        Ok(Some((&function.name, &function.value)))
    }

    /// Returns an error for the first function that is not supported, in branches that are not
    /// chosen, too.
    pub(super) fn check_functions(&self) -> Result<()> {
        match &self.content {
            Content::Scalar(_) => Ok(()),
            Content::List(items) => items.iter().try_for_each(Self::check_functions),
            Content::Map(members) => members.iter().try_for_each(|member| {
                if member.name.starts_with("Fn::") && !is_function(&member.name) {
                    return member.fails(format!("the emulator does not support {}", member.name));
                }
                member.value.check_functions()
            }),
        }
    }

    /// Converts the node to JSON. Functions have their long form.
    pub(super) fn to_json(&self) -> Value {
        match &self.content {
            Content::Scalar(value) => value.clone(),
            Content::List(items) => items.iter().map(Self::to_json).collect(),
            Content::Map(members) => {
                let members = members.iter();
                let members = members.map(|it| (it.name.clone(), it.value.to_json()));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}
