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

fn properties(template: &ResolvedTemplate, logical_id: &str) -> Value {
    let resource = template.template.get(logical_id).unwrap();
    resource.properties.evaluate(&Values::new()).unwrap()
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
    let all = properties.properties.evaluate(&values).unwrap();
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
    assert_eq!(properties(&template, "A"), wanted);
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

/// Templates, with `⏎` at the end of a line and `…` for the lines of a resource, and what is wrong.
const ERRORS: &str = r#"…      X: !GetAZs ''
  line 6: the emulator does not support Fn::GetAZs
…      X:⏎        - !If [N, 1, 2]
  line 7: there is no condition N
…      X: !Ref B
  line 6: the template has no parameter and no resource B
…      X: !Select [2, [a]]
  line 6: Fn::Select: the list has no item 2
…      X: !Join ['', { a: b }]
  line 6: Fn::Join has an argument that is not a list
…      X: !Sub '${a'
  line 6: Fn::Sub: a variable has no closing brace
…      X: !ImportValue vpc
  line 6: no stack exports vpc; --export vpc=… gives it a value
…      X: !Ref A
  line 2: circular dependency between resources: A
…      X: !Not [true]
  line 6: Fn::Not is possible only in Conditions
…    UpdatePolicy: {}
  line 6: the emulator does not support UpdatePolicy
…    DeletionPolicy: Snapshot
  line 6: DeletionPolicy can't be Snapshot for this type
…    DependsOn: B
  line 6: there is no resource B
…      ServiceTimeout: 3601
  line 6: ServiceTimeout is not a number of seconds from 1 to 3600
…      ServiceToken: a
  line 6: this is neither YAML nor JSON: duplicated key in mapping
…      X:⏎        Y: "{{resolve:ssm:/a}}"
  line 5: Parameter Store has no /a; --ssm /a=… gives it a value
…      X: !Join [a]
  line 6: Fn::Join needs a list of 2 arguments
…Transform: [x]
  line 6: the emulator does not support the transform x
…      X: !Length [a]
  line 6: Fn::Length is possible only with Transform: AWS::LanguageExtensions
…      'Fn::ForEach::X': [I, [a], { '${I}': 1 }]
  line 6: Fn::ForEach:: is possible only with Transform: AWS::LanguageExtensions
…Parameters:⏎  P: { Type: 'AWS::SSM::Parameter::Value<String>', Default: /a }
  line 7: the parameter P: Parameter Store has no /a; --ssm /a=… gives it a value
…Outputs:⏎  O:⏎    Value: [a]
  line 8: the value of the output O is not a string
…Parameters:⏎  P:⏎    Type: String⏎  Q: { Type: String }
  line 7: parameters have no value: give --parameter P=… --parameter Q=…
…Parameters:⏎  P: { Type: Number, Default: x }
  line 7: the parameter P: "x" is not a number
…Parameters:⏎  P: { Type: String, NoEcho: true, Default: x, AllowedPattern: '[0-9]+' }
  line 7: the parameter P: the value does not satisfy AllowedPattern [0-9]+
…Parameters:⏎  P: { Type: String, Default: x, AllowedPattern: '[0-9]+' }
  line 7: the parameter P: "x" does not satisfy AllowedPattern [0-9]+
…Parameters:⏎  P: { Type: Number, Default: 3, MaxValue: 2 }
  line 7: the parameter P: "3" does not satisfy MaxValue 2
…Conditions:⏎  C: !Condition D⏎  D: !Condition C
  line 8: the condition C depends on itself
Resources:⏎  B: { Type: AWS::S3::Bucket }
  line 2: the emulator does not support the type AWS::S3::Bucket
Resources:⏎  B:⏎    Type: Custom::X
  line 2: B has no ServiceToken
Resources:⏎  B:⏎    Type: Custom::X⏎    Properties:⏎      ServiceToken: arn:x
  line 5: the emulator has no function arn:x; write !ImportValue ssm-contact-resource-ServiceToken or arn:function
…      X: &x 1⏎      Y: *x
  line 7: CloudFormation does not support YAML's aliases
Resources: {}
  line 1: a template needs at least one resource
Description: x
  line 1: a template needs Resources
a: [
  line 2: this is neither YAML nor JSON: while parsing a node, did not find expected node content"#;

#[test]
fn an_error_has_the_line_of_its_cause() {
    let resource = "Resources:\n  A:\n    Type: Custom::X\n    Properties:\n      \
                    ServiceToken: arn:function\n";
    let rows: Vec<&str> = ERRORS.lines().collect();
    for row in rows.chunks(2) {
        let text = row[0].replace('…', resource).replace('⏎', "\n");
        assert_eq!(error(&(text + "\n")), row[1].trim_start());
    }
    assert_eq!(error(""), "the file is empty");
}

#[test]
fn given_parameters_take_the_place_of_defaults() {
    let text = format!("{TOP}      Value: !Ref Team\n");
    let template = resolved(&text, &[("Team", "search")]).unwrap();
    assert_eq!(properties(&template, "Second")["Value"], "search");
}

#[test]
fn what_cdk_synth_makes_plays_and_an_assertion_that_fails_refuses_it() {
    let mut synthesized: Value = include_str!("../../tests/cases/cdk-synth.json").parse().unwrap();
    let is_in = |region: &str| json!({"Fn::Equals": [{"Ref": "AWS::Region"}, region]});
    let east = json!({"Fn::Or": [is_in("us-east-1"), is_in("us-east-2")]});
    synthesized["Conditions"] = json!({"Known": {"Fn::Or": [east, is_in("us-west-2")]}});
    synthesized["Resources"]["CDKMetadata"] = json!({"Type": "AWS::CDK::Metadata",
        "Properties": {"Analytics": "v2:deflate64:H4s"}, "Condition": "Known",
        "Metadata": {"aws:cdk:path": "P/CDKMetadata"}});
    let text = synthesized.to_string();
    let template = resolved(&text, &[]).unwrap();
    assert_eq!(template.type_of("CDKMetadata"), Some("AWS::CDK::Metadata"));
    let refused = error(&text.replace("\"5\"", "\"30\""));
    let wanted =
        "line 1: the rule CheckBootstrapVersion refuses this: CDK bootstrap stack version 6";
    assert!(refused.starts_with(wanted), "{refused}");
}

#[test]
fn a_rule_applies_only_under_its_condition() {
    let rule = |region: &str, assertion: &str| {
        format!(
            "{TOP}Rules:\n  R:\n    RuleCondition: !Equals [!Ref AWS::Region, {region}]\n    \
             Assertions:\n      - Assert: {assertion}\n"
        )
    };
    let wanted = "line 25: the rule R refuses this: an assertion is false";
    for (assertion, holds) in [
        ("!EachMemberIn [!Ref Aliases, [akuam]]", false),
        ("!EachMemberIn [[a, a], [a, b]]", true),
        ("!EachMemberEquals [[a, b], a]", false),
        ("!EachMemberEquals [[a, a], a]", true),
    ] {
        assert!(resolved(&rule("eu-west-1", assertion), &[]).is_ok());
        let refused = resolved(&rule("us-east-2", assertion), &[]).err();
        let wanted = (!holds).then(|| wanted.to_owned());
        assert_eq!(refused.map(|error| error.to_string()), wanted, "{assertion}");
    }
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
        properties(&resolved(&text, &[]).unwrap(), "A")["P"].clone()
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
    let properties = |id| properties(&template, id);
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
