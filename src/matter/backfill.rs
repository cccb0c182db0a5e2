//! Tokens for persons who are on file already: by an officer with leave to open the files,
//! each opened on record.

use std::sync::Arc;

use super::beside::{Beside, BesideFault};
use crate::{
    communication::{Person, PersonName},
    confidentiality::{FieldSet, facts::CountryCode, warrant::Warrant},
    date::PartialDate,
    identity::{kind::Kind, purpose::PurposeCode, viewer::Viewer},
    journal::EntryKind,
    same_matter::{Victim, used_keys},
    store::{
        Files, Reader, Store, StoreError,
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

/// Why a backfill ended before it was done; what was made stays.
#[derive(Debug, thiserror::Error)]
pub enum BackfillFault {
    /// The database or the log failed.
    #[error(transparent)]
    Act(#[from] ActError),
    /// No blind token was made.
    #[error(transparent)]
    Beside(#[from] BesideFault),
    /// The work was broken off.
    #[error("the work was broken off")]
    BrokenOff,
}

impl From<StoreError> for BackfillFault {
    fn from(error: StoreError) -> Self {
        Self::Act(error.into())
    }
}

/// What tokens are made of.
struct Opened {
    names: Vec<PersonName>,
    born: Option<PartialDate>,
}

/// Makes the tokens that persons of the viewer's own docket lack, with blind ones beside them
/// where it is said how. The viewer states the purpose `SAME_MATTER`, and opens the files
/// that they have leave to open for it.
///
/// # Errors
/// Fails where the database, the log or the second key holder does; what was made stays.
pub async fn backfill(
    store: &Store,
    viewer: Arc<Viewer>,
    beside: Option<&Beside>,
) -> Result<Backfilled, BackfillFault> {
    let mut done = Backfilled::default();
    let stated = viewer.purpose().map(|purpose| purpose.code);
    if stated != Some(PurposeCode::SameMatter) {
        return Ok(done);
    }
    let reader = store.read_as(Arc::clone(&viewer));
    let files = Files::of(&reader, u64::MAX);
    let pair = beside.map(Beside::pair);
    let mut after = None;
    loop {
        let parts = reader.without_tokens(after, pair.as_deref()).await?;
        let Some(last) = parts.last() else {
            return Ok(done);
        };
        after = Some(last.element);
        for part in &parts {
            let Some(opened) = open(&reader, &files, part).await? else {
                done.without_leave += 1;
                continue;
            };
            make(store, &viewer, (part, opened), beside.zip(pair.as_deref())).await?;
            done.made += 1;
        }
    }
}

/// Opens one file, where the viewer may; it is put on record first.
async fn open(reader: &Reader, files: &Files, part: &Part) -> Result<Option<Opened>, ActError> {
    let known = reader.by_ids::<Person>(&[part.person]).await?;
    let Some(person) = known.get(&part.person) else {
        return Ok(None);
    };
    if !(person.sees(Person::names) && person.sees(Person::birth_date)) {
        return Ok(None);
    }
    let fields = FieldSet::NONE.with(Person::names).with(Person::birth_date);
    let opened = files
        .open(person, fields)
        .await
        .map_err(|fault| match fault {
            OpenFault::NotOnRecord(error) => ActError::from(WriteError::from(error)),
            OpenFault::Store(error) => ActError::from(error),
            OpenFault::KeyStore(error) => ActError::from(WriteError::from(error)),
            OpenFault::TooMany => ActError::conflict("too many files"),
        })?;
    let Some(names) = opened.texts.get(&Person::names) else {
        return Ok(None);
    };
    let born = opened.texts.get(&Person::birth_date);
    let born: Option<String> = born.and_then(|text| serde_json::from_slice(text).ok().flatten());
    Ok(Some(Opened {
        names: serde_json::from_slice(names).unwrap_or_default(),
        born: born.as_deref().and_then(PartialDate::parse),
    }))
}

/// Makes the tokens of one person's part, of both kinds in one transaction.
async fn make(
    store: &Store,
    viewer: &Viewer,
    (part, opened): (&Part, Opened),
    beside: Option<(&Beside, &str)>,
) -> Result<(), BackfillFault> {
    let spellings: Vec<&str> = opened.names.iter().map(|name| name.text.as_str()).collect();
    let blind = match beside {
        None => None,
        Some((beside, pair)) => {
            let codes = part.countries.iter();
            let countries: Vec<CountryCode> =
                codes.filter_map(|code| CountryCode::parse(code)).collect();
            let victim = Victim {
                spellings: &spellings,
                born: opened.born.as_ref(),
                happened: part.happened.as_ref(),
                countries: &countries,
            };
            let (keys, uses): (Vec<_>, Vec<_>) = used_keys(&victim, true).into_iter().unzip();
            let beside = beside.clone();
            // The holder is asked outside of any transaction, and of the runtime.
            let made = tokio::task::spawn_blocking(move || beside.tokens(&keys)).await;
            Some((pair, made.map_err(|_| BackfillFault::BrokenOff)??, uses))
        }
    };
    let warrant = Warrant::of(viewer).map_err(|error| ActError::from(WriteError::from(error)))?;
    let writer = store.begin(warrant, viewer.now()).await;
    let mut writer = writer.map_err(ActError::from)?;
    writer
        .keep_tokens(&NewVictim {
            element: part.element,
            communication: part.communication,
            person: part.person,
            spellings,
            born: opened.born.as_ref(),
            happened: part.happened.as_ref(),
            countries: &part.countries,
        })
        .await?;
    if let Some((pair, tokens, uses)) = blind {
        writer.keep_beside(part, pair, tokens, uses).await?;
    }
    writer.concerns_person(EntryKind::SameMatterTokens, (Kind::Person, part.person));
    writer.commit().await.map_err(ActError::from)?;
    Ok(())
}
