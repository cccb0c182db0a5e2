//! Expunging: what was retired, and whose time is over, is deleted with all that hangs on
//! it. Of a person's file every copy of the key is destroyed, so that no copy of the sealed
//! text opens, in a backup neither.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult};

use super::rule;
use crate::{
    clock::{Clock, Moment},
    confidentiality::warrant::Warrant,
    id::RecordId,
    identity::kind::Kind,
    journal::Owned,
    store::{Store, Writer, act::ActError, matter::Tokens, sql::Sql, writer::WriteError},
};

/// How often a hub looks whether the time of something is over.
const LOOK: Duration = Duration::from_secs(3_600);
/// Records that are expunged in one look at most: what is left waits for the next.
const MOST: i64 = 1_000;

/// Rows that are about a record, whatever its kind: table and column.
const ABOUT: [(&str, &str); 21] = [
    ("link", "source"),
    ("link", "target"),
    ("record_topic", "record"),
    ("record_country", "record"),
    ("record_named", "record"),
    ("record_owner", "record"),
    ("history", "record"),
    ("translation", "record"),
    ("outbox", "record"),
    ("feed_record", "record"),
    ("lowering", "record"),
    ("provenance", "record"),
    ("notification", "record"),
    ("act", "record"),
    ("retirement_word", "record"),
    ("retirement", "id"),
    ("same_matter_signal", "communication"),
    ("same_matter_signal", "person"),
    ("same_matter_check", "communication"),
    ("visit_overlap", "agreement"),
    ("visit_overlap", "mechanism"),
];
/// Rows that are about a person.
const ABOUT_PERSONS: [(&str, &str); 5] = [
    ("sealed_field", "record"),
    ("consent", "person"),
    ("disclosure_grant", "person"),
    ("vital_interest", "person"),
    ("disclosure_request", "person"),
];
/// Keys by which records that stay can lead to one that is expunged: it leads nowhere then.
const KEYS: [(Kind, &str, &str); 37] = [
    (Kind::Organisation, "organisation", "parent_id"),
    (Kind::Organisation, "mechanism", "organisation_id"),
    (Kind::Organisation, "document", "organisation_id"),
    (Kind::Mechanism, "mechanism", "parent_id"),
    (Kind::Mechanism, "mandate", "mechanism_id"),
    (Kind::Mechanism, "focal_point", "mechanism_id"),
    (Kind::Mechanism, "work_plan", "mechanism_id"),
    (Kind::Mechanism, "document", "mechanism_id"),
    (Kind::Mechanism, "communication", "mechanism_id"),
    (Kind::Mechanism, "interim_measure", "mechanism_id"),
    (Kind::Mechanism, "joint_activity", "proposed_by_id"),
    (Kind::Mechanism, "clause", "from_mechanism_id"),
    (Kind::Mechanism, "clause", "to_mechanism_id"),
    (Kind::WorkPlan, "objective", "work_plan_id"),
    (Kind::Objective, "work_plan_item", "objective_id"),
    (Kind::Agreement, "clause", "agreement_id"),
    (Kind::Communication, "interim_measure", "communication_id"),
    (
        Kind::Communication,
        "communication_person",
        "communication_id",
    ),
    (Kind::Person, "communication_person", "person_id"),
    (Kind::Mechanism, "recommendation", "mechanism_id"),
    (Kind::Mechanism, "assessment", "mechanism_id"),
    (Kind::Mechanism, "recommendation_reference", "mechanism_id"),
    (Kind::Document, "recommendation", "document_id"),
    (Kind::Document, "assessment", "document_id"),
    (Kind::Document, "evidence", "document_id"),
    (Kind::Mechanism, "evidence", "mechanism_id"),
    (Kind::Recommendation, "evidence", "recommendation_id"),
    (Kind::Recommendation, "assessment", "recommendation_id"),
    (
        Kind::Recommendation,
        "recommendation_reference",
        "from_recommendation_id",
    ),
    (
        Kind::Recommendation,
        "recommendation_reference",
        "to_recommendation_id",
    ),
    (Kind::Mechanism, "calendar_event", "mechanism_id"),
    (Kind::Country, "calendar_event", "held_in_id"),
    (Kind::WorkPlanItem, "calendar_event", "work_plan_item_id"),
    (Kind::JointActivity, "calendar_event", "joint_activity_id"),
    (Kind::CalendarEvent, "event_invitation", "calendar_event_id"),
    (Kind::Mechanism, "event_invitation", "host_id"),
    (Kind::Mechanism, "event_invitation", "mechanism_id"),
];

