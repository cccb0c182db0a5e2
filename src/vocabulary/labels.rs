//! Each mechanism's own word for where a communication stands.
//!
//! The words are rows, so that a secretariat's correction is a change of one line.
//! Where a mechanism has no row, a plain English label is told.

use super::{
    communication::CommunicationStatus as S,
    mechanism::HumanRightsSystem,
    spoken::{spoken_label, status_word},
};

/// Who uses a word.
enum Speaker {
    /// The mechanisms with these codes.
    Mechanisms(&'static [&'static str]),
    /// Every mechanism of a system that has no word of its own.
    System(HumanRightsSystem),
}

use Speaker::{Mechanisms, System};

/// Words of one speaker.
type Words = (Speaker, &'static [(S, &'static str)]);

const WORDS: &[Words] = &[
    // Treaty bodies adopt Views; CAT adopts decisions. CERD has no row for its opinions:
    // the plain label is never wrong.
    (
        Mechanisms(&["ccpr", "cescr", "cedaw", "crc", "cmw", "crpd", "ced"]),
        &[
            (S::DecidedViolation, "Views adopted: violation"),
            (S::DecidedNoViolation, "Views adopted: no violation"),
            (S::DecidedPartly, "Views adopted: violation in part"),
        ],
    ),
    (
        Mechanisms(&["cat", "achpr", "ecsr"]),
        &[
            (S::DecidedViolation, "Decision on the merits: violation"),
            (
                S::DecidedNoViolation,
                "Decision on the merits: no violation",
            ),
            (
                S::DecidedPartly,
                "Decision on the merits: violation in part",
            ),
        ],
    ),
    (
        Mechanisms(&[
            "ccpr", "cescr", "cerd", "cedaw", "cat", "crc", "cmw", "crpd", "ced",
        ]),
        &[(S::FollowUpOngoing, "Dialogue continues")],
    ),
    // Special procedures send letters; the Working Group on Arbitrary Detention adopts opinions.
    (
        Mechanisms(&[
            "sp",
            "un-sr-foe",
            "un-sr-hrd",
            "un-sr-trafficking",
            "un-sr-vaw",
            "un-sr-sale",
            "un-wgad",
        ]),
        &[(S::TransmittedToState, "Sent")],
    ),
    (
        Mechanisms(&["un-wgad"]),
        &[
            (S::DecidedViolation, "Opinion: arbitrary"),
            (S::DecidedNoViolation, "Opinion: not arbitrary"),
            (S::Archived, "Filed"),
        ],
    ),
    // African Commission: seizure, admissibility, merits, remedies.
    (Mechanisms(&["achpr"]), &[(S::Registered, "Seized")]),
    // Inter-American Commission.
    (
        Mechanisms(&["iachr"]),
        &[
            (S::Received, "Initial review"),
            (S::InformationRequested, "Under evaluation"),
            (S::Registered, "Opened for processing"),
            (S::DecidedViolation, "Merits report: violation"),
            (S::DecidedNoViolation, "Merits report: no violation"),
            (S::DecidedPartly, "Merits report: violation in part"),
            (S::ReferredToCourt, "Submitted to the Court"),
        ],
    ),
    // Courts.
    (
        Mechanisms(&["ecthr", "iacthr", "african-court", "ecowas-court", "eacj"]),
        &[
            (S::DecidedViolation, "Judgment: violation"),
            (S::DecidedNoViolation, "Judgment: no violation"),
            (S::DecidedPartly, "Judgment: violation in part"),
        ],
    ),
    (
        Mechanisms(&["iacthr"]),
        &[(S::FollowUpOngoing, "Monitoring compliance")],
    ),
    (
        Mechanisms(&["ecthr"]),
        &[
            (S::Received, "Pre-judicial"),
            (S::NotRegistered, "Administratively rejected"),
            (S::TransmittedToState, "Communicated"),
        ],
    ),
    // Council of Europe: the Committee of Ministers supervises what follows.
    (
        System(HumanRightsSystem::CouncilOfEurope),
        &[
            (
                S::FollowUpOngoing,
                "Pending: standard or enhanced supervision",
            ),
            (S::FollowUpClosedSatisfactory, "Closed by final resolution"),
        ],
    ),
];

/// The mechanism's own word for a status, or a plain English one.
///
/// The mechanism's row goes before its system's; codes are compared without case.
pub fn label(mechanism_code: &str, system: Option<HumanRightsSystem>, status: S) -> &'static str {
    let word = |speaks: &dyn Fn(&Speaker) -> bool| {
        WORDS
            .iter()
            .filter(|(speaker, _)| speaks(speaker))
            .flat_map(|(_, words)| *words)
            .find_map(|(said_of, word)| (*said_of == status).then_some(*word))
    };
    word(&|speaker| match speaker {
        Mechanisms(codes) => codes
            .iter()
            .any(|code| code.eq_ignore_ascii_case(mechanism_code)),
        System(_) => false,
    })
    .or_else(|| {
        word(&|speaker| match speaker {
            Mechanisms(_) => false,
            System(of) => Some(*of) == system,
        })
    })
    .unwrap_or_else(|| plain(status))
}

