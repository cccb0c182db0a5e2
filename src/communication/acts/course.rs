//! The course of a communication: from which status which step may be taken.
//!
//! The statuses are those that all mechanisms share; each mechanism's own word is told
//! beside them. A step that the course does not know is refused, and nothing is written.

use sea_orm::Value;

use crate::{
    communication::Communication,
    confidentiality::{FieldIndex, Known},
    date::PartialDate,
    id::RecordId,
    store::act::{Act, ActError, RefusalCode, check_text},
    vocabulary::{
        CommunicationStatus as Status, InadmissibilityGround, Stage,
        codes::{Coded, codes},
    },
};

/// Bytes of an outcome in a sentence, and of a symbol.
pub(super) const OUTCOME: usize = 2_000;
const SYMBOL: usize = 100;

const JOINED_TO: (FieldIndex, &str) = (Communication::joined_to, "joined_to");

codes! {
    /// What the body has found.
    pub Finding {
        /// A violation.
        Violation => "VIOLATION",
        /// No violation.
        NoViolation => "NO_VIOLATION",
        /// A violation of some of the rights invoked.
        ViolationInPart => "VIOLATION_IN_PART",
    }

    /// How a communication ends without a decision on its merits.
    pub EndWithoutDecision {
        /// Consideration ended, for instance because the claim became moot.
        Discontinued => "DISCONTINUED",
        /// Withdrawn by who submitted it.
        Withdrawn => "WITHDRAWN",
        /// Struck from the docket, for instance because it was not pursued.
        StruckOut => "STRUCK_OUT",
        /// Closed without a decision and kept in the archive.
        Archived => "ARCHIVED",
        /// Ended by a settlement between the parties.
        FriendlySettlement => "FRIENDLY_SETTLEMENT",
        /// Ended by a declaration in which the State acknowledges and redresses.
        UnilateralDeclaration => "UNILATERAL_DECLARATION",
        /// Submitted to the court of the same system.
        ReferredToCourt => "REFERRED_TO_COURT",
    }

    /// Where the follow-up to a decision stands.
    pub FollowUp {
        /// The dialogue with the State continues.
        Ongoing => "ONGOING",
        /// Closed: the decision was satisfactorily implemented.
        ClosedSatisfactory => "CLOSED_SATISFACTORY",
        /// Closed: the decision was implemented in part.
        ClosedPartial => "CLOSED_PARTIAL",
        /// Closed: implementation was not satisfactory.
        ClosedNonSatisfactory => "CLOSED_NON_SATISFACTORY",
        /// Suspended.
        Suspended => "SUSPENDED",
    }

    /// To where a communication is reopened.
    pub ReopenAs {
        /// As it came in.
        Received => "RECEIVED",
        /// In the docket, before it is transmitted to the State.
        Registered => "REGISTERED",
        /// Before the State.
        TransmittedToState => "TRANSMITTED_TO_STATE",
        /// Before the decision on admissibility.
        AdmissibilityPending => "ADMISSIBILITY_PENDING",
        /// Before the decision on the merits.
        MeritsPending => "MERITS_PENDING",
    }
}

impl Finding {
    fn status(self) -> Status {
        match self {
            Self::Violation => Status::DecidedViolation,
            Self::NoViolation => Status::DecidedNoViolation,
            Self::ViolationInPart => Status::DecidedPartly,
        }
    }
}

impl EndWithoutDecision {
    fn status(self) -> Status {
        match self {
            Self::Discontinued => Status::Discontinued,
            Self::Withdrawn => Status::Withdrawn,
            Self::StruckOut => Status::StruckOut,
            Self::Archived => Status::Archived,
            Self::FriendlySettlement => Status::FriendlySettlement,
            Self::UnilateralDeclaration => Status::UnilateralDeclaration,
            Self::ReferredToCourt => Status::ReferredToCourt,
        }
    }
}

impl FollowUp {
    fn status(self) -> Status {
        match self {
            Self::Ongoing => Status::FollowUpOngoing,
            Self::ClosedSatisfactory => Status::FollowUpClosedSatisfactory,
            Self::ClosedPartial => Status::FollowUpClosedPartial,
            Self::ClosedNonSatisfactory => Status::FollowUpClosedNonSatisfactory,
            Self::Suspended => Status::FollowUpSuspended,
        }
    }
}

