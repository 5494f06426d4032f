//! Runs the process of the function as Lambda does: starts it for the first event, keeps it for
//! further events, and starts a new one after it has exited.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;

use crate::http::lock;
use crate::runtime_api::{InvocationOutcome, RuntimeApi};

/// The ARN of a function in the account and Region of the examples of the API reference, which
/// are the default of the emulator.
pub const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-2:111122223333:function:ssm-contact";

#[derive(Debug)]
pub struct Function {
    bootstrap: PathBuf,
    environment: Vec<(String, String)>,
    timeout: Option<Duration>,
    runtime: RuntimeApi,
    process: Mutex<Option<Process>>,
    log: Arc<Mutex<Vec<String>>>,
    readers: Mutex<Vec<JoinHandle<()>>>,
    starts: AtomicU32,
    invoking: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Process {
    kill: Arc<Notify>,
    exited: watch::Receiver<bool>,
}

impl Drop for Function {
    fn drop(&mut self) {
        if let Some(process) = lock(&self.process).take() {
            process.kill.notify_one();
        }
    }
}

impl Function {
    pub(crate) async fn new(
        bootstrap: &Path,
        arn: String,
        environment: Vec<(String, String)>,
    ) -> std::io::Result<Self> {
        let runtime = RuntimeApi::start(arn).await?;
        let own = [
            ("AWS_LAMBDA_RUNTIME_API", runtime.address()),
            ("AWS_LAMBDA_FUNCTION_NAME", "ssm-contact".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ];
        let mut all: Vec<(String, String)> =
            own.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        all.extend(environment);
        Ok(Self {
            bootstrap: bootstrap.to_owned(),
            environment: all,
            timeout: Some(Duration::from_mins(1)),
            runtime,
            process: Mutex::default(),
            log: Arc::default(),
            readers: Mutex::default(),
            starts: AtomicU32::new(0),
            invoking: tokio::sync::Mutex::default(),
        })
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the timeout of an invocation. With `None`, there is no timeout, and the deadline is in
    /// 1970, as with cargo-lambda.
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Invokes the function with an event and returns the outcome. Invocations run one at a time, as
    /// they do in one process of Lambda.
    pub async fn invoke(&self, event: &Value) -> std::io::Result<InvocationOutcome> {
        self.invoke_with(event.to_string()).await
    }

    pub async fn invoke_with(&self, payload: String) -> std::io::Result<InvocationOutcome> {
        let _guard = self.invoking.lock().await;
        self.start()?;
        let outcome = self.runtime.invoke(payload.into(), self.deadline_ms());
        Ok(self.wait_for(outcome).await)
    }

    fn deadline_ms(&self) -> u64 {
        #[expect(clippy::disallowed_methods, reason = "Lambda's deadline is a time of day")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let deadline = self.timeout.map_or(Duration::from_secs(1), |timeout| now + timeout);
        u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX)
    }

    async fn wait_for(
        &self,
        mut outcome: oneshot::Receiver<InvocationOutcome>,
    ) -> InvocationOutcome {
        let received = match self.timeout {
            Some(timeout) => tokio::time::timeout(timeout, &mut outcome).await,
            None => Ok((&mut outcome).await),
        };
        if let Ok(received) = received {
            return received.unwrap_or(InvocationOutcome::Exited);
        }
        self.kill().await;
        outcome.await.unwrap_or(InvocationOutcome::Exited)
    }

    fn start(&self) -> std::io::Result<()> {
        let mut process = lock(&self.process);
        if process.as_ref().is_some_and(|process| !*process.exited.borrow()) {
            return Ok(());
        }
        let mut child = Command::new(&self.bootstrap)
            .env_clear()
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        self.starts.fetch_add(1, Ordering::Relaxed);
        if let Some(out) = child.stdout.take() {
            self.collect(out);
        }
        if let Some(err) = child.stderr.take() {
            self.collect(err);
        }
        let (set_exited, exited) = watch::channel(false);
        let kill = Arc::new(Notify::new());
        let (killed, runtime) = (Arc::clone(&kill), self.runtime.clone());
        tokio::spawn(async move {
            tokio::select! {
                _ = child.wait() => {}
                () = killed.notified() => {
                    // The process may have exited already.
                    let _ = child.kill().await;
                }
            }
            set_exited.send_replace(true);
            runtime.process_exited();
        });
        *process = Some(Process { kill, exited });
        Ok(())
    }

    fn collect(&self, stream: impl AsyncRead + Send + Unpin + 'static) {
        let log = Arc::clone(&self.log);
        let reader = tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                lock(&log).push(line);
            }
        });
        lock(&self.readers).push(reader);
    }

    pub async fn kill(&self) {
        let process = lock(&self.process).take();
        if let Some(mut process) = process {
            process.kill.notify_one();
            // An error means that the task of the process has ended, and so has the process.
            let _ = process.exited.wait_for(|exited| *exited).await;
        }
    }

    pub fn starts(&self) -> u32 {
        self.starts.load(Ordering::Relaxed)
    }

    pub async fn whole_log(&self) -> Vec<String> {
        self.kill().await;
        let readers = std::mem::take(&mut *lock(&self.readers));
        for reader in readers {
            // A reader ends when its pipe is closed. One that panicked reads no more lines.
            let _ = reader.await;
        }
        self.log()
    }

    /// Returns the lines of the whole log at WARN and above, without those among the first
    /// `skipped` lines.
    pub async fn warnings(&self, skipped: usize) -> Vec<Value> {
        let log = self.whole_log().await;
        let lines = log.iter().skip(skipped);
        let lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let is_warning =
            |line: &Value| line.get("level").is_some_and(|it| it == "WARN" || it == "ERROR");
        lines.filter(is_warning).collect()
    }

    pub fn log(&self) -> Vec<String> {
        lock(&self.log).clone()
    }
}
