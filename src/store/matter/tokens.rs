//! The tokens of the same-matter check: made while names are in hand, and deleted with them.
//!
//! What a person's element is called is the id of the person's part in the communication.

use std::collections::BTreeMap;

use sea_orm::QueryResult;
use uuid::Uuid;

use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    journal::EntryKind,
    keys::KeyFile,
    same_matter::{
        HubTrusted, KeyKind, NORMALISATION, Token, TypedToken, Victim, probe_keys, record_keys,
    },
    store::{
        Reader, StoreError, Writer,
        act::{Act, ActError},
        sql::Sql,
        writer::WriteError,
    },
    vocabulary::{MatchMode, PersonRole, codes::Coded},
};

/// Rows that one statement writes at most.
const ROWS: usize = 500;
/// Persons that are looked for at once.
const MISSING: i64 = 200;

/// Parts in a communication of persons whose matter it is.
const COMPARED: [PersonRole; 6] = [
    PersonRole::AllegedVictim,
    PersonRole::Author,
    PersonRole::Complainant,
    PersonRole::Petitioner,
    PersonRole::Applicant,
    PersonRole::Beneficiary,
];

/// Whether a person with this part is compared: never a source, a witness or a helper.
pub fn is_compared(role: PersonRole) -> bool {
    COMPARED.contains(&role)
}

/// Whose tokens are to be forgotten.
#[derive(Clone, Copy, Debug)]
pub enum Tokens {
    /// Of one person in one communication.
    Element(RecordId),
    /// Of all of a communication.
    Communication(RecordId),
    /// Of one person, wherever.
    Person(RecordId),
    /// Of a matter without names on the hub.
    Matter(RecordId),
}

impl Tokens {
    const fn key(self) -> (&'static str, RecordId) {
        match self {
            Self::Element(id) => ("id", id),
            Self::Communication(id) => ("communication", id),
            Self::Person(id) => ("person", id),
            Self::Matter(id) => ("matter", id),
        }
    }

    /// The statements that forget them.
    pub(in crate::store) fn deletions(self, sql: impl Fn() -> Sql) -> [Sql; 3] {
        let (key, id) = self.key();
        let of = |table: &'static str| {
            let mut one = sql();
            one.push("DELETE FROM ").push(table);
            one.push(" WHERE element IN (SELECT id FROM match_element WHERE ");
            one.push(key).push(" = ").bind(id.0).push(")");
            one
        };
        let mut own = sql();
        own.push("DELETE FROM match_element WHERE ");
        own.push(key).push(" = ").bind(id.0);
        [of("match_token"), of("match_country"), own]
    }
}

/// A person in a communication, with what tokens are made of.
pub struct NewVictim<'a> {
    /// The person's part.
    pub element: RecordId,
    /// The communication.
    pub communication: RecordId,
    /// The person.
    pub person: RecordId,
    /// The whole name, in each way in which it is written.
    pub spellings: Vec<&'a str>,
    /// The date of birth.
    pub born: Option<&'a PartialDate>,
    /// When what the communication is about happened.
    pub happened: Option<&'a PartialDate>,
    /// The States.
    pub countries: &'a [String],
}

/// A person's part in a communication, as far as tokens are made of it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its id.
    pub element: RecordId,
    /// The communication.
    pub communication: RecordId,
    /// The person.
    pub person: RecordId,
    /// When what it is about happened.
    pub happened: Option<PartialDate>,
    /// The States.
    pub countries: Vec<String>,
}

/// A part whose person has no tokens of today's version and secret.
pub type Missing = Part;

/// A token as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) token: Token,
    pub(super) kind: KeyKind,
    pub(super) widened: bool,
    pub(super) kept: bool,
    pub(super) asked: bool,
}

/// An element as it is stored.
pub(super) struct Element<'a> {
    pub(super) id: RecordId,
    pub(super) mechanism: MechanismId,
    pub(super) communication: Option<RecordId>,
    pub(super) person: Option<RecordId>,
    pub(super) matter: Option<RecordId>,
    pub(super) canary: bool,
    pub(super) mode: MatchMode,
    pub(super) key_id: &'a str,
    pub(super) countries: Vec<CountryCode>,
    pub(super) rows: Vec<Row>,
}

