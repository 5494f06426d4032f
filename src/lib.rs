//! A CloudFormation custom resource for contacts of AWS Systems Manager Incident
//! Manager, as a Lambda function.
//!
//! One way through:
//!
//! ```text
//! event → Request → Desired contact → Steps → Outcome → body → PUT
//! ```
//!
//! Deciding is pure, doing is at the edge. The rooms, in the order of the way:
//!
//! | room | what it answers for |
//! |---|---|
//! | [`event`] | the envelope (direct, SNS, on-failure record) becomes requests |
//! | [`response_url`] | the presigned URL: only CloudFormation's own, and a secret |
//! | [`deadline`] | how much time a request has |
//! | [`properties`] | CloudFormation's stringly JSON becomes a contact, all faults at once |
//! | [`contact`] | the domain: contact, plan, stage, target, alias, ARN |
//! | [`identity`] | whose contact it is: physical ids, ownership tags, idempotency tokens |
//! | [`steps`] | what a request needs done |
//! | [`lifecycle`] | Create, Update, Delete: the steps meet the service |
//! | [`response`] | the outcome becomes a body within 4096 bytes |
//! | [`error`] | what went wrong, in the words that the user reads |
//! | [`handler`] | the story in one page, and the deadline |
//! | [`settings`] | the function's environment |
//! | [`io`] | the only rooms that touch the SDK, HTTP or a clock |

pub mod contact;
pub mod deadline;
pub mod error;
pub mod event;
pub mod handler;
pub mod identity;
pub mod io;
pub mod lifecycle;
pub mod properties;
pub mod response;
pub mod response_url;
pub mod settings;
pub mod steps;
