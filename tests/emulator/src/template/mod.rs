//! Reads CloudFormation templates. Everything here is pure.
//!
//! ```text
//! text → ParsedTemplate → ResolvedTemplate: resources in the order of their dependencies, outputs
//! ```
//!
//! | file | content |
//! |---|---|
//! | `document` | YAML or JSON to nodes with line numbers, short forms of functions to long ones |
//! | `error` | the error of a template, with its line |
//! | `parsed` | the sections of a template, and the order of the whole |
//! | `parameters` | the values of the parameters |
//! | `account` | what a template reads from its account: Parameter Store, exports of other stacks |
//! | `for_each` | the loops of the transform `AWS::LanguageExtensions` |
//! | `functions` | functions to expressions in which only references to resources are left |
//! | `resources` | the attributes of the resources, and the order of their dependencies |
//!
//! The stack evaluates the expressions, because only it knows what the resources return.

mod account;
mod document;
mod error;
mod for_each;
mod functions;
mod parameters;
mod parsed;
mod resources;
#[cfg(test)]
mod tests;

pub use account::AccountValues;
pub use error::TemplateError;
pub use parsed::{Environment, Output, ParsedTemplate, ResolvedTemplate};
