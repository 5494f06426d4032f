//! Measures all programs in turns, so that other load on the machine affects all of them alike.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anstream::{eprintln, println};
use clap::Args;

use crate::lambda::now;
use crate::measure;
use crate::share::Share;
use crate::subject::Subject;
use crate::table::{self, Figures, Row};
use crate::{FOLDER, Failure, Setup, plot, targets};

/// The name of the function in the tables.
pub(crate) const OURS: &str = "this function";

/// The properties that tell CDK's handler which operation to call.
const CDK: &str = include_str!("../subjects/cdk/properties.json");

/// The plot that the README shows.
const RECORDED_PLOT: &str = "benches/cold_start/cold_start.svg";

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

    /// Replace the plot in the README, `benches/cold_start/cold_start.svg`, and not the one in `target/cold_start/`
    #[arg(long, conflicts_with_all = ["only", "also"])]
    record_plot: bool,
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
    let can_throttle =
        Share::new().inspect_err(|error| println!("skipped: the share of 128 MB: {error}")).is_ok();
    let mut figures: Vec<Figures> = subjects.iter().map(|_| Figures::default()).collect();
    eprintln!("compare: {} programs in turns", subjects.len());
    let began = now();
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
        eprintln!("{}", progress(run + 1, options.runs, now() - began)?);
    }
    let rows: Vec<Row> = subjects
        .iter()
        .zip(figures)
        .map(|(subject, figures)| Row::new(subject, &figures))
        .collect();
    table::print(&rows);
    println!();
    targets::print(&rows);
    std::fs::write(Path::new(FOLDER).join("compare.json"), serde_json::to_string_pretty(&rows)?)?;
    let path = if options.record_plot {
        PathBuf::from(RECORDED_PLOT)
    } else {
        Path::new(FOLDER).join("cold_start.svg")
    };
    std::fs::write(&path, plot::draw(&rows))?;
    eprintln!("compare: the plot is in {}", path.display());
    Ok(())
}

/// Says how many runs are done and how long the others will take, if they take as long.
fn progress(done: usize, all: usize, elapsed: Duration) -> Result<String, Failure> {
    let left = elapsed * u32::try_from(all - done)? / u32::try_from(done)?;
    let (elapsed, left) = (elapsed.as_secs(), left.as_secs());
    Ok(format!("compare: run {done} of {all} done after {elapsed} s, about {left} s left"))
}
