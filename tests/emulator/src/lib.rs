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
//! | [`cloudformation`] | stacks: which events they send, and what the responses mean for them |

pub mod cloudformation;
pub mod contacts;
mod emulator;
pub mod function;
mod http;
mod mask;
#[cfg(test)]
mod raw;
mod runtime_api;
pub mod sink;
pub mod template;

pub use emulator::{CREDENTIALS, Emulator, Invocation};
pub use http::{Listen, Reply, Server, response};
pub use mask::{AddressMask, masked_address};
pub use runtime_api::InvocationOutcome;
pub use tokio_rustls::rustls;
