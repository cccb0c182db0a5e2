//! What a resolver may ask of its request: reader, loaders, files, withheld list.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_graphql::{Context, ContextBase, Error, Result};

use super::{
    error::Code,
    fetches::{Batches, Fetches},
    limits::{Limits, Tier},
    withheld::Withheld,
};
use crate::store::{Files, Reader, StoreError};

/// Everything that is in a request, and nothing else.
pub struct Asked {
    /// Reads as the request's viewer.
    pub reader: Reader,
    /// The same, in batches.
    pub loader: Batches,
    /// Opens files for that viewer.
    pub files: Files,
    /// What was withheld so far.
    pub withheld: Withheld,
    /// What the loader is about to read.
    pub fetches: Fetches,
    /// Records that the answer holds so far.
    records: AtomicU64,
}

impl Asked {
    /// What the request of this reader's viewer may ask.
    pub fn by(reader: Reader) -> Self {
        let fetches = Fetches::default();
        Self {
            files: Files::of(&reader, Limits::SEALED_OPENINGS),
            loader: Batches::of(reader.clone(), fetches.clone()),
            reader,
            withheld: Withheld::default(),
            records: AtomicU64::new(0),
            fetches,
        }
    }
}

impl Asked {
    /// Counts records that were put into the answer.
    ///
    /// The estimate before the request is a guess; this is the limit itself.
    ///
    /// # Errors
    /// Refuses more than the published limit.
    pub fn count(&self, records: usize) -> Result<()> {
        let tier = match self.reader.viewer().standing() {
            Some(_) => Tier::Token,
            None => Tier::Anonymous,
        };
        let so_far = self.records.fetch_add(records as u64, Ordering::Relaxed);
        if so_far.saturating_add(records as u64) > Limits::nodes(tier) {
            return Err(Code::AnswerTooLarge.error());
        }
        Ok(())
    }
}

/// Finds what the request may ask.
pub trait Asking {
    /// What the request may ask.
    ///
    /// # Errors
    /// Fails where a request was begun without it, which is a fault of the hub.
    fn asked(&self) -> Result<&Asked>;
}

impl<T> Asking for ContextBase<'_, T> {
    fn asked(&self) -> Result<&Asked> {
        self.data_opt::<Arc<Asked>>()
            .map(Arc::as_ref)
            .ok_or_else(|| Code::Internal.error())
    }
}

/// The store's failure, for the log under the request's id; a caller is told no more
/// than that something failed.
pub fn failed(error: StoreError) -> Error {
    Error::new_with_source(error)
}

/// The names on the way to the value at hand, without the places in lists.
pub fn pattern(ctx: &Context<'_>) -> String {
    names(ctx.path_node.as_ref())
}

/// The names on a path, joined by dots.
pub fn names(mut node: Option<&async_graphql::QueryPathNode<'_>>) -> String {
    let mut names = Vec::new();
    while let Some(at) = node {
        if let async_graphql::QueryPathSegment::Name(name) = at.segment {
            names.push(name);
        }
        node = at.parent;
    }
    names.reverse();
    names.join(".")
}
