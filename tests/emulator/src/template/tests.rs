//! Tests of the functions and of the lines of errors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Environment, ParsedTemplate, ResolvedTemplate, TemplateError};
use crate::cloudformation::{Expression, ResourceValues, Values};

fn environment() -> Environment {
    Environment {
        account: "111122223333".into(),
        region: "us-east-2".into(),
        partition: "aws".into(),
        stack_name: "on-call".into(),
        stack_id: "arn:stack".into(),
        service_token: "arn:function".into(),
    }
}

fn resolved(text: &str, given: &[(&str, &str)]) -> Result<ResolvedTemplate, TemplateError> {
    let given: BTreeMap<String, String> = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    ParsedTemplate::parse(text)?.resolve(&environment(), &given)
}

/// What an error says, with its line.
fn error(text: &str) -> String {
    resolved(text, &[]).unwrap_err().to_string()
}

const TOP: &str = "\
Parameters:
  Team: { Type: String, Default: payments }
  Aliases: { Type: CommaDelimitedList, Default: 'akuam, kwesib' }
  Minutes: { Type: Number, Default: 5 }
Mappings:
  Names:
    payments: { Title: Payments, List: [a, b] }
Conditions:
  IsPayments: !Equals [!Ref Team, payments]
  IsOther: !Not [!Condition IsPayments]
  Both: !And [!Condition IsPayments, !Not [!Condition IsOther]]
  Either: !Or [!Condition IsOther, Condition: Both]
Resources:
  First:
    Type: Custom::SSMContact
    Properties: { ServiceToken: !ImportValue ssm-contact-resource-ServiceToken, Alias: akuam }
  Second:
    Type: AWS::CloudFormation::CustomResource
    Properties:
      ServiceToken: arn:function
";

/// Returns the value of a property, in the lines after `TOP`.
fn value(property: &str) -> Value {
    let template = format!("{TOP}      Value: {property}\n");
    let resolved = resolved(&template, &[]).unwrap();
    let properties = &resolved.template.get("Second").unwrap();
    let first = ResourceValues {
        reference: "arn:first".into(),
        attributes: json!({"Arn": "arn:first", "Nested.Name": "n"})
            .as_object()
            .unwrap()
            .clone(),
    };
    let mut values = Values::new();
    values.insert("First".into(), first);
    let all = properties.evaluate(&values).unwrap();
    all.get("Value").cloned().unwrap_or_default()
}

#[test]
fn each_function_has_the_value_of_the_template_reference() {
    let rows = [
        ("!Ref Team", json!("payments")),
        ("!Ref Minutes", json!("5")),
        ("!Ref Aliases", json!(["akuam", "kwesib"])),
        ("!Ref First", json!("arn:first")),
        ("!Ref AWS::Region", json!("us-east-2")),
        ("!Ref AWS::NoValue", Value::Null),
        ("[1, !Ref AWS::NoValue, true]", json!([1, true])),
        ("!GetAtt First.Arn", json!("arn:first")),
        ("!GetAtt First.Nested.Name", json!("n")),
        ("{ 'Fn::GetAtt': [First, Arn] }", json!("arn:first")),
        (
            "!Sub 'a ${Team} ${!Team} ${First.Arn}'",
            json!("a payments ${Team} arn:first"),
        ),
        (
            "!Sub ['${x}-${AWS::AccountId}', { x: !Ref First }]",
            json!("arn:first-111122223333"),
        ),
        (
            "!Join ['-', [!Ref Team, !Ref First]]",
            json!("payments-arn:first"),
        ),
        ("!Join [', ', !Ref Aliases]", json!("akuam, kwesib")),
        ("!Select [1, !Ref Aliases]", json!("kwesib")),
        ("!Select ['1', !Split [':', !Ref First]]", json!("first")),
        ("!Split ['y', !Ref Team]", json!(["pa", "ments"])),
        ("!FindInMap [Names, !Ref Team, Title]", json!("Payments")),
        ("!FindInMap [Names, payments, List]", json!(["a", "b"])),
        ("!If [IsPayments, yes, !Ref Nobody]", json!("yes")),
        ("!If [IsOther, 1, !Ref First]", json!("arn:first")),
        ("!If [Both, 1, 2]", json!(1)),
        ("!If [Either, 1, 2]", json!(1)),
        ("!If [IsOther, 1, !Ref 'AWS::NoValue']", Value::Null),
        ("!ImportValue stack-ServiceToken", json!("arn:function")),
        (
            "{ 'Fn::ImportValue': !Sub '${Team}-ServiceToken' }",
            json!("arn:function"),
        ),
        ("09:00", json!("09:00")),
    ];
    for (property, wanted) in rows {
        assert_eq!(value(property), wanted, "{property}");
    }
}

