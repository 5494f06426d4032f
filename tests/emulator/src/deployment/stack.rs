//! A stack with the real function and the native types behind it.

use std::fmt;

use serde_json::Value;

use super::import::Import;
use super::transport::{DeploymentTransport, Observer, Progress};
use crate::Emulator;
use crate::cloudformation::{
    EvaluationError, InvalidStatus, Outcome, STACK_TYPE, Stack, StackEvent, Status, Transport,
};
use crate::contact_list::contacts_to_json;
use crate::contacts::Backend;
use crate::function::Function;
use crate::native::REPLICATION_SET;
use crate::template::{Environment, ResolvedTemplate};

/// A stack, the function behind its custom resources, and the handlers of its native ones.
pub struct Deployment<'a> {
    stack: Stack,
    transport: DeploymentTransport<'a>,
    emulator: &'a Emulator,
    deployed: Option<ResolvedTemplate>,
    function: &'a Function,
    /// How many lines of the function's log were read.
    read: usize,
    activates: bool,
}

/// Why an operation did not run.
#[derive(Debug)]
pub enum DeploymentError {
    /// The status of the stack does not allow it.
    Status(InvalidStatus),
    /// The function can't be started.
    Function(std::io::Error),
    /// What should be imported does not exist.
    NothingToImport(String),
}

impl fmt::Display for DeploymentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(error) => error.fmt(f),
            Self::Function(error) => write!(f, "the function can't be started: {error}"),
            Self::NothingToImport(arn) => write!(f, "{arn} does not exist and can't be imported"),
        }
    }
}

impl std::error::Error for DeploymentError {}

impl From<InvalidStatus> for DeploymentError {
    fn from(error: InvalidStatus) -> Self {
        Self::Status(error)
    }
}

/// The stack's id in the emulator: names do not change it, so that output can be compared.
const STACK_UUID: &str = "5b03013e-6255-404c-a673-1aa10example";

/// Returns the environment of a stack with this name in the account and Region of an emulator.
#[must_use]
pub fn environment(emulator: &Emulator, stack_name: &str) -> Environment {
    let (region, account) = emulator
        .contacts
        .backend(|backend| (backend.region.clone(), backend.account.clone()));
    Environment {
        stack_id: format!(
            "arn:aws:cloudformation:{region}:{account}:stack/{stack_name}/{STACK_UUID}"
        ),
        account,
        region,
        partition: "aws".to_owned(),
        stack_name: stack_name.to_owned(),
        service_token: emulator.function_arn(),
    }
}

/// Whether a contact or one of its channels has this ARN. That of a plan is the contact's.
fn has_arn(contact: &Value, arn: &str) -> bool {
    let channels = contact.get("Channels").and_then(Value::as_array);
    let mut channels = channels.into_iter().flatten();
    let is_channel = |channel: &Value| channel.get("ContactChannelArn") == Some(&arn.into());
    contact.get("ContactArn") == Some(&arn.into()) || channels.any(is_channel)
}

impl<'a> Deployment<'a> {
    /// Creates a stack without a status.
    #[must_use]
    pub fn new(
        emulator: &'a Emulator,
        function: &'a Function,
        environment: &Environment,
        observer: Observer,
    ) -> Self {
        let stack = Stack::new(&environment.stack_name, 1)
            .arn(&environment.stack_id)
            .service_token(&environment.service_token)
            .finish_independent();
        Self {
            stack,
            transport: DeploymentTransport::new(emulator, function, observer),
            emulator,
            deployed: None,
            function,
            read: 0,
            activates: false,
        }
    }

    /// Activates all channels after each operation, as their owners would.
    #[must_use]
    pub fn activating(mut self) -> Self {
        self.activates = true;
        self
    }

    /// Creates the stack, or updates it if it exists.
    ///
    /// # Errors
    ///
    /// Returns an error if the function can't be started or if the status of the stack does not
    /// allow the operation.
    pub async fn deploy(
        &mut self,
        template: &ResolvedTemplate,
    ) -> Result<Outcome, DeploymentError> {
        let transport = &self.transport;
        let outcome = if self.stack.status().is_none() {
            // An account has one, unless the template creates it.
            if template.has_type(REPLICATION_SET) {
                self.emulator
                    .contacts
                    .backend(|backend| backend.has_no_replication_set = true);
            }
            self.stack.create(transport, &template.template).await?
        } else {
            self.stack.update(transport, &template.template).await?
        };
        if matches!(
            outcome.status,
            Status::CreateComplete | Status::UpdateComplete
        ) {
            self.deployed = Some(template.clone());
        }
        self.unless_broken(outcome)
    }

    /// Does the same, but the first request of a resource fails, because the service denies its
    /// calls. If the resource has no request, the operation succeeds.
    ///
    /// # Errors
    ///
    /// Returns an error if [`deploy`](Self::deploy) would.
    pub async fn deploy_failing(
        &mut self,
        template: &ResolvedTemplate,
        logical_id: &str,
    ) -> Result<Outcome, DeploymentError> {
        self.transport.fail(logical_id);
        let outcome = self.deploy(template).await?;
        if self.transport.did_not_fail() {
            let message = format!("{logical_id} did not fail, because nothing changes in it");
            self.transport.observe(Progress::Violation(message));
        }
        Ok(outcome)
    }

