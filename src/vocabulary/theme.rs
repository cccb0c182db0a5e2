//! The themes that records concern: the one list whose codes stand in small letters.
//!
//! It is closed, although no standard closes it: a theme decides who reaches a record, as a
//! clause covers and a token is limited by theme. A code that nobody else writes would close
//! a record to all whom an agreement names, or a clause to all records, and nobody would be
//! told. What has no theme of its own is `general`.

use super::codes::{Code, CodeList};

/// Writes the list.
macro_rules! themes {
    ($($code:literal $doc:literal),+ $(,)?) => {
        /// Themes of human rights, after the issues of the UPR and the mandates of the
        /// special procedures.
        pub const THEMES: &CodeList = &CodeList {
            name: "Theme",
            doc: "Themes of human rights.",
            codes: &[$( Code { code: $code, doc: $doc } ),+],
        };
    };
}

themes! {
    "albinism" "Persons with albinism.",
    "arbitrary_detention" "Arbitrary detention.",
    "business" "Business and human rights.",
    "children_in_armed_conflict" "Children in armed conflict.",
    "civil_society" "Civil society and its space.",
    "corruption" "Corruption, as it bears on rights.",
    "counter_terrorism" "Rights while countering terrorism.",
    "cultural_rights" "Cultural rights.",
    "death_penalty" "The death penalty.",
    "development" "The right to development.",
    "disability" "Rights of persons with disabilities.",
    "education" "The right to education.",
    "elections" "Elections and participation.",
    "enforced_disappearances" "Enforced and involuntary disappearances.",
    "environment" "A healthy environment.",
    "extrajudicial_executions" "Extrajudicial, summary or arbitrary executions.",
    "fair_trial" "Fair trial and the administration of justice.",
    "food" "The right to food.",
    "freedom_of_assembly" "Freedom of assembly and association.",
    "freedom_of_expression" "Freedom of opinion and expression, the press included.",
    "freedom_of_movement" "Freedom of movement.",
    "freedom_of_religion" "Freedom of religion or belief.",
    "general" "No theme in particular, or all.",
    "health" "The right to health.",
    "housing" "Adequate housing.",
    "human_rights_defenders" "Human rights defenders.",
    "human_rights_education" "Human rights education and training.",
    "humanitarian_law" "International humanitarian law.",
    "impunity" "Impunity, truth and reparation.",
    "independence_of_judges" "Independence of judges and lawyers.",
    "indigenous_peoples" "Rights of indigenous peoples.",
    "internal_displacement" "Internally displaced persons.",
    "labour" "Work and labour rights.",
    "land" "Land rights.",
    "migration" "Migrants and migrant workers.",
    "minorities" "Minorities.",
    "national_institutions" "National human rights institutions.",
    "older_persons" "Older persons.",
    "peasants" "Peasants and other people who work in rural areas.",
    "persons_of_african_descent" "People of African descent.",
    "poverty" "Poverty and social protection.",
    "prevention_of_genocide" "Prevention of genocide and atrocity crimes.",
    "privacy" "Privacy.",
    "racial_discrimination" "Racial discrimination.",
    "refugees" "Refugees and asylum-seekers.",
    "reprisals" "Reprisals for cooperation with mechanisms.",
    "rights_of_the_child" "Rights of the child.",
    "sexual_orientation" "Sexual orientation and gender identity.",
    "slavery" "Slavery and forced labour.",
    "statelessness" "Nationality and statelessness.",
    "technical_cooperation" "Technical assistance and capacity-building.",
    "torture_prevention" "Torture and other ill-treatment, and its prevention.",
    "trafficking" "Trafficking in persons.",
    "water" "Water and sanitation.",
    "womens_rights" "Rights of women and girls.",
    "youth" "Youth.",
}

/// Whether a text is the code of a theme.
pub fn is_theme(text: &str) -> bool {
    THEMES.codes.iter().any(|theme| theme.code == text)
}

/// What to say of a text that is none: the list, with the codes that look like it first.
pub fn no_theme(text: &str) -> String {
    let words: Vec<String> = text
        .to_lowercase()
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.len() > 3)
        .map(str::to_owned)
        .collect();
    let alike = |code: &str| {
        let stem = |word: &String| code.contains(word.get(..4).unwrap_or(word));
        words.iter().any(stem)
    };
    let mut codes: Vec<&str> = THEMES.codes.iter().map(|theme| theme.code).collect();
    codes.sort_by_key(|code| !alike(code));
    let codes = codes.join(", ");
    format!("no theme of the hub's list, which has: {codes}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn themes_stand_once_in_order_and_what_looks_alike_is_said_first() {
        let codes: Vec<&str> = THEMES.codes.iter().map(|theme| theme.code).collect();
        let sorted: BTreeSet<&str> = codes.iter().copied().collect();
        assert_eq!(codes, sorted.into_iter().collect::<Vec<_>>());
        let letter = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(codes.iter().all(|code| code.bytes().all(letter)));
        assert!(is_theme("fair_trial"));
        for text in ["Fair trial", "fair", "FAIR_TRIAL", "", "ALL", "fair_trial "] {
            assert!(!is_theme(text), "{text}");
        }
        let said = no_theme("Torture");
        assert!(said.contains("has: torture_prevention, albinism"), "{said}");
        assert!(no_theme("é漢🙂é漢").contains("youth"));
    }
}
