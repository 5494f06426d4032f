//! What a person asks for, and the steps that follow from it. It has no side effects.

use std::collections::BTreeMap;

use super::import::{self, Import};
use crate::template::{
    AccountValues, Environment, ParsedTemplate, ResolvedTemplate, TemplateError,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub text: String,
}

#[derive(Clone, Debug, Default)]
pub struct Request {
    pub templates: Vec<File>,
    pub parameters: BTreeMap<String, String>,
    pub account: AccountValues,
    pub fail: Option<String>,
    pub keep: bool,
    /// The file for `--resources-to-import`. The first update that adds these resources is an
    /// import.
    pub import: Option<File>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Creates the stack, or updates it if it exists.
    Deploy {
        file: String,
        template: ResolvedTemplate,
        fail: Option<String>,
    },
    Import {
        file: String,
        template: ResolvedTemplate,
        imports: Vec<Import>,
    },
    Delete,
}

impl Step {
    /// Returns the name of the operation on a stack, and that of its template.
    pub fn name(&self, exists: bool) -> (&'static str, Option<&str>) {
        match self {
            Self::Deploy { file, .. } if exists => ("update", Some(file)),
            Self::Deploy { file, .. } => ("create", Some(file)),
            Self::Import { file, .. } => ("import", Some(file)),
            Self::Delete => ("delete", None),
        }
    }
}

pub type Steps = Vec<Step>;

impl Request {
    pub fn steps(&self, environment: &Environment) -> Result<Steps, String> {
        check_stack_name(&environment.stack_name)?;
        let templates = self.resolved(environment)?;
        let imports = match &self.import {
            Some(file) => {
                let imports = Import::read(&file.text);
                imports.map_err(|error| format!("{}: {error}", file.name))?
            }
            None => Vec::new(),
        };
        let mut steps = Steps::new();
        let mut before: Option<&ResolvedTemplate> = None;
        let mut imported = self.import.is_none();
        for (file, template) in &templates {
            let in_file = |error: TemplateError| error.in_file(&file.name);
            let (file, template) = (file.name.clone(), template);
            let adds = |it: &Import| {
                let is_new = before.is_some_and(|before| before.type_of(&it.logical_id).is_none());
                is_new && template.type_of(&it.logical_id).is_some()
            };
            let is_import = !imported && !imports.is_empty() && imports.iter().all(adds);
            if let Some(before) = before {
                check_types(before, template).map_err(in_file)?;
                if is_import {
                    import::check(before, template, &imports).map_err(in_file)?;
                }
            }
            imported |= is_import;
            steps.push(match is_import.then(|| imports.clone()) {
                Some(imports) => Step::Import { file, template: template.clone(), imports },
                None => Step::Deploy { file, template: template.clone(), fail: None },
            });
            before = Some(template);
        }
        if let (Some(file), false) = (&self.import, imported) {
            return Err(format!("{}: no update adds these resources", file.name));
        }
        match &self.fail {
            Some(logical_id) => fail_in(&mut steps, logical_id)?,
            None if self.keep => {}
            None => steps.push(Step::Delete),
        }
        Ok(steps)
    }

    fn resolved(
        &self,
        environment: &Environment,
    ) -> Result<Vec<(&File, ResolvedTemplate)>, String> {
        let mut parsed = Vec::new();
        for file in &self.templates {
            let template = ParsedTemplate::parse(&file.text);
            parsed.push((file, template.map_err(|error| error.in_file(&file.name))?));
        }
        let declared = |name: &str| {
            let mut templates = parsed.iter();
            templates.any(|(_, template)| template.parameters().any(|declared| declared == name))
        };
        if let Some(unknown) = self.parameters.keys().find(|name| !declared(name)) {
            return Err(format!("no template has the parameter {unknown}"));
        }
        let resolve = |(file, template): (_, ParsedTemplate)| {
            let file: &File = file;
            let resolved = template.resolve_in(&self.account, environment, &self.parameters);
            Ok((file, resolved.map_err(|error| error.in_file(&file.name))?))
        };
        parsed.into_iter().map(resolve).collect()
    }
}

fn check_stack_name(name: &str) -> Result<(), String> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_valid = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if starts_well && name.len() <= 128 && name.chars().all(is_valid) {
        return Ok(());
    }
    Err(format!(
        "{name} is no stack name: it begins with a letter and has up to 128 letters, digits and \
         hyphens"
    ))
}

/// CloudFormation refuses an update that changes the type of a resource, before it begins.
fn check_types(before: &ResolvedTemplate, after: &ResolvedTemplate) -> Result<(), TemplateError> {
    let changed = after.logical_ids().find(|logical_id| {
        let type_before = before.type_of(logical_id);
        type_before.is_some() && type_before != after.type_of(logical_id)
    });
    changed.map_or(Ok(()), |logical_id| {
        let message = format!(
            "CloudFormation can't change the type of the resource {logical_id}; use another \
             logical id"
        );
        Err(after.error_at(logical_id, &message))
    })
}

fn fail_in(steps: &mut Steps, failing: &str) -> Result<(), String> {
    match steps.last_mut() {
        Some(Step::Deploy { file, template, fail }) => {
            if template.type_of(failing).is_none() {
                return Err(format!("--fail {failing}: {file} has no such resource"));
            }
            *fail = Some(failing.to_owned());
            Ok(())
        }
        _ => Err("--fail: the last template is an import, which can't fail".to_owned()),
    }
}
