//! The acts on an agreement: draft, sign, suspend, resume, end.
//!
//! Each party signs for itself; when all have, the clauses open what they name. Any party
//! closes them at once, and who has suspended an agreement resumes it.

use super::{Agreement, Clause};
use crate::{
    clock::Moment,
    confidentiality::{FieldIndex, Known, Level, facts::CountryCode, warrant::WriteRefused},
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    journal::EntryKind,
    mechanism,
    store::{
        act::{Act, ActError, RefusalCode, check_text},
        values::told as no_such_theme,
        writer::NewRecord,
    },
    vocabulary::{
        AgreementForm, AgreementStatus, ClausePurpose, InformationKind, NotificationType as What,
        codes::Coded, is_theme,
    },
};

/// Parties that one agreement has at most.
const PARTIES: usize = 20;
/// Clauses that one agreement has at most.
const CLAUSES: usize = 50;
/// Drafts that one mechanism has open for signature at most.
const DRAFTS: i64 = 100;
/// Bytes of a title, and of what an agreement is about.
const TITLE: usize = 300;
const SCOPE: usize = 4_000;

const SIGNATORIES: (FieldIndex, &str) = (Agreement::signatories, "signatories");
const SUSPENDED_BY: (FieldIndex, &str) = (Agreement::suspended_by, "suspended_by");

/// An agreement that one party proposes to the others.
pub struct NewAgreement {
    /// What it is called.
    pub title: String,
    /// Its form.
    pub form: AgreementForm,
    /// What it is about.
    pub scope: Option<String>,
    /// Codes of the parties.
    pub parties: Vec<String>,
    /// From when it is to be in force.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
    /// At which level it is known that it is there, once every party has signed.
    pub known_to: Level,
    /// What it lets its parties see of each other.
    pub clauses: Vec<NewClause>,
}

/// A clause of a proposed agreement.
pub struct NewClause {
    /// Code of the party whose records it opens.
    pub from_mechanism: String,
    /// Code of the party to whom it opens them.
    pub to_mechanism: String,
    /// Kinds of information that it covers.
    pub kinds: Vec<InformationKind>,
    /// ISO alpha-3 codes of the States that it names, or `ALL`.
    pub countries: Vec<String>,
    /// Codes of the themes that it names, or `ALL`.
    pub topics: Vec<String>,
    /// The highest level that it opens.
    pub cap: Level,
    /// Purposes for which the information may be used.
    pub purposes: Vec<ClausePurpose>,
    /// From when it holds; the agreement's own where nothing is said.
    pub from: Option<Moment>,
    /// Until when it holds; the agreement's own where nothing is said.
    pub until: Option<Moment>,
    /// Whether the recipient may pass the information on.
    pub onward_sharing: bool,
}

/// Proposes an agreement: its parties may know of it, and nobody else.
///
/// # Errors
/// Refuses values that are not valid, and an agreement that one is no party to.
pub async fn draft(act: &mut Act, new: NewAgreement) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::ChannelDraft);
    check(&new)?;
    let mut parties = Vec::new();
    for code in &new.parties {
        let party = party(act, code).await?;
        if parties.contains(&party) {
            return Err(ActError::invalid(
                "parties",
                format!("`{code}` is named twice"),
            ));
        }
        parties.push(party);
    }
    let place = |code: &str| {
        let place = new.parties.iter().position(|party| party == code);
        place.and_then(|place| parties.get(place)).copied()
    };
    let own = act.reader().viewer().mechanism();
    let own = own.ok_or(WriteRefused::TokenNeeded)?;
    let open = [AgreementStatus::Draft, AgreementStatus::UnderNegotiation];
    let drafts = act.open_proposals::<Agreement>(("proposer_id", own), &open);
    if drafts.await? >= DRAFTS {
        let sentence = "your mechanism has as many drafts open as it may; take some of them back";
        return Err(ActError::conflict(sentence));
    }
    let owners: Vec<MechanismId> = parties.iter().copied().map(MechanismId::from).collect();
    let agreement = RecordId::random();
    // Its owners alone may know of it.
    let proposed = |id| NewRecord::of(id, owners.clone(), Level::Secretariat);
    let mut record = proposed(agreement);
    record.values = vec![
        ("title", new.title.as_str().into()),
        ("form", new.form.code().into()),
        ("status", AgreementStatus::Draft.code().into()),
        ("scope", new.scope.clone().into()),
        ("valid_from", new.from.seconds().into()),
        ("valid_until", new.until.seconds().into()),
        ("known_to", new.known_to.code().into()),
        ("proposer_id", own.0.into()),
    ];
    record.links = parties.iter().map(|party| ("parties", *party)).collect();
    act.writer().add::<Agreement>(&record).await?;
    for clause in &new.clauses {
        let (Some(from), Some(to)) = (place(&clause.from_mechanism), place(&clause.to_mechanism))
        else {
            return Err(ActError::invalid(
                "clauses",
                "a clause is between two parties",
            ));
        };
        let list = |texts: &[String]| serde_json::json!(texts).to_string();
        let mut record = proposed(RecordId::random());
        record.values = vec![
            ("kinds", codes(&clause.kinds).into()),
            ("countries", list(&clause.countries).into()),
            ("topics", list(&clause.topics).into()),
            ("cap", clause.cap.code().into()),
            ("purposes", codes(&clause.purposes).into()),
            (
                "valid_from",
                clause.from.unwrap_or(new.from).seconds().into(),
            ),
            (
                "valid_until",
                clause.until.unwrap_or(new.until).seconds().into(),
            ),
            ("onward_sharing", clause.onward_sharing.into()),
            ("agreement_id", agreement.0.into()),
            ("from_mechanism_id", from.0.into()),
            ("to_mechanism_id", to.0.into()),
        ];
        act.writer().add::<Clause>(&record).await?;
    }
    tell(act, (&owners, own), agreement, What::AgreementDrafted).await?;
    Ok(agreement)
}

