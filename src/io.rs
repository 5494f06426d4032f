//! The clock, HTTP, root certificates, the response PUT and the log.

pub(crate) mod clock;
pub(crate) mod http;
pub mod log;
pub(crate) mod response_put;
mod roots;
