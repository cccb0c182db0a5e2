//! Revocation: in the database for who asks anew, on the board for who is being answered.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Store, StoreError,
    act::{Act, ActError, Refusal, RefusalCode},
    holders::holder_ref,
    tokens::{KeptToken, token_ref},
    writer::{ToldAct, WriteError, Writer},
};
use crate::{
    confidentiality::warrant::WriteRefused,
    id::{MechanismId, RecordId},
    identity::watch::{Revocation, Revoked},
    journal::EntryKind,
};

/// How often a process looks for what others have revoked: well below the second that is
/// promised.
pub const LOOK: Duration = Duration::from_millis(300);
/// Seconds for which a revocation is told to other processes.
const TOLD: i64 = 3_600;

impl Revoked {
    /// The kind, the name, and the mechanism to which it is limited, as they are stored.
    fn stored(&self) -> (&'static str, &str, Option<&str>) {
        match self {
            Self::Token(hash) => ("token", hash, None),
            Self::Holder(subject) => ("holder", subject, None),
            Self::Mechanism(code) => ("mechanism", code, None),
            Self::Client(id) => ("client", id, None),
            Self::ClientOf { client, mechanism } => ("client", client, Some(mechanism)),
        }
    }

    fn read(row: &QueryResult) -> Result<Revocation, StoreError> {
        let kind: String = row.try_get_by_index(1)?;
        let name: String = row.try_get_by_index(2)?;
        let mechanism: Option<String> = row.try_get_by_index(3)?;
        let whose = match (kind.as_str(), mechanism) {
            ("token", _) => Self::Token(name),
            ("holder", _) => Self::Holder(name),
            ("mechanism", _) => Self::Mechanism(name),
            (_, None) => Self::Client(name),
            (_, Some(mechanism)) => Self::ClientOf {
                client: name,
                mechanism,
            },
        };
        let n = row.try_get_by_index(0)?;
        Ok(Revocation { n, whose })
    }
}

impl Writer {
    /// Revokes the tokens of a holder, a mechanism or a client, or one token; says whether
    /// there is one of this name. Who bears one is refused from the commit on.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn revoke(&mut self, whose: &Revoked) -> Result<bool, WriteError> {
        self.registrars_act()?;
        self.take_back(whose, None).await
    }

    /// The same, without asking who does it.
    pub(super) async fn take_back(
        &mut self,
        whose: &Revoked,
        own: Option<MechanismId>,
    ) -> Result<bool, WriteError> {
        let mut sql = self.sql();
        let table = match whose {
            Revoked::Token(hash) => return self.take_back_token(hash).await,
            Revoked::ClientOf { client, .. } => {
                return self.take_back_client(client, whose, own).await;
            }
            Revoked::Holder(_) => "holder",
            Revoked::Mechanism(_) => "institution",
            Revoked::Client(_) => "client",
        };
        let column = match whose {
            Revoked::Holder(_) => "subject",
            Revoked::Mechanism(_) => "code",
            Revoked::Token(_) | Revoked::Client(_) | Revoked::ClientOf { .. } => "id",
        };
        sql.push("UPDATE ").push(table);
        sql.push(" SET epoch = epoch + 1 WHERE ").push(column);
        sql.push(" = ").bind(whose.stored().1);
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.note(whose.clone()).await?;
        Ok(true)
    }

    /// One token, and with it the family that would bring the next.
    async fn take_back_token(&mut self, hash: &str) -> Result<bool, WriteError> {
        let mut sql = self.sql();
        sql.push("SELECT family FROM token WHERE id = ").bind(hash);
        let found = self.transaction().query_one_raw(sql.into_statement());
        let Some(row) = found.await? else {
            return Ok(false);
        };
        let family: Option<uuid::Uuid> = row.try_get_by_index(0)?;
        match family {
            Some(family) => self.end_family(family).await?,
            None => self.end_tokens("id", hash.into()).await?,
        }
        Ok(true)
    }

    /// Ends a family of refresh tokens, and every access token that it has brought.
    pub(super) async fn end_family(&mut self, family: uuid::Uuid) -> Result<(), WriteError> {
        let mut sql = self.sql();
        sql.push("UPDATE token_family SET ended_at = ");
        sql.bind(self.at.seconds())
            .push(" WHERE id = ")
            .bind(family);
        sql.push(" AND ended_at IS NULL");
        self.transaction().execute_raw(sql.into_statement()).await?;
        self.end_tokens("family", family.into()).await
    }

    async fn end_tokens(
        &mut self,
        column: &'static str,
        value: sea_orm::Value,
    ) -> Result<(), WriteError> {
        let mut sql = self.sql();
        sql.push("SELECT id FROM token WHERE revoked_at IS NULL AND ");
        sql.push(column).push(" = ").bind(value);
        let rows = self.transaction().query_all_raw(sql.into_statement());
        for row in rows.await? {
            let hash: String = row.try_get_by_index(0)?;
            let mut sql = self.sql();
            sql.push("UPDATE token SET revoked_at = ")
                .bind(self.at.seconds());
            sql.push(" WHERE id = ").bind(hash.as_str());
            self.transaction().execute_raw(sql.into_statement()).await?;
            self.note(Revoked::Token(hash)).await?;
        }
        Ok(())
    }

    /// The tokens of one mechanism's holders through a client that others may use, too.
    async fn take_back_client(
        &mut self,
        client: &str,
        whose: &Revoked,
        own: Option<MechanismId>,
    ) -> Result<bool, WriteError> {
        let Some(own) = own else {
            return Ok(false);
        };
        let mut sql = self.sql();
        sql.push("UPDATE client_epoch SET epoch = epoch + 1 WHERE client = ");
        sql.bind(client).push(" AND mechanism = ").bind(own.0);
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        if done.rows_affected() == 0 {
            let row = vec![client.into(), own.0.into(), 1_i64.into()];
            self.insert("client_epoch", &["client", "mechanism", "epoch"], row)
                .await?;
        }
        self.note(whose.clone()).await?;
        Ok(true)
    }

    /// Puts a revocation on the board, with the commit, and where other processes look.
    pub(super) async fn note(&mut self, whose: Revoked) -> Result<(), WriteError> {
        let (kind, name, mechanism) = whose.stored();
        let mut sql = self.sql();
        sql.push("SELECT MAX(n) FROM revocation");
        let last = self.transaction().query_one_raw(sql.into_statement());
        let last: Option<i64> = match last.await? {
            Some(row) => row.try_get_by_index(0)?,
            None => None,
        };
        let n = last.unwrap_or(0).saturating_add(1);
        let row = vec![
            n.into(),
            kind.into(),
            name.into(),
            mechanism.into(),
            self.at.seconds().into(),
        ];
        self.insert("revocation", &["n", "kind", "name", "mechanism", "at"], row)
            .await?;
        let mut sql = self.sql();
        // The last one stays whatever its age, so that numbers are never used twice.
        sql.push("DELETE FROM revocation WHERE at < ");
        sql.bind(self.at.plus_seconds(-TOLD).seconds());
        sql.push(" AND n < ").bind(last.unwrap_or(0));
        self.transaction().execute_raw(sql.into_statement()).await?;
        self.revoking.push(Revocation { n, whose });
        Ok(())
    }
}

