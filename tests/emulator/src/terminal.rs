//! The text of the terminal: folded lines, short ARNs, masked addresses.

use std::sync::LazyLock;

use emulator::AddressMask;
use regex::Regex;
use serde_json::Value;
use textwrap::{Options, WordSeparator, WordSplitter};

const NARROWEST: usize = 40;

/// How values are shown to people. Addresses of channels are masked, because the text of a terminal
/// is shown to others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) mask: AddressMask,
    pub(crate) verbose: bool,
}

impl Shown {
    pub(crate) fn new(verbose: bool) -> Self {
        Self { mask: AddressMask::default(), verbose }
    }

    pub(crate) fn text(&self, text: &str) -> String {
        self.short(self.mask.text(text))
    }

    pub(crate) fn json(&self, value: &Value) -> String {
        self.short(self.mask.json(value).to_string())
    }

    /// Shortens a text that is masked already. Masking twice would hide the whole address.
    pub(crate) fn short(&self, masked: String) -> String {
        if self.verbose { masked } else { with_short_arns(&masked) }
    }
}

/// Replaces the beginning of ARNs, which is the same for all of an account and Region, and the id
/// of a stack after its name.
fn with_short_arns(text: &str) -> String {
    #[expect(clippy::unwrap_used, reason = "the patterns are constants")]
    static PATTERNS: LazyLock<[Regex; 2]> = LazyLock::new(|| {
        let start = r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:";
        let stack = r"(…:stack/[A-Za-z0-9-]+)/[A-Za-z0-9-]+";
        [start, stack].map(|pattern| Regex::new(pattern).unwrap())
    });
    let [start, stack] = &*PATTERNS;
    stack.replace_all(&start.replace_all(text, "…:"), "$1").into_owned()
}

pub(crate) fn print(line: &str, indent: &str) {
    anstream::println!("{}", fold(line, indent));
}

/// Folds a line. Each line after the first begins with `indent`. Output that does not go to a
/// terminal is not folded, so that each line can be searched as a whole.
pub(crate) fn fold(line: &str, indent: &str) -> String {
    match terminal_size::terminal_size_of(std::io::stdout()) {
        Some((width, _)) => fold_to(usize::from(width.0), line, indent),
        None => line.to_owned(),
    }
}

fn fold_to(width: usize, line: &str, indent: &str) -> String {
    let options = Options::new(width.max(NARROWEST))
        .subsequent_indent(indent)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(line, options)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Shown, fold_to};

    #[test]
    fn a_long_line_is_folded_and_keeps_its_indent() {
        let folded = fold_to(40, "  one two three four five six seven eight nine", "      ");
        assert_eq!(folded, "  one two three four five six seven\n      eight nine");
        let word = "x".repeat(50);
        assert_eq!(fold_to(10, &word, "").lines().count(), 2, "a narrow terminal");
    }

    #[test]
    fn arns_are_short_unless_they_are_asked_for() {
        let contact = "arn:aws:ssm-contacts:us-east-2:111122223333:contact/akuam";
        let stack = "arn:aws:cloudformation:us-east-2:111122223333:stack/on-call/5b03013e-6255";
        let shown = Shown::new(false);
        assert_eq!(shown.text(contact), "…:contact/akuam");
        assert_eq!(shown.json(&json!({"S": stack})), r#"{"S":"…:stack/on-call"}"#);
        assert_eq!(Shown::new(true).text(contact), contact);
    }
}
