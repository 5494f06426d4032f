//! What the function is meant to reach, as far as the programs beside it are there.

use anstream::println;

use crate::compare::OURS;
use crate::table::{Row, number};

pub(crate) fn print(rows: &[Row]) {
    println!("| figure | target | reached |\n|---|---|---|");
    let of = |name: &str| rows.iter().find(|row| row.name == name);
    let Some(ours) = of(OURS) else { return };
    let at_most = |figure: &str, target: f64, unit: &str, reached: Option<f64>| {
        if let Some(reached) = reached {
            let verdict = if reached <= target { "" } else { ", missed" };
            println!(
                "| {figure} | at most {} {unit} | {}{verdict} |",
                number(target),
                number(reached)
            );
        }
    };
    let at_least = |figure: &str, target: f64, reached: Option<f64>| {
        if let Some(reached) = reached {
            let verdict = if reached >= target { "" } else { ", missed" };
            println!(
                "| {figure} | at least {target} times | {}{verdict} |",
                number(reached)
            );
        }
    };
    at_most(
        "init CPU over that of a hello world",
        2.2,
        "times",
        of("hello").map(|hello| ours.init_cpu / hello.init_cpu),
    );
    at_most(
        "spawn → answer over that of the floor",
        1.5,
        "times",
        of("floor").map(|floor| ours.spawn_to_answer / floor.spawn_to_answer),
    );
    // Or level with the floor: this machine may be slower than where the aim was set.
    let floor = of("floor").and_then(|floor| floor.first_answer_128);
    at_most(
        "first event → answer at the share of 128 MB (the floor's, if over 2)",
        floor.map_or(2.0, |floor| floor.max(2.0)),
        "ms",
        ours.first_answer_128,
    );
    at_most("CPU of a warm event", 0.25, "ms", Some(ours.warm_cpu));
    at_most("zip", 2.2, "MB", ours.zip);
    at_most("peak memory", 7.5, "MB", Some(ours.memory));
    at_least(
        "spawn → answer of crhelper over ours",
        45.0,
        of("crhelper").map(|other| other.spawn_to_answer / ours.spawn_to_answer),
    );
    at_least(
        "first event → answer of CDK's handler at the share of 128 MB over ours",
        300.0,
        of("cdk").and_then(|other| Some(other.first_answer_128? / ours.first_answer_128?)),
    );
}
