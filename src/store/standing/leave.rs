//! What a holder reaches beyond the own mechanism's records: channels, grants, consents.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, QueryResult};

use super::{On, StoreError, list};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{
        Domain, FieldIndex, FieldSet, Level,
        channel::{Channel, Named, kinds_of},
        facts::CountryCode,
        grant::{Consent, ConsentBasis, Grant},
    },
    id::{MechanismId, RecordId},
    identity::purpose::PurposeCode,
    vocabulary::{AgreementStatus, ClausePurpose, Coded, InformationKind},
};

impl<C: ConnectionTrait> On<'_, C> {
    /// Clauses that name this mechanism as recipient, of agreements that were concluded: what
    /// is only proposed to it costs it nothing.
    pub(in crate::store) async fn channels(
        &self,
        to: MechanismId,
    ) -> Result<Vec<Channel>, StoreError> {
        let mut sql = self.store.sql();
        sql.push(
            "SELECT a.id, c.from_mechanism_id, c.kinds, c.countries, c.topics, c.cap, a.status, \
             c.valid_from, a.valid_from, c.valid_until, a.valid_until \
             FROM clause c JOIN agreement a ON a.id = c.agreement_id \
             WHERE a.status IN ('IN_FORCE', 'SUSPENDED') AND a.retired_at IS NULL \
             AND c.retired_at IS NULL AND c.to_mechanism_id = ",
        );
        sql.bind(to.0).push(" ORDER BY c.id");
        let mut channels = Vec::new();
        for row in self.all(sql).await? {
            channels.extend(channel(&row, to)?);
        }
        Ok(channels)
    }

    /// Dockets with which questions of a mechanism on the same matter are compared: clauses in
    /// force that name the kind `SAME_MATTER` and the purpose, from the docket's owner to it.
    pub(in crate::store) async fn comparable(
        &self,
        to: MechanismId,
        now: Moment,
    ) -> Result<Vec<Channel>, StoreError> {
        let named = (InformationKind::SameMatter, ClausePurpose::SameMatterCheck);
        self.naming(named, Some(to), now).await
    }

    /// Clauses in force by which mechanisms let each other be told that both plan to visit a
    /// State: they name the kind `VISIT_OVERLAP` and the purpose.
    pub(in crate::store) async fn visit_clauses(
        &self,
        now: Moment,
    ) -> Result<Vec<Channel>, StoreError> {
        let named = (InformationKind::VisitOverlap, ClausePurpose::VisitPlanning);
        self.naming(named, None, now).await
    }

    /// Clauses in force that name a kind of information that opens no record, and a purpose;
    /// to one mechanism, or to any.
    async fn naming(
        &self,
        (kind, purpose): (InformationKind, ClausePurpose),
        to: Option<MechanismId>,
        now: Moment,
    ) -> Result<Vec<Channel>, StoreError> {
        let mut sql = self.store.sql();
        sql.push(
            "SELECT a.id, c.from_mechanism_id, c.kinds, c.countries, c.topics, c.cap, a.status, \
             c.valid_from, a.valid_from, c.valid_until, a.valid_until, c.purposes, \
             c.to_mechanism_id \
             FROM clause c JOIN agreement a ON a.id = c.agreement_id \
             WHERE a.status = 'IN_FORCE' AND a.retired_at IS NULL \
             AND c.retired_at IS NULL",
        );
        if let Some(to) = to {
            sql.push(" AND c.to_mechanism_id = ").bind(to.0);
        }
        sql.push(" ORDER BY c.id");
        let mut channels = Vec::new();
        for row in self.all(sql).await? {
            let names = |index, code: &str| {
                list(&row, index).map(|names| names.iter().any(|name| name == code))
            };
            let to: Option<uuid::Uuid> = row.try_get_by_index(12)?;
            if let Some(to) = to
                && names(2, kind.code())?
                && names(11, purpose.code())?
            {
                channels.extend(channel(&row, MechanismId(to))?);
            }
        }
        // What is told by it is told to the parties of a channel.
        channels.retain(|channel| {
            channel.is_active(now) && channel.cap >= Level::Channel && channel.from != channel.to
        });
        Ok(channels)
    }

    /// Grants given to this holder and not ended, with the person's latest word.
    pub(super) async fn grants(&self, holder: &str) -> Result<Vec<Grant>, StoreError> {
        let mut sql = self.store.sql();
        sql.push(
            "SELECT person, mechanism, fields, purposes, valid_from, valid_until \
             FROM disclosure_grant WHERE ended_at IS NULL AND holder = ",
        );
        sql.bind(holder).push(" ORDER BY id");
        let mut grants = Vec::new();
        for row in self.all(sql).await? {
            grants.push(Grant {
                person: RecordId(row.try_get_by_index(0)?),
                mechanism: MechanismId(row.try_get_by_index(1)?),
                fields: sealed_fields(&list(&row, 2)?),
                purposes: list(&row, 3)?
                    .iter()
                    .filter_map(|code| PurposeCode::from_code(code))
                    .collect(),
                from: Moment::from_seconds(row.try_get_by_index(4)?),
                until: Moment::from_seconds(row.try_get_by_index(5)?),
                consents: Vec::new(),
            });
        }
        self.add_consents(&mut grants).await?;
        Ok(grants)
    }

    /// Adds what the persons have said to grants.
    pub(in crate::store) async fn add_consents(
        &self,
        grants: &mut [Grant],
    ) -> Result<(), StoreError> {
        if grants.is_empty() {
            return Ok(());
        }
        let mut sql = self.store.sql();
        sql.push(
            "SELECT person, recipient, purpose, fields, basis, given_at, valid_until FROM consent \
             WHERE person",
        );
        sql.among(grants.iter().map(|grant| grant.person.0))
            .push(" ORDER BY given_at, id");
        let mut words = Vec::new();
        for row in self.all(sql).await? {
            words.push((RecordId(row.try_get_by_index(0)?), word(&row)?));
        }
        // Of two words of one second, the one that closes is the later.
        words.sort_by_key(|(_, word)| (word.consent.from, word.closes()));
        for (person, word) in words {
            for grant in grants.iter_mut().filter(|grant| grant.person == person) {
                word.spoken_on(&mut grant.consents);
            }
        }
        Ok(())
    }
}

