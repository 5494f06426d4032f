//! Measures how the cost of an event grows with its size and with the number of events before it.

use std::path::Path;

use anstream::println;
use emulator::Emulator;
use serde_json::{Value, json};

use crate::Failure;
use crate::measure::{Warm, milliseconds};
use crate::process;
use crate::subject::{Subject, address};
use crate::table::{median, number};

const STAGES: [usize; 6] = [1, 10, 50, 100, 250, 500];

/// Sizes of events. Lambda accepts up to 1 MB in an asynchronous invocation, as CloudFormation
/// makes it, and up to 6 MB in a synchronous one.
const BYTES: [usize; 6] = [1_000, 10_000, 100_000, 256_000, 1_000_000, 6_000_000];

const EVENTS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
const REPETITIONS: usize = 10;

pub(crate) async fn print(
    subject: &Subject,
    emulator: &Emulator,
    bundle: &Path,
) -> Result<(), Failure> {
    println!("| stages | event bytes | event → answer ms | its CPU ms | memory MB |");
    println!("|---|---|---|---|---|");
    for stages in STAGES {
        with_stages(subject, emulator, bundle, stages).await?;
    }
    println!("\n| stages | event bytes | event → answer ms | its CPU ms | memory MB |");
    println!("|---|---|---|---|---|");
    let one = event(emulator, 1)?.to_string().len();
    let each = (event(emulator, 101)?.to_string().len() - one) / 100;
    for bytes in BYTES {
        let stages = bytes.saturating_sub(one) / each;
        with_stages(subject, emulator, bundle, stages).await?;
    }
    println!("\n| events in one process | mean CPU ms since the row above | memory MB |");
    println!("|---|---|---|");
    many(subject, emulator, bundle).await
}

/// Returns the Create of a personal contact whose plan has this many stages with one channel each.
fn event(emulator: &Emulator, stages: usize) -> Result<Value, Failure> {
    let channel = "arn:aws:ssm-contacts:us-east-2:111122223333:contact-channel/akuam/5b03013e-6255-404c-a673-1aa10example";
    let target =
        json!({"ChannelTargetInfo": {"ContactChannelId": channel, "RetryIntervalInMinutes": "1"}});
    let stage = json!({"DurationInMinutes": "5", "Targets": [target]});
    let mut event = json!({
        "RequestType": "Create", "RequestId": format!("stages-{stages}"),
        "StackId": "arn:aws:cloudformation:us-east-2:111122223333:stack/growth/1",
        "LogicalResourceId": "Akua", "ResourceType": "Custom::SSMContact",
        "ResourceProperties": {"Alias": format!("akua-{stages}"), "Type": "PERSONAL", "Plan": {"Stages": vec![stage; stages]}},
    });
    address(&mut event, emulator)?;
    Ok(event)
}

async fn with_stages(
    subject: &Subject,
    emulator: &Emulator,
    bundle: &Path,
    stages: usize,
) -> Result<(), Failure> {
    let event = event(emulator, stages)?;
    let mut warm = Warm::start(subject, emulator, bundle).await?;
    let (mut answers, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..=REPETITIONS {
        let handled = warm.handle(&event).await?;
        answers.push(milliseconds(handled.answer));
        cpu.push(milliseconds(handled.cpu));
    }
    // The first event of a process is not warm.
    let warm_ones = |times: &[f64]| median(times.iter().skip(1).copied());
    println!(
        "| {stages} | {} | {} | {} | {} |",
        event.to_string().len(),
        number(warm_ones(&answers)),
        number(warm_ones(&cpu)),
        number(process::peak_memory(warm.process.id)?)
    );
    warm.process.end().await?;
    Ok(())
}

async fn many(subject: &Subject, emulator: &Emulator, bundle: &Path) -> Result<(), Failure> {
    let event = subject.event(emulator, 0)?;
    let mut warm = Warm::start(subject, emulator, bundle).await?;
    let (mut handled, mut before) = (0, process::cpu(warm.process.id)?);
    for events in EVENTS {
        let more = u32::try_from(events - handled)?;
        while handled < events {
            warm.handle(&event).await?;
            handled += 1;
        }
        let cpu = process::cpu(warm.process.id)?;
        println!(
            "| {events} | {} | {} |",
            number(milliseconds(cpu.saturating_sub(before) / more)),
            number(process::memory_now(warm.process.id)?)
        );
        before = cpu;
    }
    warm.process.end().await?;
    Ok(())
}
