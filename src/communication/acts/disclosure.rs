//! Asking another secretariat for a person's file, and answering.

use super::file::{self, AskedGrant, FileField};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::warrant::WriteRefused,
    id::RecordId,
    identity::purpose::PurposeCode,
    journal::EntryKind,
    mechanism,
    store::{
        act::{Act, ActError, check_text},
        disclosure::DisclosureRequest,
    },
    vocabulary::{DisclosureStatus, NotificationType, codes::Coded},
};

/// Bytes of a reference, and of a reason.
const REFERENCE: usize = 100;
const REASON: usize = 2_000;
/// Seconds that a request waits at most: 90 days.
const LONGEST: i64 = 90 * 24 * 3_600;

/// What one secretariat asks another.
pub struct Question {
    /// Code of the mechanism that is asked.
    pub mechanism: String,
    /// The reference under which the matter is thought to be there.
    pub reference: String,
    /// For what.
    pub purpose: PurposeCode,
    /// Which fields of the person's file.
    pub fields: Vec<FileField>,
    /// Why.
    pub reason: String,
    /// Until when an answer is awaited.
    pub due: Moment,
}

/// Leave that a request is answered with.
pub struct Granted {
    /// The person.
    pub person: Option<RecordId>,
    /// Which fields; those that were asked for where nothing is said.
    pub fields: Option<Vec<FileField>>,
    /// Until when.
    pub until: Moment,
}

/// Asks another secretariat for a person's file.
///
/// # Errors
/// Refuses values that are not valid, and a mechanism that is not known; never for what the
/// other secretariat has.
pub async fn ask(act: &mut Act, question: Question) -> Result<RecordId, ActError> {
    let viewer = act.reader().viewer();
    let (Some(from), Some(standing)) = (viewer.mechanism(), viewer.standing()) else {
        return Err(WriteRefused::TokenNeeded.into());
    };
    let (now, holder) = (viewer.now(), standing.subject().to_owned());
    check_text("reference", &question.reference, REFERENCE)?;
    check_text("reason", &question.reason, REASON)?;
    if question.fields.is_empty() {
        return Err(ActError::invalid("fields", "it asks for some fields"));
    }
    if question.due <= now || question.due > now.plus_seconds(LONGEST) {
        let sentence = "an answer is awaited until a moment to come, within 90 days";
        return Err(ActError::invalid("due", sentence));
    }
    let to = mechanism::institution(act, &question.mechanism).await?;
    let to = to.filter(|to| *to != from);
    let to =
        to.ok_or_else(|| ActError::invalid("mechanism", "no other mechanism has this code"))?;
    act.is_a(EntryKind::DisclosureAsk);
    act.is_about(file::names(&question.fields), Some(question.purpose.code()));
    let request = DisclosureRequest {
        id: RecordId::random(),
        from,
        holder,
        to,
        reference: question.reference,
        purpose: question.purpose,
        fields: file::columns(&question.fields),
        reason: question.reason,
        asked_at: now,
        due_at: question.due,
        status: DisclosureStatus::Waiting,
        person: None,
    };
    act.ask_disclosure(&request).await?;
    Ok(request.id)
}

/// Answers a request with leave to the officer who has asked: never for more than the
/// person has consented to. The officer's mechanism is named on the file as long.
///
/// # Errors
/// As giving a grant; refuses a request that does not wait.
pub async fn grant(
    act: &mut Act,
    id: Option<RecordId>,
    granted: Granted,
) -> Result<RecordId, ActError> {
    let request = act.asked(id).await?;
    let fields = match granted.fields {
        Some(fields) => fields,
        None => {
            let asked =
                |field: &&FileField| request.fields.iter().any(|name| name == field.column());
            FileField::ALL.iter().filter(asked).copied().collect()
        }
    };
    if fields
        .iter()
        .any(|field| !request.fields.iter().any(|name| name == field.column()))
    {
        return Err(ActError::invalid(
            "fields",
            "no more is granted than was asked for",
        ));
    }
    let leave = AskedGrant {
        holder: request.holder.clone(),
        purposes: vec![request.purpose],
        fields,
        until: granted.until,
    };
    let person = file::grant_to(act, granted.person, request.from, leave).await?;
    // A file exists for its secretariat and whom it names: without, the leave opens nothing.
    let file = act.find::<Person>(Some(person)).await?;
    act.name(&*file, request.from, granted.until).await?;
    act.answer_disclosure(&request, DisclosureStatus::Granted, Some(person))
        .await?;
    tell(act, &request, NotificationType::DisclosureGranted).await?;
    Ok(request.id)
}

/// Refuses a request. Who has asked is not told: to them it waits until it is due.
///
/// # Errors
/// Refuses who is not charged with grants, and a request that does not wait.
pub async fn refuse(act: &mut Act, id: Option<RecordId>) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::DisclosureRefuse);
    let request = act.asked(id).await?;
    act.answer_disclosure(&request, DisclosureStatus::Refused, None)
        .await?;
    Ok(request.id)
}

async fn tell(
    act: &mut Act,
    request: &DisclosureRequest,
    what: NotificationType,
) -> Result<(), ActError> {
    let to = (request.from, Some(request.holder.as_str()));
    let about = (crate::identity::kind::Kind::Person, request.id);
    act.writer().notify(to, what, about).await
}
