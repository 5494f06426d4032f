//! The programs that are measured, and their environment.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use emulator::Emulator;
use emulator::cloudformation::Ids;
use nix::unistd::Pid;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::Failure;
use crate::lambda::Lambda;

/// A program that is measured.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) bootstrap: PathBuf,
    /// Whether it answers CloudFormation. If not, its response to Lambda counts as the answer.
    pub(crate) answers: bool,
    arguments: Vec<String>,
    properties: Option<Value>,
}

impl Subject {
    pub(crate) fn new(name: &str, bootstrap: PathBuf) -> Self {
        Self {
            name: name.to_owned(),
            bootstrap,
            answers: true,
            arguments: Vec::new(),
            properties: None,
        }
    }

    pub(crate) fn with_arguments(self, arguments: impl Into<Vec<String>>) -> Self {
        Self { arguments: arguments.into(), ..self }
    }

    /// Returns the program with this name if it is installed.
    pub(crate) fn installed(name: &str, properties: Option<&str>) -> Result<Option<Self>, Failure> {
        let bootstrap = Path::new("target/cold_start").join(name).join("bootstrap");
        if !bootstrap.exists() {
            return Ok(None);
        }
        let mut subject = Self::new(name, std::fs::canonicalize(bootstrap)?);
        subject.answers = name != "hello";
        subject.properties = properties.map(serde_json::from_str).transpose()?;
        Ok(Some(subject))
    }

    /// Starts a process of the program.
    pub(crate) fn start(
        &self,
        lambda: &Lambda,
        emulator: &Emulator,
        bundle: &Path,
    ) -> Result<Process, Failure> {
        let child = Command::new(&self.bootstrap)
            .args(&self.arguments)
            .env_clear()
            .envs(emulator.environment())
            .envs(
                ["SSL_CERT_FILE", "AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]
                    .map(|name| (name, bundle)),
            )
            .env("AWS_LAMBDA_RUNTIME_API", lambda.host())
            .env("AWS_LAMBDA_FUNCTION_NAME", "contacts")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.bootstrap.display()))?;
        let id = child.id().ok_or("the process ended immediately")?;
        Ok(Process { id: Pid::from_raw(i32::try_from(id)?), child })
    }

    /// Returns a Create as CloudFormation would send it to this program.
    pub(crate) fn event(&self, emulator: &Emulator, number: usize) -> Result<Value, Failure> {
        let mut event: Value =
            serde_json::from_str(include_str!("../../../events/create-personal.json"))?;
        let members = event.as_object_mut().ok_or("the event is not an object")?;
        members
            .insert("RequestId".to_owned(), json!(format!("1b8a6f0e-6a35-4f0b-9a51-{number:012}")));
        if let Some(properties) = &self.properties {
            members.insert("ResourceProperties".to_owned(), properties.clone());
        }
        address(&mut event, emulator)?;
        Ok(event)
    }
}

/// Sets the `ResponseURL` of an event to a presigned URL of this emulator.
pub(crate) fn address(event: &mut Value, emulator: &Emulator) -> Result<(), Failure> {
    let ids = Ids::of_event(event).ok_or("the event lacks an id")?;
    let members = event.as_object_mut().ok_or("the event is not an object")?;
    members.insert("ResponseURL".to_owned(), emulator.sink.presign(&ids).into());
    Ok(())
}

/// A running process, which is killed when it is dropped.
pub(crate) struct Process {
    pub(crate) id: Pid,
    child: Child,
}

impl Process {
    /// Waits until the process has exited.
    pub(crate) async fn wait(mut self) -> std::io::Result<()> {
        self.child.wait().await.map(drop)
    }

    pub(crate) async fn end(mut self) -> std::io::Result<()> {
        self.child.kill().await
    }
}

/// The time after which a program that has not polled or answered has failed.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);
