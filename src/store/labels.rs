//! The acts on labels that take one owner: raised at once, named on a record.
//!
//! Lowering takes two officers, and is in [`super::lowering`] (`confidentiality.md`, section
//! 12).

use sea_orm::ConnectionTrait;

use super::{
    act::{Act, ActError},
    changes::within,
    history::{EXISTENCE, Noted},
    writer::WriteError,
};
use crate::{
    clock::Moment,
    confidentiality::{Domain, FieldIndex, Known, Level, declare::place, warrant::WriteRefused},
    id::MechanismId,
    identity::watch::Ended,
    vocabulary::NotificationType,
};

/// What of a record a level is set for: one field, or that the record is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part(Option<FieldIndex>);

impl Part {
    /// The field of this name, or the record's existence.
    ///
    /// # Errors
    /// Refuses what is no field of the kind, lists, and sealed fields: what identifies a
    /// person is never lowered, and can't be raised.
    pub fn of<D: Domain>(name: Option<&str>) -> Result<Self, ActError> {
        let Some(name) = name.filter(|name| *name != EXISTENCE) else {
            return Ok(Self(None));
        };
        let field = place(D::RULES, name);
        let sealed = D::COLUMNS.len()..D::COLUMNS.len() + D::SEALED.len();
        let rule = D::rule(field).filter(|rule| !D::LISTS.contains(&rule.name));
        if rule.is_none() || sealed.contains(&usize::from(field.0)) {
            let sentence = "no field of this record has a level that can be set";
            return Err(ActError::invalid("field", sentence));
        }
        Ok(Self(Some(field)))
    }

    pub(super) fn name<D: Domain>(self) -> &'static str {
        let rule = self.0.and_then(D::rule);
        rule.map_or(EXISTENCE, |rule| rule.name)
    }

    pub(super) fn level<D: Domain>(self, record: &Known<D>) -> Level {
        let level = match self.0 {
            Some(field) => record.level(field),
            None => record.existence(),
        };
        level.unwrap_or(Level::Victim)
    }

    /// The levels that it can have.
    pub(super) fn allows<D: Domain>(self, level: Level) -> Result<(), ActError> {
        let floor = self.0.and_then(D::rule).map(|rule| rule.floor);
        let wrong = |sentence: String| Err(ActError::invalid("level", sentence));
        match floor {
            Some(floor) if level < floor => wrong(format!("it is never below `{floor}`")),
            None if level > Level::Secretariat => wrong("no record exists at `VICTIM`".to_owned()),
            Some(_) | None => Ok(()),
        }
    }
}

impl Act {
    /// Raises a level of a record, at once.
    ///
    /// # Errors
    /// Refuses records of others, what lies beyond the token's scope, and a level that is
    /// not higher.
    pub async fn raise<D: Domain>(
        &mut self,
        record: &Known<D>,
        part: Part,
        level: Level,
    ) -> Result<(), ActError> {
        part.allows::<D>(level)?;
        within(record)?;
        let owners = &record.facts().owners;
        self.writer.warrant.may_label(D::KIND, owners, level)?;
        if level <= part.level(record) {
            return Err(ActError::conflict(
                "it is at this level already, or above: to lower it, ask for it",
            ));
        }
        self.set_levels(record, &[(part, level)]).await
    }

    /// Names a mechanism on a record until a moment: as long as a clause of the cap
    /// `SECRETARIAT` backs it, that mechanism is told what the secretariat knows.
    ///
    /// # Errors
    /// Refuses records of others; fails where the database does.
    pub async fn name<D: Domain>(
        &mut self,
        record: &Known<D>,
        mechanism: MechanismId,
        until: Moment,
    ) -> Result<(), ActError> {
        self.owns(record)?;
        self.take_name(record, mechanism).await?;
        let row = vec![
            record.id().0.into(),
            mechanism.0.into(),
            until.seconds().into(),
        ];
        let columns = ["record", "mechanism", "until"];
        Ok(self.writer.insert("record_named", &columns, row).await?)
    }

