//! CloudFormation's own rules: the requests that a stack sends to a custom resource's function.
//!
//! A [`Stack`] is brought to a [`Template`]; it decides which events that takes, sends them through
//! a [`Transport`], believes the answers exactly as far as CloudFormation would, and tells the
//! whole story in an [`Outcome`].
//!
//! ```text
//! Template → requests → Request → Transport → Response → fates → the stack, and the next requests
//! ```
//!
//! | file | what it knows |
//! |---|---|
//! | `template` | what a test writes |
//! | `properties` | the form that properties have in events |
//! | `request` | the event |
//! | `delivery` | at least once, and the trait to the function |
//! | `response` | the rules for a response body |
//! | `pending` | pure: what a change sends, and what its end means |
//! | `rollback` | how a failed update is rolled back |
//! | `state` | the physical ids that CloudFormation stores for a stack |
//! | `operation` | sends requests and waits for responses, timeouts and cancellations included |
//! | `stack` | the operations, each a few phases of requests |
//! | `outcome` | what was sent, received, abandoned and retained |
//! | `id_generator` | ids that depend only on a seed |
//!
//! Sources: the CloudFormation user guide (`crpg-*`), the custom resource protocol, and aws-cdk's
//! `docs/CLOUDFORMATION.md`. Where none of them speaks, the item's documentation says "assumed" or
//! "assumption".

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
