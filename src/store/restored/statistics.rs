//! Releases of statistics that a restore has lost: what everybody has read the hub has to know
//! again, before it tells more.

use std::collections::BTreeMap;

use sea_orm::ConnectionTrait;

use super::super::{
    Store, StoreError, Writer,
    act::{Act, ActError},
    writer::{NewRecord, WriteError},
};
use crate::{
    clock::Moment,
    confidentiality::{Level, warrant::Warrant},
    id::{GlobalId, MechanismId, RecordId},
    identity::kind::Kind,
    journal::{EntryKind, record_tag},
    statistics::{StatisticRelease, published::Published},
    vocabulary::{Coded, ReleaseStatus},
};

/// An approval of a release after the backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approved {
    /// Its number in the log.
    pub n: i64,
    /// When.
    pub at: Moment,
    /// The release, where the hub has it.
    pub release: Option<GlobalId>,
    /// Whether the hub tells it.
    pub told: bool,
}

/// Why a release did not come back.
#[derive(Debug, thiserror::Error)]
pub enum NotBack {
    /// The hub was not restored, or its releases were said to be whole.
    #[error("no release is looked for: the hub was not restored, or all are here again")]
    NotLookedFor,
    /// No entry is of it.
    #[error("the log has no approval of such a release after the backup")]
    NotOnTheList,
    /// It is here.
    #[error("the hub has this release")]
    There,
    /// Its mechanisms are not.
    #[error("the hub has no mechanism `{0}`")]
    NoMechanism(String),
    /// The list is another.
    #[error("the list has {0} entries: look at it again")]
    OtherList(usize),
    /// Nothing was written.
    #[error(transparent)]
    Fault(#[from] WriteError),
}

impl From<StoreError> for NotBack {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<sea_orm::DbErr> for NotBack {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Fault(error.into())
    }
}

impl Store {
    /// Approvals of releases that the log has of the time after the backup; `None` where the
    /// hub was not restored, or all releases were said to be here.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn approved_since(&self) -> Result<Option<Vec<Approved>>, StoreError> {
        let mut sql = self.sql();
        sql.push("SELECT 1 FROM restored WHERE statistics_whole_at IS NULL");
        if self.all(sql).await?.is_empty() {
            return Ok(None);
        }
        let mut sql = self.sql();
        sql.push("SELECT DISTINCT n, at, tag FROM restored_entry WHERE kind = ");
        sql.bind(EntryKind::ReleaseStats.code())
            .push(" ORDER BY n, at");
        let entries = self.all(sql).await?;
        let mut sql = self.sql();
        sql.push("SELECT id, status FROM statistic_release");
        let mut known = BTreeMap::new();
        for row in self.all(sql).await? {
            let id = RecordId(row.try_get_by_index(0)?);
            let status: Option<String> = row.try_get_by_index(1)?;
            let told = status.as_deref() == Some(ReleaseStatus::Released.code());
            known.insert(record_tag(self.keys().audit(), id), (id, told));
        }
        let mut approved = Vec::new();
        for row in entries {
            let tag: Option<String> = row.try_get_by_index(2)?;
            let here = tag.and_then(|tag| known.get(&tag)).copied();
            approved.push(Approved {
                n: row.try_get_by_index(0)?,
                at: Moment::from_seconds(row.try_get_by_index(1)?),
                release: here.map(|(id, _)| GlobalId {
                    kind: Kind::StatisticRelease,
                    id,
                }),
                told: here.is_some_and(|(_, told)| told),
            });
        }
        Ok(Some(approved))
    }

    /// Puts a release back that the restore has lost, as it was told. Where a log was carried
    /// on, it has the release's approval.
    ///
    /// # Errors
    /// Refuses what was not lost; fails where the database does.
    pub async fn put_back(&self, release: &Published, now: Moment) -> Result<GlobalId, NotBack> {
        let Some(_) = self.approved_since().await? else {
            return Err(NotBack::NotLookedFor);
        };
        let mut sql = self.sql();
        sql.push("SELECT COUNT(*), COALESCE(SUM(CASE WHEN kind = ");
        sql.bind(EntryKind::ReleaseStats.code()).push(" AND tag = ");
        sql.bind(record_tag(self.keys().audit(), release.id));
        sql.push(" THEN 1 ELSE 0 END), 0) FROM restored_entry");
        let rows = self.all(sql).await?;
        let counts = rows.first().map(|row| {
            let all: i64 = row.try_get_by_index(0)?;
            Ok::<_, sea_orm::DbErr>((all, row.try_get_by_index::<i64>(1)?))
        });
        // Without a log there is no list.
        if matches!(counts.transpose()?, Some((1.., 0))) {
            return Err(NotBack::NotOnTheList);
        }
        let mut owners = Vec::new();
        for code in &release.told.shape.mechanisms {
            let mut sql = self.sql();
            sql.push("SELECT id FROM mechanism WHERE code = ")
                .bind(code.as_str());
            let rows = self.all(sql).await?;
            let id = rows
                .first()
                .map(|row| row.try_get_by_index(0))
                .transpose()?;
            let id = id.ok_or_else(|| NotBack::NoMechanism(code.clone()))?;
            owners.push(MechanismId(id));
        }
        let mut writer = self.begin(Warrant::to_confirm_restored(), now).await?;
        if !writer.put_back(release, owners).await? {
            return Err(NotBack::There);
        }
        writer.commit().await?;
        Ok(GlobalId {
            kind: Kind::StatisticRelease,
            id: release.id,
        })
    }

