//! The subcommand `stack`: creates a stack from a template, updates it to others and deletes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anstream::println;
use clap::Args;
use emulator::cloudformation::Status;
use emulator::deployment::{
    Deployment, File, Observer, Progress, Report, Request, Step, environment, run_step,
};
use emulator::function::Function;
use emulator::template::AccountValues;
use emulator::{Emulator, add_contacts};
use serde_json::Value;

use crate::show::HEAD;
use crate::terminal::Shown;
use crate::{Failure, bootstrap, event, show, stack_text};

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct Stack {
    /// Templates in YAML or JSON: the first one creates the stack, each further one updates it
    #[arg(required = true, value_name = "TEMPLATE")]
    templates: Vec<PathBuf>,

    /// The value of a parameter, for all templates that have it
    #[arg(long = "parameter", value_name = "KEY=VALUE", value_parser = key_and_value)]
    parameters: Vec<(String, String)>,

    /// A parameter of Parameter Store, for templates that read it; NAME:2=VALUE is that of a version
    #[arg(long, value_name = "NAME=VALUE", value_parser = key_and_value)]
    ssm: Vec<(String, String)>,

    /// A value that another stack exports, for `Fn::ImportValue`
    #[arg(long = "export", value_name = "NAME=VALUE", value_parser = key_and_value)]
    exports: Vec<(String, String)>,

    /// The name of the stack
    #[arg(long = "stack-name", value_name = "NAME", default_value = "on-call")]
    name: String,

    /// Do not delete the stack at the end
    #[arg(long)]
    keep: bool,

    /// Let this resource fail in the last create or update, which is then rolled back; nothing
    /// follows it
    #[arg(long, value_name = "LOGICAL_ID")]
    fail: Option<String>,

    /// Activate all channels after each operation, as their owners would
    #[arg(long)]
    activate: bool,

    /// Contacts that exist before: a JSON list of contacts in the form of --json
    #[arg(long, value_name = "FILE")]
    contacts: Option<PathBuf>,

    /// Resources to import, as for `create-change-set --resources-to-import`; the update that adds
    /// them becomes an import
    #[arg(long, value_name = "FILE")]
    import: Option<PathBuf>,

    /// Print one JSON document for each operation
    #[arg(long)]
    json: bool,

    /// Print the calls to the service, too, and ARNs and tags in full
    #[arg(short, long)]
    verbose: bool,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=');
    let pair = pair.filter(|(key, _)| !key.is_empty());
    let (key, value) = pair.ok_or_else(|| "a value is given as KEY=VALUE".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Plays the templates. Returns `false` unless every operation ended as it was asked for.
pub(crate) async fn play(arguments: &Stack, bootstrap: Option<&Path>) -> Result<bool, Failure> {
    let request = arguments.request()?;
    let emulator = Emulator::start().await?;
    crate::refuse_what_aws_refuses(&emulator);
    let environment = environment(&emulator, &arguments.name);
    let steps = request.steps(&environment)?;
    if let Some(path) = &arguments.contacts {
        let File { name, text } = file(path)?;
        let named = |error: String| format!("{name}: {error}");
        let contacts: Value =
            serde_json::from_str(&text).map_err(|error| named(error.to_string()))?;
        let added = emulator.contacts.backend(|backend| add_contacts(backend, &contacts));
        added.map_err(named)?;
    }
    // Only a template that can be played is worth a build.
    let bootstrap = bootstrap::given_or_built(bootstrap)?;
    let function = emulator.function(&bootstrap).await?;
    let shown = Arc::new(Mutex::new(Shown::new(arguments.verbose)));
    let columns = stack_text::Columns::of(&steps, &arguments.name);
    let observer = arguments.observer(columns, Arc::clone(&shown));
    if let (Some(logical_id), false) = (&arguments.fail, arguments.json) {
        println!("--fail: the service denies all calls for the resource {logical_id}.");
    }
    let mut deployment = Deployment::new(&emulator, &function, &environment, observer);
    if arguments.activate {
        deployment = deployment.activating();
    }
    let mut operations = Vec::new();
    let mut all_as_asked = true;
    for (number, step) in steps.iter().enumerate() {
        if !arguments.json {
            let (operation, file) = step.name(deployment.stack().status().is_some());
            println!("{HEAD}{operation}{HEAD:#} {}", file.unwrap_or(&arguments.name));
        }
        let report = run_step(&mut deployment, step).await;
        let report = report.map_err(|error| format!("{}: {error}", bootstrap.display()))?;
        operations.push(report.operation);
        all_as_asked = report.is_as_asked();
        let next = steps.get(number + 1);
        let is_shown = !all_as_asked || matches!(next, None | Some(Step::Delete));
        let findings = if is_shown { check(&emulator, &function).await } else { Vec::new() };
        deployment.skip_log().await;
        if arguments.json {
            println!("{}", stack_text::to_json(&report, &findings));
        } else {
            let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            stack_text::print_warnings(&report, &shown);
            if is_shown {
                let contacts = emulator.contacts.backend(|backend| show::contacts(backend));
                stack_text::print_state(&report, &contacts, &shown);
                stack_text::print_findings(&findings, &shown);
            }
            if !all_as_asked {
                print_end(&report);
            }
        }
        if !all_as_asked {
            break;
        }
    }
    if all_as_asked && !arguments.json {
        println!("{} ended as asked.", stack_text::sentence(&operations));
    }
    if arguments.verbose && !all_as_asked {
        for line in function.whole_log().await {
            anstream::eprintln!("log: {line}");
        }
    }
    Ok(all_as_asked)
}

/// What the function's check finds: each contact that can't be paged, and why. A program that
/// knows no check finds nothing.
async fn check(emulator: &Emulator, function: &Function) -> Vec<Value> {
    let lines = function.log().len();
    let event = serde_json::json!({"check": "reachability"});
    if emulator.deliver_unchanged(function, event).await.is_err() {
        return Vec::new();
    }
    let warnings = function.warnings(lines).await;
    warnings.into_iter().filter(|line| line.get("alias").is_some()).collect()
}

fn print_end(report: &Report) {
    let operation = report.operation;
    let file = report.file.as_deref().unwrap_or("the stack");
    match report.status {
        Some(
            status @ (Status::RollbackComplete
            | Status::RollbackFailed
            | Status::UpdateRollbackComplete
            | Status::UpdateRollbackFailed),
        ) => println!("The {operation} of {file} was rolled back: {status}."),
        Some(status) => println!("The {operation} of {file} did not end as asked: {status}."),
        None => println!("The {operation} of {file} was refused."),
    }
}

impl Stack {
    fn request(&self) -> Result<Request, Failure> {
        let templates = self.templates.iter().map(|path| file(path));
        let import = self.import.as_deref().map(file);
        Ok(Request {
            templates: templates.collect::<Result<_, _>>()?,
            parameters: once("--parameter", &self.parameters)?,
            account: AccountValues {
                ssm: once("--ssm", &self.ssm)?,
                exports: once("--export", &self.exports)?,
            },
            fail: self.fail.clone(),
            keep: self.keep,
            import: import.transpose()?,
        })
    }

    fn observer(&self, columns: stack_text::Columns, shown: Arc<Mutex<Shown>>) -> Observer {
        if self.json {
            return Box::new(|_| {});
        }
        let verbose = self.verbose;
        Box::new(move |progress| {
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            match progress {
                Progress::Event(at, event) => columns.print(*at, event, &shown),
                Progress::Call(call) => {
                    shown.mask.learn(&call.body);
                    shown.mask.learn(&call.response);
                    if verbose {
                        show::call(call, &shown);
                    }
                }
                Progress::Violation(_) => {}
            }
        })
    }
}

/// Returns the values of an option that gives each at most once.
fn once(option: &str, pairs: &[(String, String)]) -> Result<BTreeMap<String, String>, Failure> {
    let mut values = BTreeMap::new();
    for (key, value) in pairs {
        if values.insert(key.clone(), value.clone()).is_some() {
            return Err(format!("{option} {key} is given twice").into());
        }
    }
    Ok(values)
}

fn file(path: &Path) -> Result<File, Failure> {
    Ok(File { name: path.display().to_string(), text: event::text(path)? })
}
