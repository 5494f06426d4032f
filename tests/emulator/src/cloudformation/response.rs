//! What came back to the response URL, held to every rule of the protocol.

use std::fmt;

use serde_json::{Map, Value};

use super::request::Ids;

const LONGEST_BODY: usize = 4096;
const LONGEST_PHYSICAL_ID: usize = 1024;

/// `Status` of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseStatus {
    /// `SUCCESS`.
    Success,
    /// `FAILED`.
    Failed,
}

/// An answer that keeps every rule of the protocol (user guide, crpg-ref-responses; custom resource protocol,
/// response members).
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// `Status`.
    pub status: ResponseStatus,
    /// `PhysicalResourceId`: not empty, at most 1 KiB.
    pub physical_id: String,
    /// `Reason`: there if the status is FAILED.
    pub reason: Option<String>,
    /// `NoEcho`.
    pub no_echo: bool,
    /// `Data`.
    pub data: Map<String, Value>,
}

impl Response {
    /// Reads the body that was put to a request's response URL.
    ///
    /// Stricter than CloudFormation in one point: an unknown member is refused, so that nothing
    /// slips out that nobody meant to send.
    ///
    /// # Errors
    ///
    /// The first rule that the body breaks.
    pub fn parse(body: &[u8], ids: &Ids) -> Result<Self, InvalidResponse> {
        if body.len() > LONGEST_BODY {
            return Err(InvalidResponse::TooLong(body.len()));
        }
        let Ok(Value::Object(mut members)) = serde_json::from_slice(body) else {
            return Err(InvalidResponse::NotAnObject);
        };
        let echoed = [
            ("StackId", &ids.stack_id),
            ("RequestId", &ids.request_id),
            ("LogicalResourceId", &ids.logical_id),
        ];
        for (member, wanted) in echoed {
            if &required(&mut members, member)? != wanted {
                return Err(InvalidResponse::NotEchoed(member));
            }
        }
        let physical_id = required(&mut members, "PhysicalResourceId")?;
        if physical_id.is_empty() {
            return Err(InvalidResponse::EmptyPhysicalId);
        }
        if physical_id.len() > LONGEST_PHYSICAL_ID {
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

/// Why CloudFormation would not take an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidResponse {
    /// The body has this many bytes, more than 4096.
    TooLong(usize),
    /// The body is no JSON object.
    NotAnObject,
    /// A required member is not there.
    Missing(&'static str),
    /// A member has the wrong JSON type.
    WrongType(&'static str),
    /// A member does not hold what the request held.
    NotEchoed(&'static str),
    /// `Status` is neither SUCCESS nor FAILED.
    UnknownStatus,
    /// `Reason` is absent or empty though the status is FAILED.
    MissingReason,
    /// `PhysicalResourceId` is empty.
    EmptyPhysicalId,
    /// `PhysicalResourceId` has this many bytes, more than 1 KiB.
    PhysicalIdTooLong(usize),
    /// A member that the protocol does not know.
    UnknownMember(String),
}

impl fmt::Display for InvalidResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => {
                write!(f, "the body has {bytes} bytes, more than {LONGEST_BODY}")
            }
            Self::NotAnObject => write!(f, "the body is no JSON object"),
            Self::Missing(member) => write!(f, "{member} is missing"),
            Self::WrongType(member) => write!(f, "{member} has the wrong type"),
            Self::NotEchoed(member) => write!(f, "{member} is not the request's"),
            Self::UnknownStatus => write!(f, "Status is neither SUCCESS nor FAILED"),
            Self::MissingReason => write!(f, "FAILED without a Reason"),
            Self::EmptyPhysicalId => write!(f, "PhysicalResourceId is empty"),
            Self::PhysicalIdTooLong(bytes) => {
                write!(
                    f,
                    "PhysicalResourceId has {bytes} bytes, more than {LONGEST_PHYSICAL_ID}"
                )
            }
            Self::UnknownMember(member) => write!(f, "{member} is no member of an answer"),
        }
    }
}
