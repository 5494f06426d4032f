//! AWS: the SDK's configuration, client and retries, the first connection, the operations of
//! SSM Contacts, the meaning of its errors, and the log of calls.

pub mod call_log;
pub mod client;
mod conversion;
mod failure;
pub mod operations;
pub mod preconnect;
mod retry;
pub mod sdk_config;
