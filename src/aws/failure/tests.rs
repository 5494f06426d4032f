use aws_sdk_ssmcontacts::error::ErrorMetadata;
use aws_sdk_ssmcontacts::operation::get_contact::GetContactError;
use aws_sdk_ssmcontacts::types::error::{
    AccessDeniedException, ConflictException, DataEncryptionException, ResourceNotFoundException,
    ServiceQuotaExceededException, ValidationException,
};
use aws_sdk_ssmcontacts::types::{
    DependentEntity, ValidationExceptionField, ValidationExceptionReason,
};

use super::*;

const ARN: &str = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";

/// An error as the SDK parses it; members that are not given are empty.
macro_rules! error {
    ($name:ident, $message:expr $(, $member:ident = $value:expr)*) => {
        SdkError::$name(
            $name::builder()
                .message($message)
                $(.$member($value))*
                .meta(ErrorMetadata::builder().code(stringify!($name)).message($message).build())
                .build()
                .unwrap(),
        )
    };
}

fn validation(message: &str, fields: &[(&str, &str)]) -> SdkError {
    let field = |(name, message): &(&str, &str)| {
        ValidationExceptionField::builder().name(*name).message(*message).build().unwrap()
    };
    let fields = fields.iter().map(field).collect();
    error!(ValidationException, message, set_fields = Some(fields))
}

fn conflict(message: &str, dependents: &[(&str, &str)]) -> SdkError {
    let entity = |(relation, id): &(&str, &str)| {
        let entity = DependentEntity::builder().relation_type(*relation);
        entity.dependent_resource_ids(*id).build().unwrap()
    };
    let dependents = dependents.iter().map(entity).collect();
    error!(
        ConflictException,
        message,
        resource_id = "res",
        resource_type = "t",
        set_dependent_entities = Some(dependents)
    )
}

fn quota(message: &str) -> SdkError {
    error!(
        ServiceQuotaExceededException,
        message,
        quota_code = "L-1",
        service_code = "s",
        resource_id = "r",
        resource_type = "t"
    )
}

fn not_found(id: &str) -> SdkError {
    error!(ResourceNotFoundException, "not there", resource_id = id, resource_type = "t")
}

fn denied(message: &str) -> SdkError {
    error!(AccessDeniedException, message)
}

fn other(code: &str) -> SdkError {
    GetContactError::generic(ErrorMetadata::builder().code(code).message("m").build()).into()
}

fn call(operation: Operation, error: SdkError) -> Box<FailedCall> {
    FailedCall::new(operation, ARN, error, Ended::default())
}

#[test]
#[rustfmt::skip]
fn a_known_cause_has_its_next_step() {
    use Operation::*;
    let allow = |action: &str| format!("allow the function's role {action}");
    let fixed = ToOwned::to_owned;
    let denies = "User: u is not authorized to perform: ssm-contacts:AssociateContact on resource: r";
    let no_set = "Invalid value provided - Account not found for the request";
    for (operation, error, step) in [
        (CreateContact, validation(no_set, &[]), Some(fixed(CREATE_REPLICATION_SET))),
        (CreateContactChannel, validation(no_set, &[]), Some(fixed(CREATE_REPLICATION_SET))),
        (CreateContact, validation("", &[]), Some(fixed(LOOK_AT_REGION))),
        (CreateContact, validation("", &[("Plan", "is bad")]), None),
        (CreateContact, validation("Tags are not supported in this Region", &[]),
            Some(fixed(TAG_IN_FIRST_REGION))),
        (TagResource, validation("Tagging works in the first region", &[]), Some(fixed(TAG_IN_FIRST_REGION))),
        (TagResource, validation("", &[("tags", "only in the first Region")]), Some(fixed(TAG_IN_FIRST_REGION))),
        (UpdateContact, validation("stage in a region", &[]), None),
        (UpdateContact, validation("", &[("Plan.Stages[0]", "is in another Region")]), None),
        (CreateContact, validation("The idempotency token was used", &[]), Some(fixed(CHANGE_TOKEN))),
        (CreateContact, validation("", &[("IdempotencyToken", "")]), Some(fixed(CHANGE_TOKEN))),
        (UpdateContact, validation("The token", &[]), None),
        (CreateContactChannel, validation("+12065550107", &[]), Some(fixed(CHECK_ADDRESS))),
        (UpdateContactChannel, validation("", &[]), Some(fixed(LOOK_AT_REGION))),
        (UpdateContactChannel, validation("", &[("DeliveryAddress", "")]), Some(fixed(CHECK_ADDRESS))),
        (UpdateContactChannel, validation("", &[("Name", "")]), None),
        (CreateContact, conflict("taken", &[]), Some(fixed(TRY_AGAIN))),
        (CreateContact, conflict("a token of another request", &[]), Some(fixed(CHANGE_TOKEN))),
        (CreateContactChannel, conflict("", &[]), Some(fixed(LOOK_AT_CHANNELS))),
        (DeleteContact, conflict("in use", &[]), Some(fixed(RELEASE_DEPENDENTS))),
        (CreateContact, quota(""), Some(fixed(RAISE_QUOTA_OF_CONTACTS))),
        (CreateContactChannel, quota(""), Some(fixed(RAISE_QUOTA))),
        (UpdateContact, quota(""), Some(fixed(RAISE_QUOTA))),
        (TagResource, quota(""), Some(fixed(FEWER_TAGS))),
        (UpdateContact, not_found("other"), Some(fixed(CREATE_WHAT_THE_PLAN_NAMES))),
        (UpdateContact, not_found(ARN), Some(fixed(UPDATE_AGAIN))),
        (UpdateContact, not_found(""), Some(fixed(UPDATE_AGAIN))),
        (GetContact, not_found(ARN), None),
        (ListTagsForResource, not_found(ARN), None),
        // The SDK models none of these for its operation.
        (GetContact, other("ServiceQuotaExceededException"), Some(fixed(RAISE_QUOTA))),
        (CreateContact, other("ResourceNotFoundException"), Some(fixed(CREATE_WHAT_THE_PLAN_NAMES))),
        (CreateContact, denied(denies), Some(allow("ssm-contacts:AssociateContact"))),
        (CreateContact, denied(""), Some(allow("ssm-contacts:CreateContact"))),
        (ListContactChannels, denied("not authorized to perform: x@y.z:a b"),
            Some(allow("ssm-contacts:ListContactChannels"))),
        (CreateContact, error!(DataEncryptionException, ""), Some(fixed(ENABLE_KEY))),
        (GetContact, other("ExpiredTokenException"), Some(fixed(CHECK_ROLE))),
        (GetContact, other("UnrecognizedClientException"), Some(fixed(CHECK_ROLE))),
        (GetContact, other("InternalServerException"), None),
        (CreateContact, other("InvalidSignatureException"), None),
    ] {
        let call = call(operation, error);
        let next = call.next_step.as_deref();
        assert_eq!(next.is_some(), step.is_some(), "{call}");
        assert!(next.unwrap_or_default().starts_with(step.as_deref().unwrap_or_default()), "{call}");
    }
}