#[test]
fn json_is_read_with_tabs_and_with_lines() {
    let text = "{\n\t\"Resources\": {\n\t\t\"A\": {\n\t\t\t\"Type\": \"Custom::X\",\n\t\t\t\"Properties\": {\n\
                \t\t\t\t\"ServiceToken\": {\"Fn::ImportValue\": \"s-ServiceToken\"}, \"Number\": 5\n\t\t\t}\n\t\t}\n\t}\n}\n";
    let template = resolved(text, &[]).unwrap();
    let wanted = json!({"ServiceToken": "arn:function", "Number": 5});
    assert_eq!(*template.template.get("A").unwrap().properties(), wanted);
    let wrong = text.replace("Fn::ImportValue", "Fn::Base64");
    assert_eq!(
        error(&wrong),
        "line 6: the emulator does not support Fn::Base64"
    );
}

#[test]
fn resources_follow_what_they_depend_on_and_omitted_ones_are_left_out() {
    let text = "
Conditions: { Never: !Equals [a, b] }
Resources:
  C: { Type: Custom::X, DependsOn: [B, Gone], Properties: { ServiceToken: arn:function } }
  B: { Type: Custom::X, Properties: { ServiceToken: arn:function, Of: !Sub 'x${A}' } }
  Gone: { Type: Custom::X, Condition: Never, Properties: { ServiceToken: arn:function } }
  A: { Type: Custom::X, Properties: { ServiceToken: arn:function } }
Outputs:
  Ours: { Value: !Ref A }
  Theirs: { Condition: Never, Value: !Ref Gone }
";
    let template = resolved(text, &[]).unwrap();
    assert_eq!(template.logical_ids().collect::<Vec<_>>(), ["A", "B", "C"]);
    let outputs: Vec<_> = template
        .outputs
        .iter()
        .map(|it| (&*it.name, &it.value))
        .collect();
    assert_eq!(outputs, [("Ours", &Expression::Ref("A".into()))]);
}

