//! Emulates CloudFormation stacks: which requests a stack sends to the function of a custom
//! resource, and what their responses mean for the stack. A resource can refer to what those before
//! it return.
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
//! | `expression` | properties that refer to other resources, and their evaluation |
//! | `changes` | which requests bring a stack to a template |
//! | `pending` | the requests of a stack, and what their results mean |
//! | `rollback` | how a failed update is rolled back, and the physical ids of a stack |
//! | `operation` | one operation: sends requests, waits for responses |
//! | `event` | the events of a stack, as the console lists them |
//! | `announce` | announces what happens in an operation as events |
//! | `stack` | a stack and its operations, each of which consists of phases |
//! | `outcome` | the result of an operation: what was sent, received, abandoned and retained |
//! | `id_generator` | ids that depend only on a seed |
//!
//! `expression`, `changes`, `pending` and `rollback` have no side effects.
//!
//! Resources of types other than custom ones go through the same requests: a [`Transport`] that
//! supports them does what their handler does.
//!
//! The sources are the CloudFormation user guide (`crpg-*`), the custom resource protocol and
//! aws-cdk's `docs/CLOUDFORMATION.md`. What none of them documents is marked "assumed" or
//! "assumption" in the documentation of the item.

mod announce;
mod changes;
mod delivery;
mod event;
mod expression;
mod id_generator;
mod operation;
mod outcome;
mod pending;
mod properties;
mod request;
mod response;
mod rollback;
mod stack;
mod template;

#[cfg(test)]
mod tests;

pub use delivery::{Attempt, AttemptOutcome, Delivery, Transport};
pub use event::{STACK_TYPE, StackEvent};
pub(crate) use expression::scalar_text;
pub use expression::{EvaluationError, Expression, ResourceValues, Values};
pub use outcome::{
    Exchange, Outcome, Phase, PhysicalResource, ReceivedResponse, Status, WaitOutcome,
};
pub(crate) use pending::is_custom;
pub use properties::Properties;
pub use request::{Ids, Request, RequestType};
pub use response::{Response, ResponseStatus};
pub use rollback::RollbackId;
pub use stack::{InvalidStatus, Stack};
pub use template::{Change, OtherFailure, Policy, Resource, Template};
