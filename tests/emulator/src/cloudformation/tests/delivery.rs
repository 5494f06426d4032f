use std::time::Duration;

use super::super::{Attempt, AttemptOutcome, Delivery, Stack, Status};
use super::fake::{Fake, failed, success, template};

async fn create(deliveries: impl IntoIterator<Item = Delivery>) -> (Fake, Status) {
    let mut stack = Stack::new("oncall", 7);
    stack.deliver_next(deliveries);
    let function = Fake::new(|_, number| {
        if number == 0 {
            success("a")
        } else {
            failed("no")
        }
    });
    let outcome = stack
        .create(&function, template(&[("A", "a")]))
        .await
        .unwrap();
    (function, outcome.status)
}

#[tokio::test(start_paused = true)]
async fn of_two_answers_the_first_counts() {
    let (function, status) = create([Delivery::twice()]).await;
    assert_eq!(function.seen().len(), 4, "{:?}", function.seen());
    assert_eq!(status, Status::CreateComplete);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_counts_for_nothing() {
    let (_, status) = create([Delivery::response_lost()]).await;
    assert_eq!(
        status,
        Status::RollbackFailed,
        "the second answer and the Delete's are FAILED"
    );
}

#[tokio::test(start_paused = true)]
async fn attempts_are_carried_out_as_they_are_given() {
    let delivery = Delivery::killed_after(3).late(Duration::from_secs(9));
    let mut attempts = Vec::new();
    let body = delivery
        .carry_out(|attempt| {
            attempts.push((attempt.outcome, attempt.wait.as_secs()));
            std::future::ready(
                (attempt.outcome == AttemptOutcome::Completed).then(|| b"answer".to_vec()),
            )
        })
        .await;
    assert_eq!(
        attempts,
        [
            (AttemptOutcome::KilledAfter(3), 9),
            (AttemptOutcome::Completed, 0)
        ]
    );
    assert_eq!(body.unwrap(), b"answer");
}

#[tokio::test(start_paused = true)]
async fn a_delivery_later_than_service_timeout_fails_the_request() {
    let late = Delivery(vec![Attempt {
        wait: Duration::from_secs(3601),
        outcome: AttemptOutcome::Completed,
    }]);
    let (_, status) = create([late]).await;
    assert_eq!(status, Status::RollbackComplete);
}

#[tokio::test(start_paused = true)]
async fn a_stack_with_the_same_seed_sends_the_same_events() {
    let mut told = Vec::new();
    for _ in 0..2 {
        let mut stack = Stack::new("oncall", 42);
        let function = Fake::but("Create B", super::fake::silence());
        let two = template(&[("A", "a"), ("B", "b")]);
        let outcome = stack.create(&function, two).await.unwrap();
        let events = outcome
            .exchanges
            .iter()
            .map(|exchange| exchange.request.event());
        told.push(events.collect::<Vec<_>>());
    }
    assert_eq!(told[0], told[1]);
    assert_ne!(Stack::new("oncall", 1).id(), Stack::new("oncall", 2).id());
}

#[tokio::test(start_paused = true)]
async fn an_operation_can_be_spawned() {
    let operation = tokio::spawn(async {
        let mut stack = Stack::new("oncall", 7);
        stack
            .create(&Fake::well(), template(&[("A", "a")]))
            .await
            .unwrap()
            .status
    });
    assert_eq!(operation.await.unwrap(), Status::CreateComplete);
}
