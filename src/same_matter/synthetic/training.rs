//! Training: weights from one world, thresholds from others.

use std::collections::BTreeMap;

use super::{
    record::{Habits, Record},
    trial::{Answer, Trial, threshold},
    world::{Plan, World},
};
use crate::{
    keys::SecretKey,
    same_matter::{
        Evidence, LIKELY_SHARE, MEASURES, NORMALISATION, POSSIBLE_SHARE, Threshold, Weights,
        WeightsError, WeightsFile,
    },
};

/// Rounds of training; after each, the negatives are those that the last weights find hard.
const ROUNDS: usize = 4;
/// Negatives of one probe.
const HARDEST: usize = 3;
/// Sweeps over the weights in a round.
const SWEEPS: usize = 60;
/// How much a weight costs: none grows without evidence.
const RIDGE: f64 = 1.0;
/// Sizes of dockets in which thresholds are set.
const DOCKETS: [u32; 4] = [1_500, 5_000, 20_000, 100_000];
/// Up to how many records against one State have a threshold in common.
const RIVALS: [u32; 7] = [60, 150, 400, 1_000, 2_500, 6_000, u32::MAX];
/// Probes without a match by which a threshold is set.
const CLEAN: u32 = 8_000;
/// Thresholds are set for a little less than what is promised: the world is not this one.
const CAUTION: f64 = 0.7;

/// Weights from a training world, thresholds from other worlds of several sizes.
///
/// # Errors
/// Only where the weights do not fit their own measures, which is a defect.
pub fn train(secret: &SecretKey, version: u32) -> Result<WeightsFile, WeightsError> {
    let plan = |seed, docket: u32, clean: u32, spellings| Plan {
        seed,
        docket,
        matched: clean.min(docket / 2).min(6_000),
        clean,
        habits: Habits {
            spellings,
            held_out: false,
        },
    };
    let trials: Vec<Trial> = [(11, 1), (12, 2)]
        .map(|(seed, spellings)| {
            Trial::of(&World::of(plan(seed, 20_000, 6_000, spellings)), secret)
        })
        .into();
    let mut file = WeightsFile {
        version,
        normalisation: NORMALISATION.to_owned(),
        trained_on:
            "synthetic worlds, seeds 11 and 12 for the weights, 21 to 28 for the thresholds, 31 and 32 for what is unknown; \
                     no channel that is held out"
                .to_owned(),
        intercept: 0.0,
        weights: MEASURES
            .iter()
            .map(|name| ((*name).to_owned(), 0.0))
            .collect(),
        thresholds: vec![Threshold {
            rivals: 1,
            likely: 0.0,
            possible: 0.0,
        }],
    };
    for _ in 0..ROUNDS {
        let weights = Weights::of(file.clone())?;
        let mut sample = Sample::default();
        for asked in trials.iter().flat_map(|trial| &trial.probes) {
            let mut others: Vec<(f64, &Evidence)> = Vec::new();
            for (number, evidence) in &asked.evidence {
                if Some(*number) == asked.partner {
                    sample.add(evidence, true);
                } else {
                    others.push((weights.score(evidence), evidence));
                }
            }
            others.sort_by(|(one, _), (other, _)| other.total_cmp(one));
            for (_, evidence) in others.iter().take(HARDEST) {
                sample.add(evidence, false);
            }
        }
        (file.intercept, file.weights) = sample.fit(&file);
    }
    // A docket that has no dates of one kind must not signal more often than one that has:
    // what is unknown costs as much as it takes.
    let strictest = |file: &WeightsFile, blank: fn(&mut Record)| {
        let weights = level(file)?;
        let thresholds = [(31, 1), (32, 2)].map(|(seed, spellings)| {
            let mut world = World::of(Plan {
                matched: 0,
                ..plan(seed, 20_000, CLEAN, spellings)
            });
            world
                .probes
                .iter_mut()
                .for_each(|probe| blank(&mut probe.record));
            let answers = Trial::of(&world, secret).answers(&weights);
            threshold(&answers, POSSIBLE_SHARE)
        });
        Ok::<f64, WeightsError>(thresholds.into_iter().fold(f64::MIN, f64::max))
    };
    let usual = strictest(&file, |_| {})?;
    let birth = strictest(&file, |record| record.born.clear())?;
    let event = strictest(&file, |record| record.happened.clear())?;
    for (name, strict) in [("birth_unknown", birth), ("event_unknown", event)] {
        if let Some(weight) = file.weights.get_mut(name) {
            *weight = rounded(*weight - (strict - usual).max(0.0));
        }
    }
    file.thresholds.clear();
    let mut clean = Vec::new();
    for (seed, docket) in (21..).step_by(2).zip(DOCKETS) {
        for (seed, spellings) in [(seed, 1), (seed + 1, 2)] {
            let world = World::of(Plan {
                matched: 0,
                ..plan(seed, docket, CLEAN, spellings)
            });
            clean.push(Trial::of(&world, secret).answers(&level(&file)?));
        }
    }
    let mut least = 0;
    for most in RIVALS {
        // One spelling and two have the same thresholds: the stricter of the two.
        let mut at = Threshold {
            rivals: 0,
            likely: f64::MIN,
            possible: f64::MIN,
        };
        for spellings in 0..2 {
            let of_size: Vec<Answer> = clean
                .iter()
                .skip(spellings)
                .step_by(2)
                .flatten()
                .filter(|answer| (least..most).contains(&answer.rivals))
                .cloned()
                .collect();
            let strict = |share: f64| rounded(threshold(&of_size, CAUTION * share));
            at.likely = at.likely.max(strict(LIKELY_SHARE));
            at.possible = at.possible.max(strict(POSSIBLE_SHARE));
            at.rivals = at.rivals.max(middle(&of_size));
        }
        least = most;
        file.thresholds.push(at);
    }
    Ok(file)
}

