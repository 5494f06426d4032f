use serde_json::{Value, json};

use super::Import;
use crate::add_contacts;
use crate::contacts::Backend;

#[test]
fn a_file_that_is_no_import_is_refused_in_a_sentence() {
    let entry = json!({"ResourceType": "T", "LogicalResourceId": "A"});
    let rows = [
        (json!({}), "this is no list of resources".to_owned()),
        (json!([entry]), format!("Arn is missing or not a string: {entry}")),
    ];
    for (file, wanted) in rows {
        assert_eq!(Import::read(&file.to_string()), Err(wanted));
    }
    let error = Import::read("x").unwrap_err();
    assert_eq!(error, "expected value at line 1 column 1");
}

#[test]
fn contacts_that_can_not_be_added_are_refused_in_a_sentence() {
    let error = |document: Value| add_contacts(&mut Backend::default(), &document).unwrap_err();
    assert_eq!(error(json!("x")), "this is no list of contacts");
    let no_type = json!([{"Alias": "akuam"}]);
    assert_eq!(error(no_type), "contact 1: Type is missing or not a string");
    let arn = "arn:aws:ssm-contacts:eu-west-1:111122223333:contact/akuam";
    let elsewhere = json!([{"Alias": "akuam", "Type": "PERSONAL", "ContactArn": arn}]);
    assert_eq!(
        error(elsewhere),
        format!(
            "contact 1: its ContactArn is \"{arn}\", but here it would be \
             arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam"
        )
    );
    let channel = json!({"Name": "mobile", "Type": "SMS"});
    let no_address = json!([{"Alias": "akuam", "Type": "PERSONAL", "Channels": [channel]}]);
    assert_eq!(error(no_address), "contact 1: DeliveryAddress is missing");
}
