//! What the schema shows of a country.

use super::Country;
use crate::{
    confidentiality::{Disclosed, Known},
    edges,
    graphql::language::{Language, LocalizedText},
    organisation::Organisation,
    store::page::Under,
    vocabulary::TranslationStatus,
};

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
    // The UN's own name.
    let status = TranslationStatus::Official;
    Some(LocalizedText::of(text, language, status))
}
