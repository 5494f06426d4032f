//! Runs the scenarios of `table`.

use std::collections::BTreeSet;
use std::time::Duration;

use regex::Regex;
use serde_json::{Value, json};

use super::super::{
    AttemptOutcome, Change, Delivery, Exchange, Expression, OtherFailure, Outcome, Policy,
    ReceivedResponse, RequestType, Resource, RollbackId, Stack, Template, WaitOutcome,
};
use super::fake::Fake;
use super::table::SCENARIOS;

fn resource(word: &str) -> (&str, Resource) {
    let (logical_id, value) = word.split_once('=').unwrap();
    let (value, option) = value.split_once(':').unwrap_or((value, ""));
    let alias = match value.strip_prefix('@').map(|it| it.split_once('.').ok_or(it)) {
        None => Expression::Constant(value.into()),
        Some(Err(to)) => Expression::Ref(to.into()),
        Some(Ok((to, attribute))) => Expression::GetAtt(to.into(), attribute.into()),
    };
    let resource = Resource::new(Expression::Map(vec![("Alias".into(), alias)]).fold().unwrap());
    let resource = match option {
        "" => resource,
        "Retain" => resource.deletion_policy(Policy::Retain),
        "RetainExceptOnCreate" => resource.deletion_policy(Policy::RetainExceptOnCreate),
        "UpdateRetain" => resource.update_replace_policy(Policy::Retain),
        "60" => Resource::new(json!({"Alias": value, "ServiceTimeout": 60})),
        "needs-C" => resource.depends_on(vec!["C".into()]),
        native => resource.resource_type(native),
    };
    (logical_id, resource)
}

/// Runs an operation. Returns what it returns, with generated ids as `…`.
async fn run(stack: &mut Stack, line: &str) -> String {
    let mut parts = line.split(';');
    let mut words = parts.next().unwrap().split(' ');
    let operation = words.next().unwrap();
    let function = Fake::new(parts);
    let (mut change, mut ids, mut events) = (Change::to(Template::new()), vec![], false);
    for word in words {
        let failure = match word.split_once(':') {
            Some(("after", id)) => OtherFailure::After(id.into()),
            Some(("while", id)) => OtherFailure::While(id.into(), Duration::from_secs(1)),
            Some(("deliver", outcomes)) => {
                let outcomes = outcomes.split(',').map(|outcome| match outcome {
                    "ResponseLost" => AttemptOutcome::ResponseLost,
                    _ => AttemptOutcome::Completed,
                });
                stack.deliver_next([Delivery::of(&outcomes.collect::<Vec<_>>())]);
                continue;
            }
            _ if word == "end" => OtherFailure::AtTheEnd,
            _ => {
                events |= word == "events";
                if word.contains('=') {
                    let (logical_id, resource) = resource(word);
                    change.template = change.template.with(logical_id, resource);
                } else {
                    ids.push(word);
                }
                continue;
            }
        };
        change = change.with_failure(failure);
    }
    let outcome = match operation {
        "create" => stack.create(&function, change).await,
        "update" => stack.update(&function, change).await,
        "continue" => stack.continue_update_rollback(&function, &ids).await,
        "delete" => stack.delete(&function, &ids).await,
        _ => {
            let (logical_id, resource) = change.template.iter().next().unwrap();
            let alias = resource.properties.evaluate(&[].into()).unwrap()["Alias"].clone();
            match stack.import(logical_id, resource.clone(), alias.as_str().unwrap()) {
                Ok(()) => {
                    let mut parts = vec![stack.status().unwrap().to_string()];
                    parts.extend(remains(stack));
                    return parts.join(" | ");
                }
                Err(refused) => return refused,
            }
        }
    };
    let mut parts = match outcome {
        Ok(outcome) => returned(&outcome),
        Err(refused) => return refused,
    };
    parts.extend(remains(stack));
    let seen = function.seen.into_inner().unwrap();
    if seen.windows(2).any(|two| two.iter().all(|it| it.starts_with("start"))) {
        parts.push(format!("deliveries: {}", seen.join(", ")));
    }
    if events {
        parts.extend(function.events.into_inner().unwrap());
    }
    let generated = Regex::new("oncall-(.)-[A-Z0-9]{12}|[0-9a-f]{8}-[0-9a-f-]{27}").unwrap();
    generated.replace_all(&parts.join(" | "), "$1…").into_owned()
}

