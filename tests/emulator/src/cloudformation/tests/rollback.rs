use serde_json::json;

use super::super::{Change, OtherFailure, Phase, RollbackId, Status, Template};
use super::fake::{
    Fake, failed, no_response, raw, requests, requests_in, resources, stack_of, success,
    success_for, template,
};

#[tokio::test(start_paused = true)]
async fn a_failed_update_is_followed_by_one_with_swapped_properties() {
    for rollback_id in [RollbackId::New, RollbackId::Old] {
        let mut stack = stack_of(&template(&[("A", "a")])).await.rollback_id(rollback_id);
        let refused =
            Template::new().with("A", json!({"Alias": "!", "Stages": [{"Nonsense": true}]}));
        let function = Fake::new(|request, number| match number {
            0 => failed("a"),
            _ => success_for(request),
        });
        let outcome = stack.update(&function, refused).await.unwrap();
        assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
        assert_eq!(requests(&outcome), ["Update A [a] !←a", "Update A [a] a←!"]);
        let event = outcome.exchanges[1].request.event();
        assert_eq!(event["OldResourceProperties"]["Stages"][0]["Nonsense"], "true");
        assert!(outcome.violations().is_empty(), "{outcome}");
        assert_eq!(resources(&stack), [("A", "a")]);
    }
}

#[tokio::test(start_paused = true)]
async fn only_updates_that_were_sent_are_rolled_back() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b"), ("C", "c")])).await;
    let function = Fake::new(|request, number| match number {
        0 => success("a"),
        1 => failed("b"),
        _ => success_for(request),
    });
    let all = template(&[("A", "a2"), ("B", "b2"), ("C", "c2")]);
    let outcome = stack.update(&function, all).await.unwrap();
    let rollback = requests_in(&outcome, Phase::UpdateRollbackInProgress);
    assert_eq!(rollback, ["Update A [a] a←a2", "Update B [b] b←b2"], "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn a_removed_resource_stays_when_the_update_fails() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let change = Change::to(template(&[("B", "b")])).with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&Fake::succeeding(), change).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete);
    assert!(outcome.exchanges.is_empty(), "{outcome}");
    assert_eq!(resources(&stack), [("A", "a"), ("B", "b")]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_create_of_an_update_is_deleted_in_the_cleanup_of_the_rollback() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::succeeding_except("Create B", failed("marker"));
    let outcome = stack.update(&function, template(&[("A", "a2"), ("B", "b")])).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    let cleanup = requests_in(&outcome, Phase::UpdateRollbackCompleteCleanupInProgress);
    assert_eq!(cleanup, ["Delete A [a2] a2", "Delete B [marker] b"]);
    assert_eq!(resources(&stack), [("A", "a")]);
}

#[tokio::test(start_paused = true)]
async fn the_cleanup_of_a_rollback_abandons_what_it_cannot_delete() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::succeeding_except("Delete A [b]", failed("b"));
    let change = Change::to(template(&[("A", "b")])).with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&function, change).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(outcome.abandoned[0].physical_id, "b");
}

#[tokio::test(start_paused = true)]
async fn an_update_without_a_valid_response_is_rolled_back_with_the_stored_id() {
    for response in [no_response(), raw(json!([]))] {
        let mut stack = stack_of(&template(&[("A", "a")])).await;
        let function = Fake::new(move |request, number| match number {
            0 => response.clone(),
            _ => success_for(request),
        });
        let outcome = stack.update(&function, template(&[("A", "b")])).await.unwrap();
        assert_eq!(requests(&outcome), ["Update A [a] b←a", "Update A [a] a←b"], "{outcome}");
        assert_eq!(outcome.status, Status::UpdateRollbackComplete);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_update_with_another_id_leads_to_the_delete_of_the_live_resource() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let function = Fake::new(|request, number| match number {
        0 => failed("log stream"),
        1 => success("log stream"),
        _ => success_for(request),
    });
    let outcome = stack.update(&function, template(&[("A", "b")])).await.unwrap();
    let all = ["Update A [a] b←a", "Update A [log stream] a←b", "Delete A [a] a"];
    assert_eq!(requests(&outcome), all, "{outcome}");
    assert_eq!(outcome.violations(), ["Update A [a]: the response changes the id to [log stream]"]);
    assert_eq!(resources(&stack), [("A", "log stream")]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_update_with_another_id_is_deleted_if_the_rollback_response_has_the_old_id() {
    let mut stack = stack_of(&template(&[("A", "a")])).await.rollback_id(RollbackId::Old);
    let function = Fake::new(|request, number| match number {
        0 => failed("half-made"),
        _ => success_for(request),
    });
    let outcome = stack.update(&function, template(&[("A", "b")])).await.unwrap();
    let all = ["Update A [a] b←a", "Update A [a] a←b", "Delete A [half-made] b"];
    assert_eq!(requests(&outcome), all, "{outcome}");
    assert_eq!(resources(&stack), [("A", "a")]);
}
