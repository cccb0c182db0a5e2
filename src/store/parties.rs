//! Changes of who owns a record, and of all that it concerns.

use super::{
    Writer,
    act::{ActError, RefusalCode},
    writer::WriteError,
};
use crate::{
    confidentiality::{Domain, FieldIndex, Known, Level, warrant::WriteRefused},
    id::{MechanismId, RecordId},
};

impl Writer {
    /// Takes the viewer's own mechanism off the owners of a record, and says who is left.
    ///
    /// # Errors
    /// Refuses records of others, a record that would be nobody's, and a kind with sealed
    /// fields, which are bound to their owners; fails where the database does.
    pub async fn leave<D: Domain>(
        &mut self,
        record: &Known<D>,
    ) -> Result<Vec<MechanismId>, ActError> {
        self.touch(record, &[])?;
        let own = record.viewer().mechanism();
        let own = own.ok_or(WriteRefused::NotOwner)?;
        let mut left = record.facts().owners.clone();
        left.retain(|owner| *owner != own);
        if left.is_empty() || !D::SEALED.is_empty() {
            return Err(WriteError::NoOwner(D::KIND).into());
        }
        // A token's limits to some owners can put it out of sight, or leave it there.
        self.public |= record.existence() == Some(Level::Public);
        let mut sql = self.sql();
        sql.push("DELETE FROM record_owner WHERE record = ")
            .bind(record.id().0);
        sql.push(" AND mechanism = ").bind(own.0);
        self.run(sql).await?;
        Ok(left)
    }

    /// Takes all links of a name away but the one to keep. It is one change on the record's
    /// history, however many there were: some may lead to what the viewer may not know of.
    ///
    /// # Errors
    /// As [`Writer::change`].
    pub async fn unlink_others<D: Domain>(
        &mut self,
        record: &Known<D>,
        (edge, name): (FieldIndex, &'static str),
        keep: Option<RecordId>,
    ) -> Result<(), ActError> {
        self.touch(record, &[edge])?;
        self.note_edge(record, edge).await?;
        let mut sql = self.sql();
        sql.push("DELETE FROM link WHERE source = ")
            .bind(record.id().0);
        sql.push(" AND name = ").bind(name);
        if let Some(keep) = keep {
            sql.push(" AND target <> ").bind(keep.0);
        }
        self.run(sql).await
    }

    /// Says anew which States and which topics a record concerns; what is not given stays.
    ///
    /// # Errors
    /// As [`Writer::change`]; refuses what lies outside the token's limits.
    pub async fn concern_anew<D: Domain>(
        &mut self,
        record: &Known<D>,
        countries: Option<(FieldIndex, Vec<String>)>,
        topics: Option<(FieldIndex, Vec<String>)>,
    ) -> Result<(), ActError> {
        let facts = record.facts();
        let Some(known) = &facts.countries else {
            // What is not understood is changed by nobody.
            let sentence = "the record concerns a State that this hub does not know";
            return Err(RefusalCode::Conflict.says(sentence).into());
        };
        let states = known.iter().map(|code| code.as_str().to_owned()).collect();
        let themes = facts.topics.iter().map(|code| code.to_string()).collect();
        let before: (Vec<String>, Vec<String>) = (states, themes);
        let mut after = before.clone();
        for (given, said) in [(countries, &mut after.0), (topics, &mut after.1)] {
            if let Some((edge, values)) = given {
                self.note_correction(record, edge).await?;
                *said = values;
            }
        }
        self.concern_only(record, &before, &after).await
    }
}
