//! Measures how fast the function starts and answers, compared with other programs that do the
//! same. All programs get the same events and use the same servers over TLS, in turns.
//!
//! | module | content |
//! |---|---|
//! | `subject` | the programs and their environment |
//! | `lambda`, `authority` | the Runtime API, and the certificates of the servers |
//! | `process`, `share` | CPU time, memory, and the CPU share of 128 MB |
//! | `measure` | one cold start |
//! | `compare`, `table`, `targets`, `plot` | cold starts of all programs: medians, targets and a plot |
//! | `growth` | the cost of larger events, and of events after many others |
//! | `round_trips` | the time of an event with a slow service |
//! | `instructions`, `guard` | figures that hardly depend on the machine, and their bounds |

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

/// The folder of all files that the benchmark writes.
const FOLDER: &str = "target/cold_start";

/// Measures what the release build of the function costs.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// The binary of the function
    #[arg(long, global = true, default_value = "target/release/bootstrap")]
    bootstrap: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Compare the cold starts with those of other programs
    Compare(compare::Options),
    /// Measure the cost of events with larger plans, and of events after many others
    Growth,
    /// Measure the time of an event with a slow service
    #[command(name = "round_trips")]
    RoundTrips,
    /// Compare the size, the crates and the instructions with their bounds
    Guard {
        /// Record the measured figures as the new bounds
        #[arg(long)]
        record: bool,
    },
}

/// The TLS configurations of the servers, and the roots that their clients trust.
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
        Ok(Self { certified, bundle: std::fs::canonicalize(bundle)? })
    }

    async fn emulator(&self) -> std::io::Result<Emulator> {
        let listen =
            |tls: &Arc<ServerConfig>| Listen { tls: Some(Arc::clone(tls)), ..Listen::default() };
        Emulator::start_on(listen(&self.certified.service), listen(&self.certified.sink)).await
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
