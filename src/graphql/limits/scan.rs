//! Reads the bytes of a request before anything parses them.
//!
//! The parser recurses once for each bracket, so a text nested deep enough
//! would take the process down with it. This reading is flat.

use super::{LimitError, Limits, Measure};

/// Refuses a document that is too large, too deep or has too many tokens.
///
/// Brackets inside strings, block strings and comments do not count. A text
/// that is no GraphQL passes if it is small: the parser will say so better.
pub fn scan(document: &str) -> Result<(), LimitError> {
    Measure::Document.check(document.len() as u64, Limits::DOCUMENT_BYTES as u64)?;
    let mut text = Text::new(document.as_bytes());
    let (mut depth, mut tokens) = (0_u64, 0_u64);
    while let Some(byte) = text.next() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' | 0xEF | 0xBB | 0xBF => continue,
            b'#' => {
                text.skip_while(|b| b != b'\n' && b != b'\r');
                continue;
            }
            b'"' if text.takes(b"\"\"") => text.skip_block_string(),
            b'"' => text.skip_string(),
            b'.' => text.skip_while(|b| b == b'.'),
            b'{' | b'[' | b'(' => {
                depth += 1;
                Measure::Nesting.check(depth, Limits::NESTING)?;
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'-' | b'0'..=b'9' => text.skip_while(is_in_number),
            b if is_in_name(b) => text.skip_while(is_in_name),
            _ => {}
        }
        tokens += 1;
        Measure::Tokens.check(tokens, Limits::TOKENS)?;
    }
    Ok(())
}

/// Refuses JSON that is nested deeper than the limit, before it is parsed.
///
/// `around` levels, of what the variables are wrapped in, are not counted.
pub fn scan_json(json: &[u8], around: u64) -> Result<(), LimitError> {
    let mut text = Text::new(json);
    let mut depth = 0_u64;
    while let Some(byte) = text.next() {
        match byte {
            b'"' => text.skip_string(),
            b'{' | b'[' => {
                depth += 1;
                let inside = depth.saturating_sub(around);
                Measure::InputNesting.check(inside, Limits::NESTING)?;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

fn is_in_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn is_in_number(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-')
}

/// Bytes with a place in them.
struct Text<'a> {
    rest: &'a [u8],
}

impl<'a> Text<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Takes `expected` if it comes next.
    fn takes(&mut self, expected: &[u8]) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_while(&mut self, skip: impl Fn(u8) -> bool) {
        while self.rest.first().is_some_and(|byte| skip(*byte)) {
            self.next();
        }
    }

    /// To the closing quote, or to the end of the line: a string has one line.
    fn skip_string(&mut self) {
        while let Some(byte) = self.next() {
            match byte {
                b'"' | b'\n' | b'\r' => return,
                b'\\' => drop(self.next()),
                _ => {}
            }
        }
    }

    /// To the closing three quotes; `\"""` is text.
    fn skip_block_string(&mut self) {
        loop {
            if self.takes(b"\\\"\"\"") {
                continue;
            }
            if self.takes(b"\"\"\"") || self.next().is_none() {
                return;
            }
        }
    }
}
