//! The entries of the log on a mechanism's own records: for its auditor, and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult};
use serde_json::Value;

use super::{
    Reader, StoreError,
    act::{Act, ActError},
    changes::within,
    sql::Sql,
    writer::{WriteError, Writer},
};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{Known, Level, warrant::WriteRefused},
    id::{GlobalId, MechanismId, RecordId},
    identity::{
        kind::{Kind, Right},
        purpose::PurposeCode,
    },
    journal::{EntryKind, Owned, SubjectKey},
    vocabulary::codes::Coded,
};

/// Records whose owners are asked for in one statement.
const BATCH: usize = 1_000;

/// An entry, as an owner of the record that it is about is told.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its id in the owner's own sequence.
    pub id: RecordId,
    /// When.
    pub at: Moment,
    /// What was done.
    pub act: EntryKind,
    /// To which record; none where it was done to several.
    pub record: Option<GlobalId>,
    /// Which fields, as the declaration names them.
    pub fields: Vec<String>,
    /// For what.
    pub purpose: Option<PurposeCode>,
    /// The rule that allowed it.
    pub decision: String,
    /// The mechanism that did it.
    pub by: Option<MechanismId>,
    /// The officer who did it, where it is one of the owner's own.
    pub subject: Option<String>,
}

/// A part of the entries.
#[derive(Clone, Debug, Default)]
pub struct AuditEntries {
    /// The latest first.
    pub entries: Vec<AuditEntry>,
    /// Whether there are earlier ones.
    pub more: bool,
}

impl Reader {
    /// A part of the entries on records of the viewer's own mechanism, of kinds of which the
    /// viewer reads all; on one record alone where it is named. `None` where `after` is none
    /// of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn audit_entries(
        &self,
        record: Option<GlobalId>,
        after: Option<RecordId>,
        most: u32,
    ) -> Result<Option<AuditEntries>, StoreError> {
        let mut before = None;
        if let Some(after) = after {
            let mut sql = self.store().sql();
            sql.push("SELECT e.seq");
            let told = self.told_entries(&mut sql, record);
            sql.push(" AND e.id = ").bind(after.0);
            let rows = if told {
                self.store().all(sql).await?
            } else {
                Vec::new()
            };
            let Some(row) = rows.first() else {
                return Ok(None);
            };
            before = Some(row.try_get_by_index::<i64>(0)?);
        }
        let mut sql = self.store().sql();
        sql.push("SELECT e.id, e.kind, e.record, e.actor, e.subject, l.body");
        if !self.told_entries(&mut sql, record) {
            return Ok(Some(AuditEntries::default()));
        }
        if let Some(before) = before {
            sql.push(" AND e.seq < ").bind(before);
        }
        sql.push(" ORDER BY e.seq DESC LIMIT ")
            .bind(i64::from(most) + 1);
        let rows = self.store().all(sql).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut entries = Vec::with_capacity(rows.len().min(most));
        for row in rows.iter().take(most) {
            entries.extend(read(row)?);
        }
        let more = rows.len() > most;
        Ok(Some(AuditEntries { entries, more }))
    }

    /// Adds which entries the viewer is told; says whether there are any.
    fn told_entries(&self, sql: &mut Sql, record: Option<GlobalId>) -> bool {
        let viewer = self.viewer();
        let (Some(own), Some(standing)) = (viewer.mechanism(), viewer.standing()) else {
            return false;
        };
        if !viewer.stands() || viewer.is_state() || !standing.scopes().holds(Right::AuditRead) {
            return false;
        }
        // Which States and topics an entry is about is not on it: who does not read all of a
        // kind is told of none of it.
        let kinds = Kind::ALL.into_iter();
        let kinds = kinds.filter(|kind| {
            viewer.reads_all_of_own(*kind) && record.is_none_or(|record| record.kind == *kind)
        });
        let kinds: Vec<String> = kinds.map(|kind| kind.code().to_owned()).collect();
        if kinds.is_empty() {
            return false;
        }
        sql.push(" FROM audit_entry e JOIN audit_leaf l ON l.n = e.n WHERE ");
        if planted!(EntriesOfOthers) {
            sql.push("1 = 1");
        } else {
            sql.push("e.owner = ").bind(own.0);
        }
        sql.push(" AND e.kind IN ").bind_all(kinds);
        // Who owned the record then, and does not any more, is told of it no longer.
        sql.push(
            " AND (e.record IS NULL OR EXISTS (SELECT 1 FROM record_owner o \
             WHERE o.record = e.record AND o.mechanism = e.owner))",
        );
        if let Some(record) = record {
            sql.push(" AND e.record = ").bind(record.id.0);
        }
        true
    }
}

