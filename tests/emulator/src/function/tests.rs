//! Tests of starts, timeouts and kills, with scripts in place of the function. The project's own
//! tests run the function itself.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::Function;
use crate::emulator::Emulator;
use crate::runtime_api::InvocationOutcome;

/// A shell script in place of `bootstrap`, removed when it is dropped.
struct Script(PathBuf);

impl Script {
    fn new(name: &str, body: &str) -> Self {
        let path = std::env::temp_dir().join(format!("emulator-{}-{name}", std::process::id()));
        std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        Self(path)
    }

    async fn function(&self) -> Function {
        let emulator = Emulator::start().await.unwrap();
        emulator.function(&self.0).await.unwrap()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn the_event_after_an_exit_starts_a_new_process() {
    let script = Script::new("exits", "exit 1");
    let function = script.function().await;
    for starts in [1, 2] {
        assert_eq!(function.invoke(&json!({})).await.unwrap(), InvocationOutcome::Exited);
        assert_eq!(function.starts(), starts);
    }
}

#[tokio::test]
async fn the_timeout_kills_the_process() {
    let script = Script::new("sleeps", "exec /bin/sleep 60");
    let timeout = Some(Duration::from_millis(100));
    let function = script.function().await.timeout(timeout);
    let event = json!({});
    let invocation = function.invoke(&event);
    let outcome = tokio::time::timeout(Duration::from_secs(5), invocation).await;
    assert_eq!(outcome.unwrap().unwrap(), InvocationOutcome::Exited);
}

#[tokio::test]
async fn the_environment_has_the_variables_of_lambda_and_no_others() {
    let script = Script::new("environment", "/usr/bin/env; exit 1");
    let function = script.function().await.env("GIVEN", "by the test");
    function.invoke(&json!({})).await.unwrap();
    let log = function.whole_log().await;
    // The shell adds these.
    let names = log
        .iter()
        .filter_map(|line| Some(line.split_once('=')?.0))
        .filter(|name| !["PWD", "SHLVL", "OLDPWD", "_"].contains(name));
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    let wanted = "AWS_ACCESS_KEY_ID AWS_ENDPOINT_URL_SSM_CONTACTS AWS_LAMBDA_FUNCTION_MEMORY_SIZE \
                  AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_LOG_FORMAT \
                  AWS_LAMBDA_RUNTIME_API AWS_REGION AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
                  GIVEN RESPONSE_HOSTS";
    assert_eq!(names.join(" "), wanted);
}

#[tokio::test]
async fn a_missing_binary_is_an_error() {
    let emulator = Emulator::start().await.unwrap();
    let function = emulator.function(std::path::Path::new("/missing")).await.unwrap();
    assert!(function.invoke(&json!({})).await.is_err());
}
