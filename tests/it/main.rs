//! The promises of the function, one module for each subject. The real `bootstrap` runs against
//! the emulator, or the handler within the process where waits show.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a test fails by a panic"
)]

mod answer;
mod behavior;
mod botocore;
mod channels;
mod check;
mod commands;
mod create;
mod delete;
mod events;
mod examples;
mod faults;
mod files;
mod fixture;
mod guides;
mod in_process;
mod log;
mod model;
mod module_boundaries;
mod once;
mod ownership;
mod put;
mod readme;
mod reason;
mod rollback;
mod start;
mod template;
mod update;
