//! What the log says was closed after the backup is closed again, in the restore itself.
//!
//! An entry of the log names record and fields, and no value. Where that is enough the act is
//! done again; where it is not, more is closed than was: a level that was raised is raised to
//! `SECRETARIAT`, an owner's word that a record be retired retires it. What opens is left to
//! the officers.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use super::super::{history::EXISTENCE, holders::holder_ref, retirement::rule, sql::Sql};
use crate::{
    clock::Moment,
    confidentiality::{Level, label::Overrides},
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    journal::{Carried, EntryKind, Since, record_tag},
    keys::SecretKey,
    vocabulary::codes::Coded,
};

/// For how long what was retired is kept, at least until somebody says otherwise: ten years.
const KEPT: i64 = 10 * 365 * 86_400;

/// What a restore has done by itself, and left to others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Acts that were done again, or more than them.
    pub done: u64,
    /// Acts that somebody has to look at.
    pub left: u64,
    /// Mechanisms that have to confirm.
    pub waiting: usize,
}

/// What is to be done about an act that the backup does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    /// Nothing: it changed nothing, or a restore ends all of it anyway.
    Nothing,
    /// Somebody has to look.
    Look,
    /// Fields were raised.
    Raise,
    /// A name was taken off a record.
    Unname,
    /// A lowering was refused.
    RefuseLowering,
    /// An agreement was suspended.
    Suspend,
    /// An agreement was ended.
    Terminate,
    /// A word of a person was recorded, or what stood in for one has ended.
    EndConsent,
    /// A record was retired.
    Retire,
    /// A record was expunged.
    Expunge,
    /// A holder was amended.
    SuspendHolder,
}

impl Again {
    fn of(kind: EntryKind) -> Self {
        match kind {
            EntryKind::OpenVictim
            | EntryKind::TokenIssue
            | EntryKind::TokenRevoke
            | EntryKind::GrantGive
            | EntryKind::GrantEnd
            | EntryKind::HolderMap
            | EntryKind::HolderUnmap
            | EntryKind::MatchEvaluate
            | EntryKind::SameMatterAsk
            | EntryKind::SameMatterRefuse
            | EntryKind::SameMatterCompare
            | EntryKind::SameMatterAlarm
            | EntryKind::VisitOverlapTell
            | EntryKind::SideBySideOpen
            | EntryKind::SubjectKey
            | EntryKind::Restore
            | EntryKind::RestoreConfirm
            | EntryKind::KeyEpoch
            | EntryKind::KeyRoot
            | EntryKind::KeyProvider
            | EntryKind::KeyEscrow
            | EntryKind::KeyDestroy => Self::Nothing,
            EntryKind::Write
            | EntryKind::HolderInvite
            | EntryKind::HolderAdmit
            | EntryKind::ClientAdmit
            | EntryKind::PersonCorrect
            | EntryKind::VitalInterestInvoke
            | EntryKind::VitalInterestConfirm
            | EntryKind::DisclosureAsk
            | EntryKind::DisclosureRefuse
            | EntryKind::SameMatterAnswer
            | EntryKind::SameMatterRegister
            | EntryKind::SameMatterTokens
            | EntryKind::SameMatterCanary
            | EntryKind::SideBySideAgree
            | EntryKind::LabelName
            | EntryKind::DeclassifyRequest
            | EntryKind::DeclassifyApprove
            | EntryKind::ChannelDraft
            | EntryKind::ChannelSign
            | EntryKind::ChannelResume
            | EntryKind::RecordRestore
            | EntryKind::RecordHold
            | EntryKind::WitnessAdd
            | EntryKind::WitnessRemove
            | EntryKind::ProposeStats
            | EntryKind::ReleaseStats
            | EntryKind::RefuseStats
            | EntryKind::StatsZeros => Self::Look,
            EntryKind::LabelRaise => Self::Raise,
            EntryKind::LabelUnname => Self::Unname,
            EntryKind::DeclassifyRefuse => Self::RefuseLowering,
            EntryKind::ChannelSuspend => Self::Suspend,
            EntryKind::ChannelTerminate => Self::Terminate,
            EntryKind::ConsentRecord
            | EntryKind::VitalInterestRefuse
            | EntryKind::VitalInterestEnd => Self::EndConsent,
            EntryKind::RecordRetire => Self::Retire,
            EntryKind::RecordExpunge | EntryKind::Erase => Self::Expunge,
            EntryKind::HolderAmend => Self::SuspendHolder,
        }
    }
}