/// What was expunged, or would be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Expunged {
    /// Records that were retired by themselves.
    pub records: usize,
    /// All that was deleted, with what was retired with them.
    pub all: usize,
}

impl Store {
    /// Expunges what was retired and whose time is over; says how much.
    ///
    /// Each record goes in a transaction of its own, with its entry in the log.
    ///
    /// # Errors
    /// Fails where the database does; what could be expunged is, and stays so.
    pub async fn expunge(&self, now: Moment) -> Result<Expunged, ActError> {
        let mut expunged = Expunged::default();
        let mut failed = None;
        for root in self.over(now).await? {
            // One that can't be deleted holds up no other.
            match self.expunge_one(root, now).await {
                Ok(0) => {}
                Ok(all) => {
                    expunged.records += 1;
                    expunged.all += all;
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if expunged.records > 0 && self.inner.write.get_database_backend() == DbBackend::Sqlite {
            // What was deleted is still in the journal of writes until that is emptied.
            let emptied = "PRAGMA wal_checkpoint(TRUNCATE)";
            let emptied = self.inner.write.execute_unprepared(emptied).await;
            emptied.map_err(WriteError::from)?;
        }
        if expunged.records > 0 {
            let emptied = self.key_store().empty_journal().await;
            emptied.map_err(WriteError::from)?;
        }
        failed.map_or(Ok(expunged), Err)
    }

    /// Expunges one record with what was retired with it; says how many that were.
    async fn expunge_one(&self, root: RecordId, now: Moment) -> Result<usize, ActError> {
        let mut writer = self.begin(Warrant::to_expunge(), now).await?;
        // Held or brought back since it was looked for, it stays.
        let mut sql = writer.sql();
        over(&mut sql, now);
        sql.push(" AND r.root = ").bind(root.0);
        let rows = writer.transaction().query_all_raw(sql.into_statement());
        let rows = rows.await.map_err(WriteError::from)?;
        let records = rows.iter().map(read).collect::<Result<Vec<_>, _>>();
        let records = records.map_err(WriteError::from)?;
        let records: Vec<_> = records.into_iter().flatten().collect();
        if records.is_empty() {
            return Ok(0);
        }
        let mut gone = Vec::with_capacity(records.len());
        for (kind, id) in records {
            if kind != Kind::Person || id == root || !writer.still_kept(id, root).await? {
                gone.push((kind, id));
            }
        }
        let records = gone;
        // Its owners are told that something was expunged: of the record nothing is left.
        let owned = writer.owned(Some(root), &records).await?.into_iter();
        let owned = owned.map(|one| Owned {
            record: None,
            ..one
        });
        writer.owned_before = Some(owned.collect());
        for (kind, id) in &records {
            if *kind == Kind::Person {
                let gone = writer.page().erase(*id).await;
                writer.erased.extend(gone.map_err(WriteError::from)?);
                writer.owed.erased.insert(*id);
            }
            writer.begin_feeds_of(*id).await?;
            for sql in deletions(*kind, *id, || writer.sql()) {
                writer.run(sql).await?;
            }
            writer.written.push((*kind, *id));
        }
        writer.deed.record = Some(root);
        writer.commit().await?;
        Ok(records.len())
    }

    /// How much would be expunged.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn would_expunge(&self, now: Moment) -> Result<Expunged, ActError> {
        let roots = self.over(now).await?;
        let mut expunged = Expunged::default();
        for root in roots {
            let mut sql = self.sql();
            over(&mut sql, now);
            sql.push(" AND r.root = ").bind(root.0);
            expunged.records += 1;
            expunged.all += self.all(sql).await?.len();
        }
        Ok(expunged)
    }

    /// The records that were retired by themselves, and whose time is over.
    async fn over(&self, now: Moment) -> Result<Vec<RecordId>, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT id FROM retirement WHERE id = root AND hold IS NULL");
        sql.push(" AND keep_until <= ").bind(now.seconds());
        sql.push(" ORDER BY keep_until, id LIMIT ").bind(MOST);
        let rows = self.all(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(ids.collect::<Result<_, _>>().map_err(WriteError::from)?)
    }
}

impl Writer {
    /// Leaves a person's file to another communication of the person that is retired, too,
    /// and kept: the one that is held, or longest; says whether there is one.
    async fn still_kept(&self, person: RecordId, root: RecordId) -> Result<bool, ActError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT r.root, r.keep_until, r.hold FROM communication_person p \
             JOIN retirement r ON r.id = p.id WHERE p.person_id = ",
        );
        sql.bind(person.0)
            .push(" AND r.root <> ")
            .bind(root.0)
            .push(
                " ORDER BY CASE WHEN r.hold IS NULL THEN 1 ELSE 0 END, r.keep_until DESC LIMIT 1",
            );
        let row = self.transaction().query_one_raw(sql.into_statement()).await;
        let Some(row) = row.map_err(WriteError::from)? else {
            return Ok(false);
        };
        let other: uuid::Uuid = row.try_get_by_index(0).map_err(WriteError::from)?;
        let until: i64 = row.try_get_by_index(1).map_err(WriteError::from)?;
        let hold: Option<String> = row.try_get_by_index(2).map_err(WriteError::from)?;
        let mut sql = self.sql();
        sql.push("UPDATE retirement SET root = ").bind(other);
        sql.push(", keep_until = ").bind(until);
        sql.push(", hold = ").bind(hold);
        sql.push(" WHERE id = ").bind(person.0);
        self.run(sql).await?;
        Ok(true)
    }
}

