//! Who a token stands for: holder, mechanism and client, their channels and grants.
//!
//! Read once a request, and again in the transaction of each sealed opening, so that
//! what was revoked a moment ago opens nothing.

use std::{collections::BTreeSet, sync::Arc};

use sea_orm::{ConnectionTrait, QueryResult};

use super::{Store, StoreError, sql::Sql};
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
    identity::{
        claims::{Refusal, TokenRefused, VerifiedClaims},
        holder::{Client, Holder, HolderKind, Proof, Role, Standing, standing},
        kind::Kind,
        purpose::{Purpose, PurposeCode},
        scope::Limits,
        viewer::{Narrowing, Viewer},
        watch::token_hash,
    },
    vocabulary::{AgreementStatus, Coded, InformationKind},
};

/// Why a token makes no viewer.
#[derive(Debug, thiserror::Error)]
pub enum ViewerError {
    /// It is refused; the caller is told that, and nothing else.
    #[error(transparent)]
    Refused(#[from] TokenRefused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// The viewer that verified claims make at `now`.
    ///
    /// # Errors
    /// Refuses claims whose holder, mechanism or client is unknown, suspended or of a
    /// later epoch.
    pub async fn viewer(
        &self,
        claims: &Arc<VerifiedClaims>,
        purpose: Option<Purpose>,
        now: Moment,
    ) -> Result<Viewer, ViewerError> {
        let on = On {
            store: self,
            connection: &self.inner.read,
        };
        on.viewer(claims, purpose, now).await
    }

    /// A holder and a client as they stand, to issue a token for.
    ///
    /// # Errors
    /// Fails where the database does; `None` where one of them is unknown.
    pub async fn holder(
        &self,
        subject: &str,
        client: &str,
        now: Moment,
    ) -> Result<Option<(Holder, Client)>, StoreError> {
        On {
            store: self,
            connection: &self.inner.read,
        }
        .holder(subject, client, "", now)
        .await
        .map(|known| known.map(|(holder, client, _)| (holder, client)))
    }
}

/// What the database says of a token at the moment of the reading.
pub(super) struct Today {
    /// Whether it was revoked by itself.
    revoked: bool,
    /// The number of the last revocation of anything.
    last: i64,
}

/// The same reads, on a pool or inside a transaction.
pub(super) struct On<'a, C> {
    pub(super) store: &'a Store,
    pub(super) connection: &'a C,
}

