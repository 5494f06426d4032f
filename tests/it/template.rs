//! Compares `template.yaml` with the code that it deploys.

use std::collections::BTreeSet;

use saphyr::{LoadableYamlNode, YamlOwned};

use crate::files::read;

const HOUR: i64 = 3600;
/// Lambda's waits before the second and the third attempt of an asynchronous event.
const WAITS: [i64; 2] = [60, 120];
/// Lambda's longest wait before it tries a throttled event again.
const THROTTLED_WAIT: i64 = 300;
/// What the attempts leave of CloudFormation's hour, for the way of the events between the functions.
const SLACK: i64 = 60;

fn template() -> YamlOwned {
    YamlOwned::load_from_str(&read("template.yaml")).unwrap().remove(0)
}

/// Returns the values of a key at any depth of the node, including the arguments of functions.
fn all<'a>(node: &'a YamlOwned, key: &str) -> Vec<&'a YamlOwned> {
    match node {
        YamlOwned::Tagged(_, inner) => all(inner, key),
        YamlOwned::Sequence(items) => items.iter().flat_map(|item| all(item, key)).collect(),
        YamlOwned::Mapping(members) => members
            .iter()
            .flat_map(|(name, value)| match name.as_str() {
                Some(name) if name == key => vec![value],
                _ => all(value, key),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The text of a scalar, or of a function's argument.
fn text(node: &YamlOwned) -> &str {
    let node = node.get_tagged_node().unwrap_or(node);
    node.as_str().unwrap_or_else(|| panic!("not a string: {node:?}"))
}

fn texts(node: &YamlOwned) -> Vec<String> {
    match node.as_sequence() {
        Some(items) => items.iter().map(|item| text(item).to_owned()).collect(),
        None => vec![text(node).to_owned()],
    }
}

fn actions(role: &YamlOwned) -> BTreeSet<String> {
    let policies = &role["Properties"]["Policies"];
    all(policies, "Action").into_iter().flat_map(texts).collect()
}

/// The operations, which the compiler knows to be used.
fn operations_called() -> BTreeSet<String> {
    let code = read("src/aws/operations.rs");
    let (_, operations) = code.split_once("pub(crate) enum Operation {").unwrap();
    let (operations, _) = operations.split_once('}').unwrap();
    operations
        .split(',')
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn the_role_allows_what_the_code_calls_and_no_more() {
    let template = template();
    let allowed: BTreeSet<_> = actions(&template["Resources"]["FunctionRole"])
        .into_iter()
        .filter_map(|action| action.strip_prefix("ssm-contacts:").map(str::to_owned))
        .collect();
    let mut needed = operations_called();
    needed.insert("AssociateContact".to_owned());
    assert_eq!(allowed, needed);
}

#[test]
fn permissions_end_at_this_account_and_region() {
    let template = template();
    let mut contacts = 0;
    for statement in all(&template["Resources"], "Statement")
        .into_iter()
        .flat_map(|statements| statements.as_sequence().unwrap())
        .filter(|statement| statement.contains_mapping_key("Resource"))
    {
        let actions = texts(&statement["Action"]);
        let resources = texts(&statement["Resource"]);
        assert!(actions.iter().all(|action| !action.contains('*')));
        if actions[0].starts_with("ssm-contacts:") {
            contacts += 1;
            let on_channels = actions.iter().all(|action| {
                action.ends_with("DeleteContactChannel") || action.ends_with("UpdateContactChannel")
            });
            if actions == ["ssm-contacts:ListContacts"] {
                assert_eq!(resources, ["*"]);
                continue;
            }
            let kinds = if on_channels {
                &["contact-channel", "contactchannel", "device"][..]
            } else {
                &["contact"]
            };
            let here = "arn:${AWS::Partition}:ssm-contacts:${AWS::Region}:${AWS::AccountId}";
            let expected: Vec<String> =
                kinds.iter().map(|kind| format!("{here}:{kind}/*")).collect();
            assert_eq!(resources, expected, "{actions:?}");
        } else if !actions[0].starts_with("xray:") {
            let wide = resources.iter().any(|resource| resource.contains('*'));
            assert!(!wide, "{actions:?} on {resources:?}");
        }
    }
    assert_eq!(contacts, 3);
}

#[test]
fn the_failure_handler_touches_no_contact() {
    let template = template();
    let resources = &template["Resources"];
    let failure_handler = &resources["FailureHandler"]["Properties"];
    let destination =
        &resources["Function"]["Properties"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"];
    assert_eq!(text(&destination["Destination"]), "FailureHandler.Arn");
    assert_eq!(text(&failure_handler["Role"]), "FailureHandlerRole.Arn");
    assert!(all(failure_handler, "DestinationConfig").is_empty());

    let actions = actions(&resources["FailureHandlerRole"]);
    assert!(
        actions.iter().all(|action| action.starts_with("logs:") || action.starts_with("xray:")),
        "{actions:?}"
    );
}

#[test]
fn logs_stay_when_the_stack_is_deleted() {
    let template = template();
    for function in ["Function", "FailureHandler"] {
        let name = format!("{function}Log");
        let group = &template["Resources"][name.as_str()];
        assert_eq!(text(&group["Type"]), "AWS::Logs::LogGroup");
        assert_eq!(text(&group["DeletionPolicy"]), "RetainExceptOnCreate");
        assert_eq!(text(&group["UpdateReplacePolicy"]), "Retain");
        let properties = &template["Resources"][function]["Properties"];
        assert_eq!(text(&properties["LoggingConfig"]["LogGroup"]), name);
    }
}

#[test]
fn both_functions_run_the_same_code() {
    let template = template();
    let code = |function: &str| {
        let properties = &template["Resources"][function]["Properties"];
        let own = ["Handler", "Runtime", "Architectures"];
        assert!(own.iter().all(|name| all(properties, name).is_empty()));
        text(&properties["CodeUri"]).to_owned()
    };
    assert_eq!(code("Function"), code("FailureHandler"));
}

/// With a name, a deployment would need `CAPABILITY_NAMED_IAM`, which the guide does not give.
#[test]
fn no_role_has_a_name() {
    assert!(all(&template()["Resources"], "RoleName").is_empty());
}

struct Attempts {
    count: i64,
    timeout: i64,
    /// How old an event may be when its last attempt starts.
    age: i64,
}

impl Attempts {
    fn of(function: &str) -> Self {
        let template = template();
        let properties = &template["Resources"][function]["Properties"];
        let number = |node: &YamlOwned| node.as_integer().unwrap();
        let invoke = &properties["EventInvokeConfig"];
        Self {
            count: number(&invoke["MaximumRetryAttempts"]) + 1,
            timeout: number(&properties["Timeout"]),
            age: number(&invoke["MaximumEventAgeInSeconds"]),
        }
    }

    /// When the last attempt starts, if all before it time out.
    fn last_start(&self) -> i64 {
        let retries = usize::try_from(self.count - 1).unwrap();
        (self.count - 1) * self.timeout + WAITS[..retries].iter().sum::<i64>()
    }

    /// When the last attempt has ended at the latest, whether attempts failed or were throttled.
    fn end(&self) -> i64 {
        self.age.max(self.last_start()) + self.timeout
    }
}

#[test]
fn every_attempt_and_the_failure_handler_fit_into_the_hour() {
    let (function, failure_handler) = (Attempts::of("Function"), Attempts::of("FailureHandler"));
    for attempts in [&function, &failure_handler] {
        assert_eq!(attempts.count, 3);
        assert!(attempts.last_start() <= attempts.age, "the event is too old for its last attempt");
    }
    assert!(function.end() + failure_handler.end() + SLACK <= HOUR);
}

#[test]
fn one_event_that_stays_throttled_raises_the_alarm() {
    let template = template();
    let alarm = &template["Resources"]["FunctionThrottles"]["Properties"];
    let number = |name: &str| alarm[name].as_integer().unwrap();
    let (period, periods) = (number("Period"), number("EvaluationPeriods"));
    // The periods do not begin with an attempt, so the first one may see none.
    let seen = period * periods / period.max(THROTTLED_WAIT) - 1;
    assert!(seen >= number("DatapointsToAlarm"));
    assert_eq!(number("Threshold"), 1);
    assert!(period * periods < Attempts::of("Function").age);
}

#[test]
fn every_alarm_watches_a_function_and_tells_the_topic_when_it_begins_and_ends() {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let mut watched = BTreeSet::new();
    for (name, resource) in resources {
        if text(&resource["Type"]) != "AWS::CloudWatch::Alarm" {
            continue;
        }
        let properties = &resource["Properties"];
        assert_eq!(text(&properties["TreatMissingData"]), "notBreaching", "{name:?}");
        let actions = format!("{:?}", properties["AlarmActions"]);
        assert!(actions.contains("AlarmTopic"), "{name:?}: {actions}");
        // The alarm of the check ends for lack of data, which says nothing about the contacts.
        if text(&properties["MetricName"]) == "UnreachableContacts" {
            assert!(!properties.contains_mapping_key("OKActions"));
        } else {
            assert_eq!(properties["AlarmActions"], properties["OKActions"]);
        }
        let function = text(&properties["Dimensions"][0]["Value"]);
        watched.insert(format!("{function} {}", text(&properties["MetricName"])));
    }
    let expected = [
        "Function AsyncEventAge",
        "Function DestinationDeliveryFailures",
        "Function Errors",
        "Function Throttles",
        "Function UnreachableContacts",
        "FailureHandler AsyncEventsDropped",
        "FailureHandler Errors",
    ];
    assert_eq!(watched, expected.map(str::to_owned).into());
}

#[test]
fn every_parameter_has_a_label_and_a_group() {
    let template = template();
    let interface = &template["Metadata"]["AWS::CloudFormation::Interface"];
    let keys = |node: &YamlOwned| -> BTreeSet<String> {
        let members = node.as_mapping().unwrap();
        members.keys().map(|key| text(key).to_owned()).collect()
    };
    let parameters = keys(&template["Parameters"]);
    let grouped = all(&interface["ParameterGroups"], "Parameters");
    assert_eq!(keys(&interface["ParameterLabels"]), parameters);
    assert_eq!(grouped.into_iter().flat_map(texts).collect::<BTreeSet<_>>(), parameters);
}

#[test]
fn the_published_version_is_the_crates() {
    let application = &template()["Metadata"]["AWS::ServerlessRepo::Application"];
    assert_eq!(text(&application["SemanticVersion"]), env!("CARGO_PKG_VERSION"));
    for file in ["LicenseUrl", "ReadmeUrl"] {
        assert!(!read(text(&application[file])).is_empty());
    }
}

/// SAM passes to a local run only the variables that the template declares.
#[test]
fn the_template_sets_what_the_function_reads() {
    let template = template();
    let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
    let set = variables.as_mapping().unwrap();
    let set: Vec<_> = set.keys().map(text).collect();
    assert_eq!(set, ["AWS_ENDPOINT_URL_SSM_CONTACTS", "RESPONSE_HOSTS"]);
    assert_eq!(text(&variables["AWS_ENDPOINT_URL_SSM_CONTACTS"]), "");
    assert_eq!(text(&variables["RESPONSE_HOSTS"]), "ResponseHosts");
    assert_eq!(text(&template["Parameters"]["ResponseHosts"]["Default"]), "");

    let code = read("src/main.rs") + &read("src/aws/sdk_config.rs");
    for name in set {
        assert!(code.contains(&format!("\"{name}\"")), "{name}");
    }
    assert!(read("README.md").contains("| `RESPONSE_HOSTS` |"));
}

#[test]
fn the_check_is_scheduled_and_its_alarm_notifies_after_each() {
    let template = template();
    let resources = &template["Resources"];
    let target = &resources["CheckRule"]["Properties"]["Targets"][0];
    let input: serde_json::Value = serde_json::from_str(text(&target["Input"])).unwrap();
    let event: serde_json::Value =
        serde_json::from_str(&read("events/check-reachability.json")).unwrap();
    assert_eq!((input, text(&target["Arn"])), (event, "Function.Arn"));
    for name in ["CheckRule", "CheckPermission", "UnreachableContacts"] {
        assert_eq!(text(&resources[name]["Condition"]), "HasCheck", "{name}");
    }
    assert_eq!(text(&template["Parameters"]["CheckSchedule"]["Default"]), "rate(1 day)");

    let alarm = &resources["UnreachableContacts"]["Properties"];
    let code = read("src/check.rs");
    for member in ["Namespace", "MetricName"] {
        assert!(code.contains(&format!("\"{}\"", text(&alarm[member]))), "{member}");
    }
    assert_eq!(text(&alarm["Dimensions"][0]["Name"]), "FunctionName");
    // It falls back long before the next check, so that the next check notifies again.
    assert!(alarm["Period"].as_integer().unwrap() <= 300);
    assert_eq!(text(&alarm["ComparisonOperator"]), "GreaterThanThreshold");
    assert_eq!(text(&alarm["Threshold"]), "UnreachableContactsAllowed");
}
