//! Deploys templates: what `aws cloudformation deploy` does, with an emulated stack.
//!
//! ```text
//! Request → steps: create, updates, import, delete → Deployment → reports
//! ```
//!
//! | file | content |
//! |---|---|
//! | `request` | what a person asks for, and the steps that follow from it; no side effects |
//! | `import` | the resources to import of a change set, and the rules of an import; no side effects |
//! | `stack` | a stack with the real function and the native types behind it |
//! | `transport` | delivers requests to the function or to the handlers of the native types |
//! | `run` | runs the steps |

mod import;
mod request;
mod run;
mod stack;
#[cfg(test)]
mod tests;
mod transport;

pub use import::Import;
pub use request::{File, Request, Step, Steps};
pub use run::{Report, run, run_step};
pub use stack::{Deployment, DeploymentError, environment};
pub use transport::{Observer, Progress};
