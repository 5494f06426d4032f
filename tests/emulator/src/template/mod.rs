//! Reads CloudFormation templates. Everything here is pure.
//!
//! ```text
//! text → ParsedTemplate → ResolvedTemplate: resources in the order of their dependencies, outputs
//! ```
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
