//! In which language a text is: a tag of BCP 47, such as `fr`, `sw` or `zh-Hant`.

pub mod fields;

/// Bytes of a tag at most.
const LONGEST: usize = 35;
/// Languages that are written from right to left where no script is said.
const RIGHT_TO_LEFT: [&str; 14] = [
    "ar", "arc", "ckb", "dv", "fa", "he", "iw", "nqo", "ps", "sd", "syr", "ug", "ur", "yi",
];
/// Scripts that are.
const SCRIPTS: [&str; 9] = [
    "Adlm", "Arab", "Aran", "Hebr", "Mand", "Nkoo", "Rohg", "Syrc", "Thaa",
];

/// A language, by its tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(Box<str>);

impl LanguageTag {
    /// Reads a tag; its parts are written as is usual: `FR-ch` is `fr-CH`.
    ///
    /// `None` where it has not the form of one. Whether there is such a language is not asked:
    /// the list of them is long, and grows.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let primary = parts.next()?;
        let letters = primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        if text.len() > LONGEST || !letters || !(2..=8).contains(&primary.len()) {
            return None;
        }
        let mut tag = primary.to_ascii_lowercase();
        for part in parts {
            let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !plain || !(1..=8).contains(&part.len()) {
                return None;
            }
            tag.push('-');
            let letters = part.bytes().all(|byte| byte.is_ascii_alphabetic());
            match (part.len(), letters) {
                (2, true) => tag.push_str(&part.to_ascii_uppercase()),
                (4, true) => {
                    let (first, rest) = part.split_at(1);
                    tag.push_str(&first.to_ascii_uppercase());
                    tag.push_str(&rest.to_ascii_lowercase());
                }
                _ => tag.push_str(&part.to_ascii_lowercase()),
            }
        }
        Some(Self(tag.into()))
    }

    /// The tag of a text whose language nobody has said.
    pub fn undetermined() -> Self {
        Self("und".into())
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text in this language is one for who asks for another: `fr-CH` is for `fr`.
    pub fn is_for(&self, asked: &str) -> bool {
        let primary = self.0.split('-').next().unwrap_or_default();
        *self.0 == *asked || primary == asked
    }

    /// Whether it is written from right to left.
    pub fn is_right_to_left(&self) -> bool {
        let mut parts = self.0.split('-');
        let primary = parts.next().unwrap_or_default();
        match parts.find(|part| part.len() == 4 && part.starts_with(|c: char| c.is_uppercase())) {
            Some(script) => SCRIPTS.contains(&script),
            None => RIGHT_TO_LEFT.contains(&primary),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_written_as_is_usual() {
        let tag = |text: &str| LanguageTag::parse(text).map(|tag| tag.as_str().to_owned());
        assert_eq!(tag("FR-ch"), Some("fr-CH".to_owned()));
        assert_eq!(tag("zh-hant-tw"), Some("zh-Hant-TW".to_owned()));
        assert_eq!(tag("es-419"), Some("es-419".to_owned()));
        for wrong in [
            "",
            "f",
            "fr_CH",
            "fr-",
            "français",
            "fr-toolongsub",
            "a b",
            "x1",
        ] {
            assert_eq!(tag(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_script_goes_before_the_language() {
        let rtl = |text: &str| LanguageTag::parse(text).is_some_and(|tag| tag.is_right_to_left());
        assert!(rtl("ar") && rtl("ar-EG") && rtl("az-Arab") && rtl("fa"));
        assert!(!rtl("fr") && !rtl("zh") && !rtl("ku-Latn") && !rtl("ar-Latn"));
    }

    #[test]
    fn a_regional_text_is_for_who_asks_for_the_language() {
        let french = LanguageTag::parse("fr-CH");
        assert!(french.is_some_and(|tag| tag.is_for("fr") && !tag.is_for("f")));
    }
}
