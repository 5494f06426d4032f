//! Runs the steps of a request.

use serde_json::Value;

use super::request::Step;
use super::stack::{Deployment, DeploymentError};
use super::transport::Progress;
use crate::cloudformation::{Outcome, PhysicalResource, Status};
use crate::contact_list::contacts_to_json;

/// What an operation did.
#[derive(Clone, Debug)]
pub struct Report {
    /// `create`, `update`, `import` or `delete`.
    pub operation: &'static str,
    /// The name of the template. A delete has none.
    pub file: Option<String>,
    /// The status of the stack. `None` if the operation was refused.
    pub status: Option<Status>,
    /// What happened, in order.
    pub progress: Vec<Progress>,
    /// The outputs of the stack.
    pub outputs: Vec<(String, String)>,
    /// All contacts, with their tags and channels.
    pub contacts: Vec<Value>,
    /// What a policy retained.
    pub retained: Vec<PhysicalResource>,
    /// What a cleanup could not delete.
    pub abandoned: Vec<PhysicalResource>,
    /// The lines of the function's log at WARN and above.
    pub warnings: Vec<Value>,
    /// What else went wrong.
    pub problems: Vec<String>,
}

impl Report {
    /// Whether the operation ended as it was asked for.
    #[must_use]
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

/// Runs steps until one does not end as it was asked for, and passes the report of each to
/// `report`. Returns whether all ended as they were asked for.
///
/// # Errors
///
/// Returns an error if the function can't be started.
pub async fn run(
    deployment: &mut Deployment<'_>,
    steps: &[Step],
    mut report: impl FnMut(&Report),
) -> Result<bool, DeploymentError> {
    for step in steps {
        let done = run_step(deployment, step).await?;
        report(&done);
        if !done.is_as_asked() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs a step.
///
/// # Errors
///
/// Returns an error if the function can't be started.
pub async fn run_step(
    deployment: &mut Deployment<'_>,
    step: &Step,
) -> Result<Report, DeploymentError> {
    let (operation, file) = step.name(deployment.stack().status().is_some());
    let mut problems = Vec::new();
    let outcome = match step {
        Step::Deploy {
            template,
            fail: Some(failing),
            ..
        } => Some(deployment.deploy_failing(template, failing).await?),
        Step::Deploy { template, .. } => Some(deployment.deploy(template).await?),
        Step::Import {
            template, imports, ..
        } => {
            if let Err(error) = deployment.import(template, imports) {
                problems.push(error.to_string());
            }
            None
        }
        Step::Delete => Some(deployment.delete().await?),
    };
    let progress = deployment.take_progress();
    problems.extend(progress.iter().filter_map(|it| match it {
        Progress::Violation(text) => Some(text.clone()),
        Progress::Event(..) | Progress::Call(_) => None,
    }));
    problems.extend(outcome.iter().flat_map(Outcome::violations));
    let outputs = deployment.outputs().unwrap_or_else(|error| {
        problems.push(format!("the outputs: {error}"));
        Vec::new()
    });
    let (retained, abandoned) = match &outcome {
        Some(outcome) => (outcome.retained.clone(), outcome.abandoned.clone()),
        None => Default::default(),
    };
    let warnings = deployment.take_warnings().await;
    deployment.activate_channels();
    let is_refused = outcome.is_none() && !problems.is_empty();
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