#[test]
fn an_error_has_the_line_of_its_cause() {
    let resource = |lines: &str| {
        format!(
            "Resources:\n  A:\n    Type: Custom::X\n    Properties:\n      ServiceToken: arn:function\n{lines}"
        )
    };
    let rows = [
        (resource("      X: !GetAZs ''\n"), "line 6: the emulator does not support Fn::GetAZs"),
        (resource("      X:\n        - !If [N, 1, 2]\n"), "line 7: there is no condition N"),
        (resource("      X: !Ref B\n"), "line 6: the template has no parameter and no resource B"),
        (resource("      X: !Select [2, [a]]\n"), "line 6: Fn::Select: the list has no item 2"),
        (resource("      X: !Sub '${a'\n"), "line 6: Fn::Sub: a variable has no closing brace"),
        (resource("      X: !ImportValue vpc\n"), "line 6: no stack exports vpc; the emulator exports only the function, as ssm-contact-resource-ServiceToken"),
        (resource("      X: !Ref A\n"), "line 2: circular dependency between resources: A"),
        (resource("      X: !Not [true]\n"), "line 6: Fn::Not is possible only in Conditions"),
        (resource("    UpdatePolicy: {}\n"), "line 6: the emulator does not support UpdatePolicy"),
        (resource("    DeletionPolicy: Snapshot\n"), "line 6: DeletionPolicy can't be Snapshot for this type"),
        (resource("    DependsOn: B\n"), "line 6: there is no resource B"),
        (resource("      ServiceTimeout: 3601\n"), "line 6: ServiceTimeout is not a number of seconds from 1 to 3600"),
        (resource("      ServiceToken: a\n"), "line 6: this is neither YAML nor JSON: duplicated key in mapping"),
        (
            resource("      X: \"{{resolve:ssm:/a}}\"\n"),
            "line 6: the emulator does not resolve {{resolve:ssm:…}}; use a parameter",
        ),
        (resource("      X: !Join [a]\n"), "line 6: Fn::Join needs a list of 2 arguments"),
        (resource("Transform: x\n"), "line 6: the emulator does not support the section Transform"),
        (resource("Outputs:\n  O:\n    Value: [a]\n"), "line 8: the value of the output O is not a string"),
        (resource("Parameters:\n  P:\n    Type: String\n  Q: { Type: String }\n"), "line 7: parameters have no value: give --parameter P=… --parameter Q=…"),
        (resource("Parameters:\n  P: { Type: Number, Default: x }\n"), "line 7: the parameter P: \"x\" is not a number"),
        (resource("Parameters:\n  P: { Type: String, NoEcho: true, Default: x, AllowedPattern: '[0-9]+' }\n"), "line 7: the parameter P: the value does not satisfy AllowedPattern [0-9]+"),
        (resource("Parameters:\n  P: { Type: String, Default: x, AllowedPattern: '[0-9]+' }\n"), "line 7: the parameter P: \"x\" does not satisfy AllowedPattern [0-9]+"),
        (resource("Parameters:\n  P: { Type: Number, Default: 3, MaxValue: 2 }\n"), "line 7: the parameter P: \"3\" does not satisfy MaxValue 2"),
        (resource("Conditions:\n  C: !Condition D\n  D: !Condition C\n"), "line 8: the condition C depends on itself"),
        ("Resources:\n  B: { Type: AWS::S3::Bucket }\n".to_owned(), "line 2: the emulator does not support the type AWS::S3::Bucket"),
        ("Resources:\n  B:\n    Type: Custom::X\n".to_owned(), "line 2: B has no ServiceToken"),
        ("Resources:\n  B:\n    Type: Custom::X\n    Properties:\n      ServiceToken: arn:x\n".to_owned(), "line 5: the emulator has no function arn:x; write !ImportValue ssm-contact-resource-ServiceToken or arn:function"),
        ("Resources:\n  B:\n    Type: AWS::SSMContacts::Plan\n    Properties:\n      Stages: []\n".to_owned(), "line 2: AWS::SSMContacts::Plan needs the property ContactId"),
        ("Resources:\n  B:\n    Type: AWS::SSMContacts::Plan\n    Properties:\n      ContactId: x\n      Name: x\n".to_owned(), "line 6: AWS::SSMContacts::Plan has no property Name"),
        (
            resource("      X: &x 1\n      Y: *x\n"),
            "line 7: CloudFormation does not support YAML's aliases",
        ),
        ("Resources: {}\n".to_owned(), "line 1: a template needs at least one resource"),
        ("Description: x\n".to_owned(), "line 1: a template needs Resources"),
        ("a: [\n".to_owned(), "line 2: this is neither YAML nor JSON: while parsing a node, did not find expected node content"),
        (String::new(), "the file is empty"),
    ];
    let found: Vec<String> = rows.iter().map(|(text, _)| error(text)).collect();
    let wanted = rows.map(|(_, wanted)| wanted);
    assert_eq!(found, wanted);
}

#[test]
fn given_parameters_take_the_place_of_defaults() {
    let text = format!("{TOP}      Value: !Ref Team\n");
    let template = resolved(&text, &[("Team", "search")]).unwrap();
    let second = template.template.get("Second").unwrap();
    assert_eq!(second.properties()["Value"], "search");
}
