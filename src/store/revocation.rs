//! The revocation of tokens, for who asks anew and for who is being answered.

use sea_orm::ConnectionTrait;

use super::{
    act::{Act, ActError, Refusal, RefusalCode},
    holders::holder_ref,
    tokens::{KeptToken, token_ref},
    writer::{ToldAct, WriteError, Writer},
};
use crate::{
    confidentiality::warrant::WriteRefused,
    id::{MechanismId, RecordId},
    identity::watch::{Ended, Revoked},
    journal::EntryKind,
};

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
        sql.push(" = ").bind(whose.named().1);
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.note(Ended::Tokens(whose.clone())).await?;
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
            self.note(Ended::Tokens(Revoked::Token(hash))).await?;
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
        self.note(Ended::Tokens(whose.clone())).await?;
        Ok(true)
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
        let (kind, name) = whose.named();
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
