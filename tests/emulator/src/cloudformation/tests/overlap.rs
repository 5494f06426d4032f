//! Tests of cancelled requests, which the function may still handle during the rollback.

use std::time::Duration;

use super::super::{
    Change, OtherFailure, ReceivedResponse, RollbackId, Stack, Status, WaitOutcome,
};
use super::fake::{Fake, old_id_stack_of, requests, resources, stack_of, success_for, template};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_cancelled_create_is_deleted_with_a_generated_id_while_it_still_runs() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::new(|request, _| success_for(request).after(3 * SECOND));
    let change = Change::to(template(&[("A", "a"), ("B", "b")]));
    let change = change.with_failure(OtherFailure::While("A".into(), SECOND));
    let outcome = stack.create(&function, change).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    let seen = function.seen();
    assert_eq!(seen[0], "start Create A");
    assert!(seen[1].starts_with("start Delete A [oncall-A-"), "{seen:?}");
    assert_eq!(seen[2], "end Create A");
    assert_eq!(seen.len(), 4, "{seen:?}");
    assert_eq!(outcome.exchanges[0].wait, WaitOutcome::Cancelled);
    assert!(
        matches!(&outcome.exchanges[0].response, ReceivedResponse::Valid(late) if late.physical_id == "a")
    );
}

#[tokio::test(start_paused = true)]
async fn an_operation_ends_after_all_its_deliveries() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::new(|request, number| match number {
        0 => success_for(request).after(100 * SECOND),
        _ => success_for(request),
    });
    let change = Change::to(template(&[("A", "a")]));
    let change = change.with_failure(OtherFailure::While("A".into(), SECOND));
    stack.create(&function, change).await.unwrap();
    assert_eq!(function.seen()[3], "end Create A");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_update_is_rolled_back_while_it_still_runs() {
    for rollback_id in [RollbackId::New, RollbackId::Old] {
        let mut stack = stack_of(&template(&[("A", "a")])).await.rollback_id(rollback_id);
        let function = Fake::new(|request, _| success_for(request).after(3 * SECOND));
        let change = Change::to(template(&[("A", "b")]));
        let change = change.with_failure(OtherFailure::While("A".into(), SECOND));
        let outcome = stack.update(&function, change).await.unwrap();
        assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
        assert_eq!(requests(&outcome), ["Update A [a] b←a", "Update A [a] a←b"]);
        assert_eq!(function.seen()[..2], ["start Update A [a]", "start Update A [a]"]);
        assert_eq!(resources(&stack), [("A", "a")]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_create_of_an_update_is_deleted_in_the_cleanup() {
    let mut stack = old_id_stack_of(&template(&[("A", "a")])).await;
    let function = Fake::new(|request, _| success_for(request).after(3 * SECOND));
    let change = Change::to(template(&[("A", "a2"), ("B", "b")]));
    let change = change.with_failure(OtherFailure::While("B".into(), SECOND));
    let outcome = stack.update(&function, change).await.unwrap();
    let requests = requests(&outcome);
    assert_eq!(
        requests[..3],
        ["Update A [a] a2←a", "Create B b", "Update A [a] a←a2"],
        "{outcome}"
    );
    assert_eq!(requests[3], "Delete A [a2] a2");
    assert!(requests[4].starts_with("Delete B [oncall-B-"), "{outcome}");
    assert_eq!(resources(&stack), [("A", "a")]);
}
