//! Matters whose names are never on the hub: their own secretariat's client has made the
//! tokens, with the holders of the secret. And canaries: persons who do not exist.

use super::tokens::{Element, NewVictim, Row, Tokens, rows_of};
use crate::{
    clock::Moment,
    confidentiality::facts::CountryCode,
    date::PartialDate,
    id::RecordId,
    identity::kind::Right,
    same_matter::{KeyKind, Token, Victim},
    store::{
        Reader, StoreError,
        act::{Act, ActError, not_found},
        writer::WriteError,
    },
    vocabulary::MatchMode,
};

/// Matters that are told at once at most.
const TOLD: i64 = 500;

/// One alleged victim of a matter, as tokens.
#[derive(Debug, Default)]
pub struct BlindElement {
    /// The tokens: as stored, their kinds, whether a date in it is a neighbour of the known
    /// one, whether the docket keeps it, whether a question of its own asks for it.
    pub tokens: Vec<(Token, KeyKind, [bool; 3])>,
}

impl BlindElement {
    fn into_rows(self) -> Vec<Row> {
        let tokens = self.tokens.into_iter();
        let rows = tokens.map(|(token, kind, [widened, kept, asked])| Row {
            token,
            kind,
            widened,
            kept,
            asked,
        });
        rows.collect()
    }
}

/// A matter without names.
pub struct NewBlind {
    /// Its id.
    pub id: RecordId,
    /// The secretariat's own word for it.
    pub handle: String,
    /// The States.
    pub countries: Vec<CountryCode>,
    /// In which month it was registered.
    pub registered: Option<PartialDate>,
    /// The name of the secret under which the tokens are made.
    pub key_id: String,
    /// Those whose matter it is.
    pub elements: Vec<BlindElement>,
}

/// A matter without names, as its secretariat is told of it.
#[derive(Clone, Debug)]
pub struct Blind {
    /// Its id.
    pub id: RecordId,
    /// The secretariat's own word for it.
    pub handle: String,
    /// The States.
    pub countries: Vec<String>,
    /// In which month it was registered.
    pub registered: Option<String>,
    /// When it came to the hub.
    pub at: Moment,
}

impl Act {
    /// Registers a matter by its tokens.
    ///
    /// # Errors
    /// Refuses a token without the right, and a handle that is taken.
    pub async fn register_blind(&mut self, new: NewBlind) -> Result<(), ActError> {
        let own = self.may_ask()?;
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM blind_matter WHERE mechanism = ")
            .bind(own.0);
        sql.push(" AND handle = ").bind(new.handle.as_str());
        if !self.rows(sql).await?.is_empty() {
            return Err(ActError::conflict("you have a matter of this handle"));
        }
        let countries: Vec<&str> = new.countries.iter().map(CountryCode::as_str).collect();
        let row = vec![
            new.id.0.into(),
            own.0.into(),
            new.handle.as_str().into(),
            serde_json::json!(countries).to_string().into(),
            new.registered.as_ref().map(PartialDate::as_str).into(),
            self.writer.warrant.actor().subject.as_str().into(),
            self.writer.at.seconds().into(),
        ];
        let columns = [
            "id",
            "mechanism",
            "handle",
            "countries",
            "registered_on",
            "subject",
            "at",
        ];
        self.writer.insert("blind_matter", &columns, row).await?;
        for element in new.elements {
            let id = RecordId::random();
            let element = Element {
                id,
                part: id,
                mechanism: own,
                communication: None,
                person: None,
                matter: Some(new.id),
                canary: false,
                mode: MatchMode::Blind,
                key_id: &new.key_id,
                countries: new.countries.clone(),
                rows: element.into_rows(),
            };
            self.writer.add_element(element).await?;
        }
        Ok(())
    }

    /// A matter without names of the viewer's own mechanism.
    ///
    /// # Errors
    /// Refuses what is not there, and another's, alike.
    pub async fn blind_matter(&self, id: Option<RecordId>) -> Result<Blind, ActError> {
        let own = self.may_ask()?;
        let id = id.ok_or_else(not_found)?;
        let mut sql = self.writer.sql();
        sql.push(SELECT).bind(own.0).push(" AND id = ").bind(id.0);
        let rows = self.rows(sql).await?;
        let found = rows.first().map(read).transpose();
        found.map_err(WriteError::from)?.ok_or_else(not_found)
    }

