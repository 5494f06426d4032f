//! An emulated stack of an example template. The real `bootstrap` handles the custom resources, and
//! `Natives` handles the native ones.

use std::collections::BTreeMap;
use std::sync::Mutex;

use emulator::cloudformation::{
    Change, Delivery, Outcome, Request, RequestType, ResponseStatus, Stack, Status, Template,
    Transport,
};
use emulator::contacts::{Channel, Contact};
use emulator::function::FUNCTION_ARN;
use serde_json::{Value, json};

use super::native::Natives;
use super::template::{CUSTOM, Declared, Parameters, Resources, resources};
use crate::fixture::{Fixture, STACK};

pub(super) struct ExampleStack {
    pub(super) stack: Stack,
    pub(super) transport: ExampleTransport,
    /// The last template that was deployed.
    template: Value,
    /// The resources that this template declares.
    deployed: Resources,
}

pub(super) struct ExampleTransport {
    pub(super) fixture: Fixture,
    pub(super) natives: Mutex<Natives>,
    /// The type of each resource that the stack has had.
    kinds: Mutex<BTreeMap<String, String>>,
}

impl ExampleStack {
    pub(super) async fn open() -> Self {
        let transport = ExampleTransport {
            fixture: Fixture::start().await,
            natives: Mutex::default(),
            kinds: Mutex::default(),
        };
        Self {
            stack: Stack::new("on-call", 1)
                .arn(STACK)
                .service_token(FUNCTION_ARN),
            transport,
            template: Value::Null,
            deployed: Resources::new(),
        }
    }

    /// Creates the stack with a template or updates it to the template. This must succeed.
    pub(super) async fn deploy(
        &mut self,
        template: &Value,
        parameters: &Parameters<'_>,
    ) -> Outcome {
        let wanted = resources(template, parameters);
        let creating = self.stack.status().is_none();
        let outcome = self
            .change(&wanted, Change::to(stack_template(&wanted)))
            .await;
        let complete = if creating {
            Status::CreateComplete
        } else {
            Status::UpdateComplete
        };
        assert_eq!(outcome.status, complete, "{outcome}");
        assert!(outcome.abandoned.is_empty(), "{outcome}");
        for (logical_id, declared) in &wanted {
            let physical_id = self.stack.physical_id(logical_id);
            assert_eq!(physical_id, Some(declared.identity.reference.as_str()));
        }
        check_answers(&outcome, &wanted);
        self.template = template.clone();
        self.deployed = wanted;
        outcome
    }

    /// Creates or updates the stack. This may fail.
    pub(super) async fn change(&mut self, wanted: &Resources, change: Change) -> Outcome {
        for (logical_id, declared) in wanted {
            let mut kinds = self.transport.kinds.lock().unwrap();
            let before = kinds.insert(logical_id.clone(), declared.kind.clone());
            let same = before.is_none_or(|before| before == declared.kind);
            assert!(
                same,
                "CloudFormation does not allow another type for {logical_id}"
            );
        }
        let outcome = if self.stack.status().is_none() {
            self.stack.create(&self.transport, change).await
        } else {
            self.stack.update(&self.transport, change).await
        };
        self.well_behaved(outcome.unwrap())
    }

    /// Imports the resource that the template declares in addition to the deployed ones.
    pub(super) fn import(&mut self, template: &Value, parameters: &Parameters<'_>, import: &Value) {
        let wanted = resources(template, parameters);
        let name = import["LogicalResourceId"].as_str().unwrap();
        let (imported, others): (Resources, Resources) =
            wanted.iter().cloned().partition(|(id, _)| id == name);
        let plain = |resources: &Resources| -> BTreeMap<String, Declared> {
            resources.iter().cloned().collect()
        };
        let (before, others) = (plain(&self.deployed), plain(&others));
        assert_eq!(before, others, "an import changes nothing else");
        let rest = |template: &Value| {
            let mut rest = template.clone();
            rest["Resources"].take();
            rest
        };
        assert_eq!(
            rest(&self.template),
            rest(template),
            "an import changes no other section"
        );
        let [(_, new)] = imported.as_slice() else {
            panic!("the template declares no {name}");
        };
        assert_eq!(import["ResourceType"], new.kind.as_str());
        assert_ne!(
            new.kind, CUSTOM,
            "CloudFormation imports no custom resource"
        );
        let declared = &template["Resources"][name];
        assert!(
            declared["DeletionPolicy"].is_string(),
            "an import needs a DeletionPolicy"
        );
        let arn = import["ResourceIdentifier"]["Arn"].as_str().unwrap();
        assert_eq!(new.identity.reference, arn);
        let there = self.contacts().values().any(|contact| contact.arn == arn);
        let channels = self.contacts().into_keys();
        let mut channels = channels.flat_map(|alias| self.channels(&alias));
        let there = there || channels.any(|channel| channel.arn == arn);
        assert!(there, "the imported contact or channel exists");
        self.stack.import(name, new.resource.clone(), arn).unwrap();
        let mut kinds = self.transport.kinds.lock().unwrap();
        kinds.insert(name.to_owned(), new.kind.clone());
        self.template = template.clone();
        self.deployed = wanted;
    }

