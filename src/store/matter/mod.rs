//! Whether another secretariat holds the same matter, on the stored docket.
//!
//! Tokens are in tables of their own, which no query of the API leads to. A question is taken
//! alike whatever is there: the hub compares afterwards, on its own, and tells the owner of
//! what it finds, first and alone. Who has asked is told at the due date.

mod blind;
mod candidates;
mod checks;
mod compare;
mod follow;
mod limits;
mod parts;
mod side;
mod signals;
mod tokens;
mod weigh;

pub use self::{
    blind::{Blind, BlindElement, NewBlind},
    checks::{Check, Confirmed, NewCheck, OwnMatter, Snapshot},
    compare::follow,
    follow::InHand,
    parts::{Part, is_compared},
    side::{Overlap, Side, Word},
    signals::{Given, Procedural, Signal, Told},
    tokens::{NewVictim, Tokens, pepper},
};
