//! The acts on a person's file: what the person has said, and who may open it.

use sea_orm::ConnectionTrait;

use super::{
    act::{Act, ActError},
    standing::{On, sealed_fields},
    writer::{WriteError, Writer},
};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{
        Known, Level,
        grant::{ConsentBasis, Grant},
        warrant::WriteRefused,
    },
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
    /// every grant of the recipient's officers that rests on what was said before.
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
        self.writer.record_consent(owners, word).await?;
        if word.basis.satisfies() {
            return Ok(());
        }
        self.drop_vital_interests(person, word).await?;
        // A grant is given for its purposes together: without one it does not stand.
        let of = word.purpose.code();
        let recipient = word.recipient;
        let ended = Ended::Consent {
            person: person.id(),
            recipient,
        };
        self.writer.note(ended).await?;
        self.unname(person, recipient).await?;
        let rests = |grant: &Given| {
            grant.mechanism == recipient && grant.purposes.iter().any(|purpose| purpose == of)
        };
        self.end(person, rests, NotificationType::ConsentWithdrawn)
            .await?;
        Ok(())
    }

    /// Gives an officer leave to open fields of a person's file.
    ///
    /// # Errors
    /// As [`Writer::give_grant`].
    pub async fn give_grant(
        &mut self,
        person: &Known<Person>,
        grant: &NewGrant,
    ) -> Result<(), ActError> {
        self.writer.may_change(person)?;
        let owners = &person.facts().owners;
        self.writer.give_grant(owners, grant).await?;
        let to = (grant.mechanism, grant.holder.as_str());
        self.tell(person, to, NotificationType::GrantGiven).await
    }

    /// Whether a holder of the viewer's own mechanism has this name.
    ///
    /// # Errors
    /// Refuses a name that none of them has.
    pub async fn is_own_holder(&self, subject: &str) -> Result<(), ActError> {
        let own = self.reader().viewer().mechanism();
        let own = own.ok_or(WriteRefused::TokenNeeded)?;
        let mut sql = self.writer.sql();
        sql.push("SELECT 1 FROM holder WHERE subject = ")
            .bind(subject);
        sql.push(" AND mechanism = ").bind(own.0);
        let row = self
            .writer
            .transaction()
            .query_one_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        if row.is_none() {
            let sentence = "your mechanism has no holder of this name";
            return Err(ActError::invalid("holder", sentence));
        }
        Ok(())
    }

    /// Ends the grants of one officer to a person's file; says how many.
    ///
    /// # Errors
    /// Refuses anyone but an owner's officer with the role `GRANTS`.
    pub async fn end_grants(
        &mut self,
        person: &Known<Person>,
        holder: &str,
    ) -> Result<usize, ActError> {
        self.writer.may_change(person)?;
        self.writer.warrant.may_end_grants(&person.facts().owners)?;
        self.writer.written.push((Kind::Person, person.id()));
        let ended = Ended::Grants {
            person: person.id(),
            holder: holder.to_owned(),
        };
        self.writer.note(ended).await?;
        let whose = |grant: &Given| grant.holder == holder;
        let ended = self.end(person, whose, NotificationType::GrantEnded);
        let ended = ended.await?;
        // Who has no leave to the file any more is not told that there is one either.
        self.unname_without_leave(person, &ended).await?;
        Ok(ended.len())
    }

    /// Takes the names of those mechanisms off a file that have no leave to it any more.
    pub(super) async fn unname_without_leave(
        &mut self,
        person: &Known<Person>,
        ended: &[MechanismId],
    ) -> Result<(), ActError> {
        let left = self.given(person.id()).await?;
        for mechanism in ended {
            if !left.iter().any(|grant| grant.mechanism == *mechanism) {
                self.unname(person, *mechanism).await?;
            }
        }
        Ok(())
    }

    /// Leave for fields of a person's file as it would rest on the person's latest words.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn leave(
        &self,
        person: RecordId,
        (mechanism, purpose): (MechanismId, PurposeCode),
        fields: &[String],
    ) -> Result<Grant, ActError> {
        let now = self.writer.at;
        let mut grants = [Grant {
            person,
            mechanism,
            fields: sealed_fields(fields),
            purposes: vec![purpose],
            from: now,
            until: now,
            consents: Vec::new(),
        }];
        let on = On {
            store: self.reader().store(),
            connection: self.writer.transaction(),
        };
        on.add_consents(&mut grants).await?;
        let [grant] = grants;
        Ok(grant)
    }

    /// Tells the officer whose leave it is, and nobody else at the same mechanism.
    async fn tell(
        &self,
        person: &Known<Person>,
        (mechanism, holder): (MechanismId, &str),
        what: NotificationType,
    ) -> Result<(), ActError> {
        let about = (Kind::Person, person.id());
        let to = (mechanism, Some(holder));
        self.writer.notify(to, what, about).await
    }

    pub(super) async fn end(
        &mut self,
        person: &Known<Person>,
        which: impl Fn(&Given) -> bool,
        what: NotificationType,
    ) -> Result<Vec<MechanismId>, ActError> {
        let mut ended = Vec::new();
        for grant in self.given(person.id()).await? {
            if which(&grant) {
                let mut sql = self.writer.sql();
                sql.push("UPDATE disclosure_grant SET ended_at = ");
                sql.bind(self.writer.at.seconds());
                sql.push(" WHERE id = ").bind(grant.id.0);
                self.writer.run(sql).await?;
                let to = (grant.mechanism, grant.holder.as_str());
                self.tell(person, to, what).await?;
                ended.push(grant.mechanism);
            }
        }
        Ok(ended)
    }

    /// Grants to a person's file that nobody has ended, and that have not run out.
    pub(super) async fn given(&self, person: RecordId) -> Result<Vec<Given>, ActError> {
        let mut sql = self.writer.sql();
        sql.push(
            "SELECT id, mechanism, holder, purposes, fields FROM disclosure_grant \
             WHERE ended_at IS NULL AND person = ",
        );
        sql.bind(person.0).push(" AND valid_until > ");
        sql.bind(self.writer.at.seconds()).push(" ORDER BY id");
        let rows = self
            .writer
            .transaction()
            .query_all_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        let read = |row: &sea_orm::QueryResult| {
            let (purposes, fields): (String, String) =
                (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
            Ok::<_, sea_orm::DbErr>(Given {
                id: RecordId(row.try_get_by_index(0)?),
                mechanism: MechanismId(row.try_get_by_index(1)?),
                holder: row.try_get_by_index(2)?,
                purposes: serde_json::from_str(&purposes).unwrap_or_default(),
                fields: serde_json::from_str(&fields).unwrap_or_default(),
            })
        };
        let given = rows.iter().map(read).collect::<Result<_, _>>();
        Ok(given.map_err(WriteError::from)?)
    }
}

/// A grant as it is stored, as far as ending it needs.
pub(super) struct Given {
    pub(super) id: RecordId,
    pub(super) mechanism: MechanismId,
    pub(super) holder: String,
    pub(super) purposes: Vec<String>,
    pub(super) fields: Vec<String>,
}