    /// Deletes the stack, which must succeed.
    pub(super) async fn delete(&mut self) -> Outcome {
        let outcome = self.stack.delete(&self.transport, &[]).await.unwrap();
        assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
        self.well_behaved(outcome)
    }

    fn well_behaved(&self, outcome: Outcome) -> Outcome {
        assert_eq!(outcome.violations(), [""; 0], "{outcome}");
        assert_eq!(
            self.transport.fixture.emulator.sink.refusals(),
            [""; 0],
            "{outcome}"
        );
        outcome
    }

    /// All contacts, by alias.
    pub(super) fn contacts(&self) -> BTreeMap<String, Contact> {
        let contacts = &self.transport.fixture.emulator.contacts;
        contacts.backend(|backend| backend.contacts().clone())
    }

    /// The channels of a contact, in order of creation.
    pub(super) fn channels(&self, alias: &str) -> Vec<Channel> {
        let contacts = &self.transport.fixture.emulator.contacts;
        contacts.backend(|backend| backend.channels(alias))
    }

    /// The ids of the contacts that the function deleted, then of those that native resources
    /// deleted.
    pub(super) fn deleted(&self) -> Vec<String> {
        let by_function = self.transport.fixture.emulator.contacts.calls();
        let by_function = by_function
            .iter()
            .map(|call| (call.operation.as_str(), &call.body));
        let natives = self.transport.natives.lock().unwrap();
        let by_natives = natives
            .calls
            .iter()
            .map(|(operation, input)| (*operation, input));
        by_function
            .chain(by_natives)
            .filter(|(operation, _)| *operation == "DeleteContact")
            .map(|(_, input)| input["ContactId"].as_str().unwrap().to_owned())
            .collect()
    }
}

pub(super) fn stack_template(resources: &Resources) -> Template {
    let with = |template: Template, (logical_id, declared): &(String, Declared)| {
        template.with(logical_id, declared.resource.clone())
    };
    resources.iter().fold(Template::new(), with)
}

/// Checks the answers against the ids and attributes that the template's references were resolved
/// to before the deployment.
fn check_answers(outcome: &Outcome, wanted: &Resources) {
    let changes = outcome
        .exchanges
        .iter()
        .filter(|exchange| !matches!(exchange.request.request_type, RequestType::Delete { .. }));
    for exchange in changes {
        let logical_id = &exchange.request.logical_id;
        let (_, declared) = wanted.iter().find(|(id, _)| id == logical_id).unwrap();
        let emulator::cloudformation::ReceivedResponse::Valid(answer) = &exchange.response else {
            panic!("{exchange}");
        };
        assert_eq!(answer.status, ResponseStatus::Success, "{exchange}");
        assert_eq!(
            answer.physical_id, declared.identity.reference,
            "{exchange}"
        );
        assert_eq!(answer.data, declared.identity.attributes, "{exchange}");
    }
}

impl ExampleTransport {
    async fn attempt(&self, request: &Request) -> Option<Vec<u8>> {
        let kind = self.kinds.lock().unwrap()[&request.logical_id].clone();
        if kind == CUSTOM {
            let Fixture {
                emulator, function, ..
            } = &self.fixture;
            let delivered = emulator.deliver_unchanged(function, request.event()).await;
            let delivered = delivered.unwrap();
            assert_eq!(delivered.violations(), [""; 0], "{delivered}");
            return delivered.puts.first().map(|put| put.body.to_vec());
        }
        Some(self.native(&kind, request).to_string().into_bytes())
    }

    /// Handles a request for a native resource. The outcome has the form of a custom resource's
    /// answer.
    fn native(&self, kind: &str, request: &Request) -> Value {
        let mut natives = self.natives.lock().unwrap();
        let ended = self.fixture.emulator.contacts.backend(|backend| {
            natives.handle(backend, kind, &request.logical_id, &request.request_type)
        });
        let mut answer = json!({
            "StackId": request.stack_id, "RequestId": request.request_id,
            "LogicalResourceId": request.logical_id,
        });
        match ended {
            Ok(id) => {
                answer["Status"] = "SUCCESS".into();
                answer["Data"] = json!({"Arn": id});
                answer["PhysicalResourceId"] = id.into();
            }
            Err(error) => {
                let id = request.request_type.physical_id().unwrap_or("none");
                answer["Status"] = "FAILED".into();
                answer["Reason"] = format!("{}: {}", error.code, error.message).into();
                answer["PhysicalResourceId"] = id.into();
            }
        }
        answer
    }
}

impl Transport for ExampleTransport {
    fn response_url(&self, request: &Request) -> String {
        self.fixture.emulator.sink.presign(&request.ids())
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        delivery.carry_out(|_| self.attempt(request)).await
    }
}
