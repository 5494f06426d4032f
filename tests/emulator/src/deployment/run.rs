//! Runs the steps of a request.

use serde_json::Value;

use super::request::Step;
use super::stack::Deployment;
use super::transport::Progress;
use crate::cloudformation::{Outcome, PhysicalResource, Status};
use crate::contact_list::contacts_to_json;

#[derive(Clone, Debug)]
pub struct Report {
    pub operation: &'static str,
    pub file: Option<String>,
    /// The status of the stack. `None` if the operation was refused.
    pub status: Option<Status>,
    pub progress: Vec<Progress>,
    pub outputs: Vec<(String, String)>,
    pub contacts: Vec<Value>,
    pub retained: Vec<PhysicalResource>,
    pub abandoned: Vec<PhysicalResource>,
    pub warnings: Vec<Value>,
    pub problems: Vec<String>,
}

impl Report {
    pub fn is_as_asked(&self) -> bool {
        let complete = matches!(
            self.status,
            Some(
                Status::CreateComplete
                    | Status::UpdateComplete
                    | Status::ImportComplete
                    | Status::DeleteComplete
            )
        );
        complete && self.problems.is_empty() && self.abandoned.is_empty()
    }
}

pub async fn run(
    deployment: &mut Deployment<'_>,
    steps: &[Step],
    mut report: impl FnMut(&Report),
) -> Result<bool, String> {
    for step in steps {
        let done = run_step(deployment, step).await?;
        report(&done);
        if !done.is_as_asked() {
            return Ok(false);
        }
    }
    Ok(true)
}

pub async fn run_step(deployment: &mut Deployment<'_>, step: &Step) -> Result<Report, String> {
    let (operation, file) = step.name(deployment.stack().status().is_some());
    let mut problems = Vec::new();
    let outcome = match step {
        Step::Deploy { template, fail: Some(failing), .. } => {
            Some(deployment.deploy_failing(template, failing).await?)
        }
        Step::Deploy { template, .. } => Some(deployment.deploy(template).await?),
        Step::Import { template, imports, .. } => {
            if let Err(error) = deployment.import(template, imports) {
                problems.push(error);
            }
            None
        }
        Step::Delete => Some(deployment.delete().await?),
    };
    let progress = deployment.take_progress();
    problems.extend(progress.iter().filter_map(|it| match it {
        Progress::Violation(text) => Some(text.clone()),
        _ => None,
    }));
    problems.extend(outcome.iter().flat_map(Outcome::violations));
    let outputs = deployment.outputs().unwrap_or_else(|error| {
        problems.push(format!("the outputs: {error}"));
        Vec::new()
    });
    let warnings = deployment.take_warnings().await;
    deployment.activate_channels();
    let is_refused = outcome.is_none() && !problems.is_empty();
    let left = outcome.map(|outcome| (outcome.retained, outcome.abandoned));
    let (retained, abandoned) = left.unwrap_or_default();
    Ok(Report {
        operation,
        file: file.map(ToOwned::to_owned),
        status: deployment.stack().status().filter(|_| !is_refused),
        progress,
        outputs,
        contacts: deployment.contacts(contacts_to_json),
        retained,
        abandoned,
        warnings,
        problems,
    })
}
