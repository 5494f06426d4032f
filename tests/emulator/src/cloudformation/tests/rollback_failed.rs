use std::time::Duration;

use super::super::{Change, OtherFailure, Stack, Status};
use super::fake::{Fake, failed, resources, stack_of, success, template, told, well};

/// A stack whose update from a, b to a2, b2 and a new c2 failed at c2, and whose rollback failed
/// at A.
async fn stuck() -> Stack {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let function = Fake::new(|request, number| match number {
        2 => failed("marker"),
        3 => failed(request.request_type.physical_id().unwrap()),
        _ => well(request),
    });
    let all = template(&[("A", "a2"), ("B", "b2"), ("C", "c2")]);
    let outcome = stack.update(&function, all.clone()).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackFailed, "{outcome}");
    let told = told(&outcome);
    assert_eq!(
        told[3..],
        ["Update A [a2] a←a2"],
        "a rollback that failed starts nothing more"
    );
    assert!(stack.update(&function, all).await.is_err());
    stack
}

#[tokio::test(start_paused = true)]
async fn continuing_takes_up_what_was_not_taken_back() {
    let mut stack = stuck().await;
    let outcome = stack
        .continue_update_rollback(&Fake::well(), &[])
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    let all = [
        "Update A [a2] a←a2",
        "Update B [b2] b←b2",
        "Delete B [b2] b2",
        "Delete A [a2] a2",
        "Delete C [marker] c2",
    ];
    assert_eq!(told(&outcome), all);
    assert_eq!(resources(&stack), [("A", "a"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn continuing_may_fail_again() {
    let mut stack = stuck().await;
    let function = Fake::but("Update B [b2]", failed("b2"));
    let outcome = stack
        .continue_update_rollback(&function, &[])
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackFailed, "{outcome}");
    assert_eq!(told(&outcome), ["Update A [a2] a←a2", "Update B [b2] b←b2"]);
    let outcome = stack
        .continue_update_rollback(&Fake::well(), &[])
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(told(&outcome)[0], "Update B [b2] b←b2");
}

#[tokio::test(start_paused = true)]
async fn only_what_failed_to_roll_back_can_be_skipped() {
    let mut stack = stuck().await;
    let outcome = stack
        .continue_update_rollback(&Fake::well(), &["A", "B"])
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(told(&outcome)[0], "Update B [b2] b←b2");
    assert_eq!(resources(&stack), [("A", "a2"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_rollback_update_that_answers_another_id_is_taken_at_its_word() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::new(|_, number| failed(if number == 0 { "a" } else { "moved" }));
    let outcome = stack
        .update(&function, template(&[("A", "b")]))
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackFailed, "{outcome}");
    assert_eq!(outcome.violations().len(), 1);
    let outcome = stack
        .continue_update_rollback(&Fake::new(|_, _| success("moved")), &[])
        .await;
    let outcome = outcome.unwrap();
    assert_eq!(
        told(&outcome)[..2],
        ["Update A [moved] a←b", "Delete A [a] a"]
    );
}

#[tokio::test(start_paused = true)]
async fn deleting_a_stuck_stack_deletes_every_id_that_is_known() {
    let mut stack = stuck().await;
    let outcome = stack.delete(&Fake::well(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    let mut told = told(&outcome);
    told.sort();
    let all = [
        "Delete A [a2] a",
        "Delete A [a] a",
        "Delete B [b2] b2",
        "Delete B [b] b",
        "Delete C [marker] c2",
    ];
    assert_eq!(told, all);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_that_failed_still_listens_to_what_runs() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")]))
        .await
        .max_concurrency(2);
    let function = Fake::new(|request, number| match number {
        2 => failed("a2"),
        3 => well(request).after(Duration::from_secs(9)),
        _ => well(request),
    });
    let change = Change::to(template(&[("A", "a2"), ("B", "b2")]));
    let change = change.with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&function, change).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackFailed, "{outcome}");
    assert_eq!(resources(&stack), [("A", "a2"), ("B", "b")]);
    let outcome = stack
        .continue_update_rollback(&Fake::well(), &[])
        .await
        .unwrap();
    let all = ["Update A [a2] a←a2", "Delete A [a2] a2", "Delete B [b2] b2"];
    assert_eq!(told(&outcome), all, "{outcome}");
}
