use std::time::Duration;

use super::super::{AttemptOutcome, Delivery, Stack, Status};
use super::fake::{Fake, failed, success, template};

async fn create(deliveries: impl IntoIterator<Item = Delivery>) -> (Fake, Status) {
    let mut stack = Stack::new("oncall", 7);
    stack.deliver_next(deliveries);
    let function = Fake::new(|_, number| if number == 0 { success("a") } else { failed("no") });
    let outcome = stack.create(&function, template(&[("A", "a")])).await.unwrap();
    (function, outcome.status)
}

#[tokio::test(start_paused = true)]
async fn the_first_of_two_responses_counts() {
    let (function, status) = create([Delivery::of(&[AttemptOutcome::Completed; 2])]).await;
    assert_eq!(function.seen().len(), 4, "{:?}", function.seen());
    assert_eq!(status, Status::CreateComplete);
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_has_no_effect() {
    let (_, status) =
        create([Delivery::of(&[AttemptOutcome::ResponseLost, AttemptOutcome::Completed])]).await;
    assert_eq!(
        status,
        Status::RollbackFailed,
        "the second response and that of the Delete are FAILED"
    );
}

#[tokio::test(start_paused = true)]
async fn attempts_are_made_with_their_outcomes() {
    let all = [AttemptOutcome::KilledAfter(3), AttemptOutcome::Completed];
    let delivery = Delivery::of(&all);
    let mut attempts = Vec::new();
    let body = delivery
        .carry_out(|attempt| {
            attempts.push(attempt.outcome);
            std::future::ready(
                (attempt.outcome == AttemptOutcome::Completed).then(|| b"answer".to_vec()),
            )
        })
        .await;
    assert_eq!(attempts, all);
    assert_eq!(body.unwrap(), b"answer");
}

#[tokio::test(start_paused = true)]
async fn a_response_after_service_timeout_fails_the_request() {
    let late = Fake::succeeding_except("Create A", success("a").after(Duration::from_secs(3601)));
    let mut stack = Stack::new("oncall", 7);
    let outcome = stack.create(&late, template(&[("A", "a")])).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete);
}

#[tokio::test(start_paused = true)]
async fn stacks_with_the_same_seed_send_the_same_events() {
    let mut requests = Vec::new();
    for _ in 0..2 {
        let mut stack = Stack::new("oncall", 42);
        let function = Fake::succeeding_except("Create B", super::fake::no_response());
        let two = template(&[("A", "a"), ("B", "b")]);
        let outcome = stack.create(&function, two).await.unwrap();
        let events = outcome.exchanges.iter().map(|exchange| exchange.request.event());
        requests.push(events.collect::<Vec<_>>());
    }
    assert_eq!(requests[0], requests[1]);
    assert_ne!(Stack::new("oncall", 1).id(), Stack::new("oncall", 2).id());
}

#[tokio::test(start_paused = true)]
async fn the_future_of_an_operation_is_send() {
    let operation = tokio::spawn(async {
        let mut stack = Stack::new("oncall", 7);
        stack.create(&Fake::succeeding(), template(&[("A", "a")])).await.unwrap().status
    });
    assert_eq!(operation.await.unwrap(), Status::CreateComplete);
}
