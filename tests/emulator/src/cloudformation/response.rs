//! Parses response bodies and checks them against every rule of the protocol.

use std::fmt;

use serde_json::{Map, Value};

use super::request::Ids;

const MAX_BODY_BYTES: usize = 4096;
const MAX_PHYSICAL_ID_BYTES: usize = 1024;

/// `Status` of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    /// `SUCCESS`.
    Success,
    /// `FAILED`.
    Failed,
}

/// A response that conforms to the protocol (user guide, crpg-ref-responses; custom resource
/// protocol, response members).
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// `Status`.
    pub status: ResponseStatus,
    /// `PhysicalResourceId`, not empty and at most 1 KiB long.
    pub physical_id: String,
    /// `Reason`, required if the status is FAILED.
    pub reason: Option<String>,
    /// `NoEcho`.
    pub no_echo: bool,
    /// `Data`.
    pub data: Map<String, Value>,
}

impl Response {
    /// Parses the body of a PUT to the response URL of a request.
    ///
    /// Unlike CloudFormation, this function rejects unknown members, so that a test detects a
    /// member that the function sends by mistake.
    ///
    /// # Errors
    ///
    /// Returns an error for the first rule that the body violates.
    pub fn parse(body: &[u8], ids: &Ids) -> Result<Self, InvalidResponse> {
        if body.len() > MAX_BODY_BYTES {
            return Err(InvalidResponse::TooLong(body.len()));
        }
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            return Err(InvalidResponse::NotAnObject);
        };
        let repeated = [
            ("StackId", &ids.stack_id),
            ("RequestId", &ids.request_id),
            ("LogicalResourceId", &ids.logical_id),
        ];
        for (member, expected) in repeated {
            if &required(&mut members, member)? != expected {
                return Err(InvalidResponse::Mismatch(member));
            }
        }
        let physical_id = required(&mut members, "PhysicalResourceId")?;
        if physical_id.is_empty() {
            return Err(InvalidResponse::EmptyPhysicalId);
        }
        if physical_id.len() > MAX_PHYSICAL_ID_BYTES {
            return Err(InvalidResponse::PhysicalIdTooLong(physical_id.len()));
        }
        let status = match required(&mut members, "Status")?.as_str() {
            "SUCCESS" => ResponseStatus::Success,
            "FAILED" => ResponseStatus::Failed,
            _ => return Err(InvalidResponse::UnknownStatus),
        };
        let reason = match members.remove("Reason") {
            None => None,
            Some(Value::String(reason)) => Some(reason),
            Some(_) => return Err(InvalidResponse::WrongType("Reason")),
        };
        if status == ResponseStatus::Failed && reason.as_ref().is_none_or(String::is_empty) {
            return Err(InvalidResponse::MissingReason);
        }
        let no_echo = match members.remove("NoEcho") {
            None => false,
            Some(Value::Bool(no_echo)) => no_echo,
            Some(_) => return Err(InvalidResponse::WrongType("NoEcho")),
        };
        let data = match members.remove("Data") {
            None => Map::new(),
            Some(Value::Object(data)) => data,
            Some(_) => return Err(InvalidResponse::WrongType("Data")),
        };
        match members.keys().next() {
            Some(unknown) => Err(InvalidResponse::UnknownMember(unknown.clone())),
            None => Ok(Self {
                status,
                physical_id,
                reason,
                no_echo,
                data,
            }),
        }
    }
}

fn required(
    members: &mut Map<String, Value>,
    name: &'static str,
) -> Result<String, InvalidResponse> {
    match members.remove(name) {
        None => Err(InvalidResponse::Missing(name)),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(InvalidResponse::WrongType(name)),
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

/// Why CloudFormation does not accept a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidResponse {
    /// The body is longer than 4096 bytes. The value is its length.
    TooLong(usize),
    /// The body is not a JSON object.
    NotAnObject,
    /// A required member is missing.
    Missing(&'static str),
    /// A member has the wrong JSON type.
    WrongType(&'static str),
    /// A member differs from that of the request.
    Mismatch(&'static str),
    /// `Status` is neither SUCCESS nor FAILED.
    UnknownStatus,
    /// The status is FAILED, and `Reason` is missing or empty.
    MissingReason,
    /// `PhysicalResourceId` is empty.
    EmptyPhysicalId,
    /// `PhysicalResourceId` is longer than 1 KiB. The value is its length in bytes.
    PhysicalIdTooLong(usize),
    /// The protocol does not define this member.
    UnknownMember(String),
}

impl fmt::Display for InvalidResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => {
                write!(f, "the body has {bytes} bytes, more than {MAX_BODY_BYTES}")
            }
            Self::NotAnObject => write!(f, "the body is not a JSON object"),
            Self::Missing(member) => write!(f, "{member} is missing"),
            Self::WrongType(member) => write!(f, "{member} has the wrong type"),
            Self::Mismatch(member) => write!(f, "{member} is not that of the request"),
            Self::UnknownStatus => write!(f, "Status is neither SUCCESS nor FAILED"),
            Self::MissingReason => write!(f, "FAILED without a Reason"),
            Self::EmptyPhysicalId => write!(f, "PhysicalResourceId is empty"),
            Self::PhysicalIdTooLong(bytes) => {
                write!(
                    f,
                    "PhysicalResourceId has {bytes} bytes, more than {MAX_PHYSICAL_ID_BYTES}"
                )
            }
            Self::UnknownMember(member) => write!(f, "{member} is not a member of a response"),
        }
    }
}
