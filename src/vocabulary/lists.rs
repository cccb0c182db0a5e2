//! Every code list of the vocabulary in one place.

use super::{
    activity::{ActivityKind, ActivityStage, ActivityStatus},
    codes::{CodeList, Coded},
    communication::{
        CommunicationKind, CommunicationStatus, InadmissibilityGround, SourceKind, Stage,
    },
    cooperation::{
        AgreementForm, AgreementStatus, ClausePurpose, CooperationArea, FocalPointRole,
        FocalPointStatus, InformationKind, WorkPlanItemStatus, WorkPlanStatus,
    },
    document::DocumentKind,
    measure::{MeasureKind, MeasureStatus},
    mechanism::{HumanRightsSystem, MechanismKind, OrganisationKind, Region},
    people::PersonRole,
    statistics::{ReleaseStatus, RightsCluster, StatisticDimension, StatisticOutcome},
};

/// Every list, in the order of the modules.
pub const LISTS: &[&CodeList] = &[
    MechanismKind::LIST,
    HumanRightsSystem::LIST,
    Region::LIST,
    OrganisationKind::LIST,
    FocalPointRole::LIST,
    FocalPointStatus::LIST,
    WorkPlanStatus::LIST,
    WorkPlanItemStatus::LIST,
    CooperationArea::LIST,
    ActivityKind::LIST,
    ActivityStatus::LIST,
    ActivityStage::LIST,
    AgreementForm::LIST,
    AgreementStatus::LIST,
    InformationKind::LIST,
    ClausePurpose::LIST,
    DocumentKind::LIST,
    CommunicationKind::LIST,
    CommunicationStatus::LIST,
    Stage::LIST,
    InadmissibilityGround::LIST,
    SourceKind::LIST,
    MeasureKind::LIST,
    MeasureStatus::LIST,
    PersonRole::LIST,
    StatisticDimension::LIST,
    RightsCluster::LIST,
    StatisticOutcome::LIST,
    ReleaseStatus::LIST,
];
