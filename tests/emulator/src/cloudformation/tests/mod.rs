//! The rules, one test each, against a function that answers from a script.

mod fake;

mod create;
mod delete;
mod delivery;
mod events;
mod import;
mod overlap;
mod protocol;
mod replacement;
mod rollback;
mod rollback_failed;
mod update;
