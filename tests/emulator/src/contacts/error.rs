//! The errors of the service.

use serde_json::{Map, Value, json};

pub(super) type Result<T> = std::result::Result<T, ServiceError>;

#[derive(Clone, Debug, PartialEq)]
pub struct ServiceError {
    /// The HTTP status: 500 for an internal error, otherwise 400.
    pub status: u16,
    /// The error code, such as `ConflictException`.
    pub code: String,
    /// The message, which is often empty.
    pub message: String,
    pub members: Map<String, Value>,
}

impl ServiceError {
    pub fn new(code: &str, message: &str) -> Self {
        Self {
            status: 400,
            code: code.to_owned(),
            message: message.to_owned(),
            members: Map::new(),
        }
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    pub fn throttling() -> Self {
        Self::new("ThrottlingException", "Rate exceeded")
    }

    pub fn internal() -> Self {
        Self {
            status: 500,
            ..Self::new(
                "InternalServerException",
                "Unexpected error occurred while processing the request.",
            )
        }
    }

    /// Creates the error of a missing permission, with a message of IAM.
    pub fn access_denied(action: &str, resource: &str) -> Self {
        let message = format!(
            "User: arn:aws:sts::111122223333:assumed-role/function/f is not authorized to perform: {action} \
             on resource: {resource} because no identity-based policy allows the {action} action"
        );
        Self::new("AccessDeniedException", &message)
    }

    /// Creates the error of input that violates constraints. Each item is a field and a message.
    pub fn fields(fields: &[(String, String)]) -> Self {
        let fields: Vec<Value> = fields
            .iter()
            .map(|(name, message)| json!({"Name": name, "Message": message}))
            .collect();
        Self::new("ValidationException", "")
            .with("Reason", "FIELD_VALIDATION_FAILED")
            .with("Fields", fields)
    }

    pub fn invalid(message: &str) -> Self {
        Self::new("ValidationException", message).with("Reason", "OTHER")
    }

    pub fn conflict(message: &str, arn: &str) -> Self {
        Self::new("ConflictException", message).of_resource(arn)
    }

    pub fn quota_exceeded(code: &str, message: &str) -> Self {
        Self::new("ServiceQuotaExceededException", message)
            .with("QuotaCode", code)
            .with("ServiceCode", "ssm-contacts")
    }

    /// Creates the error of an ARN that no contact, channel or rotation has.
    pub fn not_found(arn: &str) -> Self {
        Self::new("ResourceNotFoundException", "The requested resource was not found")
            .of_resource(arn)
    }

    fn of_resource(self, arn: &str) -> Self {
        let types = [(":contact-channel/", "CONTACT_CHANNEL"), (":rotation/", "ROTATION")];
        let known = types.iter().find(|(part, _)| arn.contains(part));
        let resource_type = known.map_or("CONTACT", |(_, resource_type)| resource_type);
        self.with("ResourceId", arn).with("ResourceType", resource_type)
    }

    pub(crate) fn body(&self) -> Value {
        let mut body = self.members.clone();
        body.insert("__type".to_owned(), self.code.clone().into());
        body.insert("Message".to_owned(), self.message.clone().into());
        Value::Object(body)
    }
}
