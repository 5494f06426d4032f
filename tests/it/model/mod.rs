//! Random lives of a stack: random templates, acts of persons, faults, kills and duplicates. After
//! every operation, rules of docs/behavior.md are checked against the contacts before and after.
//!
//! | file | content |
//! |---|---|
//! | `history`, `strategy` | random histories |
//! | `persons` | what persons do between the operations |
//! | `transport` | delivers the requests, with faults |
//! | `run` | runs one history |
//! | `operation` | an operation of the stack, and whether it must succeed |
//! | `rules` | what must be true of the contacts after an operation |
//! | `channels` | what must be true of the channels of one contact |
//!
//! `MODEL_CASES` sets how many histories are run. `MODEL_SEED` sets the seed: a number, or
//! `random`. A history that fails is shrunk and printed with its seed.

mod channels;
mod history;
mod operation;
mod persons;
mod rules;
mod run;
mod strategy;
mod transport;

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use transport::{Kind, Tally};

/// How many histories a test runs with each kind of function.
const IN_PROCESS: u32 = 60;
const WITH_BINARY: u32 = 3;

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn seed() -> u64 {
    match setting("MODEL_SEED").as_deref() {
        None => 1,
        Some("random") => RandomState::new().build_hasher().finish(),
        Some(number) => number.parse().expect("MODEL_SEED is a number or random"),
    }
}

fn run_all(kind: Kind, cases: u32) {
    let cases = setting("MODEL_CASES").map_or(cases, |cases| cases.parse().expect("a number"));
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let tally = Tally::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let result = runner.run(&strategy::histories(kind), |history| {
        let run = runtime.block_on(run::run(&history, kind, &tally));
        run.map_err(TestCaseError::fail)
    });
    eprintln!("{kind:?}, seed {seed}: {tally:?}");
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
}

#[test]
fn the_rules_hold_in_any_life_of_a_stack() {
    run_all(Kind::InProcess, IN_PROCESS);
}

#[test]
fn the_rules_hold_in_any_life_of_a_stack_with_the_real_binary() {
    run_all(Kind::Binary, WITH_BINARY);
}
