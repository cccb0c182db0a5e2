//! Whether the time that an answer takes tells what the answer does not.
//!
//! Two requests are sent in turn, in an order by chance, over one connection. Of their times
//! Welch's t is worked out, as they are and without the slowest ones, where the machine did
//! something else meanwhile: above 4.5, the two are told apart (Goodwill et al., *A testing
//! methodology for side-channel resistance validation*, 2011).

use std::time::Instant;

use super::door::{Door, DoorError};
use crate::chance::Chance;

/// From which t on two requests are told apart.
pub const LIMIT: f64 = 4.5;
/// Shares of the fastest answers that are compared, in thousandths.
pub const SHARES: [usize; 4] = [1_000, 990, 950, 750];
/// Answers that are not counted: connections, caches and plans warm up with them.
const WARM: usize = 50;

/// Two requests that must not be told apart.
pub struct Pair {
    /// What the report calls them.
    pub name: String,
    /// Each with the token that it is sent with, or none.
    pub requests: [(Option<String>, String); 2],
}

/// How two requests compare.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Answers to each.
    pub count: [usize; 2],
    /// Their medians, in microseconds.
    pub median: [f64; 2],
    /// Welch's t over each of [`SHARES`].
    pub t: [f64; SHARES.len()],
    /// Whether the answers themselves are alike, lengths included.
    pub alike: bool,
}

impl Compared {
    /// Whether the times tell the two apart.
    pub fn is_told(&self) -> bool {
        self.t.iter().any(|t| t.abs() >= LIMIT)
    }
}

/// Sends so many of each, in an order by chance.
///
/// # Errors
/// Where the hub does not answer.
pub fn compare(hub: &Door, pair: &Pair, each: usize, seed: u64) -> Result<Compared, DoorError> {
    let mut chance = Chance::of(seed);
    let mut times: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    let [one, other] = &pair.requests;
    let mut lengths = [0, 0];
    let mut sent = 0;
    while times.iter().any(|times| times.len() < each) {
        let second = chance.in_thousand(500);
        let ((token, document), times, length) = {
            let [first_times, second_times] = &mut times;
            let [first, last] = &mut lengths;
            match second {
                false => (one, first_times, first),
                true => (other, second_times, last),
            }
        };
        if times.len() >= each {
            continue;
        }
        let began = Instant::now();
        let told = hub.post(token.as_deref(), document)?;
        let took = began.elapsed().as_secs_f64() * 1e6;
        *length = told.body.len() + usize::from(told.status);
        sent += 1;
        if sent > WARM {
            times.push(took);
        }
    }
    let [first, second] = &lengths;
    let count = times.each_ref().map(Vec::len);
    for times in &mut times {
        times.sort_by(f64::total_cmp);
    }
    let [one, other] = &times;
    Ok(Compared {
        count,
        median: [median(one), median(other)],
        t: SHARES.map(|share| welch(fastest(one, share), fastest(other, share))),
        alike: first == second,
    })
}

fn fastest(sorted: &[f64], share: usize) -> &[f64] {
    let end = sorted.len().saturating_mul(share) / 1_000;
    sorted.get(..end).unwrap_or(sorted)
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

/// Welch's t of two samples; 0 where there is nothing to compare.
pub fn welch(one: &[f64], other: &[f64]) -> f64 {
    let (mean, spread) = moments(one);
    let (other_mean, other_spread) = moments(other);
    let error = (spread + other_spread).sqrt();
    if error > 0.0 {
        (mean - other_mean) / error
    } else {
        0.0
    }
}

/// The mean, and the square of its error.
fn moments(sample: &[f64]) -> (f64, f64) {
    let count = f64::from(u32::try_from(sample.len()).unwrap_or(u32::MAX));
    if count < 2.0 {
        return (sample.iter().sum(), 0.0);
    }
    let mean = sample.iter().sum::<f64>() / count;
    let squares: f64 = sample.iter().map(|time| (time - mean).powi(2)).sum();
    (mean, squares / (count - 1.0) / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_one_kind_are_not_told_apart_and_others_are() {
        let mut chance = Chance::of(7);
        let mut sample = |more: f64| -> Vec<f64> {
            let mut times: Vec<f64> = (0..4_000)
                .map(|_| 100.0 + f64::from(chance.below(1_000)) / 10.0 + more)
                .collect();
            times.sort_by(f64::total_cmp);
            times
        };
        let (one, same, slower) = (sample(0.0), sample(0.0), sample(6.0));
        assert!(welch(&one, &same).abs() < LIMIT);
        assert!(welch(&one, &slower) < -LIMIT);
        assert!(welch(fastest(&one, 750), fastest(&slower, 750)).abs() > LIMIT);
        assert!(welch(&one, &one) == 0.0 && welch(&[], &[]) == 0.0);
    }

    #[test]
    fn a_known_t_is_worked_out() {
        // Welch, 1947; the figures worked out by hand: means 2 and 5, variances 1 and 4.
        let t = welch(&[1.0, 2.0, 3.0], &[3.0, 5.0, 7.0]);
        assert!((t - -3.0 / (1.0f64 / 3.0 + 4.0 / 3.0).sqrt()).abs() < 1e-12);
    }
}
