//! Every code that the demo writes is one of the field's own words.

use std::collections::BTreeSet;

use super::world;
use crate::demo::draft::{Draft, Value};

/// Kind of record, column, and the codes that the column may have.
const WORDS: [(&str, &str, &str); 28] = [
    (
        "organisation",
        "kind",
        "INTERGOVERNMENTAL NATIONAL CIVIL_SOCIETY CATEGORY_OF_ACTORS CONFERENCE STATE_GROUP",
    ),
    (
        "mechanism",
        "kind",
        "TREATY_BODY SUBCOMMITTEE SPECIAL_PROCEDURE_THEMATIC SPECIAL_PROCEDURE_COUNTRY \
         UNIVERSAL_PERIODIC_REVIEW HRC_COMPLAINT_PROCEDURE INVESTIGATIVE_BODY REGIONAL_COMMISSION \
         REGIONAL_COURT REGIONAL_COMMITTEE REGIONAL_SPECIAL_MECHANISM TREATY_MONITORING_BODY \
         COMMISSIONER EXPERT_AGENCY POLITICAL_OFFICE NHRI NPM CIVIL_SOCIETY STATE SECRETARIAT",
    ),
    (
        "mechanism",
        "system",
        "UNITED_NATIONS AFRICAN_UNION ORGANIZATION_OF_AMERICAN_STATES COUNCIL_OF_EUROPE \
         EUROPEAN_UNION OSCE ASEAN LEAGUE_OF_ARAB_STATES OIC ECOWAS EAC NATIONAL",
    ),
    (
        "mechanism",
        "region",
        "GLOBAL AFRICA AMERICAS ARAB_STATES ASIA_PACIFIC EUROPE INTERREGIONAL",
    ),
    (
        "focal_point",
        "role",
        "COOPERATION REGION THEME COUNTRY_DESK PETITIONS UPR NPM DATA_PROTECTION",
    ),
    ("focal_point", "status", "APPOINTED PROPOSED RELIEVED"),
    (
        "focal_point",
        "region",
        "GLOBAL AFRICA AMERICAS ARAB_STATES ASIA_PACIFIC EUROPE INTERREGIONAL",
    ),
    ("work_plan", "status", "DRAFT PUBLISHED COMPLETED"),
    (
        "work_plan_item",
        "status",
        "PROPOSED UNDER_CONSIDERATION AGREED PLANNED ONGOING COMPLETED POSTPONED CANCELLED",
    ),
    (
        "work_plan_item",
        "area",
        "INFORMATION_SHARING JOINT_ACTIVITIES FOLLOW_UP",
    ),
    (
        "joint_activity",
        "kind",
        "JOINT_VISIT JOINT_STATEMENT JOINT_DECLARATION JOINT_REPORT DIALOGUE COORDINATION_MEETING \
         CONSULTATION SIDE_EVENT SESSION_PARTICIPATION STAFF_EXCHANGE TRAINING WORKING_GROUP SEMINAR",
    ),
    ("joint_activity", "status", "AGREED ONGOING COMPLETED"),
    ("joint_activity", "stage", "PLANNING IMPLEMENTATION"),
    (
        "joint_activity",
        "area",
        "INFORMATION_SHARING JOINT_ACTIVITIES FOLLOW_UP",
    ),
    (
        "agreement",
        "form",
        "GENERAL_MOU SPECIFIC_MOU ROADMAP RULES_OF_PROCEDURE_AMENDMENT EXCHANGE_OF_LETTERS \
         INFORMAL_ARRANGEMENT OUTCOME_DOCUMENT",
    ),
    (
        "agreement",
        "status",
        "DRAFT UNDER_NEGOTIATION SIGNED IN_FORCE SUSPENDED EXPIRED TERMINATED",
    ),
    (
        "clause",
        "kinds",
        "WORKING_METHODS CONTACTS WORK_PLANS AGREEMENTS DOCUMENTS PENDING_LIST IDENTITIES REFERENCE",
    ),
    ("clause", "cap", "CHANNEL SECRETARIAT VICTIM"),
    (
        "clause",
        "purposes",
        "SAME_MATTER_CHECK URGENT_PROTECTION VISIT_PLANNING COUNTRY_REVIEW \
         RECOMMENDATION_FOLLOW_UP JURISPRUDENCE PUBLICATION STATISTICS AUDIT",
    ),
    (
        "document",
        "kind",
        "CONCEPT_NOTE DECLARATION DRAFT_LEGISLATION GUIDANCE_NOTE GUIDELINES JOINT_STATEMENT LETTER \
         MISSION_REPORT OUTCOME_DOCUMENT PAPER PROGRAMME PROTOCOL RECOMMENDATIONS REPORT RESOLUTION \
         ROADMAP TREATY",
    ),
    (
        "communication",
        "kind",
        "INDIVIDUAL_COMMUNICATION INTER_STATE_COMMUNICATION INQUIRY URGENT_ACTION URGENT_APPEAL \
         ALLEGATION_LETTER OTHER_LETTER PETITION PRECAUTIONARY_MEASURE_REQUEST APPLICATION \
         COLLECTIVE_COMPLAINT DETENTION_CASE DISAPPEARANCE_CASE REPRISAL_COMMUNICATION \
         EARLY_WARNING PATTERN_COMPLAINT",
    ),
    (
        "communication",
        "source_kind",
        "ALLEGED_VICTIM FAMILY REPRESENTATIVE CIVIL_SOCIETY NHRI NPM MEDIA OTHER",
    ),
    (
        "communication",
        "inadmissibility_ground",
        "SAME_MATTER_PENDING SAME_MATTER_EXAMINED DOMESTIC_REMEDIES_NOT_EXHAUSTED TIME_LIMIT \
         RATIONE_PERSONAE RATIONE_MATERIAE RATIONE_LOCI RATIONE_TEMPORIS ANONYMOUS ABUSE_OF_RIGHT \
         MANIFESTLY_ILL_FOUNDED INSUFFICIENTLY_SUBSTANTIATED INCOMPATIBLE_WITH_INSTRUMENT \
         NO_VICTIM_STATUS NO_SIGNIFICANT_DISADVANTAGE INSULTING_LANGUAGE MEDIA_ONLY \
         SETTLED_ELSEWHERE",
    ),
    (
        "communication_person",
        "role",
        "ALLEGED_VICTIM AUTHOR COMPLAINANT PETITIONER APPLICANT NEXT_OF_KIN REPRESENTATIVE SOURCE \
         WITNESS BENEFICIARY THIRD_PARTY_INTERVENER ALLEGED_PERPETRATOR RAPPORTEUR",
    ),
    ("holder", "kind", "OFFICER PARTNER_SYSTEM"),
    ("holder", "roles", "ADMITS GRANTS SIGNS"),
    (
        "consent",
        "basis",
        "GIVEN GIVEN_BY_REPRESENTATIVE NOT_ASKED REFUSED WITHDRAWN VITAL_INTEREST_OVERRIDE",
    ),
    (
        "consent",
        "purpose",
        "EXAMINATION SAME_MATTER URGENT_PROTECTION FOLLOW_UP SUBJECT_ACCESS AUDIT_REVIEW",
    ),
];

