//! Behaviour, one module a subject: decisions as tables, the rest through the real
//! `bootstrap` against the emulator.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]

mod answer;
mod botocore;
mod create;
mod deadline;
mod delete;
mod event;
mod events;
mod faults;
mod identity;
mod log;
mod model;
mod ownership;
mod properties;
mod readme;
mod reason;
mod response;
mod response_url;
mod scene;
mod steps;
mod update;
mod walls;
