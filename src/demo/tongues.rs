//! What the note's records are called in other languages: names of mechanisms in the six UN
//! languages, titles and texts in French. The translations are this project's own, but for
//! official names.

use std::collections::HashMap;

use super::{draft::Draft, rows::Fault};
use crate::{
    identity::kind::Kind,
    language::{LanguageTag, fields::texts_of},
    store::texts::NewTranslation,
    vocabulary::TranslationStatus,
};

const FILE: &str = "translations.txt";
const WORDS: &str = include_str!("data/translations.txt");
/// The language of the note.
const ORIGINAL: &str = "en";
/// Who has made what is not official.
const MADE_BY: &str = "Liaison";

/// Adds the texts to the drafts that they are of.
pub(super) fn translated(drafts: &mut [Draft]) -> Result<(), Fault> {
    let places = drafts.iter().enumerate();
    let places: HashMap<(&'static str, String), usize> = places
        .map(|(place, draft)| ((draft.kind, draft.key.clone()), place))
        .collect();
    let mut head: Option<(&str, &str, Vec<&str>)> = None;
    for line in WORDS.lines() {
        let fault = |why: &str| Fault::Row {
            file: FILE.to_owned(),
            row: line.to_owned(),
            why: why.to_owned(),
        };
        if let Some(title) = line.strip_prefix("# ") {
            let mut words = title.split(' ');
            let of = words.next().and_then(|of| of.split_once('.'));
            let (kind, field) = of.ok_or_else(|| fault("names no field of a kind"))?;
            head = Some((kind, field, words.collect()));
            continue;
        }
        let (kind, field, languages) = head.as_ref().ok_or_else(|| fault("has no head"))?;
        let mut parts = line.split('|');
        let (key, sure) = (parts.next().unwrap_or_default(), parts.next());
        // What the note calls a mechanism may be an organisation here.
        let kinds = [*kind, "organisation"];
        let found = kinds.iter().find_map(|kind| {
            let kind = Kind::from_code(kind)?;
            places
                .get(&(kind.code(), key.to_owned()))
                .map(|place| (kind, *place))
        });
        let (kind, place) = found.ok_or_else(|| fault("is of no record"))?;
        let field = texts_of(kind).iter().find(|text| *text == field);
        let field = *field.ok_or_else(|| fault("is of no text"))?;
        let official = sure == Some("O");
        let texts: Vec<&str> = parts.collect();
        if texts.len() != languages.len() || texts.iter().any(|text| text.is_empty()) {
            return Err(fault("has not a text for each language"));
        }
        let mut all = vec![(ORIGINAL, None)];
        all.extend(languages.iter().copied().zip(texts.into_iter().map(Some)));
        for (language, text) in all {
            let language =
                LanguageTag::parse(language).ok_or_else(|| fault("names no language"))?;
            let new = new(language, text, official);
            if let Some(draft) = drafts.get_mut(place) {
                draft.texts.push((field, new));
            }
        }
    }
    Ok(())
}

fn new(language: LanguageTag, text: Option<&str>, official: bool) -> NewTranslation {
    let status = match (text, official) {
        (None, _) => TranslationStatus::Original,
        (Some(_), true) => TranslationStatus::Official,
        (Some(_), false) => TranslationStatus::Unofficial,
    };
    let made_by = (status == TranslationStatus::Unofficial).then(|| MADE_BY.to_owned());
    NewTranslation {
        language,
        status,
        text: text.map(str::to_owned),
        made_by,
        made_on: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::drafts;

    #[test]
    fn what_the_note_says_is_found_in_two_languages() {
        let drafts = drafts().unwrap();
        let having = |kind: &str, languages: usize| {
            let of = drafts.iter().filter(|draft| draft.kind == kind);
            of.filter(|draft| draft.texts.len() >= languages).count()
        };
        assert_eq!(having("recommendation", 2), 99);
        assert_eq!(having("work_plan_item", 2), 18);
        assert_eq!(having("agreement", 2), 14);
        assert_eq!(having("joint_activity", 2), 39);
        // Original and five others.
        assert_eq!(having("mechanism", 6) + having("organisation", 6), 99);
    }
}
