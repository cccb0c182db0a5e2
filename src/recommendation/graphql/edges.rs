//! Where recommendations, assessments and references lead to.

use super::super::{Assessment, Evidence, Recommendation, RecommendationReference};
use crate::{
    country::Country,
    document::Document,
    edges,
    graphql::edges::topics,
    mechanism::Mechanism,
    organisation::Organisation,
    store::{
        page::Under,
        predicate::{Far, Via},
    },
};

edges! {
    /// Where a recommendation leads to.
    RecommendationEdges of Recommendation {
        one {
            /// The mechanism that has made it; the Universal Periodic Review where a State has.
            mechanism: Mechanism, by "mechanism_id";
            /// The document that it stands in.
            document: Document, by "document_id";
        }
        many {
            /// The States that it is addressed to.
            countries: Country, Under::Countries;
            /// Mechanisms that it is addressed to.
            addressees: Mechanism, Under::Link("addressees");
            /// Organisations and categories of actors that it is addressed to.
            other_addressees: Organisation, Under::Link("other_addressees");
        }
        lists {
            /// How far it is carried out, as each who has assessed it sees it.
            assessments: Assessment, Under::Key("recommendation_id");
            /// What others have given to go by in its follow-up.
            evidence: Evidence, Under::Key("recommendation_id");
            /// What it is to others, such as an echo.
            references: RecommendationReference, Under::Key("from_recommendation_id");
            /// What others are to it.
            referred_to_by: RecommendationReference, Under::Key("to_recommendation_id");
        }
        told {
            /// Codes of the themes that it concerns.
            themes: Vec<String>, |known, ctx| topics(ctx, known.id()).await.map(Some);
        }
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
        countries: Via::Countries(Far::of::<Country>());
        themes: Via::Topics;
    }
}

edges! {
    /// Where an assessment leads to.
    AssessmentEdges of Assessment {
        one {
            /// The recommendation that is assessed.
            recommendation: Recommendation, by "recommendation_id";
            /// The mechanism that has assessed it.
            mechanism: Mechanism, by "mechanism_id";
            /// The document that it rests on.
            document: Document, by "document_id";
        }
        many {}
        lists {}
        told {}
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}

edges! {
    /// Where a piece of evidence leads to.
    EvidenceEdges of Evidence {
        one {
            /// The recommendation in whose follow-up it was given.
            recommendation: Recommendation, by "recommendation_id";
            /// The mechanism to which it was given.
            mechanism: Mechanism, by "mechanism_id";
            /// The document that it is, or stands in: for the secretariat, as it says who has
            /// issued it.
            document: Document, by "document_id";
        }
        many {}
        lists {}
        told {}
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}

edges! {
    /// Where a reference leads to.
    RecommendationReferenceEdges of RecommendationReference {
        one {
            /// The recommendation that refers.
            from_recommendation: Recommendation, by "from_recommendation_id";
            /// The recommendation that is referred to.
            to_recommendation: Recommendation, by "to_recommendation_id";
            /// The mechanism that says so.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {}
        lists {}
        told {}
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}
