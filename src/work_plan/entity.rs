//! The tables of work plans, objectives and items.

use crate::{
    date::PartialDate,
    domain,
    vocabulary::{CooperationArea, WorkPlanItemStatus, WorkPlanStatus},
};

domain! {
    /// The work plan of a mechanism for a period.
    WorkPlan, kind WorkPlan, table "work_plan" {
        columns {
            /// What it is called.
            title: String [Public],
            /// The period that it is for.
            period: PartialDate [Public],
            /// Draft, published or completed.
            status: WorkPlanStatus [Public],
        }
        sealed {}
        edges {
            mechanism [Public],
        }
        lists { objectives, texts, translations }
        keys { mechanism_id }
    }
}

domain! {
    /// An objective of a work plan.
    Objective, kind Objective, table "objective" {
        columns {
            /// What is to be reached.
            title: String [Public],
            /// Its place in the plan.
            position: i64 [Public],
        }
        sealed {}
        edges {
            work_plan [Public],
        }
        lists { items, texts, translations }
        keys { work_plan_id }
    }
}

domain! {
    /// An item of a work plan: an activity, when, and by whom.
    WorkPlanItem, kind WorkPlanItem, table "work_plan_item" {
        columns {
            /// What is to be done.
            activity: String [Public],
            /// When, in the plan's own words.
            timeline: String [Public],
            /// When it is due.
            due: PartialDate [Public],
            /// How far it is.
            status: WorkPlanItemStatus [Public],
            /// The area of cooperation that it belongs to.
            area: CooperationArea [Public],
            /// Places to visit, before they are announced: for the parties of a channel.
            places_to_visit: String [Channel],
            /// A remark on the entry.
            note: String [Public],
        }
        sealed {}
        edges {
            objective [Public],
            responsible [Public],
            associated [Public],
            countries [Public],
            themes [Public],
        }
        lists { texts, translations }
        keys { objective_id }
    }
}
