use super::super::{Change, OtherFailure, Phase, Policy, Resource, RollbackId, Status, Template};
use super::fake::{
    Fake, alias, requests, requests_in, resources, stack_of, success, success_for, template,
};

#[tokio::test(start_paused = true)]
async fn another_id_is_a_replacement_and_the_old_id_is_deleted_with_the_old_properties() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let outcome =
        stack.update(&Fake::succeeding(), template(&[("A", "a2"), ("B", "b2")])).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateComplete, "{outcome}");
    let updates = ["Update A [a] a2←a", "Update B [b] b2←b"];
    assert_eq!(requests_in(&outcome, Phase::UpdateInProgress), updates);
    let cleanup = requests_in(&outcome, Phase::UpdateCompleteCleanupInProgress);
    assert_eq!(cleanup, ["Delete B [b] b", "Delete A [a] a"]);
    assert_eq!(resources(&stack), [("A", "a2"), ("B", "b2")]);
}

#[tokio::test(start_paused = true)]
async fn update_replace_policy_retain_keeps_the_replaced_resource() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let retained = Resource::new(alias("a2")).update_replace_policy(Policy::Retain);
    let outcome =
        stack.update(&Fake::succeeding(), Template::new().with("A", retained)).await.unwrap();
    assert_eq!(requests(&outcome), ["Update A [a] a2←a"]);
    assert_eq!(outcome.retained[0].physical_id, "a");
}

#[tokio::test(start_paused = true)]
async fn a_rollback_with_the_new_id_restores_and_then_deletes_the_replacement() {
    let mut stack = stack_of(&template(&[("A", "a")])).await.rollback_id(RollbackId::New);
    let change = Change::to(template(&[("A", "b")])).with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&Fake::succeeding(), change).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Update A [a] b←a", "Update A [b] a←b", "Delete A [b] b"]);
    assert_eq!(resources(&stack), [("A", "a")]);
}

#[tokio::test(start_paused = true)]
async fn a_rollback_with_the_old_id_restores_and_then_deletes_the_replacement() {
    let mut stack = stack_of(&template(&[("A", "a")])).await.rollback_id(RollbackId::Old);
    let change = Change::to(template(&[("A", "b")])).with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&Fake::succeeding(), change).await.unwrap();
    assert_eq!(requests(&outcome), ["Update A [a] b←a", "Update A [a] a←b", "Delete A [b] b"]);
    assert_eq!(resources(&stack), [("A", "a")]);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_the_rollback_response_is_kept_and_all_others_are_deleted() {
    for (id, deleted) in [
        ("b", &["Delete A [a] a"][..]),
        ("a", &["Delete A [b] b"]),
        ("c", &["Delete A [b] b", "Delete A [a] a"]),
    ] {
        for rollback_id in [RollbackId::New, RollbackId::Old] {
            let mut stack = stack_of(&template(&[("A", "a")])).await.rollback_id(rollback_id);
            let function = Fake::new(move |request, number| match number {
                1 => success(id),
                _ => success_for(request),
            });
            let change = Change::to(template(&[("A", "b")]));
            let change = change.with_failure(OtherFailure::AtTheEnd);
            let outcome = stack.update(&function, change).await.unwrap();
            let cleanup = requests_in(&outcome, Phase::UpdateRollbackCompleteCleanupInProgress);
            assert_eq!(cleanup, deleted, "{outcome}");
            assert_eq!(resources(&stack), [("A", id)]);
        }
    }
}
