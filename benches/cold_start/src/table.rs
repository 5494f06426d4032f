//! The medians of the cold starts, as a table.

use std::io::{Cursor, Write};
use std::path::Path;

use anstream::println;
use serde::Serialize;
use zip::write::SimpleFileOptions;

use crate::Failure;
use crate::measure::Start;
use crate::subject::Subject;

/// The cold starts of one program.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) full: Vec<Start>,
    pub(crate) throttled: Vec<Start>,
}

/// The medians of one program, in milliseconds and MB.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) zip: Option<f64>,
    pub(crate) init_cpu: f64,
    pub(crate) spawn_to_answer: f64,
    pub(crate) first_answer: f64,
    pub(crate) first_cpu: f64,
    pub(crate) warm_answer: f64,
    pub(crate) warm_cpu: f64,
    pub(crate) memory: f64,
    pub(crate) first_answer_128: Option<f64>,
}

impl Row {
    pub(crate) fn new(subject: &Subject, figures: &Figures) -> Self {
        let of = |figure: fn(&Start) -> f64| median(figures.full.iter().map(figure));
        let warm =
            |figure: fn(&Start) -> &Vec<f64>| median(figures.full.iter().flat_map(figure).copied());
        Self {
            name: subject.name.clone(),
            zip: zip_bytes(&subject.bootstrap).ok().flatten().map(megabytes),
            init_cpu: of(|start| start.init_cpu),
            spawn_to_answer: of(|start| start.spawn_to_answer),
            first_answer: of(|start| start.first_answer),
            first_cpu: of(|start| start.first_cpu),
            warm_answer: warm(|start| &start.warm_answer),
            warm_cpu: warm(|start| &start.warm_cpu),
            memory: of(|start| start.memory),
            first_answer_128: (!figures.throttled.is_empty())
                .then(|| median(figures.throttled.iter().map(|start| start.first_answer))),
        }
    }
}

/// Returns the median, or NaN if there are no values.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let upper = values.len() / 2;
    let lower = upper.saturating_sub(usize::from(values.len().is_multiple_of(2)));
    match (values.get(lower), values.get(upper)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => f64::NAN,
    }
}

/// Returns the size of the deployment zip, or `None` if the program is not a binary.
pub(crate) fn zip_bytes(bootstrap: &Path) -> Result<Option<u64>, Failure> {
    let content = std::fs::read(bootstrap)?;
    if !content.starts_with(b"\x7fELF") {
        return Ok(None);
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_level(Some(9)).unix_permissions(0o755);
    zip.start_file("bootstrap", options)?;
    zip.write_all(&content)?;
    Ok(Some(u64::try_from(zip.finish()?.into_inner().len())?))
}

#[expect(clippy::cast_precision_loss, reason = "the size is only shown")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

pub(crate) fn print(rows: &[Row]) {
    println!(
        "| program | zip MB | init CPU ms | spawn → answer ms | first event → answer ms | its CPU ms | warm event → answer ms | its CPU ms | peak MB | 128 MB: first event → answer ms |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        let size = row.zip.map_or_else(String::new, |size| format!("{size:.2}"));
        println!(
            "| {} | {size} | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            number(row.init_cpu),
            number(row.spawn_to_answer),
            number(row.first_answer),
            number(row.first_cpu),
            number(row.warm_answer),
            number(row.warm_cpu),
            number(row.memory),
            row.first_answer_128.map_or_else(String::new, number),
        );
    }
}

/// Formats a number with three significant digits.
pub(crate) fn number(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}
