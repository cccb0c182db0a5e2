//! Retirement: a wrong or closed record is in no answer any more, kept until its day, then
//! expunged.
//!
//! It takes the word of each owner. What hangs on the record goes with it, and comes back
//! with it: to its secretariat alone, or, by a second officer, to whom it was told before.

use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Reader, StoreError,
    act::{Act, ActError, RefusalCode, check_text, not_found},
    history::{EXISTENCE, Noted},
    scope,
    sql::Sql,
    writer::{WriteError, Writer},
};
use crate::{
    clock::Moment,
    confidentiality::{Domain, Known, Level, declare::place, warrant::Warrant},
    id::{MechanismId, RecordId},
    identity::kind::{Kind, Right},
    vocabulary::{NotificationType, RetirementReason, codes::Coded},
};

mod expunge;
mod rule;

pub use expunge::{Expunged, follow};

/// Seconds for which the word of an owner stands while others have not given theirs.
const WAITS: i64 = 30 * 24 * 3_600;
/// Seconds of a year, as a retention period counts it.
const YEAR: i64 = 365 * 24 * 3_600 + 6 * 3_600;
/// Years for which a record can be kept at most.
const LONGEST: i64 = 100;
/// Bytes of a remark at most.
const REMARK: usize = 2_000;
/// The word in a history for a record that is retired.
const RETIRED: &str = "RETIRED";

/// Why a record is retired, and until when it is kept.
#[derive(Clone, Debug)]
pub struct Retiring {
    /// Why, as a code.
    pub reason: RetirementReason,
    /// Why, in words for colleagues.
    pub remark: String,
    /// Until when it is kept, where that is longer than the reason asks for.
    pub keep_until: Option<Moment>,
}

/// A record that is retired.
#[derive(Clone, Debug)]
pub struct Retirement {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// What it was called, where its kind has a name or a reference.
    pub designation: Option<String>,
    /// Why.
    pub reason: RetirementReason,
    /// Why, in the officer's words.
    pub remark: String,
    /// The officer who has retired it.
    pub subject: String,
    /// When.
    pub at: Moment,
    /// From when on it may be expunged.
    pub keep_until: Moment,
    /// Why it is not to be expunged for now, where that is so.
    pub hold: Option<String>,
    /// How many records were retired with it.
    pub parts: i64,
}

impl Act {
    /// Retires a record with what hangs on it, once each owner has given its word; says
    /// whether that was the last.
    ///
    /// # Errors
    /// Refuses kinds that are not retired, records of others, what lies beyond the token's
    /// scope, what is not closed where that is the reason, and too short a time.
    pub async fn retire<D: Domain>(
        &mut self,
        record: &Known<D>,
        retiring: &Retiring,
    ) -> Result<bool, ActError> {
        let own = self.owns(record)?;
        check_text("remark", &retiring.remark, REMARK)?;
        let owners = record.facts().owners.clone();
        may_retire(&self.writer.warrant, D::KIND, &owners)?;
        self.allows(record, retiring.reason).await?;
        let now = self.writer.at;
        let least = now.plus_seconds(retiring.reason.years() * YEAR);
        let mut keep_until = retiring.keep_until.unwrap_or(least);
        if keep_until < least || keep_until > now.plus_seconds(LONGEST * YEAR) {
            let years = retiring.reason.years();
            let sentence = format!(
                "retired for this reason, it is kept for {years} years at least, and {LONGEST} \
                 at most: until {least} or later"
            );
            return Err(ActError::invalid("keepUntil", sentence));
        }
        self.writer.deed.reason = Some(retiring.remark.clone());
        self.writer.written.push((D::KIND, record.id()));
        if owners.len() > 1 {
            let words = self.add_word(record.id(), own, keep_until).await?;
            if !owners
                .iter()
                .all(|owner| words.iter().any(|(by, _)| by == owner))
            {
                for other in owners.iter().filter(|owner| **owner != own) {
                    let about = (D::KIND, record.id());
                    let what = NotificationType::RetirementAgreed;
                    self.writer.notify((*other, None), what, about).await?;
                }
                return Ok(false);
            }
            let days = words.into_iter().map(|(_, until)| until);
            keep_until = days.fold(keep_until, Moment::max);
            self.drop_words(record.id()).await?;
        }
        let designation = self.designation(record).await?;
        // The root is put away first, so that what hangs on it alone is found.
        let mut put_away = vec![(D::KIND, record.id())];
        self.writer.put_away(D::KIND, record.id()).await?;
        let mut at = 0;
        while let Some((kind, id)) = put_away.get(at).copied() {
            at += 1;
            for (kind, id) in self.parts(kind, id, &owners).await? {
                self.writer.put_away(kind, id).await?;
                put_away.push((kind, id));
            }
        }
        for (kind, id) in put_away {
            let row = vec![
                id.0.into(),
                kind.code().into(),
                record.id().0.into(),
                designation.clone().filter(|_| id == record.id()).into(),
                retiring.reason.code().into(),
                retiring.remark.as_str().into(),
                self.writer.warrant.actor().subject.as_str().into(),
                now.seconds().into(),
                keep_until.seconds().into(),
            ];
            let columns = [
                "id",
                "kind",
                "root",
                "designation",
                "reason",
                "remark",
                "subject",
                "at",
                "keep_until",
            ];
            self.writer.insert("retirement", &columns, row).await?;
        }
        self.tell_owners(record, NotificationType::RecordRetired)
            .await?;
        Ok(true)
    }