    /// Takes the name of a mechanism off a record, at once; says whether it was on it.
    ///
    /// # Errors
    /// Refuses records of others; fails where the database does.
    pub async fn unname<D: Domain>(
        &mut self,
        record: &Known<D>,
        mechanism: MechanismId,
    ) -> Result<bool, ActError> {
        self.owns(record)?;
        let was = self.take_name(record, mechanism).await?;
        if was {
            let record = record.id();
            let ended = Ended::Naming { record, mechanism };
            self.writer.note(ended).await?;
        }
        Ok(was)
    }

    async fn take_name<D: Domain>(
        &mut self,
        record: &Known<D>,
        mechanism: MechanismId,
    ) -> Result<bool, ActError> {
        self.writer.written.push((D::KIND, record.id()));
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM record_named WHERE record = ")
            .bind(record.id().0);
        sql.push(" AND mechanism = ").bind(mechanism.0);
        let connection = self.writer.transaction();
        let done = connection.execute_raw(sql.into_statement()).await;
        Ok(done.map_err(WriteError::from)?.rows_affected() > 0)
    }

    /// Whether the token lets its holder say who is named on a record.
    ///
    /// # Errors
    /// Refuses records of others, and a token that may not label them at `SECRETARIAT`.
    pub fn may_name<D: Domain>(&self, record: &Known<D>) -> Result<(), ActError> {
        within(record)?;
        let owners = &record.facts().owners;
        let warrant = &self.writer.warrant;
        Ok(warrant.may_label(D::KIND, owners, Level::Secretariat)?)
    }

    /// The viewer's own mechanism, where it owns the record.
    pub(super) fn owns<D: Domain>(&self, record: &Known<D>) -> Result<MechanismId, ActError> {
        within(record)?;
        let own = record.viewer().mechanism();
        let own = own.filter(|own| record.facts().owners.contains(own));
        Ok(own.ok_or(WriteRefused::NotOwner)?)
    }

    pub(super) async fn tell_owners<D: Domain>(
        &self,
        record: &Known<D>,
        what: NotificationType,
    ) -> Result<(), ActError> {
        for owner in &record.facts().owners {
            let about = (D::KIND, record.id());
            self.writer.notify((*owner, None), what, about).await?;
        }
        Ok(())
    }

    /// Sets levels of a record, and puts each on its history at the higher of the two.
    pub(super) async fn set_levels<D: Domain>(
        &mut self,
        record: &Known<D>,
        parts: &[(Part, Level)],
    ) -> Result<(), ActError> {
        // What is withheld of a record that anyone knows of is told with its level.
        let known = record.existence() == Some(Level::Public);
        self.writer.written.push((D::KIND, record.id()));
        let mut overrides = Vec::new();
        let mut existence = None;
        for (part, level) in parts {
            let (name, before) = (part.name::<D>(), part.level(record));
            self.writer.public |= known || before.min(*level) == Level::Public;
            let noted = Noted {
                field: name.into(),
                level: before.max(*level),
                before: Some(before.code().to_owned()),
                after: Some(level.code().to_owned()),
            };
            self.writer.put(record.id(), noted).await?;
            let field = part.0.map(|_| name);
            if *level > before {
                self.writer
                    .raise_history(record.id(), field, *level)
                    .await?;
                self.writer.note_raised(record.id(), field, *level).await?;
            }
            match field {
                Some(name) => overrides.push((name, *level)),
                None => existence = Some(*level),
            }
        }
        self.writer.deed.fields = parts.iter().map(|(part, _)| part.name::<D>()).collect();
        let mut sql = self.writer.sql();
        sql.push("UPDATE ").push(D::TABLE).push(" SET ");
        if let Some(level) = existence {
            sql.push("existence = ").number(level.rank());
        }
        if !overrides.is_empty() {
            sql.push(if existence.is_some() { ", " } else { "" });
            sql.push("overrides = ").bind(record.relabelled(&overrides));
        }
        sql.push(" WHERE id = ").bind(record.id().0);
        self.writer.run(sql).await
    }
}
