//! Folds lines to the width of the terminal.

use textwrap::{Options, WordSeparator, WordSplitter};

/// Lines are not folded to fewer columns than these.
const NARROWEST: usize = 40;

/// Folds a line. Each line after the first begins with `indent`. Output that does not go to a
/// terminal is not folded, so that each line can be searched as a whole.
pub(crate) fn fold(line: &str, indent: &str) -> String {
    let Some((width, _)) = terminal_size::terminal_size_of(std::io::stdout()) else {
        return line.to_owned();
    };
    fold_to(usize::from(width.0), line, indent)
}

fn fold_to(width: usize, line: &str, indent: &str) -> String {
    let options = Options::new(width.max(NARROWEST))
        .subsequent_indent(indent)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(line, options)
}
