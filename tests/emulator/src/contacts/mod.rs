//! Emulates SSM Contacts: the operations on contacts, their tags and their channels.

mod backend;
mod constraints;
mod error;
mod faults;
mod rules;
mod service;
mod switches;
#[cfg(test)]
mod tests;

pub use backend::{Backend, Channel, Contact, SentCode};
pub use error::ServiceError;
pub use faults::{Effect, Fault};
pub use service::{Call, Service};
pub use switches::Switches;