    /// In which month a matter without names was registered.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn blind_month(&self, id: RecordId) -> Result<Option<String>, ActError> {
        let own = self.of_own_docket()?;
        let mut sql = self.writer.sql();
        sql.push(SELECT).bind(own.0).push(" AND id = ").bind(id.0);
        let rows = self.rows(sql).await?;
        let found = rows.first().map(read).transpose();
        let found = found.map_err(WriteError::from)?;
        Ok(found.and_then(|matter| matter.registered))
    }

    /// Takes a matter away, with its tokens and the signals on it.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn withdraw_blind(&mut self, matter: &Blind) -> Result<(), ActError> {
        self.forget_tokens(Tokens::Matter(matter.id)).await?;
        for (table, key) in [("same_matter_signal", "matter"), ("blind_matter", "id")] {
            let mut sql = self.writer.sql();
            sql.push("DELETE FROM ").push(table).push(" WHERE ");
            sql.push(key).push(" = ").bind(matter.id.0);
            self.writer.run(sql).await?;
        }
        Ok(())
    }

    /// Registers a canary: a person who does not exist, whom nobody can have asked about.
    /// Of what is given the tokens are kept, and nothing else.
    ///
    /// # Errors
    /// Refuses who is not charged with data protection.
    pub async fn register_canary(&mut self, canary: &NewVictim<'_>) -> Result<(), ActError> {
        let codes = canary.countries.iter();
        let countries: Vec<CountryCode> =
            codes.filter_map(|code| CountryCode::parse(code)).collect();
        let victim = Victim {
            spellings: &canary.spellings,
            born: canary.born,
            happened: canary.happened,
            countries: &countries,
        };
        let rows = rows_of(self.writer.keys(), &victim, false);
        let store = self.reader().store().clone();
        let made = (MatchMode::HubTrusted, store.keys().matching().id());
        self.add_canary(canary.element, (countries, rows), made)
            .await
    }

    /// Registers a canary whose tokens a client has made with the holders of the secret: met by
    /// questions without names.
    ///
    /// # Errors
    /// Refuses who is not charged with data protection.
    pub async fn register_blind_canary(
        &mut self,
        id: RecordId,
        (countries, key_id): (Vec<CountryCode>, &str),
        tokens: BlindElement,
    ) -> Result<(), ActError> {
        let made = (MatchMode::Blind, key_id);
        self.add_canary(id, (countries, tokens.into_rows()), made)
            .await
    }

    async fn add_canary(
        &mut self,
        id: RecordId,
        (countries, rows): (Vec<CountryCode>, Vec<Row>),
        (mode, key_id): (MatchMode, &str),
    ) -> Result<(), ActError> {
        self.writer.warrant.may_protect()?;
        let element = Element {
            id,
            part: id,
            mechanism: self.of_own_docket()?,
            communication: None,
            person: None,
            matter: None,
            canary: true,
            mode,
            key_id,
            countries,
            rows,
        };
        self.writer.add_element(element).await
    }
}

impl Reader {
    /// The matters without names of the viewer's own mechanism.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn blind_matters(&self) -> Result<Vec<Blind>, StoreError> {
        let Some(own) = self.matches(Right::MatchQuery) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push(SELECT).bind(own.0);
        if planted!(HandlesOfOthers) {
            sql.push(" OR 1 = 1");
        }
        sql.push(" ORDER BY at DESC, id LIMIT ").number(TOLD);
        let rows = self.store().all(sql).await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }
}

const SELECT: &str = "SELECT id, handle, countries, registered_on, at FROM blind_matter \
                      WHERE mechanism = ";

fn read(row: &sea_orm::QueryResult) -> Result<Blind, sea_orm::DbErr> {
    let countries: String = row.try_get_by_index(2)?;
    Ok(Blind {
        id: RecordId(row.try_get_by_index(0)?),
        handle: row.try_get_by_index(1)?,
        countries: serde_json::from_str(&countries).unwrap_or_default(),
        registered: row.try_get_by_index(3)?,
        at: Moment::from_seconds(row.try_get_by_index(4)?),
    })
}
