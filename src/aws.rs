//! SSM Contacts: configuration, client and retries, the operations, what their errors mean, and
//! the record of calls.

pub(crate) mod call_log;
pub(crate) mod client;
mod conversion;
pub(crate) mod failure;
pub(crate) mod operations;
pub(crate) mod preconnect;
mod retry;
pub(crate) mod sdk_config;