    /// Whether the record stands so that it may be retired for a reason.
    async fn allows<D: Domain>(
        &self,
        record: &Known<D>,
        reason: RetirementReason,
    ) -> Result<(), ActError> {
        if !rule::is_retired(D::KIND) {
            let sentence = "records of this kind are not retired by themselves";
            return Err(ActError::conflict(sentence));
        }
        if D::KIND == Kind::Mechanism && self.has_a_desk(record.id()).await? {
            let sentence = "an institution that has a desk at this hub is not retired";
            return Err(ActError::conflict(sentence));
        }
        let Some(course) = rule::course(D::KIND) else {
            return Ok(());
        };
        let field = place(D::RULES, "status");
        // What it says decides what may be done: it is for who may read it, too.
        if !record.sees(field) {
            let sentence = "your token does not let you read where the record stands";
            return Err(RefusalCode::Forbidden.says(sentence).into());
        }
        let mut sql = self.writer.sql();
        sql.push("SELECT ");
        super::lapse::value::<D>(&mut sql, self.reader().viewer(), "t", "status");
        sql.push(" FROM ").push(D::TABLE).push(" t WHERE t.id = ");
        sql.bind(record.id().0);
        let rows = self.rows(sql).await?;
        let status = rows.first().map(|row| row.try_get_by_index(0)).transpose();
        let status: Option<String> = status.map_err(WriteError::from)?.flatten();
        let is = |codes: &[&str]| status.as_deref().is_some_and(|code| codes.contains(&code));
        if is(&course.binding) {
            let sentence = "it binds its parties: end it first";
            return Err(ActError::conflict(sentence));
        }
        if reason == RetirementReason::Closed && !is(&course.closed) {
            return Err(ActError::conflict("it is not closed"));
        }
        Ok(())
    }

    /// Brings a record back with what was retired with it; says whether to whom it was told
    /// before. Who has retired it brings it back for its secretariat alone.
    ///
    /// # Errors
    /// Refuses what the viewer's mechanism has not retired, what was retired with another
    /// record, and what lies beyond the token's scope.
    pub async fn restore(
        &mut self,
        (kind, id): (Kind, RecordId),
        remark: String,
    ) -> Result<bool, ActError> {
        let (retirement, owners) = self.retired(kind, id).await?;
        check_text("remark", &remark, REMARK)?;
        self.writer.deed.reason = Some(remark);
        let second = owners.len() == 1
            && self.writer.warrant.actor().subject != retirement.subject
            && self.writer.warrant.may(Right::DeclassifyApprove).is_ok();
        for (kind, id) in self.retired_with(id).await? {
            let table = rule::table(kind);
            let level = match self.writer.existence_of(table, id).await? {
                Some(level) if second => level,
                _ => Level::Secretariat,
            };
            let mut sql = self.writer.sql();
            sql.push("UPDATE ").push(table);
            sql.push(" SET retired_at = NULL, existence = ");
            sql.number(level.rank()).push(" WHERE id = ").bind(id.0);
            self.writer.run(sql).await?;
            self.writer.raise_history(id, None, level).await?;
            self.writer.put(id, changed(RETIRED, level.code())).await?;
            self.writer.public |= level == Level::Public;
            self.writer.written.push((kind, id));
        }
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM retirement WHERE root = ").bind(id.0);
        self.writer.run(sql).await?;
        for owner in owners {
            let what = NotificationType::RecordRestored;
            self.writer.notify((owner, None), what, (kind, id)).await?;
        }
        Ok(second)
    }

