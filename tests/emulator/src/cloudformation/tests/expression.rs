use serde_json::{Value, json};

use super::super::{Expression, Values};

#[test]
fn functions_return_what_the_template_reference_says() {
    let call = |name: &str, arguments: Vec<Value>| {
        let arguments = arguments.into_iter().map(Expression::from).collect();
        Expression::Call(name.to_owned(), arguments).evaluate(&Values::new())
    };
    let list = || json!(["a", "b", "c"]);
    let rows = [
        ("Fn::Split", vec![json!("/"), json!("a/b/c")], list()),
        ("Fn::Select", vec![json!(1), list()], json!("b")),
        ("Fn::Join", vec![json!("-"), list()], json!("a-b-c")),
        ("Fn::Length", vec![list()], json!(3)),
        ("Fn::ToJsonString", vec![json!({"a": 1})], json!("{\"a\":1}")),
        ("Fn::Equals", vec![json!(1), json!("1")], json!(true)),
        ("Fn::Contains", vec![list(), json!("d")], json!(false)),
        ("Fn::EachMemberEquals", vec![json!(["a", "a"]), json!("a")], json!(true)),
        ("Fn::EachMemberIn", vec![list(), json!(["a", "b"])], json!(false)),
    ];
    for (name, arguments, wanted) in rows {
        assert_eq!(call(name, arguments), Ok(wanted), "{name}");
    }
    let error = |name, arguments| call(name, arguments).unwrap_err();
    assert_eq!(error("Fn::Select", vec![json!(3), list()]), "Fn::Select: the list has no item 3");
    assert_eq!(
        error("Fn::Join", vec![json!(""), json!({})]),
        "Fn::Join has an argument that is not a list"
    );
    let unknown = Expression::Ref("A".into());
    assert_eq!(unknown.references(), ["A"].into());
    assert_eq!(unknown.evaluate(&Values::new()).unwrap_err(), "The stack has no resource A");
}
