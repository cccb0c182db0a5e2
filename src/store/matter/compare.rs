//! The comparison: by the hub itself, after a question was taken, so that the question costs
//! its asker the same whatever there is.
//!
//! In one transaction, with its entry in the log. Only tokens of one secret and one version
//! are compared, and only with dockets that a clause in force opens to the question.

use std::{collections::BTreeMap, time::Duration};

use super::weigh::{Found, Question};
use crate::{
    clock::{Clock, Moment},
    confidentiality::warrant::Warrant,
    id::{MechanismId, RecordId},
    identity::{holder::Role, kind::Kind, viewer::Withheld},
    journal::{EntryKind, Owned},
    store::{Store, Writer, act::ActError, standing::On, writer::WriteError},
    vocabulary::{NotificationType, codes::Coded},
};

/// How often a hub looks whether a question was put: well within the minute in which a canary
/// has to raise its alarm.
const LOOK: Duration = Duration::from_secs(5);
/// Questions that are looked at in one look.
const MOST: i64 = 20;
/// Compares for as long as the hub runs.
pub async fn follow(store: Store, clock: Clock) {
    loop {
        // What came back with a restore raises no signal before it was looked at.
        if store.restored().withheld() != Withheld::Nobodys {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        if let Err(error) = store.compare_matters(clock.now()).await {
            tracing::error!(cause = %error, "a question on the same matter was not compared");
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Store {
    /// Compares the questions that were put since the last look; says how many.
    ///
    /// # Errors
    /// Fails where the database does; what could be compared is.
    pub async fn compare_matters(&self, now: Moment) -> Result<usize, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT id FROM same_matter_check WHERE compared_at IS NULL");
        sql.push(" ORDER BY asked_at, id LIMIT ").number(MOST);
        let rows = self.all(sql).await?;
        let mut failed = None;
        for row in &rows {
            let id = row.try_get_by_index(0).map(RecordId);
            // One that can't be compared holds up no other.
            let done = self.compare_one(id.map_err(WriteError::from)?, now).await;
            failed = failed.or(done.err());
        }
        failed.map_or(Ok(rows.len()), Err)
    }

    async fn compare_one(&self, id: RecordId, now: Moment) -> Result<(), ActError> {
        let mut writer = self.begin(Warrant::to_compare(), now).await?;
        let mut sql = writer.sql();
        sql.push(
            "SELECT mechanism, snapshot, due_at FROM same_matter_check \
             WHERE compared_at IS NULL AND id = ",
        );
        sql.bind(id.0);
        let rows = writer.found(sql).await?;
        let Some(row) = rows.first() else {
            return Ok(());
        };
        let question = Question::read(id, row).map_err(WriteError::from)?;
        let on = On {
            store: self,
            connection: writer.transaction(),
        };
        let channels = on.comparable(question.mechanism, now).await?;
        let found = writer.compare(&question, &channels).await?;
        let mut owned = Vec::new();
        let mut alarms = BTreeMap::new();
        for one in &found {
            if one.of.canary {
                alarms.insert(one.of.mechanism, one.of.id);
            } else {
                writer.raise(&question, one).await?;
                owned.push(Owned {
                    owner: one.of.mechanism,
                    kind: Kind::Communication,
                    record: one.of.communication,
                });
            }
        }
        for (mechanism, element) in &alarms {
            writer.alarm(*mechanism, *element).await?;
            owned.push(Owned {
                owner: *mechanism,
                kind: Kind::Person,
                record: None,
            });
        }
        let mut sql = writer.sql();
        sql.push("UPDATE same_matter_check SET compared_at = ");
        sql.bind(now.seconds());
        sql.push(" WHERE id = ").bind(id.0);
        writer.run(sql).await?;
        if !alarms.is_empty() {
            writer.deed.kind = Some(EntryKind::SameMatterAlarm);
            // Who has asked is for whoever may read the log's sealed part.
            let by = question.mechanism.0;
            writer.deed.reason = Some(format!("question {} of mechanism {by}", id.0));
            tracing::warn!(
                count = alarms.len(),
                "a canary of the same-matter check was met"
            );
        }
        owned.sort_unstable();
        owned.dedup();
        writer.owned_before = Some(owned);
        writer.deed.record = Some(id);
        writer.commit().await?;
        Ok(())
    }
}

impl Writer {
    async fn raise(&self, question: &Question, found: &Found) -> Result<(), ActError> {
        let id = RecordId::random();
        let row = vec![
            id.0.into(),
            question.id.0.into(),
            found.of.mechanism.0.into(),
            found.probe.into(),
            found.of.part.0.into(),
            found.of.communication.map(|id| id.0).into(),
            found.of.person.map(|id| id.0).into(),
            found.of.matter.map(|id| id.0).into(),
            found.told.text().into(),
            self.at.seconds().into(),
            question.due_at.seconds().into(),
        ];
        let columns = [
            "id",
            "check_id",
            "mechanism",
            "probe",
            "element",
            "communication",
            "person",
            "matter",
            "signal",
            "raised_at",
            "due_at",
        ];
        self.insert("same_matter_signal", &columns, row).await?;
        let about = (Kind::Communication, id);
        let to = (found.of.mechanism, None);
        let what = NotificationType::SameMatterSignal;
        self.notify(to, what, about).await
    }

    /// Tells the officers who are charged with data protection; all, where none is.
    async fn alarm(&self, mechanism: MechanismId, element: RecordId) -> Result<(), ActError> {
        let mut sql = self.sql();
        sql.push("SELECT subject, roles FROM holder WHERE mechanism = ");
        sql.bind(mechanism.0).push(" ORDER BY subject");
        let mut told = Vec::new();
        for row in &self.found(sql).await? {
            let subject: String = row.try_get_by_index(0).map_err(WriteError::from)?;
            let roles: Option<String> = row.try_get_by_index(1).map_err(WriteError::from)?;
            let roles: Vec<String> = roles
                .and_then(|text| serde_json::from_str(&text).ok())
                .unwrap_or_default();
            if roles.iter().any(|role| role == Role::DataProtection.code()) {
                told.push(Some(subject));
            }
        }
        if told.is_empty() {
            told.push(None);
        }
        let about = (Kind::Communication, element);
        for holder in told {
            let to = (mechanism, holder.as_deref());
            let what = NotificationType::SameMatterAlarm;
            self.notify(to, what, about).await?;
        }
        Ok(())
    }
}
