//! The feed of changes: what a partner system needs to keep up with what it may see.
//!
//! [`changes`] brings the viewer's view up to date and tells what has changed in it after a
//! place; `store/feed` says what is remembered, and why that tells of nothing hidden.

mod graphql;

pub use self::graphql::{Changes, changes};
