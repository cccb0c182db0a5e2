//! Fetches: what a request's loaders read, begun when nothing else of it can go on.
//!
//! All resolvers of a level have asked for theirs by then, so that a level is one
//! statement for each kind of thing, whatever the size of its pages. A fetch runs in
//! the request's own task: it ends with the request, and no other thread takes it away
//! half full.

use std::{
    any::{Any, TypeId},
    collections::{HashMap, HashSet},
    future::poll_fn,
    mem,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::{
    StreamExt, channel::oneshot, future::BoxFuture, stream::FuturesUnordered, task::AtomicWaker,
};
use sea_orm::DbErr;

use crate::store::{Reader, StoreError, batch::Key, reader::BATCH};

/// Turns that a request has in a row before other requests have one.
const ROUNDS: u32 = 64;

/// The fetches of one request that have not begun.
#[derive(Clone, Default)]
pub struct Fetches(Arc<Mutex<Vec<Begin>>>);

/// Begins a fetch: what is asked for from then on is of the next level.
type Begin = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

impl Fetches {
    /// Puts a fetch in line.
    fn add(&self, fetch: Begin) {
        self.waiting().push(fetch);
    }

    /// Answers a request, and runs its fetches whenever it waits for nothing else.
    ///
    /// Those of one level run side by side, and all of them end before the next begin:
    /// what the one has told may ask for the same as what the other tells.
    pub async fn serve<T>(&self, request: impl Future<Output = T>) -> T {
        let mut request = pin!(request);
        let mut running = FuturesUnordered::new();
        let stirred = Arc::new(Stirred::default());
        let waker = Waker::from(Arc::clone(&stirred));
        poll_fn(|context| {
            stirred.outer.register(context.waker());
            let mut rounds = 0;
            loop {
                // A long list of futures gives way before all of them have had their turn.
                while stirred.again.swap(false, Ordering::AcqRel) {
                    rounds += 1;
                    if rounds > ROUNDS {
                        // What gives way to other tasks goes on when they have had theirs.
                        stirred.wake_by_ref();
                        return Poll::Pending;
                    }
                    let mut context = Context::from_waker(&waker);
                    if let Poll::Ready(answer) = request.as_mut().poll(&mut context) {
                        return Poll::Ready(answer);
                    }
                }
                if running.is_empty() {
                    let level = mem::take(&mut *self.waiting());
                    running.extend(level.into_iter().map(|begin| begin()));
                }
                match running.poll_next_unpin(context) {
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) | Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Begin>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the request may go on by itself, told by whatever it waits for.
struct Stirred {
    again: AtomicBool,
    outer: AtomicWaker,
}

impl Default for Stirred {
    fn default() -> Self {
        Self {
            // It begins by itself.
            again: AtomicBool::new(true),
            outer: AtomicWaker::new(),
        }
    }
}

impl Wake for Stirred {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.again.store(true, Ordering::Release);
        self.outer.wake();
    }
}

/// What the resolvers of one request ask for, read in batches: one for each kind of key
/// and level.
pub struct Batches {
    line: Fetches,
    shared: Arc<Shared>,
}

struct Shared {
    reader: Reader,
    waiting: Mutex<HashMap<TypeId, Box<dyn Any + Send>>>,
}

type Found<K> = Result<Arc<HashMap<K, <K as Key>::Value>>, StoreError>;

/// Keys that are asked for and not yet read, and who waits for them.
struct Waiting<K: Key> {
    keys: HashSet<K>,
    askers: Vec<oneshot::Sender<Found<K>>>,
}

impl<K: Key> Default for Waiting<K> {
    fn default() -> Self {
        Self {
            keys: HashSet::new(),
            askers: Vec::new(),
        }
    }
}

impl Batches {
    /// Batches that this reader reads, and that begin in this line.
    pub fn of(reader: Reader, line: Fetches) -> Self {
        let waiting = Mutex::default();
        Self {
            line,
            shared: Arc::new(Shared { reader, waiting }),
        }
    }

    /// What is found under one key.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn load_one<K: Key>(&self, key: K) -> Result<Option<K::Value>, StoreError> {
        let found = self.found(std::slice::from_ref(&key)).await?;
        Ok(found.get(&key).cloned())
    }

    /// What is found under each of several keys, and maybe under others.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn load_many<K: Key>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Arc<HashMap<K, K::Value>>, StoreError> {
        let keys: Vec<K> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(Arc::default());
        }
        self.found(&keys).await
    }

    async fn found<K: Key>(&self, keys: &[K]) -> Found<K> {
        let (asker, answer) = oneshot::channel();
        let first = self.shared.waiting(|waiting: &mut Waiting<K>| {
            let first = waiting.askers.is_empty();
            waiting.keys.extend(keys.iter().cloned());
            waiting.askers.push(asker);
            first
        });
        if first {
            let shared = Arc::clone(&self.shared);
            self.line.add(Box::new(move || {
                let waiting = shared.waiting(mem::take);
                Box::pin(async move { shared.fetch::<K>(waiting).await })
            }));
        }
        // A fetch ends without an answer where the request itself has ended.
        let ended = |_| DbErr::Custom("the request has ended".to_owned());
        answer.await.map_err(ended)?
    }
}

impl Shared {
    /// Reads all that is waited for under one kind of key.
    async fn fetch<K: Key>(&self, Waiting { keys, askers }: Waiting<K>) {
        let keys: Vec<K> = keys.into_iter().collect();
        let found = self.read(&keys).await.map(Arc::new);
        for asker in askers {
            // Who has given up meanwhile needs no answer.
            let _ = asker.send(found.clone());
        }
    }

    async fn read<K: Key>(&self, keys: &[K]) -> Result<HashMap<K, K::Value>, StoreError> {
        let mut found = HashMap::with_capacity(keys.len());
        for some in keys.chunks(BATCH) {
            found.extend(K::load(&self.reader, some).await?);
        }
        Ok(found)
    }

    /// Works on what is waited for under one kind of key.
    fn waiting<K: Key, T>(&self, work: impl FnOnce(&mut Waiting<K>) -> T) -> T {
        let mut kinds = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let kind = kinds
            .entry(TypeId::of::<K>())
            .or_insert_with(|| Box::new(Waiting::<K>::default()));
        match kind.downcast_mut() {
            Some(waiting) => work(waiting),
            // Not reached: it is filed under its own type.
            None => work(&mut Waiting::default()),
        }
    }
}
