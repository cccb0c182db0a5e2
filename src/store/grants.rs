//! Grants to a person's file: given, resting on the person's words, and ended.
//!
//! A grant never lasts longer than the consent that it rests on, and what has ended is not
//! woken: who is to open the file again is given leave again.

use sea_orm::ConnectionTrait;

use super::{
    act::{Act, ActError},
    consent::NewGrant,
    standing::{On, sealed_fields},
    writer::WriteError,
};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{Known, grant::Grant, warrant::WriteRefused},
    id::{MechanismId, RecordId},
    identity::{kind::Kind, purpose::PurposeCode, watch::Ended},
    vocabulary::{NotificationType, codes::Coded},
};

impl Act {
    /// Gives an officer leave to open fields of a person's file.
    ///
    /// # Errors
    /// As [`super::Writer::give_grant`].
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
        let before = self.given(person.id()).await?;
        let whose = |grant: &Given| grant.holder == holder;
        self.end(person, whose, NotificationType::GrantEnded)
            .await?;
        Ok(before.iter().filter(|grant| whose(grant)).count())
    }

    /// Lets mechanisms be named on a file no longer than the last of them has leave to it:
    /// who has none is not told that there is one either.
    async fn named_as_long(
        &mut self,
        person: &Known<Person>,
        mechanisms: &[MechanismId],
    ) -> Result<(), ActError> {
        let left = self.given(person.id()).await?;
        for mechanism in mechanisms {
            let of = left.iter().filter(|grant| grant.mechanism == *mechanism);
            match of.map(|grant| grant.until).max() {
                None => {
                    self.unname(person, *mechanism).await?;
                }
                Some(last) => self.named_until(person, (*mechanism, last)).await?,
            }
        }
        Ok(())
    }

    /// Lets a mechanism be named on a file until a moment at most.
    pub(super) async fn named_until(
        &self,
        person: &Known<Person>,
        (mechanism, last): (MechanismId, Moment),
    ) -> Result<(), ActError> {
        let mut sql = self.writer.sql();
        sql.push("UPDATE record_named SET until = ")
            .bind(last.seconds());
        sql.push(" WHERE record = ").bind(person.id().0);
        sql.push(" AND mechanism = ").bind(mechanism.0);
        sql.push(" AND until > ").bind(last.seconds());
        self.writer.run(sql).await
    }

    /// A grant with the person's latest words on which it would rest.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn leave(&self, grant: &NewGrant) -> Result<Grant, ActError> {
        let leave = Grant {
            person: grant.person,
            mechanism: grant.mechanism,
            fields: sealed_fields(&grant.fields),
            purposes: grant.purposes.clone(),
            from: grant.from,
            until: grant.until,
            consents: Vec::new(),
        };
        self.resting(leave).await
    }

    /// The same of a grant that is read.
    pub(super) async fn resting(&self, grant: Grant) -> Result<Grant, ActError> {
        let mut grants = [grant];
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

    /// Ends grants to a person's file, at once and on the board, and with the last of a
    /// mechanism's that the mechanism is named on it.
    pub(super) async fn end(
        &mut self,
        person: &Known<Person>,
        which: impl Fn(&Given) -> bool,
        what: NotificationType,
    ) -> Result<(), ActError> {
        let ended = self.end_alone(person, which, what).await?;
        self.named_as_long(person, &ended).await
    }

    /// The same, whoever is named on it; says whose officers had them.
    pub(super) async fn end_alone(
        &mut self,
        person: &Known<Person>,
        which: impl Fn(&Given) -> bool,
        what: NotificationType,
    ) -> Result<Vec<MechanismId>, ActError> {
        let mut ended = Vec::new();
        self.writer.owed.leave.insert(person.id());
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
                let (person, holder) = (person.id(), grant.holder);
                self.writer.note(Ended::Grants { person, holder }).await?;
            }
        }
        ended.sort_unstable();
        ended.dedup();
        Ok(ended)
    }

    /// Grants to a person's file that nobody has ended, and that have not run out.
    pub(super) async fn given(&self, person: RecordId) -> Result<Vec<Given>, ActError> {
        let mut sql = self.writer.sql();
        sql.push(
            "SELECT id, mechanism, holder, purposes, fields, valid_from, valid_until \
             FROM disclosure_grant \
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
                from: Moment::from_seconds(row.try_get_by_index(5)?),
                until: Moment::from_seconds(row.try_get_by_index(6)?),
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
    from: Moment,
    pub(super) until: Moment,
}

impl Given {
    /// Whether it is to a mechanism's officer, for this purpose among others.
    pub(super) fn is_to(&self, mechanism: MechanismId, purpose: PurposeCode) -> bool {
        let mut purposes = self.purposes.iter();
        self.mechanism == mechanism && purposes.any(|code| code == purpose.code())
    }

    /// The grant as a rule reads it, without the words that it rests on.
    pub(super) fn leave(&self, person: RecordId) -> Grant {
        let purposes = self.purposes.iter();
        Grant {
            person,
            mechanism: self.mechanism,
            fields: sealed_fields(&self.fields),
            purposes: purposes
                .filter_map(|code| PurposeCode::from_code(code))
                .collect(),
            from: self.from,
            until: self.until,
            consents: Vec::new(),
        }
    }
}
