//! Whose holder a subject of another issuer is, as the table says at this moment.

use std::sync::Arc;

use sea_orm::ConnectionTrait;

use super::{On, ViewerError};
use crate::{
    clock::Moment,
    confidentiality::Level,
    identity::{
        claims::{Refusal, TokenRefused, VerifiedClaims},
        elsewhere::{Elsewhere, Mapping},
    },
};

impl<C: ConnectionTrait> On<'_, C> {
    /// The claims that a token of another issuer has by its subject's row, and up to which
    /// number what has ended was known when the row was read.
    pub(super) async fn mapped(
        &self,
        token: &Arc<Elsewhere>,
        now: Moment,
    ) -> Result<(Arc<VerifiedClaims>, i64), ViewerError> {
        let refused = || TokenRefused::from(Refusal::Holder);
        let mut sql = self.store.sql();
        sql.push(
            "SELECT m.holder, i.code, m.client, m.scope, m.cap, m.epoch, \
             (SELECT MAX(n) FROM revocation), m.until \
             FROM mapping m JOIN institution i ON i.mechanism = m.mechanism \
             JOIN holder h ON h.subject = m.holder AND h.mechanism = m.mechanism \
             WHERE m.issuer = ",
        );
        sql.bind(token.issuer()).push(" AND m.subject = ");
        sql.bind(token.subject());
        // After its end a row is none.
        sql.push(" AND (m.until IS NULL OR m.until > ");
        sql.bind(now.seconds()).push(")");
        sql.push(" ORDER BY m.place, m.mechanism");
        let rows = self.all(sql).await?;
        let mut allowed = None;
        for row in &rows {
            let code: String = row.try_get_by_index(1).map_err(super::StoreError::from)?;
            if allowed.is_none() && token.may_be_of(&code) {
                allowed = Some(row);
            }
        }
        let row = allowed.ok_or_else(refused)?;
        let read = || {
            let (scope, cap): (String, String) =
                (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
            let last: Option<i64> = row.try_get_by_index(6)?;
            // What this hub does not know is nothing.
            let known = scope.parse().ok().zip(Level::from_code(&cap));
            let Some((scopes, cap)) = known else {
                return Ok(None);
            };
            let mapping = Mapping {
                holder: row.try_get_by_index(0)?,
                mechanism: row.try_get_by_index(1)?,
                client: row.try_get_by_index(2)?,
                scopes,
                cap,
                epoch: row.try_get_by_index(5)?,
                until: row.try_get_by_index::<Option<_>>(7)?.unwrap_or(i64::MAX),
            };
            Ok::<_, sea_orm::DbErr>(Some((mapping, last.unwrap_or(0))))
        };
        let read = read().map_err(super::StoreError::from)?;
        let (mapping, last) = read.ok_or_else(refused)?;
        let claims = mapping.claims(token, now).map_err(TokenRefused::from)?;
        Ok((claims, last))
    }
}
