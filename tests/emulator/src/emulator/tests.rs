//! Tests of what an invocation tells of its calls.

use super::by_name;

#[test]
fn reads_that_were_sent_together_are_returned_by_name() {
    let long = |short: &str| {
        let names =
            [("C", "GetContact"), ("L", "ListContactChannels"), ("T", "ListTagsForResource")];
        let name = |word| names.iter().find(|(short, _)| *short == word).map_or(word, |it| it.1);
        short.split_whitespace().map(name).map(ToOwned::to_owned).collect::<Vec<String>>()
    };
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
        let operations = long(called);
        let found = by_name(operations.iter().map(String::as_str).collect());
        assert_eq!(found, long(expected), "{called}");
    }
}
