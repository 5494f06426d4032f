//! Reads JSON that may be broken.
//!
//! An event must be answered if the members that its answer needs can be read, whatever the
//! others hold: 200 levels, a lone surrogate, 1e400, a bracket too many. So a value stays text
//! until somebody needs it, and an object is split into its members without being parsed.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text of a JSON value, which may be broken.
#[derive(Clone, Copy)]
pub(crate) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self(text.trim())
    }

    pub(crate) fn as_str(self) -> &'a str {
        self.0
    }

    /// Parses the value.
    ///
    /// Returns an error if it is broken, nested more than 128 levels deep, or not a `T`.
    pub(crate) fn parse<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        serde_json::from_str(self.0)
    }

    /// The value as a string that is not empty.
    pub(crate) fn text(self) -> Option<String> {
        let text: String = self.parse().ok()?;
        (!text.is_empty()).then_some(text)
    }

    /// The members of an object; none if the value is no object. A member whose name can't be
    /// read is left out.
    pub(crate) fn object(self) -> Object<'a> {
        let inner = self.0.strip_prefix('{').unwrap_or_default();
        let inner = inner.strip_suffix('}').unwrap_or(inner);
        let members = split(inner).into_iter().filter_map(|member| {
            let (name, value) = member.split_at_checked(string_end(member)?)?;
            let value = value.trim_start().strip_prefix(':')?;
            Some((Json(name).parse().ok()?, Json::new(value)))
        });
        Object(members.collect())
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// The items of a list; `None` if the value is none.
    pub(crate) fn items(self) -> Option<Vec<Json<'a>>> {
        let inner = self.0.strip_prefix('[')?;
        let inner = inner.strip_suffix(']').unwrap_or(inner);
        Some(split(inner).into_iter().map(Json::new).collect())
    }
}

/// The members of an object.
#[derive(Default)]
pub(crate) struct Object<'a>(pub(crate) Vec<(String, Json<'a>)>);

impl<'a> Object<'a> {
    /// The member of this name; the last one if there are several, and none if it is null.
    pub(crate) fn get(&self, name: &str) -> Option<Json<'a>> {
        let found = self.0.iter().rev().find(|(found, _)| found == name);
        found.map(|(_, value)| *value).filter(|value| value.0 != "null")
    }

    /// The string of this name that is not empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Json::text)
    }
}

/// How many bytes a text or a character takes as a JSON string, without the quotes.
pub(crate) fn encoded_len(text: impl Serialize) -> usize {
    serde_json::to_string(&text).map_or(usize::MAX, |json| json.len() - 2)
}

/// The end of the string at the beginning of a text.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let inner = text.strip_prefix('"')?;
    let closing = inner.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    });
    closing.map(|at| at + 2)
}

/// Splits what stands between the brackets of a container at its commas. Brackets that nothing
/// closes are ignored, so that they don't take along what follows.
fn split(inner: &str) -> Vec<&str> {
    let (parts, unclosed) = split_without(&[], inner);
    if unclosed.is_empty() {
        return parts;
    }
    split_without(&unclosed, inner).0
}

/// The parts, and where the brackets are that nothing closes. A closing bracket that nothing has
/// opened is ignored, and one closes what was left open within it.
fn split_without<'a>(ignored: &[usize], inner: &'a str) -> (Vec<&'a str>, Vec<usize>) {
    let mut parts = Vec::new();
    let mut open = Vec::new();
    // How many braces and brackets are open: one that nothing has opened needs no search.
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    let (mut start, mut at) = (0, 0);
    while let Some(byte) = inner.as_bytes().get(at) {
        match byte {
            b'"' => {
                let end = inner.get(at..).and_then(string_end);
                at = end.map_or(inner.len(), |length| at + length);
                continue;
            }
            // In ASCII, each bracket and the one that closes it are two apart.
            b'{' | b'[' if ignored.binary_search(&at).is_err() => {
                let count = if *byte == b'{' { &mut braces } else { &mut brackets };
                *count += 1;
                open.push((at, byte + 2));
            }
            b'}' | b']' if if *byte == b'}' { braces } else { brackets } > 0 => {
                while let Some((_, close)) = open.pop() {
                    let count = if close == b'}' { &mut braces } else { &mut brackets };
                    *count -= 1;
                    if close == *byte {
                        break;
                    }
                }
            }
            b',' if open.is_empty() => {
                parts.extend(inner.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    parts.extend(inner.get(start..));
    parts.retain_mut(|part| {
        *part = part.trim();
        !part.is_empty()
    });
    (parts, open.into_iter().map(|(at, _)| at).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn text<'a>(json: &'a str, name: &str) -> Option<&'a str> {
        Json::new(json).object().get(name).map(Json::as_str)
    }

    #[test]
    fn the_members_around_a_broken_one_are_read() {
        // A search of all open brackets for each of these would take minutes.
        let unmatched = format!("{}{}", "[".repeat(200_000), "}".repeat(200_000));
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        for broken in [
            r#""\ud800""#,
            "1e400",
            "nan",
            "",
            "{]}",
            "[{}",
            "[[",
            r#"[{"x": {"#,
            "{[}",
            "[1,,]",
            r#"{"a" "b"}"#,
            &deep,
            &unmatched,
        ] {
            let event =
                format!(r#"{{"a": "first", "broken": {broken}, "b": "x,]}}\"", "a": "last"}}"#);
            assert_eq!(text(&event, "a"), Some(r#""last""#), "{broken:.20}");
            assert_eq!(text(&event, "b"), Some(r#""x,]}\"""#), "{broken:.20}");
        }
    }

    #[test]
    fn what_was_cut_off_is_read_up_to_the_cut() {
        let event = r#"{"a": 1, "b": {"c": [1, 2"#;
        assert_eq!(text(event, "a"), Some("1"));
        assert_eq!(text(r#"{"a": 1, "b": "c"#, "a"), Some("1"));
        assert_eq!(text("{", "a"), None);
        assert_eq!(text("", "a"), None);
        assert_eq!(text("[1]", "a"), None);
    }

    #[test]
    fn null_counts_as_absent_and_empty_text_as_none() {
        assert_eq!(text(r#"{"a": null}"#, "a"), None);
        assert_eq!(Json::new(r#""""#).text(), None);
        assert_eq!(Json::new("1").text(), None);
        assert_eq!(Json::new(r#" "\u00e4" "#).text().as_deref(), Some("ä"));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".*", inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn valid_json_is_read_as_serde_reads_it(value in any_json()) {
            let text = value.to_string();
            match &value {
                Value::Object(map) => {
                    let members = Json::new(&text).object().0.into_iter();
                    let read: serde_json::Map<String, Value> =
                        members.map(|(name, value)| (name, value.parse().unwrap())).collect();
                    prop_assert_eq!(&read, map);
                }
                Value::Array(items) => {
                    let read: Vec<Value> =
                        Json::new(&text).items().unwrap().into_iter().map(|item| item.parse().unwrap()).collect();
                    prop_assert_eq!(&read, items);
                }
                _ => prop_assert!(!Json::new(&text).is_object()),
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in r#"[\[\]{},:"\\ a1é]*"#) {
            let json = Json::new(&text);
            let _ = (json.object().get("a"), json.items());
        }
    }
}
