//! Levels that an author chooses for what an act writes: in its transaction, and only upwards.
//!
//! A text that is written first and raised afterwards stands at the lower level in between.
//! So that each act can choose, the choice is put on the act, and falls to the first record
//! that the act writes; one that falls to nothing refuses the act.

use super::{
    act::{Act, ActError, RefusalCode},
    history::Noted,
    writer::{NewRecord, Writer},
};
use crate::{
    confidentiality::{Domain, FieldIndex, Known, Level, declare::place, scalar::camel},
    id::{MechanismId, RecordId},
};

/// A field, and the level that its author has chosen.
pub(super) type Chosen = (FieldIndex, &'static str, Level);

impl Act {
    /// Takes the levels that the author has chosen, by the fields' names in the API.
    ///
    /// # Errors
    /// Refuses a field that is named twice.
    pub fn choose(&mut self, levels: Vec<(String, Level)>) -> Result<(), ActError> {
        let twice = |(at, (field, _)): (usize, &(String, Level))| {
            levels.iter().skip(at + 1).any(|(other, _)| other == field)
        };
        if levels.iter().enumerate().any(twice) {
            return Err(ActError::invalid("levels", "a field is named once"));
        }
        self.writer().chosen = levels;
        Ok(())
    }

    /// Writes a new record at the levels that its author has chosen.
    ///
    /// # Errors
    /// As [`Writer::add`]; refuses levels that can't be chosen.
    pub async fn add<D: Domain>(&mut self, mut record: NewRecord) -> Result<RecordId, ActError> {
        let columns: Vec<&str> = record.values.iter().map(|(column, _)| *column).collect();
        let chosen = self.writer().choices::<D>(&columns, &record.owners)?;
        let levels = chosen.into_iter().map(|(_, name, level)| (name, level));
        record.overrides.extend(levels);
        self.writer().add::<D>(&record).await?;
        Ok(record.id)
    }
}

impl Writer {
    /// What was chosen for the columns that are written; it is chosen once.
    pub(super) fn choices<D: Domain>(
        &mut self,
        columns: &[&str],
        owners: &[MechanismId],
    ) -> Result<Vec<Chosen>, ActError> {
        let mut choices = Vec::new();
        for (name, level) in std::mem::take(&mut self.chosen) {
            let column = columns.iter().find(|column| camel(column) == name);
            let field = column.map(|column| place(D::RULES, column));
            let Some((field, rule)) = field.and_then(|field| Some((field, D::rule(field)?))) else {
                let sentence = "a level is chosen for a field that the act writes";
                return Err(ActError::invalid("levels", sentence));
            };
            let least = rule.level.max(rule.floor);
            if level < least || level > Level::Secretariat {
                let sentence =
                    format!("its author chooses `{least}` or above, up to `SECRETARIAT`");
                return Err(ActError::invalid("levels", sentence));
            }
            self.warrant.may_write(D::KIND, owners, level)?;
            choices.push((field, rule.name, level));
        }
        Ok(choices)
    }

    /// Raises fields of a record to what was chosen, before their new values are written.
    pub(super) async fn raise_to<D: Domain>(
        &mut self,
        record: &Known<D>,
        choices: &[Chosen],
    ) -> Result<(), ActError> {
        let mut raised = Vec::new();
        for (field, name, level) in choices {
            let before = record.own_level(*field).unwrap_or(Level::Victim);
            if *level < before {
                let sentence = "the field is at a higher level: to lower it, ask for it";
                return Err(RefusalCode::Conflict.says(sentence).of("levels").into());
            }
            if *level == before {
                continue;
            }
            let told = record.level(*field).unwrap_or(Level::Victim);
            let noted = Noted {
                field: (*name).into(),
                level: told.max(*level),
                before: Some(before.code().to_owned()),
                after: Some(level.code().to_owned()),
            };
            self.put(record.id(), noted).await?;
            self.raise_history(record.id(), Some(name), *level).await?;
            self.note_raised(record.id(), Some(name), *level).await?;
            raised.push((*name, *level));
        }
        if raised.is_empty() {
            return Ok(());
        }
        self.deed.fields = raised.iter().map(|(name, _)| *name).collect();
        let mut sql = self.sql();
        sql.push("UPDATE ").push(D::TABLE).push(" SET overrides = ");
        sql.bind(record.relabelled(&raised));
        sql.push(" WHERE id = ").bind(record.id().0);
        self.run(sql).await
    }
}
