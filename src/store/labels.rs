//! The acts on labels: raised at once, lowered by two officers.
//!
//! Raising takes one owner. Lowering takes a reason, and the approval of a second officer of
//! every owner (`confidentiality.md`, section 12).

use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    act::{Act, ActError, RefusalCode},
    changes::within,
    history::{EXISTENCE, Noted},
    writer::WriteError,
};
use crate::{
    clock::Moment,
    confidentiality::{Domain, FieldIndex, Known, Level, declare::place, warrant::WriteRefused},
    id::{MechanismId, RecordId},
    identity::{
        kind::{Kind, Right},
        watch::Ended,
    },
    vocabulary::{LoweringStatus, NotificationType, codes::Coded},
};

/// Seconds that a request waits for its approval at most: 30 days.
const WAITS: i64 = 30 * 24 * 3_600;

/// What of a record a level is set for: one field, or that the record is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part(Option<FieldIndex>);

/// A request to lower a level.
#[derive(Clone, Debug)]
pub struct Lowering {
    /// Its id.
    pub id: RecordId,
    /// The kind of the record.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// The field as the declaration names it, or `existence`.
    pub field: String,
    /// The level to which it is to be lowered.
    pub level: Level,
    /// Why.
    pub reason: String,
    /// Where it stands.
    pub status: LoweringStatus,
    /// The officer who has asked.
    pub subject: String,
    /// When.
    pub asked_at: Moment,
    /// What it was asked for with, where others were asked for in the same act.
    pub batch: Option<RecordId>,
}

