//! The emulator as a command. It delivers events to the real function and prints the calls and
//! responses, or it only serves.

mod bootstrap;
mod event;
mod place;
mod show;
mod stack;
mod stack_text;
mod terminal;
mod throttle;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use emulator::cloudformation::ResponseStatus;
use emulator::contacts::Service;
use emulator::sink::Sink;
use emulator::{CREDENTIALS, Emulator, Invocation, contacts_to_json};

use crate::event::Event;
use crate::place::Place;
use crate::terminal::Shown;

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
    Serve {
        /// The port of SSM Contacts
        #[arg(long, default_value_t = 4566)]
        contacts_port: u16,

        /// The port of the presigned URLs
        #[arg(long, default_value_t = 4567)]
        sink_port: u16,

        /// Calls per second that the service allows; without it, there is no limit
        #[arg(long)]
        rate: Option<f64>,

        /// The Region of the contacts
        #[arg(long, default_value = "us-east-2", value_parser = place::region)]
        region: String,

        /// The account of the contacts; the runtime interface emulator gives every
        /// function 012345678912 in us-east-1
        #[arg(long, default_value = "111122223333", value_parser = place::account)]
        account: String,
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
        Arguments::command()
            .error(ErrorKind::ArgumentConflict, message)
            .exit();
    }
    let done = match &arguments.command {
        Some(Command::Serve {
            contacts_port,
            sink_port,
            rate,
            region,
            account,
        }) => {
            let place = Place::new(region, account);
            serve(*contacts_port, *sink_port, *rate, &place)
                .await
                .map(|()| true)
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

/// Delivers the events. Returns `false` if CloudFormation received FAILED or no response, or if the
/// protocol was violated.
async fn run(arguments: &Arguments) -> Result<bool, Failure> {
    if arguments.events.is_empty() {
        return Err("give the file of an event, or a subcommand (--help lists them)".into());
    }
    let events = arguments.events.iter().map(|path| Event::read(path));
    let events = events.collect::<Result<Vec<_>, Failure>>()?;
    let place = event::one_place(&events)?;
    let bootstrap = bootstrap::given_or_built(arguments.bootstrap.as_deref())?;
    let emulator = Emulator::start().await?;
    if let Some(place) = place {
        place.set(&emulator);
    }
    let function = emulator.function(&bootstrap).await?;
    let cannot_run = |error| format!("{}: {error}", bootstrap.display());
    let mut failed = Vec::new();
    for event in &events {
        let path = &event.path;
        let payload = event.for_emulator(&emulator);
        let delivered = emulator
            .deliver_unchanged(&function, payload)
            .await
            .map_err(cannot_run)?;
        if arguments.json {
            let contacts = emulator
                .contacts
                .backend(|backend| contacts_to_json(backend));
            anstream::println!("{}", show::to_json(path, &delivered, &contacts));
        } else {
            let contacts = emulator.contacts.backend(|backend| show::contacts(backend));
            let (request, verbose) = (&event.request, arguments.verbose);
            show::print_text(path, request, &delivered, &contacts, verbose);
        }
        if !succeeded(&delivered) {
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
        _ => format!(
            "{} of {events} events failed: {}.",
            failed.len(),
            failed.join(", ")
        ),
    }
}

async fn throttle(arguments: &Arguments, contacts: &[usize], rate: f64) -> Result<bool, Failure> {
    let bootstrap = bootstrap::given_or_built(arguments.bootstrap.as_deref())?;
    throttle::run(&bootstrap, contacts, rate).await
}

fn succeeded(delivered: &Invocation) -> bool {
    let success = delivered
        .response()
        .is_ok_and(|answer| answer.status == ResponseStatus::Success);
    success && delivered.violations().is_empty()
}

/// Returns the error of a port with the option that changes it.
fn port_error(error: &std::io::Error, port: u16, option: &str) -> String {
    let problem = if error.kind() == std::io::ErrorKind::AddrInUse {
        "is taken by another program".to_owned()
    } else {
        format!("can't be used: {error}")
    };
    format!("port {port} {problem}; choose another one with {option}, or any free one with 0")
}

/// Serves until it is interrupted, and prints calls and responses as they arrive.
async fn serve(
    contacts_port: u16,
    sink_port: u16,
    rate: Option<f64>,
    place: &Place,
) -> Result<(), Failure> {
    let emulator = Emulator {
        contacts: Service::start(contacts_port)
            .await
            .map_err(|error| port_error(&error, contacts_port, "--contacts-port"))?,
        sink: Sink::start(sink_port)
            .await
            .map_err(|error| port_error(&error, sink_port, "--sink-port"))?,
    };
    place.set(&emulator);
    if let Some(rate) = rate {
        emulator.contacts.limit(rate);
    }
    anstream::println!("# The function's environment:");
    for (name, value) in emulator.environment() {
        anstream::println!("export {name}={value}");
    }
    anstream::println!(
        "# The {} credentials are examples, not valid for any account. Press Ctrl-C to end.",
        CREDENTIALS.len()
    );
    let (mut calls, mut puts, mut refusals) = (0, 0, 0);
    let mut shown = Shown::new(true);
    // Created once for the whole loop, because a new one would miss a signal that arrived before.
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        tokio::select! {
            () = emulator.contacts.called() => {}
            () = emulator.sink.arrived() => {}
            interrupted = &mut interrupted => return Ok(interrupted?),
        }
        for call in emulator.contacts.calls_since(calls) {
            calls += 1;
            shown.mask.learn(&call.body);
            shown.mask.learn(&call.response);
            show::call(&call, &shown);
        }
        for put in emulator.sink.puts_since(puts) {
            puts += 1;
            show::put(&put, &shown);
        }
        for why in emulator.sink.refusals().into_iter().skip(refusals) {
            refusals += 1;
            show::refusal(&shown.text(&why));
        }
    }
}
