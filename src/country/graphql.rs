//! What the schema shows of a country.

use async_graphql::{Enum, SimpleObject};

use super::Country;
use crate::{
    confidentiality::{Disclosed, Known},
    edges,
    graphql::language::Language,
    organisation::Organisation,
    store::page::Under,
};

/// In which direction a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum WritingDirection {
    /// Left to right.
    Ltr,
    /// Right to left.
    Rtl,
}

/// A text, and the language that it is in.
#[derive(Clone, Debug, SimpleObject)]
pub struct LocalizedText {
    /// The text.
    pub text: String,
    /// Its language.
    pub language: Language,
    /// In which direction it is written.
    pub direction: WritingDirection,
}

edges! {
    /// Where a country leads to.
    CountryEdges of Country {
        one {}
        many {
            /// Regional and other organisations that it is a member of.
            member_of: Organisation, Under::Link("member_of");
        }
        lists {}
        told {
            /// Its name in a language; where none is asked for, in that of `Accept-Language`.
            name: LocalizedText, |known, ctx, language: Option<Language> = "In which of the six languages."|
                Ok(named(known, language.or(ctx.data_opt().copied()).unwrap_or_default()));
        }
    }
}

/// The name in one language, where that name is told; its English name otherwise.
fn named(known: &Known<Country>, language: Language) -> Option<LocalizedText> {
    let name = |language| -> Disclosed<Option<String>> {
        let text = match language {
            Language::Ar => known.open(|row| &row.name_ar),
            Language::En => known.open(|row| &row.name_en),
            Language::Es => known.open(|row| &row.name_es),
            Language::Fr => known.open(|row| &row.name_fr),
            Language::Ru => known.open(|row| &row.name_ru),
            Language::Zh => known.open(|row| &row.name_zh),
        };
        match text {
            Disclosed::Visible(text) => Disclosed::Visible(text.cloned()),
            Disclosed::Withheld => Disclosed::Withheld,
        }
    };
    let (language, text) = match name(language).visible().flatten() {
        Some(text) => (language, text),
        None => (Language::En, name(Language::En).visible().flatten()?),
    };
    let direction = if language == Language::Ar {
        WritingDirection::Rtl
    } else {
        WritingDirection::Ltr
    };
    Some(LocalizedText {
        text,
        language,
        direction,
    })
}
