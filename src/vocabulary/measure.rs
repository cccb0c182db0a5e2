//! Interim, provisional and precautionary measures: what they are called, where they stand.

use super::{codes::codes, mechanism::HumanRightsSystem, spoken::spoken_label};

codes! {
    /// What a mechanism calls a measure that protects while it considers a matter.
    pub MeasureKind {
        /// Treaty bodies and others: interim measures.
        InterimMeasures => "INTERIM_MEASURES",
        /// ECtHR: interim measures under Rule 39 of the Rules of Court.
        Rule39 => "RULE_39",
        /// IACtHR, African Court, ACHPR: provisional measures.
        ProvisionalMeasures => "PROVISIONAL_MEASURES",
        /// IACHR: precautionary measures.
        PrecautionaryMeasures => "PRECAUTIONARY_MEASURES",
        /// ECSR: immediate measures.
        ImmediateMeasures => "IMMEDIATE_MEASURES",
        /// CED: interim or protective measures in an urgent action.
        ProtectiveMeasures => "PROTECTIVE_MEASURES",
    }

    /// Where a measure stands, in words common to all mechanisms.
    pub MeasureStatus {
        /// It was asked for.
        Requested => "REQUESTED",
        /// The State was asked for information before it is decided on.
        InformationRequested => "INFORMATION_REQUESTED",
        /// It was granted.
        Granted => "GRANTED",
        /// It was not granted.
        NotGranted => "NOT_GRANTED",
        /// It was extended to a later day.
        Extended => "EXTENDED",
        /// What it asks of the State was changed.
        Modified => "MODIFIED",
        /// It was lifted.
        Lifted => "LIFTED",
        /// Its day has passed; evaluated when read.
        Expired => "EXPIRED",
        /// The State has complied with it.
        Complied => "COMPLIED",
        /// The State has not complied with it.
        NotComplied => "NOT_COMPLIED",
    }
}

/// The word of a mechanism for its measures, where the act says none.
pub fn measure_kind(mechanism: &str, system: Option<HumanRightsSystem>) -> MeasureKind {
    let known = [
        ("ecthr", MeasureKind::Rule39),
        ("iachr", MeasureKind::PrecautionaryMeasures),
        ("iacthr", MeasureKind::ProvisionalMeasures),
        ("achpr", MeasureKind::ProvisionalMeasures),
        ("afchpr", MeasureKind::ProvisionalMeasures),
        ("ecsr", MeasureKind::ImmediateMeasures),
        ("ced", MeasureKind::ProtectiveMeasures),
    ];
    let own = known
        .iter()
        .find(|(code, _)| code.eq_ignore_ascii_case(mechanism));
    match (own, system) {
        (Some((_, kind)), _) => *kind,
        (None, Some(HumanRightsSystem::AfricanUnion)) => MeasureKind::ProvisionalMeasures,
        (None, _) => MeasureKind::InterimMeasures,
    }
}

/// Where a measure stands, as the mechanism says it: with its own word for the measure.
pub fn measure_label(kind: MeasureKind, status: MeasureStatus) -> String {
    let what = match kind {
        MeasureKind::InterimMeasures => "Interim measures",
        MeasureKind::Rule39 => "Interim measures (Rule 39)",
        MeasureKind::ProvisionalMeasures => "Provisional measures",
        MeasureKind::PrecautionaryMeasures => "Precautionary measures",
        MeasureKind::ImmediateMeasures => "Immediate measures",
        MeasureKind::ProtectiveMeasures => "Protective measures",
    };
    let stand = match status {
        MeasureStatus::Requested => "requested",
        MeasureStatus::InformationRequested => "information requested from the State",
        MeasureStatus::Granted if kind == MeasureKind::Rule39 => "indicated",
        MeasureStatus::Granted => "granted",
        MeasureStatus::NotGranted if kind == MeasureKind::Rule39 => "not indicated",
        MeasureStatus::NotGranted => "not granted",
        MeasureStatus::Extended => "extended",
        MeasureStatus::Modified => "modified",
        MeasureStatus::Lifted => "lifted",
        MeasureStatus::Expired => "expired",
        MeasureStatus::Complied => "complied with",
        MeasureStatus::NotComplied => "not complied with",
    };
    format!("{what}: {stand}")
}

/// The same in a language, by the language's code: the label of each part.
pub fn measure_label_in(kind: MeasureKind, status: MeasureStatus, language: &str) -> String {
    let parts = (spoken_label(kind, language), spoken_label(status, language));
    match parts {
        (Some(what), Some(stand)) if language != "en" => format!("{what}: {stand}"),
        _ => measure_label(kind, status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_is_told_in_the_mechanisms_own_words() {
        for (mechanism, status, label) in [
            (
                "ecthr",
                MeasureStatus::Granted,
                "Interim measures (Rule 39): indicated",
            ),
            (
                "iachr",
                MeasureStatus::Lifted,
                "Precautionary measures: lifted",
            ),
            (
                "achpr",
                MeasureStatus::Granted,
                "Provisional measures: granted",
            ),
            ("cat", MeasureStatus::Expired, "Interim measures: expired"),
        ] {
            let kind = measure_kind(mechanism, None);
            assert_eq!(measure_label(kind, status), label);
        }
    }
}