/// A word of the person concerned, as it is stored.
struct Word {
    consent: Consent,
    /// Purpose and basis are both ones that this hub knows.
    understood: bool,
}

impl Word {
    /// Whether it takes leave rather than gives it; what is not understood closes.
    fn closes(&self) -> bool {
        !self.understood || !self.consent.basis.satisfies()
    }

    /// Adds it to earlier ones. A word that gives leave takes their place for the fields
    /// that it names; one that closes, for all fields, whatever it names. An override takes
    /// no word's place: what was said before is in force again after it.
    fn spoken_on(&self, earlier: &mut Vec<Consent>) {
        let replaces = !(self.understood && self.consent.is_override());
        for before in earlier.iter_mut().filter(|_| replaces) {
            let same_purpose = before.purpose == self.consent.purpose || !self.understood;
            if before.recipient == self.consent.recipient && same_purpose {
                before.fields = if self.closes() {
                    FieldSet::NONE
                } else {
                    before.fields.without(self.consent.fields)
                };
            }
        }
        if self.understood {
            earlier.push(self.consent.clone());
        }
    }
}

fn word(row: &QueryResult) -> Result<Word, StoreError> {
    let purpose: String = row.try_get_by_index(2)?;
    let basis: String = row.try_get_by_index(4)?;
    let (purpose, basis) = (
        PurposeCode::from_code(&purpose),
        ConsentBasis::from_code(&basis),
    );
    Ok(Word {
        understood: purpose.is_some() && basis.is_some(),
        consent: Consent {
            recipient: MechanismId(row.try_get_by_index(1)?),
            purpose: purpose.unwrap_or(PurposeCode::Examination),
            fields: sealed_fields(&list(row, 3)?),
            basis: basis.unwrap_or(ConsentBasis::Refused),
            from: Moment::from_seconds(row.try_get_by_index(5)?),
            until: Moment::from_seconds(row.try_get_by_index(6)?),
        },
    })
}

/// A clause as a channel; one that says what this hub does not know opens nothing.
fn channel(row: &QueryResult, to: MechanismId) -> Result<Option<Channel>, StoreError> {
    let cap: Option<String> = row.try_get_by_index(5)?;
    let status: Option<String> = row.try_get_by_index(6)?;
    let from: Option<uuid::Uuid> = row.try_get_by_index(1)?;
    let (Some(cap), Some(from)) = (cap.as_deref().and_then(Level::from_code), from) else {
        return Ok(None);
    };
    let moment = |index| -> Result<Option<i64>, StoreError> { Ok(row.try_get_by_index(index)?) };
    // A clause without its dates, or whose agreement has none, is not in force.
    let begin = moment(7)?
        .zip(moment(8)?)
        .map(|(clause, agreement)| clause.max(agreement));
    let end = moment(9)?
        .zip(moment(10)?)
        .map(|(clause, agreement)| clause.min(agreement));
    let (Some(begin), Some(end)) = (begin, end) else {
        return Ok(None);
    };
    Ok(Some(Channel {
        agreement: RecordId(row.try_get_by_index(0)?),
        from: MechanismId(from),
        to,
        kinds: list(row, 2)?
            .iter()
            .filter_map(|code| InformationKind::from_code(code))
            .flat_map(|information| kinds_of(information).iter().copied())
            .collect(),
        countries: named(&list(row, 3)?, CountryCode::parse),
        topics: named(&list(row, 4)?, |topic| Some(topic.into())),
        cap,
        in_force: status.as_deref() == Some(AgreementStatus::InForce.code()),
        from_moment: Moment::from_seconds(begin),
        until_moment: Moment::from_seconds(end),
    }))
}

/// `ALL`, or the values listed; one that is unknown is not named.
fn named<T: Ord>(texts: &[String], parse: impl Fn(&str) -> Option<T>) -> Named<T> {
    if texts.iter().any(|text| text == "ALL") {
        Named::All
    } else {
        Named::Only(
            texts
                .iter()
                .filter_map(|text| parse(text))
                .collect::<BTreeSet<T>>(),
        )
    }
}

/// The sealed fields of a person's file with these names; others are none of it.
pub(in crate::store) fn sealed_fields(names: &[String]) -> FieldSet {
    let first = Person::COLUMNS.len();
    (0u8..)
        .zip(Person::RULES)
        .skip(first)
        .take(Person::SEALED.len())
        .filter(|(_, rule)| names.iter().any(|name| name == rule.name))
        .fold(FieldSet::NONE, |fields, (index, _)| {
            fields.with(FieldIndex(index))
        })
}
