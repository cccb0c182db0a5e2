//! A docket as its secretariat is told of it, for counting.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use super::{Reader, StoreError, batch::Key, scope};
use crate::{
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{Known, Level},
    date::PartialDate,
    id::RecordId,
    identity::kind::Kind,
    mechanism::Mechanism,
    vocabulary::{CommunicationStatus, PersonRole, codes::Coded},
};

/// Communications that are read at once.
const BATCH: usize = 500;
/// Parts in which a person is counted.
const COUNTED: [PersonRole; 5] = [
    PersonRole::AllegedVictim,
    PersonRole::Author,
    PersonRole::Complainant,
    PersonRole::Petitioner,
    PersonRole::Applicant,
];

/// A communication of a docket, as far as its secretariat's viewer is told of it.
#[derive(Debug)]
pub struct Case {
    /// Its id.
    pub id: RecordId,
    /// Whether anyone is told that it is there.
    pub public: bool,
    /// Where it stands.
    pub status: Option<CommunicationStatus>,
    /// When it was registered.
    pub registered_on: Option<PartialDate>,
    /// When it was decided.
    pub decided_on: Option<PartialDate>,
    /// States that it concerns.
    pub countries: Vec<String>,
    /// Themes that it concerns.
    pub topics: Vec<String>,
    /// Persons for whom it is, or who have brought it.
    pub persons: BTreeSet<RecordId>,
}

/// The docket of the viewer's own mechanism: read once a request, however often it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OwnDocket;

impl Key for OwnDocket {
    type Value = Arc<Vec<Case>>;

    async fn load(
        reader: &Reader,
        keys: &[Self],
    ) -> Result<HashMap<Self, Self::Value>, StoreError> {
        let cases = Arc::new(reader.docket().await?);
        Ok(keys.iter().map(|key| (*key, Arc::clone(&cases))).collect())
    }
}

impl Reader {
    /// Whether the viewer's token shows all of the docket of the viewer's mechanism: what a
    /// release counts.
    pub fn reads_docket(&self) -> bool {
        let kinds = [
            Kind::Communication,
            Kind::CommunicationPerson,
            Kind::Person,
            Kind::StatisticRelease,
        ];
        let viewer = self.viewer();
        viewer.stands() && kinds.iter().all(|kind| viewer.reads_all_of_own(*kind))
    }

    /// The docket of the viewer's own mechanism, as far as the viewer is told of it.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn docket(&self) -> Result<Vec<Case>, StoreError> {
        let Some(own) = self.viewer().mechanism() else {
            return Ok(Vec::new());
        };
        if self.viewer().is_state() || !self.viewer().stands() {
            return Ok(Vec::new());
        }
        // An edge whose end is not told is not there.
        if self.by_ids::<Mechanism>(&[own.into()]).await?.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = self.store().sql();
        sql.push("SELECT id FROM communication WHERE mechanism_id = ");
        sql.bind(own.0).push(" ORDER BY id");
        let rows = self.store().all(sql).await?;
        let ids = rows.iter().map(|row| row.try_get_by_index(0).map(RecordId));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let mut cases = Vec::with_capacity(ids.len());
        for batch in ids.chunks(BATCH) {
            let known = self.by_ids::<Communication>(batch).await?;
            let own_alone = |known: &&Arc<Known<Communication>>| {
                known.facts().owners.contains(&own)
                    && known.sees(Communication::mechanism)
                    && known.sight().reach.level >= Level::Secretariat
            };
            let mut known: Vec<_> = known.values().filter(own_alone).collect();
            known.sort_by_key(|known| known.id());
            let ids: Vec<RecordId> = known.iter().map(|known| known.id()).collect();
            let countries = self.concerned(("record_country", "country"), &ids).await?;
            let topics = self.concerned(("record_topic", "topic"), &ids).await?;
            let persons = self.counted(&ids).await?;
            for known in known {
                let told = |all: &BTreeMap<RecordId, Vec<String>>, field| {
                    let found = all.get(&known.id()).filter(|_| known.sees(field));
                    found.cloned().unwrap_or_default()
                };
                cases.push(Case {
                    id: known.id(),
                    public: known.existence() == Some(Level::Public),
                    status: known.open(|row| &row.status).visible().flatten().copied(),
                    registered_on: known
                        .open(|row| &row.registered_on)
                        .visible()
                        .flatten()
                        .cloned(),
                    decided_on: known
                        .open(|row| &row.decided_on)
                        .visible()
                        .flatten()
                        .cloned(),
                    countries: told(&countries, Communication::countries),
                    topics: told(&topics, Communication::issues),
                    persons: persons.get(&known.id()).cloned().unwrap_or_default(),
                });
            }
        }
        Ok(cases)
    }

    async fn concerned(
        &self,
        (table, column): (&'static str, &'static str),
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, Vec<String>>, StoreError> {
        let mut sql = self.store().sql();
        sql.push("SELECT record, ").push(column).push(" FROM ");
        sql.push(table).push(" WHERE record");
        sql.among(ids.iter().map(|id| id.0));
        sql.push(" ORDER BY ").push(column);
        let mut all: BTreeMap<RecordId, Vec<String>> = BTreeMap::new();
        for row in self.store().all(sql).await? {
            let record = row.try_get_by_index(0).map(RecordId)?;
            all.entry(record)
                .or_default()
                .push(row.try_get_by_index(1)?);
        }
        Ok(all)
    }

    /// The persons of communications of whom the viewer may know, and in which part.
    async fn counted(
        &self,
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, BTreeSet<RecordId>>, StoreError> {
        let mut sql = self.store().sql();
        sql.push(
            "SELECT t.communication_id, t.person_id FROM communication_person t \
             JOIN person p ON p.id = t.person_id WHERE t.communication_id",
        );
        sql.among(ids.iter().map(|id| id.0)).push(" AND t.role IN ");
        sql.bind_all(COUNTED.map(|role| role.code().to_owned()));
        sql.push(" AND ");
        scope::exists::<CommunicationPerson>(&mut sql, self.viewer(), "t");
        let told = [
            CommunicationPerson::role,
            CommunicationPerson::communication,
            CommunicationPerson::person,
        ];
        for field in told {
            sql.push(" AND ");
            scope::told::<CommunicationPerson>(&mut sql, self.viewer(), "t", field);
        }
        sql.push(" AND ");
        scope::exists::<Person>(&mut sql, self.viewer(), "p");
        let mut all: BTreeMap<RecordId, BTreeSet<RecordId>> = BTreeMap::new();
        for row in self.store().all(sql).await? {
            let of = row.try_get_by_index(0).map(RecordId)?;
            let person = row.try_get_by_index(1).map(RecordId)?;
            all.entry(of).or_default().insert(person);
        }
        Ok(all)
    }
}
