//! The scales on which mechanisms assess what became of a recommendation.
//!
//! Scales are data: a list that is delivered with the hub, each with its source. A grade is
//! kept as its body has given it, under the scale's own code, and none is turned into a grade
//! of another scale: bodies mean different things by the same letter.

use std::sync::LazyLock;

use async_graphql::SimpleObject;
use serde::Deserialize;

use crate::store::act::ActError;

const LIST: &str = include_str!("scales.json");

static SCALES: LazyLock<Vec<AssessmentScale>> =
    LazyLock::new(|| serde_json::from_str(LIST).unwrap_or_default());

/// A scale on which a mechanism assesses what became of a recommendation.
#[derive(Clone, Debug, Deserialize, SimpleObject)]
pub struct AssessmentScale {
    /// Its code.
    code: String,
    /// Whose it is, and from when.
    name: String,
    /// Where it is laid down; `null` where that has still to be checked.
    source: Option<String>,
    /// Its grades, in its own order.
    values: Vec<AssessmentGrade>,
}

/// A grade of a scale.
#[derive(Clone, Debug, Deserialize, SimpleObject)]
#[serde(from = "(String, String)")]
pub struct AssessmentGrade {
    /// Its code.
    code: String,
    /// What it means, in English.
    label: String,
}

impl From<(String, String)> for AssessmentGrade {
    fn from((code, label): (String, String)) -> Self {
        Self { code, label }
    }
}

/// Every scale.
pub fn scales() -> Vec<AssessmentScale> {
    SCALES.clone()
}

/// Whether a scale has a grade.
///
/// # Errors
/// Names the scales that there are, or the grades of the scale.
pub(super) fn check(scale: &str, value: &str) -> Result<(), ActError> {
    let codes = |codes: Vec<&str>| codes.join(", ");
    let Some(found) = SCALES.iter().find(|known| known.code == scale) else {
        let known = codes(SCALES.iter().map(|known| known.code.as_str()).collect());
        return Err(ActError::invalid("scale", format!("scales are {known}")));
    };
    if !found.values.iter().any(|grade| grade.code == value) {
        let grades = found.values.iter().map(|grade| grade.code.as_str());
        let grades = codes(grades.collect());
        let sentence = format!("grades of the scale `{}` are {grades}", found.code);
        return Err(ActError::invalid("value", sentence));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_whole_and_no_code_is_there_twice() {
        let scales = scales();
        assert_eq!(scales.len(), LIST.matches("\"values\"").count());
        let mut codes: Vec<&str> = scales.iter().map(|scale| scale.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), scales.len());
        for scale in &scales {
            let mut grades: Vec<&str> = scale.values.iter().map(|grade| &*grade.code).collect();
            let all = grades.len();
            grades.sort_unstable();
            grades.dedup();
            assert!(all > 1 && grades.len() == all, "{}", scale.code);
        }
    }

    #[test]
    fn a_grade_is_of_its_own_scale() {
        assert!(check("CCPR_2016", "B").is_ok());
        assert!(check("CCPR_2016", "B1").is_err());
        assert!(check("CCPR_2013", "B1").is_ok());
        assert!(check("NO_SCALE", "A").is_err());
    }
}
