//! Texts of records in other languages.
//!
//! A translation has no label: it is told where the field is that it says in another
//! language, as the gate decides on that field, and nowhere else. So it is closed under that
//! field as it is read, and opened as the field itself is.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use sea_orm::{QueryResult, Value};
use sha2::{Digest, Sha256};

use super::{
    Reader, StoreError, Writer,
    act::{Act, ActError},
    batch::Key,
    history::Noted,
    writer::{NewRecord, WriteError},
};
use crate::{
    confidentiality::{Classified, Domain, FieldIndex, Known, Level, declare::place},
    date::PartialDate,
    id::RecordId,
    language::LanguageTag,
    vocabulary::{TranslationStatus, codes::Coded},
};

/// A text of a record in another language; or, without a text, in which language the field is.
#[derive(Debug)]
pub struct Translation {
    /// In which language.
    pub language: LanguageTag,
    /// How it has come to be.
    pub status: TranslationStatus,
    /// The text; none where the field itself is meant.
    pub text: Option<String>,
    /// Who has made it.
    pub made_by: Option<String>,
    /// When.
    pub made_on: Option<PartialDate>,
    /// What the text was that it translates, as [`mark`] has it.
    pub of: Option<String>,
}

/// Translations of one record, each closed under the field that it translates.
pub type Translations = std::sync::Arc<Vec<(FieldIndex, Classified<Translation>)>>;

/// The texts of a record of type `D` in other languages.
pub struct TextsOf<D>(pub(super) RecordId, PhantomData<fn() -> D>);

impl<D> TextsOf<D> {
    /// Those of this record.
    pub fn new(record: RecordId) -> Self {
        Self(record, PhantomData)
    }
}

super::batch::key!(TextsOf);

impl<D: Domain> Key for TextsOf<D> {
    type Value = Translations;

    async fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Value>, StoreError> {
        let ids: Vec<RecordId> = keys.iter().map(|key| key.0).collect();
        let found = reader.translations::<D>(&ids).await?;
        Ok(found
            .into_iter()
            .map(|(id, texts)| (Self::new(id), std::sync::Arc::new(texts)))
            .collect())
    }
}

/// What tells one original from another: which of them a translation is of.
pub fn mark(original: &str) -> String {
    let hash = Sha256::digest(original);
    hash.iter().take(16).fold(String::new(), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

/// What a field of a record says in other languages, as far as the viewer is told the field.
///
/// What an earlier text was translated into is for the record's own secretariat: a field that was
/// raised, written anew and published is not told by what it was before.
pub fn told_of<'a, D: Domain>(
    known: &Known<D>,
    field: FieldIndex,
    original: &str,
    beside: &'a [(FieldIndex, Classified<Translation>)],
) -> Vec<&'a Translation> {
    let own = known.sight().reach.level >= Level::Secretariat;
    let of_field = beside.iter().filter(|(of, _)| *of == field);
    of_field
        .filter_map(|(_, closed)| known.open_beside(closed).visible().flatten())
        .filter(|found| own || found.text.is_none() || found.is_of(original))
        .collect()
}

impl Translation {
    /// Whether it translates this original, and not an earlier one.
    pub fn is_of(&self, original: &str) -> bool {
        self.of.as_deref() == Some(&mark(original))
    }
}

/// The name under which a translation is on the history of its record.
pub fn name_on_history(field: &str, language: &LanguageTag) -> String {
    format!("{field}@{}", language.as_str())
}