/// The weights with a threshold of 0: a margin is then a score.
fn level(file: &WeightsFile) -> Result<Weights, WeightsError> {
    let mut file = file.clone();
    file.thresholds = vec![Threshold {
        rivals: 1,
        likely: 0.0,
        possible: 0.0,
    }];
    Weights::of(file)
}

/// The middle one of the numbers of records against the State.
fn middle(answers: &[Answer]) -> u32 {
    let mut rivals: Vec<u32> = answers.iter().map(|answer| answer.rivals).collect();
    rivals.sort_unstable();
    rivals.get(rivals.len() / 2).copied().unwrap_or_default()
}

/// To three places, upwards: the last digits differ between machines.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).ceil() / 1000.0
}

/// Evidence by measure, with whether it was of one person.
#[derive(Default)]
struct Sample {
    columns: BTreeMap<&'static str, Vec<f64>>,
    same: Vec<f64>,
}

impl Sample {
    fn add(&mut self, evidence: &Evidence, same: bool) {
        for (name, measure) in MEASURES.into_iter().zip(evidence.measures) {
            self.columns.entry(name).or_default().push(measure);
        }
        self.same.push(f64::from(u8::from(same)));
    }

    /// Newton's step for one weight after the other, until they hardly move.
    fn fit(&self, from: &WeightsFile) -> (f64, BTreeMap<String, f64>) {
        let ones = vec![1.0; self.same.len()];
        let mut intercept = from.intercept;
        let mut weights = from.weights.clone();
        let mut margins: Vec<f64> = vec![intercept; self.same.len()];
        for (name, column) in &self.columns {
            let weight = weights.get(*name).copied().unwrap_or_default();
            for (margin, measure) in margins.iter_mut().zip(column) {
                *margin += weight * measure;
            }
        }
        for _ in 0..SWEEPS {
            intercept += self.step(&ones, 0.0, 0.0, &mut margins);
            for (name, column) in &self.columns {
                let weight = weights.entry((*name).to_owned()).or_default();
                *weight += self.step(column, *weight, RIDGE, &mut margins);
            }
        }
        let short = |(name, weight): (String, f64)| (name, rounded(weight));
        (rounded(intercept), weights.into_iter().map(short).collect())
    }

    fn step(&self, column: &[f64], weight: f64, ridge: f64, margins: &mut [f64]) -> f64 {
        let (mut slope, mut bend) = (-ridge * weight, ridge);
        for ((margin, measure), same) in margins.iter().zip(column).zip(&self.same) {
            if *measure != 0.0 {
                let chance = 1.0 / (1.0 + (-margin).exp());
                slope += measure * (same - chance);
                bend += measure * measure * chance * (1.0 - chance);
            }
        }
        let step = (slope / bend.max(1e-9)).clamp(-1.0, 1.0);
        for (margin, measure) in margins.iter_mut().zip(column) {
            *margin += step * measure;
        }
        step
    }
}
