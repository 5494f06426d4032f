//! Tests of the functions and of the lines of errors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{AccountValues, Environment, ParsedTemplate, ResolvedTemplate, TemplateError};
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
    let values = |values: &[(&str, &str)]| -> BTreeMap<String, String> {
        let values = values.iter();
        values.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let account = AccountValues {
        ssm: values(&[
            ("/on-call/mail", "akua@example.com"),
            ("/on-call/mail:2", "old@example.com"),
            ("teams", "a, b"),
        ]),
        exports: values(&[("of-another-stack", "exported")]),
    };
    ParsedTemplate::parse(text)?.resolve_in(&account, &environment(), &values(given))
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
        attributes: json!({"Arn": "arn:first", "Nested.Name": "n"}).as_object().unwrap().clone(),
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
        ("!Sub 'a ${Team} ${!Team} ${First.Arn}'", json!("a payments ${Team} arn:first")),
        ("!Sub ['${x}-${AWS::AccountId}', { x: !Ref First }]", json!("arn:first-111122223333")),
        ("!Join ['-', [!Ref Team, !Ref First]]", json!("payments-arn:first")),
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
        ("!ImportValue of-another-stack", json!("exported")),
        (
            "{ 'Fn::ImportValue': !Sub ['${One}-resource-ServiceToken', { One: ssm-contact }] }",
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
                \t\t\t\t\"ServiceToken\": {\"Fn::ImportValue\": \"ssm-contact-resource-ServiceToken\"}, \"Number\": 5\n\t\t\t}\n\t\t}\n\t}\n}\n";
    let template = resolved(text, &[]).unwrap();
    let wanted = json!({"ServiceToken": "arn:function", "Number": 5});
    assert_eq!(*template.template.get("A").unwrap().properties(), wanted);
    let wrong = text.replace("Fn::ImportValue", "Fn::Base64");
    assert_eq!(error(&wrong), "line 6: the emulator does not support Fn::Base64");
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
    let outputs: Vec<_> = template.outputs.iter().map(|it| (&*it.name, &it.value)).collect();
    assert_eq!(outputs, [("Ours", &Expression::Ref("A".into()))]);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
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
        (
            resource("      X: !ImportValue vpc\n"),
            "line 6: no stack exports vpc; --export vpc=… gives it a value",
        ),
        (resource("      X: !Ref A\n"), "line 2: circular dependency between resources: A"),
        (resource("      X: !Not [true]\n"), "line 6: Fn::Not is possible only in Conditions"),
        (resource("    UpdatePolicy: {}\n"), "line 6: the emulator does not support UpdatePolicy"),
        (
            resource("    DeletionPolicy: Snapshot\n"),
            "line 6: DeletionPolicy can't be Snapshot for this type",
        ),
        (resource("    DependsOn: B\n"), "line 6: there is no resource B"),
        (
            resource("      ServiceTimeout: 3601\n"),
            "line 6: ServiceTimeout is not a number of seconds from 1 to 3600",
        ),
        (
            resource("      ServiceToken: a\n"),
            "line 6: this is neither YAML nor JSON: duplicated key in mapping",
        ),
        (
            resource("      X:\n        Y: \"{{resolve:ssm:/a}}\"\n"),
            "line 5: Parameter Store has no /a; --ssm /a=… gives it a value",
        ),
        (resource("      X: !Join [a]\n"), "line 6: Fn::Join needs a list of 2 arguments"),
        (resource("Transform: [x]\n"), "line 6: the emulator does not support the transform x"),
        (
            resource("      X: !Length [a]\n"),
            "line 6: Fn::Length is possible only with Transform: AWS::LanguageExtensions",
        ),
        (
            resource("      'Fn::ForEach::X': [I, [a], { '${I}': 1 }]\n"),
            "line 6: Fn::ForEach:: is possible only with Transform: AWS::LanguageExtensions",
        ),
        (
            resource(
                "Parameters:\n  P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /a }\n",
            ),
            "line 7: the parameter P: Parameter Store has no /a; --ssm /a=… gives it a value",
        ),
        (
            resource("Outputs:\n  O:\n    Value: [a]\n"),
            "line 8: the value of the output O is not a string",
        ),
        (
            resource("Parameters:\n  P:\n    Type: String\n  Q: { Type: String }\n"),
            "line 7: parameters have no value: give --parameter P=… --parameter Q=…",
        ),
        (
            resource("Parameters:\n  P: { Type: Number, Default: x }\n"),
            "line 7: the parameter P: \"x\" is not a number",
        ),
        (
            resource(
                "Parameters:\n  P: { Type: String, NoEcho: true, Default: x, AllowedPattern: '[0-9]+' }\n",
            ),
            "line 7: the parameter P: the value does not satisfy AllowedPattern [0-9]+",
        ),
        (
            resource("Parameters:\n  P: { Type: String, Default: x, AllowedPattern: '[0-9]+' }\n"),
            "line 7: the parameter P: \"x\" does not satisfy AllowedPattern [0-9]+",
        ),
        (
            resource("Parameters:\n  P: { Type: Number, Default: 3, MaxValue: 2 }\n"),
            "line 7: the parameter P: \"3\" does not satisfy MaxValue 2",
        ),
        (
            resource("Conditions:\n  C: !Condition D\n  D: !Condition C\n"),
            "line 8: the condition C depends on itself",
        ),
        (
            "Resources:\n  B: { Type: AWS::S3::Bucket }\n".to_owned(),
            "line 2: the emulator does not support the type AWS::S3::Bucket",
        ),
        ("Resources:\n  B:\n    Type: Custom::X\n".to_owned(), "line 2: B has no ServiceToken"),
        (
            "Resources:\n  B:\n    Type: Custom::X\n    Properties:\n      ServiceToken: arn:x\n"
                .to_owned(),
            "line 5: the emulator has no function arn:x; write !ImportValue ssm-contact-resource-ServiceToken or arn:function",
        ),
        (
            resource("      X: &x 1\n      Y: *x\n"),
            "line 7: CloudFormation does not support YAML's aliases",
        ),
        ("Resources: {}\n".to_owned(), "line 1: a template needs at least one resource"),
        ("Description: x\n".to_owned(), "line 1: a template needs Resources"),
        (
            "a: [\n".to_owned(),
            "line 2: this is neither YAML nor JSON: while parsing a node, did not find expected node content",
        ),
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

/// The case of a template that `cdk synth` made: an SSM parameter, a rule and metadata.
fn synthesized(version: &str) -> String {
    json!({
        "Resources": {
            "A": {
                "Type": "Custom::X", "Metadata": {"aws:cdk:path": "P/A/Default"},
                "Properties": {"ServiceToken": "arn:function"}
            },
            "CDKMetadata": {
                "Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2:deflate64:H4s"},
                "Metadata": {"aws:cdk:path": "P/CDKMetadata"}, "Condition": "CDKMetadataAvailable"
            }
        },
        "Conditions": {"CDKMetadataAvailable": {"Fn::Or": [
            {"Fn::Or": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-2"]}]},
            {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-west-2"]}
        ]}},
        "Parameters": {"BootstrapVersion": {
            "Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version"
        }},
        "Rules": {"CheckBootstrapVersion": {"Assertions": [{
            "Assert": {"Fn::Not": [{"Fn::Contains": [["1", "2", version], {"Ref": "BootstrapVersion"}]}]},
            "AssertDescription": "a recent version is required"
        }]}}
    })
    .to_string()
}

#[test]
fn what_cdk_synth_makes_plays_and_an_assertion_that_fails_refuses_it() {
    let template = resolved(&synthesized("5"), &[]).unwrap();
    assert_eq!(template.type_of("CDKMetadata"), Some("AWS::CDK::Metadata"));
    let wanted =
        "line 1: the rule CheckBootstrapVersion refuses this: a recent version is required";
    assert_eq!(error(&synthesized("30")), wanted);
}

#[test]
fn a_rule_applies_only_under_its_condition() {
    let rule = |region: &str| {
        format!(
            "{TOP}Rules:\n  R:\n    RuleCondition: !Equals [!Ref AWS::Region, {region}]\n    \
             Assertions:\n      - Assert: !EachMemberIn [!Ref Aliases, [akuam]]\n"
        )
    };
    assert!(resolved(&rule("eu-west-1"), &[]).is_ok());
    let wanted = "line 25: the rule R refuses this: an assertion is false";
    assert_eq!(error(&rule("us-east-2")), wanted);
}

#[test]
fn parameter_store_is_read_by_parameters_and_references() {
    let rows = [
        ("'{{resolve:ssm:/on-call/mail}}'", json!("akua@example.com")),
        ("['<{{resolve:ssm:/on-call/mail:2}}>']", json!(["<old@example.com>"])),
        ("!Sub ['{{resolve:ssm:/${x}/mail:1}}', { x: on-call }]", json!("akua@example.com")),
        ("'{{resolve:ssm-secure:/a:1}}'", json!("{{resolve:ssm-secure:/a:1}}")),
        ("'{{resolve:secretsmanager:a}}'", json!("{{resolve:secretsmanager:a}}")),
    ];
    for (property, wanted) in rows {
        assert_eq!(value(property), wanted, "{property}");
    }
    let parameter = |kind: &str| {
        let text = format!(
            "Parameters: {{ P: {{ Type: 'AWS::SSM::Parameter::{kind}', Default: teams, AllowedValues: [teams] }} }}\n\
             Resources: {{ A: {{ Type: Custom::X, Properties: {{ ServiceToken: arn:function, P: !Ref P }} }} }}\n"
        );
        resolved(&text, &[]).unwrap().template.get("A").unwrap().properties()["P"].clone()
    };
    assert_eq!(parameter("Value<String>"), "a, b");
    assert_eq!(parameter("Value<List<String>>"), json!(["a", "b"]));
    assert_eq!(parameter("Value<CommaDelimitedList>"), json!(["a", "b"]));
    assert_eq!(parameter("Value<AWS::EC2::Subnet::Id>"), "a, b");
    assert_eq!(parameter("Name"), "teams");
}

#[test]
fn a_loop_makes_conditions_resources_properties_and_outputs() {
    let text = "
Transform: AWS::LanguageExtensions
Parameters:
  Aliases: { Type: CommaDelimitedList, Default: 'akua-m, kwesib' }
Mappings:
  Names: { akua-m: { Full: Akua Mansa } }
Conditions:
  'Fn::ForEach::Has':
    - Alias
    - !Ref Aliases
    - 'Has&{Alias}': !Equals [!Ref Alias, akua-m]
Resources:
  'Fn::ForEach::People':
    - Alias
    - !Ref Aliases
    - 'Person&{Alias}':
        Type: Custom::X
        DeletionPolicy: !Sub Retain
        Properties:
          ServiceToken: arn:function
          Alias: !Ref Alias
          Name: !FindInMap [Names, !Ref Alias, Full, { DefaultValue: !Sub 'Nobody ${Alias}' }]
          First: !If ['Has&{Alias}', yes, no]
          Count: !Length { Ref: Aliases }
          Json: !ToJsonString [{ a: !Ref Alias }]
          'Fn::ForEach::Types':
            - Type
            - [Sms, Mail]
            - '${Type}Of': '${Type} of ${Alias}'
Outputs:
  'Fn::ForEach::Out':
    - Id
    - [akuam]
    - '${Id}': { Value: !GetAtt [!Sub Personakuam, Arn] }
";
    let template = resolved(text, &[]).unwrap();
    assert_eq!(template.logical_ids().collect::<Vec<_>>(), ["Personakuam", "Personkwesib"]);
    let properties = |id: &str| template.template.get(id).unwrap().properties().clone();
    assert_eq!(
        properties("Personakuam"),
        json!({
            "ServiceToken": "arn:function", "Alias": "akua-m", "Name": "Akua Mansa", "First": "yes", "Count": 2,
            "Json": "[{\"a\":\"akua-m\"}]", "SmsOf": "Sms of akua-m", "MailOf": "Mail of akua-m",
        })
    );
    assert_eq!(properties("Personkwesib")["Name"], "Nobody kwesib");
    assert_eq!(properties("Personkwesib")["First"], "no");
    assert_eq!(template.outputs[0].name, "akuam");
    let twice = text.replace("'Person&{Alias}'", "Person");
    assert_eq!(error(&twice), "line 13: Fn::ForEach: Person is there already");
}
