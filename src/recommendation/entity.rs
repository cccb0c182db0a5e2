//! The tables of recommendations, their assessments and what leads from one to another.

use crate::{
    confidentiality::stored::Codes,
    date::PartialDate,
    domain,
    vocabulary::{
        AffectedGroup, MeasureScope, RecommendationRelation, RecommendationSource,
        RecommendationStatus, RecommendedActionKind, SourceKind, StatePosition,
    },
};

domain! {
    /// A recommendation: what a mechanism, or a State under the Universal Periodic Review,
    /// asks of States and others.
    Recommendation, kind Recommendation, table "recommendation" {
        columns {
            /// Its number or paragraph in the text that it stands in, such as `12 (a)`.
            reference: String [Public],
            /// What is recommended, in the words in which it was adopted.
            text: String [Public],
            /// The kind of text that it stands in.
            made_in: RecommendationSource [Public],
            /// How far it has come.
            status: RecommendationStatus [Public],
            /// When it was adopted.
            adopted_on: PartialDate [Public],
            /// The session at which it was made, in the body's own count.
            session: String [Public],
            /// What it asks for.
            action: RecommendedActionKind [Public],
            /// How far what it asks for reaches.
            scope: MeasureScope [Public],
            /// Whom it is about.
            affected_groups: Codes<AffectedGroup> [Public],
            /// Rights that it concerns, as articles, such as `ICCPR 7`.
            rights: Vec<String> [Public],
            /// Targets of the Sustainable Development Goals that it serves, such as `16.3`.
            sdg_targets: Vec<String> [Public],
            /// ISO alpha-3 codes of the States that have made it, under the Universal
            /// Periodic Review.
            made_by: Vec<String> [Public],
            /// What the State has said of it.
            position: StatePosition [Public],
            /// When it said so.
            position_on: PartialDate [Public],
            /// By when the State is to say what it has done.
            follow_up_due: PartialDate [Public],
            /// A remark on the entry.
            note: String [Public],
            /// A remark for the secretariat.
            internal_note: String [Secretariat],
        }
        sealed {}
        edges {
            mechanism [Public],
            document [Public],
            countries [Public],
            addressees [Public],
            other_addressees [Public],
            themes [Public],
        }
        lists { assessments, evidence, references, referred_to_by, texts, translations }
        keys { mechanism_id, document_id }
    }
}

domain! {
    /// How far a recommendation is carried out, as one mechanism sees it: one among several
    /// that stand side by side.
    Assessment, kind Assessment, table "assessment" {
        columns {
            /// Code of the scale, as `assessmentScales` has it.
            scale: String [Public],
            /// The grade, in that scale's own code.
            value: String [Public],
            /// When it was given.
            assessed_on: PartialDate [Public],
            /// What it rests on, in words.
            reasoning: String [Public],
            /// A remark for the secretariat.
            internal_note: String [Secretariat],
        }
        sealed {}
        edges {
            recommendation [Public],
            mechanism [Public],
            document [Public],
        }
        lists { texts, translations }
        keys { recommendation_id, mechanism_id, document_id }
    }
}

domain! {
    /// What somebody has given a mechanism to go by in the follow-up of a recommendation: a
    /// national institution, a preventive mechanism, an organisation.
    Evidence, kind Evidence, table "evidence" {
        columns {
            /// What it says, without who has given it.
            summary: String [Public],
            /// When it was given.
            given_on: PartialDate [Public],
            /// What kind of source has given it.
            source_kind: SourceKind [Secretariat, floor Public],
            /// Who has given it: an institution or an organisation, never a person. It stays
            /// with the secretariat, whatever becomes of the rest.
            source_name: String [Secretariat],
            /// A remark for the secretariat.
            internal_note: String [Secretariat],
        }
        sealed {}
        edges {
            recommendation [Public],
            mechanism [Public],
            document [Secretariat, floor Public],
        }
        lists { texts, translations }
        keys { recommendation_id, mechanism_id, document_id }
    }
}

domain! {
    /// What one recommendation is to another, as one mechanism sees it.
    RecommendationReference, kind RecommendationReference, table "recommendation_reference" {
        columns {
            /// What the first is to the second.
            relation: RecommendationRelation [Public],
            /// Why.
            remark: String [Public],
        }
        sealed {}
        edges {
            from_recommendation [Public],
            to_recommendation [Public],
            mechanism [Public],
        }
        lists { texts, translations }
        keys { from_recommendation_id, to_recommendation_id, mechanism_id }
    }
}