impl ReopenAs {
    fn status(self) -> Status {
        match self {
            Self::Received => Status::Received,
            Self::Registered => Status::Registered,
            Self::TransmittedToState => Status::TransmittedToState,
            Self::AdmissibilityPending => Status::AdmissibilityPending,
            Self::MeritsPending => Status::MeritsPending,
        }
    }
}

/// Whether a mechanism has done with a communication of this status. One that is joined
/// goes on in another, and one whose follow-up is open goes on, too.
pub fn is_closed(status: Status) -> bool {
    match status {
        Status::NotRegistered
        | Status::Inadmissible
        | Status::DecidedViolation
        | Status::DecidedNoViolation
        | Status::DecidedPartly
        | Status::Discontinued
        | Status::Withdrawn
        | Status::StruckOut
        | Status::Archived
        | Status::FriendlySettlement
        | Status::UnilateralDeclaration
        | Status::ReferredToCourt
        | Status::FollowUpClosedSatisfactory
        | Status::FollowUpClosedPartial
        | Status::FollowUpClosedNonSatisfactory => true,
        Status::Received
        | Status::InformationRequested
        | Status::Registered
        | Status::TransmittedToState
        | Status::AdmissibilityPending
        | Status::AdmissibilitySplit
        | Status::Admissible
        | Status::PartlyAdmissible
        | Status::MeritsPending
        | Status::Hearing
        | Status::Joined
        | Status::Suspended
        | Status::FollowUpOngoing
        | Status::FollowUpSuspended => false,
    }
}

/// A step in the course of a communication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The sender is asked for what is missing.
    AskInformation,
    /// It is entered in the docket.
    Register,
    /// It is screened out.
    RefuseRegistration,
    /// It is sent to the State concerned.
    Transmit,
    /// Its admissibility is considered; apart from the merits, where that was decided.
    ConsiderAdmissibility {
        /// Whether admissibility is to be decided apart from the merits.
        apart: bool,
    },
    /// It is declared admissible.
    DeclareAdmissible,
    /// It is declared admissible for some claims and inadmissible for others.
    DeclarePartlyAdmissible(InadmissibilityGround),
    /// It is declared inadmissible.
    DeclareInadmissible(InadmissibilityGround),
    /// Its merits are considered.
    ConsiderMerits,
    /// A hearing is set.
    SetHearing,
    /// It is decided on the merits.
    Decide(Finding),
    /// It ends without a decision on the merits.
    End(EndWithoutDecision),
    /// Its consideration is suspended.
    Suspend,
    /// It is joined to another.
    Join,
    /// It is taken up again.
    Reopen(ReopenAs),
    /// The follow-up to its decision goes on, or ends.
    FollowUp(FollowUp),
}

impl Step {
    /// Where the step leads to.
    pub fn leads_to(self) -> Status {
        match self {
            Self::AskInformation => Status::InformationRequested,
            Self::Register => Status::Registered,
            Self::RefuseRegistration => Status::NotRegistered,
            Self::Transmit => Status::TransmittedToState,
            Self::ConsiderAdmissibility { apart: true } => Status::AdmissibilitySplit,
            Self::ConsiderAdmissibility { apart: false } => Status::AdmissibilityPending,
            Self::DeclareAdmissible => Status::Admissible,
            Self::DeclarePartlyAdmissible(_) => Status::PartlyAdmissible,
            Self::DeclareInadmissible(_) => Status::Inadmissible,
            Self::ConsiderMerits => Status::MeritsPending,
            Self::SetHearing => Status::Hearing,
            Self::Decide(finding) => finding.status(),
            Self::End(end) => end.status(),
            Self::Suspend => Status::Suspended,
            Self::Join => Status::Joined,
            Self::Reopen(to) => to.status(),
            Self::FollowUp(to) => to.status(),
        }
    }

