//! The emulator as a command. It delivers events to the real function and prints the calls and
//! responses, or it only serves.

mod bootstrap;
mod check;
mod event;
mod place;
mod serve;
mod show;
mod stack;
mod stack_text;
mod terminal;
mod throttle;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use emulator::cloudformation::ResponseStatus;
use emulator::{Emulator, Invocation, contacts_to_json};

use crate::event::Event;
use crate::place::Place;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the function as Lambda does, with an emulated SSM Contacts and CloudFormation on this
/// machine.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,

    /// Files with the events to deliver, in this order; - is standard input
    #[arg(value_name = "EVENT.json")]
    events: Vec<PathBuf>,

    /// Print one JSON document for each event
    #[arg(long)]
    json: bool,

    /// Print ARNs and ownership tags in full
    #[arg(short, long)]
    verbose: bool,

    /// Use this binary instead of building it
    #[arg(long, value_name = "PATH", global = true)]
    bootstrap: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Create a stack from a CloudFormation template, update it to further ones and delete it
    Stack(stack::Stack),

    /// Create, update and delete many contacts at once, each with its own process, with a service
    /// that throttles
    Throttle {
        /// Number of contacts; several numbers run one after the other
        #[arg(default_values_t = [30, 100, 300])]
        contacts: Vec<usize>,

        /// Calls per second that the service allows
        #[arg(long, default_value_t = 5.0)]
        rate: f64,
    },

    /// Serve SSM Contacts and the presigned URLs until interrupted, for cargo-lambda, the runtime
    /// interface emulator and SAM
    Serve(serve::Serve),

    /// Print an event for a function that finds `serve` under another host, or in another account
    Event {
        /// The file with the event; - is standard input
        event: PathBuf,

        /// The host and port of the presigned URLs, as the function reaches them
        #[arg(long, default_value = "127.0.0.1:4567")]
        host: String,

        #[command(flatten)]
        place: Place,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // clap's `args_conflicts_with_subcommands` would refuse `--bootstrap` before a subcommand, too.
    if arguments.command.is_some()
        && (arguments.json || arguments.verbose || !arguments.events.is_empty())
    {
        let message = "events and their options can't be given before a subcommand";
        Arguments::command().error(ErrorKind::ArgumentConflict, message).exit();
    }
    let done = match &arguments.command {
        Some(Command::Serve(arguments)) => serve::serve(arguments).await.map(|()| true),
        Some(Command::Event { event, host, place }) => {
            print_event(event, host, place).map(|()| true)
        }
        Some(Command::Stack(stack)) => stack::play(stack, arguments.bootstrap.as_deref()).await,
        Some(Command::Throttle { contacts, rate }) => throttle(&arguments, contacts, *rate).await,
        None => run(&arguments).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("emulator: {error}");
            ExitCode::from(2)
        }
    }
}

/// Makes the service refuse plans that name what does not exist. Tests may name anything.
fn refuse_what_aws_refuses(emulator: &Emulator) {
    let service = &emulator.contacts;
    service.backend(|backend| backend.switches.refuses_unknown_targets = true);
}

/// Prints an event with a URL of this host and with the ARNs of this place.
fn print_event(path: &Path, host: &str, place: &Place) -> Result<(), Failure> {
    let event = Event::read(path)?.moved(place)?;
    anstream::println!("{}", event.for_server(&format!("http://{host}")));
    Ok(())
}

/// Delivers the events. Returns `false` if CloudFormation received FAILED or no response, or if the
/// protocol was violated.
async fn run(arguments: &Arguments) -> Result<bool, Failure> {
    if arguments.events.is_empty() {
        return Err("give the file of an event, or a subcommand (--help lists them)".into());
    }
    let events = arguments.events.iter().map(|path| Event::read(path));
    let mut events = events.collect::<Result<Vec<_>, Failure>>()?;
    // A check is about the contacts that the other events made.
    events.sort_by_key(|event| event.request.is_none());
    let place = event::one_place(&events)?;
    let bootstrap = bootstrap::given_or_built(arguments.bootstrap.as_deref())?;
    let emulator = Emulator::start().await?;
    refuse_what_aws_refuses(&emulator);
    if let Some(place) = place {
        place.set(&emulator);
    }
    let function = emulator.function(&bootstrap).await?;
    let cannot_run = |error| format!("{}: {error}", bootstrap.display());
    let mut failed = Vec::new();
    for event in &events {
        let path = &event.path;
        let payload = event.for_server(&format!("http://{}", emulator.sink.host()));
        let lines = function.log().len();
        let delivered = emulator.deliver_unchanged(&function, payload).await.map_err(cannot_run)?;
        let contacts = emulator.contacts.backend(|backend| show::contacts(backend));
        let json = emulator.contacts.backend(|backend| contacts_to_json(backend));
        let verbose = arguments.verbose;
        let succeeded = if let Some(request) = &event.request {
            if arguments.json {
                anstream::println!("{}", show::to_json(path, &delivered, &json));
            } else {
                show::print_text(path, &request.event, &delivered, &contacts, verbose);
            }
            succeeded(&delivered)
        } else {
            let warnings = function.warnings(lines).await;
            if arguments.json {
                let document = check::to_json(event, &delivered, &warnings, &json);
                anstream::println!("{document}");
            } else {
                check::print_text(event, &delivered, &warnings, &contacts, verbose);
            }
            check::succeeded(&delivered)
        };
        if !succeeded {
            failed.push(path.display().to_string());
        }
    }
    if !arguments.json {
        anstream::println!("{}", summary(events.len(), &failed));
    }
    if !failed.is_empty() {
        for line in function.whole_log().await {
            anstream::eprintln!("log: {line}");
        }
    }
    Ok(failed.is_empty())
}

/// Returns the last line of the text: how many events succeeded, and which did not.
fn summary(events: usize, failed: &[String]) -> String {
    match (events, failed) {
        (1, []) => "The event succeeded.".to_owned(),
        (_, []) => format!("All {events} events succeeded."),
        (1, _) => "The event failed.".to_owned(),
        _ => format!("{} of {events} events failed: {}.", failed.len(), failed.join(", ")),
    }
}

async fn throttle(arguments: &Arguments, contacts: &[usize], rate: f64) -> Result<bool, Failure> {
    let bootstrap = bootstrap::given_or_built(arguments.bootstrap.as_deref())?;
    throttle::run(&bootstrap, contacts, rate).await
}

fn succeeded(delivered: &Invocation) -> bool {
    let success = delivered.response().is_ok_and(|answer| answer.status == ResponseStatus::Success);
    success && delivered.violations().is_empty()
}
