//! What the schema shows of work plans, objectives and items.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object as GraphqlObject, Result};

use super::{
    Objective, WorkPlan, WorkPlanItem,
    acts::{self, ItemAmendment, NewItem, NewPlan, PlanAmendment},
};
use crate::{
    confidentiality::Level,
    country::Country,
    edges,
    graphql::{
        acts::{ChosenLevelInput, perform, perform_at},
        edges::topics,
        given::{Given, GivenDate},
    },
    identity::kind::Kind,
    mechanism::Mechanism,
    payload,
    store::{
        act::id_of,
        page::Under,
        predicate::{Far, Via},
    },
    vocabulary::{CooperationArea, WorkPlanItemStatus},
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
    texts { texts, translations }
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
    texts { texts, translations }
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
    texts { texts, translations }
    filters {
        countries: Via::Countries(Far::of::<Country>());
        themes: Via::Topics;
    }
}

/// A work plan that is drafted.
#[derive(InputObject)]
pub struct DraftWorkPlanInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// What it is called.
    title: String,
    /// The period that it is for, such as `2026` or `2026-01/2026-06`.
    period: GivenDate,
}

/// What a work plan is to say; what is left out stays.
#[derive(InputObject)]
pub struct AmendWorkPlanInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The plan's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// What it is called.
    title: MaybeUndefined<String>,
    /// The period that it is for.
    period: MaybeUndefined<GivenDate>,
}

/// The work plan that is published or completed.
#[derive(InputObject)]
pub struct WorkPlanActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The plan's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
}

/// An objective that is added to a work plan.
#[derive(InputObject)]
pub struct AddObjectiveInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The plan's id.
    work_plan: ID,
    /// What is to be reached.
    title: String,
}

/// An item that is added to an objective.
#[derive(InputObject)]
pub struct AddWorkPlanItemInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The objective's id.
    objective: ID,
    /// What is to be done.
    activity: String,
    /// When, in the plan's own words.
    timeline: MaybeUndefined<String>,
    /// When it is due.
    due: MaybeUndefined<GivenDate>,
    /// How far it is; `PLANNED` where nothing is said.
    status: MaybeUndefined<Given<WorkPlanItemStatus>>,
    /// The area of cooperation that it belongs to.
    area: MaybeUndefined<Given<CooperationArea>>,
    /// Places to visit, before they are announced: for the parties of a channel.
    places_to_visit: MaybeUndefined<String>,
    /// A remark on the entry.
    note: MaybeUndefined<String>,
    /// Ids of the mechanisms that are responsible for it; your own where none is named.
    #[graphql(default)]
    responsible: Vec<ID>,
    /// Ids of the mechanisms that take part in it.
    #[graphql(default)]
    associated: Vec<ID>,
    /// ISO alpha-3 codes of the States that it concerns.
    #[graphql(default)]
    countries: Vec<String>,
    /// Codes of the themes that it concerns, such as `torture_prevention`.
    #[graphql(default)]
    themes: Vec<String>,
    /// The level at which it is known that the item is there, where that is above its plan's.
    existence: Option<Given<Level>>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// What an item of a work plan is to say; what is left out stays, `null` takes away.
#[derive(InputObject)]
pub struct AmendWorkPlanItemInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The item's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// What is to be done.
    activity: MaybeUndefined<String>,
    /// When, in the plan's own words.
    timeline: MaybeUndefined<String>,
    /// When it is due.
    due: MaybeUndefined<GivenDate>,
    /// How far it is.
    status: MaybeUndefined<Given<WorkPlanItemStatus>>,
    /// The area of cooperation that it belongs to.
    area: MaybeUndefined<Given<CooperationArea>>,
    /// Places to visit, before they are announced: for the parties of a channel.
    places_to_visit: MaybeUndefined<String>,
    /// A remark on the entry.
    note: MaybeUndefined<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

payload! {
    /// What an act on a work plan answers.
    WorkPlanPayload,
    /// The plan, as you may be told of it now; `null` where nothing was done.
    work_plan: WorkPlan
}

payload! {
    /// What an act on an objective answers.
    ObjectivePayload,
    /// The objective, as you may be told of it now; `null` where nothing was done.
    objective: Objective
}

payload! {
    /// What an act on an item of a work plan answers.
    WorkPlanItemPayload,
    /// The item, as you may be told of it now; `null` where nothing was done.
    work_plan_item: WorkPlanItem
}

/// Acts of a mechanism on its own work plans.
#[derive(Default)]
pub struct WorkPlanActs;

