//! Compares the function with its targets. A target that needs a program which was not measured is
//! left out.

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
            println!("| {figure} | at least {target} times | {}{verdict} |", number(reached));
        }
    };
    let over =
        |name: &str, figure: fn(&Row) -> Option<f64>| Some(figure(ours)? / figure(of(name)?)?);
    at_most(
        "init CPU over that of a hello world",
        2.0,
        "times",
        over("hello", |row| Some(row.init_cpu)),
    );
    at_most(
        "spawn → answer over that of the floor",
        1.4,
        "times",
        over("floor", |row| Some(row.spawn_to_answer)),
    );
    at_most(
        "first event → answer at the share of 128 MB over that of the floor",
        1.0,
        "times",
        over("floor", |row| row.first_answer_128),
    );
    at_most(
        "CPU of a warm event over that of the floor",
        1.2,
        "times",
        over("floor", |row| Some(row.warm_cpu)),
    );
    at_most("zip", 2.3, "MB", ours.zip);
    at_most("peak memory", 7.5, "MB", Some(ours.memory));
    at_least(
        "spawn → answer of crhelper over ours",
        45.0,
        over("crhelper", |row| Some(row.spawn_to_answer)).map(f64::recip),
    );
    at_least(
        "first event → answer of CDK's handler at the share of 128 MB over ours",
        800.0,
        over("cdk", |row| row.first_answer_128).map(f64::recip),
    );
}
