//! Recommendations and their follow-up: UN and regional ones in one model.
//!
//! A recommendation that is being prepared is told to nobody else but where a clause names
//! `RECOMMENDATIONS`; it is adopted, and published as an act of its own, since some bodies
//! publish with the State's consent only. Whoever sees one may assess it, on a scale that is
//! data: assessments stand side by side, and a grade is never turned into another scale's.
//! What it goes by may come from others, whose names stay with the secretariat.
//!
//! Sources: treaty bodies' follow-up procedures (e.g. CCPR/C/161); HRC resolution 5/1, annex,
//! paras. 26-32 (the State's position under the UPR).

mod acts;
mod assess;
mod entity;
mod graphql;
mod scale;

pub use self::{
    entity::{Assessment, Evidence, Recommendation, RecommendationReference},
    graphql::RecommendationActs,
    scale::{AssessmentScale, scales},
};