/// Signs for one's own mechanism; with the last signature the agreement is in force.
///
/// # Errors
/// Refuses who is no party or not charged with signing, and an agreement that is not open
/// for signature.
pub async fn sign(act: &mut Act, id: Option<RecordId>) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::ChannelSign);
    let (agreement, own) = for_signature(act, id).await?;
    if !matches!(
        status(&agreement),
        Some(AgreementStatus::Draft | AgreementStatus::UnderNegotiation)
    ) {
        return Err(ActError::conflict("only a draft is signed"));
    }
    let mut signed = act.writer().linked(&*agreement, "signatories").await?;
    if signed.contains(&own.into()) {
        return Err(ActError::conflict("your mechanism has signed it already"));
    }
    act.writer()
        .link(&*agreement, SIGNATORIES, own.into())
        .await?;
    signed.push(own.into());
    let owners = &agreement.facts().owners;
    if !owners.iter().all(|owner| signed.contains(&(*owner).into())) {
        set(act, &agreement, AgreementStatus::UnderNegotiation).await?;
        tell_others(act, &agreement, own, What::AgreementSigned).await?;
        return Ok(agreement.id());
    }
    let today = PartialDate::of_day(agreement.viewer().now());
    let signed_on = vec![("signed_on", today.as_str().into())];
    act.writer().change(&*agreement, signed_on).await?;
    set(act, &agreement, AgreementStatus::InForce).await?;
    let known_to = agreement.open(|row| &row.known_to).visible().flatten();
    if let Some(known_to) = known_to {
        act.writer().set_existence(&*agreement, *known_to).await?;
    }
    tell_others(act, &agreement, own, What::AgreementInForce).await?;
    Ok(agreement.id())
}

/// Suspends an agreement in force: its channels are closed when this is committed.
///
/// # Errors
/// Refuses who is no party, and an agreement that is not in force.
pub async fn suspend(act: &mut Act, id: Option<RecordId>) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::ChannelSuspend);
    let (agreement, own) = own(act, id).await?;
    match status(&agreement) {
        Some(AgreementStatus::InForce | AgreementStatus::Suspended) => {}
        _ => {
            return Err(ActError::conflict(
                "only an agreement in force is suspended",
            ));
        }
    }
    let before = act.writer().linked(&*agreement, "suspended_by").await?;
    if status(&agreement) == Some(AgreementStatus::Suspended) && before.is_empty() {
        // By whom is not on record: nobody's own word may stand in for it.
        return Err(ActError::conflict("it is suspended already"));
    }
    if before.contains(&own.into()) {
        return Err(ActError::conflict(
            "your mechanism has suspended it already",
        ));
    }
    act.writer()
        .link(&*agreement, SUSPENDED_BY, own.into())
        .await?;
    act.writer().close_agreement(agreement.id()).await?;
    set(act, &agreement, AgreementStatus::Suspended).await?;
    tell_others(act, &agreement, own, What::AgreementSuspended).await?;
    Ok(agreement.id())
}

/// Takes one's own suspension back; when no party's is left the agreement is in force again.
///
/// # Errors
/// Refuses who is no party or not charged with signing, and who has not suspended it.
pub async fn resume(act: &mut Act, id: Option<RecordId>) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::ChannelResume);
    let (agreement, own) = for_signature(act, id).await?;
    let mut left = act.writer().linked(&*agreement, "suspended_by").await?;
    let suspended = status(&agreement) == Some(AgreementStatus::Suspended);
    if !suspended || !left.contains(&own.into()) {
        return Err(ActError::conflict("your mechanism has not suspended it"));
    }
    act.writer()
        .unlink(&*agreement, SUSPENDED_BY, own.into())
        .await?;
    left.retain(|party| *party != own.into());
    if left.is_empty() {
        set(act, &agreement, AgreementStatus::InForce).await?;
    }
    tell_others(act, &agreement, own, What::AgreementResumed).await?;
    Ok(agreement.id())
}