    /// Holds a retired record back from being expunged, for a proceeding that needs it; or
    /// no longer, where no reason is given.
    ///
    /// # Errors
    /// As [`Act::restore`].
    pub async fn hold(
        &mut self,
        (kind, id): (Kind, RecordId),
        why: Option<String>,
    ) -> Result<(), ActError> {
        self.retired(kind, id).await?;
        if let Some(why) = &why {
            check_text("hold", why, REMARK)?;
        }
        self.writer.deed.reason.clone_from(&why);
        self.writer.written.push((kind, id));
        let mut sql = self.writer.sql();
        sql.push("UPDATE retirement SET hold = ").bind(why);
        sql.push(" WHERE root = ").bind(id.0);
        self.writer.run(sql).await
    }

    /// A retired record of the viewer's own mechanism, and who owns it.
    async fn retired(
        &self,
        kind: Kind,
        id: RecordId,
    ) -> Result<(Retirement, Vec<MechanismId>), ActError> {
        let viewer = self.reader().viewer();
        if viewer.cap(kind) < Level::Secretariat {
            return Err(not_found());
        }
        let mut sql = select(self.writer.sql());
        sql.push(" AND t.id = ").bind(id.0);
        sql.push(" AND t.kind = ").bind(kind.code()).push(" AND ");
        scope::kept(&mut sql, viewer, "t");
        let rows = self.rows(sql).await?;
        let found = rows.first().map(read).transpose();
        let found = found.map_err(WriteError::from)?.flatten();
        let found = found.ok_or_else(not_found)?;
        let owners = self.reader().owners(&[id]).await?;
        let owners = owners.get(&id).cloned().unwrap_or_default();
        may_retire(&self.writer.warrant, kind, &owners)?;
        Ok((found, owners))
    }

    /// A record that was retired, and all that were with it.
    async fn retired_with(&self, root: RecordId) -> Result<Vec<(Kind, RecordId)>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT kind, id FROM retirement WHERE root = ")
            .bind(root.0);
        sql.push(" ORDER BY id");
        let rows = self.rows(sql).await?;
        let read = |row: &QueryResult| {
            let kind: String = row.try_get_by_index(0)?;
            let id = row.try_get_by_index(1).map(RecordId)?;
            Ok::<_, sea_orm::DbErr>(Kind::from_code(&kind).map(|kind| (kind, id)))
        };
        let all = rows.iter().map(read).collect::<Result<Vec<_>, _>>();
        Ok(all
            .map_err(WriteError::from)?
            .into_iter()
            .flatten()
            .collect())
    }

    /// What hangs on a record and goes with it: of the same owners alone, and not retired.
    async fn parts(
        &self,
        kind: Kind,
        id: RecordId,
        owners: &[MechanismId],
    ) -> Result<Vec<(Kind, RecordId)>, ActError> {
        let mut found = Vec::new();
        for part in rule::parts(kind) {
            let mut sql = self.writer.sql();
            part.write(&mut sql, id, owners);
            for row in self.rows(sql).await? {
                let id = row.try_get_by_index(0).map(RecordId);
                found.push((part.kind, id.map_err(WriteError::from)?));
            }
        }
        Ok(found)
    }

    /// What a record is called: the first of its texts that names it.
    async fn designation<D: Domain>(&self, record: &Known<D>) -> Result<Option<String>, ActError> {
        const NAMES: [&str; 6] = [
            "reference",
            "symbol",
            "title",
            "activity",
            "name",
            "name_en",
        ];
        let fields = NAMES.map(|name| place(D::RULES, name));
        let fields = fields
            .into_iter()
            .filter(|field| usize::from(field.0) < D::COLUMNS.len() && D::rule(*field).is_some());
        let fields: Vec<_> = fields.collect();
        if fields.is_empty() {
            return Ok(None);
        }
        let texts = self.writer.texts::<D>(record.id(), &fields).await?;
        Ok(texts.into_iter().flatten().next())
    }

    async fn has_a_desk(&self, mechanism: RecordId) -> Result<bool, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM institution WHERE mechanism = ")
            .bind(mechanism.0);
        Ok(!self.rows(sql).await?.is_empty())
    }

    /// Adds the word of an owner; tells those that stand, with the days that they ask for.
    async fn add_word(
        &self,
        record: RecordId,
        own: MechanismId,
        keep_until: Moment,
    ) -> Result<Vec<(MechanismId, Moment)>, ActError> {
        let since = self.writer.at.plus_seconds(-WAITS).seconds();
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM retirement_word WHERE record = ")
            .bind(record.0);
        sql.push(" AND (mechanism = ").bind(own.0);
        sql.push(" OR at <= ").bind(since).push(")");
        self.writer.run(sql).await?;
        let row = vec![
            record.0.into(),
            own.0.into(),
            self.writer.warrant.actor().subject.as_str().into(),
            self.writer.at.seconds().into(),
            keep_until.seconds().into(),
        ];
        let columns = ["record", "mechanism", "subject", "at", "keep_until"];
        self.writer.insert("retirement_word", &columns, row).await?;
        let mut sql = self.writer.sql();
        sql.push("SELECT mechanism, keep_until FROM retirement_word WHERE record = ")
            .bind(record.0);
        let rows = self.rows(sql).await?;
        let read = |row: &QueryResult| {
            let by = row.try_get_by_index(0).map(MechanismId)?;
            let until = row.try_get_by_index(1).map(Moment::from_seconds)?;
            Ok::<_, sea_orm::DbErr>((by, until))
        };
        let words = rows.iter().map(read).collect::<Result<Vec<_>, _>>();
        Ok(words.map_err(WriteError::from)?)
    }

    async fn drop_words(&self, record: RecordId) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("DELETE FROM retirement_word WHERE record = ")
            .bind(record.0);
        self.writer.run(sql).await
    }
}

