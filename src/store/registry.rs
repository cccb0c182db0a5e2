//! The acts of the registrar: admitting institutions, holders and clients.

use super::writer::{WriteError, Writer};
use crate::{
    clock::Moment,
    confidentiality::{Level, warrant::WriteRefused},
    id::MechanismId,
    identity::holder::{HolderKind, Role},
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

    fn registrars_act(&self) -> Result<(), WriteError> {
        if self.warrant.is_registrars() {
            Ok(())
        } else {
            Err(WriteRefused::BeyondScope.into())
        }
    }
}
