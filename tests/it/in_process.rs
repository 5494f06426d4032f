//! Runs the handler within the process of the test, on a test clock: a wait of one second takes one
//! millisecond.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_sdk_ssmcontacts::Client;
use aws_sdk_ssmcontacts::config::retry::RetryConfig;
use aws_sdk_ssmcontacts::config::{Credentials, Region};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use emulator::InvocationOutcome;
use emulator::cloudformation::Ids;
use emulator::function::FUNCTION_ARN;
use emulator::{Emulator, Invocation};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use ssm_contact_resource::{
    Clock, Handler, ResponseHosts, contacts_client, http_client, sdk_http_client,
};

/// The real time since the Unix epoch.
fn now() -> Duration {
    let now = SharedTimeSource::default().now();
    now.duration_since(UNIX_EPOCH).unwrap()
}

/// A clock that advances only by the waits of the function.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestClock(Arc<Mutex<Times>>);

#[derive(Debug, Default)]
struct Times {
    waited: Duration,
    /// The total of all waits when the invocation began.
    at_start: Duration,
    /// The real time when the invocation began.
    started: Duration,
}

impl TestClock {
    /// The total of all waits so far.
    pub(crate) fn waited(&self) -> Duration {
        self.0.lock().unwrap().waited
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, duration: Duration) {
        self.0.lock().unwrap().waited += duration;
    }

    /// Begins an invocation at the real time, because its response URL is signed with the real
    /// time.
    fn start(&self) {
        let mut times = self.0.lock().unwrap();
        times.at_start = times.waited;
        times.started = now();
    }

    fn clock(&self) -> Clock {
        Clock::new(SharedTimeSource::new(self.clone()), SharedAsyncSleep::new(self.clone()))
    }
}

impl TimeSource for TestClock {
    fn now(&self) -> SystemTime {
        let times = self.0.lock().unwrap();
        UNIX_EPOCH + times.started + (times.waited - times.at_start)
    }
}

impl AsyncSleep for TestClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.clone();
        Sleep::new(async move {
            tokio::time::sleep(duration / 1000).await;
            clock.0.lock().unwrap().waited += duration;
        })
    }
}

/// A handler and its test clock.
pub(crate) struct InProcess {
    handler: Handler,
    pub(crate) clock: TestClock,
}

impl InProcess {
    /// Creates the handler.
    pub(crate) async fn start(emulator: &Emulator) -> Self {
        let clock = TestClock::default();
        let http = http_client().unwrap();
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(sdk_http_client(&http))
            .region(Region::new("us-east-2"))
            .endpoint_url(emulator.contacts.url())
            .credentials_provider(Credentials::new(
                "AKIAIOSFODNN7EXAMPLE",
                "key",
                None,
                None,
                "test",
            ))
            .load()
            .await;
        let retries = RetryConfig::standard()
            .with_max_attempts(1000)
            .with_initial_backoff(Duration::from_millis(1))
            .with_max_backoff(Duration::from_millis(2));
        let ours = contacts_client(&config);
        let contacts = Client::from_conf(ours.config().to_builder().retry_config(retries).build());
        let hosts = emulator.sink.host();
        let hosts = ResponseHosts::parse(&hosts, |_| {});
        let handler = Handler::new(hosts, http, contacts, clock.clock());
        Self { handler, clock }
    }

    /// Puts a URL of the emulator's bucket into an event and delivers it.
    pub(crate) async fn deliver(&self, emulator: &Emulator, mut event: Value) -> Invocation {
        let ids = Ids::of_event(&event).unwrap();
        event["ResponseURL"] = emulator.sink.presign(&ids).into();
        let (calls, puts) = (emulator.contacts.count(), emulator.sink.count());
        assert!(self.invoke(event.clone()).await, "the invocation failed");
        Invocation {
            event,
            calls: emulator.contacts.calls_since(calls),
            puts: emulator.sink.puts_since(puts),
            refusals: vec![],
            outcome: InvocationOutcome::Response(Value::Null),
        }
    }

    /// Invokes the handler and returns whether the invocation succeeded.
    pub(crate) async fn invoke(&self, event: Value) -> bool {
        self.clock.start();
        let mut context = Context::default();
        let deadline = now() + Duration::from_mins(15);
        context.deadline = u64::try_from(deadline.as_millis()).unwrap();
        FUNCTION_ARN.clone_into(&mut context.invoked_function_arn);
        let event = LambdaEvent::new(event.to_string(), context);
        self.handler.handle(event).await.is_ok()
    }
}
