//! Tests of the rules of CloudFormation with a fake function.

mod events;
mod expression;
mod fake;
mod protocol;
mod scenarios;
mod table;
