//! Lowering a level: asked for by one officer, approved by a second one of every owner.
//!
//! Many are asked for together, and answered together, as a batch.
//! A batch is no record and has no label: to each viewer it is what it holds of records that
//! the viewer's mechanism owns and the viewer is told of. Where nothing is left, it is not
//! there.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::QueryResult;
use sha2::{Digest, Sha256};

use super::{
    Reader, StoreError,
    act::{Act, ActError, RefusalCode},
    labels::Part,
    sql::Sql,
    writer::WriteError,
};
use crate::{
    clock::Moment,
    confidentiality::{Domain, Known, Level},
    id::{MechanismId, RecordId},
    identity::kind::{Kind, Right},
    vocabulary::{LoweringStatus, NotificationType, codes::Coded},
};

/// Seconds that a request waits for its approval at most: 30 days.
const WAITS: i64 = 30 * 24 * 3_600;

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

/// The records that a batch is about, for the gate to look at.
pub type Place = (Kind, RecordId);

impl Reader {
    /// The requests to lower a level of a record, the latest first, for its owners; those of
    /// one batch alone, where one is given.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn lowerings<D: Domain>(
        &self,
        known: &Known<D>,
        batch: Option<RecordId>,
    ) -> Result<Vec<Lowering>, StoreError> {
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

    /// The records that a batch is about; whether they may be known of, and their requests
    /// told, is for the caller to ask.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn places_of(&self, batch: RecordId) -> Result<Vec<Place>, StoreError> {
        let rows = self
            .store()
            .all(of_batch(self.store().sql(), batch))
            .await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let lowerings: Vec<Lowering> = read.into_iter().flatten().collect();
        Ok(places(&lowerings))
    }
}

impl Act {
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
        if D::KIND == Kind::StatisticRelease {
            let sentence = "statistics are told by their approval alone: propose them";
            return Err(ActError::conflict(sentence));
        }
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
            self.noted_for(asked.batch, record.id(), fields);
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
        self.noted_for(batch, record.id(), fields);
        if lowered.is_empty() {
            return Ok(false);
        }
        self.set_levels(record, &lowered).await?;
        self.tell_owners(record, NotificationType::LoweringDone)
            .await?;
        Ok(true)
    }

    /// What the log is to say of one record among those of a batch.
    fn noted_for(&mut self, batch: Option<RecordId>, record: RecordId, fields: Vec<&'static str>) {
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
        self.noted_for(batch, record.id(), fields);
        self.tell_owners(record, NotificationType::LoweringRefused)
            .await
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

    /// The requests of a batch; whether their records may be known of is for the caller to
    /// ask.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn batch(&self, batch: RecordId) -> Result<Vec<Lowering>, ActError> {
        let sql = of_batch(self.writer.sql(), batch);
        let rows = self.rows(sql).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>();
        Ok(read
            .map_err(WriteError::from)?
            .into_iter()
            .flatten()
            .collect())
    }

    /// Those that wait for the viewer's mechanism.
    ///
    /// # Errors
    /// Refuses who does not own the record; fails where the database does.
    pub async fn waiting<D: Domain>(
        &self,
        record: &Known<D>,
        lowerings: &[Lowering],
    ) -> Result<Vec<Lowering>, ActError> {
        let own = self.owns(record)?;
        let mut waiting = Vec::new();
        for lowering in lowerings {
            let pending = lowering.status == LoweringStatus::Pending;
            if pending && !self.approved(lowering.id).await?.contains(&own) {
                waiting.push(lowering.clone());
            }
        }
        Ok(waiting)
    }

    fn waits(&self, lowering: &Lowering) -> Result<(), ActError> {
        let until = lowering.asked_at.plus_seconds(WAITS);
        if lowering.status != LoweringStatus::Pending || until <= self.writer.at {
            return Err(ActError::conflict("the request does not wait any more"));
        }
        Ok(())
    }

    async fn approved(&self, lowering: RecordId) -> Result<Vec<MechanismId>, ActError> {
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
}

const SELECT: &str = "SELECT id, kind, record, field, level, reason, status, \
                                 subject, asked_at, batch FROM lowering";

/// What this hub does not know is not told.
fn read(row: &QueryResult) -> Result<Option<Lowering>, sea_orm::DbErr> {
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

fn of_batch(mut sql: Sql, batch: RecordId) -> Sql {
    sql.push(SELECT).push(" WHERE batch = ").bind(batch.0);
    sql.push(" ORDER BY kind, record, field");
    sql
}

/// The records that requests are about, each once.
pub fn places(lowerings: &[Lowering]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for lowering in lowerings {
        let place = (lowering.kind, lowering.record);
        if places.last() != Some(&place) {
            places.push(place);
        }
    }
    places
}

/// What tells two states of the records of a batch apart for this viewer.
pub fn version_of(records: &[(RecordId, String)]) -> String {
    let mut hash = Sha256::new();
    for (id, version) in records {
        hash.update(id.0.as_bytes());
        hash.update(version);
        hash.update(b"\n");
    }
    let hash = hash.finalize();
    URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash))
}
