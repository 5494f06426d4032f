//! Checks that no payload makes the parser panic, and that the answer to every request is short
//! enough and repeats no address.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ssm_contact_resource::fuzzing::event(bytes));
