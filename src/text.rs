//! Shortens texts, since a Reason has few bytes and a line of the log has some kilobytes.

use std::borrow::Cow;

/// Most bytes that a Reason repeats of one message.
const MESSAGE_MAX: usize = 800;

/// The beginning of a message.
pub(crate) fn shortened(message: &str) -> Cow<'_, str> {
    shortened_to(message, MESSAGE_MAX)
}

/// The beginning of a text, of at most so many bytes.
pub(crate) fn shortened_to(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let (start, _) = text.split_at(text.floor_char_boundary(most));
    Cow::Owned(format!("{start}…"))
}

/// Most items of a list that a Reason names.
const NAMED_MAX: usize = 8;

/// The first items of a list, and how many more there are.
pub(crate) fn list_of(items: &[&str]) -> String {
    let named = items.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(NAMED_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// The text of an error and of its sources, the outermost first.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}
