//! Batches: what a level of the answer needs is read in one statement.

use std::{
    collections::HashMap,
    hash::{Hash, Hasher},
    marker::PhantomData,
    sync::Arc,
};

use super::{
    StoreError,
    page::ListQuery,
    reader::{Reader, Slice},
};
use crate::{
    confidentiality::{Domain, Known},
    id::RecordId,
};

/// What a batch is asked for.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {
    /// What is found under it.
    type Value: Clone + Send + Sync + 'static;

    /// Reads what is found under each of `keys`; what is not found is left out.
    ///
    /// # Errors
    /// Fails where the database does.
    fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, StoreError>> + Send;
}

/// A record of type `D`, by its id.
pub struct ById<D>(pub RecordId, PhantomData<fn() -> D>);

/// The list of records of type `D` under one record.
pub struct ListUnder<D>(Under, PhantomData<fn() -> D>);

/// How many records of type `D` the list under one record has.
pub struct CountUnder<D>(Under, PhantomData<fn() -> D>);

/// The topics of a record.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TopicsOf(pub RecordId);

#[derive(Clone)]
struct Under {
    parent: RecordId,
    query: Arc<ListQuery>,
}

impl<D> ById<D> {
    /// The record with this id.
    pub fn new(id: RecordId) -> Self {
        Self(id, PhantomData)
    }
}

impl Under {
    /// Whether one statement answers both.
    fn asks_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.query, &other.query) || self.query == other.query
    }
}

impl<D> ListUnder<D> {
    /// The part that `query` asks for, under `parent`.
    pub fn new(parent: RecordId, query: Arc<ListQuery>) -> Self {
        Self(Under { parent, query }, PhantomData)
    }
}

impl<D> CountUnder<D> {
    /// The whole of what `query` asks for, under `parent`.
    pub fn new(parent: RecordId, query: Arc<ListQuery>) -> Self {
        Self(Under { parent, query }, PhantomData)
    }
}

impl PartialEq for Under {
    fn eq(&self, other: &Self) -> bool {
        self.parent == other.parent && self.asks_as(other)
    }
}

impl Eq for Under {}

impl Hash for Under {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // Few questions are asked under one record: they need not be told apart here.
        self.parent.hash(state);
    }
}

/// Keys are compared by what they carry, whatever the type that they ask for.
macro_rules! key {
    ($Key:ident) => {
        impl<D> Clone for $Key<D> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), PhantomData)
            }
        }

        impl<D> PartialEq for $Key<D> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<D> Eq for $Key<D> {}

        impl<D> Hash for $Key<D> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.hash(state);
            }
        }
    };
}
pub(super) use key;
key!(ById);
key!(ListUnder);
key!(CountUnder);

impl<D: Domain> Key for ById<D> {
    type Value = Arc<Known<D>>;

    async fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Value>, StoreError> {
        let ids: Vec<RecordId> = keys.iter().map(|key| key.0).collect();
        let found = reader.by_ids::<D>(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, known)| (ById::new(id), known))
            .collect())
    }
}

impl<D: Domain> Key for ListUnder<D> {
    type Value = Slice<D>;

    async fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Value>, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        for group in groups(keys.iter().map(|key| &key.0)) {
            let Some(query) = group.first().map(|under| Arc::clone(&under.query)) else {
                continue;
            };
            let parents: Vec<RecordId> = group.iter().map(|under| under.parent).collect();
            let mut slices = reader.lists::<D>(&parents, &query).await?;
            for under in group {
                let slice = slices.remove(&Some(under.parent)).unwrap_or_default();
                found.insert(ListUnder(under, PhantomData), slice);
            }
        }
        Ok(found)
    }
}

impl<D: Domain> Key for CountUnder<D> {
    type Value = i64;

    async fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Value>, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        for group in groups(keys.iter().map(|key| &key.0)) {
            let Some(query) = group.first().map(|under| Arc::clone(&under.query)) else {
                continue;
            };
            let parents: Vec<RecordId> = group.iter().map(|under| under.parent).collect();
            let counts = reader.counts::<D>(&parents, &query).await?;
            for under in group {
                let count = counts.get(&Some(under.parent)).copied().unwrap_or_default();
                found.insert(CountUnder(under, PhantomData), count);
            }
        }
        Ok(found)
    }
}

impl Key for TopicsOf {
    type Value = Vec<String>;

    async fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Value>, StoreError> {
        let ids: Vec<RecordId> = keys.iter().map(|key| key.0).collect();
        let mut topics = reader.topics(&ids).await?;
        Ok(keys
            .iter()
            .map(|key| (*key, topics.remove(&key.0).unwrap_or_default()))
            .collect())
    }
}

/// Keys with the same query, which one statement answers; in a stable order.
fn groups<'a>(keys: impl Iterator<Item = &'a Under>) -> Vec<Vec<Under>> {
    let mut groups: Vec<Vec<Under>> = Vec::new();
    for key in keys {
        let same = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| first.asks_as(key)));
        match same {
            Some(group) => group.push(key.clone()),
            None => groups.push(vec![key.clone()]),
        }
    }
    groups
}
