//! Emulates the AWS services that the function uses, on loopback: SSM Contacts, CloudFormation
//! stacks and their presigned URLs, and the Lambda Runtime API. The library is for tests, the
//! command for people.
//!
//! | module or type | content |
//! |---|---|
//! | [`Emulator`] | the services, started together, and the delivery of one event |
//! | [`contacts`] | SSM Contacts: contacts, their channels and their rules, HTTP, injected faults |
//! | [`sink`] | the presigned URLs, with the checks of S3 and CloudFormation |
//! | [`function`] | the process of the function, run as Lambda runs it |
//! | [`template`] | templates in YAML or JSON, to the resources of a stack |
//! | [`deployment`] | stacks of templates, with the real function and the native types behind them |
//! | [`native`] | the handlers of AWS's own types for contacts |
//! | [`cloudformation`] | stacks: which events they send, and what the responses mean for them |

#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "the crate is for the tests of this workspace, and names say what they can"
)]

pub mod cloudformation;
mod contact_list;
pub mod contacts;
pub mod deployment;
mod emulator;
pub mod function;
mod http;
mod mask;
pub mod native;
#[cfg(test)]
mod raw;
mod runtime_api;
pub mod sink;
pub mod template;

pub use contact_list::{add_contacts, contacts_to_json};
pub use emulator::{CREDENTIALS, Emulator, Invocation};
pub use http::{Listen, Reply, Server, response};
pub use mask::{AddressMask, masked_address};
pub use runtime_api::InvocationOutcome;
pub use tokio_rustls::rustls;