    /// Whether the step may be taken from a status.
    pub fn may_follow(self, from: Status) -> bool {
        use Status as S;
        let screened = matches!(from, S::Received | S::InformationRequested);
        let before_admissibility = matches!(
            from,
            S::Registered | S::TransmittedToState | S::AdmissibilityPending | S::AdmissibilitySplit
        );
        let admitted = matches!(from, S::Admissible | S::PartlyAdmissible);
        let on_the_merits = matches!(from, S::MeritsPending | S::Hearing);
        let pending = before_admissibility || admitted || on_the_merits;
        let decided = matches!(
            from,
            S::DecidedViolation | S::DecidedPartly | S::DecidedNoViolation
        );
        let ended = matches!(from, S::NotRegistered | S::Inadmissible)
            || (from.stage() == Stage::OtherEnds);
        match self {
            Self::AskInformation => from == S::Received,
            Self::Register | Self::RefuseRegistration => screened,
            Self::Transmit => matches!(
                from,
                S::Registered | S::AdmissibilityPending | S::AdmissibilitySplit
            ),
            Self::ConsiderAdmissibility { .. } => before_admissibility && from != self.leads_to(),
            Self::DeclareAdmissible | Self::DeclarePartlyAdmissible(_) => before_admissibility,
            // Where the two are considered together, inadmissibility is found with the merits.
            Self::DeclareInadmissible(_) => before_admissibility || on_the_merits,
            Self::ConsiderMerits => {
                admitted
                    || matches!(
                        from,
                        S::TransmittedToState | S::AdmissibilityPending | S::Hearing
                    )
            }
            Self::SetHearing => pending && from != S::Registered && from != S::Hearing,
            Self::Decide(_) => admitted || on_the_merits,
            // A commission submits to its court what it has reported on.
            Self::End(EndWithoutDecision::ReferredToCourt) => pending || decided,
            Self::End(EndWithoutDecision::Withdrawn | EndWithoutDecision::Archived) => {
                pending || screened
            }
            Self::End(_) | Self::Suspend | Self::Join => pending,
            Self::Reopen(ReopenAs::Received) => {
                matches!(from, S::NotRegistered | S::Withdrawn | S::Archived)
            }
            Self::Reopen(_) => ended && from != S::NotRegistered,
            Self::FollowUp(to) => {
                let followed = from.stage() == Stage::After;
                let begins = matches!(
                    from,
                    S::DecidedViolation | S::DecidedPartly | S::FriendlySettlement
                );
                from != to.status() && (followed || begins)
            }
        }
    }

    /// The ground of inadmissibility that the step is taken on.
    fn ground(self) -> Option<InadmissibilityGround> {
        if let Self::DeclarePartlyAdmissible(ground) | Self::DeclareInadmissible(ground) = self {
            return Some(ground);
        }
        None
    }

    /// The column that keeps when the step was taken.
    fn date(self) -> Option<&'static str> {
        if matches!(self, Self::Decide(_) | Self::DeclareInadmissible(_)) {
            return Some("decided_on");
        }
        let dated = [
            (Self::Register, "registered_on"),
            (Self::Transmit, "transmitted_on"),
        ];
        dated
            .into_iter()
            .find(|(step, _)| *step == self)
            .map(|(_, column)| column)
    }
}

/// A step as an officer takes it.
pub struct Taken {
    /// The communication.
    pub id: Option<RecordId>,
    /// The version at which the officer has read it.
    pub expected: Option<String>,
    /// The step.
    pub step: Step,
    /// When it was taken; today where nothing is said.
    pub on: Option<PartialDate>,
    /// The outcome, in a sentence.
    pub outcome: Option<String>,
    /// The symbol of the decision.
    pub symbol: Option<String>,
    /// The communication to which it is joined.
    pub to: Option<RecordId>,
}

