//! How fast the function starts and answers, beside others that do its job: the same
//! events, the same servers over TLS, one after the other in turns.
//!
//! | module | what it does |
//! |---|---|
//! | `subject` | the programs, and what they find around them |
//! | `lambda`, `authority` | the Runtime API and TLS as they find them |
//! | `process`, `share` | CPU time, memory, and the CPU of 128 MB |
//! | `measure` | one cold start |
//! | `compare`, `table`, `targets`, `plot` | all of them in turns, as medians, held against what is aimed for, drawn |
//! | `growth` | what an event costs as it grows |
//! | `round_trips` | how long an event takes with a service that takes its time |
//! | `instructions`, `guard` | what holds on any machine, against recorded bounds |

mod authority;
mod compare;
mod growth;
mod guard;
mod instructions;
mod lambda;
mod measure;
mod plot;
mod process;
mod round_trips;
mod share;
mod subject;
mod table;
mod targets;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use emulator::Emulator;
use emulator::Listen;
use emulator::rustls::ServerConfig;

use authority::Certified;
use subject::Subject;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where everything goes that is made here.
const FOLDER: &str = "target/cold_start";

/// Measures what the release build of the function costs.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// The function
    #[arg(long, global = true, default_value = "target/release/bootstrap")]
    bootstrap: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Cold starts beside other programs
    Compare(compare::Options),
    /// What an event costs with larger plans and after many others
    Growth,
    /// How long an event takes with a service that takes its time
    #[command(name = "round_trips")]
    RoundTrips,
    /// Size, crates and instructions against their bounds
    Guard {
        /// Record what is found as the bounds
        #[arg(long)]
        record: bool,
    },
}

/// The servers' side of a run, and what its clients trust.
struct Setup {
    certified: Certified,
    bundle: PathBuf,
}

impl Setup {
    fn new() -> Result<Self, Failure> {
        let certified = authority::certify()?;
        std::fs::create_dir_all(FOLDER)?;
        let bundle = Path::new(FOLDER).join("roots.pem");
        std::fs::write(&bundle, &certified.bundle)?;
        Ok(Self {
            certified,
            bundle: std::fs::canonicalize(bundle)?,
        })
    }

    async fn emulator(&self) -> std::io::Result<Emulator> {
        let listen = |tls: &Arc<ServerConfig>| Listen {
            port: 0,
            tls: Some(Arc::clone(tls)),
        };
        Emulator::start_on(
            listen(&self.certified.service),
            listen(&self.certified.sink),
        )
        .await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("cold_start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let setup = Setup::new()?;
    let ours = std::fs::canonicalize(&arguments.bootstrap)
        .map_err(|error| format!("{}: {error}", arguments.bootstrap.display()))?;
    match &arguments.command {
        Command::Compare(options) => compare::run(ours, options, &setup).await,
        Command::Growth => {
            let subject = Subject::new(compare::OURS, ours);
            growth::print(&subject, &setup.emulator().await?, &setup.bundle).await
        }
        Command::RoundTrips => {
            let subject = Subject::new(compare::OURS, ours);
            round_trips::print(&subject, &setup.emulator().await?, &setup.bundle).await
        }
        Command::Guard { record } => {
            guard::run(&ours, &setup.emulator().await?, &setup.bundle, *record).await
        }
    }
}
