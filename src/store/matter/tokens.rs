//! The tokens of the same-matter check: made while names are in hand, and deleted with them.
//!
//! What a person's element under the hub's own secret is called is the id of the person's
//! part in the communication.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::parts::Part;
use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    journal::EntryKind,
    keys::KeyFile,
    same_matter::{HubTrusted, KeyKind, NORMALISATION, Token, TypedToken, Use, Victim, used_keys},
    store::{
        Writer,
        act::{Act, ActError},
        sql::Sql,
    },
    vocabulary::{MatchMode, codes::Coded},
};

/// Rows that one statement writes at most.
const ROWS: usize = 500;
/// Whose tokens are to be forgotten.
#[derive(Clone, Copy, Debug)]
pub enum Tokens {
    /// Of one person in one communication.
    Element(RecordId),
    /// The blind ones of one person in one communication, beside the hub's own.
    Beside(RecordId),
    /// Of all of a communication.
    Communication(RecordId),
    /// Of one person, wherever.
    Person(RecordId),
    /// Of a matter without names on the hub.
    Matter(RecordId),
}

impl Tokens {
    pub(super) const fn key(self) -> (&'static str, RecordId) {
        match self {
            Self::Element(id) | Self::Beside(id) => ("part", id),
            Self::Communication(id) => ("communication", id),
            Self::Person(id) => ("person", id),
            Self::Matter(id) => ("matter", id),
        }
    }

    /// The statements that forget them.
    pub(in crate::store) fn deletions(self, sql: impl Fn() -> Sql) -> [Sql; 3] {
        let (key, id) = self.key();
        let named = |one: &mut Sql| {
            one.push(key).push(" = ").bind(id.0);
            if let Self::Beside(_) = self {
                one.push(" AND id <> part");
            }
        };
        let of = |table: &'static str| {
            let mut one = sql();
            one.push("DELETE FROM ").push(table);
            one.push(" WHERE element IN (SELECT id FROM match_element WHERE ");
            named(&mut one);
            one.push(")");
            one
        };
        let mut own = sql();
        own.push("DELETE FROM match_element WHERE ");
        named(&mut own);
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
    /// What it is of: a person has an element under each secret that is compared.
    pub(super) part: RecordId,
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
    let (keys, uses): (Vec<_>, Vec<_>) = used_keys(victim, asks).into_iter().unzip();
    rows(hub.tokens(&keys), uses)
}

/// Rows of tokens and what each is for; of one token, one row.
pub(super) fn rows(tokens: Vec<TypedToken>, uses: Vec<Use>) -> Vec<Row> {
    let mut rows: BTreeMap<Token, Row> = BTreeMap::new();
    for (one, used) in tokens.into_iter().zip(uses) {
        let row = rows.entry(one.token).or_insert(Row {
            token: one.token,
            kind: one.kind,
            widened: one.widened,
            kept: false,
            asked: false,
        });
        row.kept |= used.kept;
        row.asked |= used.asked;
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
            part: victim.element,
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

    /// Keeps the blind tokens of a person on file beside the hub's own, in the place of those
    /// under another pair of shares.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn keep_beside(
        &self,
        part: &Part,
        pair: &str,
        tokens: Vec<TypedToken>,
        uses: Vec<Use>,
    ) -> Result<(), ActError> {
        let Some(mechanism) = self.warrant.mechanism() else {
            return Ok(());
        };
        for sql in Tokens::Beside(part.element).deletions(|| self.sql()) {
            self.run(sql).await?;
        }
        let peppered = tokens.into_iter().filter_map(|one| {
            let token = pepper(self.keys(), &one.token.0)?;
            Some(TypedToken { token, ..one })
        });
        self.add_element(Element {
            id: RecordId::random(),
            part: part.element,
            mechanism,
            communication: Some(part.communication),
            person: Some(part.person),
            matter: None,
            canary: false,
            mode: MatchMode::Blind,
            key_id: pair,
            // Counted under the hub's own secret: a docket is no larger for two modes.
            countries: Vec::new(),
            rows: rows(peppered.collect(), uses),
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
            "part",
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
            element.part.0.into(),
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
}
