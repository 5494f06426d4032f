//! Tests of resources that refer to others, of types other than custom ones, and of events.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::super::{
    Change, Delivery, Expression, OtherFailure, Policy, Request, Resource, Stack, StackEvent,
    Status, Template, Transport, Values,
};
use super::fake::{Fake, alias, failed, requests, resources, stack_of, success_for, template};

/// A transport that keeps the events of the stack, in the form that `StackEvent` displays.
struct Observed {
    inner: Fake,
    events: Mutex<Vec<String>>,
}

impl Observed {
    fn new(inner: Fake) -> Self {
        let events = Mutex::default();
        Self { inner, events }
    }
}

impl Transport for Observed {
    fn response_url(&self, request: &Request) -> String {
        self.inner.response_url(request)
    }

    fn event(&self, event: &StackEvent) {
        self.events.lock().unwrap().push(event.to_string());
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        self.inner.deliver(request, delivery).await
    }
}

fn referring(to: &str) -> Expression {
    Expression::Map(vec![("Alias".to_owned(), Expression::Ref(to.to_owned()))])
}

#[tokio::test(start_paused = true)]
async fn a_reference_is_what_the_resource_returned() {
    let referring = Template::new().with("A", alias("a")).with("B", Resource::new(referring("A")));
    let mut stack = Stack::new("oncall", 7);
    let outcome = stack.create(&Fake::succeeding(), &referring).await.unwrap();
    assert_eq!(requests(&outcome), ["Create A a", "Create B a"]);

    let renamed = referring.with("A", alias("a2"));
    let outcome = stack.update(&Fake::succeeding(), &renamed).await.unwrap();
    assert_eq!(
        requests(&outcome),
        ["Update A [a] a2←a", "Update B [a] a2←a", "Delete B [a] a", "Delete A [a] a"]
    );
    let outcome = stack.update(&Fake::succeeding(), &renamed).await.unwrap();
    assert_eq!(requests(&outcome), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_missing_attribute_fails_the_resource_that_refers_to_it() {
    let missing = Expression::GetAtt("A".into(), "Nothing".into());
    let two = template(&[("A", "a")]).with("B", Resource::new(missing));
    let observed = Observed::new(Fake::succeeding());
    let mut stack = Stack::new("oncall", 7);
    let outcome = stack.create(&observed, two).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete);
    assert_eq!(requests(&outcome), ["Create A a", "Delete A [a] a"]);
    assert_eq!(
        observed.events.into_inner().unwrap(),
        [
            "oncall CREATE_IN_PROGRESS: User Initiated",
            "A CREATE_IN_PROGRESS",
            "A CREATE_COMPLETE",
            "B CREATE_FAILED: The resource A returned no attribute Nothing",
            "oncall ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [B].",
            "A DELETE_IN_PROGRESS",
            "A DELETE_COMPLETE",
            "oncall ROLLBACK_COMPLETE",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_events_of_an_update_are_those_of_the_console() {
    let mut stack = stack_of(&template(&[("A", "a"), ("B", "b")])).await;
    let observed = Observed::new(Fake::succeeding());
    let retained = Resource::new(alias("b")).deletion_policy(Policy::Retain);
    let both = template(&[("A", "a2")]).with("B", retained);
    stack.update(&observed, both).await.unwrap();
    stack.update(&observed, template(&[("A", "a2")])).await.unwrap();
    assert_eq!(
        observed.events.into_inner().unwrap(),
        [
            "oncall UPDATE_IN_PROGRESS: User Initiated",
            "A UPDATE_IN_PROGRESS",
            "A UPDATE_IN_PROGRESS: Requested update required the provider to create a new physical resource",
            "A UPDATE_COMPLETE",
            "oncall UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "A DELETE_IN_PROGRESS",
            "A DELETE_COMPLETE",
            "oncall UPDATE_COMPLETE",
            "oncall UPDATE_IN_PROGRESS: User Initiated",
            "oncall UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "B DELETE_SKIPPED",
            "oncall UPDATE_COMPLETE",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_update_names_its_resource_and_its_reason() {
    let mut stack = stack_of(&template(&[("A", "a")])).await;
    let fake = Fake::new(|request, number| match number {
        0 => failed("a"),
        _ => success_for(request),
    });
    let observed = Observed::new(fake);
    let outcome = stack.update(&observed, template(&[("A", "b")])).await.unwrap();
    let id = &outcome.exchanges[0].request.request_id;
    let events = observed.events.into_inner().unwrap();
    assert_eq!(
        events[2],
        format!(
            "A UPDATE_FAILED: Received response status [FAILED] from custom resource. Message \
             returned: because (RequestId: {id})"
        )
    );
    assert_eq!(
        events[3],
        "oncall UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to update: [A]."
    );
}

#[tokio::test(start_paused = true)]
async fn the_replacement_of_a_native_resource_is_rolled_back_without_an_update() {
    let native = |name| Resource::new(alias(name)).resource_type("AWS::Example::Thing");
    let mut stack = stack_of(&Template::new().with("A", native("a"))).await;
    let change = Change::to(Template::new().with("A", native("b")));
    let change = change.with_failure(OtherFailure::AtTheEnd);
    let outcome = stack.update(&Fake::succeeding(), change).await.unwrap();
    assert_eq!(outcome.status, Status::UpdateRollbackComplete, "{outcome}");
    assert_eq!(requests(&outcome), ["Update A [a] b←a", "Delete A [b] b"]);
    assert_eq!(resources(&stack), [("A", "a")]);
    let event = outcome.exchanges[0].request.event();
    assert_eq!(event["ResourceType"], "AWS::Example::Thing");
    assert_eq!(event["ResourceProperties"], json!({"Alias": "b"}));
}

#[tokio::test(start_paused = true)]
async fn retain_except_on_create_deletes_in_a_rollback_only() {
    let policy = Policy::RetainExceptOnCreate;
    let one = Template::new().with("A", Resource::new(alias("a")).deletion_policy(policy));
    let change = Change::to(one.clone()).with_failure(OtherFailure::AtTheEnd);
    let mut stack = Stack::new("oncall", 7);
    let outcome = stack.create(&Fake::succeeding(), change).await.unwrap();
    assert_eq!(requests(&outcome), ["Create A a", "Delete A [a] a"]);
    let outcome = stack_of(&one).await.delete(&Fake::succeeding(), &[]).await;
    assert_eq!(outcome.unwrap().retained[0].physical_id, "a");
}

#[test]
fn functions_return_what_the_template_reference_says() {
    let call = |name: &str, arguments: Vec<Value>| {
        let arguments = arguments.into_iter().map(Expression::from).collect();
        Expression::Call(name.to_owned(), arguments).evaluate(&Values::new())
    };
    let list = || json!(["a", "b", "c"]);
    let rows = [
        ("Fn::Split", vec![json!("/"), json!("a/b/c")], list()),
        ("Fn::Select", vec![json!(1), list()], json!("b")),
        ("Fn::Join", vec![json!("-"), list()], json!("a-b-c")),
        ("Fn::Length", vec![list()], json!(3)),
        ("Fn::ToJsonString", vec![json!({"a": 1})], json!("{\"a\":1}")),
        ("Fn::Equals", vec![json!(1), json!("1")], json!(true)),
        ("Fn::Contains", vec![list(), json!("d")], json!(false)),
        ("Fn::EachMemberEquals", vec![json!(["a", "a"]), json!("a")], json!(true)),
        ("Fn::EachMemberIn", vec![list(), json!(["a", "b"])], json!(false)),
    ];
    for (name, arguments, wanted) in rows {
        assert_eq!(call(name, arguments), Ok(wanted), "{name}");
    }
    let error = |name, arguments| call(name, arguments).unwrap_err();
    assert_eq!(error("Fn::Select", vec![json!(3), list()]), "Fn::Select: the list has no item 3");
    assert_eq!(
        error("Fn::Join", vec![json!(""), json!({})]),
        "Fn::Join has an argument that is not a list"
    );
    let unknown = Expression::Ref("A".into());
    assert_eq!(unknown.references(), ["A"].into());
    assert_eq!(unknown.evaluate(&Values::new()).unwrap_err(), "The stack has no resource A");
}

#[tokio::test(start_paused = true)]
async fn all_failures_of_independent_resources_are_seen() {
    let all = template(&[("A", "a"), ("B", "b"), ("D", "d")])
        .with("C", Resource::new(referring("A")))
        .with("E", Resource::new(alias("e")).depends_on(vec!["C".into()]));
    let fake = || {
        Fake::new(|request, _| match request.to_string().as_str() {
            "Create A" | "Create D" => failed("x"),
            _ => success_for(request),
        })
    };
    let mut stack = Stack::new("oncall", 7).finish_independent();
    let outcome = stack.create(&fake(), &all).await.unwrap();
    assert_eq!(outcome.status, Status::RollbackComplete, "{outcome}");
    assert_eq!(requests(&outcome)[..3], ["Create A a", "Create B b", "Create D d"]);
    assert_eq!(requests(&outcome)[3..], ["Delete D [x] d", "Delete B [b] b", "Delete A [x] a"]);
    let outcome = Stack::new("oncall", 7).create(&fake(), &all).await.unwrap();
    assert_eq!(requests(&outcome), ["Create A a", "Delete A [x] a"]);
}
