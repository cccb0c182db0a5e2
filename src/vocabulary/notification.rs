//! Notifications: what a mechanism is told of.

use super::codes::codes;

codes! {
    /// What has happened to what concerns a mechanism.
    pub NotificationType {
        /// An agreement was drafted to which your mechanism is to be a party.
        AgreementDrafted => "AGREEMENT_DRAFTED",
        /// Another party has signed an agreement of your mechanism.
        AgreementSigned => "AGREEMENT_SIGNED",
        /// An agreement of your mechanism has entered into force.
        AgreementInForce => "AGREEMENT_IN_FORCE",
        /// Another party has suspended an agreement of your mechanism.
        AgreementSuspended => "AGREEMENT_SUSPENDED",
        /// Another party has taken its suspension of an agreement back.
        AgreementResumed => "AGREEMENT_RESUMED",
        /// Another party has ended an agreement of your mechanism, or taken a draft back.
        AgreementTerminated => "AGREEMENT_TERMINATED",
        /// A joint activity was proposed to your mechanism.
        ActivityProposed => "ACTIVITY_PROPOSED",
        /// Another party has agreed to a joint activity of your mechanism.
        ActivityAgreed => "ACTIVITY_AGREED",
        /// Another party has declined a joint activity of your mechanism.
        ActivityDeclined => "ACTIVITY_DECLINED",
        /// Another party has amended a joint activity of your mechanism: where its terms were
        /// amended, it waits for your agreement again.
        ActivityAmended => "ACTIVITY_AMENDED",
        /// The date of a joint activity of your mechanism was confirmed.
        ActivityConfirmed => "ACTIVITY_CONFIRMED",
        /// A joint activity of your mechanism has begun.
        ActivityBegun => "ACTIVITY_BEGUN",
        /// A joint activity of your mechanism was put off.
        ActivityPostponed => "ACTIVITY_POSTPONED",
        /// A joint activity of your mechanism was given up.
        ActivityCancelled => "ACTIVITY_CANCELLED",
        /// A joint activity of your mechanism was carried out.
        ActivityCompleted => "ACTIVITY_COMPLETED",
        /// Another party has agreed that anyone is told of a joint activity of your mechanism.
        ActivityPublicationAgreed => "ACTIVITY_PUBLICATION_AGREED",
        /// A joint activity of your mechanism was published: each owner has agreed to it.
        ActivityPublished => "ACTIVITY_PUBLISHED",
        /// Your mechanism was invited to an event of another.
        EventInvitation => "EVENT_INVITATION",
        /// An event to which your mechanism is invited has changed, or the invitation was
        /// taken back.
        EventInvitationChanged => "EVENT_INVITATION_CHANGED",
        /// An invitation of your mechanism was answered.
        EventInvitationAnswered => "EVENT_INVITATION_ANSWERED",
        /// Another party to an agreement of your mechanism plans to visit a State in the quarter
        /// in which you do: `visitOverlaps` says which.
        VisitOverlap => "VISIT_OVERLAP",
        /// A person concerned has taken back their consent to a disclosure to your mechanism.
        ConsentWithdrawn => "CONSENT_WITHDRAWN",
        /// An officer of your mechanism was given leave to open a person's file.
        GrantGiven => "GRANT_GIVEN",
        /// The leave of an officer of your mechanism to open a person's file was ended.
        GrantEnded => "GRANT_ENDED",
        /// An officer of your mechanism finds that a vital interest of a person overrides consent.
        VitalInterestInvoked => "VITAL_INTEREST_INVOKED",
        /// A second officer has found it too: consent is overridden, for 72 hours at most.
        VitalInterestConfirmed => "VITAL_INTEREST_CONFIRMED",
        /// An override of consent was refused, taken back or ended.
        VitalInterestEnded => "VITAL_INTEREST_ENDED",
        /// Another secretariat asks yours for a person's file.
        DisclosureAsked => "DISCLOSURE_ASKED",
        /// What you asked another secretariat for was granted to you.
        DisclosureGranted => "DISCLOSURE_GRANTED",
        /// It is asked to lower a level on a record of your mechanism.
        LoweringAsked => "LOWERING_ASKED",
        /// A level on a record of your mechanism was lowered.
        LoweringDone => "LOWERING_DONE",
        /// It was refused to lower a level on a record of your mechanism.
        LoweringRefused => "LOWERING_REFUSED",
        /// Another owner of a record of your mechanism agrees that it is retired.
        RetirementAgreed => "RETIREMENT_AGREED",
        /// A record of your mechanism was retired.
        RecordRetired => "RECORD_RETIRED",
        /// A record of your mechanism that was retired was brought back.
        RecordRestored => "RECORD_RESTORED",
        /// Another owner has taken a step on an interim measure of your mechanism.
        MeasureChanged => "MEASURE_CHANGED",
        /// A question of another mechanism may be about a matter of yours.
        SameMatterSignal => "SAME_MATTER_SIGNAL",
        /// A question of another mechanism has met a canary of yours.
        SameMatterAlarm => "SAME_MATTER_ALARM",
        /// Due: your answer to a signal that a question may be about a matter of yours.
        SameMatterAnswerDue => "SAME_MATTER_ANSWER_DUE",
        /// Due: the answer to a question of yours on the same matter can be read.
        SameMatterAnswered => "SAME_MATTER_ANSWERED",
        /// Statistics were proposed for release that count your mechanism's docket.
        StatisticsProposed => "STATISTICS_PROPOSED",
        /// Statistics that count your mechanism's docket were released.
        StatisticsReleased => "STATISTICS_RELEASED",
        /// Statistics that count your mechanism's docket were refused, or taken back.
        StatisticsRefused => "STATISTICS_REFUSED",
        /// Due: a clause of an agreement of your mechanism is about to end.
        ClauseEnds => "CLAUSE_ENDS",
        /// Due: an item of your mechanism's work plan.
        WorkPlanItemDue => "WORK_PLAN_ITEM_DUE",
        /// Due: what the State has done on a recommendation of your mechanism.
        RecommendationFollowUpDue => "RECOMMENDATION_FOLLOW_UP_DUE",
        /// Due: the last day of an interim measure of your mechanism.
        MeasureEnds => "MEASURE_ENDS",
        /// Due: the consent of a person whose file your mechanism keeps is about to end.
        ConsentEnds => "CONSENT_ENDS",
        /// Due: your leave to open a person's file is about to end.
        GrantEnds => "GRANT_ENDS",
        /// Due: a retired record of your mechanism is about to be expunged.
        RetentionEnds => "RETENTION_ENDS",
        /// Due: a request for a person's file was not answered until its date.
        DisclosureUnanswered => "DISCLOSURE_UNANSWERED",
    }

    /// Where a request for a person's file stands.
    pub DisclosureStatus {
        /// It waits for an answer.
        Waiting => "WAITING",
        /// Leave was given to who has asked.
        Granted => "GRANTED",
        /// It was refused; who has asked is not told.
        Refused => "REFUSED",
        /// It was not answered until it was due.
        Unanswered => "UNANSWERED",
    }

    /// Where an override of consent for a vital interest stands.
    pub VitalInterestStatus {
        /// A second officer has to confirm it yet, within 24 hours.
        Pending => "PENDING",
        /// It overrides consent.
        InForce => "IN_FORCE",
    }

    /// Where a request to lower a level stands.
    pub LoweringStatus {
        /// A second officer of every owner has to approve it yet.
        Pending => "PENDING",
        /// The level was lowered.
        Done => "DONE",
        /// It was refused, or taken back.
        Refused => "REFUSED",
    }
}
