//! A CloudFormation custom resource for contacts of AWS Systems Manager Incident Manager,
//! as a Lambda function.
//!
//! # From an event to an answer
//!
//! ```text
//! Lambda payload → Request → Desired → Steps → Outcome → response body → PUT
//! ```
//!
//! CloudFormation sends a Create:
//!
//! ```json
//! {"RequestType": "Create", "ResponseURL": "https://…", "LogicalResourceId": "Akua", …,
//!  "ResourceProperties": {"Alias": "akuam", "Type": "PERSONAL", "DisplayName": "Akua Mansa"}}
//! ```
//!
//! 1. [`handler`] receives the payload. [`event`] parses it into a request,
//!    [`response_url`] checks where the answer goes, and [`deadline`] says how long the
//!    request may take.
//! 2. [`lifecycle`] parses the properties ([`properties`]) into the desired contact
//!    ([`contact`]). If they violate a constraint, the request fails here.
//! 3. [`steps`] decides what to call, and [`lifecycle`] makes the calls through [`aws`].
//!    CreateContact carries the ownership tags and the idempotency token of [`identity`].
//! 4. If the alias is taken, [`steps`] decides whether the contact that holds it is this
//!    resource's, may be adopted, or is left alone.
//! 5. The result becomes an outcome: the contact's ARN, or a marker and the Reason, whose
//!    sentences are in [`error`].
//! 6. [`response`] writes the body within 4096 bytes, and [`io`] sends it.
//!
//! # Modules
//!
//! | module | what it does |
//! |---|---|
//! | [`event`] | parses Lambda payloads (CloudFormation, SNS, on-failure record) into requests |
//! | [`response_url`] | checks the presigned URL, and keeps it secret |
//! | [`deadline`] | computes the time of a request |
//! | [`properties`] | parses and checks properties, all violations at once |
//! | [`contact`] | the domain: contact, plan, stage, target, alias, ARN |
//! | [`channel`] | the domain: the channels of a person, and their addresses |
//! | [`identity`] | who owns a contact: physical ids, ownership tags, idempotency tokens |
//! | [`steps`] | every decision about a contact; `steps/create`: a taken alias, adoption, markers; `steps/update`: what changes and what is cleared; `steps/delete`: what is deleted, released or left alone |
//! | [`lifecycle`] | makes the calls that `steps` decides on |
//! | [`error`] | why a request failed; `error/message`: the text of the Reason |
//! | [`response`] | writes the response body |
//! | [`handler`] | one invocation from payload to answer |
//! | [`settings`] | the function's two variables of its own |
//! | [`aws`] | SDK configuration, client, operations, conversion, retries; `aws/failure`: what an error of the service means and its next step; `aws/call_log`: which calls were made |
//! | [`io`] | clock, HTTP client, root certificates, the PUT, the log |
//!
//! Only `aws`, `io`, `lifecycle` and `handler` have effects. The others are pure.
//!
//! An *answer* goes to CloudFormation, a *reply* comes from the service.

pub mod aws;
pub mod channel;
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