/// Expunges for as long as the hub runs, from its start on.
pub async fn follow(store: Store, clock: Clock) {
    loop {
        match store.expunge(clock.now()).await {
            Ok(Expunged { records: 0, .. }) => {}
            Ok(Expunged { records, all }) => {
                tracing::info!(records, all, "retired records were expunged");
            }
            Err(error) => tracing::error!(cause = %error, "retired records were not expunged"),
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The records of retirements whose time is over.
fn over(sql: &mut Sql, now: Moment) {
    sql.push("SELECT r.kind, r.id FROM retirement r WHERE r.hold IS NULL AND r.keep_until <= ");
    sql.bind(now.seconds());
}

fn read(row: &QueryResult) -> Result<Option<(Kind, RecordId)>, sea_orm::DbErr> {
    let kind: String = row.try_get_by_index(0)?;
    let id = row.try_get_by_index(1).map(RecordId)?;
    Ok(Kind::from_code(&kind).map(|kind| (kind, id)))
}

/// The statements that delete a record and all that is about it.
fn deletions(kind: Kind, id: RecordId, sql: impl Fn() -> Sql) -> Vec<Sql> {
    let mut all = Vec::new();
    let persons: &[(&str, &str)] = match kind {
        Kind::Person => &ABOUT_PERSONS,
        Kind::Country
        | Kind::Organisation
        | Kind::Mechanism
        | Kind::Mandate
        | Kind::FocalPoint
        | Kind::WorkPlan
        | Kind::Objective
        | Kind::WorkPlanItem
        | Kind::Agreement
        | Kind::Clause
        | Kind::Document
        | Kind::Communication
        | Kind::CommunicationPerson
        | Kind::InterimMeasure
        | Kind::JointActivity
        | Kind::Recommendation
        | Kind::Assessment
        | Kind::Evidence
        | Kind::RecommendationReference
        | Kind::CalendarEvent
        | Kind::EventInvitation
        | Kind::StatisticRelease => &[],
    };
    // Tokens, and what was asked and signalled with them, go first: they hang on no key.
    let tokens = [
        (Kind::Person, Tokens::Person(id)),
        (Kind::CommunicationPerson, Tokens::Element(id)),
        (Kind::Communication, Tokens::Communication(id)),
    ];
    for (_, tokens) in tokens.into_iter().filter(|(of, _)| *of == kind) {
        all.extend(tokens.deletions(&sql));
    }
    for key in ["communication", "person"] {
        let mut words = sql();
        words.push("DELETE FROM side_by_side WHERE signal IN ");
        words.push("(SELECT id FROM same_matter_signal WHERE ");
        words.push(key).push(" = ").bind(id.0).push(")");
        all.push(words);
    }
    let mut approvals = sql();
    approvals.push(
        "DELETE FROM lowering_approval WHERE lowering IN (SELECT id FROM lowering WHERE record = ",
    );
    approvals.bind(id.0).push(")");
    all.push(approvals);
    for (table, column) in persons.iter().chain(&ABOUT) {
        let mut one = sql();
        one.push("DELETE FROM ").push(table).push(" WHERE ");
        one.push(column).push(" = ").bind(id.0);
        all.push(one);
    }
    for (_, table, key) in KEYS.iter().filter(|(of, ..)| *of == kind) {
        let mut one = sql();
        one.push("UPDATE ").push(table).push(" SET ").push(key);
        one.push(" = NULL WHERE ").push(key).push(" = ").bind(id.0);
        all.push(one);
    }
    let mut own = sql();
    own.push("DELETE FROM ").push(rule::table(kind));
    own.push(" WHERE id = ").bind(id.0);
    all.push(own);
    all
}
