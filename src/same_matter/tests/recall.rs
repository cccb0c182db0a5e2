//! The aims, on the pairs that the hub is delivered with.

use std::collections::BTreeSet;

use super::super::{
    Band, LIKELY_SHARE, POSSIBLE_SHARE, Weights,
    synthetic::{Answer, Habits, Plan, Tally, Trial, World, threshold},
};
use crate::keys::SecretKey;

fn answers(spellings: usize) -> Vec<Answer> {
    let world = World::fixture().unwrap().with_spellings(spellings);
    let trial = Trial::of(&world, &SecretKey::fresh().unwrap());
    trial.answers(&Weights::shipped().unwrap())
}

/// Recall at 1 % of false signals: of all, and of each language with 50 pairs or more.
fn aims(spellings: usize, of_all: f64, of_each: f64) {
    let answers = answers(spellings);
    let least = threshold(&answers, 0.01);
    let all = Tally::recall(&answers, least, |_| true);
    assert_eq!(all.of, 1_500);
    assert!(all.share() >= of_all, "{}", all.share());
    let languages: BTreeSet<&str> = answers
        .iter()
        .map(|answer| answer.language.as_str())
        .collect();
    let mut measured = 0;
    for language in languages {
        let tally = Tally::recall(&answers, least, |answer| answer.language == language);
        if tally.of >= 50 {
            measured += 1;
            assert!(tally.share() >= of_each, "{language}: {}", tally.share());
        }
    }
    assert!(measured >= 7, "{measured} languages");
    // A share measured on 1,500 probes: the promise is within its interval.
    for (band, promised) in [
        (Band::Likely, LIKELY_SHARE),
        (Band::Possible, POSSIBLE_SHARE),
    ] {
        let false_signals = Tally::false_signals(&answers, band);
        assert_eq!(false_signals.of, 1_500);
        assert!(
            false_signals.interval().0 <= promised,
            "{band:?} {false_signals:?}"
        );
    }
    // And the bands are of use: what is likely is most of what is found.
    assert!(Tally::found(&answers, Band::Possible).share() >= of_all);
    assert!(Tally::found(&answers, Band::Likely).share() >= of_all - 0.05);
}

#[test]
fn two_spellings_find_94_of_100_at_one_false_signal_in_100() {
    aims(2, 0.94, 0.75);
}

#[test]
fn one_spelling_finds_85_of_100_at_one_false_signal_in_100() {
    aims(1, 0.85, 0.75);
}

#[test]
fn the_pairs_are_those_that_the_generator_makes() {
    let made = World::of(Plan {
        seed: 3_000,
        docket: 3_000,
        matched: 1_500,
        clean: 1_500,
        habits: Habits {
            spellings: 2,
            held_out: true,
        },
    });
    let kept = World::fixture().unwrap();
    assert_eq!(made.docket, kept.docket);
    assert_eq!(made.probes, kept.probes);
    assert_eq!(
        World::from_pairs(&kept.to_pairs()).unwrap().probes,
        kept.probes
    );
}

#[test]
fn pairs_that_are_none_are_refused_by_their_line() {
    for bad in [
        "",
        "2\t",
        "1\tar",
        "1\ta\tb\tc\td\te\tf\tg\th\ti\tj\tk\tl\tm",
    ] {
        let text = format!("{bad}\n");
        assert!(
            World::from_pairs(&text)
                .unwrap_err()
                .to_string()
                .contains("line 1")
        );
    }
}

#[test]
fn an_interval_holds_the_share_and_narrows() {
    let (low, high) = Tally { hits: 50, of: 100 }.interval();
    assert!((low - 0.4038).abs() < 0.001 && (high - 0.5962).abs() < 0.001);
    let (low, high) = Tally { hits: 0, of: 100 }.interval();
    assert!(low == 0.0 && (high - 0.0370).abs() < 0.001);
    let (low, high) = Tally {
        hits: 500,
        of: 1_000,
    }
    .interval();
    assert!(low > 0.46 && high < 0.54);
}
