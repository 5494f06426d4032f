use super::super::{Policy, Resource, Status};
use super::fake::{Fake, alias, failed, silence, stack_of, template, told};

#[tokio::test(start_paused = true)]
async fn the_last_resource_is_deleted_first() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let outcome = stack.delete(&Fake::well(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert_eq!(told(&outcome), ["Delete B [b] b", "Delete A [a] a"]);
    assert!(stack.delete(&Fake::well(), &[]).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_failed_may_be_tried_again() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    for reply in [failed("b"), silence()] {
        let outcome = stack
            .delete(&Fake::but("Delete B [b]", reply), &[])
            .await
            .unwrap();
        assert_eq!(outcome.status, Status::DeleteFailed, "{outcome}");
        assert_eq!(stack.pending_deletes().collect::<Vec<_>>(), [("B", "b")]);
    }
    let outcome = stack.delete(&Fake::well(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert_eq!(told(&outcome), ["Delete B [b] b"]);
}

#[tokio::test(start_paused = true)]
async fn resources_are_retained_only_after_a_delete_that_failed() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::but("Delete A [a]", failed("a"));
    let outcome = stack.delete(&function, &["A"]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteFailed, "{outcome}");
    let outcome = stack.delete(&function, &["A"]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert!(outcome.exchanges.is_empty());
    assert_eq!(outcome.retained[0].physical_id, "a");
}

#[tokio::test(start_paused = true)]
async fn a_retained_resource_is_not_deleted() {
    let kept = Resource::new(alias("a")).deletion_policy(Policy::Retain);
    let mut stack = stack_of(&template(&[("B", "b")]).with("A", kept)).await;
    let outcome = stack.delete(&Fake::well(), &[]).await.unwrap();
    assert_eq!(outcome.status, Status::DeleteComplete, "{outcome}");
    assert_eq!(told(&outcome), ["Delete B [b] b"]);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_answers_another_id_is_a_violation() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::but("Delete A [a]", super::fake::success("other"));
    let outcome = stack.delete(&function, &[]).await.unwrap();
    assert_eq!(
        outcome.violations(),
        ["Delete A [a]: the response changes the id to [other]"]
    );
}