/// What a tag of the log stands for.
#[derive(Clone, Debug)]
enum Named {
    Record(Kind, RecordId),
    Holder(String),
}

/// A restore under way.
struct Mending<'a> {
    on: &'a DatabaseTransaction,
    at: Moment,
    named: BTreeMap<String, Named>,
    codes: BTreeMap<String, MechanismId>,
    waiting: BTreeSet<MechanismId>,
}

/// Closes the hub until it is confirmed, does again what the log says was closed after the
/// backup, and lists the rest; without a log every mechanism that keeps anything to itself has
/// to look.
///
/// # Errors
/// Fails where the database does.
pub(in crate::store) async fn mend(
    on: &DatabaseTransaction,
    key: &SecretKey,
    carried: Option<&Carried>,
    at: Moment,
) -> Result<Mended, DbErr> {
    let mut mending = Mending {
        on,
        at,
        named: BTreeMap::new(),
        codes: BTreeMap::new(),
        waiting: BTreeSet::new(),
    };
    let mut mended = Mended::default();
    mending.close().await?;
    match carried {
        Some(carried) => {
            mending.read_names(key).await?;
            for since in &carried.since {
                mending.take(since, &mut mended).await?;
            }
        }
        None => mending.all_wait().await?,
    }
    for mechanism in &mending.waiting {
        mending
            .run(
                "INSERT INTO restored_mechanism (mechanism, at) VALUES ($1, $2) \
                 ON CONFLICT (mechanism) DO UPDATE SET at = excluded.at, confirmed_at = NULL, \
                 subject = NULL",
                [mechanism.0.into(), at.seconds().into()],
            )
            .await?;
    }
    mended.waiting = mending.waiting.len();
    Ok(mended)
}

