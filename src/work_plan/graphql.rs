//! What the schema shows of work plans, objectives and items.

use super::{Objective, WorkPlan, WorkPlanItem};
use crate::{
    country::Country,
    edges,
    graphql::edges::topics,
    mechanism::Mechanism,
    store::{
        page::Under,
        predicate::{Far, Via},
    },
};

edges! {
    /// Where a work plan leads to.
    WorkPlanEdges of WorkPlan {
        one {
            /// The mechanism whose plan it is.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {}
        lists {
            /// What the plan sets out to reach.
            objectives: Objective, Under::Key("work_plan_id");
        }
        told {}
    }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}

edges! {
    /// Where an objective leads to.
    ObjectiveEdges of Objective {
        one {
            /// The plan that it is part of.
            work_plan: WorkPlan, by "work_plan_id";
        }
        many {}
        lists {
            /// What is to be done for it.
            items: WorkPlanItem, Under::Key("objective_id");
        }
        told {}
    }
}

edges! {
    /// Where an item of a work plan leads to.
    WorkPlanItemEdges of WorkPlanItem {
        one {
            /// The objective that it serves.
            objective: Objective, by "objective_id";
        }
        many {
            /// Mechanisms that are responsible for it.
            responsible: Mechanism, Under::Link("responsible");
            /// Mechanisms that take part in it.
            associated: Mechanism, Under::Link("associated");
            /// Countries that it concerns.
            countries: Country, Under::Countries;
        }
        lists {}
        told {
            /// Codes of the themes that it concerns.
            themes: Vec<String>, |known, ctx| topics(ctx, known.id()).await.map(Some);
        }
    }
    filters {
        countries: Via::Countries(Far::of::<Country>());
        themes: Via::Topics;
    }
}
