//! A world for the function: the service, the bucket for answers, and Lambda.

use std::path::Path;

use serde_json::Value;

use crate::cloudformation::{Answer, Ids};
use crate::contacts::{Call, Service};
use crate::function::Function;
use crate::http::Listen;
use crate::runtime_api::Ended;
use crate::sink::{Put, Sink};

/// Credentials that sign, and open nothing.
pub const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    (
        "AWS_SECRET_ACCESS_KEY",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    ("AWS_SESSION_TOKEN", "an/example/session/token"),
];

/// Everything that the function meets.
#[derive(Clone, Debug)]
pub struct World {
    /// SSM Contacts.
    pub contacts: Service,
    /// Where answers go.
    pub sink: Sink,
}

/// What came of one event.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The event as it was delivered.
    pub event: Value,
    /// The calls that it led to.
    pub calls: Vec<Call>,
    /// What S3 kept.
    pub puts: Vec<Put>,
    /// What S3 refused, each with why.
    pub refusals: Vec<String>,
    /// How the invocation ended.
    pub ended: Ended,
}

impl World {
    /// Starts everything on ports of its own.
    ///
    /// # Errors
    ///
    /// Where no port is to be had.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_on(0, 0).await
    }

    /// Starts everything, the service here and the bucket there.
    ///
    /// # Errors
    ///
    /// Where a port is taken.
    pub async fn start_on(
        contacts: impl Into<Listen>,
        sink: impl Into<Listen>,
    ) -> std::io::Result<Self> {
        Ok(Self {
            contacts: Service::start(contacts).await?,
            sink: Sink::start(sink).await?,
        })
    }

    /// What a function needs in its environment to meet this world.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = vec![
            (
                "AWS_ENDPOINT_URL_SSM_CONTACTS".to_owned(),
                self.contacts.url(),
            ),
            ("RESPONSE_HOSTS".to_owned(), self.sink.host()),
            (
                "AWS_REGION".to_owned(),
                self.contacts.backend(|backend| backend.region.clone()),
            ),
        ];
        let credentials = CREDENTIALS
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        environment.extend(credentials);
        environment
    }

    /// A function out of this binary.
    ///
    /// # Errors
    ///
    /// Where no port is to be had for its Runtime API.
    pub async fn function(&self, bootstrap: &Path) -> std::io::Result<Function> {
        Function::new(bootstrap, self.environment()).await
    }

    /// Puts a URL of this world's bucket into an event and delivers it.
    ///
    /// # Errors
    ///
    /// Where the process can't be started.
    pub async fn deliver(
        &self,
        function: &Function,
        mut event: Value,
    ) -> std::io::Result<Delivered> {
        if let Some(ids) = Ids::of_event(&event)
            && let Some(members) = event.as_object_mut()
        {
            members.insert("ResponseURL".to_owned(), self.sink.presign(&ids).into());
        }
        self.deliver_as_it_is(function, event).await
    }

    /// Delivers an event untouched.
    ///
    /// # Errors
    ///
    /// Where the process can't be started.
    pub async fn deliver_as_it_is(
        &self,
        function: &Function,
        event: Value,
    ) -> std::io::Result<Delivered> {
        let (calls, puts) = (self.contacts.count(), self.sink.count());
        let refusals = self.sink.refusals().len();
        let ended = function.invoke(&event).await?;
        Ok(Delivered {
            event,
            calls: self.contacts.calls_since(calls),
            puts: self.sink.puts_since(puts),
            refusals: self.sink.refusals().into_iter().skip(refusals).collect(),
            ended,
        })
    }
}

impl Delivered {
    /// The answer that CloudFormation got, or why there is none.
    ///
    /// # Errors
    ///
    /// Where nothing came, too much came, or CloudFormation would not take it.
    pub fn answer(&self) -> Result<&Answer, String> {
        match self.puts.as_slice() {
            [put] => put.answer.as_ref().map_err(Clone::clone),
            [] => Err(format!("no answer came; the invocation: {:?}", self.ended)),
            several => Err(format!("{} answers came", several.len())),
        }
    }

    /// What no function may do, whatever it answers.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        let refused = self.refusals.iter().map(|why| format!("S3 refused: {why}"));
        let spoilt =
            (!self.puts.is_empty() && !matches!(self.ended, Ended::Returned(_))).then(|| {
                format!(
                    "the answer went out, and yet the invocation: {:?}",
                    self.ended
                )
            });
        refused.chain(spoilt).collect()
    }

    /// The names of the operations that were called, in order. Two reads that were sent
    /// together arrive in any order; here they come by name.
    #[must_use]
    pub fn operations(&self) -> Vec<&str> {
        let calls = self.calls.iter().map(|call| call.operation.as_str());
        let mut operations: Vec<&str> = calls.collect();
        let reads = ["GetContact", "ListTagsForResource"];
        let mut from = 0;
        while let Some(pair) = operations.get_mut(from..from + 2) {
            if pair.iter().all(|read| reads.contains(read)) {
                pair.sort_unstable();
                from += 1;
            }
            from += 1;
        }
        operations
    }
}

impl std::fmt::Display for Delivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "event   {}", self.event)?;
        for call in &self.calls {
            writeln!(f, "call    {call}")?;
        }
        for put in &self.puts {
            writeln!(f, "answer  {}", String::from_utf8_lossy(&put.body))?;
        }
        for why in &self.refusals {
            writeln!(f, "refused {why}")?;
        }
        writeln!(f, "ended   {:?}", self.ended)
    }
}