fn used<'a>(drafts: &'a [Draft], kind: &str, column: &str) -> BTreeSet<&'a str> {
    let values = drafts
        .iter()
        .filter(|draft| draft.kind == kind)
        .flat_map(|draft| &draft.values);
    values
        .filter(|(name, _)| *name == column)
        .flat_map(|(_, value)| match value {
            Value::Text(text) => std::slice::from_ref(text),
            Value::List(list) => list.as_slice(),
            Value::Number(_) | Value::Flag(_) => &[],
        })
        .map(String::as_str)
        .collect()
}

#[test]
fn every_code_is_a_word_of_the_field() {
    let world = world().unwrap();
    for (kind, column, words) in WORDS {
        let words: BTreeSet<&str> = words.split_whitespace().collect();
        let used: BTreeSet<&str> = match (kind, column) {
            ("holder", "kind") => world
                .holders
                .iter()
                .map(|holder| holder.kind.as_str())
                .collect(),
            ("holder", _) => world
                .holders
                .iter()
                .flat_map(|h| &h.roles)
                .map(String::as_str)
                .collect(),
            ("consent", "basis") => world.consents.iter().map(|c| c.basis.as_str()).collect(),
            ("consent", _) => {
                let granted = world.grants.iter().flat_map(|grant| &grant.purposes);
                let consented = world.consents.iter().map(|consent| &consent.purpose);
                granted.chain(consented).map(String::as_str).collect()
            }
            _ => used(&world.drafts, kind, column),
        };
        assert!(!used.is_empty(), "{kind}.{column}");
        let odd: Vec<_> = used.difference(&words).collect();
        assert!(odd.is_empty(), "{kind}.{column}: {odd:?}");
    }
}
