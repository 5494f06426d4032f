//! Tests of what an invocation tells of its calls.

use serde_json::Value;

use super::Invocation;
use crate::contacts::Call;
use crate::runtime_api::InvocationOutcome;

fn invocation(operations: &str) -> Invocation {
    let call = |name: &str| Call {
        operation: match name {
            "C" => "GetContact",
            "L" => "ListContactChannels",
            "T" => "ListTagsForResource",
            other => other,
        }
        .to_owned(),
        url: String::new(),
        headers: Vec::new(),
        text: String::new(),
        body: Value::Null,
        status: 200,
        response: Value::Null,
    };
    Invocation {
        event: Value::Null,
        calls: operations.split_whitespace().map(call).collect(),
        puts: Vec::new(),
        refusals: Vec::new(),
        outcome: InvocationOutcome::Response(Value::Null),
    }
}

#[test]
fn reads_that_were_sent_together_are_returned_by_name() {
    for (called, expected) in [
        ("", ""),
        ("T C", "C T"),
        ("T L C", "C L T"),
        ("L C T UpdateContact T L", "C L T UpdateContact L T"),
        ("TagResource CreateContact", "TagResource CreateContact"),
        // A read of the same operation is a later one.
        ("T C C T", "C T C T"),
        ("T L L C", "L T C L"),
        ("L L L", "L L L"),
        ("C L T C L T", "C L T C L T"),
    ] {
        let expected = invocation(expected);
        let expected: Vec<&str> =
            expected.calls.iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(invocation(called).operations(), expected, "{called}");
    }
}
