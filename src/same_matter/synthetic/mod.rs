//! Synthetic dockets in many scripts, and how well the engine finds what is in them.
//!
//! Persons are invented: common names joined by chance under a fixed seed. Figures measured
//! here are for comparing versions of the engine; the channels of writing and the rules of
//! normalisation were written by the same hand, so they are no claim about real dockets.

mod files;
mod language;
mod pairs;
mod person;
mod record;
mod report;
mod training;
mod trial;
mod world;

pub use self::{
    language::{Channel, Language, languages},
    pairs::PairsError,
    person::{Day, Part, Person},
    record::{Habits, Record},
    report::report,
    training::train,
    trial::{Answer, Asked, Tally, Trial, threshold},
    world::{Plan, Probe, World},
};
