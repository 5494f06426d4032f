use serde_json::json;

use super::super::{AttemptOutcome, Delivery, Resource, Stack, Template};
use super::fake::Fake;

#[tokio::test(start_paused = true)]
async fn the_events_of_a_resource_have_the_documented_members_and_no_others() {
    let with = |minutes: u8| {
        let properties = json!({"Alias": "a", "Gone": null, "ServiceTimeout": 60,
            "Plan": [{"Minutes": minutes, "Targets": [], "Share": 0.5, "Is": true}, null]});
        Template::new().with("A", properties)
    };
    let mut stack = Stack::new("oncall", 7).service_token("arn:token");
    let fake = Fake::default();
    let properties = |minutes: &str| {
        json!({"ServiceToken": "arn:token", "Alias": "a", "ServiceTimeout": "60",
            "Plan": [{"Minutes": minutes, "Targets": [], "Share": "0.5", "Is": "true"}]})
    };
    let rows = [
        ("Create", stack.create(&fake, with(5)).await, None, "5", None),
        ("Update", stack.update(&fake, with(6)).await, Some("a"), "6", Some(properties("5"))),
        ("Delete", stack.delete(&fake, &[]).await, Some("a"), "6", None),
    ];
    for (kind, outcome, physical_id, minutes, old) in rows {
        let request = &outcome.unwrap().exchanges[0].request;
        let mut wanted = json!({
            "RequestType": kind,
            "ServiceToken": "arn:token",
            "ResponseURL": format!("http://localhost/{}?signed", request.request_id),
            "StackId": stack.id(),
            "RequestId": request.request_id,
            "LogicalResourceId": "A",
            "ResourceType": "Custom::SSMContact",
            "ResourceProperties": properties(minutes),
        });
        let others =
            [("PhysicalResourceId", physical_id.map(Into::into)), ("OldResourceProperties", old)];
        for (name, value) in others {
            if let Some(value) = value {
                wanted[name] = value;
            }
        }
        assert_eq!(request.event(), wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_when_no_property_changed() {
    let mut stack = Stack::new("oncall", 7);
    let before = Template::new().with("A", json!({"Alias": "a", "Minutes": 5, "None": null}));
    stack.create(&Fake::default(), before).await.unwrap();
    let same = Template::new().with("A", json!({"Alias": "a", "Minutes": "5"}));
    let outcome = stack.update(&Fake::default(), same).await.unwrap();
    assert!(outcome.exchanges.is_empty(), "{outcome}");
}

#[tokio::test(start_paused = true)]
async fn the_properties_of_a_native_resource_keep_their_types() {
    let native = Resource::new(json!({"Alias": "a", "Minutes": 5, "None": null}));
    let native = Template::new().with("A", native.resource_type("AWS::Example::Thing"));
    let mut stack = Stack::new("oncall", 7);
    let outcome = stack.create(&Fake::default(), native).await.unwrap();
    let event = outcome.exchanges[0].request.event();
    assert_eq!(event["ResourceType"], "AWS::Example::Thing");
    assert_eq!(event["ResourceProperties"], json!({"Alias": "a", "Minutes": 5}));
}

#[tokio::test]
async fn attempts_are_made_with_their_outcomes() {
    let all = [AttemptOutcome::KilledAfter(3), AttemptOutcome::Completed];
    let mut attempts = Vec::new();
    let attempt = |attempt: super::super::Attempt| {
        attempts.push(attempt.outcome);
        let completed = attempt.outcome == AttemptOutcome::Completed;
        std::future::ready(completed.then(|| b"answer".to_vec()))
    };
    let body = Delivery::of(&all).carry_out(attempt).await;
    assert_eq!(body.unwrap(), b"answer");
    assert_eq!(attempts, all);
}

#[tokio::test(start_paused = true)]
async fn stacks_with_the_same_seed_send_the_same_events_in_a_future_that_is_send() {
    let events = || async {
        let mut stack = Stack::new("oncall", 42);
        let function = Fake::new(["Create A: none"].into_iter());
        let one = Template::new().with("A", json!({"Alias": "a"}));
        let outcome = stack.create(&function, one).await.unwrap();
        outcome.exchanges.iter().map(|it| it.request.event()).collect::<Vec<_>>()
    };
    assert_eq!(tokio::spawn(events()).await.unwrap(), events().await);
    assert_ne!(Stack::new("oncall", 1).id(), Stack::new("oncall", 2).id());
}

#[tokio::test(start_paused = true)]
async fn an_outcome_displays_all_exchanges() {
    let mut stack = Stack::new("oncall", 7);
    let function = Fake::new(["Create A: FAILED marker"].into_iter());
    let one = Template::new().with("A", json!({"Alias": "a"}));
    let outcome = stack.create(&function, one).await.unwrap();
    let expected = "ROLLBACK_COMPLETE\n  \
                 1. CREATE: Create A → FAILED [marker]: because\n  \
                 2. ROLLBACK: Delete A [marker] → SUCCESS [marker]";
    assert_eq!(outcome.to_string(), expected);
}
