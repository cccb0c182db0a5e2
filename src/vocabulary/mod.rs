//! The field's own words: the closed lists of codes that records are told in.
//!
//! A code is stored, filtered and shown as it is written here, and never
//! translated; its description stands in `schema.graphql`. The lists are closed:
//! an unknown code is refused on its way in, and not told on its way out.
//!
//! One idea, many names: what one body calls *registered* another calls *seized*.
//! Records hold the canonical code; [`label`] gives the mechanism's own word.

pub mod activity;
pub mod calendar;
pub mod codes;
pub mod communication;
pub mod cooperation;
pub mod document;
pub mod labels;
pub mod lists;
pub mod matter;
pub mod measure;
pub mod mechanism;
pub mod notification;
pub mod people;
pub mod recommendation;
pub mod retirement;
pub mod spoken;
pub mod statistics;
pub mod theme;
pub mod translation;

pub use activity::{ActivityKind, ActivityStage, ActivityStatus};
pub use calendar::{DatePrecision, EventKind, EventStatus, InvitationAnswer};
pub use codes::{Code, CodeList, Coded};
pub use communication::{
    CommunicationKind, CommunicationStatus, InadmissibilityGround, SourceKind, Stage,
};
pub use cooperation::{
    AgreementForm, AgreementStatus, ClausePurpose, CooperationArea, FocalPointRole,
    FocalPointStatus, InformationKind, WorkPlanItemStatus, WorkPlanStatus,
};
pub use document::DocumentKind;
pub use labels::{label, label_in};
pub use lists::LISTS;
pub use matter::{MatchMode, OwnersAnswer, SameMatterStatus, SignalStatus};
pub use measure::{MeasureKind, MeasureStatus, measure_kind, measure_label, measure_label_in};
pub use mechanism::{HumanRightsSystem, MechanismKind, OrganisationKind, Region};
pub use notification::{DisclosureStatus, LoweringStatus, NotificationType, VitalInterestStatus};
pub use people::PersonRole;
pub use recommendation::{
    AffectedGroup, MeasureScope, RecommendationRelation, RecommendationSource,
    RecommendationStatus, RecommendedActionKind, StatePosition,
};
pub use retirement::RetirementReason;
pub use statistics::{ReleaseStatus, RightsCluster, StatisticDimension, StatisticOutcome};
pub use theme::{THEMES, is_theme, no_theme};
pub use translation::TranslationStatus;

#[cfg(test)]
mod tests;
