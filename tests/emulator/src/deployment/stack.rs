//! A stack with the real function and the native types behind it.

use std::sync::Mutex;

use serde_json::Value;

use super::import::Import;
use super::transport::{DeploymentTransport, Observer, Progress};
use crate::Emulator;
use crate::cloudformation::{Outcome, STACK_TYPE, Stack, StackEvent, Status, Transport};
use crate::contact_list::contacts_to_json;
use crate::contacts::Backend;
use crate::function::Function;
use crate::native::REPLICATION_SET;
use crate::template::{Environment, ResolvedTemplate};

pub struct Deployment<'a> {
    stack: Stack,
    transport: DeploymentTransport<'a>,
    deployed: Option<ResolvedTemplate>,
    read: usize,
    activates: bool,
}

/// The stack's id in the emulator: names do not change it, so that output can be compared.
const STACK_UUID: &str = "5b03013e-6255-404c-a673-1aa10example";

pub fn environment(emulator: &Emulator, stack_name: &str) -> Environment {
    let (region, account) =
        emulator.contacts.backend(|backend| (backend.region.clone(), backend.account.clone()));
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
            transport: DeploymentTransport {
                emulator,
                function,
                observer,
                state: Mutex::default(),
            },
            deployed: None,
            read: 0,
            activates: false,
        }
    }

    pub fn activating(mut self) -> Self {
        self.activates = true;
        self
    }

    /// Creates the stack, or updates it if it exists.
    pub async fn deploy(&mut self, template: &ResolvedTemplate) -> Result<Outcome, String> {
        let transport = &self.transport;
        let outcome = if self.stack.status().is_none() {
            // An account has one, unless the template creates it.
            if template.has_type(REPLICATION_SET) {
                self.transport
                    .emulator
                    .contacts
                    .backend(|backend| backend.has_no_replication_set = true);
            }
            self.stack.create(transport, &template.template).await?
        } else {
            self.stack.update(transport, &template.template).await?
        };
        if matches!(outcome.status, Status::CreateComplete | Status::UpdateComplete) {
            self.deployed = Some(template.clone());
        }
        self.unless_broken(outcome)
    }

    /// Does the same, but the first request of a resource fails, because the service denies its
    /// calls. If the resource has no request, the operation succeeds.
    pub async fn deploy_failing(
        &mut self,
        template: &ResolvedTemplate,
        logical_id: &str,
    ) -> Result<Outcome, String> {
        self.transport.state().failing = Some(logical_id.to_owned());
        let outcome = self.deploy(template).await?;
        if self.transport.state().failing.take().is_some() {
            let message = format!("{logical_id} did not fail, because nothing changes in it");
            self.transport.observe(Progress::Violation(message));
        }
        Ok(outcome)
    }

    /// Imports resources. Nothing is sent.
    pub fn import(
        &mut self,
        template: &ResolvedTemplate,
        imports: &[Import],
    ) -> Result<(), String> {
        for Import { arn, .. } in imports {
            let contacts = self.contacts(contacts_to_json);
            if !contacts.iter().any(|contact| has_arn(contact, arn)) {
                return Err(format!("{arn} does not exist and can't be imported"));
            }
        }
        let (name, stack_id) = (self.stack.name().to_owned(), self.stack.id().to_owned());
        self.event(&name, &stack_id, STACK_TYPE, "IMPORT_IN_PROGRESS");
        // A resource may refer to one before it.
        for (logical_id, resource) in template.template.iter() {
            let mut imports = imports.iter();
            if let Some(Import { arn, resource_type, .. }) =
                imports.find(|import| import.logical_id == logical_id)
            {
                self.event(logical_id, arn, resource_type, "IMPORT_IN_PROGRESS");
                self.stack.import(logical_id, resource.clone(), arn)?;
                self.event(logical_id, arn, resource_type, "IMPORT_COMPLETE");
            }
        }
        self.event(&name, &stack_id, STACK_TYPE, "IMPORT_COMPLETE");
        self.deployed = Some(template.clone());
        Ok(())
    }

    pub async fn delete(&mut self) -> Result<Outcome, String> {
        let outcome = self.stack.delete(&self.transport, &[]).await?;
        if outcome.status == Status::DeleteComplete {
            self.deployed = None;
        }
        self.unless_broken(outcome)
    }

    pub(crate) fn outputs(&self) -> Result<Vec<(String, String)>, String> {
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

    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    pub fn contacts<T>(&self, read: impl FnOnce(&Backend) -> T) -> T {
        self.transport.emulator.contacts.backend(|backend| read(backend))
    }

    pub fn rotations(&self) -> Vec<String> {
        self.transport.state().natives.rotations().to_vec()
    }

    pub(crate) fn take_progress(&mut self) -> Vec<Progress> {
        std::mem::take(&mut self.transport.state().seen)
    }

    /// Returns the lines of the function's log at WARN and above since the last time.
    pub(super) async fn take_warnings(&mut self) -> Vec<Value> {
        let function = &self.transport.function;
        let warnings = function.warnings(self.read).await;
        self.read = function.log().len();
        warnings
    }

    /// Leaves out the lines that the log has now: they are of no request of the stack.
    pub async fn skip_log(&mut self) {
        self.read = self.transport.function.whole_log().await.len();
    }

    pub(super) fn activate_channels(&self) {
        let activate = |backend: &mut Backend| {
            let aliases: Vec<String> = backend.contacts().keys().cloned().collect();
            for channel in
                aliases.iter().flat_map(|alias| backend.channels(alias)).collect::<Vec<_>>()
            {
                backend.activate_channel(&channel.arn);
            }
        };
        if self.activates {
            self.transport.emulator.contacts.backend(activate);
        }
    }

    fn unless_broken(&self, outcome: Outcome) -> Result<Outcome, String> {
        match self.transport.state().broken.take() {
            Some(error) => Err(format!("the function can't be started: {error}")),
            None => Ok(outcome),
        }
    }

    fn event(&self, logical_id: &str, physical_id: &str, resource_type: &str, status: &str) {
        let is_start = resource_type == STACK_TYPE && status.ends_with("IN_PROGRESS");
        self.transport.event(&StackEvent {
            logical_id: logical_id.to_owned(),
            physical_id: Some(physical_id.to_owned()),
            resource_type: resource_type.to_owned(),
            status: status.to_owned(),
            reason: is_start.then(|| "User Initiated".to_owned()),
        });
    }
}
