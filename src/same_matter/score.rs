//! The score: how likely it is that two records are of one person, in three bands.
//!
//! A logistic regression with weights from a file that has a version. It ranks; it proves
//! nothing, and nothing is decided by it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    evidence::{Evidence, MEASURE_COUNT, MEASURES},
    key::NORMALISATION,
};
use crate::vocabulary::codes::codes;

codes! {
    /// How far two records' tokens speak for one person.
    ///
    /// A band is a share of false signals among probes that have no match in the docket, not
    /// a probability.
    pub Band {
        /// At most 5 of 1,000 probes without a match reach it.
        Likely => "LIKELY",
        /// At most 20 of 1,000 probes without a match reach it.
        Possible => "POSSIBLE",
        /// No signal. It does not say that they are two persons.
        None => "NONE",
    }
}

/// The share of probes without a match that may reach [`Band::Likely`].
pub const LIKELY_SHARE: f64 = 0.005;
/// The share of probes without a match that may reach [`Band::Possible`].
pub const POSSIBLE_SHARE: f64 = 0.02;

/// What the hub is delivered with.
const SHIPPED: &str = include_str!("weights/n1-1.json");

/// Why weights are refused.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// It is no such file.
    #[error("the file of weights is malformed: {0}")]
    Malformed(#[from] serde_json::Error),
    /// They are for other keys.
    #[error("the weights are for the normalisation `{0}`; this is `{NORMALISATION}`")]
    Normalisation(String),
    /// A measure has no weight, or a weight no measure.
    #[error("the weights are not those of the measures, at `{0}`")]
    Measures(String),
    /// A number is none, or thresholds are missing or out of order.
    #[error("the thresholds or weights are not in order")]
    Order,
}

/// Weights and thresholds, as a file has them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WeightsFile {
    /// The version of the weights.
    pub version: u32,
    /// The version of the keys they are for.
    pub normalisation: String,
    /// What they were trained and calibrated on, in words.
    pub trained_on: String,
    /// What is added to every score.
    pub intercept: f64,
    /// The weight of each measure.
    pub weights: BTreeMap<String, f64>,
    /// From which score on which band is reached, by the number of records against the State.
    pub thresholds: Vec<Threshold>,
}

/// From which score on a band is reached, where a docket has so many records of the State.
///
/// A probe meets by chance the more records, the more there are against the same State: the
/// size of the docket as a whole does not matter.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    /// Records of the docket against the same State.
    pub rivals: u32,
    /// From this score on: [`Band::Likely`].
    pub likely: f64,
    /// From this score on: [`Band::Possible`].
    pub possible: f64,
}

/// Weights and thresholds that fit the measures.
#[derive(Clone, Debug)]
pub struct Weights {
    version: u32,
    intercept: f64,
    weights: [f64; MEASURE_COUNT],
    thresholds: Vec<Threshold>,
}

impl Weights {
    /// Those that the hub is delivered with.
    ///
    /// # Errors
    /// As [`Self::of`]; a test shows that there are none.
    pub fn shipped() -> Result<Self, WeightsError> {
        Self::of(serde_json::from_str(SHIPPED)?)
    }

    /// Those of a file.
    ///
    /// # Errors
    /// Refuses a file that is not for these keys and measures.
    pub fn of(file: WeightsFile) -> Result<Self, WeightsError> {
        if file.normalisation != NORMALISATION {
            return Err(WeightsError::Normalisation(file.normalisation));
        }
        let known = |name: &String| MEASURES.contains(&name.as_str());
        if let Some(unknown) = file.weights.keys().find(|name| !known(name)) {
            return Err(WeightsError::Measures(unknown.clone()));
        }
        let mut weights = [0.0; MEASURE_COUNT];
        for (weight, name) in weights.iter_mut().zip(MEASURES) {
            let given = file.weights.get(name);
            *weight = *given.ok_or_else(|| WeightsError::Measures(name.to_owned()))?;
        }
        let numbers = weights.iter().chain([&file.intercept]);
        let finite = numbers.copied().all(f64::is_finite);
        let ordered = file.thresholds.iter().all(|at| at.possible <= at.likely)
            && file
                .thresholds
                .is_sorted_by(|one, next| one.rivals < next.rivals);
        if !finite || !ordered || file.thresholds.is_empty() {
            return Err(WeightsError::Order);
        }
        Ok(Self {
            version: file.version,
            intercept: file.intercept,
            weights,
            thresholds: file.thresholds,
        })
    }

    /// The version of the file, which a signal cites.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The score of the evidence: log odds, in the world of the training.
    pub fn score(&self, evidence: &Evidence) -> f64 {
        let terms = self.weights.iter().zip(&evidence.measures);
        self.intercept + terms.map(|(weight, measure)| weight * measure).sum::<f64>()
    }

    /// By how much a score is above the threshold of [`Band::Possible`].
    pub fn margin(&self, score: f64, rivals: u32) -> f64 {
        score - self.threshold(rivals).map_or(f64::MAX, |at| at.possible)
    }

    /// The band of a score, where a docket has so many records against the same State.
    pub fn band(&self, score: f64, rivals: u32) -> Band {
        let Some(at) = self.threshold(rivals) else {
            return Band::None;
        };
        if score >= at.likely {
            Band::Likely
        } else if score >= at.possible {
            Band::Possible
        } else {
            Band::None
        }
    }

    /// The thresholds for so many records: between two sizes in proportion to the logarithm,
    /// beyond them those of the nearest.
    fn threshold(&self, rivals: u32) -> Option<Threshold> {
        let above = self.thresholds.iter().find(|at| at.rivals >= rivals);
        let below = self.thresholds.iter().rfind(|at| at.rivals <= rivals);
        let (Some(above), Some(below)) = (above, below) else {
            return above.or(below).copied();
        };
        let log = |rivals: u32| f64::from(rivals.max(1)).ln();
        let width = log(above.rivals) - log(below.rivals);
        let share = if width > 0.0 {
            (log(rivals) - log(below.rivals)) / width
        } else {
            0.0
        };
        let between = |low: f64, high: f64| low + share * (high - low);
        Some(Threshold {
            rivals,
            likely: between(below.likely, above.likely),
            possible: between(below.possible, above.possible),
        })
    }
}
