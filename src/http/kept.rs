//! Answers to public questions, kept for whoever asks the same in the same second.
//!
//! An answer to an anonymous `GET` rests on the question, on what is public, and on the
//! time. Where all three are the same the answer is, to the byte, so that a kept one is
//! never late: what changes the public view makes another [`Edition`].

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::http::Uri;

use super::{
    answer::{Form, Sent},
    hub::Edition,
};

/// Bytes of questions and answers that are kept.
const BUDGET: usize = 32 * 1024 * 1024;
/// An answer over this is made anew.
const LARGEST: usize = 1024 * 1024;

/// A question, as far as its answer depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    parameters: Box<str>,
    form: Form,
}

impl Question {
    pub(super) fn of(uri: &Uri, form: Form) -> Self {
        Self {
            parameters: uri.query().unwrap_or_default().into(),
            form,
        }
    }

    /// One that was posted: for a planted leak alone.
    #[cfg(feature = "planted-leaks")]
    pub(super) fn posted(asked: &super::asked::Asked, form: Form) -> Self {
        Self {
            parameters: format!("{asked:?}").into(),
            form,
        }
    }
}

/// The answers of the latest edition.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    edition: Edition,
    answers: HashMap<Question, Arc<Sent>>,
    bytes: usize,
}

impl Kept {
    /// The answer to a question that was asked at this edition.
    pub(super) fn find(&self, edition: Edition, question: &Question) -> Option<Arc<Sent>> {
        self.shelf(edition, |shelf| shelf.answers.get(question).cloned())
            .flatten()
    }

    /// Keeps an answer that was begun after this edition was read.
    pub(super) fn keep(&self, edition: Edition, question: Question, sent: &Arc<Sent>) {
        let bytes = question.parameters.len() + sent.bytes.len();
        self.shelf(edition, |shelf| {
            if bytes <= LARGEST && shelf.bytes + bytes <= BUDGET {
                let before = shelf.answers.insert(question, Arc::clone(sent));
                shelf.bytes += if before.is_none() { bytes } else { 0 };
            }
        });
    }

    /// Works on the answers of this edition, unless a later one has begun.
    fn shelf<T>(&self, edition: Edition, work: impl FnOnce(&mut Shelf) -> T) -> Option<T> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.edition < edition {
            *shelf = Shelf {
                edition,
                ..Shelf::default()
            };
        }
        (shelf.edition == edition).then(|| work(&mut shelf))
    }
}
