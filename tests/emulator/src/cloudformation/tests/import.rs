use super::super::{Policy, Resource, Stack, Status, Template};
use super::fake::{Fake, alias, requests, resources, stack_of, template};

#[tokio::test(start_paused = true)]
async fn an_import_sends_nothing_and_adds_the_resource_to_the_stack() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let retained = Resource::new(alias("b")).deletion_policy(Policy::Retain);
    stack.import("B", retained, "b").unwrap();
    assert_eq!(stack.status(), Some(Status::ImportComplete));
    assert_eq!(resources(&stack), [("A", "a"), ("B", "b")]);

    let both = template(&[("A", "a"), ("B", "b")]);
    let outcome = stack.update(&Fake::succeeding(), &both).await.unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    let outcome = stack.delete(&Fake::succeeding(), &[]).await.unwrap();
    assert_eq!(requests(&outcome), ["Delete B [b] b", "Delete A [a] a"]);
}

#[tokio::test(start_paused = true)]
async fn an_imported_resource_keeps_its_own_deletion_policy() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let retained = Resource::new(alias("b")).deletion_policy(Policy::Retain);
    stack.import("B", retained, "b").unwrap();
    let outcome = stack.update(&Fake::succeeding(), template(&[("A", "a")])).await.unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(outcome.retained[0].physical_id, "b");
}

#[tokio::test(start_paused = true)]
async fn an_import_needs_a_stack_that_can_be_updated_and_a_new_logical_id() {
    let mut stack = Stack::new("oncall", 7);
    stack.import("A", alias("a"), "a").unwrap_err();
    stack.create(&Fake::succeeding(), Template::new()).await.unwrap();
    stack.import("A", alias("a"), "a").unwrap();
    stack.import("A", alias("a"), "a").unwrap_err();
    assert_eq!(resources(&stack), [("A", "a")]);
}
