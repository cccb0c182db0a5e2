//! What is retired with what, and from where.

use crate::{
    activity::JointActivity,
    agreement::{Agreement, Clause},
    calendar::{CalendarEvent, EventInvitation},
    communication::{Communication, CommunicationPerson, Person, is_closed},
    confidentiality::Domain,
    country::Country,
    document::Document,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    measure::InterimMeasure,
    mechanism::{FocalPoint, Mandate, Mechanism},
    organisation::Organisation,
    recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
    statistics::StatisticRelease,
    store::sql::Sql,
    vocabulary::{
        ActivityStatus, AgreementStatus, CommunicationStatus, EventStatus, FocalPointStatus,
        MeasureStatus, RecommendationStatus, WorkPlanItemStatus, WorkPlanStatus, codes::Coded,
    },
    work_plan::{Objective, WorkPlan, WorkPlanItem},
};

/// Records that hang on another by a key, and go with it.
pub(in crate::store) struct Part {
    pub(in crate::store) kind: Kind,
    key: &'static str,
    /// Whether it is a person, who goes with the last communication alone.
    person: bool,
}

/// Where a record of a kind with a status may stand as it is retired.
pub(in crate::store) struct Course {
    /// Statuses of what is closed.
    pub(in crate::store) closed: Vec<&'static str>,
    /// Statuses in which it is never retired.
    pub(in crate::store) binding: Vec<&'static str>,
}

/// The table of a kind.
pub(in crate::store) fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Country => Country::TABLE,
        Kind::Organisation => Organisation::TABLE,
        Kind::Mechanism => Mechanism::TABLE,
        Kind::Mandate => Mandate::TABLE,
        Kind::FocalPoint => FocalPoint::TABLE,
        Kind::WorkPlan => WorkPlan::TABLE,
        Kind::Objective => Objective::TABLE,
        Kind::WorkPlanItem => WorkPlanItem::TABLE,
        Kind::Agreement => Agreement::TABLE,
        Kind::Clause => Clause::TABLE,
        Kind::Document => Document::TABLE,
        Kind::Communication => Communication::TABLE,
        Kind::CommunicationPerson => CommunicationPerson::TABLE,
        Kind::Person => Person::TABLE,
        Kind::InterimMeasure => InterimMeasure::TABLE,
        Kind::JointActivity => JointActivity::TABLE,
        Kind::StatisticRelease => StatisticRelease::TABLE,
        Kind::Recommendation => Recommendation::TABLE,
        Kind::Assessment => Assessment::TABLE,
        Kind::Evidence => Evidence::TABLE,
        Kind::RecommendationReference => RecommendationReference::TABLE,
        Kind::CalendarEvent => CalendarEvent::TABLE,
        Kind::EventInvitation => EventInvitation::TABLE,
    }
}

/// Whether records of a kind are retired by themselves: not those that are a part of
/// another, nor States.
pub(in crate::store) fn is_retired(kind: Kind) -> bool {
    match kind {
        // A release is frozen: who wants it told to nobody any more raises its level.
        Kind::Country | Kind::Clause | Kind::CommunicationPerson | Kind::StatisticRelease => false,
        Kind::Organisation
        | Kind::Mechanism
        | Kind::Mandate
        | Kind::FocalPoint
        | Kind::WorkPlan
        | Kind::Objective
        | Kind::WorkPlanItem
        | Kind::Agreement
        | Kind::Document
        | Kind::Communication
        | Kind::Person
        | Kind::InterimMeasure
        | Kind::Recommendation
        | Kind::Assessment
        | Kind::Evidence
        | Kind::RecommendationReference
        | Kind::CalendarEvent
        | Kind::EventInvitation
        | Kind::JointActivity => true,
    }
}

/// What goes with a record of a kind.
pub(in crate::store) fn parts(kind: Kind) -> Vec<Part> {
    let part = |kind, key| Part {
        kind,
        key,
        person: false,
    };
    match kind {
        Kind::Mechanism => vec![
            part(Kind::Mandate, "mechanism_id"),
            part(Kind::FocalPoint, "mechanism_id"),
        ],
        Kind::WorkPlan => vec![part(Kind::Objective, "work_plan_id")],
        Kind::Objective => vec![part(Kind::WorkPlanItem, "objective_id")],
        Kind::Agreement => vec![part(Kind::Clause, "agreement_id")],
        Kind::Communication => vec![
            part(Kind::CommunicationPerson, "communication_id"),
            part(Kind::InterimMeasure, "communication_id"),
            Part {
                kind: Kind::Person,
                key: "communication_id",
                person: true,
            },
        ],
        Kind::Person => vec![part(Kind::CommunicationPerson, "person_id")],
        Kind::Recommendation => vec![
            part(Kind::Assessment, "recommendation_id"),
            part(Kind::Evidence, "recommendation_id"),
            part(Kind::RecommendationReference, "from_recommendation_id"),
            part(Kind::RecommendationReference, "to_recommendation_id"),
        ],
        Kind::Country
        | Kind::Organisation
        | Kind::Mandate
        | Kind::FocalPoint
        | Kind::WorkPlanItem
        | Kind::Clause
        | Kind::Document
        | Kind::CommunicationPerson
        | Kind::InterimMeasure
        | Kind::JointActivity
        | Kind::Assessment
        | Kind::Evidence
        | Kind::RecommendationReference
        // What others are invited to by is theirs, too.
        | Kind::CalendarEvent
        | Kind::EventInvitation
        | Kind::StatisticRelease => Vec::new(),
    }
}

