//! Pages of lists.

use serde_json::{Map, Value};

use super::text;

/// Returns a page of the items, which are in order of their keys. `NextToken` is the key of the
/// item with which the next page starts.
pub(super) fn page<'a>(
    name: &str,
    items: impl Iterator<Item = (&'a str, Value)>,
    input: &Value,
    default: Option<usize>,
) -> Value {
    let first = text(input, "NextToken");
    let mut rest = items.filter(|(key, _)| *key >= first);
    let most = input.get("MaxResults").and_then(Value::as_u64);
    let most = most.and_then(|most| usize::try_from(most).ok());
    // The model allows 0 and does not define its meaning.
    let most = most.filter(|most| *most > 0).or(default);
    let page: Vec<Value> =
        rest.by_ref().take(most.unwrap_or(usize::MAX)).map(|(_, item)| item).collect();
    let mut output = Map::from_iter([(name.to_owned(), page.into())]);
    output.extend(rest.next().map(|(key, _)| ("NextToken".to_owned(), key.into())));
    output.into()
}
