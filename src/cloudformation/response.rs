//! Writes the response body: JSON within 4096 bytes.

use aws_lambda_events::event::cloudformation::CloudFormationCustomResourceResponseStatus as Status;
use serde::Serialize;

use crate::contact::ContactType;
use crate::contact::arn::ContactArn;
use crate::json::encoded_len;
use crate::ownership::Resource;

/// Most bytes that an answer may have (custom resource protocol).
pub(crate) const BODY_MAX: usize = 4096;
/// The end of a Reason that was too long.
const CUT: &str = "… (cut here; the function's log has more of it)";

/// The outcome of a request.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The physical id that CloudFormation keeps.
    pub(crate) physical_id: String,
    /// The attributes of the contact, if there is one, or the Reason.
    pub(crate) result: Result<Option<Data>, String>,
}

/// The attributes that `Fn::GetAtt` returns.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Data {
    contact_arn: String,
    arn: String,
    alias: String,
    #[serde(rename = "Type")]
    contact_type: &'static str,
}

impl Data {
    /// The attributes of a contact.
    pub(crate) fn new(arn: &ContactArn, contact_type: ContactType) -> Self {
        Self {
            contact_arn: arn.to_string(),
            arn: arn.to_string(),
            alias: arn.alias().to_string(),
            contact_type: contact_type.as_str(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    physical_resource_id: &'a str,
    stack_id: &'a str,
    request_id: &'a str,
    logical_resource_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Data>,
}

/// Writes the body, at most 4096 bytes. A Reason that is too long is cut at a character,
/// and ends with [`CUT`].
///
/// Returns an error if the strings can't be written as JSON.
pub(crate) fn body(resource: &Resource, outcome: &Outcome) -> Result<Vec<u8>, serde_json::Error> {
    let (status, reason, data) = match &outcome.result {
        Ok(data) => (Status::Success, None, data.as_ref()),
        Err(reason) => (Status::Failed, Some(reason.as_str()), None),
    };
    let encode = |reason| {
        serde_json::to_vec(&Body {
            status: status.clone(),
            reason,
            physical_resource_id: &outcome.physical_id,
            stack_id: &resource.stack_id,
            request_id: &resource.request_id,
            logical_resource_id: &resource.logical_id,
            data,
        })
    };
    let whole = encode(reason)?;
    let Some(reason) = reason.filter(|_| whole.len() > BODY_MAX) else {
        return Ok(whole);
    };
    let space = BODY_MAX.saturating_sub(encode(Some(CUT))?.len());
    encode(Some(&format!("{}{CUT}", fitting(reason, space))))
}

/// The longest beginning of a text that takes at most `space` bytes as JSON.
fn fitting(text: &str, space: usize) -> &str {
    let mut used = 0;
    let end = text
        .char_indices()
        .find(|(_, c)| {
            used += encoded_len(*c);
            used > space
        })
        .map_or(text.len(), |(at, _)| at);
    text.split_at_checked(end).map_or(text, |(start, _)| start)
}

#[cfg(test)]
mod tests;
