//! The acts of the registrar: admitting institutions, holders and clients.

use sea_orm::ConnectionTrait;

use super::writer::{WriteError, Writer};
use crate::{
    clock::Moment,
    confidentiality::{Level, warrant::WriteRefused},
    id::MechanismId,
    identity::holder::{HolderKind, Proof, Role},
    vocabulary::codes::Coded,
};

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

    /// Admits a client program, with the highest level that it may carry and whether its
    /// tokens are bound to a key of its own.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn admit_client(
        &mut self,
        id: &str,
        cap: Level,
        proof: Option<Proof>,
    ) -> Result<(), WriteError> {
        self.registrars_act()?;
        let proof = proof.map(Proof::code);
        let row = vec![id.into(), cap.code().into(), 0_i64.into(), proof.into()];
        self.admit("client", "id", &["id", "cap", "epoch", "dpop"], row)
            .await
    }

    /// Sets whether the tokens of a client are bound to a key; says whether there is one.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn set_proof(&mut self, client: &str, proof: Proof) -> Result<bool, WriteError> {
        self.registrars_act()?;
        let mut sql = self.sql();
        sql.push("UPDATE client SET dpop = ").bind(proof.code());
        sql.push(" WHERE id = ").bind(client);
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        Ok(done.rows_affected() > 0)
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

    pub(super) fn registrars_act(&self) -> Result<(), WriteError> {
        if self.warrant.is_registrars() {
            Ok(())
        } else {
            Err(WriteRefused::Registrars.into())
        }
    }
}
