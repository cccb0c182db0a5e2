//! A record's kind, turned into its type: one match over kinds for all who need it.

/// Does something with the type that a kind stands for; an edge has no type that is shown.
macro_rules! of_kind {
    ($kind:expr, |$D:ident| $body:expr, edge $none:expr) => {
        match $kind {
            $crate::identity::kind::Kind::CommunicationPerson => $none,
            $crate::identity::kind::Kind::Country => {
                type $D = $crate::country::Country;
                $body
            }
            $crate::identity::kind::Kind::Organisation => {
                type $D = $crate::organisation::Organisation;
                $body
            }
            $crate::identity::kind::Kind::Mechanism => {
                type $D = $crate::mechanism::Mechanism;
                $body
            }
            $crate::identity::kind::Kind::Mandate => {
                type $D = $crate::mechanism::Mandate;
                $body
            }
            $crate::identity::kind::Kind::FocalPoint => {
                type $D = $crate::mechanism::FocalPoint;
                $body
            }
            $crate::identity::kind::Kind::WorkPlan => {
                type $D = $crate::work_plan::WorkPlan;
                $body
            }
            $crate::identity::kind::Kind::Objective => {
                type $D = $crate::work_plan::Objective;
                $body
            }
            $crate::identity::kind::Kind::WorkPlanItem => {
                type $D = $crate::work_plan::WorkPlanItem;
                $body
            }
            $crate::identity::kind::Kind::Agreement => {
                type $D = $crate::agreement::Agreement;
                $body
            }
            $crate::identity::kind::Kind::Clause => {
                type $D = $crate::agreement::Clause;
                $body
            }
            $crate::identity::kind::Kind::Document => {
                type $D = $crate::document::Document;
                $body
            }
            $crate::identity::kind::Kind::Communication => {
                type $D = $crate::communication::Communication;
                $body
            }
            $crate::identity::kind::Kind::InterimMeasure => {
                type $D = $crate::measure::InterimMeasure;
                $body
            }
            $crate::identity::kind::Kind::Person => {
                type $D = $crate::communication::Person;
                $body
            }
            $crate::identity::kind::Kind::JointActivity => {
                type $D = $crate::activity::JointActivity;
                $body
            }
            $crate::identity::kind::Kind::StatisticRelease => {
                type $D = $crate::statistics::StatisticRelease;
                $body
            }
            $crate::identity::kind::Kind::Recommendation => {
                type $D = $crate::recommendation::Recommendation;
                $body
            }
            $crate::identity::kind::Kind::Assessment => {
                type $D = $crate::recommendation::Assessment;
                $body
            }
            $crate::identity::kind::Kind::Evidence => {
                type $D = $crate::recommendation::Evidence;
                $body
            }
            $crate::identity::kind::Kind::RecommendationReference => {
                type $D = $crate::recommendation::RecommendationReference;
                $body
            }
            $crate::identity::kind::Kind::CalendarEvent => {
                type $D = $crate::calendar::CalendarEvent;
                $body
            }
            $crate::identity::kind::Kind::EventInvitation => {
                type $D = $crate::calendar::EventInvitation;
                $body
            }
        }
    };
}
pub(crate) use of_kind;
