//! Emulates SSM Contacts: the operations on contacts and their tags.

mod backend;
mod clock;
mod constraints;
mod error;
mod faults;
mod listing;
mod service;
mod switches;
#[cfg(test)]
mod tests;

pub use backend::{Backend, Contact};
pub use error::ServiceError;
pub use faults::{Effect, Fault};
pub use service::{Call, Service};
pub use switches::Switches;
