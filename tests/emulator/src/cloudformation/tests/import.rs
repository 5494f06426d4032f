use super::super::{Policy, Resource, Stack, Status, Template};
use super::fake::{Fake, alias, resources, stack_of, template, told};

#[tokio::test(start_paused = true)]
async fn an_import_sends_nothing_and_the_resource_is_the_stacks_from_then_on() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let kept = Resource::new(alias("b")).deletion_policy(Policy::Retain);
    stack.import("B", kept, "b").unwrap();
    assert_eq!(stack.status(), Some(Status::ImportComplete));
    assert_eq!(resources(&stack), [("A", "a"), ("B", "b")]);

    let both = template(&[("A", "a"), ("B", "b")]);
    let outcome = stack.update(&Fake::well(), &both).await.unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    let outcome = stack.delete(&Fake::well(), &[]).await.unwrap();
    assert_eq!(told(&outcome), ["Delete B [b] b", "Delete A [a] a"]);
}

#[tokio::test(start_paused = true)]
async fn an_imported_resource_that_leaves_goes_under_its_own_policy() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let kept = Resource::new(alias("b")).deletion_policy(Policy::Retain);
    stack.import("B", kept, "b").unwrap();
    let outcome = stack
        .update(&Fake::well(), template(&[("A", "a")]))
        .await
        .unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(outcome.retained[0].physical_id, "b");
}

#[tokio::test(start_paused = true)]
async fn only_a_stack_that_can_be_updated_imports_and_only_under_a_new_logical_id() {
    let mut stack = Stack::new("oncall", 7);
    stack.import("A", alias("a"), "a").unwrap_err();
    stack.create(&Fake::well(), Template::new()).await.unwrap();
    stack.import("A", alias("a"), "a").unwrap();
    stack.import("A", alias("a"), "a").unwrap_err();
    assert_eq!(resources(&stack), [("A", "a")]);
}
