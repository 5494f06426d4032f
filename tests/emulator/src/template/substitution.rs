//! The text of `Fn::Sub`.

/// A part of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// `${name}`, which is replaced.
    Variable(String),
}

/// Splits a text at its variables. `${!name}` is the text `${name}`. Returns `None` if a variable
/// does not end.
pub(super) fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        literal.push_str(before);
        if let Some(escaped) = name.strip_prefix('!') {
            literal.push_str("${");
            literal.push_str(escaped);
            literal.push('}');
        } else {
            parts.push(Part::Text(std::mem::take(&mut literal)));
            parts.push(Part::Variable(name.trim().to_owned()));
        }
        rest = after;
    }
    literal.push_str(rest);
    parts.push(Part::Text(literal));
    parts.retain(|part| *part != Part::Text(String::new()));
    Some(parts)
}
