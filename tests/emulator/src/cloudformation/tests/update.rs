use serde_json::json;

use super::super::{Phase, Policy, Resource, Status, Template};
use super::fake::{
    Fake, alias, failed, resources, silence, stack_of, success, template, told, told_in,
};

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_where_no_property_changed() {
    let before = Template::new().with("A", json!({"Alias": "a", "Minutes": 5, "None": null}));
    let mut stack = stack_of(&before).await;
    let same = Template::new().with("A", json!({"Alias": "a", "Minutes": "5"}));
    let outcome = stack.update(&Fake::well(), same).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete);
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(resources(&stack), [("A", "a")]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_property_is_an_update_with_the_remembered_id_and_the_old_properties() {
    let before = Template::new().with("A", json!({"Alias": "a", "Minutes": 5}));
    let mut stack = stack_of(&before).await;
    let after = Template::new().with("A", json!({"Alias": "a", "Minutes": 6}));
    let outcome = stack.update(&Fake::well(), after).await.unwrap();
    let event = outcome.exchanges[0].request.event();
    assert_eq!(event["PhysicalResourceId"], "a");
    assert_eq!(event["ResourceProperties"]["Minutes"], "6");
    assert_eq!(event["OldResourceProperties"]["Minutes"], "5");
    assert_eq!(outcome.exchanges.len(), 1, "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn a_new_resource_is_created_and_one_that_left_is_deleted_in_the_clean_up() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let outcome = stack
        .update(&Fake::well(), template(&[("C", "c"), ("B", "b")]))
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete, "{outcome}");
    assert_eq!(told_in(&outcome, Phase::UpdateInProgress), ["Create C c"]);
    assert_eq!(
        told_in(&outcome, Phase::UpdateCompleteCleanupInProgress),
        ["Delete A [a] a"]
    );
    assert_eq!(resources(&stack), [("C", "c"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn a_resource_with_another_logical_id_is_created_before_the_old_one_is_deleted() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let outcome = stack
        .update(&Fake::well(), template(&[("B", "a")]))
        .await
        .unwrap();
    assert_eq!(told(&outcome), ["Create B a", "Delete A [a] a"]);
}

#[tokio::test(start_paused = true)]
async fn a_clean_up_tries_three_times_then_abandons_and_the_update_succeeds() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let function = Fake::but("Delete A [a]", failed("a"));
    let outcome = stack
        .update(&function, template(&[("B", "b")]))
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete, "{outcome}");
    assert_eq!(told(&outcome), ["Delete A [a] a"; 3]);
    assert_eq!(outcome.abandoned[0].physical_id, "a");
    let ids = |at: usize| &outcome.exchanges[at].request.request_id;
    assert_ne!(ids(0), ids(1), "each try is a request of its own");
    let outcome = stack.delete(&Fake::well(), &[]).await.unwrap();
    assert_eq!(
        told(&outcome),
        ["Delete B [b] b"],
        "what was abandoned is forgotten"
    );
}

#[tokio::test(start_paused = true)]
async fn a_clean_up_stops_trying_once_the_delete_succeeds() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let function = Fake::new(|_, number| if number < 2 { silence() } else { success("a") });
    let outcome = stack
        .update(&function, template(&[("B", "b")]))
        .await
        .unwrap();
    assert_eq!(told(&outcome).len(), 3, "{outcome}");
    assert!(outcome.abandoned.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_retained_resource_that_left_is_not_deleted() {
    let kept = Resource::new(alias("a")).deletion_policy(Policy::Retain);
    let mut stack = stack_of(&Template::new().with("A", kept)).await;
    let outcome = stack.update(&Fake::well(), Template::new()).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete);
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(outcome.retained[0].physical_id, "a");
}

#[tokio::test(start_paused = true)]
async fn a_policy_alone_sends_nothing_but_counts() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let kept = Resource::new(alias("a")).deletion_policy(Policy::Retain);
    let outcome = stack
        .update(&Fake::well(), Template::new().with("A", kept))
        .await
        .unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    let outcome = stack.delete(&Fake::well(), &[]).await.unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
}
