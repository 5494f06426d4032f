//! A CloudFormation custom resource for contacts of AWS Systems Manager Incident Manager,
//! as a Lambda function.
//!
//! # From an event to an answer
//!
//! ```text
//! payload → Request → Desired → steps → calls → Outcome → body → PUT
//! ```
//!
//! 1. `runtime` hands the text of each event to `handler`, which enforces the time of the
//!    event. `cloudformation/event` reads the request out of it, `cloudformation/response_url`
//!    checks where the answer goes, and `cloudformation/deadline` says how long it may take.
//! 2. `request` carries it out: `request/create`, `request/update`, `request/delete`, each a
//!    story from top to bottom. `properties` turns the template's text into the desired
//!    contact, or into violations.
//! 3. `request/reconcile` compares the desired contact with the contact as it is, and
//!    `request/channels` the channels. The result is a list of steps, and `request/apply` makes
//!    their calls.
//! 4. The result becomes the contact's ARN, or a Reason (`error`) and, for a Create, a marker
//!    that tells the Delete that follows what to look for (`request/create`, `ownership`).
//! 5. `cloudformation/response` writes the body, and `io/response_put` sends it.
//!
//! # Where is decided …
//!
//! | question | file |
//! |---|---|
//! | what a template may say; the text of a violation | `properties`, `properties/plan`, `properties/channels` |
//! | whose a contact is: tags, markers, tokens | `ownership` |
//! | a taken alias: claim, adopt or leave; what a Create that failed or timed out has left | `request/create` |
//! | what an Update changes | `request/reconcile`, `request/channels` |
//! | what a Delete deletes, releases or leaves alone; who cleans up after a failed Create | `request/delete` |
//! | why an activated channel is not deleted, and its address not changed | `request/channels` |
//! | who can't be paged | `check` |
//! | what an error of the service means, and its next step | `aws/failure` |
//! | the text of every other Reason, that of a taken alias among them | `error` |
//! | who enforces the time of an event | `handler`; `request/delete` says how long it looks again |
//! | which forms a payload has | `cloudformation/event` |
//! | what `Fn::GetAtt` returns | `cloudformation/response` |
//! | what of a value Reasons and the log repeat | `contact/personal_data` |
//! | which calls are retried, and how long | `aws/client`, `aws/retry` |
//!
//! Only `aws`, `io`, `request`, `check`, `handler` and `runtime` have effects.
//!
//! # Words
//!
//! An *answer* goes to CloudFormation, a *reply* comes from the service. The *desired* contact is
//! the template's, the *live* one is the service's, and *old* is the template before. The *holder*
//! is the contact that has the alias which a request wants. To *claim* is to take a holder that is
//! this resource's already, to *adopt* one that is not; to *release* is to let an adopted contact
//! go. The *origin* is the tag that says which *attempt* of CloudFormation brought the contact, and
//! a *marker* is the physical id of a Create that failed.
//!
//! # A new property
//!
//! `properties` (`NAMES`, `Desired`, `read`), `contact` and `aws/conversion` (`contact`: how the
//! service returns it), `aws/operations` (how it is sent), `request/reconcile` and `request/apply`
//! (what differs), the schema, the README, and the emulator.

mod aws;
mod check;
mod cloudformation;
mod contact;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod handler;
mod io;
mod json;
mod ownership;
mod properties;
mod request;
mod runtime;
mod text;

pub use aws::client::client as contacts_client;
pub use aws::preconnect::preconnect;
pub use aws::sdk_config::sdk_config;
pub use cloudformation::response_url::ResponseHosts;
pub use handler::Handler;
pub use io::clock::Clock;
pub use io::http::{client as http_client, for_sdk as sdk_http_client};
pub use io::log;
pub use runtime::run;
