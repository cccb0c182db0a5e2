//! Why a sealed field is asked for: stated in the request, from a closed list.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

use crate::vocabulary::codes::{Coded, codes};

const MAX_REASON: usize = 500;

codes! {
    /// The purposes for which a person's file may be opened.
    pub PurposeCode {
        /// Examining the communication.
        Examination => "EXAMINATION",
        /// Finding out whether another secretariat holds the same matter.
        SameMatter => "SAME_MATTER",
        /// Protecting the person at once.
        UrgentProtection => "URGENT_PROTECTION",
        /// Following up on a decision.
        FollowUp => "FOLLOW_UP",
        /// Answering the person's own request.
        SubjectAccess => "SUBJECT_ACCESS",
        /// Checking earlier openings.
        AuditReview => "AUDIT_REVIEW",
    }
}

/// Why a stated purpose is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PurposeError {
    /// It is no object of exactly `code` and `reason`, both text.
    #[error("`purpose` has a `code` and a `reason`, both text, and nothing else")]
    Malformed,
    /// The code is not on the list.
    #[error("`purpose.code` is not one of the purposes for which a file may be opened")]
    UnknownCode,
    /// The reason is empty, too long, or has control characters.
    #[error("`purpose.reason` has 1 to {MAX_REASON} characters and no control characters")]
    WrongReason,
}

impl PurposeError {
    /// The stable code for callers.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "PURPOSE_MALFORMED",
            Self::UnknownCode => "PURPOSE_UNKNOWN",
            Self::WrongReason => "PURPOSE_REASON_INVALID",
        }
    }
}

/// A stated purpose. It opens nothing alone: a grant must name it.
#[derive(Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Which purpose of the list.
    pub code: PurposeCode,
    /// The officer's own words. May name a person, so it is printed nowhere.
    pub reason: String,
}

impl Purpose {
    /// Reads the `purpose` of a request's `extensions`.
    pub fn parse(value: &Value) -> Result<Self, PurposeError> {
        let fields = value.as_object().filter(|fields| fields.len() == 2);
        let text = |name| {
            fields
                .and_then(|fields| fields.get(name))
                .and_then(Value::as_str)
        };
        let (Some(code), Some(reason)) = (text("code"), text("reason")) else {
            return Err(PurposeError::Malformed);
        };
        let code = PurposeCode::from_code(code).ok_or(PurposeError::UnknownCode)?;
        let reason = reason.trim();
        let length = reason.chars().take(MAX_REASON + 1).count();
        if length == 0 || length > MAX_REASON || reason.chars().any(is_control) {
            return Err(PurposeError::WrongReason);
        }
        Ok(Self {
            code,
            reason: reason.to_owned(),
        })
    }
}

impl fmt::Debug for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Purpose")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// Control characters, and those that reorder or break the line for a reader.
///
/// The marks that Arabic, Persian or Hebrew text needs (U+200C to U+200F) pass.
fn is_control(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_purpose_of_the_list_is_accepted() {
        for code in PurposeCode::ALL {
            let purpose =
                Purpose::parse(&json!({"code": code.code(), "reason": " admissibility "})).unwrap();
            assert_eq!(
                (purpose.code, purpose.reason.as_str()),
                (*code, "admissibility")
            );
        }
    }

    #[test]
    fn a_reason_may_be_in_any_script_and_as_long_as_the_limit() {
        for reason in [
            "прием жалобы",
            "审查",
            "بررسی می\u{200c}شود",
            &"é".repeat(500),
            "x",
        ] {
            let value = json!({"code": "EXAMINATION", "reason": reason});
            assert_eq!(Purpose::parse(&value).unwrap().reason, reason);
        }
    }

    #[test]
    fn anything_else_is_refused_with_a_stable_code() {
        let reason = |reason: &str| json!({"code": "EXAMINATION", "reason": reason});
        let table = [
            (json!(null), "PURPOSE_MALFORMED"),
            (json!("EXAMINATION"), "PURPOSE_MALFORMED"),
            (json!(["EXAMINATION", "because"]), "PURPOSE_MALFORMED"),
            (json!({}), "PURPOSE_MALFORMED"),
            (json!({"code": "EXAMINATION"}), "PURPOSE_MALFORMED"),
            (json!({"reason": "because"}), "PURPOSE_MALFORMED"),
            (
                json!({"code": "EXAMINATION", "reason": null}),
                "PURPOSE_MALFORMED",
            ),
            (json!({"code": 1, "reason": "because"}), "PURPOSE_MALFORMED"),
            (
                json!({"code": ["EXAMINATION"], "reason": "because"}),
                "PURPOSE_MALFORMED",
            ),
            (
                json!({"code": "EXAMINATION", "reason": "because", "level": "VICTIM"}),
                "PURPOSE_MALFORMED",
            ),
            (
                json!({"Code": "EXAMINATION", "reason": "because"}),
                "PURPOSE_MALFORMED",
            ),
            (
                json!({"code": "examination", "reason": "because"}),
                "PURPOSE_UNKNOWN",
            ),
            (
                json!({"code": "EXAM", "reason": "because"}),
                "PURPOSE_UNKNOWN",
            ),
            (json!({"code": "", "reason": "because"}), "PURPOSE_UNKNOWN"),
            (
                json!({"code": "PREVENTION", "reason": "because"}),
                "PURPOSE_UNKNOWN",
            ),
            (reason(""), "PURPOSE_REASON_INVALID"),
            (reason("   "), "PURPOSE_REASON_INVALID"),
            (reason(&"x".repeat(501)), "PURPOSE_REASON_INVALID"),
            (reason("one\ntwo"), "PURPOSE_REASON_INVALID"),
            (reason("one\0two"), "PURPOSE_REASON_INVALID"),
            (reason("one\u{1b}[2Jtwo"), "PURPOSE_REASON_INVALID"),
            (reason("one\u{85}two"), "PURPOSE_REASON_INVALID"),
            (reason("one\u{202e}two"), "PURPOSE_REASON_INVALID"),
            (reason("one\u{2067}two"), "PURPOSE_REASON_INVALID"),
            (reason("one\u{2028}two"), "PURPOSE_REASON_INVALID"),
        ];
        for (value, code) in table {
            assert_eq!(Purpose::parse(&value).unwrap_err().code(), code, "{value}");
        }
    }

    #[test]
    fn the_reason_is_not_printed() {
        let purpose =
            Purpose::parse(&json!({"code": "FOLLOW_UP", "reason": "Invented Name"})).unwrap();
        assert_eq!(format!("{purpose:?}"), "Purpose { code: FollowUp, .. }");
    }
}