/// Ends an agreement, or takes a draft back, for good.
///
/// # Errors
/// Refuses who is no party or not charged with signing, and an agreement that has ended.
pub async fn terminate(act: &mut Act, id: Option<RecordId>) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::ChannelTerminate);
    let (agreement, own) = for_signature(act, id).await?;
    match status(&agreement) {
        Some(AgreementStatus::Terminated | AgreementStatus::Expired) | None => {
            Err(ActError::conflict("it has ended already"))
        }
        Some(_) => {
            act.writer().close_agreement(agreement.id()).await?;
            set(act, &agreement, AgreementStatus::Terminated).await?;
            tell_others(act, &agreement, own, What::AgreementTerminated).await?;
            Ok(agreement.id())
        }
    }
}

/// Tells the parties of an agreement what one of them has done.
async fn tell_others(
    act: &mut Act,
    agreement: &Known<Agreement>,
    own: MechanismId,
    what: What,
) -> Result<(), ActError> {
    let owners = &agreement.facts().owners;
    tell(act, (owners, own), agreement.id(), what).await
}

async fn tell(
    act: &mut Act,
    (parties, own): (&[MechanismId], MechanismId),
    agreement: RecordId,
    what: What,
) -> Result<(), ActError> {
    let about = (Kind::Agreement, agreement);
    for party in parties.iter().filter(|party| **party != own) {
        act.writer().notify((*party, None), what, about).await?;
    }
    Ok(())
}

type Own = (std::sync::Arc<Known<Agreement>>, MechanismId);

/// An agreement of the viewer's own mechanism.
async fn own(act: &Act, id: Option<RecordId>) -> Result<Own, ActError> {
    let agreement = act.find::<Agreement>(id).await?;
    let own = agreement.viewer().mechanism();
    let party = own.filter(|own| agreement.facts().owners.contains(own));
    let party = party.ok_or_else(|| RefusalCode::Forbidden.says("this is for its parties"))?;
    act.may_change(&*agreement)?;
    for (edge, _) in [SIGNATORIES, SUSPENDED_BY] {
        act.may_change_field(&*agreement, edge)?;
    }
    Ok((agreement, party))
}

async fn for_signature(act: &Act, id: Option<RecordId>) -> Result<Own, ActError> {
    let found = own(act, id).await?;
    act.may_sign()?;
    Ok(found)
}

fn status(agreement: &Known<Agreement>) -> Option<AgreementStatus> {
    let status = agreement.open(|row| &row.status).visible().flatten();
    status.copied()
}

async fn set(
    act: &mut Act,
    agreement: &Known<Agreement>,
    status: AgreementStatus,
) -> Result<(), ActError> {
    let status = vec![("status", status.code().into())];
    act.writer().change(agreement, status).await
}

async fn party(act: &Act, code: &str) -> Result<RecordId, ActError> {
    let found = mechanism::institution(act, code).await?;
    let found = found.map(RecordId::from);
    found.ok_or_else(|| ActError::invalid("parties", format!("no mechanism has the code `{code}`")))
}

fn check(new: &NewAgreement) -> Result<(), ActError> {
    check_text("title", &new.title, TITLE)?;
    if let Some(scope) = &new.scope {
        check_text("scope", scope, SCOPE)?;
    }
    if !(2..=PARTIES).contains(&new.parties.len()) {
        return Err(ActError::invalid(
            "parties",
            format!("it has two to {PARTIES} parties"),
        ));
    }
    for code in &new.parties {
        check_text("parties", code, 100)?;
    }
    if new.until <= new.from {
        return Err(ActError::invalid("validUntil", "it ends after it begins"));
    }
    if new.known_to > Level::Secretariat {
        return Err(ActError::invalid("knownTo", "no record exists at `VICTIM`"));
    }
    if new.clauses.len() > CLAUSES {
        return Err(ActError::invalid(
            "clauses",
            format!("it has at most {CLAUSES} clauses"),
        ));
    }
    new.clauses.iter().try_for_each(check_clause)
}

fn check_clause(clause: &NewClause) -> Result<(), ActError> {
    let wrong = |sentence: String| Err(ActError::invalid("clauses", sentence));
    if clause.from_mechanism == clause.to_mechanism {
        return wrong("a clause is between two parties".to_owned());
    }
    if clause.cap == Level::Public {
        return wrong("what is public needs no clause: `cap` is at least `PARTNER`".to_owned());
    }
    if let (Some(from), Some(until)) = (clause.from, clause.until)
        && until <= from
    {
        return wrong("a clause ends after it begins".to_owned());
    }
    for country in &clause.countries {
        if country != "ALL" && CountryCode::parse(country).is_none() {
            return wrong("`countries` are ISO alpha-3 codes, or `ALL`".to_owned());
        }
    }
    let mut topics = clause.topics.iter();
    if let Some(unknown) = topics.find(|code| *code != "ALL" && !is_theme(code)) {
        let sentence = no_such_theme(unknown);
        return wrong(format!("`topics` are themes, or `ALL`: {sentence}"));
    }
    let many = [clause.countries.len(), clause.topics.len()];
    if many.iter().any(|many| *many > 250) {
        return wrong("a clause names at most 250 States and 250 themes".to_owned());
    }
    Ok(())
}

fn codes<C: Coded>(codes: &[C]) -> String {
    let codes: Vec<&str> = codes.iter().map(|code| code.code()).collect();
    serde_json::json!(codes).to_string()
}