impl Reader {
    /// A part of the records that the viewer's mechanism has retired, the latest first: of
    /// kinds of which the viewer reads all. `None` where `after` is none of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn retirements(
        &self,
        after: Option<RecordId>,
        most: u32,
    ) -> Result<Option<(Vec<Retirement>, bool)>, StoreError> {
        let viewer = self.viewer();
        let kinds = Kind::ALL.into_iter();
        let kinds = kinds.filter(|kind| viewer.reads_all_of_own(*kind));
        let kinds: Vec<String> = kinds.map(|kind| kind.code().to_owned()).collect();
        if kinds.is_empty() || !viewer.stands() {
            return Ok(after.is_none().then(Default::default));
        }
        let told = |mut sql: Sql| {
            sql.push(" AND t.kind IN ").bind_all(kinds.clone());
            sql.push(" AND ");
            scope::kept(&mut sql, viewer, "t");
            sql
        };
        let mut sql = told(select(self.store().sql()));
        if let Some(after) = after {
            let mut place = told(select(self.store().sql()));
            place.push(" AND t.id = ").bind(after.0);
            let rows = self.store().all(place).await?;
            let Some(place) = rows.first().map(read).transpose()?.flatten() else {
                return Ok(None);
            };
            sql.push(" AND (t.at < ").bind(place.at.seconds());
            sql.push(" OR (t.at = ").bind(place.at.seconds());
            sql.push(" AND t.id > ").bind(place.record.0).push("))");
        }
        sql.push(" ORDER BY t.at DESC, t.id LIMIT ");
        sql.bind(i64::from(most) + 1);
        let rows = self.store().all(sql).await?;
        let rows = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more = rows.len() > most;
        let rows = rows.into_iter().take(most).flatten().collect();
        Ok(Some((rows, more)))
    }

    /// Which of these records the viewer's mechanism has retired, whatever with.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn retired_among(&self, ids: &[RecordId]) -> Result<Vec<RecordId>, StoreError> {
        let mut sql = self.store().sql();
        sql.push("SELECT t.id FROM retirement t WHERE t.id")
            .among(ids.iter().map(|id| id.0));
        sql.push(" AND ");
        scope::kept(&mut sql, self.viewer(), "t");
        let rows = self.store().all(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// One retired record of the viewer's mechanism.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn retirement(
        &self,
        kind: Kind,
        id: RecordId,
    ) -> Result<Option<Retirement>, StoreError> {
        let viewer = self.viewer();
        if viewer.cap(kind) < Level::Secretariat || !viewer.stands() {
            return Ok(None);
        }
        let mut sql = select(self.store().sql());
        sql.push(" AND t.id = ").bind(id.0);
        sql.push(" AND t.kind = ").bind(kind.code()).push(" AND ");
        scope::kept(&mut sql, viewer, "t");
        let rows = self.store().all(sql).await?;
        Ok(rows.first().map(read).transpose()?.flatten())
    }

    /// Retired records of the viewer's mechanism, as [`Reader::retirements`] tells them, that
    /// may be expunged between two moments, and when.
    pub(super) async fn retention_ends(
        &self,
        (from, to): (i64, i64),
    ) -> Result<Vec<(Kind, RecordId, Moment)>, StoreError> {
        let viewer = self.viewer();
        let mut sql = select(self.store().sql());
        sql.push(" AND t.hold IS NULL AND t.keep_until > ")
            .bind(from);
        sql.push(" AND t.keep_until <= ").bind(to).push(" AND ");
        scope::kept(&mut sql, viewer, "t");
        let rows = self.store().all(sql).await?;
        let ends = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let ends = ends.into_iter().flatten();
        let ends = ends.filter(|end| viewer.reads_all_of_own(end.kind));
        Ok(ends
            .map(|end| (end.kind, end.record, end.keep_until))
            .collect())
    }
}

