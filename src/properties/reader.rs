//! Reads JSON as CloudFormation sends it, and collects every violation with its path.
//!
//! CloudFormation turns scalars into strings, so `"5"` is read as 5 and `"true"` as true.
//! Local tools keep scalars typed, so 5 is read as `"5"`, too. A null counts as left out.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;
use std::ops::RangeInclusive;

use serde_json::Value;

use crate::contact::personal_data::{may_be_address, quoted};
use crate::text::shortened_to;

use super::suggestion::Suggestion;

/// Most violations that an answer names.
const NAMED_MAX: usize = 30;

/// The violations of one set of properties.
#[derive(Clone, Debug, Default)]
pub(crate) struct Violations {
    named: Vec<String>,
    pub(super) count: usize,
}

impl Violations {
    /// Adds a violation: where, such as `Plan.Stages[0].DurationInMinutes`, then what is allowed
    /// there, and what was found.
    pub(super) fn add(&mut self, path: &str, problem: impl fmt::Display) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(format!("{path}: {problem}"));
        }
    }
}

/// Collects the violations while properties are read.
pub(super) type Collector = RefCell<Violations>;

/// Written as the beginning of a Reason.
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { named, count } = self;
        let plural = if *count == 1 { "" } else { "s" };
        write!(f, "The properties have {count} violation{plural}: {}", named.join("; "))?;
        match count - named.len() {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// The problem of a value that CloudFormation did not resolve.
const UNRESOLVED: &str = "still reads {{resolve:…}}: in a custom resource CloudFormation resolves \
    {{resolve:ssm:…}} only, neither ssm-secure nor secretsmanager; pass a secret as a parameter \
    with NoEcho";

fn is_unresolved(text: &str) -> bool {
    text.contains("{{resolve:")
}

/// A value and the path to it. It has no `Debug`, because the value may be an address.
#[derive(Clone)]
pub(super) struct Node<'a> {
    /// Empty for the properties themselves.
    path: String,
    value: &'a Value,
    /// Whether no violation repeats a value or a key of it.
    is_hidden: bool,
    found: &'a Collector,
}

impl<'a> Node<'a> {
    /// The properties themselves.
    pub(super) fn root(value: &'a Value, found: &'a Collector) -> Self {
        Self { path: String::new(), value, is_hidden: false, found }
    }

    /// The same node, of which violations repeat nothing.
    pub(super) fn hidden(self) -> Self {
        Self { is_hidden: true, ..self }
    }

    fn child(&self, path: String, value: &'a Value) -> Self {
        Self { path, value, ..self.clone() }
    }

    /// Adds a violation.
    pub(super) fn refuse(&self, problem: impl fmt::Display) {
        let path = if self.path.is_empty() { "ResourceProperties" } else { &self.path };
        self.found.borrow_mut().add(path, problem);
    }

    /// Adds a violation that says what the value must be, and what it is, if it may be told.
    pub(super) fn must_be(&self, allowed: impl fmt::Display, value: &str) {
        let shown = quoted(value).filter(|_| !self.is_hidden);
        let shown = shown.map_or_else(String::new, |value| format!(", not {value}"));
        self.refuse(format!("must be {allowed}{shown}"));
    }

    fn must_be_kind(&self, allowed: &str) {
        if self.value.as_str().is_some_and(is_unresolved) {
            return self.refuse(UNRESOLVED);
        }
        let kind = match self.value {
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
            _ => "a single value",
        };
        self.refuse(format!("must be {allowed}, not {kind}"));
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<Cow<'a, str>> {
        let text = match self.value {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            Value::Number(number) => Cow::Owned(number.to_string()),
            Value::Bool(flag) => Cow::Owned(flag.to_string()),
            _ => {
                self.must_be_kind("a string");
                return None;
            }
        };
        if is_unresolved(&text) {
            self.refuse(UNRESOLVED);
            return None;
        }
        Some(text)
    }

    /// What `read` makes of the text; if nothing, the text must be something else.
    pub(super) fn read<T>(
        &self,
        allowed: impl fmt::Display,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text()?;
        let value = read(&text);
        if value.is_none() {
            self.must_be(allowed, &text);
        }
        value
    }