/// Where a record of a kind stands as it is retired; nothing for kinds without a status.
pub(in crate::store) fn course(kind: Kind) -> Option<Course> {
    let closed = match kind {
        Kind::FocalPoint => vec![FocalPointStatus::Relieved.code()],
        Kind::WorkPlan => vec![WorkPlanStatus::Completed.code()],
        Kind::WorkPlanItem => vec![
            WorkPlanItemStatus::Completed.code(),
            WorkPlanItemStatus::Cancelled.code(),
        ],
        Kind::Agreement => vec![
            AgreementStatus::Expired.code(),
            AgreementStatus::Terminated.code(),
        ],
        Kind::Communication => {
            let all = CommunicationStatus::ALL.iter();
            all.filter(|status| is_closed(**status))
                .map(|status| status.code())
                .collect()
        }
        Kind::InterimMeasure => vec![
            MeasureStatus::NotGranted.code(),
            MeasureStatus::Lifted.code(),
            MeasureStatus::Expired.code(),
        ],
        Kind::Recommendation => vec![RecommendationStatus::Closed.code()],
        // An invitation has the status of its event.
        Kind::CalendarEvent | Kind::EventInvitation => {
            vec![EventStatus::Held.code(), EventStatus::Cancelled.code()]
        }
        Kind::JointActivity => vec![
            ActivityStatus::Completed.code(),
            ActivityStatus::Cancelled.code(),
        ],
        Kind::Country
        | Kind::Organisation
        | Kind::Mechanism
        | Kind::Mandate
        | Kind::Objective
        | Kind::Clause
        | Kind::Document
        | Kind::CommunicationPerson
        | Kind::Person
        | Kind::Assessment
        | Kind::Evidence
        | Kind::RecommendationReference
        | Kind::StatisticRelease => return None,
    };
    // An agreement that opens channels, or would when it is resumed, is ended first.
    let binding = if kind == Kind::Agreement {
        let binding = [
            AgreementStatus::Signed,
            AgreementStatus::InForce,
            AgreementStatus::Suspended,
        ];
        binding.map(Coded::code).to_vec()
    } else {
        Vec::new()
    };
    Some(Course { closed, binding })
}

impl Part {
    /// Adds the question for the ids of such parts of a record: of its owners alone, since
    /// what another secretariat keeps is its own to retire.
    pub(in crate::store) fn write(&self, sql: &mut Sql, of: RecordId, owners: &[MechanismId]) {
        sql.push("SELECT t.id FROM ").push(table(self.kind));
        sql.push(" t WHERE t.retired_at IS NULL AND ");
        if self.person {
            let links = CommunicationPerson::TABLE;
            sql.push("EXISTS (SELECT 1 FROM ").push(links);
            sql.push(" p WHERE p.person_id = t.id AND p.")
                .push(self.key)
                .push(" = ")
                .bind(of.0);
            sql.push(") AND NOT EXISTS (SELECT 1 FROM ").push(links);
            sql.push(" p WHERE p.person_id = t.id AND p.retired_at IS NULL AND p.")
                .push(self.key)
                .push(" <> ")
                .bind(of.0);
            // A part that others keep would tell, by what stays, that it is there.
            sql.push(
                " AND EXISTS (SELECT 1 FROM record_owner r WHERE r.record = p.id AND \
                 r.mechanism IN ",
            );
            sql.bind_all(owners.iter().map(|owner| owner.0));
            sql.push("))");
        } else {
            sql.column("t", self.key).push(" = ").bind(of.0);
        }
        sql.push(" AND EXISTS (SELECT 1 FROM record_owner o WHERE o.record = t.id)");
        sql.push(
            " AND NOT EXISTS (SELECT 1 FROM record_owner o WHERE o.record = t.id AND \
             o.mechanism NOT IN ",
        );
        sql.bind_all(owners.iter().map(|owner| owner.0)).push(")");
        sql.push(" ORDER BY t.id");
    }
}
