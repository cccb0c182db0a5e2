//! The lists against the vocabulary they come from.

use std::collections::HashSet;

use super::*;

/// Each list with its codes as the vocabulary has them.
const VOCABULARY: &[(&CodeList, &str)] = &[
    (
        MechanismKind::LIST,
        "TREATY_BODY SUBCOMMITTEE SPECIAL_PROCEDURE_THEMATIC SPECIAL_PROCEDURE_COUNTRY \
         UNIVERSAL_PERIODIC_REVIEW HRC_COMPLAINT_PROCEDURE INVESTIGATIVE_BODY REGIONAL_COMMISSION \
         REGIONAL_COURT REGIONAL_COMMITTEE REGIONAL_SPECIAL_MECHANISM TREATY_MONITORING_BODY COMMISSIONER \
         EXPERT_AGENCY POLITICAL_OFFICE NHRI NPM CIVIL_SOCIETY STATE SECRETARIAT",
    ),
    (
        HumanRightsSystem::LIST,
        "UNITED_NATIONS AFRICAN_UNION ORGANIZATION_OF_AMERICAN_STATES COUNCIL_OF_EUROPE EUROPEAN_UNION \
         OSCE ASEAN LEAGUE_OF_ARAB_STATES OIC ECOWAS EAC NATIONAL",
    ),
    (
        Region::LIST,
        "GLOBAL AFRICA AMERICAS ARAB_STATES ASIA_PACIFIC EUROPE INTERREGIONAL",
    ),
    (
        OrganisationKind::LIST,
        "INTERGOVERNMENTAL NATIONAL CIVIL_SOCIETY CATEGORY_OF_ACTORS CONFERENCE STATE_GROUP",
    ),
    (
        FocalPointRole::LIST,
        "COOPERATION REGION THEME COUNTRY_DESK PETITIONS UPR NPM DATA_PROTECTION",
    ),
    (FocalPointStatus::LIST, "APPOINTED PROPOSED RELIEVED"),
    (WorkPlanStatus::LIST, "DRAFT PUBLISHED COMPLETED"),
    (
        WorkPlanItemStatus::LIST,
        "PROPOSED UNDER_CONSIDERATION AGREED PLANNED ONGOING COMPLETED POSTPONED CANCELLED",
    ),
    (
        CooperationArea::LIST,
        "INFORMATION_SHARING JOINT_ACTIVITIES FOLLOW_UP",
    ),
    (
        ActivityKind::LIST,
        "JOINT_VISIT JOINT_STATEMENT JOINT_PRESS_RELEASE JOINT_REPORT JOINT_URGENT_APPEAL \
         JOINT_PRECAUTIONARY_MEASURE JOINT_DECLARATION JOINT_STANDARD_SETTING DIALOGUE \
         COORDINATION_MEETING FOCAL_POINT_MEETING CONSULTATION WORKSHOP SIDE_EVENT \
         HEARING_PARTICIPATION SESSION_PARTICIPATION STAFF_EXCHANGE TRAINING CAPACITY_BUILDING \
         FOLLOW_UP_VISIT JOINT_ADVOCACY WORKING_GROUP TASK_FORCE NPM_SUPPORT RATIFICATION_CAMPAIGN \
         SEMINAR",
    ),
    (
        ActivityStatus::LIST,
        "PROPOSED AGREED CONFIRMED ONGOING COMPLETED POSTPONED CANCELLED",
    ),
    (
        ActivityStage::LIST,
        "STRATEGIC_PLANNING PLANNING IMPLEMENTATION FOLLOW_UP",
    ),
    (
        AgreementForm::LIST,
        "GENERAL_MOU SPECIFIC_MOU ROADMAP RULES_OF_PROCEDURE_AMENDMENT EXCHANGE_OF_LETTERS \
         INFORMAL_ARRANGEMENT OUTCOME_DOCUMENT",
    ),
    (
        AgreementStatus::LIST,
        "DRAFT UNDER_NEGOTIATION SIGNED IN_FORCE SUSPENDED EXPIRED TERMINATED",
    ),
    (
        InformationKind::LIST,
        "WORKING_METHODS CONTACTS WORK_PLANS AGREEMENTS DOCUMENTS PENDING_LIST \
         INTERIM_MEASURES IDENTITIES REFERENCE RECOMMENDATIONS VISIT_OVERLAP SAME_MATTER",
    ),
    (
        ClausePurpose::LIST,
        "SAME_MATTER_CHECK URGENT_PROTECTION VISIT_PLANNING COUNTRY_REVIEW RECOMMENDATION_FOLLOW_UP \
         JURISPRUDENCE PUBLICATION STATISTICS AUDIT",
    ),
    (
        DocumentKind::LIST,
        "NATIONAL_REPORT UN_COMPILATION STAKEHOLDER_SUMMARY STAKEHOLDER_SUBMISSION JOINT_SUBMISSION \
         NHRI_SUBMISSION REGIONAL_MECHANISM_SUBMISSION ADVANCE_QUESTION WORKING_GROUP_REPORT ADDENDUM \
         MID_TERM_REPORT \
         STATE_REPORT COMMON_CORE_DOCUMENT LIST_OF_ISSUES LOIPR REPLIES ALTERNATIVE_REPORT \
         CONCLUDING_OBSERVATIONS FOLLOW_UP_REPORT ALTERNATIVE_FOLLOW_UP_REPORT GENERAL_COMMENT \
         MISSION_REPORT TERMS_OF_REFERENCE VISIT_PLACES_LIST PRESS_RELEASE JOINT_STATEMENT OUTCOME_DOCUMENT \
         RESOLUTION ANNUAL_REPORT OPINION JUDGMENT AMICUS_BRIEF \
         TREATY PROTOCOL DECLARATION REPORT GUIDELINES GUIDANCE_NOTE ROADMAP RECOMMENDATIONS LETTER \
         CONCEPT_NOTE PROGRAMME PAPER DRAFT_LEGISLATION",
    ),
    (
        CommunicationKind::LIST,
        "INDIVIDUAL_COMMUNICATION INTER_STATE_COMMUNICATION INQUIRY URGENT_ACTION URGENT_APPEAL \
         ALLEGATION_LETTER OTHER_LETTER PETITION PRECAUTIONARY_MEASURE_REQUEST APPLICATION \
         COLLECTIVE_COMPLAINT DETENTION_CASE DISAPPEARANCE_CASE REPRISAL_COMMUNICATION EARLY_WARNING \
         PATTERN_COMPLAINT",
    ),
    (
        CommunicationStatus::LIST,
        "RECEIVED INFORMATION_REQUESTED NOT_REGISTERED REGISTERED TRANSMITTED_TO_STATE \
         ADMISSIBILITY_PENDING ADMISSIBILITY_SPLIT ADMISSIBLE INADMISSIBLE PARTLY_ADMISSIBLE \
         MERITS_PENDING HEARING DECIDED_VIOLATION DECIDED_NO_VIOLATION DECIDED_PARTLY \
         DISCONTINUED WITHDRAWN STRUCK_OUT ARCHIVED FRIENDLY_SETTLEMENT UNILATERAL_DECLARATION \
         REFERRED_TO_COURT JOINED SUSPENDED \
         FOLLOW_UP_ONGOING FOLLOW_UP_CLOSED_SATISFACTORY FOLLOW_UP_CLOSED_PARTIAL \
         FOLLOW_UP_CLOSED_NON_SATISFACTORY FOLLOW_UP_SUSPENDED",
    ),
    (
        Stage::LIST,
        "INTAKE REGISTERED TRANSMITTED ADMISSIBILITY MERITS OTHER_ENDS AFTER",
    ),
    (
        InadmissibilityGround::LIST,
        "SAME_MATTER_PENDING SAME_MATTER_EXAMINED DOMESTIC_REMEDIES_NOT_EXHAUSTED TIME_LIMIT \
         RATIONE_PERSONAE RATIONE_MATERIAE RATIONE_LOCI RATIONE_TEMPORIS ANONYMOUS ABUSE_OF_RIGHT \
         MANIFESTLY_ILL_FOUNDED INSUFFICIENTLY_SUBSTANTIATED INCOMPATIBLE_WITH_INSTRUMENT \
         NO_VICTIM_STATUS NO_SIGNIFICANT_DISADVANTAGE INSULTING_LANGUAGE MEDIA_ONLY SETTLED_ELSEWHERE",
    ),
    (
        SourceKind::LIST,
        "ALLEGED_VICTIM FAMILY REPRESENTATIVE CIVIL_SOCIETY NHRI NPM MEDIA OTHER",
    ),
    (
        MeasureKind::LIST,
        "INTERIM_MEASURES RULE_39 PROVISIONAL_MEASURES PRECAUTIONARY_MEASURES IMMEDIATE_MEASURES \
         PROTECTIVE_MEASURES",
    ),
    (
        MeasureStatus::LIST,
        "REQUESTED INFORMATION_REQUESTED GRANTED NOT_GRANTED EXTENDED MODIFIED LIFTED EXPIRED \
         COMPLIED NOT_COMPLIED",
    ),
    (
        PersonRole::LIST,
        "ALLEGED_VICTIM AUTHOR COMPLAINANT PETITIONER APPLICANT NEXT_OF_KIN REPRESENTATIVE SOURCE WITNESS \
         BENEFICIARY THIRD_PARTY_INTERVENER ALLEGED_PERPETRATOR RAPPORTEUR",
    ),
    (
        EventKind::LIST,
        "SESSION HEARING VISIT FOLLOW_UP_VISIT DEADLINE BILATERAL_MEETING TRILATERAL_MEETING \
         COORDINATION_MEETING ANNUAL_MEETING JOINT_BODY_MEETING DIALOGUE CONSULTATION \
         REGIONAL_CONSULTATION BRIEFING THEMATIC_DISCUSSION DAY_OF_GENERAL_DISCUSSION PANEL DEBATE \
         FORUM CONFERENCE WORKSHOP SEMINAR SIDE_EVENT",
    ),
    (
        EventStatus::LIST,
        "PLANNED CONFIRMED POSTPONED CANCELLED HELD",
    ),
    (DatePrecision::LIST, "DAY MONTH YEAR"),
    (
        InvitationAnswer::LIST,
        "INVITED ACCEPTED DECLINED WITHDRAWN",
    ),
    (
        RecommendationSource::LIST,
        "CONCLUDING_OBSERVATIONS UPR SPECIAL_PROCEDURE_VISIT VIEWS_REMEDY JUDGMENT_MEASURE \
         PREVENTIVE_VISIT_REPORT INQUIRY REGIONAL_COUNTRY_REPORT MERITS_REPORT FRIENDLY_SETTLEMENT \
         PRECAUTIONARY_MEASURE THEMATIC_REPORT JOINT_REPORT CONFERENCE_OUTCOME",
    ),
    (RecommendationStatus::LIST, "DRAFT ADOPTED CLOSED"),
    (
        StatePosition::LIST,
        "SUPPORTED SUPPORTED_IN_PART NOTED PENDING NONE",
    ),
    (MeasureScope::LIST, "INDIVIDUAL GENERAL STRUCTURAL"),
    (
        RecommendedActionKind::LIST,
        "RATIFY LEGISLATE POLICY INVESTIGATE_PROSECUTE REPARATION TRAINING INSTITUTION RESOURCES DATA \
         COOPERATE NON_REFOULEMENT RELEASE OTHER",
    ),
    (
        AffectedGroup::LIST,
        "CHILDREN WOMEN_AND_GIRLS PERSONS_WITH_DISABILITIES INDIGENOUS_PEOPLES MINORITIES MIGRANTS \
         REFUGEES_AND_ASYLUM_SEEKERS INTERNALLY_DISPLACED STATELESS HUMAN_RIGHTS_DEFENDERS JOURNALISTS \
         LGBTI_PERSONS OLDER_PERSONS PERSONS_DEPRIVED_OF_LIBERTY VICTIMS_OF_TORTURE \
         VICTIMS_OF_TRAFFICKING DISAPPEARED_PERSONS PERSONS_OF_AFRICAN_DESCENT ROMA RURAL_AND_POOR \
         YOUTH PERSONS_WITH_ALBINISM GENERAL_POPULATION",
    ),
    (
        RecommendationRelation::LIST,
        "ECHOES REINFORCES CONFLICTS_WITH FOLLOWS_UP",
    ),
    (
        StatisticDimension::LIST,
        "COUNTRY RIGHTS YEAR MECHANISM OUTCOME",
    ),
    (
        RightsCluster::LIST,
        "INTEGRITY LIBERTY JUSTICE FREEDOMS EQUALITY WOMEN CHILDREN MIGRATION SLAVERY LIVELIHOOD \
         CULTURE SEVERAL OTHER",
    ),
    (
        StatisticOutcome::LIST,
        "VIOLATION NO_VIOLATION INADMISSIBLE SETTLED ENDED",
    ),
    (ReleaseStatus::LIST, "PROPOSED RELEASED REFUSED"),
    (
        TranslationStatus::LIST,
        "ORIGINAL OFFICIAL UNOFFICIAL MACHINE",
    ),
];