    /// A whole number within `range`.
    pub(super) fn number(&self, range: RangeInclusive<i32>) -> Option<i32> {
        let allowed = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(allowed, |text| text.trim().parse().ok().filter(|number| range.contains(number)))
    }

    /// True or false.
    pub(super) fn flag(&self) -> Option<bool> {
        self.read("true or false", |text| text.to_ascii_lowercase().parse().ok())
    }

    /// A string whose length is within bounds and whose characters are all allowed.
    pub(super) fn bounded(
        &self,
        length: RangeInclusive<usize>,
        allowed: impl Fn(char) -> bool,
        words: &str,
    ) -> Option<String> {
        let (least, most) = (length.start(), length.end());
        self.read(format_args!("{least} to {most} characters out of {words}"), |text| {
            let fits = length.contains(&text.chars().count()) && text.chars().all(allowed);
            fits.then(|| text.to_owned())
        })
    }

    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// The items of a list that are not null, each with its path.
    pub(super) fn items(&self) -> Option<Vec<Node<'a>>> {
        let Value::Array(items) = self.value else {
            self.must_be_kind("a list");
            return None;
        };
        let at = |(index, value)| self.child(format!("{}[{index}]", self.path), value);
        let items = items.iter().enumerate();
        Some(items.filter(|(_, item)| !item.is_null()).map(at).collect())
    }

    /// Reads every item of a list, so that all violations are found; returns `None` if one can't
    /// be read.
    pub(super) fn each<T>(&self, read: impl FnMut(Node<'a>) -> Option<T>) -> Option<Vec<T>> {
        let read: Vec<_> = self.items()?.into_iter().map(read).collect();
        read.into_iter().collect()
    }

    /// The member of this name, if the value is an object that has it. A null counts as left out.
    pub(super) fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(self.child(self.path_to(name), value))
    }

    fn path_to(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The members of an object. Members that are not `known` are violations.
    pub(super) fn members(&self, known: &[&'static str]) -> Option<Members<'a>> {
        let Value::Object(map) = self.value else {
            self.must_be_kind("an object");
            return None;
        };
        let mut excused = Vec::new();
        let given = map.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name);
        for name in given.filter(|name| !known.contains(&name.as_str())) {
            // Nobody sees the ones after those that are named.
            let is_named = self.found.borrow().count < NAMED_MAX;
            let suggestion =
                if is_named { Suggestion::of(name, known) } else { Suggestion::default() };
            excused.extend(suggestion.means);
            if self.is_hidden || may_be_address(name) {
                self.refuse(format!("has an unknown member; it may have {}", known.join(", ")));
                excused.extend(known.iter().copied().filter(|_| known.len() == 1));
            } else {
                let path = self.path_to(&shortened_to(name, PATH_NAME_MAX));
                let hint = suggestion.hint.map_or_else(String::new, |hint| format!("; use {hint}"));
                self.found.borrow_mut().add(&path, format!("is unknown{hint}"));
            }
        }
        Some(Members { node: self.clone(), excused })
    }
}

/// Most bytes of an unknown name that a path repeats.
const PATH_NAME_MAX: usize = 64;

/// An object whose members are known.
pub(super) struct Members<'a> {
    node: Node<'a>,
    /// Known names whose mistake is reported already, since they are misspelt or broken. `require`
    /// does not report them again.
    pub(super) excused: Vec<&'static str>,
}

impl<'a> Members<'a> {
    /// The member of this name, unless it is left out.
    pub(super) fn get(&self, name: &str) -> Option<Node<'a>> {
        self.node.get(name)
    }

    /// The member of this name, whose absence is a violation.
    pub(super) fn require(&self, name: &'static str) -> Option<Node<'a>> {
        let member = self.get(name);
        if member.is_none() && !self.excused.contains(&name) {
            self.node.found.borrow_mut().add(&self.node.path_to(name), "is required");
        }
        member
    }

    /// Adds the violation that not exactly one of two members is given.
    pub(super) fn require_one(&self, one: &'static str, other: &'static str) {
        if !self.excused.contains(&one) && !self.excused.contains(&other) {
            self.node.refuse(format!("must have exactly one of {one} and {other}"));
        }
    }
}
