//! Parses response bodies and checks them against every rule of the protocol.

use std::fmt;

use serde_json::{Map, Value};

use super::request::Ids;

const MAX_BODY_BYTES: usize = 4096;
const MAX_PHYSICAL_ID_BYTES: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    Success,
    Failed,
}

/// A response that conforms to the protocol (user guide, crpg-ref-responses; custom resource
/// protocol, response members).
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub status: ResponseStatus,
    /// `PhysicalResourceId`, not empty and at most 1 KiB long.
    pub physical_id: String,
    /// `Reason`, required if the status is FAILED.
    pub reason: Option<String>,
    pub no_echo: bool,
    pub data: Map<String, Value>,
}

impl Response {
    /// Unlike CloudFormation, this function rejects unknown members, so that a test detects a
    /// member that the function sends by mistake.
    pub(crate) fn parse(body: &[u8], ids: &Ids) -> Result<Self, String> {
        if body.len() > MAX_BODY_BYTES {
            let bytes = body.len();
            return Err(format!("the body has {bytes} bytes, more than {MAX_BODY_BYTES}"));
        }
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            return Err("the body is not a JSON object".to_owned());
        };
        let wrong_type = |name: &str| format!("{name} has the wrong type");
        let mut required = |name: &str| match members.remove(name) {
            None => Err(format!("{name} is missing")),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(wrong_type(name)),
        };
        for (member, expected) in [
            ("StackId", &ids.stack_id),
            ("RequestId", &ids.request_id),
            ("LogicalResourceId", &ids.logical_id),
        ] {
            if required(member)? != *expected {
                return Err(format!("{member} is not that of the request"));
            }
        }
        let physical_id = required("PhysicalResourceId")?;
        match physical_id.len() {
            0 => return Err("PhysicalResourceId is empty".to_owned()),
            1..=MAX_PHYSICAL_ID_BYTES => {}
            bytes => {
                let most = MAX_PHYSICAL_ID_BYTES;
                return Err(format!("PhysicalResourceId has {bytes} bytes, more than {most}"));
            }
        }
        let status = match required("Status")?.as_str() {
            "SUCCESS" => ResponseStatus::Success,
            "FAILED" => ResponseStatus::Failed,
            _ => return Err("Status is neither SUCCESS nor FAILED".to_owned()),
        };
        let reason = match members.remove("Reason") {
            None => None,
            Some(Value::String(reason)) => Some(reason),
            Some(_) => return Err(wrong_type("Reason")),
        };
        if status == ResponseStatus::Failed && reason.as_ref().is_none_or(String::is_empty) {
            return Err("FAILED without a Reason".to_owned());
        }
        let no_echo = match members.remove("NoEcho") {
            None => false,
            Some(Value::Bool(no_echo)) => no_echo,
            Some(_) => return Err(wrong_type("NoEcho")),
        };
        let data = match members.remove("Data") {
            None => Map::new(),
            Some(Value::Object(data)) => data,
            Some(_) => return Err(wrong_type("Data")),
        };
        match members.keys().next() {
            Some(unknown) => Err(format!("{unknown} is not a member of a response")),
            None => Ok(Self { status, physical_id, reason, no_echo, data }),
        }
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            ResponseStatus::Success => write!(f, "SUCCESS [{}]", self.physical_id),
            ResponseStatus::Failed => {
                let reason = self.reason.as_deref().unwrap_or_default();
                write!(f, "FAILED [{}]: {reason}", self.physical_id)
            }
        }
    }
}
