//! Who a token stands for: holder, mechanism and client, their channels and grants.
//!
//! Read once a request, and again in the transaction of each sealed opening, so that
//! what was revoked a moment ago opens nothing.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, QueryResult};

use super::{Store, StoreError, sql::Sql};
use crate::{
    clock::Moment,
    confidentiality::{Level, facts::CountryCode},
    id::{MechanismId, RecordId},
    identity::{
        claims::{Refusal, TokenRefused, VerifiedClaims},
        holder::{Client, Holder, HolderKind, Proof, Role, Standing, standing},
        kind::Kind,
        purpose::Purpose,
        scope::Limits,
        token::{Recognised, Said},
        viewer::{Narrowing, Viewer},
        watch::token_hash,
    },
    vocabulary::Coded,
};

mod leave;
mod mapped;

pub(super) use self::leave::sealed_fields;

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

    /// The viewer that a token makes whose signature holds, of whichever issuer.
    ///
    /// # Errors
    /// As [`Store::viewer`]; refuses a subject of another issuer who is nobody here.
    pub async fn viewer_of(
        &self,
        recognised: &Recognised,
        purpose: Option<Purpose>,
        now: Moment,
    ) -> Result<Viewer, ViewerError> {
        match recognised {
            Recognised::Ours(claims) => self.viewer(claims, purpose, now).await,
            Recognised::Elsewhere(token) => {
                let on = On {
                    store: self,
                    connection: &self.inner.read,
                };
                let (claims, seen) = on.mapped(token, now).await?;
                on.standing(&claims, seen, purpose, now).await
            }
        }
    }

    /// Looks for whose a token would be that is refused already, for the time that it takes.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn look_for(&self, said: &Said, now: Moment) -> Result<(), StoreError> {
        let token = token_hash(&said.token);
        let on = On {
            store: self,
            connection: &self.inner.read,
        };
        let known = on.holder(&said.subject, &said.client, &token, now).await;
        known.map(drop)
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
        let mut seen = i64::MAX;
        if let Some(token) = claims.origin() {
            let (today, upto) = self.mapped(token, now).await?;
            if !today.are_as(claims) {
                return Err(TokenRefused::from(Refusal::Revoked).into());
            }
            seen = upto;
        }
        self.standing(claims, seen, purpose, now).await
    }

    /// The viewer of claims that nothing takes back which had ended by the number `seen`.
    async fn standing(
        &self,
        claims: &Arc<VerifiedClaims>,
        seen: i64,
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
        let watch = self.store.watch().since(today.last.min(seen));
        let bearer = (standing, Arc::clone(claims));
        let viewer = Viewer::bearing(bearer, limits, channels, grants, purpose, now, watch);
        Ok(viewer.withholding(self.store.restored().withheld()))
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
}

fn opens_files(standing: &Standing) -> bool {
    standing.cap_by_clause(Kind::Person) == Level::Victim
}

/// A list in a column; an absent or unreadable one is empty, and names nothing.
fn list(row: &QueryResult, index: usize) -> Result<Vec<String>, StoreError> {
    let text: Option<String> = row.try_get_by_index(index)?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}
