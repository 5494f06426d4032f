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
fn service_timeout_is_3600_seconds_unless_set() {
    let timeout =
        |properties| Properties::from_template(&properties, "arn:token").service_timeout();
    assert_eq!(timeout(json!({})), Duration::from_hours(1));
    assert_eq!(
        timeout(json!({"ServiceTimeout": 60})),
        Duration::from_mins(1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_create_has_exactly_its_members() {
    let mut stack = Stack::new("oncall", 7).service_token("arn:token");
    let template = Template::new().with("A", json!({"Alias": "a", "ServiceTimeout": 60}));
    let outcome = stack.create(&Fake::well(), template).await.unwrap();
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
async fn update_and_delete_carry_the_physical_id_and_only_update_the_old_properties() {
    let mut stack = stack_of(&Template::new().with("A", json!({"Alias": "a", "X": 1}))).await;
    let after = Template::new().with("A", json!({"Alias": "a", "X": 2}));
    let update = stack.update(&Fake::well(), after).await.unwrap();
    let update = update.exchanges[0].request.event();
    assert_eq!(update["PhysicalResourceId"], "a");
    assert!(update["OldResourceProperties"]["ServiceToken"].is_string());
    let delete = stack.delete(&Fake::well(), &[]).await.unwrap();
    let delete = delete.exchanges[0].request.event();
    assert_eq!(delete["PhysicalResourceId"], "a");
    assert_eq!(delete["ResourceProperties"]["X"], "2");
    assert!(delete.get("OldResourceProperties").is_none());
}

#[test]
fn ids_have_the_shape_of_cloudformations() {
    let mut stack = super::super::id_generator::IdGenerator::new(1);
    let uuid = stack.uuid();
    let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{uuid}");
    let invented = stack.physical_id("oncall", "A");
    let suffix = invented.strip_prefix("oncall-A-").unwrap();
    assert_eq!(suffix.len(), 12);
    assert!(
        suffix
            .chars()
            .all(|digit| digit.is_ascii_uppercase() || digit.is_ascii_digit())
    );
}

#[tokio::test(start_paused = true)]
async fn an_outcome_tells_the_whole_story() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::but("Create A", super::fake::failed("marker"));
    let outcome = stack
        .create(&function, super::fake::template(&[("A", "a")]))
        .await
        .unwrap();
    let story = "ROLLBACK_COMPLETE\n  \
                 1. CREATE: Create A → FAILED [marker]: because\n  \
                 2. ROLLBACK: Delete A [marker] → SUCCESS [marker]";
    assert_eq!(outcome.to_string(), story);
}
