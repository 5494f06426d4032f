//! Emulates CloudFormation stacks: which requests a stack sends to the function of a custom
//! resource, and what their responses mean for the stack.
//!
//! A test changes a [`Stack`] to a [`Template`]. The stack determines the requests, sends them
//! through a [`Transport`], evaluates the responses as CloudFormation does and returns an
//! [`Outcome`] with every exchange.
//!
//! ```text
//! Template → pending requests → Request → Transport → Response → request results → stack state
//! ```
//!
//! | file | content |
//! |---|---|
//! | `template` | what a test writes: a template, and a change of a stack to it |
//! | `properties` | the form that properties have in events |
//! | `request` | a request and its event |
//! | `delivery` | the attempts to deliver a request, and the trait `Transport` |
//! | `response` | a response body and its rules |
//! | `pending` | which requests bring a stack to a template, and what their results mean |
//! | `rollback` | how a failed update is rolled back |
//! | `state` | the physical ids that CloudFormation stores for a stack |
//! | `operation` | one operation: sends requests, waits for responses, cancels requests |
//! | `stack` | a stack and its operations, each of which consists of phases |
//! | `outcome` | the result of an operation: what was sent, received, abandoned and retained |
//! | `id_generator` | ids that depend only on a seed |
//!
//! `pending`, `rollback` and `state` have no side effects.
//!
//! The sources are the CloudFormation user guide (`crpg-*`), the custom resource protocol and
//! aws-cdk's `docs/CLOUDFORMATION.md`. What none of them documents is marked "assumed" or
//! "assumption" in the documentation of the item.

mod delivery;
mod id_generator;
mod operation;
mod outcome;
mod pending;
mod properties;
mod request;
mod response;
mod rollback;
mod stack;
mod state;
mod template;

#[cfg(test)]
mod tests;

pub use delivery::{Attempt, AttemptOutcome, Delivery, Transport};
pub use outcome::{
    Exchange, Outcome, Phase, PhysicalResource, ReceivedResponse, Status, WaitOutcome,
};
pub use properties::Properties;
pub use request::{Ids, Request, RequestType};
pub use response::{InvalidResponse, Response, ResponseStatus};
pub use rollback::RollbackId;
pub use stack::{InvalidStatus, Stack};
pub use template::{Change, OtherFailure, Policy, Resource, Template};
