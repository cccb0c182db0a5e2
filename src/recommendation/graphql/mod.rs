//! What the schema shows of recommendations, and the acts on them.

mod acts;
mod edges;
mod inputs;

pub use self::acts::RecommendationActs;