#[test]
#[rustfmt::skip]
fn the_reason_names_operation_code_message_details_and_request_id() {
    let mut metadata = ErrorMetadata::builder().code("ValidationException").message("Bad input.");
    metadata = metadata.custom("aws_request_id", "4a7a");
    let field = |name: &str| ValidationExceptionField::builder().name(name).message("is long").build().unwrap();
    let refused = ValidationException::builder().message("").reason(ValidationExceptionReason::FieldValidationFailed);
    let refused = refused.fields(field("Alias")).fields(field("Plan")).meta(metadata.build()).build().unwrap();
    let dependents = [("ROTATION", "r1"), ("ESCALATION", "e1"), ("ROTATION", "r2")];
    for (operation, error, told) in [
        (
            Operation::CreateContact,
            SdkError::ValidationException(refused),
            "CreateContact failed for akua: ValidationException: Bad input; FIELD_VALIDATION_FAILED; Alias: is long; \
             Plan: is long (request id 4a7a).",
        ),
        (
            Operation::DeleteContact,
            conflict("", &dependents),
            "DeleteContact failed for akua: ConflictException; resource res; ESCALATION: e1; ROTATION: r1, r2. \
             Next step: take the contact out of what is named here",
        ),
        (Operation::CreateContact, quota("Too many"),
            "CreateContact failed for akua: ServiceQuotaExceededException: Too many; quota L-1. Next step: delete"),
        (
            Operation::UpdateContact,
            denied(""),
            "UpdateContact failed for akua: AccessDeniedException. Next step: allow the function's role \
             ssm-contacts:UpdateContact (with it ssm-contacts:AssociateContact, for the contacts that a plan names)",
        ),
    ] {
        let call = FailedCall::new(operation, "akua", error, Ended::default()).to_string();
        assert!(call.starts_with(told), "{call}");
    }
}

#[test]
fn a_reply_without_a_code_is_told_with_its_id_once() {
    let metadata = ErrorMetadata::builder().custom("aws_request_id", "4a7a").build();
    let reply = "HTTP 400 without an error code (request id 4a7a)";
    let ended = Ended { was_refused_at_once: true, reply: Some(reply.to_owned()) };
    let error = GetContactError::generic(metadata);
    let told = FailedCall::new(Operation::GetContact, "akua", error, ended).to_string();
    assert_eq!(told, format!("GetContact failed for akua: {reply}."));
}

#[test]
fn what_to_do_next_is_never_cut_off() {
    let long = "w".repeat(5000);
    let fields: Vec<(&str, &str)> = vec![(&long, &long); 50];
    for error in [validation(&long, &fields), conflict(&long, &fields), denied(&long), quota(&long)]
    {
        let told = call(Operation::DeleteContact, error).to_string();
        assert!(told.len() < 3500, "{}", told.len());
    }
}

/// Of a channel call's error no message is told, since it may repeat an address.
#[test]
fn no_word_of_the_service_about_a_channel_is_told() {
    use Operation::*;
    let address = "+12065550107";
    let errors = || {
        [
            validation(address, &[("DeliveryAddress", address)]),
            conflict(address, &[(address, address)]),
            quota(address),
            not_found(address),
            denied(&format!("not authorized to perform: {address}:{address} on {address}")),
            denied(&format!("not authorized to perform: 12065550107:a on {address}")),
            GetContactError::generic(ErrorMetadata::builder().message(address).build()).into(),
        ]
    };
    for operation in
        [CreateContactChannel, UpdateContactChannel, DeleteContactChannel, ListContactChannels]
    {
        for error in errors() {
            let call = FailedCall::new(operation, "mobile", error, Ended::default());
            assert!(!call.to_string().contains("5550107"), "{call}");
            assert!(!format!("{call:?}").contains("5550107"), "{call:?}");
        }
    }
    let [refused, ..] = errors();
    let told =
        FailedCall::new(CreateContactChannel, "mobile", refused, Ended::default()).to_string();
    assert!(
        told.starts_with(
            "CreateContactChannel failed for mobile: ValidationException; DeliveryAddress."
        ),
        "{told}"
    );
}