/// The same in a language, by the language's code.
pub fn label_in(
    mechanism_code: &str,
    system: Option<HumanRightsSystem>,
    status: S,
    language: &str,
) -> &'static str {
    let word = label(mechanism_code, system, status);
    status_word(word, language)
        .or_else(|| spoken_label(status, language))
        .unwrap_or(word)
}

/// The label of a status where the mechanism has no word of its own.
fn plain(status: S) -> &'static str {
    match status {
        S::Received => "Received",
        S::InformationRequested => "Further information requested",
        S::NotRegistered => "Not registered",
        S::Registered => "Registered",
        S::TransmittedToState => "Transmitted to the State",
        S::AdmissibilityPending => "Admissibility pending",
        S::AdmissibilitySplit => "Admissibility considered separately",
        S::Admissible => "Admissible",
        S::Inadmissible => "Inadmissible",
        S::PartlyAdmissible => "Partly admissible",
        S::MeritsPending => "Merits pending",
        S::Hearing => "Hearing",
        S::DecidedViolation => "Decided: violation",
        S::DecidedNoViolation => "Decided: no violation",
        S::DecidedPartly => "Decided: violation in part",
        S::Discontinued => "Discontinued",
        S::Withdrawn => "Withdrawn",
        S::StruckOut => "Struck out",
        S::Archived => "Archived",
        S::FriendlySettlement => "Friendly settlement",
        S::UnilateralDeclaration => "Unilateral declaration",
        S::ReferredToCourt => "Referred to the court",
        S::Joined => "Joined to another communication",
        S::Suspended => "Suspended",
        S::FollowUpOngoing => "Follow-up ongoing",
        S::FollowUpClosedSatisfactory => "Follow-up closed: satisfactory",
        S::FollowUpClosedPartial => "Follow-up closed: partly implemented",
        S::FollowUpClosedNonSatisfactory => "Follow-up closed: not satisfactory",
        S::FollowUpSuspended => "Follow-up suspended",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{
        HumanRightsSystem::{
            AfricanUnion, CouncilOfEurope, Eac, OrganizationOfAmericanStates, UnitedNations,
        },
        *,
    };

    #[test]
    fn every_status_has_a_plain_label_of_its_own() {
        let labels: HashSet<_> = S::ALL
            .iter()
            .map(|status| label("", None, *status))
            .collect();
        assert_eq!(labels.len(), S::ALL.len());
        assert!(
            labels
                .iter()
                .all(|label| label.starts_with(|letter: char| letter.is_ascii_uppercase()))
        );
    }

    #[test]
    fn each_word_is_said_in_six_languages_and_in_english_as_it_is() {
        let mut words: Vec<&str> = WORDS
            .iter()
            .flat_map(|(_, words)| words.iter().map(|(_, word)| *word))
            .collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            assert_eq!(status_word(word, "en"), Some(word));
            assert!(status_word(word, "fr").is_some_and(|french| french != word));
        }
        for status in S::ALL {
            assert_eq!(label_in("", None, *status, "en"), plain(*status));
        }
        assert_eq!(
            label_in("achpr", None, S::Registered, "ru"),
            "Принято к производству"
        );
        assert_eq!(label_in("cat", None, S::Registered, "zh"), "已登记");
    }

    #[test]
    fn a_mechanism_is_told_in_its_own_words() {
        for (mechanism, system, status, word) in [
            ("achpr", AfricanUnion, S::Registered, "Seized"),
            ("ACHPR", AfricanUnion, S::Registered, "Seized"),
            ("cat", UnitedNations, S::Registered, "Registered"),
            (
                "cat",
                UnitedNations,
                S::DecidedViolation,
                "Decision on the merits: violation",
            ),
            (
                "ccpr",
                UnitedNations,
                S::DecidedViolation,
                "Views adopted: violation",
            ),
            (
                "cat",
                UnitedNations,
                S::FollowUpOngoing,
                "Dialogue continues",
            ),
            (
                "iachr",
                OrganizationOfAmericanStates,
                S::Registered,
                "Opened for processing",
            ),
            (
                "iachr",
                OrganizationOfAmericanStates,
                S::Received,
                "Initial review",
            ),
            (
                "ecthr",
                CouncilOfEurope,
                S::TransmittedToState,
                "Communicated",
            ),
            (
                "ecthr",
                CouncilOfEurope,
                S::DecidedNoViolation,
                "Judgment: no violation",
            ),
            (
                "ecthr",
                CouncilOfEurope,
                S::FollowUpClosedSatisfactory,
                "Closed by final resolution",
            ),
            ("un-sr-hrd", UnitedNations, S::TransmittedToState, "Sent"),
            (
                "un-wgad",
                UnitedNations,
                S::DecidedViolation,
                "Opinion: arbitrary",
            ),
            ("eacj", Eac, S::Withdrawn, "Withdrawn"),
        ] {
            assert_eq!(
                label(mechanism, Some(system), status),
                word,
                "{mechanism} {status:?}"
            );
        }
    }
}
