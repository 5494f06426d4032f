//! Deploys templates: what `aws cloudformation deploy` does, with an emulated stack.
//!
//! ```text
//! Request → steps: create, updates, import, delete → Deployment → reports
//! ```

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
pub use stack::{Deployment, environment};
pub use transport::{Observer, Progress};