#[test]
fn every_list_has_the_codes_of_the_vocabulary() {
    assert_eq!(
        VOCABULARY
            .iter()
            .map(|(list, _)| list.name)
            .collect::<HashSet<_>>(),
        LISTS.iter().map(|list| list.name).collect::<HashSet<_>>(),
    );
    for (list, codes) in VOCABULARY {
        let ours: Vec<_> = list.codes.iter().map(|code| code.code).collect();
        assert_eq!(
            ours,
            codes.split_whitespace().collect::<Vec<_>>(),
            "{}",
            list.name
        );
    }
}

#[test]
fn a_code_stands_once_in_its_list_and_a_list_once_among_the_lists() {
    assert_eq!(
        LISTS
            .iter()
            .map(|list| list.name)
            .collect::<HashSet<_>>()
            .len(),
        LISTS.len()
    );
    for list in LISTS {
        let distinct: HashSet<_> = list.codes.iter().map(|code| code.code).collect();
        assert_eq!(distinct.len(), list.codes.len(), "{}", list.name);
    }
}

#[test]
fn a_code_is_written_as_graphql_writes_enum_values() {
    for code in LISTS.iter().flat_map(|list| list.codes) {
        let ends_well = code
            .code
            .starts_with(|letter: char| letter.is_ascii_uppercase())
            && !code.code.ends_with('_');
        assert!(ends_well && !code.code.contains("__"), "{}", code.code);
        assert!(
            code.code
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'),
            "{}",
            code.code
        );
    }
}

