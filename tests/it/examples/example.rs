//! A stack of an example template, whose operations must succeed unless a test says otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use emulator::cloudformation::{Outcome, Status};
use emulator::contacts::{Channel, Contact};
use emulator::deployment::{Deployment, File, Import, Progress, Report, Request, environment, run};
use emulator::template::{Environment, ParsedTemplate, ResolvedTemplate};

use crate::fixture::Fixture;

/// The names and values of a deployment's parameters.
pub(super) type Parameters<'a> = [(&'a str, &'a str)];

pub(super) fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
}

/// The names of all templates.
pub(super) fn templates() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for inner in ["", "migrate/"] {
        for entry in std::fs::read_dir(folder().join(inner)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|found| found == "yaml") {
                let name = path.file_name().unwrap().to_str().unwrap();
                names.insert(format!("{inner}{name}"));
            }
        }
    }
    names
}

pub(super) fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

/// Returns the text with a change. The text must contain what is changed.
pub(super) fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "no {from:?} in:\n{text}");
    text.replace(from, to)
}

/// The parameters that a deployment of the template must set.
pub(super) fn parameters(name: &str) -> &'static Parameters<'static> {
    match name {
        "adopt.yaml" => &[("Alias", "akuam"), ("Phone", "+12065550101")],
        "person.yaml" => &[("Phone", "+12065550101"), ("Email", "akua@example.com")],
        "oncall-schedule.yaml" => &[("StartTime", "2027-01-04T09:00:00")],
        "team.yaml" => &[
            ("AkuaEmail", "akua@example.com"),
            ("AkuaPhone", "+12065550101"),
            ("KwesiEmail", "kwesi@example.com"),
        ],
        name if name.starts_with("migrate/") => &[("Email", "akua@example.com")],
        _ => &[],
    }
}

/// The request of `stack` for these templates.
pub(super) fn request(names: &[&str], given: &Parameters<'_>) -> Request {
    let file = |name: &&str| File { name: format!("examples/{name}"), text: read(name) };
    let given = given.iter();
    Request {
        templates: names.iter().map(file).collect(),
        parameters: given.map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        ..Request::default()
    }
}

/// Plays a request as the command does. Returns whether all operations ended as asked, and what
/// each did.
pub(super) async fn play(fixture: &Fixture, request: &Request) -> (bool, Vec<Report>) {
    let environment = environment(&fixture.emulator, "on-call");
    let steps = request.steps(&environment).unwrap();
    let mut deployment =
        Deployment::new(&fixture.emulator, &fixture.function, &environment, Box::new(|_| {}));
    let mut reports = Vec::new();
    let as_asked = run(&mut deployment, &steps, |it| reports.push(it.clone())).await;
    (as_asked.unwrap(), reports)
}

pub(super) struct Example<'a> {
    pub(super) deployment: Deployment<'a>,
    environment: Environment,
    progress: Arc<Mutex<Vec<Progress>>>,
}

impl<'a> Example<'a> {
    pub(super) fn new(fixture: &'a Fixture) -> Self {
        let environment = environment(&fixture.emulator, "on-call");
        let progress = Arc::<Mutex<Vec<Progress>>>::default();
        let seen = Arc::clone(&progress);
        let deployment = Deployment::new(
            &fixture.emulator,
            &fixture.function,
            &environment,
            Box::new(move |progress| seen.lock().unwrap().push(progress.clone())),
        );
        Self { deployment, environment, progress }
    }

    pub(super) fn resolved(&self, text: &str, given: &Parameters<'_>) -> ResolvedTemplate {
        let given = given.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        let template = ParsedTemplate::parse(text).unwrap();
        template.resolve(&self.environment, &given.collect()).unwrap()
    }

    /// Creates or updates the stack.
    pub(super) async fn deploy(&mut self, text: &str, given: &Parameters<'_>) -> Outcome {
        let outcome = self.try_deploy(text, given).await;
        let complete = [Status::CreateComplete, Status::UpdateComplete];
        assert!(complete.contains(&outcome.status), "{outcome}");
        assert!(outcome.abandoned.is_empty(), "{outcome}");
        outcome
    }

    /// Creates or updates the stack, which may fail.
    pub(super) async fn try_deploy(&mut self, text: &str, given: &Parameters<'_>) -> Outcome {
        let template = self.resolved(text, given);
        let outcome = self.deployment.deploy(&template).await.unwrap();
        self.well_behaved(outcome)
    }

    /// Creates or updates the stack, and lets a resource fail.
    pub(super) async fn deploy_failing(
        &mut self,
        text: &str,
        given: &Parameters<'_>,
        logical_id: &str,
    ) -> Outcome {
        let template = self.resolved(text, given);
        let outcome = self.deployment.deploy_failing(&template, logical_id).await;
        self.well_behaved(outcome.unwrap())
    }

    pub(super) fn import(
        &mut self,
        text: &str,
        given: &Parameters<'_>,
        imports: &[Import],
    ) -> Result<(), String> {
        let template = self.resolved(text, given);
        self.deployment.import(&template, imports)
    }

    /// Deletes the stack.
    pub(super) async fn delete(&mut self) -> Outcome {
        let outcome = self.deployment.delete().await.unwrap();
        assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
        self.well_behaved(outcome)
    }

    fn well_behaved(&self, outcome: Outcome) -> Outcome {
        assert_eq!(outcome.violations(), [""; 0], "{outcome}");
        let seen = self.progress.lock().unwrap();
        let mut violations = seen.iter().filter_map(|progress| match progress {
            Progress::Violation(violation) => Some(violation),
            Progress::Event(..) | Progress::Call(_) => None,
        });
        assert_eq!(violations.next(), None, "{outcome}");
        outcome
    }

    /// All contacts, by alias.
    pub(super) fn contacts(&self) -> BTreeMap<String, Contact> {
        self.deployment.contacts(|backend| backend.contacts().clone())
    }

    /// The channels of a contact, in order of creation.
    pub(super) fn channels(&self, alias: &str) -> Vec<Channel> {
        self.deployment.contacts(|backend| backend.channels(alias))
    }

    /// The ids of the contacts that the function or a handler deleted.
    pub(super) fn deleted(&self) -> Vec<String> {
        let seen = self.progress.lock().unwrap();
        let deleted = seen.iter().filter_map(|progress| match progress {
            Progress::Call(call) if call.operation == "DeleteContact" => {
                Some(call.body["ContactId"].as_str().unwrap().to_owned())
            }
            _ => None,
        });
        deleted.collect()
    }
}
