//! The edge: the only rooms that touch the SDK, HTTP or a clock.

pub mod call_log;
pub mod callback;
pub mod clock;
pub mod connection;
pub mod contacts;
pub mod http;
pub mod log;
mod retry;
mod roots;
pub mod surroundings;
mod translate;
