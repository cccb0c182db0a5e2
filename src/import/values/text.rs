//! Texts of cells: what does not show, and what a spreadsheet would run.

/// Whether a character does not show, or turns the text around it.
pub fn is_hidden(letter: char) -> bool {
    matches!(letter,
        '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Direction: marks, embeddings, overrides, isolates.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
        // Without width, and tags.
        | '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// A character as its code point, such as `U+202E`.
pub fn name(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}

/// The first hidden character, and its place among the letters.
pub fn first_hidden(text: &str) -> Option<(usize, char)> {
    text.chars()
        .enumerate()
        .find(|(_, letter)| is_hidden(*letter))
}

/// The text without hidden characters.
pub fn cleaned(text: &str) -> String {
    text.chars().filter(|letter| !is_hidden(*letter)).collect()
}

/// Whether a spreadsheet would take the text for a formula; a number is none.
pub fn looks_like_formula(text: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().is_ok();
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number(text) && text.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_show_is_found_and_named() {
        assert_eq!(first_hidden("Jane\u{202e}enaJ"), Some((4, '\u{202e}')));
        assert_eq!(first_hidden("a\u{0}b"), Some((1, '\u{0}')));
        assert_eq!(first_hidden("two\nlines\twide, العربية 中文"), None);
        assert_eq!(cleaned("a\u{200b}b\u{feff}"), "ab");
        assert_eq!(name('\u{202e}'), "U+202E");
    }

    #[test]
    fn a_formula_begins_as_one_and_is_no_number() {
        for text in ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"] {
            assert!(looks_like_formula(text), "{text:?}");
        }
        for text in ["-5", "+3.5", "-", "A=1", ""] {
            assert!(!looks_like_formula(text), "{text:?}");
        }
    }
}
