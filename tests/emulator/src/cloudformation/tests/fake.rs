//! A fake function that responds according to a script, and short forms of what happened.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use super::super::{Delivery, Request, RequestType, StackEvent, Transport};

pub(super) fn response_body(request: &Request, status: &str, id: &str) -> Value {
    json!({
        "Status": status,
        "Reason": "because",
        "PhysicalResourceId": id,
        "StackId": request.stack_id,
        "RequestId": request.request_id,
        "LogicalResourceId": request.logical_id,
    })
}

/// Succeeds with the property `Alias` as the physical id, except for the requests of its script.
#[derive(Default)]
pub(super) struct Fake {
    /// Requests, as they display themselves or by their number from 0, and their responses.
    script: Vec<(String, String)>,
    /// The starts and ends of deliveries.
    pub(super) seen: Mutex<Vec<String>>,
    pub(super) events: Mutex<Vec<String>>,
}

impl Fake {
    pub(super) fn new<'a>(script: impl Iterator<Item = &'a str>) -> Self {
        let rule = |rule: &str| {
            let (request, response) = rule.trim().split_once(": ").unwrap();
            (request.to_owned(), response.to_owned())
        };
        Self { script: script.map(rule).collect(), ..Self::default() }
    }

    fn note(&self, what: &str, request: &Request) -> usize {
        let mut seen = self.seen.lock().unwrap();
        seen.push(format!("{what} {request}"));
        seen.iter().filter(|line| line.starts_with("start")).count() - 1
    }
}

impl Transport for Fake {
    fn response_url(&self, request: &Request) -> String {
        format!("http://localhost/{}?signed", request.request_id)
    }

    fn event(&self, event: &StackEvent) {
        self.events.lock().unwrap().push(event.to_string());
    }

    async fn deliver(&self, request: &Request, delivery: &Delivery) -> Option<Vec<u8>> {
        let attempt = async |_| {
            let number = self.note("start", request).to_string();
            let scripted = self.script.iter().find(|(which, _)| {
                *which == "*" || *which == number || *which == request.to_string()
            });
            let alias = request.request_type.properties().to_json()["Alias"].clone();
            let id = match &request.request_type {
                RequestType::Delete { physical_id, .. } => physical_id.clone(),
                _ => alias.as_str().unwrap().to_owned(),
            };
            let succeeded = response_body(request, "SUCCESS", &id);
            let response = scripted.map_or("", |(_, response)| response);
            let body = match response.split_once(' ') {
                None if response == "none" => None,
                Some(("after", seconds)) => {
                    sleep(Duration::from_secs(seconds.parse().unwrap())).await;
                    Some(succeeded)
                }
                Some(("raw", body)) => Some(body.parse().unwrap()),
                Some((status, id)) => Some(response_body(request, status, id)),
                None => Some(succeeded),
            };
            self.note("end", request);
            body.map(|body| body.to_string().into_bytes())
        };
        delivery.carry_out(attempt).await
    }
}
