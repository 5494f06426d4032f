//! Compares the figures that hardly depend on the machine with recorded bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anstream::println;
use emulator::Emulator;
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::instructions;
use crate::table::zip_bytes;

const BOUNDS: &str = "benches/cold_start/bounds.json";

/// By how many percent a bound exceeds the recorded figure. Other toolchains and system libraries
/// change the figures slightly.
const SLACK_PERCENT: u64 = 3;

/// The figures or their bounds.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Figures {
    zip_bytes: u64,
    crates: u64,
    init_instructions: u64,
    first_event_instructions: u64,
    warm_event_instructions: u64,
    /// The crates that are used in several versions.
    duplicates: BTreeSet<String>,
}

impl Figures {
    fn named(&self) -> [(&'static str, u64); 5] {
        [
            ("zip bytes", self.zip_bytes),
            ("crates", self.crates),
            ("instructions of the start", self.init_instructions),
            ("instructions of the first event", self.first_event_instructions),
            ("instructions of a warm event", self.warm_event_instructions),
        ]
    }

    /// Returns a message for each figure that exceeds its bound.
    fn exceeded(&self, bounds: &Self) -> Vec<String> {
        let new = self.duplicates.difference(&bounds.duplicates);
        let new = new.map(|name| format!("{name} is now used in several versions"));
        let over = self.named().into_iter().zip(bounds.named());
        over.filter(|((_, figure), (_, bound))| figure > bound)
            .map(|((name, figure), (_, bound))| {
                format!("{name}: {figure} exceeds the bound {bound}")
            })
            .chain(new)
            .collect()
    }
}

/// Measures the figures, and compares them with the bounds or records them as the new bounds.
pub(crate) async fn run(
    bootstrap: &Path,
    emulator: &Emulator,
    bundle: &Path,
    record: bool,
) -> Result<(), Failure> {
    let figures = take(bootstrap, emulator, bundle).await?;
    if record {
        let mut bounds = figures;
        for figure in [
            &mut bounds.zip_bytes,
            &mut bounds.init_instructions,
            &mut bounds.first_event_instructions,
            &mut bounds.warm_event_instructions,
        ] {
            *figure += *figure * SLACK_PERCENT / 100;
        }
        std::fs::write(BOUNDS, serde_json::to_string_pretty(&bounds)? + "\n")?;
        println!("recorded: {BOUNDS}");
        return Ok(());
    }
    let bounds: Figures = serde_json::from_str(&std::fs::read_to_string(BOUNDS)?)?;
    println!("| figure | now | bound |\n|---|---|---|");
    for ((name, figure), (_, bound)) in figures.named().into_iter().zip(bounds.named()) {
        println!("| {name} | {figure} | {bound} |");
    }
    let exceeded = figures.exceeded(&bounds);
    if exceeded.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\nif this is justified, record new bounds with --record, and give the reason in the commit",
        exceeded.join("\n")
    )
    .into())
}

async fn take(bootstrap: &Path, emulator: &Emulator, bundle: &Path) -> Result<Figures, Failure> {
    let instructions = instructions::count(bootstrap, emulator, bundle).await?;
    let crates = crates()?;
    let several = crates.iter().filter(|(_, versions)| versions.len() > 1);
    Ok(Figures {
        zip_bytes: zip_bytes(bootstrap)?.ok_or("the function is not a binary")?,
        crates: u64::try_from(crates.values().map(BTreeSet::len).sum::<usize>())?,
        init_instructions: instructions.init,
        first_event_instructions: instructions.first_event,
        warm_event_instructions: instructions.warm_event,
        duplicates: several.map(|(name, _)| name.clone()).collect(),
    })
}

/// Returns the crates of the function: the versions by name.
fn crates() -> Result<BTreeMap<String, BTreeSet<String>>, Failure> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "ssm-contact-resource", "--edges", "normal"])
        .args(["--target", "x86_64-unknown-linux-gnu", "--prefix", "none", "--no-dedupe"])
        .args(["--format", "{p}", "--locked"])
        .output()?;
    if !tree.status.success() {
        return Err(String::from_utf8_lossy(&tree.stderr).into());
    }
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(tree.stdout)?.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            crates.entry(name.to_owned()).or_default().insert(version.to_owned());
        }
    }
    Ok(crates)
}
