use std::time::Duration;

use serde_json::json;

use super::super::{Properties, Stack, Template};
use super::fake::{Fake, stack_of};

#[test]
fn every_scalar_is_sent_as_a_string_and_null_is_omitted() {
    let properties = json!({
        "Alias": "a",
        "AdoptExisting": true,
        "Gone": null,
        "Plan": {"Stages": [{"DurationInMinutes": 5, "Targets": [], "Share": 0.5}, null]},
    });
    let sent = Properties::from_template(&properties, "arn:token").to_json();
    let wanted = json!({
        "ServiceToken": "arn:token",
        "Alias": "a",
        "AdoptExisting": "true",
        "Plan": {"Stages": [{"DurationInMinutes": "5", "Targets": [], "Share": "0.5"}]},
    });
    assert_eq!(sent, wanted);
}

#[test]
fn service_timeout_defaults_to_3600_seconds() {
    let timeout =
        |properties| Properties::from_template(&properties, "arn:token").service_timeout();
    assert_eq!(timeout(json!({})), Duration::from_hours(1));
    assert_eq!(timeout(json!({"ServiceTimeout": 60})), Duration::from_mins(1));
}

#[tokio::test(start_paused = true)]
async fn a_create_event_has_the_documented_members_and_no_others() {
    let mut stack = Stack::new("oncall", 7).service_token("arn:token");
    let template = Template::new().with("A", json!({"Alias": "a", "ServiceTimeout": 60}));
    let outcome = stack.create(&Fake::succeeding(), template).await.unwrap();
    let request = &outcome.exchanges[0].request;
    let properties = json!({"ServiceToken": "arn:token", "Alias": "a", "ServiceTimeout": "60"});
    let wanted = json!({
        "RequestType": "Create",
        "ServiceToken": "arn:token",
        "ResponseURL": format!("http://localhost/{}?signed", request.request_id),
        "StackId": stack.id(),
        "RequestId": request.request_id,
        "LogicalResourceId": "A",
        "ResourceType": "Custom::SSMContact",
        "ResourceProperties": properties,
    });
    assert_eq!(request.event(), wanted);
}

#[tokio::test(start_paused = true)]
async fn updates_and_deletes_have_a_physical_id_and_only_updates_have_old_properties() {
    let mut stack = stack_of(&Template::new().with("A", json!({"Alias": "a", "X": 1}))).await;
    let after = Template::new().with("A", json!({"Alias": "a", "X": 2}));
    let update = stack.update(&Fake::succeeding(), after).await.unwrap();
    let update = update.exchanges[0].request.event();
    assert_eq!(update["PhysicalResourceId"], "a");
    assert!(update["OldResourceProperties"]["ServiceToken"].is_string());
    let delete = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    let delete = delete.exchanges[0].request.event();
    assert_eq!(delete["PhysicalResourceId"], "a");
    assert_eq!(delete["ResourceProperties"]["X"], "2");
    assert!(delete.get("OldResourceProperties").is_none());
}

#[test]
fn generated_ids_have_the_form_of_cloudformation_ids() {
    let mut stack = super::super::id_generator::IdGenerator::new(1);
    let uuid = stack.uuid();
    let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
    let generated = stack.physical_id("oncall", "A");
    let suffix = generated.strip_prefix("oncall-A-").unwrap();
    assert_eq!(suffix.len(), 12);
    assert!(suffix.chars().all(|digit| digit.is_ascii_uppercase() || digit.is_ascii_digit()));
}

#[tokio::test(start_paused = true)]
async fn an_outcome_displays_all_exchanges() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::succeeding_except("Create A", super::fake::failed("marker"));
    let outcome = stack.create(&function, super::fake::template(&[("A", "a")])).await.unwrap();
    let expected = "ROLLBACK_COMPLETE\n  \
                 1. CREATE: Create A → FAILED [marker]: because\n  \
                 2. ROLLBACK: Delete A [marker] → SUCCESS [marker]";
    assert_eq!(outcome.to_string(), expected);
}
