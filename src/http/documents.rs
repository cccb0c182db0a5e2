//! Parsed documents, kept for callers who send the same text again.
//!
//! A list with a nested list takes 140 µs to parse and 2 µs to copy. What async-graphql
//! 7.0.19 validates cannot be kept, so each request is validated anew.

use std::{collections::HashMap, sync::Mutex};

use async_graphql::parser::{self, parse_query, types::ExecutableDocument};
use sha2::{Digest, Sha256};

/// Bytes of text kept; what is parsed takes some twenty times as much.
const BUDGET: usize = 512 * 1024;

type Key = [u8; 32];

/// A store of parsed documents, bounded by the bytes of their text.
///
/// Two generations: what is found in the old one moves to the young one, and
/// when the young one is full the old one is dropped. No more is needed for
/// least-recently-used to a factor of two, and nothing is ever walked.
///
/// A text with a string in it is never kept. Whether a text is kept shows in
/// the time its answer takes, and would tell one caller what another has asked
/// by name; a document that keeps its values in variables tells nothing.
#[derive(Debug, Default)]
pub(super) struct Documents {
    generations: Mutex<Generations>,
}

#[derive(Debug, Default)]
struct Generations {
    young: HashMap<Key, (usize, ExecutableDocument)>,
    old: HashMap<Key, (usize, ExecutableDocument)>,
    young_bytes: usize,
}

impl Documents {
    /// The document of this text, from the store or from the parser.
    pub(super) fn parse(&self, text: &str) -> Result<ExecutableDocument, parser::Error> {
        if text.contains('"') {
            return parse_query(text);
        }
        let key: Key = Sha256::digest(text).into();
        if let Some(found) = self.generations(|kept| kept.find(&key)) {
            return Ok(found);
        }
        let document = parse_query(text)?;
        self.generations(|kept| kept.keep(key, text.len(), document.clone()));
        Ok(document)
    }

    fn generations<T>(&self, work: impl FnOnce(&mut Generations) -> T) -> T {
        let mut kept = self
            .generations
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        work(&mut kept)
    }
}

impl Generations {
    fn find(&mut self, key: &Key) -> Option<ExecutableDocument> {
        if let Some((_, document)) = self.young.get(key) {
            return Some(document.clone());
        }
        let (bytes, document) = self.old.remove(key)?;
        self.keep(*key, bytes, document.clone());
        Some(document)
    }

    fn keep(&mut self, key: Key, bytes: usize, document: ExecutableDocument) {
        if self.young_bytes + bytes > BUDGET / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(key, (bytes, document)).is_none() {
            self.young_bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_stays_within_its_budget() {
        let documents = Documents::default();
        for i in 0..200 {
            let text = format!("{{ f{i} {} }}", "field ".repeat(2_000));
            documents.parse(&text).expect("a document");
        }
        let bytes = documents.generations(|kept| {
            kept.young
                .values()
                .chain(kept.old.values())
                .map(|(bytes, _)| bytes)
                .sum::<usize>()
        });
        assert!((BUDGET / 4..=BUDGET).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_text_with_a_string_is_not_kept() {
        let documents = Documents::default();
        documents
            .parse("{ a(name: \"Invented\") }")
            .expect("a document");
        documents.parse("{ a }").expect("a document");
        documents.parse("{ a }").expect("a document");
        assert_eq!(
            documents.generations(|kept| kept.young.len() + kept.old.len()),
            1
        );
    }
}
