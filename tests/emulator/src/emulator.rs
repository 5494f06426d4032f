//! The emulated services, started together, and the delivery of events to a function.

#[cfg(test)]
mod tests;

use std::path::Path;

use serde_json::Value;

use crate::cloudformation::{Ids, Response};
use crate::contacts::{Call, Service};
use crate::function::Function;
use crate::http::Listen;
use crate::runtime_api::InvocationOutcome;
use crate::sink::{Put, Sink};

/// Example credentials. They sign requests but are not valid for any AWS account.
pub const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "an/example/session/token"),
];

/// The emulated services: SSM Contacts, and the S3 bucket that receives responses.
#[derive(Clone, Debug)]
pub struct Emulator {
    pub contacts: Service,
    pub sink: Sink,
}

/// One invocation of the function: the event and everything that followed from it.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub event: Value,
    pub calls: Vec<Call>,
    pub puts: Vec<Put>,
    pub refusals: Vec<String>,
    pub outcome: InvocationOutcome,
}

impl Emulator {
    pub async fn start() -> std::io::Result<Self> {
        Self::start_on(0, 0).await
    }

    pub async fn start_on(
        contacts: impl Into<Listen>,
        sink: impl Into<Listen>,
    ) -> std::io::Result<Self> {
        Ok(Self { contacts: Service::start(contacts).await?, sink: Sink::start(sink).await? })
    }

    pub fn environment(&self) -> Vec<(String, String)> {
        let mut environment = vec![
            ("AWS_ENDPOINT_URL_SSM_CONTACTS".to_owned(), self.contacts.url()),
            ("RESPONSE_HOSTS".to_owned(), self.sink.host()),
            ("AWS_REGION".to_owned(), self.contacts.backend(|backend| backend.region.clone())),
        ];
        let credentials =
            CREDENTIALS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        environment.extend(credentials);
        environment
    }

    pub(crate) fn function_arn(&self) -> String {
        self.contacts.backend(|backend| {
            let (region, account) = (&backend.region, &backend.account);
            format!("arn:aws:lambda:{region}:{account}:function:ssm-contact")
        })
    }

    pub async fn function(&self, bootstrap: &Path) -> std::io::Result<Function> {
        Function::new(bootstrap, self.function_arn(), self.environment()).await
    }

    /// Delivers an event after setting its `ResponseURL` to a presigned URL of this emulator.
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
        self.deliver_unchanged(function, event).await
    }

    /// Delivers an event without a change to its `ResponseURL`.
    pub async fn deliver_unchanged(
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
    pub fn response(&self) -> Result<&Response, String> {
        match self.puts.as_slice() {
            [put] => put.response.as_ref().map_err(Clone::clone),
            [] => Err(format!("no response was sent, and {}", self.outcome)),
            several => Err(format!("{} responses were sent", several.len())),
        }
    }

    /// Returns what no function may do, whatever its response is: a PUT that S3 refuses, or an
    /// outcome other than a response after a PUT that S3 stored.
    pub fn violations(&self) -> Vec<String> {
        let refused = self.refusals.iter().map(|error| format!("S3 refused: {error}"));
        let no_success = (!self.puts.is_empty()
            && !matches!(self.outcome, InvocationOutcome::Response(_)))
        .then(|| format!("the response was sent, but {}", self.outcome));
        refused.chain(no_success).collect()
    }

    /// Returns the names of the operations that were called, in order. Reads that were sent
    /// together arrive in any order and are returned by name: up to three different ones.
    pub fn operations(&self) -> Vec<&str> {
        by_name(self.calls.iter().map(|call| call.operation.as_str()).collect())
    }
}

fn by_name(mut operations: Vec<&str>) -> Vec<&str> {
    let mut rest = operations.as_mut_slice();
    while !rest.is_empty() {
        let (run, after) = rest.split_at_mut(reads_together(rest).max(1));
        run.sort_unstable();
        rest = after;
    }
    operations
}

fn reads_together(operations: &[&str]) -> usize {
    let reads = ["GetContact", "ListContactChannels", "ListTagsForResource"];
    let mut before = Vec::new();
    for operation in operations {
        if !reads.contains(operation) || before.contains(operation) {
            break;
        }
        before.push(*operation);
    }
    before.len()
}

impl std::fmt::Display for Invocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "event   {}", self.event)?;
        for call in &self.calls {
            writeln!(f, "call    {call}")?;
        }
        for put in &self.puts {
            writeln!(f, "PUT     {}", String::from_utf8_lossy(&put.body))?;
        }
        for error in &self.refusals {
            writeln!(f, "refused {error}")?;
        }
        writeln!(f, "outcome {}", self.outcome)
    }
}
