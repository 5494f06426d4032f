//! What the function meets, on loopback: SSM Contacts, CloudFormation's presigned URLs
//! and stacks, and the Lambda Runtime API. A library for the tests and a command for
//! people.
//!
//! | module | what it is |
//! |---|---|
//! | [`Emulator`] | everything together, and the delivery of one event |
//! | [`contacts`] | the service: state and rules, dispatch, faults |
//! | [`sink`] | the presigned URLs, as strict as S3 and CloudFormation |
//! | [`function`] | the function's process, run as Lambda runs it |
//! | [`cloudformation`] | stacks: which events come when, and what is made of the answers |

pub mod cloudformation;
pub mod contacts;
mod emulator;
pub mod function;
mod http;
#[cfg(test)]
mod raw;
mod runtime_api;
pub mod sink;

pub use emulator::{CREDENTIALS, Emulator, Invocation};
pub use http::{Listen, Reply, Server, response};
pub use runtime_api::InvocationOutcome;
pub use tokio_rustls::rustls;
