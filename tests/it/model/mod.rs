//! Compares the function with a model of docs/behavior.md, sections 5, 8, 10 and 18. A history has
//! random templates, changes outside the stack, faults, crashes and redeliveries. After every step,
//! the test compares the contacts with the model.
//!
//! `MODEL_CASES` sets how many histories are run. `MODEL_SEED` sets the seed: a number, or
//! `random`. A history that fails is shrunk and printed with its seed.

mod channels;
mod check;
mod history;
mod people;
mod run;
mod transport;

use std::sync::Mutex;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use transport::{Kind, Tally};

/// How many histories a test runs with each kind of function.
const IN_PROCESS: u32 = 150;
const WITH_BINARY: u32 = 6;

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn seed() -> u64 {
    match setting("MODEL_SEED").as_deref() {
        None => 1,
        Some("random") => rand_seed(),
        Some(number) => number.parse().expect("MODEL_SEED is a number or random"),
    }
}

fn rand_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}

fn run_all(kind: Kind, cases: u32) {
    let cases = setting("MODEL_CASES").map_or(cases, |cases| cases.parse().expect("a number"));
    let seed = seed();
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let tally = Mutex::new(Tally::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runner.run(&history::histories(kind), |history| {
        runtime
            .block_on(run::run(&history, kind, &tally))
            .map_err(proptest::test_runner::TestCaseError::fail)
    });
    eprintln!("{kind:?}, seed {seed}: {}", tally.lock().unwrap());
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
}

#[test]
fn any_life_of_a_stack_ends_as_the_model_says() {
    run_all(Kind::InProcess, IN_PROCESS);
}

#[test]
fn any_life_of_a_stack_ends_as_the_model_says_with_the_real_binary() {
    run_all(Kind::Binary, WITH_BINARY);
}