impl<C: ConnectionTrait> On<'_, C> {
    pub(super) async fn all(&self, sql: Sql) -> Result<Vec<QueryResult>, StoreError> {
        Ok(self.connection.query_all_raw(sql.into_statement()).await?)
    }

    pub(super) async fn viewer(
        &self,
        claims: &Arc<VerifiedClaims>,
        purpose: Option<Purpose>,
        now: Moment,
    ) -> Result<Viewer, ViewerError> {
        let token = token_hash(claims.token_id());
        let (subject, client) = (claims.subject(), claims.client());
        let known = self.holder(subject, client, &token, now).await?;
        let (holder, client, today) = known.ok_or(TokenRefused::from(Refusal::Holder))?;
        if today.revoked {
            return Err(TokenRefused::from(Refusal::Revoked).into());
        }
        let standing = standing(claims, &holder, &client)?;
        let mechanism = MechanismId(standing.mechanism_id());
        let limits = self.narrowing(standing.scopes().limits()).await?;
        let channels = self.channels(mechanism).await?;
        let grants = if opens_files(&standing) && purpose.is_some() {
            self.grants(standing.subject()).await?
        } else {
            Vec::new()
        };
        // Read with the holder: what is revoked from here on counts.
        let watch = self.store.watch().since(today.last);
        let bearer = (standing, Arc::clone(claims));
        Ok(Viewer::bearing(
            bearer, limits, channels, grants, purpose, now, watch,
        ))
    }

    /// A holder and a client as they stand, and whether the token of this hash is revoked.
    pub(super) async fn holder(
        &self,
        subject: &str,
        client: &str,
        token: &str,
        now: Moment,
    ) -> Result<Option<(Holder, Client, Today)>, StoreError> {
        let mut sql = self.store.sql();
        sql.push(
            "SELECT i.code, h.mechanism, h.kind, h.clearance, h.roles, h.epoch, h.suspended, \
             i.epoch, i.state, i.accredited_from, i.accredited_until, c.cap, c.epoch, \
             e.epoch, t.revoked_at, c.dpop, \
             (SELECT MAX(n) FROM revocation) \
             FROM holder h JOIN institution i ON i.mechanism = h.mechanism \
             JOIN client c ON c.id = ",
        );
        sql.bind(client)
            .push(" LEFT JOIN client_epoch e ON e.client = c.id AND e.mechanism = h.mechanism")
            .push(" LEFT JOIN token t ON t.id = ")
            .bind(token)
            .push(" WHERE h.subject = ")
            .bind(subject);
        let rows = self.all(sql).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let kind: String = row.try_get_by_index(2)?;
        let clearance: String = row.try_get_by_index(3)?;
        let cap: String = row.try_get_by_index(11)?;
        let (Some(kind), Some(clearance), Some(cap)) = (
            HolderKind::from_code(&kind),
            Level::from_code(&clearance),
            Level::from_code(&cap),
        ) else {
            // What this hub does not know is nobody.
            return Ok(None);
        };
        let from: Option<i64> = row.try_get_by_index(9)?;
        let until: Option<i64> = row.try_get_by_index(10)?;
        let of_client: i64 = row.try_get_by_index(12)?;
        let of_mechanisms_client: Option<i64> = row.try_get_by_index(13)?;
        let revoked: Option<i64> = row.try_get_by_index(14)?;
        let dpop: Option<String> = row.try_get_by_index(15)?;
        let last: Option<i64> = row.try_get_by_index(16)?;
        let seconds = now.seconds();
        Ok(Some((
            Holder {
                subject: subject.to_owned(),
                mechanism_code: row.try_get_by_index(0)?,
                mechanism_id: row.try_get_by_index(1)?,
                clearance,
                roles: list(row, 4)?
                    .iter()
                    .filter_map(|role| Role::from_code(role))
                    .collect(),
                kind,
                epoch: row.try_get_by_index(5)?,
                mechanism_epoch: row.try_get_by_index(7)?,
                suspended: row.try_get_by_index(6)?,
                accredited: from.is_some_and(|from| from <= seconds)
                    && until.is_none_or(|until| seconds < until),
                state_holder: row.try_get_by_index(8)?,
            },
            Client {
                id: client.to_owned(),
                cap,
                // Both only ever grow; one that is none makes the sum none.
                epoch: of_client.saturating_add(of_mechanisms_client.unwrap_or(0)),
                // What this hub does not know is the strictest.
                proof: dpop
                    .as_deref()
                    .map(|code| Proof::from_code(code).unwrap_or(Proof::Required)),
            },
            Today {
                revoked: revoked.is_some(),
                last: last.unwrap_or(0),
            },
        )))
    }

    /// The limits of a token, with ids for codes; an unknown code narrows to nothing.
    async fn narrowing(&self, limits: &Limits) -> Result<Narrowing, StoreError> {
        let owners = match &limits.owners {
            None => None,
            Some(codes) => {
                let mut sql = self.store.sql();
                sql.push("SELECT mechanism FROM institution WHERE code IN ")
                    .bind_all(codes.iter().cloned());
                let rows = self.all(sql).await?;
                Some(
                    rows.iter()
                        .map(|row| row.try_get_by_index(0).map(MechanismId))
                        .collect::<Result<_, _>>()?,
                )
            }
        };
        Ok(Narrowing {
            countries: limits.countries.as_ref().map(|codes| {
                codes
                    .iter()
                    .filter_map(|code| CountryCode::parse(code))
                    .collect()
            }),
            topics: limits
                .topics
                .as_ref()
                .map(|topics| topics.iter().map(|topic| topic.as_str().into()).collect()),
            owners,
            channels: limits
                .channels
                .as_ref()
                .map(|ids| ids.iter().copied().map(RecordId).collect()),
        })
    }

    /// Clauses that name this mechanism as recipient, of agreements that were concluded: what
    /// is only proposed to it costs it nothing.
    async fn channels(&self, to: MechanismId) -> Result<Vec<Channel>, StoreError> {
        let mut sql = self.store.sql();
        sql.push(
            "SELECT a.id, c.from_mechanism_id, c.kinds, c.countries, c.topics, c.cap, a.status, \
             c.valid_from, a.valid_from, c.valid_until, a.valid_until \
             FROM clause c JOIN agreement a ON a.id = c.agreement_id \
             WHERE a.status IN ('IN_FORCE', 'SUSPENDED') AND c.to_mechanism_id = ",
        );
        sql.bind(to.0).push(" ORDER BY c.id");
        let mut channels = Vec::new();
        for row in self.all(sql).await? {
            channels.extend(channel(&row, to)?);
        }
        Ok(channels)
    }

    /// Grants given to this holder and not ended, with the person's latest word.
    async fn grants(&self, holder: &str) -> Result<Vec<Grant>, StoreError> {
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
    pub(super) async fn add_consents(&self, grants: &mut [Grant]) -> Result<(), StoreError> {
        if grants.is_empty() {
            return Ok(());
        }
        let mut sql = self.store.sql();
        sql.push(
            "SELECT person, recipient, purpose, fields, basis, given_at, valid_until FROM consent \
             WHERE person IN ",
        );
        sql.bind_all(grants.iter().map(|grant| grant.person.0))
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

fn opens_files(standing: &Standing) -> bool {
    standing.cap_by_clause(Kind::Person) == Level::Victim
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
pub(super) fn sealed_fields(names: &[String]) -> FieldSet {
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

/// A list in a column; an absent or unreadable one is empty, and names nothing.
fn list(row: &QueryResult, index: usize) -> Result<Vec<String>, StoreError> {
    let text: Option<String> = row.try_get_by_index(index)?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}
