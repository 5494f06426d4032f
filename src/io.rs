//! The clock, HTTP, root certificates, the response PUT and the log.

pub mod clock;
pub mod http;
pub mod log;
pub mod response_put;
mod roots;
