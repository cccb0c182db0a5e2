//! Tokens for persons who are on file already: by an officer with leave to open the files,
//! each opened on record.

use std::sync::Arc;

use crate::{
    communication::{Person, PersonName},
    confidentiality::{FieldSet, warrant::Warrant},
    date::PartialDate,
    identity::{kind::Kind, purpose::PurposeCode, viewer::Viewer},
    journal::EntryKind,
    store::{
        Files, Store,
        act::ActError,
        files::OpenFault,
        matter::{NewVictim, Part},
        writer::WriteError,
    },
};

/// What a backfill has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backfilled {
    /// Parts of persons of whom tokens were made.
    pub made: usize,
    /// Those whose files the officer has no leave to open for this purpose.
    pub without_leave: usize,
}

/// Makes the tokens that persons of the viewer's own docket lack. The viewer states the
/// purpose `SAME_MATTER`, and opens the files that they have leave to open for it.
///
/// # Errors
/// Fails where the database or the log does; what was made stays.
pub async fn backfill(store: &Store, viewer: Arc<Viewer>) -> Result<Backfilled, ActError> {
    let mut done = Backfilled::default();
    let stated = viewer.purpose().map(|purpose| purpose.code);
    if stated != Some(PurposeCode::SameMatter) {
        return Ok(done);
    }
    let reader = store.read_as(Arc::clone(&viewer));
    let files = Files::of(&reader, u64::MAX);
    let mut after = None;
    loop {
        let parts = reader.without_tokens(after).await?;
        let Some(last) = parts.last() else {
            return Ok(done);
        };
        after = Some(last.element);
        for part in &parts {
            if make(store, &viewer, &files, part).await? {
                done.made += 1;
            } else {
                done.without_leave += 1;
            }
        }
    }
}

/// Opens one file, which is put on record first, and makes its tokens.
async fn make(
    store: &Store,
    viewer: &Arc<Viewer>,
    files: &Files,
    part: &Part,
) -> Result<bool, ActError> {
    let reader = store.read_as(Arc::clone(viewer));
    let known = reader.by_ids::<Person>(&[part.person]).await?;
    let Some(person) = known.get(&part.person) else {
        return Ok(false);
    };
    if !(person.sees(Person::names) && person.sees(Person::birth_date)) {
        return Ok(false);
    }
    let fields = FieldSet::NONE.with(Person::names).with(Person::birth_date);
    let opened = files
        .open(person, fields)
        .await
        .map_err(|fault| match fault {
            OpenFault::NotOnRecord(error) => ActError::from(WriteError::from(error)),
            OpenFault::Store(error) => ActError::from(error),
            OpenFault::TooMany => ActError::conflict("too many files"),
        })?;
    let Some(names) = opened.texts.get(&Person::names) else {
        return Ok(false);
    };
    let names: Vec<PersonName> = serde_json::from_slice(names).unwrap_or_default();
    let born = opened.texts.get(&Person::birth_date);
    let born: Option<String> = born.and_then(|text| serde_json::from_slice(text).ok().flatten());
    let born = born.as_deref().and_then(PartialDate::parse);
    let warrant = Warrant::of(viewer).map_err(WriteError::from)?;
    let mut writer = store.begin(warrant, viewer.now()).await?;
    writer
        .keep_tokens(&NewVictim {
            element: part.element,
            communication: part.communication,
            person: part.person,
            spellings: names.iter().map(|name| name.text.as_str()).collect(),
            born: born.as_ref(),
            happened: part.happened.as_ref(),
            countries: &part.countries,
        })
        .await?;
    writer.concerns_person(EntryKind::SameMatterTokens, (Kind::Person, part.person));
    writer.commit().await?;
    Ok(true)
}
