//! A file that the hub reads itself, to make tokens of it while an act is done.
//!
//! In the mode M1 the hub sees names in memory, during the call; nobody else is shown any of
//! it, and what comes out are tokens under the hub's secret. It takes no officer's leave, and
//! gives none: an officer who links a person to a communication learns nothing of the file.
//! Each file that is read so has an entry in the log, which is committed with the tokens: if
//! the act is not done, there is neither.

use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::{
    parts::Part,
    tokens::{NewVictim, Tokens},
};
use crate::{
    communication::{Person, PersonName},
    confidentiality::{
        Domain,
        declare::place,
        sealed::{Place, Sealed},
        vault,
    },
    date::PartialDate,
    id::{MechanismId, RecordId},
    store::{
        act::{Act, ActError},
        key_store::Found,
        writer::WriteError,
    },
};

/// What of a file is in hand: what an act has sealed anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct InHand<'a> {
    /// The names.
    pub names: Option<&'a [PersonName]>,
    /// The date of birth, or that none is known.
    pub born: Option<Option<&'a PartialDate>>,
}

/// What tokens are made of, as it lies in a file.
struct Lent {
    names: Vec<PersonName>,
    born: Option<PartialDate>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        for name in &mut self.names {
            drop(Zeroizing::new(std::mem::take(&mut name.text)));
        }
    }
}

impl Act {
    /// Makes the tokens of a person, of a communication, or of one person in one
    /// communication anew, of what is in hand and of what lies in the files.
    ///
    /// What was there before is forgotten, also where a file does not open: then the tokens
    /// wait for `liaison match backfill`.
    ///
    /// # Errors
    /// Fails where the database or the key store does.
    pub async fn remake_tokens(&mut self, of: Tokens, hand: InHand<'_>) -> Result<(), ActError> {
        self.forget_tokens(of).await?;
        let mut last: Option<(RecordId, Option<Lent>)> = None;
        for part in self.compared_parts(of).await? {
            let known = last.as_ref().is_some_and(|(id, _)| *id == part.person);
            if !known {
                last = Some((part.person, self.lent(&part, hand).await?));
            }
            let Some((_, Some(lent))) = &last else {
                continue;
            };
            let victim = NewVictim {
                element: part.element,
                communication: part.communication,
                person: part.person,
                spellings: lent.names.iter().map(|name| name.text.as_str()).collect(),
                born: lent.born.as_ref(),
                happened: part.happened.as_ref(),
                countries: &part.countries,
            };
            self.writer().keep_tokens(&victim).await?;
        }
        Ok(())
    }

    /// What tokens are made of: from the hand, or else from the file.
    async fn lent(&mut self, part: &Part, hand: InHand<'_>) -> Result<Option<Lent>, ActError> {
        if let InHand {
            names: Some(names),
            born: Some(born),
        } = hand
        {
            return Ok(Some(Lent {
                names: names.to_vec(),
                born: born.cloned(),
            }));
        }
        let Some(own) = self.reader().viewer().mechanism() else {
            return Ok(None);
        };
        // On record whatever is found, so that the log says nothing of what lies in the file.
        self.writer.lent.push(part.person);
        let owners = self.owners_of(part.person).await?;
        let found = self.writer.key_store().file(part.person, own).await;
        let Found::Key(key, marks) = found.map_err(WriteError::from)? else {
            return Ok(None);
        };
        let mut sql = self.writer.sql();
        sql.push("SELECT field, version, blob FROM sealed_field WHERE record = ");
        sql.bind(part.person.0);
        let (mut names, mut born) = (None, None);
        for row in self.rows(sql).await? {
            let read = || {
                let (name, version): (String, i64) =
                    (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                let blob: Vec<u8> = row.try_get_by_index(2)?;
                Ok::<_, sea_orm::DbErr>((name, version, blob))
            };
            let (name, version, blob) = read().map_err(WriteError::from)?;
            let wanted = match name.as_str() {
                "names" => hand.names.is_none(),
                "birth_date" => hand.born.is_none(),
                _ => false,
            };
            if !wanted {
                continue;
            }
            let at = Place {
                record: part.person,
                version,
                owners: owners.clone(),
            };
            let sealed = Sealed::<Person>::stored(place(Person::RULES, &name), at, blob);
            // What is not as it was sealed is made no tokens of.
            if !marks.are_of(&key, (&name, version), &sealed) {
                return Ok(None);
            }
            let Ok(text) = vault::lend(&key, &sealed) else {
                return Ok(None);
            };
            if name == "names" {
                names = serde_json::from_slice::<Vec<PersonName>>(&text).ok();
            } else {
                let text = serde_json::from_slice::<Option<String>>(&text);
                born = text.ok().flatten().map(Zeroizing::new);
            }
        }
        let read = born.as_deref().and_then(|text| PartialDate::parse(text));
        let names = hand.names.map(<[PersonName]>::to_vec).or(names);
        Ok(names.map(|names| Lent {
            names,
            born: hand.born.map_or(read, |born| born.cloned()),
        }))
    }

    async fn owners_of(&self, person: RecordId) -> Result<Vec<MechanismId>, ActError> {
        let mut sql = self.writer.sql();
        sql.push("SELECT mechanism FROM record_owner WHERE record = ");
        sql.bind(person.0);
        let transaction = self.writer.transaction();
        let rows = transaction.query_all_raw(sql.into_statement()).await;
        let rows = rows.map_err(WriteError::from)?;
        let owners = rows
            .iter()
            .map(|row| row.try_get_by_index(0).map(MechanismId));
        Ok(owners.collect::<Result<_, _>>().map_err(WriteError::from)?)
    }
}
