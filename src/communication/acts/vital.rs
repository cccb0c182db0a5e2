//! The acts on an override of consent: where a life depends on it, two officers find that a
//! file may be disclosed without the person's word, for 72 hours.

use super::file::{self, FileField};
use crate::{
    confidentiality::warrant::WriteRefused,
    id::RecordId,
    identity::purpose::PurposeCode,
    journal::EntryKind,
    store::{
        act::{Act, ActError, check_text},
        vital::VitalInterest,
    },
    vocabulary::{VitalInterestStatus, codes::Coded},
};

/// Bytes of a reason at most.
const REASON: usize = 2_000;

/// What the first officer finds.
pub struct Finding {
    /// Code of the mechanism to which the file is to be disclosed.
    pub recipient: String,
    /// For what.
    pub purpose: PurposeCode,
    /// Which fields.
    pub fields: Vec<FileField>,
    /// Why.
    pub reason: String,
}

/// Finds, as the first of two officers, that a vital interest overrides consent.
///
/// # Errors
/// Refuses who does not keep the file, a file that was erased, and values that are not
/// valid.
pub async fn invoke(
    act: &mut Act,
    id: Option<RecordId>,
    finding: Finding,
) -> Result<RecordId, ActError> {
    let person = file::kept(act, id).await?;
    let viewer = person.viewer();
    let standing = viewer.standing().ok_or(WriteRefused::TokenNeeded)?;
    let (now, subject) = (viewer.now(), standing.subject().to_owned());
    check_text("reason", &finding.reason, REASON)?;
    if finding.fields.is_empty() {
        return Err(ActError::invalid("fields", "it is about some fields"));
    }
    let recipient = file::recipient(act, "recipient", &finding.recipient).await?;
    if person.facts().owners.contains(&recipient) {
        let sentence = "the secretariat that keeps the file needs no consent to it";
        return Err(ActError::invalid("recipient", sentence));
    }
    act.is_a(EntryKind::VitalInterestInvoke);
    act.is_about(file::names(&finding.fields), Some(finding.purpose.code()));
    let found = VitalInterest {
        id: RecordId::random(),
        person: person.id(),
        recipient,
        purpose: finding.purpose,
        fields: file::columns(&finding.fields),
        reason: finding.reason,
        subject,
        asked_at: now,
        confirmed: None,
    };
    act.invoke_vital_interest(&person, &found).await?;
    Ok(person.id())
}

/// Confirms it as the second officer: it overrides consent from now on.
///
/// # Errors
/// Refuses who is not charged with grants, who has found it, and who would receive.
pub async fn confirm(
    act: &mut Act,
    id: Option<RecordId>,
    found: Option<RecordId>,
) -> Result<RecordId, ActError> {
    let person = file::kept(act, id).await?;
    let found = act.vital_interest(&person, found).await?;
    act.is_a(EntryKind::VitalInterestConfirm);
    about(act, &found);
    act.confirm_vital_interest(&person, &found).await?;
    Ok(person.id())
}

/// Refuses it, takes it back, or ends it before its time.
///
/// # Errors
/// Refuses who may neither record consent nor is charged with grants.
pub async fn end(
    act: &mut Act,
    id: Option<RecordId>,
    found: Option<RecordId>,
) -> Result<RecordId, ActError> {
    let person = act.find(id).await?;
    let found = act.vital_interest(&person, found).await?;
    act.is_a(match found.status() {
        VitalInterestStatus::Pending => EntryKind::VitalInterestRefuse,
        VitalInterestStatus::InForce => EntryKind::VitalInterestEnd,
    });
    about(act, &found);
    act.end_vital_interest(&person, &found).await?;
    Ok(person.id())
}

fn about(act: &mut Act, found: &VitalInterest) {
    let fields = FileField::ALL.iter().copied();
    let fields = fields.filter(|field| found.fields.iter().any(|name| name == field.column()));
    let fields: Vec<FileField> = fields.collect();
    act.is_about(file::names(&fields), Some(found.purpose.code()));
}
