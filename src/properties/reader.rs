//! Reads JSON as CloudFormation sends it, and collects every violation with its path.
//!
//! CloudFormation turns scalars into strings, so `"5"` is read as 5 and `"true"` as true.
//! Local tools keep scalars typed, so 5 is read as `"5"`, too. A null counts as left out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::contact::personal_data::{may_be_address, quoted};
use crate::json::Json;
use crate::text::cut;

use super::suggestion::Suggestion;

/// One violation of a constraint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Violation {
    /// Where, such as `Plan.Stages[0].DurationInMinutes`.
    path: String,
    /// What is allowed there, and what was found.
    problem: String,
}

/// Most violations that an answer names.
const NAMED_MAX: usize = 30;

/// The violations of one set of properties.
#[derive(Clone, Debug, Default)]
pub(crate) struct Violations {
    named: Vec<Violation>,
    count: usize,
}

impl Violations {
    pub(super) fn add(&mut self, path: &str, problem: impl Into<String>) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(Violation {
                path: path.to_owned(),
                problem: problem.into(),
            });
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Runs `read`, and returns its value only if it found no violation.
    pub(super) fn valid<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.count;
        let value = read(self);
        value.filter(|_| self.count == before)
    }
}

/// Written as the beginning of a Reason.
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { named, count } = self;
        let plural = if *count == 1 { "" } else { "s" };
        write!(f, "The properties have {count} violation{plural}")?;
        let mut before = ": ";
        for Violation { path, problem } in named {
            write!(f, "{before}{path}: {problem}")?;
            before = "; ";
        }
        match count - named.len() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// The problem of a value that CloudFormation did not resolve.
const UNRESOLVED: &str = "still reads {{resolve:…}}: in a custom resource CloudFormation resolves {{resolve:ssm:…}} \
    only, neither ssm-secure nor secretsmanager; pass a secret as a parameter with NoEcho";

fn is_unresolved(text: &str) -> bool {
    text.contains("{{resolve:")
}

/// A value and the path to it. It has no `Debug`, because the value may be an address.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) path: Cow<'static, str>,
    value: &'a Value,
    /// Whether no violation repeats a value or a key of it.
    is_hidden: bool,
}

impl<'a> Node<'a> {
    /// The same node, of which violations repeat nothing.
    pub(super) fn hidden(self) -> Self {
        Self {
            is_hidden: true,
            ..self
        }
    }

    /// Adds a violation that says what the value must be, and what it is, if it may be told.
    pub(super) fn refuse(
        &self,
        allowed: fmt::Arguments<'_>,
        value: &str,
        violations: &mut Violations,
    ) {
        let shown = quoted(value).filter(|_| !self.is_hidden);
        let shown = shown.map_or_else(String::new, |value| format!(", not {value}"));
        violations.add(&self.path, format!("must be {allowed}{shown}"));
    }

    fn refuse_kind(&self, allowed: &str, violations: &mut Violations) {
        if self.value.as_str().is_some_and(is_unresolved) {
            return violations.add(&self.path, UNRESOLVED);
        }
        let kind = match self.value {
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            _ => "a single value",
        };
        violations.add(&self.path, format!("must be {allowed}, not {kind}"));
    }

