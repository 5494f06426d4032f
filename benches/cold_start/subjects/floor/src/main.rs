//! Calls `CreateContact` once for each Create event, with the least code that does all the work. It is a lower bound
//! (a floor) for the cost of a function.
//!
//! Any error ends the process, which prints the reason to stderr.

mod http;
mod sigv4;
mod tls;

use std::env;
use std::net::TcpStream;

use serde_json::{Value, json};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    let runtime_api = env::var("AWS_LAMBDA_RUNTIME_API")?;
    let mut function = Function {
        signer: sigv4::Signer::from_env()?,
        service: service()?,
        connections: tls::Connections::new()?,
    };
    let mut runtime = TcpStream::connect(&runtime_api)?;
    runtime.set_nodelay(true)?;
    loop {
        let next = format!(
            "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {runtime_api}\r\n\r\n"
        );
        let invocation = http::exchange(&mut runtime, &next)?;
        let id = invocation
            .header("Lambda-Runtime-Aws-Request-Id")
            .ok_or("an invocation without an id")?;
        function.handle(&serde_json::from_slice(&invocation.body)?)?;
        let done = format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\n\
             Host: {runtime_api}\r\nContent-Length: 4\r\n\r\nnull"
        );
        http::exchange(&mut runtime, &done)?;
    }
}

/// Returns the host and optional port of the service's HTTPS endpoint.
fn service() -> Result<String> {
    let region = env::var("AWS_REGION")?;
    let endpoint = env::var("AWS_ENDPOINT_URL_SSM_CONTACTS")
        .unwrap_or_else(|_| format!("https://ssm-contacts.{region}.amazonaws.com"));
    Ok(split(&endpoint)?.0.to_owned())
}

/// Splits an HTTPS URL into the host with the optional port, and the path with the query.
fn split(url: &str) -> Result<(&str, &str)> {
    let rest = url.strip_prefix("https://").ok_or("a URL without https")?;
    let path = rest.find('/').unwrap_or(rest.len());
    Ok(rest.split_at(path))
}

struct Function {
    signer: sigv4::Signer,
    service: String,
    connections: tls::Connections,
}

impl Function {
    fn handle(&mut self, event: &Value) -> Result<()> {
        if event["RequestType"] != "Create" {
            return Err(format!("unsupported request type: {}", event["RequestType"]).into());
        }
        let arn = self.create(event)?;
        let answer = json!({
            "Status": "SUCCESS",
            "PhysicalResourceId": arn,
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
            "Data": { "ContactArn": arn },
        });
        self.answer(text(event, "ResponseURL")?, &answer.to_string())
    }

    fn create(&mut self, event: &Value) -> Result<String> {
        let mut members =
            event["ResourceProperties"].as_object().ok_or("an event without properties")?.clone();
        members.remove("ServiceToken");
        members.insert("IdempotencyToken".into(), event["RequestId"].clone());
        let body = Value::Object(members).to_string();
        let request = self.signer.sign(&self.service, &body);
        let reply = http::exchange(self.connections.to(&self.service)?, &(request + &body))?;
        let contact: Value = serde_json::from_slice(&reply.body)?;
        text(&contact, "ContactArn").map(str::to_owned)
    }

    fn answer(&mut self, url: &str, body: &str) -> Result<()> {
        let (host, path) = split(url)?;
        let length = body.len();
        let request = format!(
            "PUT {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        http::exchange(self.connections.to(host)?, &request)?;
        Ok(())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    Ok(value[name].as_str().ok_or_else(|| format!("no {name}"))?)
}
