//! What a resolver may ask of its request: reader, loaders, files, withheld list.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use async_graphql::{Context, ContextBase, Error, Result};

use super::{
    error::Code,
    fetches::{Batches, Fetches},
    limits::{Limits, Tier},
    withheld::Withheld,
};
use crate::store::{Files, Reader, StoreError, standing::ViewerError};

/// Everything that is in a request, and nothing else.
pub struct Asked {
    /// Reads as the request's viewer.
    pub reader: Reader,
    /// The same, in batches.
    pub loader: Batches,
    /// Opens files for that viewer.
    pub files: Files,
    /// What was withheld so far.
    pub withheld: Arc<Withheld>,
    /// What the loader is about to read.
    pub fetches: Fetches,
    /// Records that the answer holds so far.
    records: Arc<AtomicU64>,
}

impl Asked {
    /// What the request of this reader's viewer may ask.
    pub fn by(reader: Reader) -> Self {
        let fetches = Fetches::default();
        Self {
            files: Files::of(&reader, Limits::SEALED_OPENINGS),
            loader: Batches::of(reader.clone(), fetches.clone()),
            reader,
            withheld: Arc::default(),
            records: Arc::default(),
            fetches,
        }
    }

    /// The same request as this reader's viewer goes on with it.
    fn renewed(&self, reader: Reader) -> Self {
        Self {
            files: self.files.renewed(&reader),
            loader: Batches::of(reader.clone(), self.fetches.clone()),
            reader,
            withheld: Arc::clone(&self.withheld),
            records: Arc::clone(&self.records),
            fetches: self.fetches.clone(),
        }
    }
}

/// A request on its way: what it may ask, as things stand after its last act.
pub struct Underway(RwLock<Arc<Asked>>);

impl Underway {
    /// The request as it begins.
    pub fn by(reader: Reader) -> Self {
        Self(RwLock::new(Arc::new(Asked::by(reader))))
    }

    /// What may be asked now.
    pub fn asked(&self) -> Arc<Asked> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Goes on as another reader's viewer: the same asker, after an act of theirs.
    fn go_on(&self, reader: Reader) {
        let mut asked = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *asked = Arc::new(asked.renewed(reader));
    }
}

/// Makes the request's viewer anew, since an act has changed what it rests on: what the
/// act has closed is closed to the rest of the request too.
///
/// # Errors
/// Fails where the database does.
pub async fn renew(ctx: &Context<'_>) -> Result<()> {
    let underway = underway(ctx)?;
    let reader = underway.asked().reader.clone();
    let viewer = reader.viewer();
    let Some(claims) = viewer.claims() else {
        return Ok(());
    };
    let today = reader
        .store()
        .viewer(claims, viewer.purpose().cloned(), viewer.now());
    match today.await {
        Ok(today) => {
            underway.go_on(reader.store().read_as(Arc::new(today)));
            Ok(())
        }
        // The act has ended the token itself: its viewer is told what is public alone.
        Err(ViewerError::Refused(_)) => Ok(()),
        Err(ViewerError::Store(error)) => Err(failed(error)),
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
    fn asked(&self) -> Result<Arc<Asked>>;
}

impl<T> Asking for ContextBase<'_, T> {
    fn asked(&self) -> Result<Arc<Asked>> {
        underway(self).map(Underway::asked)
    }
}

fn underway<'a, T>(ctx: &'a ContextBase<'_, T>) -> Result<&'a Underway> {
    let underway = ctx.data_opt::<Arc<Underway>>();
    let underway = underway.ok_or_else(|| Code::Internal.error())?;
    Ok(underway)
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
