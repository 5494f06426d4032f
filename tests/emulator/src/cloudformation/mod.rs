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
pub use expression::{Expression, ResourceValues, Values};
pub use outcome::{
    Exchange, Outcome, Phase, PhysicalResource, ReceivedResponse, Status, WaitOutcome,
};
pub(crate) use pending::is_custom;
pub use properties::Properties;
pub use request::{Ids, Request, RequestType};
pub use response::{Response, ResponseStatus};
pub use rollback::RollbackId;
pub use stack::Stack;
pub use template::{Change, OtherFailure, Policy, Resource, Template};