/// To which level, why, and with what else.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The level to which it is to be lowered.
    pub level: Level,
    /// Why.
    pub reason: &'a str,
    /// The batch, where others are asked for in the same act.
    pub batch: Option<RecordId>,
}

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

    fn name<D: Domain>(self) -> &'static str {
        let rule = self.0.and_then(D::rule);
        rule.map_or(EXISTENCE, |rule| rule.name)
    }

    fn level<D: Domain>(self, record: &Known<D>) -> Level {
        let level = match self.0 {
            Some(field) => record.level(field),
            None => record.existence(),
        };
        level.unwrap_or(Level::Victim)
    }

    /// The levels that it can have.
    fn allows<D: Domain>(self, level: Level) -> Result<(), ActError> {
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

    /// Asks for the approval that it takes to lower levels of a record; says for how many
    /// parts of it. What is at this level already, or below, is not asked for.
    ///
    /// # Errors
    /// Refuses records of others, a token without the right or the scope to label them, and
    /// a level below a field's floor.
    pub async fn lower<D: Domain>(
        &mut self,
        record: &Known<D>,
        parts: &[Part],
        asked: Asked<'_>,
    ) -> Result<usize, ActError> {
        self.owns(record)?;
        self.writer.warrant.may(Right::DeclassifyRequest)?;
        let mut fields = Vec::new();
        for part in parts {
            part.allows::<D>(asked.level)?;
            let before = part.level(record);
            let owners = &record.facts().owners;
            self.writer.warrant.may_label(D::KIND, owners, before)?;
            if asked.level >= before {
                continue;
            }
            let row = vec![
                RecordId::random().0.into(),
                record.id().0.into(),
                D::KIND.code().into(),
                part.name::<D>().into(),
                asked.level.rank().into(),
                asked.reason.into(),
                LoweringStatus::Pending.code().into(),
                self.writer.warrant.actor().subject.as_str().into(),
                self.writer.at.seconds().into(),
                asked.batch.map(|batch| batch.0).into(),
            ];
            let columns = [
                "id", "record", "kind", "field", "level", "reason", "status", "subject",
                "asked_at", "batch",
            ];
            self.writer.insert("lowering", &columns, row).await?;
            fields.push(part.name::<D>());
        }
        self.writer.deed.reason = Some(asked.reason.to_owned());
        let count = fields.len();
        if count > 0 {
            self.writer.written.push((D::KIND, record.id()));
            self.of_batch(asked.batch, record.id(), fields);
            self.tell_owners(record, NotificationType::LoweringAsked)
                .await?;
        }
        Ok(count)
    }

    /// Approves requests on one record for the viewer's mechanism; what the last owner
    /// approves is lowered, and the answer is yes where something was.
    ///
    /// # Errors
    /// Refuses a token without the right, who has asked for one of them, and a request that
    /// does not wait.
    pub async fn approve<D: Domain>(
        &mut self,
        record: &Known<D>,
        lowerings: &[Lowering],
    ) -> Result<bool, ActError> {
        let own = self.owns(record)?;
        self.writer.warrant.may(Right::DeclassifyApprove)?;
        let actor = self.writer.warrant.actor().subject.clone();
        let mut lowered = Vec::new();
        let mut fields = Vec::new();
        for lowering in lowerings {
            self.waits(lowering)?;
            if actor == lowering.subject {
                return Err(RefusalCode::Forbidden
                    .says("a second officer approves it: not who has asked for it")
                    .into());
            }
            let mut approved = self.approved(lowering.id).await?;
            if approved.contains(&own) {
                return Err(ActError::conflict("your mechanism has approved it already"));
            }
            approved.push(own);
            let row = vec![
                lowering.id.0.into(),
                own.0.into(),
                actor.as_str().into(),
                self.writer.at.seconds().into(),
            ];
            let columns = ["lowering", "mechanism", "subject", "at"];
            self.writer
                .insert("lowering_approval", &columns, row)
                .await?;
            let part = Part::of::<D>(Some(&lowering.field))?;
            fields.push(part.name::<D>());
            let owners = &record.facts().owners;
            if !owners.iter().all(|owner| approved.contains(owner)) {
                continue;
            }
            part.allows::<D>(lowering.level)?;
            if lowering.level >= part.level(record) {
                return Err(ActError::conflict("it is at this level already, or below"));
            }
            lowered.push((part, lowering.level));
            self.set_status(lowering, LoweringStatus::Done).await?;
        }
        self.writer.written.push((D::KIND, record.id()));
        let batch = lowerings.first().and_then(|lowering| lowering.batch);
        self.of_batch(batch, record.id(), fields);
        if lowered.is_empty() {
            return Ok(false);
        }
        self.set_levels(record, &lowered).await?;
        self.tell_owners(record, NotificationType::LoweringDone)
            .await?;
        Ok(true)
    }

    /// What the log is to say of one record among those of a batch.
    fn of_batch(&mut self, batch: Option<RecordId>, record: RecordId, fields: Vec<&'static str>) {
        if batch.is_some() {
            self.writer.each.push((record, fields));
        }
    }

    /// Refuses requests on one record, or takes one's own back.
    ///
    /// # Errors
    /// Refuses who may neither approve it nor has asked for it, and a request that does not
    /// wait.
    pub async fn refuse<D: Domain>(
        &mut self,
        record: &Known<D>,
        lowerings: &[Lowering],
    ) -> Result<(), ActError> {
        self.owns(record)?;
        for lowering in lowerings {
            if self.writer.warrant.actor().subject != lowering.subject {
                self.writer.warrant.may(Right::DeclassifyApprove)?;
            }
            self.waits(lowering)?;
            self.set_status(lowering, LoweringStatus::Refused).await?;
        }
        self.writer.written.push((D::KIND, record.id()));
        let batch = lowerings.first().and_then(|lowering| lowering.batch);
        let fields = lowerings
            .iter()
            .map(|lowering| Part::of::<D>(Some(&lowering.field)).map(Part::name::<D>));
        let fields = fields.collect::<Result<_, _>>()?;
        self.of_batch(batch, record.id(), fields);
        self.tell_owners(record, NotificationType::LoweringRefused)
            .await
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

    /// A request by its id; whether its record may be known of is for the caller to ask.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn lowering(&self, id: RecordId) -> Result<Option<Lowering>, ActError> {
        let mut sql = self.writer.sql();
        sql.push(SELECT).push(" WHERE id = ").bind(id.0);
        let rows = self.rows(sql).await?;
        let found = rows.first().map(read).transpose();
        Ok(found.map_err(WriteError::from)?.flatten())
    }

    /// Whether the viewer is told of requests to lower a level of a record.
    ///
    /// # Errors
    /// Refuses who does not own it.
    pub fn may_be_told_requests<D: Domain>(&self, record: &Known<D>) -> Result<(), ActError> {
        self.owns(record).map(|_| ())
    }

    /// The viewer's own mechanism, where it owns the record.
    pub(super) fn owns<D: Domain>(&self, record: &Known<D>) -> Result<MechanismId, ActError> {
        within(record)?;
        let own = record.viewer().mechanism();
        let own = own.filter(|own| record.facts().owners.contains(own));
        Ok(own.ok_or(WriteRefused::NotOwner)?)
    }

    pub(super) fn waits(&self, lowering: &Lowering) -> Result<(), ActError> {
        let until = lowering.asked_at.plus_seconds(WAITS);
        if lowering.status != LoweringStatus::Pending || until <= self.writer.at {
            return Err(ActError::conflict("the request does not wait any more"));
        }
        Ok(())
    }

    pub(super) async fn approved(&self, lowering: RecordId) -> Result<Vec<MechanismId>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT mechanism FROM lowering_approval WHERE lowering = ")
            .bind(lowering.0);
        let rows = self.rows(sql).await?;
        let approved = rows
            .iter()
            .map(|row| row.try_get_by_index(0).map(MechanismId));
        Ok(approved
            .collect::<Result<_, _>>()
            .map_err(WriteError::from)?)
    }

    async fn set_status(
        &self,
        lowering: &Lowering,
        status: LoweringStatus,
    ) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("UPDATE lowering SET status = ")
            .bind(status.code());
        sql.push(" WHERE id = ").bind(lowering.id.0);
        self.writer.run(sql).await
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
    async fn set_levels<D: Domain>(
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
                field: name,
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

impl super::Reader {
    /// The requests to lower a level of a record, the latest first, for its owners; those of
    /// one batch alone, where one is given.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn lowerings<D: Domain>(
        &self,
        known: &Known<D>,
        batch: Option<RecordId>,
    ) -> Result<Vec<Lowering>, super::StoreError> {
        let own = self.viewer().mechanism();
        let owns = own.is_some_and(|own| known.facts().owners.contains(&own));
        let reached = known.sight().reach.level >= Level::Secretariat;
        if !owns || !reached || !self.viewer().stands() {
            return Ok(Vec::new());
        }
        let mut sql = self.store().sql();
        sql.push(SELECT).push(" WHERE record = ").bind(known.id().0);
        if let Some(batch) = batch {
            sql.push(" AND batch = ").bind(batch.0);
        }
        sql.push(" ORDER BY asked_at DESC, id LIMIT 100");
        let rows = self.store().all(sql).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(read.into_iter().flatten().collect())
    }
}

pub(super) const SELECT: &str = "SELECT id, kind, record, field, level, reason, status, \
                                 subject, asked_at, batch FROM lowering";

/// What this hub does not know is not told.
pub(super) fn read(row: &QueryResult) -> Result<Option<Lowering>, sea_orm::DbErr> {
    let (kind, status): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(6)?);
    let known = (
        Kind::from_code(&kind),
        Level::from_rank(row.try_get_by_index(4)?),
        LoweringStatus::from_code(&status),
    );
    let (Some(kind), Some(level), Some(status)) = known else {
        return Ok(None);
    };
    Ok(Some(Lowering {
        id: RecordId(row.try_get_by_index(0)?),
        kind,
        record: RecordId(row.try_get_by_index(2)?),
        field: row.try_get_by_index(3)?,
        level,
        reason: row.try_get_by_index(5)?,
        status,
        subject: row.try_get_by_index(7)?,
        asked_at: Moment::from_seconds(row.try_get_by_index(8)?),
        batch: row.try_get_by_index::<Option<_>>(9)?.map(RecordId),
    }))
}