/// The tokens of a person as the docket keeps them, and as a question of its own asks.
pub(super) fn rows_of(keys: &KeyFile, victim: &Victim<'_>, asks: bool) -> Vec<Row> {
    let hub = HubTrusted::new(keys.matching().secret());
    let mut rows: BTreeMap<Token, Row> = BTreeMap::new();
    let mut take = |tokens: Vec<TypedToken>, kept: bool| {
        for one in tokens {
            let row = rows.entry(one.token).or_insert(Row {
                token: one.token,
                kind: one.kind,
                widened: one.widened,
                kept: false,
                asked: false,
            });
            row.kept |= kept;
            row.asked |= !kept;
        }
    };
    take(hub.tokens(&record_keys(victim)), true);
    if asks {
        take(hub.tokens(&probe_keys(victim)), false);
    }
    rows.into_values().collect()
}

/// What is stored of a token that a mechanism's own client has made: under the hub's secret,
/// so that who has the database alone can't compare it with what the client has.
pub fn pepper(keys: &KeyFile, given: &[u8]) -> Option<Token> {
    HubTrusted::new(keys.matching().secret()).peppered(given)
}

impl Writer {
    /// Keeps the tokens of a person in the place of those that are there.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn keep_tokens(&self, victim: &NewVictim<'_>) -> Result<(), ActError> {
        let Some(mechanism) = self.warrant.mechanism() else {
            return Ok(());
        };
        self.forget_tokens(Tokens::Element(victim.element)).await?;
        let codes = victim.countries.iter();
        let countries: Vec<CountryCode> =
            codes.filter_map(|code| CountryCode::parse(code)).collect();
        let of = Victim {
            spellings: &victim.spellings,
            born: victim.born,
            happened: victim.happened,
            countries: &countries,
        };
        let rows = rows_of(self.keys(), &of, true);
        self.add_element(Element {
            id: victim.element,
            mechanism,
            communication: Some(victim.communication),
            person: Some(victim.person),
            matter: None,
            canary: false,
            mode: MatchMode::HubTrusted,
            key_id: self.keys().matching().id(),
            countries,
            rows,
        })
        .await
    }

    /// Says in the log what the writing was, and on which record.
    pub fn concerns_person(&mut self, kind: EntryKind, (of, id): (Kind, RecordId)) {
        self.deed.kind = Some(kind);
        self.deed.record = Some(id);
        self.written.push((of, id));
    }

    /// Forgets tokens.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn forget_tokens(&self, which: Tokens) -> Result<(), ActError> {
        for sql in which.deletions(|| self.sql()) {
            self.run(sql).await?;
        }
        Ok(())
    }

    pub(super) async fn add_element(&self, element: Element<'_>) -> Result<(), ActError> {
        let columns = [
            "id",
            "mechanism",
            "communication",
            "person",
            "matter",
            "canary",
            "mode",
            "normalisation",
            "key_id",
            "made_at",
        ];
        let row = vec![
            element.id.0.into(),
            element.mechanism.0.into(),
            element.communication.map(|id| id.0).into(),
            element.person.map(|id| id.0).into(),
            element.matter.map(|id| id.0).into(),
            element.canary.into(),
            element.mode.code().into(),
            NORMALISATION.into(),
            element.key_id.into(),
            self.at.seconds().into(),
        ];
        self.insert("match_element", &columns, row).await?;
        for country in &element.countries {
            let row = vec![
                element.id.0.into(),
                country.as_str().into(),
                element.mechanism.0.into(),
            ];
            let columns = ["element", "country", "mechanism"];
            self.insert("match_country", &columns, row).await?;
        }
        for rows in element.rows.chunks(ROWS) {
            let mut sql = self.sql();
            sql.push(
                "INSERT INTO match_token (element, token, kind, widened, kept, asked) VALUES ",
            );
            sql.joined(", ", rows, |sql, row| {
                sql.push("(").bind(element.id.0).push(", ");
                sql.bind(Uuid::from_bytes(row.token.0)).push(", ");
                sql.bind(row.kind.code()).push(", ");
                sql.bind(row.widened).push(", ");
                sql.bind(row.kept).push(", ");
                sql.bind(row.asked).push(")");
            });
            self.run(sql).await?;
        }
        Ok(())
    }
}

