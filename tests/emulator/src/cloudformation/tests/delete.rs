use super::super::{Policy, Resource, Status};
use super::fake::{Fake, alias, failed, no_response, requests, stack_of, template};

#[tokio::test(start_paused = true)]
async fn the_last_resource_is_deleted_first() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Delete B [b] b", "Delete A [a] a"]);
    assert!(stack.delete(&Fake::succeeding(), &[]).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_failed_delete_can_be_repeated() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    for response in [failed("b"), no_response()] {
        let outcome =
            stack.delete(&Fake::succeeding_except("Delete B [b]", response), &[]).await.unwrap();
        assert_eq!(outcome.status, Status::DeleteFailed, "{outcome}");
        assert_eq!(stack.pending_deletes().collect::<Vec<_>>(), [("B", "b")]);
    }
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Delete B [b] b"]);
}

#[tokio::test(start_paused = true)]
async fn retain_resources_has_an_effect_only_after_a_failed_delete() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::succeeding_except("Delete A [a]", failed("a"));
    let outcome = stack.delete(&function, &["A"]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteFailed, "{outcome}");
    let outcome = stack.delete(&function, &["A"]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert!(outcome.exchanges.is_empty());
    assert_eq!(outcome.retained[0].physical_id, "a");
}

#[tokio::test(start_paused = true)]
async fn a_retained_resource_is_not_deleted() {
    let retained = Resource::new(alias("a")).deletion_policy(Policy::Retain);
    let mut stack = stack_of(&template(&[("B", "b")]).with("A", retained)).await;
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Delete B [b] b"]);
}

#[tokio::test(start_paused = true)]
async fn a_delete_response_with_another_id_is_a_violation() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::succeeding_except("Delete A [a]", super::fake::success("other"));
    let outcome = stack.delete(&function, &[]).await.unwrap();
    assert_eq!(outcome.violations(), ["Delete A [a]: the response changes the id to [other]"]);
}
