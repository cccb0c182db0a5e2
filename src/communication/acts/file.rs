//! The acts on a person's file: what the person has said, and who may open it.
//!
//! Consent is recorded by the secretariat that has the file, for one recipient and one
//! purpose. Another mechanism's officer is given leave only to what it covers, and loses
//! it when it is taken back.

use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{Known, grant::ConsentBasis},
    id::{MechanismId, RecordId},
    identity::purpose::PurposeCode,
    journal::EntryKind,
    mechanism,
    store::{
        act::{Act, ActError, check_text},
        consent::{NewGrant, NewWord},
    },
    vocabulary::codes::{Coded, codes},
};

/// Bytes of a holder's name at most.
const HOLDER: usize = 200;
/// Seconds that a grant lasts at most: a year.
const LONGEST: i64 = 366 * 24 * 3_600;

codes! {
    /// A sealed field of a person's file.
    pub FileField {
        /// The person's names.
        Names => "NAMES",
        /// The date of birth.
        BirthDate => "BIRTH_DATE",
        /// How the person can be reached.
        Contact => "CONTACT",
    }
}

impl FileField {
    pub(in crate::communication) fn column(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::BirthDate => "birth_date",
            Self::Contact => "contact",
        }
    }
}

/// A word of the person concerned, as it is told to the secretariat.
pub struct SaidWord {
    /// Code of the mechanism to which the file may be disclosed, or may not.
    pub recipient: String,
    /// For what.
    pub purpose: PurposeCode,
    /// Which fields.
    pub fields: Vec<FileField>,
    /// On what basis.
    pub basis: ConsentBasis,
    /// Until when it holds, where leave is given.
    pub until: Option<Moment>,
}

/// Leave that one officer is to have.
pub struct AskedGrant {
    /// The officer.
    pub holder: String,
    /// For what.
    pub purposes: Vec<PurposeCode>,
    /// Which fields.
    pub fields: Vec<FileField>,
    /// Until when.
    pub until: Moment,
}

/// Records what the person concerned has said.
///
/// # Errors
/// Refuses who does not keep the file, a file that was erased, and values that are not
/// valid.
pub async fn record_consent(
    act: &mut Act,
    id: Option<RecordId>,
    said: SaidWord,
) -> Result<RecordId, ActError> {
    let person = kept(act, id).await?;
    let now = person.viewer().now();
    let recipient = recipient(act, "recipient", &said.recipient).await?;
    if person.facts().owners.contains(&recipient) {
        let sentence = "the secretariat that keeps the file needs no consent to it";
        return Err(ActError::invalid("recipient", sentence));
    }
    if said.basis == ConsentBasis::VitalInterestOverride {
        let sentence = "an override is the finding of two officers, not a word of the person";
        return Err(ActError::invalid("basis", sentence));
    }
    let until = if said.basis.satisfies() {
        if said.fields.is_empty() {
            return Err(ActError::invalid(
                "fields",
                "leave is given for some fields",
            ));
        }
        let until = said.until.filter(|until| *until > now);
        until.ok_or_else(|| {
            ActError::invalid("validUntil", "leave is given until a moment to come")
        })?
    } else {
        now
    };
    let word = NewWord {
        id: RecordId::random(),
        person: person.id(),
        recipient,
        purpose: said.purpose,
        fields: columns(&said.fields),
        basis: said.basis,
        given_at: now,
        until,
    };
    act.is_a(EntryKind::ConsentRecord);
    act.is_about(names(&said.fields), Some(said.purpose.code()));
    act.record_word(&person, &word).await?;
    Ok(person.id())
}

/// Gives an officer leave to open fields of a person's file.
///
/// # Errors
/// Refuses who is not charged with it, oneself, and what the person has not consented to.
pub async fn give_grant(
    act: &mut Act,
    id: Option<RecordId>,
    mechanism: &str,
    asked: AskedGrant,
) -> Result<RecordId, ActError> {
    let person = kept(act, id).await?;
    let mechanism = recipient(act, "mechanism", mechanism).await?;
    grant_to(act, Some(person.id()), mechanism, asked).await
}

