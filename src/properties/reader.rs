//! Reads JSON as CloudFormation sends it, and collects every violation with its path.
//!
//! CloudFormation turns scalars into strings, so `"5"` is read as 5 and `"true"` as true.
//! Local tools keep scalars typed, so 5 is read as `"5"`, too. A null counts as absent.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

/// One violation of a constraint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// Where, such as `Plan.Stages[0].DurationInMinutes`.
    pub path: String,
    /// What is allowed there, and what was found.
    pub problem: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.problem)
    }
}

/// The violations of one set of properties.
#[derive(Debug, Default)]
pub(super) struct Violations(pub(super) Vec<Violation>);

impl Violations {
    pub(super) fn add(&mut self, path: &str, problem: impl Into<String>) {
        self.0.push(Violation {
            path: path.to_owned(),
            problem: problem.into(),
        });
    }

    /// Runs `read`, and returns its value only if it found no violation.
    pub(super) fn valid<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.0.len();
        let value = read(self);
        value.filter(|_| self.0.len() == before)
    }
}

/// What a violation may repeat of the template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shown {
    /// Names and values.
    All,
    /// Names only. A name that is not made of letters may be a value that stands in the wrong
    /// place, and is not repeated either.
    Keys,
    /// Neither names nor values.
    Nothing,
}

/// A value and the path to it. It has no `Debug`, because the value may be an address.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) path: Cow<'static, str>,
    value: &'a Value,
    shown: Shown,
}

impl<'a> Node<'a> {
    /// The same node, of which violations repeat no more than this.
    pub(super) fn showing(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }

    /// The end of a violation that repeats the value, if it may.
    pub(super) fn but_not(&self, value: impl FnOnce() -> String) -> String {
        match self.shown {
            Shown::All => format!(", not {}", value()),
            Shown::Keys | Shown::Nothing => String::new(),
        }
    }

    /// The text of a scalar.
    pub(super) fn text(&self, violations: &mut Violations) -> Option<Cow<'a, str>> {
        match self.value {
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(flag) => Some(Cow::Owned(flag.to_string())),
            other => {
                violations.add(&self.path, format!("must be a string, not {}", kind(other)));
                None
            }
        }
    }

    /// A whole number within `range`.
    pub(super) fn number(
        &self,
        range: &std::ops::RangeInclusive<i32>,
        violations: &mut Violations,
    ) -> Option<i32> {
        let number = match self.value {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let within = number
            .and_then(|n| i32::try_from(n).ok())
            .filter(|n| range.contains(n));
        if within.is_none() {
            let (least, most) = (range.start(), range.end());
            violations.add(
                &self.path,
                format!(
                    "must be a whole number from {least} to {most}{}",
                    self.but_not(|| shown(self.value))
                ),
            );
        }
        within
    }

    /// True or false.
    pub(super) fn flag(&self, violations: &mut Violations) -> Option<bool> {
        let flag = match self.value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        };
        if flag.is_none() {
            violations.add(
                &self.path,
                format!(
                    "must be true or false{}",
                    self.but_not(|| shown(self.value))
                ),
            );
        }
        flag
    }

    /// The items of a list, each with its path.
    pub(super) fn items(&self, violations: &mut Violations) -> Option<Vec<Node<'a>>> {
        let Value::Array(items) = self.value else {
            violations.add(
                &self.path,
                format!("must be a list, not {}", kind(self.value)),
            );
            return None;
        };
        let at = |(index, value)| Node {
            path: format!("{}[{index}]", self.path).into(),
            value,
            shown: self.shown,
        };
        Some(items.iter().enumerate().map(at).collect())
    }

    /// The members of an object. Members that are not `known` are violations.
    pub(super) fn members(
        &self,
        known: &'static [&'static str],
        violations: &mut Violations,
    ) -> Option<Members<'a>> {
        let Value::Object(map) = self.value else {
            violations.add(
                &self.path,
                format!("must be an object, not {}", kind(self.value)),
            );
            return None;
        };
        let members = Members {
            path: self.path.clone(),
            map,
            shown: self.shown,
        };
        members.refuse_unknown(known, |_| false, violations);
        Some(members)
    }
}

/// The members of an object and the path to it.
pub(super) struct Members<'a> {
    path: Cow<'static, str>,
    map: &'a Map<String, Value>,
    shown: Shown,
}

impl<'a> Members<'a> {
    /// The properties themselves.
    pub(super) fn root(map: &'a Map<String, Value>) -> Self {
        Self {
            path: Cow::Borrowed(""),
            map,
            shown: Shown::All,
        }
    }

    fn path_to(&self, name: &'static str) -> Cow<'static, str> {
        if self.path.is_empty() {
            Cow::Borrowed(name)
        } else {
            format!("{}.{name}", self.path).into()
        }
    }

    pub(super) fn get(&self, name: &'static str) -> Option<Node<'a>> {
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        Some(Node {
            path: self.path_to(name),
            value,
            shown: self.shown,
        })
    }

    pub(super) fn require(
        &self,
        name: &'static str,
        violations: &mut Violations,
    ) -> Option<Node<'a>> {
        let node = self.get(name);
        if node.is_none() {
            violations.add(&self.path_to(name), "is required");
        }
        node
    }

    pub(super) fn refuse_unknown(
        &self,
        known: &[&str],
        ignored: impl Fn(&str) -> bool,
        violations: &mut Violations,
    ) {
        for name in self.map.keys().filter(|name| !ignored(name)) {
            if known.contains(&name.as_str()) {
                continue;
            }
            let is_shown = match self.shown {
                Shown::All => true,
                Shown::Keys => name.chars().all(|c| c.is_ascii_alphabetic()),
                Shown::Nothing => false,
            };
            if !is_shown {
                let problem = format!("has an unknown member; it may have {}", known.join(", "));
                violations.add(&self.path, problem);
                continue;
            }
            let path = if self.path.is_empty() {
                name.clone()
            } else {
                format!("{}.{name}", self.path)
            };
            let guess = did_you_mean(name, known.iter().copied());
            violations.add(&path, format!("is unknown{guess}"));
        }
    }
}

/// The end of a violation that suggests the nearest known name.
pub(super) fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let name = name.to_lowercase();
    let likeness = |known: &str| strsim::jaro_winkler(&known.to_lowercase(), &name);
    let nearest = known
        .into_iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest}?"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Most characters of a value that a violation repeats.
const SHOWN_MAX: usize = 40;

/// A value as a violation repeats it: short, since a Reason has few bytes.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        other => kind(other).to_owned(),
    }
}

/// The beginning of a text, in quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut start: String = text.chars().take(SHOWN_MAX).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    format!("{start:?}")
}