impl Act {
    /// As [`Writer::keep_tokens`].
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn keep_tokens(&mut self, victim: &NewVictim<'_>) -> Result<(), ActError> {
        self.writer().keep_tokens(victim).await
    }

    /// As [`Writer::forget_tokens`].
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn forget_tokens(&mut self, which: Tokens) -> Result<(), ActError> {
        self.writer().forget_tokens(which).await
    }

    /// The parts of a person that are compared, in the own mechanism's communications.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn compared_parts(&self, person: RecordId) -> Result<Vec<Part>, ActError> {
        let Some(own) = self.reader().viewer().mechanism() else {
            return Ok(Vec::new());
        };
        let mut sql = self.writer.sql();
        parts(&mut sql, own);
        sql.push(" AND p.person_id = ").bind(person.0);
        sql.push(" ORDER BY p.id");
        let rows = self.rows(sql).await?;
        let mut found = Vec::new();
        for row in &rows {
            let mut part = part_of(row).map_err(WriteError::from)?;
            part.countries = self.concerns(part.communication).await?.0;
            found.push(part);
        }
        Ok(found)
    }
}

impl Reader {
    /// Parts in the own mechanism's communications, after one, whose persons have no tokens
    /// of today's version and secret.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn without_tokens(
        &self,
        after: Option<RecordId>,
    ) -> Result<Vec<Missing>, StoreError> {
        let Some(own) = self.viewer().mechanism() else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        parts(&mut sql, own);
        sql.push(
            " AND NOT EXISTS (SELECT 1 FROM match_element e WHERE e.id = p.id AND \
             e.normalisation = ",
        );
        sql.bind(NORMALISATION).push(" AND e.key_id = ");
        sql.bind(self.store().keys().matching().id()).push(")");
        if let Some(after) = after {
            sql.push(" AND p.id > ").bind(after.0);
        }
        sql.push(" ORDER BY p.id LIMIT ").number(MISSING);
        let rows = self.store().all(sql).await?;
        let mut found = rows.iter().map(part_of).collect::<Result<Vec<_>, _>>()?;
        let mut sql = self.store().sql();
        sql.push("SELECT record, country FROM record_country WHERE record")
            .among(found.iter().map(|part| part.communication.0));
        sql.push(" ORDER BY country");
        for row in self.store().all(sql).await? {
            let communication = RecordId(row.try_get_by_index(0)?);
            let country: String = row.try_get_by_index(1)?;
            let of = |part: &&mut Part| part.communication == communication;
            for part in found.iter_mut().filter(of) {
                part.countries.push(country.clone());
            }
        }
        Ok(found)
    }
}

/// Parts that are compared, in communications of a mechanism, of files that are there.
fn parts(sql: &mut Sql, own: MechanismId) {
    sql.push(
        "SELECT p.id, p.communication_id, p.person_id, c.happened_on \
         FROM communication_person p JOIN communication c ON c.id = p.communication_id \
         JOIN person q ON q.id = p.person_id \
         JOIN record_owner o ON o.record = p.id AND o.mechanism = ",
    );
    sql.bind(own.0);
    sql.push(
        " WHERE p.retired_at IS NULL AND c.retired_at IS NULL AND q.retired_at IS NULL \
         AND q.erased_at IS NULL AND p.role IN ",
    );
    sql.bind_all(COMPARED.map(|role| role.code().to_owned()));
}

fn part_of(row: &QueryResult) -> Result<Part, sea_orm::DbErr> {
    let happened: Option<String> = row.try_get_by_index(3)?;
    Ok(Part {
        element: RecordId(row.try_get_by_index(0)?),
        communication: RecordId(row.try_get_by_index(1)?),
        person: RecordId(row.try_get_by_index(2)?),
        happened: happened.as_deref().and_then(PartialDate::parse),
        countries: Vec::new(),
    })
}
