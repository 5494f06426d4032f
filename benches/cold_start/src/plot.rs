//! Draws the cold starts as an SVG bar chart with a logarithmic scale.

use std::fmt::Write;

use crate::table::{Row, number};

const WIDTH: f64 = 760.0;
const LABELS: f64 = 150.0;
const VALUES: f64 = 70.0;
const BAR: f64 = 18.0;
const ROW: f64 = 26.0;
const HEADING: f64 = 34.0;

/// Draws the time from the spawn to the first answer, and below it the time from the first event to
/// its answer at the share of 128 MB.
pub(crate) fn draw(rows: &[Row]) -> String {
    let whole: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.spawn_to_answer)).collect();
    let throttled: Vec<_> =
        rows.iter().filter_map(|row| Some((row.name.as_str(), row.first_answer_128?))).collect();
    let mut body = String::new();
    let mut top =
        chart(&mut body, "Cold start: spawn → answer, milliseconds, logarithmic", &whole, 0.0);
    if !throttled.is_empty() {
        let heading = "First event → answer with the CPU of 128 MB, milliseconds, logarithmic";
        top = chart(&mut body, heading, &throttled, top);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
         <style>text {{ fill: #24292f }} @media (prefers-color-scheme: dark) {{ text {{ fill: #d0d7de }} }}</style>\n\
         {body}</svg>\n"
    )
}

fn chart(body: &mut String, heading: &str, bars: &[(&str, f64)], top: f64) -> f64 {
    let values = || bars.iter().map(|(_, value)| *value);
    let least = values().fold(f64::INFINITY, f64::min).log10().floor();
    let most = values().fold(0.0, f64::max).log10();
    let scale = (WIDTH - LABELS - VALUES) / (most - least).max(1.0);
    // Writing to a string can't fail.
    let _ =
        writeln!(body, "<text x=\"0\" y=\"{}\" font-weight=\"600\">{heading}</text>", top + 20.0);
    let mut y = top + HEADING;
    for (name, value) in bars {
        let length = ((value.log10() - least) * scale).max(2.0);
        let color = if *name == crate::compare::OURS { "#1f883d" } else { "#8c959f" };
        let base = y + BAR - 4.0;
        let _ = writeln!(
            body,
            "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\">{name}</text>\
             <rect x=\"{LABELS}\" y=\"{y}\" width=\"{length:.1}\" height=\"{BAR}\" rx=\"2\" fill=\"{color}\"/>\
             <text x=\"{:.1}\" y=\"{base}\">{}</text>",
            LABELS - 8.0,
            LABELS + length + 6.0,
            number(*value),
        );
        y += ROW;
    }
    y + 10.0
}