impl Act {
    /// Revokes tokens of the viewer's own mechanism.
    ///
    /// # Errors
    /// Refuses tokens of others of the mechanism for who does not keep the list of its
    /// holders; those of other mechanisms are not there.
    pub async fn revoke_tokens(&mut self, whose: Revoked) -> Result<RecordId, ActError> {
        let viewer = self.reader().viewer();
        let (Some(own), Some(standing)) = (viewer.mechanism(), viewer.standing()) else {
            return Err(WriteRefused::TokenNeeded.into());
        };
        let keeps = self.writer.warrant.may_admit();
        let (code, subject) = (
            standing.mechanism_code().to_owned(),
            standing.subject().to_owned(),
        );
        let to = match &whose {
            Revoked::Token(hash) => {
                let token = self.reader().token(hash).await?;
                let token: KeptToken = token.ok_or_else(not_there)?;
                if token.subject != subject {
                    keeps?;
                }
                token_ref(hash)
            }
            Revoked::Holder(name) => {
                if *name == subject {
                    // A token of less is not to end one of more.
                    self.writer.warrant.may_issue()?;
                } else {
                    keeps?;
                    let holder = self.reader().kept_holder(name).await?;
                    holder.ok_or_else(not_there)?;
                }
                holder_ref(name)
            }
            Revoked::Mechanism(named) => {
                keeps?;
                if *named != code {
                    return Err(not_there().into());
                }
                RecordId(own.0)
            }
            Revoked::ClientOf { client, .. } => {
                keeps?;
                holder_ref(client)
            }
            // The hub's own clients are revoked for all at the hub's machine.
            Revoked::Client(_) => return Err(WriteRefused::Registrars.into()),
        };
        if !self.writer.take_back(&whose, Some(own)).await? {
            return Err(not_there().into());
        }
        let (kind, name, _) = whose.stored();
        self.writer.told = Some(ToldAct {
            kind: EntryKind::TokenRevoke,
            to,
            fields: Vec::new(),
            sealed: format!("the tokens of {kind} `{name}`"),
        });
        Ok(to)
    }
}

fn not_there() -> Refusal {
    RefusalCode::NotFound.says("there is no such record, or none that you may know of")
}

impl Store {
    /// Looks for what other processes have revoked, from now on and until it is dropped.
    pub async fn follow_revocations(self, every: Duration) {
        let mut last = None;
        loop {
            match self.revocations_after(last).await {
                Ok((upto, revocations)) => {
                    // What was there before this process began is known to who asks anew.
                    if last.is_some() && !revocations.is_empty() {
                        self.watch().note(revocations);
                    }
                    last = Some(upto);
                }
                Err(error) => tracing::warn!(cause = %error, "revocations could not be read"),
            }
            tokio::time::sleep(every).await;
        }
    }

    async fn revocations_after(
        &self,
        last: Option<i64>,
    ) -> Result<(i64, Vec<Revocation>), StoreError> {
        let mut sql = self.sql();
        sql.push("SELECT n, kind, name, mechanism FROM revocation WHERE n > ");
        sql.bind(last.unwrap_or(0)).push(" ORDER BY n");
        let (mut upto, mut revocations) = (last.unwrap_or(0), Vec::new());
        for row in self.all(sql).await? {
            upto = row.try_get_by_index(0)?;
            revocations.push(Revoked::read(&row)?);
        }
        Ok((upto, revocations))
    }
}
