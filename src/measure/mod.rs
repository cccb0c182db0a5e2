//! Interim, provisional and precautionary measures, each by its mechanism's own word.
//!
//! A measure is in its owner's docket, as a communication is: it is told to nobody else but
//! where a clause names `INTERIM_MEASURES`, until it is published by lowering its level. What
//! the State is asked to do can say where a person is, so that publishing the measure does not
//! publish it. A measure past its day reads as expired; nothing runs to make it so.
//!
//! Sources: OP-CAT committee and treaty bodies' rules on interim measures (e.g. CAT rule 114);
//! ECtHR Rules of Court, rule 39; IACHR Rules of Procedure, art. 25; ACHPR Rules, rule 100.

mod acts;
mod course;
mod entity;
mod graphql;

pub use self::{entity::InterimMeasure, graphql::MeasureActs};
