//! AWS: the SDK's configuration and client, and the operations of SSM Contacts.

pub mod call_log;
pub mod client;
mod conversion;
mod failure;
pub mod operations;
pub mod preconnect;
mod retry;
pub mod sdk_config;
