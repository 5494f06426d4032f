use serde_json::json;

use super::super::{Phase, Policy, Resource, Status, Template};
use super::fake::{
    Fake, alias, failed, no_response, requests, requests_in, resources, stack_of, success, template,
};

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_no_property_changed() {
    let before = Template::new().with("A", json!({"Alias": "a", "Minutes": 5, "None": null}));
    let mut stack = stack_of(&before).await;
    let same = Template::new().with("A", json!({"Alias": "a", "Minutes": "5"}));
    let outcome = stack.update(&Fake::succeeding(), same).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete);
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(resources(&stack), [("A", "a")]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_property_leads_to_an_update_with_the_stored_id_and_the_old_properties() {
    let before = Template::new().with("A", json!({"Alias": "a", "Minutes": 5}));
    let mut stack = stack_of(&before).await;
    let after = Template::new().with("A", json!({"Alias": "a", "Minutes": 6}));
    let outcome = stack.update(&Fake::succeeding(), after).await.unwrap();
    let event = outcome.exchanges[0].request.event();
    assert_eq!(event["PhysicalResourceId"], "a");
    assert_eq!(event["ResourceProperties"]["Minutes"], "6");
    assert_eq!(event["OldResourceProperties"]["Minutes"], "5");
    assert_eq!(outcome.exchanges.len(), 1, "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn a_new_resource_is_created_and_a_removed_one_is_deleted_in_the_cleanup() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let outcome =
        stack.update(&Fake::succeeding(), template(&[("C", "c"), ("B", "b")])).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete, "{outcome}");
    assert_eq!(requests_in(&outcome, Phase::UpdateInProgress), ["Create C c"]);
    assert_eq!(requests_in(&outcome, Phase::UpdateCompleteCleanupInProgress), ["Delete A [a] a"]);
    assert_eq!(resources(&stack), [("C", "c"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn a_resource_with_a_new_logical_id_is_created_before_the_old_one_is_deleted() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let outcome = stack.update(&Fake::succeeding(), template(&[("B", "a")])).await.unwrap();
    assert_eq!(requests(&outcome), ["Create B a", "Delete A [a] a"]);
}

#[tokio::test(start_paused = true)]
async fn a_cleanup_abandons_a_resource_after_three_failed_deletes_and_the_update_succeeds() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let function = Fake::succeeding_except("Delete A [a]", failed("a"));
    let outcome = stack.update(&function, template(&[("B", "b")])).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Delete A [a] a"; 3]);
    assert_eq!(outcome.abandoned[0].physical_id, "a");
    let ids = |at: usize| &outcome.exchanges[at].request.request_id;
    assert_ne!(ids(0), ids(1), "each attempt is a separate request");
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(
        requests(&outcome),
        ["Delete B [b] b"],
        "an abandoned resource does not belong to the stack"
    );
}

#[tokio::test(start_paused = true)]
async fn a_cleanup_sends_no_more_deletes_after_one_succeeds() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let function = Fake::new(|_, number| if number < 2 { no_response() } else { success("a") });
    let outcome = stack.update(&function, template(&[("B", "b")])).await.unwrap();
    assert_eq!(requests(&outcome).len(), 3, "{outcome}");
    assert!(outcome.abandoned.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_removed_resource_with_policy_retain_is_not_deleted() {
    let retained = Resource::new(alias("a")).deletion_policy(Policy::Retain);
    let mut stack = stack_of(&Template::new().with("A", retained)).await;
    let outcome = stack.update(&Fake::succeeding(), Template::new()).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete);
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(outcome.retained[0].physical_id, "a");
}

#[tokio::test(start_paused = true)]
async fn a_changed_policy_sends_nothing_and_applies_to_a_later_delete() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let retained = Resource::new(alias("a")).deletion_policy(Policy::Retain);
    let outcome =
        stack.update(&Fake::succeeding(), Template::new().with("A", retained)).await.unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
}