    /// The text of a scalar.
    pub(super) fn text(&self, violations: &mut Violations) -> Option<Cow<'a, str>> {
        let text = match self.value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Bool(flag) => Cow::Owned(flag.to_string()),
            _ => {
                self.refuse_kind("a string", violations);
                return None;
            }
        };
        if is_unresolved(&text) {
            violations.add(&self.path, UNRESOLVED);
            return None;
        }
        Some(text)
    }

    /// A whole number within `range`.
    pub(super) fn number(
        &self,
        range: &RangeInclusive<i32>,
        violations: &mut Violations,
    ) -> Option<i32> {
        let text = self.text(violations)?;
        let number = text
            .trim()
            .parse()
            .ok()
            .filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            self.refuse(
                format_args!("a whole number from {least} to {most}"),
                &text,
                violations,
            );
        }
        number
    }

    /// True or false.
    pub(super) fn flag(&self, violations: &mut Violations) -> Option<bool> {
        let text = self.text(violations)?;
        let flag = text.to_ascii_lowercase().parse().ok();
        if flag.is_none() {
            self.refuse(format_args!("true or false"), &text, violations);
        }
        flag
    }

    /// A string whose length is within bounds and whose characters are all allowed.
    pub(super) fn bounded(
        &self,
        length: RangeInclusive<usize>,
        allowed: impl Fn(char) -> bool,
        words: &str,
        violations: &mut Violations,
    ) -> Option<String> {
        let text = self.text(violations)?;
        if length.contains(&text.chars().count()) && text.chars().all(allowed) {
            return Some(text.into_owned());
        }
        let (least, most) = (length.start(), length.end());
        self.refuse(
            format_args!("{least} to {most} characters out of {words}"),
            &text,
            violations,
        );
        None
    }

    /// One of the values that an enumeration of the API has.
    pub(super) fn one_of<T>(
        &self,
        words: &str,
        find: impl Fn(&str) -> Option<T>,
        violations: &mut Violations,
    ) -> Option<T> {
        let text = self.text(violations)?;
        let found = find(&text);
        if found.is_none() {
            self.refuse(format_args!("{words}"), &text, violations);
        }
        found
    }

    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// The items of a list that are not null, each with its path.
    pub(super) fn items(&self, violations: &mut Violations) -> Option<Vec<Node<'a>>> {
        let Value::Array(items) = self.value else {
            self.refuse_kind("a list", violations);
            return None;
        };
        let at = |(index, value)| Node {
            path: format!("{}[{index}]", self.path).into(),
            value,
            is_hidden: self.is_hidden,
        };
        let items = items.iter().enumerate();
        Some(items.filter(|(_, item)| !item.is_null()).map(at).collect())
    }

    /// Reads every item of a list, so that all violations are found; returns `None` if one can't
    /// be read.
    pub(super) fn each<T>(
        &self,
        violations: &mut Violations,
        mut read: impl FnMut(&Node<'a>, &mut Violations) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.items(violations)?;
        let read: Vec<_> = items.iter().map(|item| read(item, violations)).collect();
        read.into_iter().collect()
    }

    /// The members of an object. Members that are not `known` are violations.
    pub(super) fn members(
        &self,
        known: &[&'static str],
        violations: &mut Violations,
    ) -> Option<Members<'a>> {
        let Value::Object(map) = self.value else {
            self.refuse_kind("an object", violations);
            return None;
        };
        let mut members = Members {
            path: self.path.clone(),
            map: map
                .iter()
                .map(|(name, value)| (name.as_str(), value))
                .collect(),
            is_hidden: self.is_hidden,
            meant: Vec::new(),
        };
        members.refuse_unknown(known, violations);
        Some(members)
    }

    /// The member of an object that nobody has read yet.
    pub(super) fn member(&self, name: &str) -> Option<&'a Value> {
        self.value.get(name).filter(|value| !value.is_null())
    }
}

/// The members of an object and the path to it.
pub(super) struct Members<'a> {
    path: Cow<'static, str>,
    map: BTreeMap<&'a str, &'a Value>,
    is_hidden: bool,
    /// The known names that unknown members seem to mean. One mistake is one violation, so a
    /// member that was given under another name is not missing.
    meant: Vec<&'static str>,
}

