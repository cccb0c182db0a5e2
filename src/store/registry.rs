//! The acts of the registrar: admitting institutions, holders and clients.

use sea_orm::ConnectionTrait;

use super::writer::{WriteError, Writer};
use crate::{
    clock::Moment,
    confidentiality::{Level, warrant::WriteRefused},
    id::MechanismId,
    identity::holder::{HolderKind, Role},
};

/// Whose tokens are revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// Those of one holder, by name.
    Holder(String),
    /// Those of every holder of a mechanism, by its code.
    Mechanism(String),
    /// Those that a client program carries, by its id.
    Client(String),
}

impl Writer {
    /// Admits an institution, accredited from a moment on.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn admit_institution(
        &mut self,
        mechanism: MechanismId,
        code: &str,
        state: bool,
        accredited_from: Option<Moment>,
    ) -> Result<(), WriteError> {
        self.registrars_act()?;
        self.admit(
            "institution",
            "mechanism",
            &["mechanism", "code", "state", "epoch", "accredited_from"],
            vec![
                mechanism.0.into(),
                code.into(),
                state.into(),
                0_i64.into(),
                accredited_from.map(Moment::seconds).into(),
            ],
        )
        .await
    }

    /// Admits a holder of an institution.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn admit_holder(
        &mut self,
        subject: &str,
        mechanism: MechanismId,
        kind: HolderKind,
        clearance: Level,
        roles: &[Role],
    ) -> Result<(), WriteError> {
        self.registrars_act()?;
        let roles: Vec<&str> = roles.iter().map(|role| role.code()).collect();
        self.admit(
            "holder",
            "subject",
            &[
                "subject",
                "mechanism",
                "kind",
                "clearance",
                "roles",
                "epoch",
                "suspended",
            ],
            vec![
                subject.into(),
                mechanism.0.into(),
                kind.code().into(),
                clearance.code().into(),
                serde_json::json!(roles).to_string().into(),
                0_i64.into(),
                false.into(),
            ],
        )
        .await
    }

    /// Admits a client program, with the highest level that it may carry.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn admit_client(&mut self, id: &str, cap: Level) -> Result<(), WriteError> {
        self.registrars_act()?;
        let row = vec![id.into(), cap.code().into(), 0_i64.into()];
        self.admit("client", "id", &["id", "cap", "epoch"], row)
            .await
    }

    /// Whether a mechanism has a holder already.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn has_holder(&self, mechanism: MechanismId) -> Result<bool, WriteError> {
        self.registrars_act()?;
        let mut sql = self.sql();
        sql.push("SELECT 1 FROM holder WHERE mechanism = ")
            .bind(mechanism.0);
        let row = self.transaction().query_one_raw(sql.into_statement());
        Ok(row.await?.is_some())
    }

    /// Revokes every token of a holder, a mechanism or a client; says whether there is one
    /// of this name. Who holds one is refused from the commit on, in every process.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn revoke(&mut self, whose: &Revoked) -> Result<bool, WriteError> {
        self.registrars_act()?;
        let (table, column, name) = match whose {
            Revoked::Holder(name) => ("holder", "subject", name),
            Revoked::Mechanism(code) => ("institution", "code", code),
            Revoked::Client(id) => ("client", "id", id),
        };
        let mut sql = self.sql();
        sql.push("UPDATE ")
            .push(table)
            .push(" SET epoch = epoch + 1 WHERE ");
        sql.push(column).push(" = ").bind(name.as_str());
        let done = self.transaction().execute_raw(sql.into_statement());
        Ok(done.await?.rows_affected() > 0)
    }

    fn registrars_act(&self) -> Result<(), WriteError> {
        if self.warrant.is_registrars() {
            Ok(())
        } else {
            Err(WriteRefused::Registrars.into())
        }
    }
}
