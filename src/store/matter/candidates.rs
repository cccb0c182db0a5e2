//! What a question asks for, and who keeps some of it.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

use super::weigh::Question;
use crate::{
    id::{MechanismId, RecordId},
    same_matter::{Held, KeyKind, NORMALISATION},
    store::{Writer, act::ActError, sql::Sql, writer::WriteError},
    vocabulary::codes::Coded,
};

/// A token that a question asks for.
pub(super) struct Asked {
    pub(super) token: Uuid,
    pub(super) kind: KeyKind,
    pub(super) widened: bool,
}

/// What a probe is of, and the name of the secret that its tokens are under.
pub(super) type Of = (Uuid, String);

/// An element of the question, under one secret.
#[derive(Default)]
pub(super) struct Probe {
    pub(super) asked: Vec<Asked>,
    pub(super) held: Held,
}

/// An element of another docket that shares a token with the question.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) id: RecordId,
    pub(super) part: RecordId,
    pub(super) mechanism: MechanismId,
    pub(super) communication: Option<RecordId>,
    pub(super) person: Option<RecordId>,
    pub(super) matter: Option<RecordId>,
    pub(super) canary: bool,
}

impl Writer {
    pub(super) async fn found(&self, sql: Sql) -> Result<Vec<QueryResult>, ActError> {
        let rows = self.transaction().query_all_raw(sql.into_statement()).await;
        Ok(rows.map_err(WriteError::from)?)
    }

    /// The elements of the question with what they ask for, under each secret.
    pub(super) async fn probes(
        &self,
        question: &Question,
    ) -> Result<BTreeMap<Of, Probe>, ActError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT e.part, t.token, t.kind, t.widened, e.key_id FROM match_token t \
             JOIN match_element e ON e.id = t.element WHERE t.asked AND e.normalisation = ",
        );
        sql.bind(NORMALISATION).push(" AND e.mechanism = ");
        sql.bind(question.mechanism.0).push(" AND e.part");
        sql.among(question.snapshot.elements.iter().copied());
        let mut probes: BTreeMap<Of, Probe> = BTreeMap::new();
        let read = |row: &QueryResult| {
            let (element, token): (Uuid, Uuid) =
                (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let (kind, key_id): (String, String) =
                (row.try_get_by_index(2)?, row.try_get_by_index(4)?);
            let widened: bool = row.try_get_by_index(3)?;
            let asked = KeyKind::from_code(&kind).map(|kind| Asked {
                token,
                kind,
                widened,
            });
            Ok::<_, sea_orm::DbErr>((element, asked, key_id))
        };
        for row in &self.found(sql).await? {
            let (element, asked, key_id) = read(row).map_err(WriteError::from)?;
            let probe = probes.entry((element, key_id)).or_default();
            probe.asked.extend(asked);
        }
        for probe in probes.values_mut() {
            let own = probe.asked.iter().filter(|one| !one.widened);
            probe.held = Held::count(own.map(|one| one.kind));
        }
        Ok(probes)
    }

    /// Elements of the dockets that keep one of the tokens, with those that they keep. One
    /// look into the index of tokens each, whatever a docket holds.
    pub(super) async fn candidates(
        &self,
        (key_id, probe): (&str, &Probe),
        dockets: &BTreeSet<Uuid>,
    ) -> Result<BTreeMap<Uuid, (Candidate, Vec<Uuid>)>, ActError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT e.id, e.mechanism, e.communication, e.person, e.matter, e.canary, t.token, \
             e.part \
             FROM match_token t JOIN match_element e ON e.id = t.element \
             LEFT JOIN communication_person p ON p.id = e.part \
             LEFT JOIN communication c ON c.id = e.communication \
             LEFT JOIN person q ON q.id = e.person \
             WHERE t.kept AND t.token",
        );
        sql.among(probe.asked.iter().map(|one| one.token));
        sql.push(" AND e.normalisation = ").bind(NORMALISATION);
        sql.push(" AND e.key_id = ").bind(key_id);
        sql.push(" AND e.mechanism").among(dockets.iter().copied());
        // What was retired or erased is not found; a matter without a file has none of these.
        sql.push(
            " AND (e.communication IS NULL OR (p.id IS NOT NULL AND p.retired_at IS NULL \
             AND c.retired_at IS NULL AND q.retired_at IS NULL AND q.erased_at IS NULL))",
        );
        let mut found: BTreeMap<Uuid, (Candidate, Vec<Uuid>)> = BTreeMap::new();
        let read = |row: &QueryResult| {
            let id = |at| row.try_get_by_index::<Option<Uuid>>(at);
            let candidate = Candidate {
                id: RecordId(row.try_get_by_index(0)?),
                mechanism: MechanismId(row.try_get_by_index(1)?),
                communication: id(2)?.map(RecordId),
                person: id(3)?.map(RecordId),
                matter: id(4)?.map(RecordId),
                canary: row.try_get_by_index(5)?,
                part: RecordId(row.try_get_by_index(7)?),
            };
            Ok::<_, sea_orm::DbErr>((candidate, row.try_get_by_index::<Uuid>(6)?))
        };
        for row in &self.found(sql).await? {
            let (candidate, token) = read(row).map_err(WriteError::from)?;
            let of = found.entry(candidate.id.0);
            of.or_insert_with(|| (candidate, Vec::new())).1.push(token);
        }
        Ok(found)
    }

    /// How many tokens of each kind the elements keep.
    pub(super) async fn held(
        &self,
        elements: impl Iterator<Item = Uuid>,
    ) -> Result<BTreeMap<Uuid, Held>, ActError> {
        let mut sql = self.sql();
        sql.push("SELECT element, kind FROM match_token WHERE kept AND element");
        sql.among(elements);
        let mut kinds: BTreeMap<Uuid, Vec<KeyKind>> = BTreeMap::new();
        for row in &self.found(sql).await? {
            let element: Uuid = row.try_get_by_index(0).map_err(WriteError::from)?;
            let kind: String = row.try_get_by_index(1).map_err(WriteError::from)?;
            kinds
                .entry(element)
                .or_default()
                .extend(KeyKind::from_code(&kind));
        }
        let held = kinds.into_iter();
        Ok(held.map(|(id, kinds)| (id, Held::count(kinds))).collect())
    }

    /// How many elements of each docket are against the question's States.
    pub(super) async fn rivals(
        &self,
        question: &Question,
        candidates: impl Iterator<Item = &(Candidate, Vec<Uuid>)>,
    ) -> Result<BTreeMap<MechanismId, u32>, ActError> {
        let dockets: BTreeSet<Uuid> = candidates.map(|(one, _)| one.mechanism.0).collect();
        let mut sql = self.sql();
        sql.push("SELECT mechanism, COUNT(*) FROM match_country WHERE mechanism");
        sql.among(dockets);
        sql.push(" AND country IN ");
        sql.bind_all(question.snapshot.countries.iter().cloned());
        sql.push(" GROUP BY mechanism");
        let mut rivals = BTreeMap::new();
        for row in &self.found(sql).await? {
            let of = row.try_get_by_index(0).map(MechanismId);
            let count: i64 = row.try_get_by_index(1).map_err(WriteError::from)?;
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            rivals.insert(of.map_err(WriteError::from)?, count);
        }
        Ok(rivals)
    }
}
