//! Measures all programs in turns, so that other load on the machine affects all of them alike.

use std::path::{Path, PathBuf};

use anstream::println;
use clap::Args;

use crate::measure;
use crate::share::Share;
use crate::subject::Subject;
use crate::table::{self, Figures, Row};
use crate::{FOLDER, Failure, Setup, plot, targets};

/// The name of the function in the tables.
pub(crate) const OURS: &str = "this function";

/// The properties that tell CDK's handler which operation to call.
const CDK: &str = include_str!("../subjects/cdk/properties.json");

#[derive(Args)]
pub(crate) struct Options {
    /// Number of cold starts of each program, at full CPU and again at the share of 128 MB
    #[arg(long, default_value_t = 25)]
    runs: usize,

    /// Number of warm events after each cold start at full CPU
    #[arg(long, default_value_t = 20)]
    warm: usize,

    /// Measure only this installed program and the function; can be given several times
    #[arg(long)]
    only: Vec<String>,

    /// Measure another program, as NAME=PATH; can be given several times
    #[arg(long)]
    also: Vec<String>,

    /// Write a plot of the cold starts to this file, as SVG
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
        // The order is random, because the program before affects the caches of the system.
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