#[test]
fn every_list_and_every_code_is_described() {
    for list in LISTS {
        for (name, doc) in std::iter::once((list.name, list.doc))
            .chain(list.codes.iter().map(|code| (code.code, code.doc)))
        {
            assert!(
                doc.len() > 5 && doc.ends_with('.') && doc == doc.trim(),
                "{}.{name}: {doc}",
                list.name
            );
            assert!(
                !doc.contains(['"', '\n']) && !doc.contains("  "),
                "{}.{name}: {doc}",
                list.name
            );
        }
    }
}

fn round_trip<C: Coded + PartialEq + std::fmt::Debug>(all: &[C]) {
    assert_eq!(all.len(), C::LIST.codes.len());
    for (value, code) in all.iter().zip(C::LIST.codes) {
        assert_eq!(value.code(), code.code);
        assert_eq!(C::from_code(code.code), Some(*value));
        assert_eq!(C::from_code(&code.code.to_lowercase()), None);
        assert_eq!(C::from_code(&format!("{} ", code.code)), None);
    }
    assert_eq!(C::from_code(""), None);
    assert_eq!(C::from_code("NO_SUCH_CODE"), None);
}

#[test]
fn a_code_leads_back_to_its_value_and_no_other_text_does() {
    round_trip(MechanismKind::ALL);
    round_trip(HumanRightsSystem::ALL);
    round_trip(Region::ALL);
    round_trip(OrganisationKind::ALL);
    round_trip(FocalPointRole::ALL);
    round_trip(FocalPointStatus::ALL);
    round_trip(WorkPlanStatus::ALL);
    round_trip(WorkPlanItemStatus::ALL);
    round_trip(CooperationArea::ALL);
    round_trip(AgreementForm::ALL);
    round_trip(AgreementStatus::ALL);
    round_trip(InformationKind::ALL);
    round_trip(ClausePurpose::ALL);
    round_trip(DocumentKind::ALL);
    round_trip(CommunicationKind::ALL);
    round_trip(CommunicationStatus::ALL);
    round_trip(Stage::ALL);
    round_trip(InadmissibilityGround::ALL);
    round_trip(SourceKind::ALL);
    round_trip(MeasureKind::ALL);
    round_trip(MeasureStatus::ALL);
    round_trip(PersonRole::ALL);
    round_trip(EventKind::ALL);
    round_trip(EventStatus::ALL);
    round_trip(DatePrecision::ALL);
    round_trip(InvitationAnswer::ALL);
    round_trip(RecommendationSource::ALL);
    round_trip(RecommendationStatus::ALL);
    round_trip(StatePosition::ALL);
    round_trip(MeasureScope::ALL);
    round_trip(RecommendedActionKind::ALL);
    round_trip(AffectedGroup::ALL);
    round_trip(RecommendationRelation::ALL);
}

#[test]
fn the_statuses_run_through_every_stage_in_order() {
    let mut stages: Vec<_> = CommunicationStatus::ALL
        .iter()
        .map(|status| status.stage())
        .collect();
    assert!(stages.is_sorted());
    stages.dedup();
    assert_eq!(stages, Stage::ALL);
}