impl Mending<'_> {
    async fn run<const N: usize>(&self, sql: &str, values: [Value; N]) -> Result<u64, DbErr> {
        let backend = self.on.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        Ok(self.on.execute_raw(statement).await?.rows_affected())
    }

    async fn rows<const N: usize>(
        &self,
        sql: &str,
        values: [Value; N],
    ) -> Result<Vec<QueryResult>, DbErr> {
        let backend = self.on.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        self.on.query_all_raw(statement).await
    }

    async fn close(&self) -> Result<(), DbErr> {
        // What an earlier restore has left is left still.
        self.run(
            "INSERT INTO restored (id, at) VALUES ('hub', $1) \
             ON CONFLICT (id) DO UPDATE SET at = excluded.at, opened_at = NULL, \
             statistics_whole_at = NULL",
            [self.at.seconds().into()],
        )
        .await?;
        // Who has kept up with a feed knows more than it does now: each begins anew.
        for table in ["feed_record", "feed_view", "outbox"] {
            self.run(&format!("DELETE FROM {table}"), []).await?;
        }
        Ok(())
    }

    /// What the entries of the log can be about: records, persons' words, holders.
    async fn read_names(&mut self, key: &SecretKey) -> Result<(), DbErr> {
        for row in self
            .rows("SELECT code, mechanism FROM institution", [])
            .await?
        {
            let mechanism = MechanismId(row.try_get_by_index(1)?);
            self.codes.insert(row.try_get_by_index(0)?, mechanism);
        }
        for kind in Kind::ALL {
            let sql = format!("SELECT id FROM {}", rule::table(kind));
            for row in self.rows(&sql, []).await? {
                let id = RecordId(row.try_get_by_index(0)?);
                let tag = record_tag(key, id);
                self.named.insert(tag, Named::Record(kind, id));
            }
        }
        for table in ["consent", "vital_interest"] {
            let sql = format!("SELECT id, person FROM {table}");
            for row in self.rows(&sql, []).await? {
                let tag = record_tag(key, RecordId(row.try_get_by_index(0)?));
                let person = RecordId(row.try_get_by_index(1)?);
                self.named.insert(tag, Named::Record(Kind::Person, person));
            }
        }
        for row in self.rows("SELECT subject FROM holder", []).await? {
            let subject: String = row.try_get_by_index(0)?;
            let tag = record_tag(key, holder_ref(&subject));
            self.named.insert(tag, Named::Holder(subject));
        }
        Ok(())
    }

    /// Without a log: who keeps anything to itself has to look at all of it.
    async fn all_wait(&mut self) -> Result<(), DbErr> {
        let mut found = self
            .rows("SELECT DISTINCT mechanism FROM holder", [])
            .await?;
        for kind in Kind::ALL {
            let sql = format!(
                "SELECT DISTINCT o.mechanism FROM record_owner o JOIN {} t ON t.id = o.record \
                 WHERE t.existence > 0 OR t.overrides IS NOT NULL OR t.public_from > $1",
                rule::table(kind)
            );
            found.extend(self.rows(&sql, [self.at.seconds().into()]).await?);
        }
        for row in found {
            self.waiting.insert(MechanismId(row.try_get_by_index(0)?));
        }
        Ok(())
    }

    async fn take(&mut self, since: &Since, mended: &mut Mended) -> Result<(), DbErr> {
        // What this version does not know somebody has to look at.
        let again = EntryKind::from_code(&since.kind).map_or(Again::Look, Again::of);
        // Where the words are gone, the person is: the entry that says so names the file.
        if again == Again::Nothing || since.kind.is_empty() {
            return Ok(());
        }
        let named = since
            .record
            .as_ref()
            .and_then(|tag| self.named.get(tag))
            .cloned();
        let done = match &named {
            Some(Named::Record(kind, id)) => self.again(again, since, (*kind, *id)).await?,
            Some(Named::Holder(subject)) if again == Again::SuspendHolder => {
                let sql = "UPDATE holder SET suspended = TRUE WHERE subject = $1";
                self.run(sql, [subject.as_str().into()]).await? > 0
            }
            // What was made after the backup is not there to be closed.
            Some(Named::Holder(_)) | None => false,
        };
        let mut whose: BTreeSet<Option<MechanismId>> = BTreeSet::new();
        whose.extend(self.codes.get(&since.mechanism).copied().map(Some));
        let record = match named {
            Some(Named::Record(kind, id)) => {
                whose.extend(self.owners(id).await?.into_iter().map(Some));
                Some((kind, id))
            }
            Some(Named::Holder(_)) | None => None,
        };
        if whose.is_empty() {
            whose.insert(None);
        }
        if done {
            mended.done += 1;
        } else {
            mended.left += 1;
        }
        for mechanism in whose {
            self.waiting.extend(mechanism);
            self.run(
                "INSERT INTO restored_entry (id, mechanism, n, at, kind, record_kind, record, \
                 fields, done, tag) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                [
                    RecordId::random().0.into(),
                    mechanism.map(|mechanism| mechanism.0).into(),
                    since.n.into(),
                    since.at.seconds().into(),
                    since.kind.as_str().into(),
                    record.map(|(kind, _)| kind.code()).into(),
                    record.map(|(_, id)| id.0).into(),
                    since.fields.join(" ").into(),
                    i64::from(done).into(),
                    since.record.clone().into(),
                ],
            )
            .await?;
        }
        Ok(())
    }

    async fn owners(&self, record: RecordId) -> Result<Vec<MechanismId>, DbErr> {
        let sql = "SELECT mechanism FROM record_owner WHERE record = $1";
        let rows = self.rows(sql, [record.0.into()]).await?;
        let owners = rows
            .iter()
            .map(|row| row.try_get_by_index(0).map(MechanismId));
        owners.collect()
    }

    /// Does an act on a record again; says whether that is all there is to it.
    async fn again(
        &self,
        again: Again,
        since: &Since,
        (kind, id): (Kind, RecordId),
    ) -> Result<bool, DbErr> {
        let one = || [Value::from(id.0)];
        match again {
            Again::Nothing | Again::Look | Again::SuspendHolder => return Ok(false),
            Again::Raise => self.raise((kind, id), &since.fields).await?,
            Again::Unname => {
                let sql = "DELETE FROM record_named WHERE record = $1";
                self.run(sql, one()).await?;
            }
            Again::RefuseLowering => {
                let sql = "UPDATE lowering SET status = 'REFUSED' \
                           WHERE status = 'PENDING' AND record = $1";
                self.run(sql, one()).await?;
            }
            Again::Suspend if kind == Kind::Agreement => {
                let sql = "UPDATE agreement SET status = 'SUSPENDED' \
                           WHERE status = 'IN_FORCE' AND id = $1";
                self.run(sql, one()).await?;
                if let Some(by) = self.codes.get(&since.mechanism) {
                    let sql = "INSERT INTO link (source, name, target) \
                               VALUES ($1, 'suspended_by', $2) ON CONFLICT DO NOTHING";
                    self.run(sql, [id.0.into(), by.0.into()]).await?;
                }
            }
            Again::Terminate if kind == Kind::Agreement => {
                let sql = "UPDATE agreement SET status = 'TERMINATED' \
                           WHERE status <> 'EXPIRED' AND id = $1";
                self.run(sql, one()).await?;
            }
            Again::EndConsent if kind == Kind::Person => {
                let at = self.at.seconds();
                let sql = "UPDATE consent SET valid_until = $2 \
                           WHERE valid_until > $2 AND person = $1";
                self.run(sql, [id.0.into(), at.into()]).await?;
                let sql = "DELETE FROM vital_interest WHERE person = $1";
                self.run(sql, one()).await?;
            }
            Again::Retire => self.retire((kind, id), self.at.plus_seconds(KEPT)).await?,
            // Its time was over: the hub expunges it again when it next looks.
            Again::Expunge => self.retire((kind, id), self.at).await?,
            Again::Suspend | Again::Terminate | Again::EndConsent => return Ok(false),
        }
        Ok(true)
    }

    /// Raises fields of a record, or the record itself, and what is on record of them.
    async fn raise(&self, (kind, id): (Kind, RecordId), fields: &[String]) -> Result<(), DbErr> {
        let (table, to) = (rule::table(kind), Level::Secretariat);
        let sql = format!("SELECT existence, overrides FROM {table} WHERE id = $1");
        let rows = self.rows(&sql, [id.0.into()]).await?;
        let Some(row) = rows.first() else {
            return Ok(());
        };
        let mut existence: i64 = row.try_get_by_index(0)?;
        let stored: Option<String> = row.try_get_by_index(1)?;
        let text = stored.clone().unwrap_or_default();
        let above = |name: &str| text.contains(&format!(";{name}={};", Level::Victim.rank()));
        let is_field = |name: &&str| *name != EXISTENCE && Kind::from_code(name).is_none();
        let named: Vec<&str> = fields.iter().map(String::as_str).filter(is_field).collect();
        if named.len() != fields.len() || named.is_empty() {
            existence = existence.max(to.rank());
        }
        let named = named.into_iter().filter(|name| !above(name));
        let raised: Vec<(&str, Level)> = named.map(|name| (name, to)).collect();
        let sql = format!("UPDATE {table} SET existence = $2, overrides = $3 WHERE id = $1");
        let overrides = Overrides::stored(stored).with(&raised);
        self.run(&sql, [id.0.into(), existence.into(), overrides.into()])
            .await?;
        let sql = "UPDATE history SET level = $2 WHERE level < $2 AND record = $1";
        self.run(sql, [id.0.into(), to.rank().into()]).await?;
        Ok(())
    }

    /// Takes a record out of every answer, with what hangs on it, until a day.
    async fn retire(&self, root: (Kind, RecordId), until: Moment) -> Result<(), DbErr> {
        let owners = self.owners(root.1).await?;
        let backend = self.on.get_database_backend();
        let mut all = vec![root];
        let mut at = 0;
        while let Some((kind, id)) = all.get(at).copied() {
            at += 1;
            let sql = format!(
                "UPDATE {} SET retired_at = $2 WHERE id = $1",
                rule::table(kind)
            );
            self.run(&sql, [id.0.into(), self.at.seconds().into()])
                .await?;
            for part in rule::parts(kind) {
                let mut sql = Sql::new(backend);
                part.write(&mut sql, id, &owners);
                for row in self.on.query_all_raw(sql.into_statement()).await? {
                    let id: Uuid = row.try_get_by_index(0)?;
                    all.push((part.kind, RecordId(id)));
                }
            }
        }
        for (kind, id) in all {
            self.run(
                "INSERT INTO retirement (id, kind, root, reason, remark, subject, at, \
                 keep_until) VALUES ($1, $2, $3, 'CLOSED', $4, 'registrar', $5, $6) \
                 ON CONFLICT (id) DO UPDATE SET keep_until = CASE \
                 WHEN retirement.keep_until < excluded.keep_until THEN retirement.keep_until \
                 ELSE excluded.keep_until END",
                [
                    id.0.into(),
                    kind.code().into(),
                    root.1.0.into(),
                    "retired or expunged after the backup that was restored".into(),
                    self.at.seconds().into(),
                    until.seconds().into(),
                ],
            )
            .await?;
        }
        Ok(())
    }
}