impl<'a> Members<'a> {
    /// The members of the properties themselves. Names for which `ignored` holds are not read.
    pub(super) fn of_properties(
        parsed: &'a Parsed,
        known: &[&'static str],
        ignored: impl Fn(&str) -> bool,
        violations: &mut Violations,
    ) -> Self {
        for (name, problem) in &parsed.broken {
            if !ignored(name) {
                let path = if known.contains(&name.as_str()) {
                    name
                } else {
                    "ResourceProperties"
                };
                violations.add(path, format!("can't be read as JSON: {problem}"));
            }
        }
        let map = parsed
            .members
            .iter()
            .map(|(name, value)| (name.as_str(), value));
        let mut members = Self {
            path: Cow::Borrowed(""),
            map: map.filter(|(name, _)| !ignored(name)).collect(),
            is_hidden: false,
            meant: Vec::new(),
        };
        let broken = parsed.broken.iter().map(|(name, _)| name);
        members
            .meant
            .extend(broken.filter_map(|name| known.iter().find(|known| *known == name)));
        members.refuse_unknown(known, violations);
        members
    }

    fn path_to(&self, name: &'static str) -> Cow<'static, str> {
        if self.path.is_empty() {
            Cow::Borrowed(name)
        } else {
            format!("{}.{name}", self.path).into()
        }
    }

    /// The member of this name, unless it is left out.
    pub(super) fn get(&self, name: &'static str) -> Option<Node<'a>> {
        let value = self.map.get(name).filter(|value| !value.is_null())?;
        Some(Node {
            path: self.path_to(name),
            value,
            is_hidden: self.is_hidden,
        })
    }

    /// The member of this name, whose absence is a violation.
    pub(super) fn require(
        &self,
        name: &'static str,
        violations: &mut Violations,
    ) -> Option<Node<'a>> {
        let node = self.get(name);
        if node.is_none() && !self.means(name) {
            violations.add(&self.path_to(name), "is required");
        }
        node
    }

    /// Whether a member that can't be read seems to be the one of this name.
    pub(super) fn means(&self, name: &'static str) -> bool {
        self.meant.contains(&name)
    }

    /// Adds the violation that not exactly one of two members is given.
    pub(super) fn require_one(
        &self,
        one: &'static str,
        other: &'static str,
        violations: &mut Violations,
    ) {
        if !self.means(one) && !self.means(other) {
            let problem = format!("must have exactly one of {one} and {other}");
            violations.add(&self.path, problem);
        }
    }

    fn refuse_unknown(&mut self, known: &[&'static str], violations: &mut Violations) {
        let unknown: Vec<&str> = self
            .map
            .iter()
            .filter(|(name, value)| !known.contains(name) && !value.is_null())
            .map(|(name, _)| *name)
            .collect();
        for name in unknown {
            let suggestion = Suggestion::of(name, known);
            self.meant.extend(suggestion.means);
            let hint = suggestion
                .hint
                .map_or_else(String::new, |hint| format!("; use {hint}"));
            if self.is_hidden || may_be_address(name) {
                let problem = format!("has an unknown member; it may have {}", known.join(", "));
                let path = if self.path.is_empty() {
                    "ResourceProperties"
                } else {
                    &self.path
                };
                violations.add(path, problem);
            } else {
                let separator = if self.path.is_empty() { "" } else { "." };
                let path = format!("{}{separator}{}", self.path, cut(name, PATH_NAME_MAX));
                violations.add(&path, format!("is unknown{hint}"));
            }
        }
    }
}

/// Most bytes of an unknown name that a path repeats.
const PATH_NAME_MAX: usize = 64;

/// The properties, each of them parsed if that is possible.
#[derive(Default)]
pub(super) struct Parsed {
    members: Map<String, Value>,
    /// Which properties are broken, and how.
    broken: Vec<(String, String)>,
}

impl Parsed {
    pub(super) fn new(properties: Json<'_>) -> Self {
        let mut parsed = Self::default();
        for (name, value) in properties.object().0 {
            match value.parse() {
                Ok(value) => {
                    parsed.members.insert(name, value);
                }
                Err(error) => parsed.broken.push((name, error.to_string())),
            }
        }
        parsed
    }
}
