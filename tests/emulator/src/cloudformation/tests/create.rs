use std::time::Duration;

use serde_json::json;

use super::super::{Change, OtherFailure, Policy, Resource, Stack, Status, WaitOutcome};
use super::fake::{
    Fake, alias, failed, no_response, raw, requests, resources, success_for, template,
};

#[tokio::test(start_paused = true)]
async fn creates_are_sent_in_template_order() {
    let mut stack = Stack::new("oncall", 7);
    let outcome =
        stack.create(&Fake::succeeding(), template(&[("B", "b"), ("A", "a")])).await.unwrap();
    assert_eq!(outcome.status, Status::CreateComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Create B b", "Create A a"]);
    assert_eq!(resources(&stack), [("B", "b"), ("A", "a")]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_create_is_deleted_with_the_id_of_its_response() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::succeeding_except("Create B", failed("marker"));
    let three = template(&[("A", "a"), ("B", "b"), ("C", "c")]);
    let outcome = stack.create(&function, three).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    assert_eq!(
        requests(&outcome),
        ["Create A a", "Create B b", "Delete B [marker] b", "Delete A [a] a"]
    );
    assert!(resources(&stack).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_create_without_a_response_is_deleted_with_a_generated_id() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::succeeding_except("Create A", no_response());
    let outcome = stack.create(&function, template(&[("A", "a")])).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    assert!(requests(&outcome)[1].starts_with("Delete A [oncall-A-"), "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn a_create_that_exceeds_service_timeout_is_deleted_while_it_may_still_run() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::new(|request, number| match number {
        0 => success_for(request).after(Duration::from_secs(90)),
        _ => success_for(request).after(Duration::from_mins(1)),
    });
    let slow = super::super::Template::new().with("A", json!({"Alias": "a", "ServiceTimeout": 60}));
    let outcome = stack.create(&function, slow).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    assert_eq!(outcome.exchanges[0].wait, WaitOutcome::TimedOut);
    let seen = function.seen();
    assert!(seen[1].starts_with("start Delete A [oncall-A-"), "{seen:?}");
    assert_eq!(seen[2], "end Create A");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_response_fails_the_create_and_is_a_violation() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::succeeding_except("Create A", raw(json!({"Status": "SUCCESS"})));
    let outcome = stack.create(&function, template(&[("A", "a")])).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    assert_eq!(outcome.violations(), ["Create A: StackId is missing"]);
    assert!(requests(&outcome)[1].starts_with("Delete A [oncall-A-"), "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_another_resource_rolls_the_create_back() {
    let mut stack = Stack::new("oncall", 7);
    let change = Change::to(template(&[("A", "a"), ("B", "b")]));
    let change = change.with_failure(OtherFailure::After("A".into()));
    let outcome = stack.create(&Fake::succeeding(), change).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Create A a", "Delete A [a] a"]);
}

#[tokio::test(start_paused = true)]
async fn another_resource_fails_at_the_end_at_the_latest() {
    for when in [OtherFailure::AtTheEnd, OtherFailure::After("no such".into())] {
        let mut stack = Stack::new("oncall", 7);
        let change = Change::to(template(&[("A", "a"), ("B", "b")])).with_failure(when);
        let outcome = stack.create(&Fake::succeeding(), change).await.unwrap();
        let all = ["Create A a", "Create B b", "Delete B [b] b", "Delete A [a] a"];
        assert_eq!(requests(&outcome), all, "{outcome}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_whose_rollback_delete_fails_is_deleted_by_delete_stack() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::new(|request, _| match request.to_string().as_str() {
        "Create B" => failed("marker"),
        "Delete A [a]" => failed("a"),
        _ => success_for(request),
    });
    let two = template(&[("A", "a"), ("B", "b")]);
    let outcome = stack.create(&function, two.clone()).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackFailed, "{outcome}");
    assert_eq!(stack.pending_deletes().collect::<Vec<_>>(), [("A", "a")]);
    assert!(stack.update(&function, two).await.is_err());
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Delete A [a] a"]);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_sends_nothing_for_a_retained_resource() {
    let mut stack = Stack::new("oncall", 7);
    let retained = Resource::new(alias("a")).deletion_policy(Policy::Retain);
    let change = Change::to(template(&[("B", "b")]).with("A", retained));
    let change = change.with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.create(&Fake::succeeding(), change).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Create B b", "Create A a", "Delete B [b] b"]);
    assert_eq!(outcome.retained[0].physical_id, "a");
}

#[tokio::test]
async fn a_stack_cannot_be_created_twice() {
    let mut stack = Stack::new("oncall", 7);
    stack.create(&Fake::succeeding(), template(&[])).await.unwrap();
    assert!(stack.create(&Fake::succeeding(), template(&[])).await.is_err());
}