#[GraphqlObject]
impl WorkPlanActs {
    /// Drafts a work plan of your mechanism: until it is published, it is for partners.
    async fn draft_work_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DraftWorkPlanInput,
    ) -> Result<WorkPlanPayload> {
        let new = NewPlan {
            title: input.title,
            period: input.period.0,
        };
        let outcome = perform(ctx, "draftWorkPlan", input.key.as_deref(), move |act| {
            Box::pin(acts::draft(act, new))
        });
        Ok(WorkPlanPayload::from(outcome.await?))
    }

    /// Amends a work plan of your mechanism that is not completed.
    async fn amend_work_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AmendWorkPlanInput,
    ) -> Result<WorkPlanPayload> {
        let (id, expected) = (id_of(Kind::WorkPlan, &input.id), input.expected_version);
        let amendment = PlanAmendment {
            title: input.title,
            period: input.period.map_value(|date| date.0),
        };
        let outcome = perform(ctx, "amendWorkPlan", input.key.as_deref(), move |act| {
            Box::pin(async move { acts::amend(act, id, expected.as_deref(), amendment).await })
        });
        Ok(WorkPlanPayload::from(outcome.await?))
    }

    /// Publishes a draft, with those of its objectives and items that are at its level: what
    /// you have kept at a higher one stays there.
    async fn publish_work_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: WorkPlanActInput,
    ) -> Result<WorkPlanPayload> {
        let (id, expected) = (id_of(Kind::WorkPlan, &input.id), input.expected_version);
        let outcome = perform(ctx, "publishWorkPlan", input.key.as_deref(), move |act| {
            Box::pin(async move { acts::publish(act, id, expected.as_deref()).await })
        });
        Ok(WorkPlanPayload::from(outcome.await?))
    }

    /// Completes a published work plan: its period is over.
    async fn complete_work_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: WorkPlanActInput,
    ) -> Result<WorkPlanPayload> {
        let (id, expected) = (id_of(Kind::WorkPlan, &input.id), input.expected_version);
        let outcome = perform(ctx, "completeWorkPlan", input.key.as_deref(), move |act| {
            Box::pin(async move { acts::complete(act, id, expected.as_deref()).await })
        });
        Ok(WorkPlanPayload::from(outcome.await?))
    }

    /// Adds an objective to a work plan of your mechanism.
    async fn add_objective(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AddObjectiveInput,
    ) -> Result<ObjectivePayload> {
        let plan = id_of(Kind::WorkPlan, &input.work_plan);
        let title = input.title;
        let outcome = perform(ctx, "addObjective", input.key.as_deref(), move |act| {
            Box::pin(acts::add_objective(act, plan, title))
        });
        Ok(ObjectivePayload::from(outcome.await?))
    }

    /// Adds an item to an objective of your mechanism's work plan.
    async fn add_work_plan_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AddWorkPlanItemInput,
    ) -> Result<WorkPlanItemPayload> {
        let objective = id_of(Kind::Objective, &input.objective);
        let mechanisms = |ids: Vec<ID>| {
            let ids = ids.iter().map(|id| id_of(Kind::Mechanism, id));
            ids.collect()
        };
        let new = NewItem {
            activity: input.activity,
            responsible: mechanisms(input.responsible),
            associated: mechanisms(input.associated),
            countries: input.countries,
            themes: input.themes,
            existence: input.existence.map(|level| level.0),
            details: ItemAmendment {
                activity: MaybeUndefined::Undefined,
                timeline: input.timeline,
                due: input.due.map_value(|date| date.0),
                status: input.status.map_value(|code| code.0),
                area: input.area.map_value(|code| code.0),
                places_to_visit: input.places_to_visit,
                note: input.note,
            },
        };
        let named = ("addWorkPlanItem", input.key.as_deref());
        let outcome = perform_at(ctx, named, input.levels, move |act| {
            Box::pin(acts::add_item(act, objective, new))
        });
        Ok(WorkPlanItemPayload::from(outcome.await?))
    }

    /// Amends an item of your mechanism's work plan, and says how far it is.
    async fn amend_work_plan_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AmendWorkPlanItemInput,
    ) -> Result<WorkPlanItemPayload> {
        let (id, expected) = (id_of(Kind::WorkPlanItem, &input.id), input.expected_version);
        let amendment = ItemAmendment {
            activity: input.activity,
            timeline: input.timeline,
            due: input.due.map_value(|date| date.0),
            status: input.status.map_value(|code| code.0),
            area: input.area.map_value(|code| code.0),
            places_to_visit: input.places_to_visit,
            note: input.note,
        };
        let named = ("amendWorkPlanItem", input.key.as_deref());
        let outcome = perform_at(ctx, named, input.levels, move |act| {
            Box::pin(async move { acts::amend_item(act, id, expected.as_deref(), amendment).await })
        });
        Ok(WorkPlanItemPayload::from(outcome.await?))
    }
}