/// The same, for an officer of a mechanism that is known.
///
/// # Errors
/// As [`give_grant`].
pub async fn grant_to(
    act: &mut Act,
    id: Option<RecordId>,
    mechanism: MechanismId,
    asked: AskedGrant,
) -> Result<RecordId, ActError> {
    let person = kept(act, id).await?;
    let now = person.viewer().now();
    check_text("holder", &asked.holder, HOLDER)?;
    if asked.purposes.is_empty() || asked.fields.is_empty() {
        let sentence = "a grant is for some purposes and some fields";
        return Err(ActError::invalid("purposes", sentence));
    }
    if asked.until <= now || asked.until > now.plus_seconds(LONGEST) {
        let sentence = "a grant ends at a moment to come, within a year";
        return Err(ActError::invalid("validUntil", sentence));
    }
    let fields = columns(&asked.fields);
    let grant = NewGrant {
        id: RecordId::random(),
        person: person.id(),
        holder: asked.holder,
        mechanism,
        purposes: asked.purposes,
        fields,
        from: now,
        until: asked.until,
        ended: None,
    };
    act.is_a(EntryKind::GrantGive);
    act.is_about(names(&asked.fields), one(&grant.purposes));
    act.give_grant(&person, &grant).await?;
    if person.viewer().mechanism() == Some(mechanism) {
        // Another mechanism's officers are not told of: a name that is none opens nothing.
        act.is_own_holder(&grant.holder).await?;
    }
    if !person.facts().owners.contains(&mechanism) {
        // Asked after the office is: who may not give grants learns nothing of consents.
        let leave = act.leave(&grant).await?;
        if !leave.is_consented(now) {
            let sentence = "the person has not consented to this disclosure";
            return Err(ActError::conflict(sentence));
        }
        let end = leave.rests_until(now).unwrap_or(now);
        if grant.until > end {
            let end = end.rfc3339();
            let sentence = format!("it rests on a consent, or a finding, that ends at {end}");
            return Err(ActError::invalid("validUntil", sentence));
        }
    }
    Ok(person.id())
}

/// Ends the grants of one officer to a person's file.
///
/// # Errors
/// Refuses who is not charged with it, and where there is nothing to end.
pub async fn end_grants(
    act: &mut Act,
    id: Option<RecordId>,
    holder: &str,
) -> Result<RecordId, ActError> {
    let person = act.find::<Person>(id).await?;
    act.is_a(EntryKind::GrantEnd);
    if act.end_grants(&person, holder).await? == 0 {
        let sentence = "this officer has no grant to this file";
        return Err(ActError::conflict(sentence));
    }
    Ok(person.id())
}

pub(super) type File = std::sync::Arc<Known<Person>>;

/// A file that was not erased.
pub(super) async fn kept(act: &Act, id: Option<RecordId>) -> Result<File, ActError> {
    let person = act.find::<Person>(id).await?;
    if person.facts().erased {
        return Err(ActError::conflict("the file was erased"));
    }
    Ok(person)
}

pub(super) async fn recipient(
    act: &Act,
    field: &'static str,
    code: &str,
) -> Result<MechanismId, ActError> {
    let found = mechanism::institution(act, code).await?;
    found.ok_or_else(|| ActError::invalid(field, "no mechanism has this code"))
}

pub(super) fn names(fields: &[FileField]) -> Vec<&'static str> {
    fields.iter().map(|field| field.column()).collect()
}

pub(super) fn columns(fields: &[FileField]) -> Vec<String> {
    names(fields).into_iter().map(str::to_owned).collect()
}

/// The purpose, where there is only one.
fn one(purposes: &[PurposeCode]) -> Option<&'static str> {
    match purposes {
        [only] => Some(only.code()),
        _ => None,
    }
}
