//! All programs in turns, so that what disturbs the machine disturbs them alike.

use std::path::{Path, PathBuf};

use anstream::println;
use clap::Args;

use crate::measure;
use crate::share::Share;
use crate::subject::Subject;
use crate::table::{self, Figures, Row};
use crate::{FOLDER, Failure, Setup, plot, targets};

/// What the function is called among the others.
pub(crate) const OURS: &str = "this function";

/// What CDK's handler is told to call.
const CDK: &str = include_str!("../subjects/cdk/properties.json");

#[derive(Args)]
pub(crate) struct Options {
    /// Cold starts of each program, at full CPU and again at the share of 128 MB
    #[arg(long, default_value_t = 25)]
    runs: usize,

    /// Warm events after each
    #[arg(long, default_value_t = 20)]
    warm: usize,

    /// Only these of the programs that are installed
    #[arg(long)]
    only: Vec<String>,

    /// Another program to measure, as NAME=PATH
    #[arg(long)]
    also: Vec<String>,

    /// Draw the cold starts here, as SVG
    #[arg(long)]
    plot: Option<PathBuf>,
}

fn subjects(ours: PathBuf, options: &Options) -> Result<Vec<Subject>, Failure> {
    let mut subjects = vec![Subject::new(OURS, ours)];
    for name in ["hello", "floor", "crhelper", "boto3", "sdk-js", "cdk"] {
        if !options.only.is_empty() && !options.only.iter().any(|only| only == name) {
            continue;
        }
        match Subject::installed(name, (name == "cdk").then_some(CDK))? {
            Some(subject) => subjects.push(subject),
            None => println!("skipped: {name} is not installed"),
        }
    }
    for also in &options.also {
        let (name, path) = also.split_once('=').ok_or("--also takes NAME=PATH")?;
        subjects.push(Subject::new(name, PathBuf::from(path)));
    }
    Ok(subjects)
}

pub(crate) async fn run(ours: PathBuf, options: &Options, setup: &Setup) -> Result<(), Failure> {
    let subjects = subjects(ours, options)?;
    let can_throttle = Share::new()
        .inspect_err(|error| println!("skipped: the share of 128 MB: {error}"))
        .is_ok();
    let mut figures: Vec<Figures> = subjects.iter().map(|_| Figures::default()).collect();
    for run in 0..options.runs {
        // Nobody always comes after the same one, with the caches as that one left them.
        let mut turns: Vec<_> = subjects.iter().zip(&mut figures).collect();
        fastrand::Rng::with_seed(u64::try_from(run)?).shuffle(&mut turns);
        for (subject, figures) in turns {
            let told = |error| format!("{}: {error}", subject.name);
            let emulator = setup.emulator().await?;
            let full = measure::cold_start(subject, &emulator, &setup.bundle, None, options.warm);
            figures.full.push(full.await.map_err(told)?);
            if can_throttle {
                let share = Share::new()?;
                let emulator = setup.emulator().await?;
                let throttled =
                    measure::cold_start(subject, &emulator, &setup.bundle, Some(&share), 0);
                figures.throttled.push(throttled.await.map_err(told)?);
            }
        }
    }
    let rows: Vec<Row> = subjects
        .iter()
        .zip(figures)
        .map(|(subject, figures)| Row::new(subject, &figures))
        .collect();
    table::print(&rows);
    println!();
    targets::print(&rows);
    std::fs::write(
        Path::new(FOLDER).join("compare.json"),
        serde_json::to_string_pretty(&rows)?,
    )?;
    if let Some(path) = &options.plot {
        std::fs::write(path, plot::draw(&rows))?;
    }
    Ok(())
}
