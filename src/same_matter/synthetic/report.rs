//! What a trial found, as a table.

use std::{collections::BTreeSet, fmt::Write};

use super::trial::{Answer, Tally, Trial, threshold};
use crate::same_matter::{Band, Weights};

/// Shares of false signals at which the recall is told.
const SHARES: [f64; 4] = [0.005, 0.01, 0.02, 0.05];

/// The recall at several shares of false signals, by language, and the bands as delivered.
pub fn report(trial: &Trial, weights: &Weights) -> String {
    let answers = trial.answers(weights);
    let mut text = String::new();
    let clean = answers
        .iter()
        .filter(|answer| answer.partner.is_none())
        .count();
    let (record, probe) = trial.tokens;
    let _ = writeln!(
        text,
        "docket {}, probes {} with a match and {clean} without; tokens: {record:.0} a record, {probe:.0} a probe\n",
        trial.docket,
        answers.len() - clean,
    );
    let _ = write!(text, "recall at false signals of");
    for share in SHARES {
        let _ = write!(text, "{:>20}", format!("{} %", share * 100.0));
    }
    text.push('\n');
    let mut line = |name: &str, counts: &dyn Fn(&Answer) -> bool| {
        let of = Tally::recall(&answers, f64::MIN, counts).of;
        let _ = write!(text, "{:<26}", format!("{name} ({of})"));
        for share in SHARES {
            let tally = Tally::recall(&answers, threshold(&answers, share), counts);
            let (low, high) = tally.interval();
            let _ = write!(
                text,
                "{:>20}",
                format!("{:.3} [{low:.3}–{high:.3}]", tally.share())
            );
        }
        text.push('\n');
    };
    line("all", &|_| true);
    let languages: BTreeSet<&str> = answers
        .iter()
        .map(|answer| answer.language.as_str())
        .collect();
    for language in &languages {
        line(language, &|answer| answer.language == *language);
    }
    line("a channel held out", &|answer| answer.held_out);
    line("none held out", &|answer| !answer.held_out);
    let _ = writeln!(text, "\nbands as delivered (weights {})", weights.version());
    for band in [Band::Likely, Band::Possible] {
        let false_signals = Tally::false_signals(&answers, band);
        let recall = Tally::found(&answers, band);
        let (low, high) = false_signals.interval();
        let (least, most) = recall.interval();
        let _ = writeln!(
            text,
            "{:<26} recall {:.3} [{least:.3}–{most:.3}], false signals {:.4} [{low:.4}–{high:.4}]",
            match band {
                Band::Likely => "LIKELY",
                Band::Possible | Band::None => "LIKELY or POSSIBLE",
            },
            recall.share(),
            false_signals.share(),
        );
    }
    text
}