    /// Imports resources. Nothing is sent.
    ///
    /// # Errors
    ///
    /// Returns an error if what is to be imported does not exist, or if the status of the stack does
    /// not allow an import. Then nothing was imported.
    pub fn import(
        &mut self,
        template: &ResolvedTemplate,
        imports: &[Import],
    ) -> Result<(), DeploymentError> {
        for Import { arn, .. } in imports {
            let contacts = self.contacts(contacts_to_json);
            if !contacts.iter().any(|contact| has_arn(contact, arn)) {
                return Err(DeploymentError::NothingToImport(arn.clone()));
            }
        }
        self.stack_is("IMPORT_IN_PROGRESS", Some("User Initiated"));
        // A resource may refer to one before it.
        for (logical_id, resource) in template.template.iter() {
            let mut imports = imports.iter();
            if let Some(import) = imports.find(|import| import.logical_id == logical_id) {
                self.resource_is(import, "IMPORT_IN_PROGRESS");
                self.stack
                    .import(&import.logical_id, resource.clone(), &import.arn)?;
                self.resource_is(import, "IMPORT_COMPLETE");
            }
        }
        self.stack_is("IMPORT_COMPLETE", None);
        self.deployed = Some(template.clone());
        Ok(())
    }

    /// Deletes the stack.
    ///
    /// # Errors
    ///
    /// Returns an error if the stack does not exist or if the function can't be started.
    pub async fn delete(&mut self) -> Result<Outcome, DeploymentError> {
        let outcome = self.stack.delete(&self.transport, &[]).await?;
        if outcome.status == Status::DeleteComplete {
            self.deployed = None;
        }
        self.unless_broken(outcome)
    }

    /// Returns the names and values of the outputs.
    ///
    /// # Errors
    ///
    /// Returns an error if an output refers to what a resource did not return.
    pub fn outputs(&self) -> Result<Vec<(String, String)>, EvaluationError> {
        let values = self.stack.values();
        let outputs = self.deployed.iter().flat_map(|template| &template.outputs);
        let output = |output: &crate::template::Output| {
            let value = match output.value.evaluate(&values)? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Ok((output.name.clone(), value))
        };
        outputs.map(output).collect()
    }

    /// Returns the stack.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Reads from the service.
    pub fn contacts<T>(&self, read: impl FnOnce(&Backend) -> T) -> T {
        self.emulator.contacts.backend(|backend| read(backend))
    }

    /// Returns the ARNs of the rotations that exist.
    #[must_use]
    pub fn rotations(&self) -> Vec<String> {
        self.transport.rotations()
    }

    /// Returns what has happened since the last time.
    pub fn take_progress(&mut self) -> Vec<Progress> {
        self.transport.take_seen()
    }

    /// Ends the process of the function, and returns the lines of its log at WARN and above since
    /// the last time. All lines are there only when the process has ended.
    pub(super) async fn take_warnings(&mut self) -> Vec<Value> {
        let log = self.function.whole_log().await;
        let new = log.iter().skip(self.read);
        let warnings = new.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let is_warning = |line: &Value| {
            line.get("level")
                .is_some_and(|it| it == "WARN" || it == "ERROR")
        };
        self.read = log.len();
        warnings.filter(is_warning).collect()
    }

    pub(super) fn activate_channels(&self) {
        let activate = |backend: &mut Backend| {
            let aliases: Vec<String> = backend.contacts().keys().cloned().collect();
            for channel in aliases
                .iter()
                .flat_map(|alias| backend.channels(alias))
                .collect::<Vec<_>>()
            {
                backend.activate_channel(&channel.arn);
            }
        };
        if self.activates {
            self.emulator.contacts.backend(activate);
        }
    }

    fn unless_broken(&self, outcome: Outcome) -> Result<Outcome, DeploymentError> {
        match self.transport.take_broken() {
            Some(error) => Err(DeploymentError::Function(error)),
            None => Ok(outcome),
        }
    }

    fn stack_is(&self, status: &str, reason: Option<&str>) {
        let stack_id = self.stack.id();
        let name = stack_id.split('/').nth(1).unwrap_or_default();
        self.transport.event(&StackEvent {
            logical_id: name.to_owned(),
            physical_id: Some(stack_id.to_owned()),
            resource_type: STACK_TYPE.to_owned(),
            status: status.to_owned(),
            reason: reason.map(ToOwned::to_owned),
        });
    }

    fn resource_is(&self, import: &Import, status: &str) {
        self.transport.event(&StackEvent {
            logical_id: import.logical_id.clone(),
            physical_id: Some(import.arn.clone()),
            resource_type: import.resource_type.clone(),
            status: status.to_owned(),
            reason: None,
        });
    }
}
