//! Whether two secretariats may hold the same matter, without either being shown a name.
//!
//! Pure: no database, no clock, no network. Of what is known of an alleged victim
//! ([`Victim`]) typed keys are made ([`record_keys`], [`probe_keys`]), of these tokens under a
//! secret ([`HubTrusted`], behind [`Tokens`], which other modes implement too). What the
//! tokens of two records have in common is [`Evidence`]; [`Weights`] make a [`Band`] of it.
//!
//! The same matter has four elements ([`Elements`]), each with its own band. What the rules
//! of the body, dated rows with their source, make of them is an [`Assessment`]. Nothing here
//! decides admissibility.

mod assessment;
pub mod blind;
mod clear;
mod concordance;
mod docket;
mod element;
mod evidence;
mod key;
mod name;
mod pinyin;
mod row;
mod rule;
mod score;
mod skeleton;
mod succession;
pub mod synthetic;
mod table;
mod token;
mod victim;
mod words;

#[cfg(test)]
mod tests;

pub use self::{
    assessment::{
        Assessment, AssessmentGround, Cited, Elsewhere, ElsewhereStage, Outcome, Question, assess,
    },
    concordance::{Concordance, Invoked},
    docket::Docket,
    element::{
        Element, ElementReason, Elements, Event, FoundBy, SameFacts, SameIndividual, SameRights,
        SameState, facts, individual, rights, state,
    },
    evidence::{Contradiction, Evidence, Held, KINDS, MEASURE_COUNT, MEASURES, Shared},
    key::{
        KeyKind, MOST, MOST_OF_A_SPELLING, MatchKey, NORMALISATION, Use, probe_keys, record_keys,
        used_keys,
    },
    rule::{
        Basis, ConcludedMeans, Counts, OtherProcedureRule, ProcedureRule, Reservation,
        ReservationLimit, RightsTest, Rules, Said,
    },
    score::{Band, LIKELY_SHARE, POSSIBLE_SHARE, Threshold, Weights, WeightsError, WeightsFile},
    succession::Successions,
    table::{TableError, Verification},
    token::{Begun, HubTrusted, TOKEN_BYTES, Token, Tokens, TypedToken},
    victim::Victim,
};