fn remains(stack: &Stack) -> impl Iterator<Item = String> {
    let resources = stack.resources().map(|(logical_id, id)| format!("{logical_id}={id}"));
    let pending = stack.state.pending_deletes.iter().map(|delete| delete.resource().to_string());
    let lists = [("stack", resources.collect::<Vec<_>>()), ("pending", pending.collect())];
    let lists = lists.into_iter().filter(|(_, items)| !items.is_empty());
    lists.map(|(name, items)| format!("{name}: {}", items.join(", ")))
}

fn returned(outcome: &Outcome) -> Vec<String> {
    let mut parts = vec![outcome.status.to_string()];
    for phase in outcome.exchanges.chunk_by(|one, next| one.phase == next.phase) {
        let requests: Vec<String> = phase.iter().map(request).collect();
        let name = phase[0].phase.to_string();
        let name = if name.ends_with("CLEANUP") { "CLEANUP" } else { &name };
        parts.push(format!("{name}: {}", requests.join(", ")));
    }
    let ids: BTreeSet<_> = outcome.exchanges.iter().map(|it| &it.request.request_id).collect();
    assert_eq!(ids.len(), outcome.exchanges.len(), "each attempt is a separate request");
    parts.extend(outcome.abandoned.iter().map(|resource| format!("abandoned: {resource}")));
    parts.extend(outcome.retained.iter().map(|resource| format!("retained: {resource}")));
    parts.extend(outcome.violations().iter().map(|violation| format!("violation: {violation}")));
    parts
}

fn request(exchange: &Exchange) -> String {
    let Exchange { request, response, wait, .. } = exchange;
    let alias = |properties: Value| properties["Alias"].as_str().unwrap().to_owned();
    let old = match &request.request_type {
        RequestType::Update { old_properties, .. } => {
            "←".to_owned() + &alias(old_properties.to_json())
        }
        _ => String::new(),
    };
    let wait = match (wait, response) {
        (WaitOutcome::DeliveryEnded, _) => String::new(),
        (_, ReceivedResponse::Valid(late)) => format!(" ({wait:?}, [{}])", late.physical_id),
        _ => format!(" ({wait:?})"),
    };
    format!("{request} {}{old}{wait}", alias(request.request_type.properties().to_json()))
}

#[tokio::test(start_paused = true)]
async fn each_scenario_has_its_outcome() {
    for rollback_id in [RollbackId::New, RollbackId::Old] {
        let mut stack = Stack::new("oncall", 7);
        let mut name = "";
        for scenario in
            SCENARIOS.split('\n').collect::<Vec<_>>().chunk_by(|_, next| next.starts_with(' '))
        {
            let line = scenario[0];
            match line.split_at_checked(2) {
                Some(("# ", text)) => name = text,
                Some((start @ ("> " | "+ "), operations)) => {
                    if start == "> " {
                        stack = Stack::new("oncall", 7);
                        if name.contains("either id") {
                            stack = stack.rollback_id(rollback_id);
                        }
                    }
                    let mut returned = String::new();
                    for operation in operations.split(" / ") {
                        match operation {
                            "old" => stack = stack.rollback_id(RollbackId::Old),
                            "independent" => stack = stack.finish_independent(),
                            _ => returned = run(&mut stack, operation).await,
                        }
                    }
                    let wanted = scenario[1..].iter().flat_map(|line| line.split_whitespace());
                    assert_eq!(returned, wanted.collect::<Vec<_>>().join(" "), "{name} {line}");
                }
                _ => {}
            }
        }
    }
}
