//! The draft of a note on admissibility: what the rules come to for an overlap, row by row.
//!
//! It cites the rows that were used and decides nothing.

use std::fmt::Write;

use crate::{
    same_matter::{Assessment, Elements, Outcome},
    vocabulary::codes::Coded,
};

/// Of what the note is.
pub(super) struct Subject<'a> {
    /// Code of the body whose rule it is.
    pub(super) procedure: &'a str,
    /// The State.
    pub(super) country: &'a str,
    /// Code of the other mechanism.
    pub(super) elsewhere: &'a str,
    /// How the matter stands there.
    pub(super) stage: &'a str,
}

/// The note, as plain text.
pub(super) fn draft(subject: &Subject<'_>, elements: &Elements, found: &Assessment) -> String {
    let (body, other) = (
        subject.procedure.to_uppercase(),
        subject.elsewhere.to_uppercase(),
    );
    let mut text = format!(
        "DRAFT, for a jurist of the secretariat of {body}. It decides nothing.\n\n{other} has \
         confirmed that a matter before it overlaps with this one, against {}. It stands there \
         as: {}.\n\n",
        subject.country,
        words(subject.stage),
    );
    let bands = [
        ("individual", elements.individual.band.code()),
        ("State", elements.state.band.code()),
        ("facts", elements.facts.band.code()),
        ("substantive rights", elements.rights.band.code()),
    ];
    text.push_str("The four elements, as the hub has computed them:\n");
    for (name, band) in bands {
        line(&mut text, format_args!("- same {name}: {}", words(band)));
    }
    let outcome = match found.outcome {
        Outcome::MayBar => "By the rules cited, the matter elsewhere may bar this one.",
        Outcome::DoesNotBar => "By the rules cited, the matter elsewhere does not bar this one.",
        Outcome::NeedsLegalAssessment => "The rules do not answer: a legal assessment is needed.",
    };
    line(&mut text, format_args!("\n{outcome}"));
    for ground in &found.grounds {
        line(&mut text, format_args!("- {}", words(ground.code())));
    }
    if !found.cited.is_empty() {
        text.push_str("\nRows used:\n");
    }
    for row in &found.cited {
        let checked = if row.verified {
            "checked"
        } else {
            "not checked by a jurist"
        };
        let (id, provision, source) = (&row.id, &row.provision, &row.source);
        line(
            &mut text,
            format_args!("- [{id}] {provision} ({source}; {checked})"),
        );
    }
    text
}

fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(text, "{words}");
}

fn words(code: &str) -> String {
    code.to_lowercase().replace('_', " ")
}
