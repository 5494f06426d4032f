use super::super::{Stack, Status};
use super::fake::{Fake, failed, requests, resources, stack_of, success, success_for, template};

/// A stack whose update failed and whose rollback failed, too. The update changed A from a to a2
/// and B from b to b2, and failed when it created C as c2. The rollback failed at A.
async fn update_rollback_failed() -> Stack {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let function = Fake::new(|request, number| match number {
        2 => failed("marker"),
        3 => failed(request.request_type.physical_id().unwrap()),
        _ => success_for(request),
    });
    let all = template(&[("A", "a2"), ("B", "b2"), ("C", "c2")]);
    let outcome = stack.update(&function, all.clone()).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackFailed, "{outcome}");
    let requests = requests(&outcome);
    assert_eq!(
        requests[3..],
        ["Update A [a2] a←a2"],
        "a failed rollback sends no further requests"
    );
    assert!(stack.update(&function, all).await.is_err());
    stack
}

#[tokio::test(start_paused = true)]
async fn continuing_rolls_back_what_is_not_rolled_back_yet() {
    let mut stack = update_rollback_failed().await;
    let outcome = stack.continue_update_rollback(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    let all = [
        "Update A [a2] a←a2",
        "Update B [b2] b←b2",
        "Delete B [b2] b2",
        "Delete A [a2] a2",
        "Delete C [marker] c2",
    ];
    assert_eq!(requests(&outcome), all);
    assert_eq!(resources(&stack), [("A", "a"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn continuing_can_fail_again() {
    let mut stack = update_rollback_failed().await;
    let function = Fake::succeeding_except("Update B [b2]", failed("b2"));
    let outcome = stack.continue_update_rollback(&function, &[]).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackFailed, "{outcome}");
    assert_eq!(requests(&outcome), ["Update A [a2] a←a2", "Update B [b2] b←b2"]);
    let outcome = stack.continue_update_rollback(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(requests(&outcome)[0], "Update B [b2] b←b2");
}

#[tokio::test(start_paused = true)]
async fn only_a_resource_whose_rollback_failed_can_be_skipped() {
    let mut stack = update_rollback_failed().await;
    let outcome = stack.continue_update_rollback(&Fake::succeeding(), &["A", "B"]).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(requests(&outcome)[0], "Update B [b2] b←b2");
    assert_eq!(resources(&stack), [("A", "a2"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_failed_rollback_response_is_stored() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::new(|_, number| failed(if number == 0 { "a" } else { "moved" }));
    let outcome = stack.update(&function, template(&[("A", "b")])).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackFailed, "{outcome}");
    assert_eq!(outcome.violations().len(), 1);
    let outcome = stack.continue_update_rollback(&Fake::new(|_, _| success("moved")), &[]).await;
    let outcome = outcome.unwrap();
    assert_eq!(requests(&outcome)[..2], ["Update A [moved] a←b", "Delete A [a] a"]);
}

#[tokio::test(start_paused = true)]
async fn a_delete_after_a_failed_rollback_deletes_all_physical_ids() {
    let mut stack = update_rollback_failed().await;
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    let mut requests = requests(&outcome);
    requests.sort();
    let all = [
        "Delete A [a2] a",
        "Delete A [a] a",
        "Delete B [b2] b2",
        "Delete B [b] b",
        "Delete C [marker] c2",
    ];
    assert_eq!(requests, all);
}