/// What this hub does not know is not told.
fn read(row: &QueryResult) -> Result<Option<AuditEntry>, StoreError> {
    let (kind, body): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(5)?);
    let record: Option<uuid::Uuid> = row.try_get_by_index(2)?;
    let by: Option<uuid::Uuid> = row.try_get_by_index(3)?;
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let known = text("kind").and_then(EntryKind::from_code);
    let at = body.get("time").and_then(Value::as_i64);
    let Some(((act, at), kind)) = known.zip(at).zip(Kind::from_code(&kind)) else {
        return Ok(None);
    };
    let record = record.map(|id| GlobalId {
        kind,
        id: RecordId(id),
    });
    let fields = body.get("fields").and_then(Value::as_array);
    let fields = fields.into_iter().flatten().filter_map(Value::as_str);
    Ok(Some(AuditEntry {
        id: RecordId(row.try_get_by_index(0)?),
        at: Moment::from_millis(at),
        act,
        record,
        // Done to several records, it may be about other kinds, too.
        fields: fields
            .filter(|_| record.is_some())
            .map(str::to_owned)
            .collect(),
        purpose: text("purpose").and_then(PurposeCode::from_code),
        decision: text("decision").unwrap_or_default().to_owned(),
        by: by.map(MechanismId),
        subject: row.try_get_by_index(4)?,
    }))
}

impl Act {
    /// The key by which a person finds the entries about the own file: for an officer of the
    /// secretariat that keeps it, with `audit:read`, to be handed over.
    ///
    /// # Errors
    /// Refuses anyone else; a file that was erased has none.
    pub async fn subject_key(&mut self, person: &Known<Person>) -> Result<SubjectKey, ActError> {
        within(person)?;
        let warrant = &self.writer.warrant;
        warrant.may(Right::AuditRead)?;
        let owners = &person.facts().owners;
        let owns = warrant.mechanism().is_some_and(|own| owners.contains(&own));
        if !owns || person.sight().reach.level < Level::Secretariat {
            return Err(WriteRefused::NotOwner.into());
        }
        let key = self.writer.page().subject_key(person.id()).await;
        let key = key.map_err(WriteError::from)?;
        self.writer.written.push((Kind::Person, person.id()));
        self.is_a(EntryKind::SubjectKey);
        key.ok_or_else(|| ActError::conflict("the file was erased, and the key with it"))
    }
}

impl Writer {
    /// Takes from the log what it says of a person whose file is erased: words and key go,
    /// hashes stay, and the entry of this act says which.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn erase_from_log(&mut self, person: RecordId) -> Result<(), WriteError> {
        let gone = self.page().erase(person).await?;
        self.erased.extend(gone);
        self.written.push((Kind::Person, person));
        self.deed.kind = Some(EntryKind::Erase);
        self.deed.record = Some(person);
        Ok(())
    }

    /// To whom the entry of this act is told: to the owners of the record that it was done
    /// to, and to those who own others that it has written.
    pub(super) async fn owned(
        &self,
        main: Option<RecordId>,
        written: &[(Kind, RecordId)],
    ) -> Result<Vec<Owned>, WriteError> {
        let kinds: BTreeMap<RecordId, Kind> =
            written.iter().map(|(kind, id)| (*id, *kind)).collect();
        let ids: Vec<RecordId> = kinds.keys().copied().collect();
        let (mut told, mut others) = (BTreeSet::new(), BTreeMap::<_, Vec<RecordId>>::new());
        for ids in ids.chunks(BATCH) {
            let mut sql = self.sql();
            sql.push("SELECT record, mechanism FROM record_owner WHERE record IN ");
            sql.bind_all(ids.iter().map(|id| id.0));
            let transaction = self.transaction();
            for row in transaction.query_all_raw(sql.into_statement()).await? {
                let id = RecordId(row.try_get_by_index(0)?);
                let owner = MechanismId(row.try_get_by_index(1)?);
                let Some(kind) = kinds.get(&id).copied() else {
                    continue;
                };
                if main == Some(id) {
                    let record = Some(id);
                    told.insert(Owned {
                        owner,
                        kind,
                        record,
                    });
                } else {
                    others.entry((owner, kind)).or_default().push(id);
                }
            }
        }
        let owners: BTreeSet<MechanismId> = told.iter().map(|one| one.owner).collect();
        for ((owner, kind), records) in others {
            if !owners.contains(&owner) {
                let record = match records.as_slice() {
                    [one] => Some(*one),
                    _ => None,
                };
                told.insert(Owned {
                    owner,
                    kind,
                    record,
                });
            }
        }
        Ok(told.into_iter().collect())
    }
}
