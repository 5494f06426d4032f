//! The values of the conditions of a template.

use std::collections::BTreeMap;

use super::TemplateError;
use super::document::{Content, Node, text};
use super::functions::Scope;

/// Returns the values of all conditions.
pub(super) fn values(
    section: Option<&Node>,
    scope: &Scope<'_>,
) -> Result<BTreeMap<String, bool>, TemplateError> {
    let Some(section) = section else {
        return Ok(BTreeMap::new());
    };
    let mut conditions = Conditions {
        section,
        scope,
        known: BTreeMap::new(),
        open: Vec::new(),
    };
    for member in section.map("Conditions")? {
        conditions.named(&member.name, &member.value)?;
    }
    Ok(conditions.known)
}

struct Conditions<'a> {
    section: &'a Node,
    scope: &'a Scope<'a>,
    known: BTreeMap<String, bool>,
    /// The conditions that are being evaluated, each of which contains the next.
    open: Vec<String>,
}

impl Conditions<'_> {
    /// Returns the value of the condition with this name, which is used at this node.
    fn named(&mut self, name: &str, at: &Node) -> Result<bool, TemplateError> {
        if let Some(value) = self.known.get(name) {
            return Ok(*value);
        }
        let Some(condition) = self.section.get(name) else {
            return Err(at.error(format!("there is no condition {name}")));
        };
        if self.open.iter().any(|open| open == name) {
            return Err(at.error(format!("the condition {name} depends on itself")));
        }
        self.open.push(name.to_owned());
        let value = self.value(condition)?;
        self.open.pop();
        self.known.insert(name.to_owned(), value);
        Ok(value)
    }

    fn value(&mut self, node: &Node) -> Result<bool, TemplateError> {
        let Content::Map(members) = &node.content else {
            return Err(node.error("a condition is one of the condition functions"));
        };
        let [function] = members.as_slice() else {
            return Err(node.error("a condition is one function"));
        };
        let argument = &function.value;
        match function.name.as_str() {
            "Condition" => self.named(argument.string("Condition")?, argument),
            "Fn::Not" => Ok(!self.value(one_of(argument)?)?),
            name @ ("Fn::And" | "Fn::Or") => {
                let mut values = Vec::new();
                for item in list(argument, name, 2..=10)? {
                    values.push(self.value(item)?);
                }
                Ok(if name == "Fn::And" {
                    values.iter().all(|value| *value)
                } else {
                    values.iter().any(|value| *value)
                })
            }
            "Fn::Equals" => match list(argument, "Fn::Equals", 2..=2)? {
                [left, right] => Ok(self.compared(left)? == self.compared(right)?),
                _ => Err(argument.error("Fn::Equals compares two values")),
            },
            other => Err(node.error(format!("{other} is no condition function"))),
        }
    }

    fn compared(&self, node: &Node) -> Result<String, TemplateError> {
        Ok(text(&self.scope.constant(node, "Fn::Equals")?))
    }
}

fn one_of(argument: &Node) -> Result<&Node, TemplateError> {
    match list(argument, "Fn::Not", 1..=1)? {
        [item] => Ok(item),
        _ => Err(argument.error("Fn::Not has one condition")),
    }
}

fn list<'a>(
    argument: &'a Node,
    function: &str,
    count: std::ops::RangeInclusive<usize>,
) -> Result<&'a [Node], TemplateError> {
    match &argument.content {
        Content::List(items) if count.contains(&items.len()) => Ok(items),
        _ => {
            let (least, most) = (count.start(), count.end());
            let count = if least == most {
                least.to_string()
            } else {
                format!("{least} to {most}")
            };
            Err(argument.error(format!("{function} needs a list of {count}")))
        }
    }
}
