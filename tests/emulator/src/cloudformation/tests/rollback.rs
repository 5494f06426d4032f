use serde_json::json;

use super::super::{Change, OtherFailure, Phase, RollbackId, Status, Template};
use super::fake::{
    Fake, failed, raw, resources, silence, stack_of, success, template, told, told_in, well,
};

#[tokio::test(start_paused = true)]
async fn a_failed_update_is_followed_by_one_with_the_property_maps_swapped() {
    for rollback_id in [RollbackId::New, RollbackId::Old] {
        let mut stack = stack_of(&template(&[("A", "a")]))
            .await
            .rollback_id(rollback_id);
        let refused =
            Template::new().with("A", json!({"Alias": "!", "Stages": [{"Nonsense": true}]}));
        let function = Fake::new(|request, number| match number {
            0 => failed("a"),
            _ => well(request),
        });
        let outcome = stack.update(&function, refused).await.unwrap();
        assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
        assert_eq!(told(&outcome), ["Update A [a] !←a", "Update A [a] a←!"]);
        let event = outcome.exchanges[1].request.event();
        assert_eq!(
            event["OldResourceProperties"]["Stages"][0]["Nonsense"],
            "true"
        );
        assert!(outcome.violations().is_empty(), "{outcome}");
        assert_eq!(resources(&stack), [("A", "a")]);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_was_begun_is_rolled_back() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b"), ("C", "c")])).await;
    let function = Fake::new(|request, number| match number {
        0 => success("a"),
        1 => failed("b"),
        _ => well(request),
    });
    let all = template(&[("A", "a2"), ("B", "b2"), ("C", "c2")]);
    let outcome = stack.update(&function, all).await.unwrap();
    let rollback = told_in(&outcome, Phase::UpdateRollbackInProgress);
    assert_eq!(
        rollback,
        ["Update A [a] a←a2", "Update B [b] b←b2"],
        "{outcome}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_left_the_template_stays_when_the_update_fails() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let change = Change::to(template(&[("B", "b")])).with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&Fake::well(), change).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete);
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(resources(&stack), [("A", "a"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn a_new_resource_that_failed_goes_in_the_clean_up_of_the_rollback() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::but("Create B", failed("marker"));
    let outcome = stack
        .update(&function, template(&[("A", "a2"), ("B", "b")]))
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    let cleanup = told_in(&outcome, Phase::UpdateRollbackCompleteCleanupInProgress);
    assert_eq!(cleanup, ["Delete A [a2] a2", "Delete B [marker] b"]);
    assert_eq!(resources(&stack), [("A", "a")]);
}

#[tokio::test(start_paused = true)]
async fn a_clean_up_after_a_rollback_abandons_what_it_cannot_delete() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::but("Delete A [b]", failed("b"));
    let change = Change::to(template(&[("A", "b")])).with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&function, change).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(outcome.abandoned[0].physical_id, "b");
}

#[tokio::test(start_paused = true)]
async fn an_update_without_a_usable_answer_is_rolled_back_with_the_remembered_id() {
    for reply in [silence(), raw(json!([]))] {
        let mut stack = stack_of(&template(&[("A", "a")])).await;
        let function = Fake::new(move |request, number| match number {
            0 => reply.clone(),
            _ => well(request),
        });
        let outcome = stack
            .update(&function, template(&[("A", "b")]))
            .await
            .unwrap();
        assert_eq!(
            told(&outcome),
            ["Update A [a] b←a", "Update A [a] a←b"],
            "{outcome}"
        );
        assert_eq!(outcome.status, Status::UpdateRollbackComplete);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_update_that_answers_another_id_costs_the_live_resource() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::new(|request, number| match number {
        0 => failed("log stream"),
        1 => success("log stream"),
        _ => well(request),
    });
    let outcome = stack
        .update(&function, template(&[("A", "b")]))
        .await
        .unwrap();
    let all = [
        "Update A [a] b←a",
        "Update A [log stream] a←b",
        "Delete A [a] a",
    ];
    assert_eq!(told(&outcome), all, "{outcome}");
    assert_eq!(
        outcome.violations(),
        ["Update A [a]: the response changes the id to [log stream]"]
    );
    assert_eq!(resources(&stack), [("A", "log stream")]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_update_that_answers_another_id_is_deleted_under_it_if_the_rollback_answers_the_old()
 {
    let mut stack = stack_of(&template(&[("A", "a")]))
        .await
        .rollback_id(RollbackId::Old);
    let function = Fake::new(|request, number| match number {
        0 => failed("half-made"),
        _ => well(request),
    });
    let outcome = stack
        .update(&function, template(&[("A", "b")]))
        .await
        .unwrap();
    let all = [
        "Update A [a] b←a",
        "Update A [a] a←b",
        "Delete A [half-made] b",
    ];
    assert_eq!(told(&outcome), all, "{outcome}");
    assert_eq!(resources(&stack), [("A", "a")]);
}