/// Takes a step in the course of a communication of one's own mechanism.
///
/// # Errors
/// Refuses communications of others, a step that the course does not know from where it
/// stands, and values that are not valid.
pub async fn take(act: &mut Act, taken: Taken) -> Result<RecordId, ActError> {
    let communication = act.find::<Communication>(taken.id).await?;
    act.may_change(&*communication)?;
    act.may_change_field(&*communication, Communication::status)?;
    act.expect(&*communication, taken.expected.as_deref())?;
    let from = status(&communication)?;
    let step = taken.step;
    if !step.may_follow(from) {
        let (from, to) = (from.code(), step.leads_to().code());
        let sentence = format!("from `{from}` no step leads to `{to}`");
        return Err(RefusalCode::Conflict.says(sentence).into());
    }
    let mut values: Vec<(&'static str, Value)> = vec![("status", step.leads_to().code().into())];
    if let Some(ground) = step.ground() {
        values.push(("inadmissibility_ground", ground.code().into()));
    }
    if let Some(column) = step.date() {
        let on = day(&communication, taken.on)?;
        values.push((column, on.as_str().into()));
    }
    for (column, text, most) in [
        ("outcome", taken.outcome, OUTCOME),
        ("symbol", taken.symbol, SYMBOL),
    ] {
        if let Some(text) = text {
            check_text(column, &text, most)?;
            values.push((column, text.into()));
        }
    }
    act.writer().change(&*communication, values).await?;
    for before in act.writer().linked(&*communication, "joined_to").await? {
        act.writer()
            .unlink(&*communication, JOINED_TO, before)
            .await?;
    }
    if step == Step::Join {
        let to = act.find::<Communication>(taken.to).await?;
        act.may_change(&*to)?;
        if to.id() == communication.id() {
            return Err(ActError::invalid("to", "it is joined to another one"));
        }
        act.writer()
            .link(&*communication, JOINED_TO, to.id())
            .await?;
    }
    Ok(communication.id())
}

/// Where a communication stands, which who takes a step has to be able to read.
fn status(communication: &Known<Communication>) -> Result<Status, ActError> {
    let status = communication.open(|row| &row.status).visible().flatten();
    status.copied().ok_or_else(|| {
        let sentence = "your token does not let you read where it stands";
        RefusalCode::Forbidden.says(sentence).into()
    })
}

/// The day of a step: not to come, and not before the communication came in.
fn day(
    communication: &Known<Communication>,
    on: Option<PartialDate>,
) -> Result<PartialDate, ActError> {
    let today = PartialDate::of_day(communication.viewer().now());
    let Some(on) = on else {
        return Ok(today);
    };
    if today.is_before(&on) {
        return Err(ActError::invalid("on", "it is a day that has come"));
    }
    let received = communication
        .open(|row| &row.received_on)
        .visible()
        .flatten();
    if received.is_some_and(|received| on.is_before(received)) {
        let sentence = "it is not before the communication was received";
        return Err(ActError::invalid("on", sentence));
    }
    Ok(on)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every step, with one of each of its kinds.
    fn steps() -> Vec<Step> {
        let ground = InadmissibilityGround::TimeLimit;
        let mut steps = vec![
            Step::AskInformation,
            Step::Register,
            Step::RefuseRegistration,
            Step::Transmit,
            Step::ConsiderAdmissibility { apart: true },
            Step::ConsiderAdmissibility { apart: false },
            Step::DeclareAdmissible,
            Step::DeclarePartlyAdmissible(ground),
            Step::DeclareInadmissible(ground),
            Step::ConsiderMerits,
            Step::SetHearing,
            Step::Suspend,
            Step::Join,
        ];
        steps.extend(Finding::ALL.iter().copied().map(Step::Decide));
        steps.extend(EndWithoutDecision::ALL.iter().copied().map(Step::End));
        steps.extend(ReopenAs::ALL.iter().copied().map(Step::Reopen));
        steps.extend(FollowUp::ALL.iter().copied().map(Step::FollowUp));
        steps
    }

    #[test]
    fn no_step_leads_to_where_it_begins() {
        for step in steps() {
            assert!(!step.may_follow(step.leads_to()), "{step:?}");
        }
    }

    #[test]
    fn every_status_is_reached_and_none_is_a_trap() {
        let mut reached = vec![Status::Received];
        let mut at = 0;
        while let Some(from) = reached.get(at).copied() {
            at += 1;
            for step in steps() {
                if step.may_follow(from) && !reached.contains(&step.leads_to()) {
                    reached.push(step.leads_to());
                }
            }
        }
        for status in Status::ALL.iter().copied() {
            assert!(reached.contains(&status), "{status:?} is never reached");
            let ends = status == Status::DecidedNoViolation;
            let leaves = steps().into_iter().any(|step| step.may_follow(status));
            assert!(leaves || ends, "{status:?} is a trap");
        }
    }

    #[test]
    fn what_was_not_registered_is_never_decided() {
        for from in [
            Status::Received,
            Status::InformationRequested,
            Status::NotRegistered,
        ] {
            for finding in Finding::ALL.iter().copied() {
                assert!(!Step::Decide(finding).may_follow(from));
            }
        }
    }
}
