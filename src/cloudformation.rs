//! CloudFormation's protocol: the event, the URL and the time for the answer, and its body.

pub(crate) mod deadline;
pub(crate) mod event;
pub(crate) mod response;
pub(crate) mod response_url;
