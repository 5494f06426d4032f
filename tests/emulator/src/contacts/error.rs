//! The service's errors, as they stand on the wire.

use serde_json::{Map, Value, json};

/// An error that the service answers with.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceError {
    /// HTTP status: 400, or 500 for the service's own faults.
    pub status: u16,
    /// The code, such as `ConflictException`.
    pub code: String,
    /// The message; often empty.
    pub message: String,
    /// The members that some codes have besides.
    pub members: Map<String, Value>,
}

impl ServiceError {
    /// An error with this code and message, status 400.
    #[must_use]
    pub fn new(code: &str, message: &str) -> Self {
        Self {
            status: 400,
            code: code.to_owned(),
            message: message.to_owned(),
            members: Map::new(),
        }
    }

    /// The same with another member in its body.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// A request denied for coming too fast.
    #[must_use]
    pub fn throttling() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    /// A fault of the service's own.
    #[must_use]
    pub fn internal() -> Self {
        Self {
            status: 500,
            ..Self::new(
                "InternalServerException",
                "Unexpected error occurred while processing the request.",
            )
        }
    }

    /// A missing permission, in IAM's words.
    #[must_use]
    pub fn access_denied(action: &str, resource: &str) -> Self {
        let message = format!(
            "User: arn:aws:sts::111122223333:assumed-role/function/f is not authorized to perform: {action} \
             on resource: {resource} because no identity-based policy allows the {action} action"
        );
        Self::new("AccessDeniedException", &message)
    }

    /// Input that breaks a constraint.
    #[must_use]
    pub fn fields(fields: &[(String, String)]) -> Self {
        let fields: Vec<Value> = fields
            .iter()
            .map(|(name, message)| json!({"Name": name, "Message": message}))
            .collect();
        Self::new("ValidationException", "")
            .with("Reason", "FIELD_VALIDATION_FAILED")
            .with("Fields", fields)
    }

    /// Input that the service refuses for another reason.
    #[must_use]
    pub fn invalid(message: &str) -> Self {
        Self::new("ValidationException", message).with("Reason", "OTHER")
    }

    /// A contact's state that stands against the request.
    #[must_use]
    pub fn conflict(message: &str, arn: &str) -> Self {
        Self::new("ConflictException", message)
            .with("ResourceId", arn)
            .with("ResourceType", "CONTACT")
    }

    /// A quota of the service's that the request would exceed.
    #[must_use]
    pub fn quota_exceeded(code: &str, message: &str) -> Self {
        Self::new("ServiceQuotaExceededException", message)
            .with("QuotaCode", code)
            .with("ServiceCode", "ssm-contacts")
    }

    /// No contact has this ARN.
    #[must_use]
    pub fn not_found(arn: &str) -> Self {
        Self::new(
            "ResourceNotFoundException",
            "The requested resource was not found",
        )
        .with("ResourceId", arn)
        .with("ResourceType", "CONTACT")
    }

    /// The body on the wire.
    #[must_use]
    pub fn body(&self) -> Value {
        let mut body = self.members.clone();
        body.insert("__type".to_owned(), self.code.clone().into());
        body.insert("Message".to_owned(), self.message.clone().into());
        Value::Object(body)
    }
}
