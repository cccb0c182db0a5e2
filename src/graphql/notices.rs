//! Notifications: where a holder learns that something has happened, or is due.

use async_graphql::{Context, ID, Result, SimpleObject};

use super::{
    connection::size,
    context::{Asking, failed},
    error::Code,
    listing::{Listing, cursor_of},
    object::Told,
};
use crate::{clock::Moment, id::GlobalId, vocabulary::NotificationType};

/// That something has happened to what concerns your mechanism, or is due; never what.
#[derive(SimpleObject)]
pub struct Notification {
    /// What has happened, or is due.
    #[graphql(name = "type")]
    what: Told<NotificationType>,
    /// The id of the record, of the request for a file, or of the question or signal on the
    /// same matter, that it has happened to. What you
    /// may be told of it is asked as ever.
    id: ID,
    /// When it has happened, or from when on it is told that it is due.
    at: Told<Moment>,
}

/// A part of a list of notifications.
pub type Notifications = Listing<Notification>;

/// A part of the notifications to the viewer's own mechanism, the latest first.
///
/// # Errors
/// Refuses a page over the published limit, and a cursor that is not of this list.
pub async fn notifications(
    ctx: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Notifications> {
    let most = size(first, None)?;
    let after = after.map(|cursor| cursor_of(&cursor)).transpose()?;
    let asked = ctx.asked()?;
    let found = asked.reader.notices(after, most).await.map_err(failed)?;
    let found = found.ok_or_else(|| Code::CursorInvalid.error())?;
    asked.count(found.notices.len())?;
    let entries = found.notices.into_iter().map(|notice| {
        let id = if is_of_request(notice.what) {
            notice.record.0.to_string()
        } else {
            let (kind, id) = (notice.kind, notice.record);
            GlobalId { kind, id }.to_string()
        };
        let told = Notification {
            what: Told(notice.what),
            id: ID(id),
            at: Told(notice.at),
        };
        (notice.id, told)
    });
    Ok(Notifications::of((after.is_some(), found.more), entries))
}

/// Whether it is about a request for a file, or about the same matter: no record.
fn is_of_request(what: NotificationType) -> bool {
    match what {
        NotificationType::DisclosureAsked
        | NotificationType::DisclosureGranted
        | NotificationType::DisclosureUnanswered
        | NotificationType::SameMatterSignal
        | NotificationType::SameMatterAlarm
        | NotificationType::SameMatterAnswerDue
        | NotificationType::SameMatterAnswered => true,
        NotificationType::AgreementDrafted
        | NotificationType::AgreementSigned
        | NotificationType::AgreementInForce
        | NotificationType::AgreementSuspended
        | NotificationType::AgreementResumed
        | NotificationType::AgreementTerminated
        | NotificationType::ConsentWithdrawn
        | NotificationType::GrantGiven
        | NotificationType::GrantEnded
        | NotificationType::LoweringAsked
        | NotificationType::LoweringDone
        | NotificationType::LoweringRefused
        | NotificationType::ActivityProposed
        | NotificationType::ActivityAgreed
        | NotificationType::ActivityDeclined
        | NotificationType::ActivityAmended
        | NotificationType::ActivityConfirmed
        | NotificationType::ActivityBegun
        | NotificationType::ActivityPostponed
        | NotificationType::ActivityCancelled
        | NotificationType::ActivityCompleted
        | NotificationType::ActivityPublicationAgreed
        | NotificationType::ActivityPublished
        | NotificationType::EventInvitation
        | NotificationType::VisitOverlap
        | NotificationType::EventInvitationChanged
        | NotificationType::EventInvitationAnswered
        | NotificationType::VitalInterestInvoked
        | NotificationType::VitalInterestConfirmed
        | NotificationType::VitalInterestEnded
        | NotificationType::RetirementAgreed
        | NotificationType::RecordRetired
        | NotificationType::RecordRestored
        | NotificationType::RetentionEnds
        | NotificationType::MeasureChanged
        | NotificationType::StatisticsProposed
        | NotificationType::StatisticsReleased
        | NotificationType::StatisticsRefused
        | NotificationType::ClauseEnds
        | NotificationType::WorkPlanItemDue
        | NotificationType::RecommendationFollowUpDue
        | NotificationType::MeasureEnds
        | NotificationType::ConsentEnds
        | NotificationType::GrantEnds => false,
    }
}
