//! Sealing: what identifies a person, as it is written first and as it is corrected.
//!
//! A corrected value takes the place of the one before, under the next version, to which its
//! ciphertext is bound. What was there before is kept nowhere: not on the record's history,
//! not in the log.

use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::{
    act::ActError,
    history::Noted,
    key_store::{Found, Mark},
    writer::{NewRecord, WriteError, Writer},
};
use crate::confidentiality::{
    Domain, FieldIndex, Known, Level,
    declare::place,
    sealed::{Place, Sealed},
    vault::DataKey,
    warrant::WriteRefused,
};

/// Values to be sealed, as JSON, by the names of their fields.
pub type Texts = Vec<(&'static str, Zeroizing<String>)>;

impl Writer {
    /// Seals the values of a new record, under a key of its own.
    pub(super) async fn seal<D: Domain>(&mut self, record: &NewRecord) -> Result<(), WriteError> {
        if record.sealed.is_empty() {
            return Ok(());
        }
        let key = DataKey::fresh()?;
        for (name, text) in &record.sealed {
            let field = sealed_field::<D>(name)?;
            let at = Place {
                record: record.id,
                version: 1,
                owners: record.owners.clone(),
            };
            let sealed = key.seal::<D>(field, at, text.as_bytes())?;
            self.owed.marks.push(Mark {
                person: record.id,
                field: name,
                version: 1,
                mark: key.mark(&sealed),
            });
            let blob = sealed.into_blob();
            let row = vec![
                record.id.0.into(),
                (*name).into(),
                1_i64.into(),
                blob.into(),
            ];
            self.insert("sealed_field", &["record", "field", "version", "blob"], row)
                .await?;
        }
        let fresh = (record.id, record.owners.clone(), key);
        self.owed.fresh.push(fresh);
        Ok(())
    }

    /// Seals other values in the place of those that are there, each as its next version.
    ///
    /// Who may not open a field may not correct it: what is overwritten is gone, and nobody
    /// knows that a text is wrong who may not read it (`confidentiality.md`, section 2: the
    /// level is reached by a live grant for the file, with a stated purpose).
    ///
    /// # Errors
    /// Refuses records of others, what lies beyond the token's scope, a field that the viewer
    /// may not open, and a file in which something is not as it was sealed.
    pub async fn reseal<D: Domain>(
        &mut self,
        record: &Known<D>,
        texts: Texts,
    ) -> Result<(), ActError> {
        let fields = texts.iter().map(|(name, _)| sealed_field::<D>(name));
        let fields = fields.collect::<Result<Vec<_>, _>>()?;
        self.touch(record, &fields)?;
        if !fields.iter().all(|field| record.sees(*field)) {
            return Err(WriteRefused::Unopened.into());
        }
        let owners = &record.facts().owners;
        let found = self.file_of(record).await?;
        // Nothing was sealed of this person yet.
        let is_new = found.is_none();
        let (key, versions) = match found {
            Some(found) => found,
            None => (DataKey::fresh().map_err(WriteError::from)?, Vec::new()),
        };
        for (field, (name, text)) in fields.into_iter().zip(texts) {
            let before = versions.iter().find(|(known, _)| *known == field);
            let at = Place {
                record: record.id(),
                version: before.map_or(1, |(_, version)| version.saturating_add(1)),
                owners: owners.clone(),
            };
            let version = at.version;
            let sealed = key.seal::<D>(field, at, text.as_bytes());
            let sealed = sealed.map_err(WriteError::from)?;
            self.owed.marks.push(Mark {
                person: record.id(),
                field: name,
                version,
                mark: key.mark(&sealed),
            });
            let blob = sealed.into_blob();
            let mut sql = self.sql();
            sql.push("INSERT INTO sealed_field (record, field, version, blob) VALUES (");
            sql.bind(record.id().0).push(", ").bind(name);
            sql.push(", ").bind(version).push(", ").bind(blob);
            sql.push(
                ") ON CONFLICT (record, field) DO UPDATE SET version = excluded.version, \
                 blob = excluded.blob",
            );
            self.run(sql).await?;
            // That it was corrected is told to who is told the field; what it said, to nobody.
            let noted = Noted {
                field: name.into(),
                level: Level::Victim,
                before: None,
                after: None,
            };
            self.put(record.id(), noted).await?;
        }
        if is_new {
            self.owed.fresh.push((record.id(), owners.clone(), key));
        }
        Ok(())
    }

    /// The key of a person's file, and the versions of the values that the viewer may open.
    ///
    /// Nothing is added to a file that was tampered with: under owners who were put there by
    /// hand, what is sealed anew would open to them. What the viewer may not open is not
    /// looked at, so that the answer tells nothing of it.
    async fn file_of<D: Domain>(&self, known: &Known<D>) -> Result<Option<File>, ActError> {
        let record = known.id();
        let own = known.viewer().mechanism().ok_or(WriteRefused::NotOwner)?;
        let mut sql = self.sql();
        sql.push("SELECT field, version, blob FROM sealed_field WHERE record = ");
        sql.bind(record.0);
        let rows = self.transaction().query_all_raw(sql.into_statement());
        let rows = rows.await.map_err(WriteError::from)?;
        let broken = || ActError::conflict("the seal of the file is broken: it can't be corrected");
        let found = self.key_store().file(record, own).await;
        let (key, marks) = match found.map_err(WriteError::from)? {
            Found::Nothing if rows.is_empty() => return Ok(None),
            Found::Nothing | Found::Broken => return Err(broken()),
            Found::Key(key, marks) => (key, marks),
        };
        let read = |row: &sea_orm::QueryResult| {
            let (name, version): (String, i64) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let blob: Vec<u8> = row.try_get_by_index(2)?;
            Ok::<_, sea_orm::DbErr>((name, version, blob))
        };
        let mut versions = Vec::new();
        for row in &rows {
            let (name, version, blob) = read(row).map_err(WriteError::from)?;
            let field = place(D::RULES, &name);
            if !known.sees(field) {
                continue;
            }
            let at = Place {
                record,
                version,
                owners: known.facts().owners.clone(),
            };
            let sealed = Sealed::<D>::stored(field, at, blob);
            if !marks.are_of(&key, (&name, version), &sealed) || !key.holds(&sealed) {
                return Err(broken());
            }
            versions.push((field, version));
        }
        Ok(Some((key, versions)))
    }
}

/// The key of a person's file, and the versions of what is sealed in it.
type File = (DataKey, Vec<(FieldIndex, i64)>);

fn sealed_field<D: Domain>(name: &'static str) -> Result<FieldIndex, WriteError> {
    let field = place(D::RULES, name);
    let sealed = D::COLUMNS.len()..D::COLUMNS.len() + D::SEALED.len();
    if sealed.contains(&usize::from(field.0)) {
        return Ok(field);
    }
    Err(WriteError::UnknownColumn {
        kind: D::KIND,
        column: name,
    })
}