impl Reader {
    /// The texts of records in all languages, each closed under its field; by record.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn translations<D: Domain>(
        &self,
        ids: &[RecordId],
    ) -> Result<HashMap<RecordId, Vec<(FieldIndex, Classified<Translation>)>>, StoreError> {
        let mut sql = self.store().sql();
        sql.push(
            "SELECT record, field, language, status, text, made_by, made_on, of FROM translation \
             WHERE record",
        );
        sql.among(ids.iter().map(|id| id.0));
        sql.push(" ORDER BY record, field, language");
        let mut texts: HashMap<RecordId, Vec<_>> = HashMap::new();
        for row in self.store().all(sql).await? {
            let field: String = row.try_get_by_index(1)?;
            let field = place(D::RULES, &field);
            if usize::from(field.0) >= D::COLUMNS.len() {
                continue;
            }
            let record = RecordId(row.try_get_by_index(0)?);
            let closed = Classified::close(field, read(&row)?);
            texts.entry(record).or_default().push((field, closed));
        }
        Ok(texts)
    }
}

/// `None` where the row holds what this hub does not know: nobody is told it then.
fn read(row: &QueryResult) -> Result<Option<Translation>, sea_orm::DbErr> {
    let language: String = row.try_get_by_index(2)?;
    let status: String = row.try_get_by_index(3)?;
    let made_on: Option<String> = row.try_get_by_index(6)?;
    let (Some(language), Some(status)) = (
        LanguageTag::parse(&language),
        TranslationStatus::from_code(&status),
    ) else {
        return Ok(None);
    };
    Ok(Some(Translation {
        language,
        status,
        text: row.try_get_by_index(4)?,
        made_by: row.try_get_by_index(5)?,
        made_on: made_on.and_then(|date| PartialDate::parse(&date)),
        of: row.try_get_by_index(7)?,
    }))
}

/// A text in another language, as it is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTranslation {
    /// In which language.
    pub language: LanguageTag,
    /// How it has come to be.
    pub status: TranslationStatus,
    /// The text; none where it says in which language the field itself is.
    pub text: Option<String>,
    /// Who has made it.
    pub made_by: Option<String>,
    /// When.
    pub made_on: Option<PartialDate>,
}

impl Act {
    /// What a field of a record has been translated into, for who may write the field and
    /// reads it.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn translated<D: Domain>(
        &self,
        record: &Known<D>,
        field: FieldIndex,
    ) -> Result<Vec<(LanguageTag, TranslationStatus)>, ActError> {
        let found = self.reader().translations::<D>(&[record.id()]).await?;
        let found = found.get(&record.id()).map(Vec::as_slice);
        let of_field = found.unwrap_or_default().iter();
        let of_field = of_field.filter(|(of, _)| *of == field);
        Ok(of_field
            .filter_map(|(_, closed)| record.open_beside(closed).visible().flatten())
            .map(|found| (found.language.clone(), found.status))
            .collect())
    }

    /// Keeps a text of a record in another language, in the place of an earlier one.
    ///
    /// # Errors
    /// As [`Writer::change`](super::Writer::change).
    pub async fn translate<D: Domain>(
        &mut self,
        record: &Known<D>,
        field: FieldIndex,
        new: NewTranslation,
    ) -> Result<(), ActError> {
        self.writer.touch(record, &[field])?;
        let Some(rule) = D::rule(field) else {
            return Ok(());
        };
        let original = self.writer.texts::<D>(record.id(), &[field]).await?;
        let original = original.into_iter().next().flatten().unwrap_or_default();
        let before = (self.writer)
            .drop_translation(record.id(), rule.name, &new.language)
            .await?;
        self.writer
            .note_translation(record, field, &new.language, (before, said(&new)))
            .await?;
        let new = (rule.name, new);
        Ok(self
            .writer
            .put_translation(record.id(), &original, new)
            .await?)
    }

    /// Takes a text of a record in another language away; says whether there was one.
    ///
    /// # Errors
    /// As [`Writer::change`](super::Writer::change).
    pub async fn withdraw_translation<D: Domain>(
        &mut self,
        record: &Known<D>,
        field: FieldIndex,
        language: &LanguageTag,
    ) -> Result<bool, ActError> {
        self.writer.touch(record, &[field])?;
        let Some(rule) = D::rule(field) else {
            return Ok(false);
        };
        let before = (self.writer)
            .drop_translation(record.id(), rule.name, language)
            .await?;
        let there = before.is_some();
        if there {
            self.writer
                .note_translation(record, field, language, (before, None))
                .await?;
        }
        Ok(there)
    }
}

