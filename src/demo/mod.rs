//! The demo: the facts of a concept note of 2012, and an invented docket.
//!
//! The real facts come from `data/seed`, through the committed mapping; whatever is
//! confidential is invented, and says so. It is written as its holders, each for the
//! mechanism that it acts for: there is no way around the gate.

mod bodies;
mod cast;
mod channels;
mod countries;
mod desks;
mod docket;
pub mod draft;
mod events;
pub mod facts;
pub mod load;
pub mod mapping;
mod papers;
mod plans;
mod recommended;
pub mod rows;
mod seed;
mod together;
mod tongues;
