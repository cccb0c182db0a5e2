//! Persons' parts in communications, as far as they are compared.

use sea_orm::QueryResult;

use super::tokens::Tokens;
use crate::{
    date::PartialDate,
    id::{MechanismId, RecordId},
    same_matter::NORMALISATION,
    store::{
        Reader, StoreError,
        act::{Act, ActError},
        sql::Sql,
        writer::WriteError,
    },
    vocabulary::{PersonRole, codes::Coded},
};

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

impl Act {
    /// The parts that are compared, in the own mechanism's communications: of a person, of a
    /// communication, or one.
    ///
    /// # Errors
    /// Fails where the database does.
    pub(super) async fn compared_parts(&self, of: Tokens) -> Result<Vec<Part>, ActError> {
        let Some(own) = self.reader().viewer().mechanism() else {
            return Ok(Vec::new());
        };
        let (key, id) = match of {
            Tokens::Element(id) | Tokens::Beside(id) => ("p.id", id),
            Tokens::Communication(id) => ("p.communication_id", id),
            Tokens::Person(id) => ("p.person_id", id),
            Tokens::Matter(_) => return Ok(Vec::new()),
        };
        let mut sql = self.writer.sql();
        parts(&mut sql, own);
        sql.push(" AND ").push(key).push(" = ").bind(id.0);
        sql.push(" ORDER BY p.person_id, p.id");
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
    /// of today's version and secret; or none under a pair of shares, where one is named.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn without_tokens(
        &self,
        after: Option<RecordId>,
        pair: Option<&str>,
    ) -> Result<Vec<Part>, StoreError> {
        let Some(own) = self.viewer().mechanism() else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        parts(&mut sql, own);
        sql.push(" AND (");
        let hub = self.store().keys().matching().id();
        let secrets = std::iter::once(hub).chain(pair);
        sql.joined(" OR ", secrets, |sql, key_id| {
            sql.push("NOT ");
            has_tokens(sql, key_id);
        });
        sql.push(")");
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

/// Whether a part `p` has tokens of today's version under a secret.
fn has_tokens(sql: &mut Sql, key_id: &str) {
    sql.push("EXISTS (SELECT 1 FROM match_element e WHERE e.part = p.id AND e.normalisation = ");
    sql.bind(NORMALISATION).push(" AND e.key_id = ");
    sql.bind(key_id).push(")");
}
