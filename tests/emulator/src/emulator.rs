//! SSM Contacts, the bucket for answers and Lambda, started together for one function.

use std::path::Path;

use serde_json::Value;

use crate::cloudformation::{Ids, Response};
use crate::contacts::{Call, Service};
use crate::function::Function;
use crate::http::Listen;
use crate::runtime_api::InvocationOutcome;
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

/// The emulated services: SSM Contacts and the S3 bucket that receives answers.
#[derive(Clone, Debug)]
pub struct Emulator {
    /// SSM Contacts.
    pub contacts: Service,
    /// Where answers go.
    pub sink: Sink,
}

/// One invocation of the function: the event and everything that followed from it.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The event as it was delivered.
    pub event: Value,
    /// The calls that it led to.
    pub calls: Vec<Call>,
    /// What S3 kept.
    pub puts: Vec<Put>,
    /// What S3 refused, each with why.
    pub refusals: Vec<String>,
    /// How the invocation ended.
    pub outcome: InvocationOutcome,
}

impl Emulator {
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

    /// The environment variables that direct a function to this emulator.
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

    /// Delivers an event after setting its `ResponseURL` to a URL of this emulator's bucket.
    ///
    /// # Errors
    ///
    /// Where the process can't be started.
    pub async fn deliver(
        &self,
        function: &Function,
        mut event: Value,
    ) -> std::io::Result<Invocation> {
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
    ) -> std::io::Result<Invocation> {
        let (calls, puts) = (self.contacts.count(), self.sink.count());
        let refusals = self.sink.refusals().len();
        let outcome = function.invoke(&event).await?;
        Ok(Invocation {
            event,
            calls: self.contacts.calls_since(calls),
            puts: self.sink.puts_since(puts),
            refusals: self.sink.refusals().into_iter().skip(refusals).collect(),
            outcome,
        })
    }
}

impl Invocation {
    /// The answer that CloudFormation got, or why there is none.
    ///
    /// # Errors
    ///
    /// Where nothing came, too much came, or CloudFormation would not take it.
    pub fn response(&self) -> Result<&Response, String> {
        match self.puts.as_slice() {
            [put] => put.response.as_ref().map_err(Clone::clone),
            [] => Err(format!(
                "no answer came; the invocation: {:?}",
                self.outcome
            )),
            several => Err(format!("{} answers came", several.len())),
        }
    }

    /// Returns what no function may do, whatever it answers: a PUT that S3 refuses, or an error
    /// after a PUT that S3 stored.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let refused = self.refusals.iter().map(|why| format!("S3 refused: {why}"));
        let spoilt = (!self.puts.is_empty()
            && !matches!(self.outcome, InvocationOutcome::Response(_)))
        .then(|| {
            format!(
                "the answer went out, and yet the invocation: {:?}",
                self.outcome
            )
        });
        refused.chain(spoilt).collect()
    }

    /// The names of the operations that were called, in order.
    #[must_use]
    pub fn operations(&self) -> Vec<&str> {
        self.calls
            .iter()
            .map(|call| call.operation.as_str())
            .collect()
    }
}

impl std::fmt::Display for Invocation {
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
        writeln!(f, "outcome {:?}", self.outcome)
    }
}