    /// Says that all releases are here that were ever told, so that others can follow; with how
    /// many approvals the list has, so that nobody says so of a list that has not been seen.
    ///
    /// # Errors
    /// Refuses another number; fails where the database does.
    pub async fn statistics_are_whole(&self, entries: usize, now: Moment) -> Result<(), NotBack> {
        let listed = self.approved_since().await?.ok_or(NotBack::NotLookedFor)?;
        if listed.len() != entries {
            return Err(NotBack::OtherList(listed.len()));
        }
        let mut writer = self.begin(Warrant::to_confirm_restored(), now).await?;
        let mut sql = writer.sql();
        sql.push("UPDATE restored SET statistics_whole_at = ")
            .bind(now.seconds());
        writer
            .transaction()
            .execute_raw(sql.into_statement())
            .await?;
        writer.deed.fields = vec!["statistics"];
        writer.commit().await?;
        Ok(())
    }
}

impl Writer {
    /// Writes a release as it was told; `false` where the hub tells it already. What was
    /// frozen of a docket for it is gone for good, and so are the officers' words.
    async fn put_back(
        &mut self,
        release: &Published,
        owners: Vec<MechanismId>,
    ) -> Result<bool, WriteError> {
        let shape = &release.told.shape;
        let dimensions: Vec<&str> = shape.dimensions.iter().map(|code| code.code()).collect();
        let mut record = NewRecord::of(release.id, owners, Level::Public);
        record.values = vec![
            ("status", ReleaseStatus::Released.code().into()),
            (
                "dimensions",
                serde_json::json!(dimensions).to_string().into(),
            ),
            ("first_quarter", shape.from.to_string().into()),
            ("last_quarter", shape.to.to_string().into()),
            ("algorithm", release.algorithm.as_str().into()),
            ("threshold", release.threshold.into()),
            ("code_version", release.code_version.as_str().into()),
            ("counted_on", release.counted_on.as_str().into()),
            ("released_on", release.released_on.as_str().into()),
        ];
        let mechanisms = record.owners.iter();
        record.links = mechanisms
            .map(|owner| ("mechanisms", (*owner).into()))
            .collect();
        // Where the backup has it as a proposal, it gives way.
        let mut sql = self.sql();
        sql.push("SELECT 1 FROM statistic_release WHERE status <> ");
        sql.bind(ReleaseStatus::Released.code()).push(" AND id = ");
        sql.bind(release.id.0);
        let proposed = self.transaction().query_one_raw(sql.into_statement());
        if proposed.await?.is_some() {
            for forgotten in [
                "DELETE FROM statistic_part WHERE release = ",
                "DELETE FROM statistic_cell WHERE release = ",
                "DELETE FROM statistic_word WHERE release = ",
                "DELETE FROM record_owner WHERE record = ",
                "DELETE FROM link WHERE source = ",
                "DELETE FROM statistic_release WHERE id = ",
            ] {
                let mut sql = self.sql();
                sql.push(forgotten).bind(release.id.0);
                self.transaction().execute_raw(sql.into_statement()).await?;
            }
        }
        if !self.add::<StatisticRelease>(&record).await? {
            return Ok(false);
        }
        self.put_cells(release.id, &release.told).await?;
        self.public = true;
        Ok(true)
    }
}

impl Act {
    /// Refuses to tell more of dockets while the hub may not know all that was told of them.
    ///
    /// # Errors
    /// Refuses where a restored hub was not said to have all releases, or one of the mechanisms
    /// has not confirmed what came back.
    pub async fn knows_all_releases(&self, of: &[MechanismId]) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM restored WHERE statistics_whole_at IS NULL");
        let lost = !self.rows(sql).await?.is_empty();
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM restored_mechanism WHERE confirmed_at IS NULL AND mechanism");
        sql.among(of.iter().map(|mechanism| mechanism.0));
        if lost || !self.rows(sql).await?.is_empty() {
            let sentence = "the hub was restored from a backup: until the registrar has brought \
                            back the releases that were made after it (`liaison restore \
                            statistics`), and each mechanism has confirmed what came back, \
                            none is made";
            return Err(ActError::conflict(sentence));
        }
        Ok(())
    }

    /// Releases of which nothing frozen is here any more: they came back after a restore.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn without_parts(&self) -> Result<Vec<RecordId>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT id FROM statistic_release WHERE status = ");
        sql.bind(ReleaseStatus::Released.code());
        sql.push(" AND NOT EXISTS (SELECT 1 FROM statistic_word w WHERE w.release = statistic_release.id)");
        let rows = self.rows(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        Ok(ids.collect::<Result<_, _>>().map_err(WriteError::from)?)
    }
}
