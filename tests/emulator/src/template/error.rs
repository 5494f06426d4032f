//! The error of a template.

use std::fmt;

pub(super) type Result<T> = std::result::Result<T, TemplateError>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The line, counted from 1. Some errors have none.
    pub line: Option<usize>,
    /// A sentence without a full stop.
    pub message: String,
}

impl TemplateError {
    pub(super) fn new(line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into() }
    }

    pub(super) fn without_line(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    /// Returns the error with the name of its file in front, as compilers print it.
    pub(crate) fn in_file(&self, file: &str) -> String {
        match self.line {
            Some(line) => format!("{file}:{line}: {}", self.message),
            None => format!("{file}: {}", self.message),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for TemplateError {}
