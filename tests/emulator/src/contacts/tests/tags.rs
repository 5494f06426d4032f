//! Tests of tags.

use serde_json::{Value, json};

use super::{akua, arn, code, fields, invalid, with_akua};
use crate::contacts::Backend;

fn tag(key: &str, value: &str) -> Value {
    json!({"Key": key, "Value": value})
}

fn many(n: usize) -> Vec<Value> {
    (0..n).map(|n| tag(&format!("k{n}"), "v")).collect()
}

fn tags(backend: &mut Backend) -> Value {
    let tags = backend
        .call("ListTagsForResource", &json!({"ResourceARN": arn("akuam")}))
        .unwrap();
    tags["Tags"].clone()
}

#[test]
fn tags_are_added_changed_and_removed() {
    let mut backend = Backend::default();
    let input = akua(json!({"Tags": [tag("a", "1"), tag("b", "2")]}));
    backend.call("CreateContact", &input).unwrap();
    let set = json!({"ResourceARN": arn("akuam"), "Tags": [tag("b", "3"), tag("c", "4")]});
    backend.call("TagResource", &set).unwrap();
    let drop = json!({"ResourceARN": arn("akuam"), "TagKeys": ["a", "never"]});
    backend.call("UntagResource", &drop).unwrap();
    assert_eq!(tags(&mut backend), json!([tag("b", "3"), tag("c", "4")]));
    let found = backend.call("GetContact", &json!({"ContactId": arn("akuam")}));
    assert!(found.unwrap().get("Tags").is_none());
}

#[test]
fn keys_and_values_are_those_of_the_model() {
    for (key, value, refused) in [
        (r"\/aZ09_+=-", "Ä 夸_.:/=+-@", vec![]),
        ("a:b", "v", vec!["Tags[0].Key"]),
        ("a b", "v", vec!["Tags[0].Key"]),
        ("", "v", vec!["Tags[0].Key"]),
        ("k", "", vec!["Tags[0].Value"]),
        ("k", "a,b", vec!["Tags[0].Value"]),
    ] {
        let input = akua(json!({"Tags": [tag(key, value)]}));
        let result = Backend::default().call("CreateContact", &input);
        if refused.is_empty() {
            result.unwrap();
        } else {
            assert_eq!(fields(result), refused, "{key:?} {value:?}");
        }
    }
    let long = [tag(&"k".repeat(129), "v"), tag("k", &"夸".repeat(257))];
    let refused = Backend::default().call("CreateContact", &akua(json!({"Tags": long})));
    assert_eq!(fields(refused), ["Tags[0].Key", "Tags[1].Value"]);
}

#[test]
fn keys_are_unique_and_case_sensitive() {
    for (keys, refused) in [(["a", "A"], false), (["a", "a"], true)] {
        let set = json!({"ResourceARN": arn("akuam"), "Tags": keys.map(|key| tag(key, "v"))});
        let result = with_akua().call("TagResource", &set);
        if refused {
            assert_eq!(fields(result), ["Tags[1].Key"]);
        } else {
            result.unwrap();
        }
    }
}

#[test]
fn a_contact_has_at_most_50_tags() {
    let create = |n| Backend::default().call("CreateContact", &akua(json!({"Tags": many(n)})));
    assert!(create(50).is_ok());
    assert_eq!(fields(create(51)), ["Tags"]);
    let mut backend = with_akua();
    let set = |tags: Vec<Value>| json!({"ResourceARN": arn("akuam"), "Tags": tags});
    backend.call("TagResource", &set(many(50))).unwrap();
    backend.call("TagResource", &set(many(50))).unwrap();
    let refused = backend.call("TagResource", &set(vec![tag("one-more", "v")]));
    let error = refused.unwrap_err();
    assert_eq!(error.code, "ServiceQuotaExceededException");
    assert!(error.members.contains_key("QuotaCode"));
    assert!(error.members.contains_key("ServiceCode"));
    assert_eq!(tags(&mut backend).as_array().unwrap().len(), 50);
}

#[test]
fn the_keys_to_remove_are_required_and_validated() {
    for (keys, refused) in [
        (json!(null), "TagKeys"),
        (json!(["a", "b c"]), "TagKeys[1]"),
        (json!("a"), "TagKeys"),
    ] {
        let input = json!({"ResourceARN": arn("akuam"), "TagKeys": keys});
        assert_eq!(fields(with_akua().call("UntagResource", &input)), [refused]);
    }
}

#[test]
fn outside_the_first_region_tags_are_refused() {
    let mut backend = Backend::default();
    backend.refuses_tags = true;
    let tagged = backend.call("CreateContact", &akua(json!({"Tags": [tag("a", "1")]})));
    assert!(invalid(tagged).contains("first Region"));
    let untagged = akua(json!({"Tags": []}));
    backend.call("CreateContact", &untagged).unwrap();
    let set = json!({"ResourceARN": arn("akuam"), "Tags": [tag("a", "1")]});
    assert!(invalid(backend.call("TagResource", &set)).contains("first Region"));
    assert_eq!(tags(&mut backend), json!([]));
}

#[test]
fn access_to_the_tags_of_another_account_is_denied() {
    let other = arn("akuam").replace("1111", "4444");
    let input = json!({"ResourceARN": other});
    let refused = with_akua().call("ListTagsForResource", &input);
    assert_eq!(code(refused), "AccessDeniedException");
}
