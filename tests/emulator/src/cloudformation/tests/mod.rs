//! Tests of the rules of CloudFormation with a fake function.

mod events;
mod fake;
mod protocol;
mod scenarios;
mod table;