/// What a translation says, for the record's history.
fn said(new: &NewTranslation) -> Option<String> {
    let code = || new.status.code().to_owned();
    Some(new.text.clone().unwrap_or_else(code))
}

impl Writer {
    /// Keeps the texts that come with a record.
    pub(super) async fn put_texts(&self, record: &NewRecord) -> Result<(), WriteError> {
        for (field, new) in &record.texts {
            let said = record.values.iter().find(|(column, _)| column == field);
            let original = match said {
                Some((_, Value::String(Some(text)))) => text.as_str(),
                _ => "",
            };
            self.put_translation(record.id, original, (field, new.clone()))
                .await?;
        }
        Ok(())
    }

    /// Takes away what a row that comes again says anew: each field in each language.
    pub(super) async fn drop_texts(
        &self,
        record: RecordId,
        says: &[(&'static str, LanguageTag, bool)],
    ) -> Result<(), ActError> {
        for (field, language, original) in says {
            let mut sql = self.sql();
            sql.push("DELETE FROM translation WHERE record = ")
                .bind(record.0);
            sql.push(" AND field = ").bind(*field);
            sql.push(" AND (language = ").bind(language.as_str());
            if *original {
                sql.push(" OR text IS NULL");
            }
            sql.push(")");
            self.run(sql).await?;
        }
        Ok(())
    }

    /// Keeps a text beside what the field says.
    pub(super) async fn put_translation(
        &self,
        record: RecordId,
        original: &str,
        (field, new): (&str, NewTranslation),
    ) -> Result<(), WriteError> {
        let of = new.text.is_some().then(|| mark(original));
        let row = vec![
            record.0.into(),
            field.into(),
            new.language.as_str().into(),
            new.status.code().into(),
            new.text.into(),
            new.made_by.into(),
            new.made_on.map(|date| date.as_str().to_owned()).into(),
            of.into(),
            self.at.seconds().into(),
        ];
        let columns = [
            "record", "field", "language", "status", "text", "made_by", "made_on", "of", "at",
        ];
        self.insert("translation", &columns, row).await
    }

    /// Takes one away; tells what it said.
    pub(super) async fn drop_translation(
        &self,
        record: RecordId,
        field: &str,
        language: &LanguageTag,
    ) -> Result<Option<String>, ActError> {
        let mut sql = self.sql();
        sql.push("DELETE FROM translation WHERE record = ")
            .bind(record.0);
        sql.push(" AND field = ").bind(field);
        sql.push(" AND language = ").bind(language.as_str());
        sql.push(" RETURNING text, status");
        let rows = self.query(sql).await?;
        let read = |row: &QueryResult| {
            let text: Option<String> = row.try_get_by_index(0)?;
            let status: String = row.try_get_by_index(1)?;
            Ok::<_, sea_orm::DbErr>(text.unwrap_or(status))
        };
        Ok(rows
            .first()
            .map(read)
            .transpose()
            .map_err(WriteError::from)?)
    }

    async fn note_translation<D: Domain>(
        &self,
        record: &Known<D>,
        field: FieldIndex,
        language: &LanguageTag,
        (before, after): (Option<String>, Option<String>),
    ) -> Result<(), ActError> {
        let Some(rule) = D::rule(field) else {
            return Ok(());
        };
        let noted = Noted {
            field: Cow::Owned(name_on_history(rule.name, language)),
            level: record.level(field).unwrap_or(Level::Victim),
            before,
            after,
        };
        self.put(record.id(), noted).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_original_has_another_mark() {
        assert_eq!(mark("a text"), mark("a text"));
        assert_ne!(mark("a text"), mark("a text."));
        assert_eq!(mark("").len(), 32);
    }
}
