//! The acts on a person's file: what the person has said, and who may open it.

use super::writer::{WriteError, Writer};
use crate::{
    clock::Moment,
    confidentiality::Level,
    id::{MechanismId, RecordId},
    identity::{kind::Kind, purpose::PurposeCode},
};

impl Writer {
    /// Records what the person concerned has said, or who has decided in their stead.
    ///
    /// # Errors
    /// Refuses anyone but an owner of the person's record; fails where the database does.
    #[expect(clippy::too_many_arguments, reason = "each is a column of one row")]
    pub async fn record_consent(
        &mut self,
        person: RecordId,
        owners: &[MechanismId],
        recipient: MechanismId,
        purpose: PurposeCode,
        fields: &[String],
        basis: &'static str,
        (given_at, until): (Moment, Moment),
    ) -> Result<(), WriteError> {
        self.warrant
            .may_write(Kind::Person, owners, Level::Victim)?;
        let key = format!(
            "{}:{}:{}:{}:{basis}",
            person.0,
            recipient.0,
            purpose.code(),
            given_at.seconds()
        );
        self.admit(
            "consent",
            "id",
            &[
                "id",
                "person",
                "recipient",
                "purpose",
                "fields",
                "basis",
                "given_at",
                "valid_until",
            ],
            vec![
                RecordId::derived(Kind::Person, &key).0.into(),
                person.0.into(),
                recipient.0.into(),
                purpose.code().into(),
                serde_json::json!(fields).to_string().into(),
                basis.into(),
                given_at.seconds().into(),
                until.seconds().into(),
            ],
        )
        .await
    }

    /// Gives an officer leave to open fields of a person's file.
    ///
    /// # Errors
    /// Refuses anyone but an owner's officer with the role `GRANTS`, and oneself; fails
    /// where the database does.
    #[expect(clippy::too_many_arguments, reason = "each is a column of one row")]
    pub async fn give_grant(
        &mut self,
        person: RecordId,
        owners: &[MechanismId],
        holder: &str,
        mechanism: MechanismId,
        purposes: &[String],
        fields: &[String],
        (from, until, ended): (Moment, Moment, Option<Moment>),
    ) -> Result<(), WriteError> {
        self.warrant.may_grant(owners, holder)?;
        let key = format!(
            "{}:{holder}:{}:{}",
            person.0,
            from.seconds(),
            until.seconds()
        );
        self.admit(
            "disclosure_grant",
            "id",
            &[
                "id",
                "person",
                "holder",
                "mechanism",
                "purposes",
                "fields",
                "valid_from",
                "valid_until",
                "ended_at",
            ],
            vec![
                RecordId::derived(Kind::Person, &key).0.into(),
                person.0.into(),
                holder.into(),
                mechanism.0.into(),
                serde_json::json!(purposes).to_string().into(),
                serde_json::json!(fields).to_string().into(),
                from.seconds().into(),
                until.seconds().into(),
                ended.map(Moment::seconds).into(),
            ],
        )
        .await
    }
}