impl Writer {
    /// Takes a record out of every answer, and puts that on its history, for its secretariat.
    async fn put_away(&mut self, kind: Kind, id: RecordId) -> Result<(), ActError> {
        let table = rule::table(kind);
        let before = self.existence_of(table, id).await?;
        let mut sql = self.sql();
        sql.push("UPDATE ").push(table).push(" SET retired_at = ");
        sql.bind(self.at.seconds()).push(" WHERE id = ").bind(id.0);
        self.run(sql).await?;
        let code = before.map_or("", Level::code);
        self.put(id, changed(code, RETIRED)).await?;
        self.public |= before == Some(Level::Public);
        self.written.push((kind, id));
        Ok(())
    }

    /// At which level a record exists, retired or not.
    async fn existence_of(
        &self,
        table: &'static str,
        id: RecordId,
    ) -> Result<Option<Level>, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT existence FROM ").push(table);
        sql.push(" WHERE id = ").bind(id.0);
        let row = self.transaction().query_one_raw(sql.into_statement()).await;
        let row = row.map_err(WriteError::from)?;
        let rank = row.map(|row| row.try_get_by_index(0)).transpose();
        Ok(rank.map_err(WriteError::from)?.and_then(Level::from_rank))
    }
}

/// Whether a warrant is good for retiring records of these owners.
fn may_retire(warrant: &Warrant, kind: Kind, owners: &[MechanismId]) -> Result<(), ActError> {
    Ok(warrant.may_write(kind, owners, Level::Secretariat)?)
}

fn changed(before: &str, after: &str) -> Noted {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Noted {
        field: EXISTENCE,
        level: Level::Secretariat,
        before: said(before),
        after: said(after),
    }
}

/// The retired records that were retired by themselves, as `t`.
fn select(mut sql: Sql) -> Sql {
    sql.push(
        "SELECT t.id, t.kind, t.designation, t.reason, t.remark, t.subject, t.at, t.keep_until, \
         t.hold, (SELECT COUNT(*) FROM retirement p WHERE p.root = t.id AND p.id <> t.id) \
         FROM retirement t WHERE t.id = t.root",
    );
    sql
}

/// What this hub does not know is not told.
fn read(row: &QueryResult) -> Result<Option<Retirement>, sea_orm::DbErr> {
    let (kind, reason): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(3)?);
    let known = Kind::from_code(&kind).zip(RetirementReason::from_code(&reason));
    let Some((kind, reason)) = known else {
        return Ok(None);
    };
    Ok(Some(Retirement {
        record: row.try_get_by_index(0).map(RecordId)?,
        kind,
        designation: row.try_get_by_index(2)?,
        reason,
        remark: row.try_get_by_index(4)?,
        subject: row.try_get_by_index(5)?,
        at: row.try_get_by_index(6).map(Moment::from_seconds)?,
        keep_until: row.try_get_by_index(7).map(Moment::from_seconds)?,
        hold: row.try_get_by_index(8)?,
        parts: row.try_get_by_index(9)?,
    }))
}
