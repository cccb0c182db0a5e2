//! Retirement: a wrong or closed record is in no answer any more, kept until its day, then
//! expunged.
//!
//! It takes the word of each owner. What hangs on the record goes with it, and comes back
//! with it: to its secretariat alone, or, by a second officer, to whom it was told before.

use sea_orm::QueryResult;

use super::{
    act::{Act, ActError, RefusalCode, check_text, not_found},
    scope,
    sql::Sql,
    writer::WriteError,
};
use crate::{
    clock::Moment,
    confidentiality::{Domain, Known, Level, declare::place, warrant::Warrant},
    id::{MechanismId, RecordId},
    identity::kind::{Kind, Right},
    vocabulary::{NotificationType, RetirementReason, codes::Coded},
};

mod away;
mod expunge;
pub(super) mod rule;
mod told;
mod words;

use away::{RETIRED, changed};
pub use expunge::{Expunged, follow};
use told::{read, select};

/// Seconds of a year, as a retention period counts it.
const YEAR: i64 = 365 * 24 * 3_600 + 6 * 3_600;
/// Years for which a record can be kept at most.
const LONGEST: i64 = 100;
/// Bytes of a remark at most.
const REMARK: usize = 2_000;

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
            if kind == Kind::Person {
                self.close_file(id).await?;
            }
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
        let mut back = self.retired_with(id).await?;
        // Who is in this communication, too, and went with another: the file comes back, or it
        // would be expunged with that one.
        let persons = self.persons_of(id, &back).await?;
        back.extend(persons);
        for (kind, id) in &back {
            let (kind, id) = (*kind, *id);
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
        for (_, id) in &back {
            let mut sql = self.writer.sql();
            sql.push("DELETE FROM retirement WHERE id = ").bind(id.0);
            self.writer.run(sql).await?;
        }
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
        self.kinds_and_ids(sql).await
    }

    /// The persons of these parts in communications whose files were retired with another
    /// communication, and not by themselves.
    async fn persons_of(
        &self,
        root: RecordId,
        parts: &[(Kind, RecordId)],
    ) -> Result<Vec<(Kind, RecordId)>, ActError> {
        let parts = parts
            .iter()
            .filter(|(kind, _)| *kind == Kind::CommunicationPerson);
        let mut sql = self.writer.sql();
        sql.push("SELECT r.kind, r.id FROM retirement r WHERE r.id <> r.root AND r.kind = ");
        sql.bind(Kind::Person.code());
        sql.push(" AND r.root <> ").bind(root.0);
        sql.push(" AND r.id IN (SELECT p.person_id FROM communication_person p WHERE p.id IN ");
        sql.bind_all(parts.map(|(_, id)| id.0));
        sql.push(") ORDER BY r.id");
        self.kinds_and_ids(sql).await
    }

    async fn kinds_and_ids(&self, sql: Sql) -> Result<Vec<(Kind, RecordId)>, ActError> {
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

    async fn has_a_desk(&self, mechanism: RecordId) -> Result<bool, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM institution WHERE mechanism = ")
            .bind(mechanism.0);
        Ok(!self.rows(sql).await?.is_empty())
    }
}

/// Whether a warrant is good for retiring records of these owners.
fn may_retire(warrant: &Warrant, kind: Kind, owners: &[MechanismId]) -> Result<(), ActError> {
    Ok(warrant.may_write(kind, owners, Level::Secretariat)?)
}
