//! Compares `template.yaml` with the code that it deploys.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use saphyr::{LoadableYamlNode, YamlOwned};
use ssm_contact_resource::settings::Settings;

const HOUR: i64 = 3600;
/// Lambda's waits before the second and the third attempt of an asynchronous event.
const WAITS: [i64; 2] = [60, 120];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn template() -> YamlOwned {
    YamlOwned::load_from_str(&read("template.yaml"))
        .unwrap()
        .remove(0)
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
    node.as_str()
        .unwrap_or_else(|| panic!("not a string: {node:?}"))
}

fn texts(node: &YamlOwned) -> Vec<String> {
    match node.as_sequence() {
        Some(items) => items.iter().map(|item| text(item).to_owned()).collect(),
        None => vec![text(node).to_owned()],
    }
}

/// The texts that a value may have: both branches of a condition.
fn alternatives(node: &YamlOwned) -> Vec<String> {
    let condition = node.get_tagged_node().and_then(YamlOwned::as_sequence);
    match condition {
        Some(items) => items.iter().skip(1).flat_map(texts).collect(),
        None => texts(node),
    }
}

fn actions(role: &YamlOwned) -> BTreeSet<String> {
    let policies = &role["Properties"]["Policies"];
    all(policies, "Action")
        .into_iter()
        .flat_map(texts)
        .collect()
}

fn operations_called() -> BTreeSet<String> {
    let code = read("src/aws/operations.rs");
    assert_eq!(
        code.matches(".send()").count(),
        1,
        "this test finds only the calls that use call!"
    );
    let call = Regex::new(r#"call!\(\s*self,\s*"(\w+)""#).unwrap();
    call.captures_iter(&code)
        .map(|found| found[1].to_owned())
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
        let resources = alternatives(&statement["Resource"]);
        assert!(actions.iter().all(|action| !action.contains('*')));
        if actions[0].starts_with("ssm-contacts:") {
            contacts += 1;
            let on_channels = actions.iter().all(|action| {
                action.ends_with("DeleteContactChannel") || action.ends_with("UpdateContactChannel")
            });
            let kinds = if on_channels {
                &["contact-channel", "contactchannel"][..]
            } else {
                &["contact"]
            };
            let here = "arn:${AWS::Partition}:ssm-contacts:${AWS::Region}:${AWS::AccountId}";
            let expected: Vec<String> = kinds
                .iter()
                .map(|kind| format!("{here}:{kind}/*"))
                .collect();
            assert_eq!(resources, expected, "{actions:?}");
        } else if !actions[0].starts_with("xray:") {
            let wide = resources.iter().any(|resource| resource.contains('*'));
            assert!(!wide, "{actions:?} on {resources:?}");
        }
    }
    assert_eq!(contacts, 2);
}

#[test]
fn the_failure_handler_touch_no_contact() {
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
        actions
            .iter()
            .all(|action| action.starts_with("logs:") || action.starts_with("xray:")),
        "{actions:?}"
    );
}

#[test]
fn logs_stay_or_go_as_the_parameter_says() {
    let template = template();
    for function in ["Function", "FailureHandler"] {
        let groups = [
            ("Log", "DeletesLogs", "Delete"),
            ("LogKept", "KeepsLogs", "Retain"),
        ];
        for (suffix, condition, policy) in groups {
            let group = &template["Resources"][format!("{function}{suffix}").as_str()];
            assert_eq!(text(&group["Type"]), "AWS::Logs::LogGroup");
            assert_eq!(text(&group["Condition"]), condition);
            assert_eq!(text(&group["DeletionPolicy"]), policy);
            assert_eq!(text(&group["UpdateReplacePolicy"]), policy);
        }
        let properties = &template["Resources"][function]["Properties"];
        let log = alternatives(&properties["LoggingConfig"]["LogGroup"]);
        let expected = ["LogKept", "Log"].map(|suffix| format!("{function}{suffix}"));
        assert_eq!(log, expected);
    }
}

#[test]
fn alarms_notify_when_they_begin_and_when_they_end() {
    let template = template();
    let alarms = template["Resources"].as_mapping().unwrap().values();
    let alarms = alarms.filter(|resource| text(&resource["Type"]) == "AWS::CloudWatch::Alarm");
    let mut count = 0;
    for alarm in alarms {
        count += 1;
        let properties = &alarm["Properties"];
        assert_eq!(properties["AlarmActions"], properties["OKActions"]);
    }
    assert_eq!(count, 5);
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
        assert!(
            attempts.last_start() <= attempts.age,
            "the event is too old for its last attempt"
        );
    }
    assert!(function.end() + failure_handler.end() <= HOUR);
}

#[test]
fn every_alarm_watches_a_function_and_tells_the_topic() {
    let template = template();
    let resources = template["Resources"].as_mapping().unwrap();
    let mut watched = BTreeSet::new();
    for (name, resource) in resources {
        if text(&resource["Type"]) != "AWS::CloudWatch::Alarm" {
            continue;
        }
        let properties = &resource["Properties"];
        assert_eq!(
            text(&properties["TreatMissingData"]),
            "notBreaching",
            "{name:?}"
        );
        let actions = format!("{:?}", properties["AlarmActions"]);
        assert!(actions.contains("AlarmTopic"), "{name:?}: {actions}");
        let function = text(&properties["Dimensions"][0]["Value"]);
        watched.insert(format!("{function} {}", text(&properties["MetricName"])));
    }
    let expected = [
        "Function DestinationDeliveryFailures",
        "Function Errors",
        "Function Throttles",
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
    assert_eq!(
        grouped.into_iter().flat_map(texts).collect::<BTreeSet<_>>(),
        parameters
    );
}

#[test]
fn the_published_version_is_the_crates() {
    let application = &template()["Metadata"]["AWS::ServerlessRepo::Application"];
    assert_eq!(
        text(&application["SemanticVersion"]),
        env!("CARGO_PKG_VERSION")
    );
    for file in ["LicenseUrl", "ReadmeUrl"] {
        assert!(!read(text(&application[file])).is_empty());
    }
}

#[test]
fn the_template_sets_what_the_function_reads() {
    let asked = RefCell::new(BTreeSet::new());
    let _ = Settings::read(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    let mut known = asked.into_inner();
    for name in &known {
        assert!(
            read("README.md").contains(&format!("| `{name}` |")),
            "{name}"
        );
    }

    let set: BTreeSet<_> = all(&template()["Resources"], "Variables")
        .into_iter()
        .flat_map(|variables| variables.as_mapping().unwrap().keys())
        .map(|name| text(name).to_owned())
        .collect();
    // `RESPONSE_HOSTS` allows hosts other than CloudFormation's, so no deployment sets it.
    assert!(known.remove("RESPONSE_HOSTS"));
    assert_eq!(set, known);
}
