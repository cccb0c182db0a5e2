//! Liaison: a hub through which human rights mechanisms cooperate.
//!
//! One GraphQL service where every field has a confidentiality rule. To each viewer,
//! the hub answers as if it held only what that viewer may see.
//!
//! Read in this order: [`confidentiality`] (what may be told to whom), [`identity`]
//! (who asks), [`store`] (the only door to the database), [`journal`] (the record of
//! disclosures), [`graphql`] and [`http`] (how it is asked), then the slices, from
//! [`country`] to [`communication`].

// The acts of all slices stand in one type, whose futures nest as deep as they are many.
#![recursion_limit = "256"]

#[cfg(feature = "planted-leaks")]
pub mod planted;

/// Whether a leak is open that was planted for a test; `false` without the feature.
#[cfg(feature = "planted-leaks")]
macro_rules! planted {
    ($leak:ident) => {
        $crate::planted::is($crate::planted::Leak::$leak)
    };
}
#[cfg(not(feature = "planted-leaks"))]
macro_rules! planted {
    ($leak:ident) => {
        false
    };
}

pub mod chance;
pub mod clock;
pub mod date;
pub mod id;
pub mod keys;
pub mod language;

pub mod confidentiality;
pub mod graphql;
pub mod http;
pub mod identity;
pub mod journal;
pub mod store;
pub mod vocabulary;

pub mod activity;
pub mod agreement;
pub mod calendar;
pub mod communication;
pub mod country;
pub mod document;
pub mod holder;
pub mod key_holder;
pub mod matter;
pub mod measure;
pub mod mechanism;
pub mod organisation;
pub mod recommendation;
pub mod same_matter;
pub mod statistics;
pub mod work_plan;

pub mod cli;
pub mod demo;
pub mod export;
pub mod feed;
pub mod hub;
pub mod import;
pub mod selftest;
pub mod witness;
