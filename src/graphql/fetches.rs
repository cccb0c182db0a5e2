//! Fetches: what a request's loaders read, begun when nothing else of it can go on.
//!
//! All resolvers of a level have asked for theirs by then, so that a level is one
//! statement for each kind of thing, whatever the size of its pages. A fetch runs in
//! the request's own task: it ends with the request, and no other thread takes it away
//! half full.

use std::{
    future::poll_fn,
    mem,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};

/// The fetches of one request that have not begun.
#[derive(Clone, Default)]
pub struct Fetches(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Fetches {
    /// Puts a fetch in line.
    pub fn add(&self, fetch: BoxFuture<'static, ()>) {
        self.waiting().push(fetch);
    }

    /// Answers a request, and runs its fetches whenever it waits for them.
    pub async fn serve<T>(&self, request: impl Future<Output = T>) -> T {
        let mut request = pin!(request);
        let mut running = FuturesUnordered::new();
        poll_fn(|context| {
            loop {
                if let Poll::Ready(answer) = request.as_mut().poll(context) {
                    return Poll::Ready(answer);
                }
                running.extend(mem::take(&mut *self.waiting()));
                match running.poll_next_unpin(context) {
                    // Something was read: the request may go on.
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) | Poll::Pending => return Poll::Pending,
                }
            }
        })
        .await
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<BoxFuture<'static, ()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
