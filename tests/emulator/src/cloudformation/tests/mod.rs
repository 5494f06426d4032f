//! Tests of the rules of CloudFormation with a fake function.

mod fake;

mod create;
mod delete;
mod delivery;
mod events;
mod import;
mod overlap;
mod protocol;
mod references;
mod replacement;
mod rollback;
mod rollback_failed;
mod update;
