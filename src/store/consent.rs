//! What a person concerned has said, and what a word does to the leave that was given.

use super::{
    act::{Act, ActError},
    grants::Given,
    writer::{WriteError, Writer},
};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{Known, Level, grant::ConsentBasis},
    id::{MechanismId, RecordId},
    identity::{
        kind::{Kind, Right},
        purpose::PurposeCode,
        watch::Ended,
    },
    vocabulary::{NotificationType, codes::Coded},
};

/// What the person concerned has said, or who has decided in their stead.
#[derive(Clone, Debug)]
pub struct NewWord {
    /// The id of the word.
    pub id: RecordId,
    /// The person whose file it is about.
    pub person: RecordId,
    /// To which mechanism the file may be disclosed, or may not.
    pub recipient: MechanismId,
    /// For what.
    pub purpose: PurposeCode,
    /// Which fields; a word that takes leave back is about all.
    pub fields: Vec<String>,
    /// On what basis.
    pub basis: ConsentBasis,
    /// When it was said.
    pub given_at: Moment,
    /// Until when it holds.
    pub until: Moment,
}

/// Leave for one officer to open fields of one person's file.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// The id of the grant.
    pub id: RecordId,
    /// The person whose file it is.
    pub person: RecordId,
    /// The officer.
    pub holder: String,
    /// For which mechanism the officer acts.
    pub mechanism: MechanismId,
    /// For what.
    pub purposes: Vec<PurposeCode>,
    /// Which fields.
    pub fields: Vec<String>,
    /// From when.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// When it was ended before its time.
    pub ended: Option<Moment>,
}

impl Writer {
    /// Records a word of the person concerned.
    ///
    /// # Errors
    /// Refuses anyone but an owner of the person's record; fails where the database does.
    pub async fn record_consent(
        &mut self,
        owners: &[MechanismId],
        word: &NewWord,
    ) -> Result<(), WriteError> {
        self.warrant
            .may_write(Kind::Person, owners, Level::Victim)?;
        self.put_word(word).await
    }

    /// Puts a word beside the others on a person's file.
    pub(super) async fn put_word(&mut self, word: &NewWord) -> Result<(), WriteError> {
        self.written.push((Kind::Person, word.person));
        self.owed.leave.insert(word.person);
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
                word.id.0.into(),
                word.person.0.into(),
                word.recipient.0.into(),
                word.purpose.code().into(),
                serde_json::json!(word.fields).to_string().into(),
                word.basis.code().into(),
                word.given_at.seconds().into(),
                word.until.seconds().into(),
            ],
        )
        .await
    }

    /// Gives an officer leave to open fields of a person's file.
    ///
    /// # Errors
    /// Refuses anyone but an owner's officer with the role `GRANTS`, and oneself; fails
    /// where the database does.
    pub async fn give_grant(
        &mut self,
        owners: &[MechanismId],
        grant: &NewGrant,
    ) -> Result<(), WriteError> {
        self.warrant.may_grant(owners, &grant.holder)?;
        self.written.push((Kind::Person, grant.person));
        self.owed.leave.insert(grant.person);
        let purposes: Vec<&str> = grant.purposes.iter().map(|code| code.code()).collect();
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
                grant.id.0.into(),
                grant.person.0.into(),
                grant.holder.as_str().into(),
                grant.mechanism.0.into(),
                serde_json::json!(purposes).to_string().into(),
                serde_json::json!(grant.fields).to_string().into(),
                grant.from.seconds().into(),
                grant.until.seconds().into(),
                grant.ended.map(Moment::seconds).into(),
            ],
        )
        .await
    }
}

impl Act {
    /// Records a word of the person concerned. One that takes leave back ends, with it,
    /// every grant of the recipient's officers that rests on what was said before; one that
    /// gives leave for a shorter time shortens them. None gives new life to a grant.
    ///
    /// # Errors
    /// As [`Writer::record_consent`]; refuses a token without the right `consent:write`.
    pub async fn record_word(
        &mut self,
        person: &Known<Person>,
        word: &NewWord,
    ) -> Result<(), ActError> {
        self.writer.may_change(person)?;
        self.writer.warrant.may(Right::ConsentWrite)?;
        let owners = &person.facts().owners;
        let recipient = word.recipient;
        if word.basis.satisfies() {
            self.end_sleeping(person, (recipient, word.purpose)).await?;
            self.writer.record_consent(owners, word).await?;
            self.shorten(person, recipient).await?;
            let named = (recipient, word.until);
            return self.named_until(person, named).await;
        }
        self.writer.record_consent(owners, word).await?;
        self.drop_vital_interests(person, word).await?;
        // A grant is given for its purposes together: without one it does not stand.
        let ended = Ended::Consent {
            person: person.id(),
            recipient,
        };
        self.writer.note(ended).await?;
        let rests = |grant: &Given| grant.is_to(recipient, word.purpose);
        self.end(person, rests, NotificationType::ConsentWithdrawn)
            .await?;
        self.unname(person, recipient).await?;
        Ok(())
    }

    /// Ends the grants that a new word would wake: those that consent does not cover now.
    pub(super) async fn end_sleeping(
        &mut self,
        person: &Known<Person>,
        (recipient, purpose): (MechanismId, PurposeCode),
    ) -> Result<(), ActError> {
        let mut sleeping = Vec::new();
        for grant in self.given(person.id()).await? {
            if grant.is_to(recipient, purpose) {
                let leave = self.resting(grant.leave(person.id())).await?;
                sleeping.extend((!leave.is_consented(self.writer.at)).then_some(grant.id));
            }
        }
        let sleeps = |grant: &Given| sleeping.contains(&grant.id);
        let what = NotificationType::GrantEnded;
        self.end_alone(person, sleeps, what).await.map(|_| ())
    }

    /// Lets no grant to a mechanism's officers last longer than the consent that it rests on.
    async fn shorten(
        &mut self,
        person: &Known<Person>,
        recipient: MechanismId,
    ) -> Result<(), ActError> {
        let now = self.writer.at;
        for grant in self.given(person.id()).await? {
            if grant.mechanism != recipient {
                continue;
            }
            let leave = self.resting(grant.leave(person.id())).await?;
            let end = leave.rests_until(now).unwrap_or(now);
            if end < grant.until {
                let mut sql = self.writer.sql();
                sql.push("UPDATE disclosure_grant SET valid_until = ");
                sql.bind(end.seconds());
                sql.push(" WHERE id = ").bind(grant.id.0);
                self.writer.run(sql).await?;
            }
        }
        Ok(())
    }
}
