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
//! | `conditions` | the values of the conditions |
//! | `functions` | functions to expressions in which only references to resources are left |
//! | `substitution` | the text of `Fn::Sub` |
//! | `resources` | the attributes of the resources, and the order of their dependencies |
//! | `types` | the resource types, with their properties |
//!
//! The stack evaluates the expressions, because only it knows what the resources return.

mod conditions;
mod document;
mod error;
mod functions;
mod parameters;
mod parsed;
mod resources;
mod substitution;
#[cfg(test)]
mod tests;
mod types;

pub use error::TemplateError;
pub use parsed::{Environment, Output, ParsedTemplate, ResolvedTemplate};
pub use types::{CHANNEL, CONTACT, PLAN, ROTATION};
