//! What the schema shows of measures, and the acts on them.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result};

use super::{
    InterimMeasure,
    acts::{self, NewMeasure, Taken},
    course::Step,
};
use crate::{
    communication::{Communication, Person},
    confidentiality::Known,
    country::Country,
    edges,
    graphql::{
        acts::{ChosenLevelInput, perform_at},
        given::{Given, GivenDate},
        language::Language,
    },
    identity::kind::Kind,
    mechanism::Mechanism,
    payload,
    store::{
        act::id_of,
        page::Under,
        predicate::{Far, Via},
    },
    vocabulary::{MeasureKind, measure_label_in},
};

edges! {
    /// Where an interim measure leads to.
    MeasureEdges of InterimMeasure {
        one {
            /// The mechanism before which it is.
            mechanism: Mechanism, by "mechanism_id";
            /// The communication in which it was asked for; `null` where it stands alone, or
            /// you may not know of it.
            communication: Communication, by "communication_id";
        }
        many {
            /// The States that it is addressed to.
            countries: Country, Under::Countries;
            /// The persons whom it protects: for the secretariat. Who they are is for
            /// officers with a grant for that person's file.
            beneficiaries: Person, Under::Link("beneficiaries");
        }
        lists {}
        told {
            /// Where it stands, in the mechanism's own word for such measures.
            status_label: String, |known, ctx, language: Option<Language> = "In which of the six languages; in that of `Accept-Language` where none is asked for."|
                Ok(label(known, language.or(ctx.data_opt().copied()).unwrap_or_default()));
        }
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
        countries: Via::Countries(Far::of::<Country>());
    }
}

/// The mechanism's word, where kind and status are told.
fn label(known: &Known<InterimMeasure>, language: Language) -> Option<String> {
    let kind = known.open(|row| &row.kind).visible().flatten()?;
    let status = known.open(|row| &row.status).visible().flatten()?;
    Some(measure_label_in(*kind, *status, language.code()))
}

/// A measure that is asked for.
#[derive(InputObject)]
pub struct RequestInterimMeasureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Its reference; where none is given, one is drawn that is not sequential.
    reference: Option<String>,
    /// What it is called; your mechanism's own word where nothing is said.
    kind: Option<Given<MeasureKind>>,
    /// When it was asked for; today where nothing is said.
    requested_on: Option<GivenDate>,
    /// Id of the communication in which it is asked for; none where it stands alone.
    communication: Option<ID>,
    /// ISO alpha-3 codes of the States addressed; the communication's where none is named.
    #[graphql(default)]
    countries: Vec<String>,
    /// Codes of the themes that it concerns; the communication's where none is named.
    #[graphql(default)]
    themes: Vec<String>,
    /// Ids of the persons whom it protects, from your own files; at most 20.
    #[graphql(default)]
    beneficiaries: Vec<ID>,
    /// What the State is to be asked to do.
    asked_of_state: Option<String>,
    /// The risk, as the secretariat sees it.
    risk: Option<String>,
    /// Whether it is left out of what a clause on measures opens: then nobody but your
    /// secretariat knows that it is there.
    #[graphql(default)]
    discreet: bool,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// A step in the course of a measure.
#[derive(InputObject)]
pub struct InterimMeasureStepInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The measure's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
}

/// A refusal to grant a measure.
#[derive(InputObject)]
pub struct RefuseInterimMeasureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The measure's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// When it was decided; today where nothing is said.
    on: Option<GivenDate>,
}

/// A measure that is granted.
#[derive(InputObject)]
pub struct GrantInterimMeasureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The measure's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// When it was decided; today where nothing is said.
    on: Option<GivenDate>,
    /// The last day on which it is in force.
    until: Option<GivenDate>,
    /// What the State is asked to do.
    asked_of_state: Option<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// A measure that is extended.
#[derive(InputObject)]
pub struct ExtendInterimMeasureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The measure's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// When it was decided; today where nothing is said.
    on: Option<GivenDate>,
    /// The last day on which it is in force.
    until: GivenDate,
}

/// A measure whose content is changed.
#[derive(InputObject)]
pub struct ModifyInterimMeasureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The measure's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// When it was decided; today where nothing is said.
    on: Option<GivenDate>,
    /// The last day on which it is in force.
    until: Option<GivenDate>,
    /// What the State is asked to do from now on.
    asked_of_state: String,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// A measure that is lifted.
#[derive(InputObject)]
pub struct LiftInterimMeasureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The measure's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// When it was decided; today where nothing is said.
    on: Option<GivenDate>,
    /// Why.
    reason_for_lifting: String,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// Whether the State has complied.
#[derive(InputObject)]
pub struct RecordInterimMeasureComplianceInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The measure's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// Whether it has.
    complied: bool,
}

payload! {
    /// What an act on an interim measure answers.
    InterimMeasurePayload,
    /// The measure, as you may be told of it now; `null` where nothing was done.
    interim_measure: InterimMeasure
}

/// A step of which nothing more is said.
fn plain(id: &ID, expected: Option<String>, step: Step) -> Taken {
    Taken {
        id: id_of(Kind::InterimMeasure, id),
        expected,
        step,
        on: None,
        until: None,
        asked_of_state: None,
        reason: None,
    }
}

async fn taken(
    ctx: &Context<'_>,
    (name, key): (&'static str, Option<String>),
    levels: Vec<ChosenLevelInput>,
    step: Taken,
) -> Result<InterimMeasurePayload> {
    let outcome = perform_at(ctx, (name, key.as_deref()), levels, move |act| {
        Box::pin(acts::take(act, step))
    });
    Ok(InterimMeasurePayload::from(outcome.await?))
}

/// Acts on the measures of one's own docket.
#[derive(Default)]
pub struct MeasureActs;

#[GraphqlObject]
impl MeasureActs {
    /// Enters a request for interim, provisional or precautionary measures in the docket of
    /// your mechanism. Nobody else knows of it, but the parties to an agreement whose clause
    /// names your measures.
    async fn request_interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RequestInterimMeasureInput,
    ) -> Result<InterimMeasurePayload> {
        let beneficiaries = input.beneficiaries.iter();
        let communication = input.communication.as_ref();
        let new = NewMeasure {
            reference: input.reference,
            kind: input.kind.map(|code| code.0),
            requested_on: input.requested_on.map(|date| date.0),
            communication: communication.map(|id| id_of(Kind::Communication, id)),
            countries: input.countries,
            themes: input.themes,
            beneficiaries: beneficiaries.map(|id| id_of(Kind::Person, id)).collect(),
            asked_of_state: input.asked_of_state,
            risk: input.risk,
            discreet: input.discreet,
        };
        let named = ("requestInterimMeasure", input.key.as_deref());
        let outcome = perform_at(ctx, named, input.levels, move |act| {
            Box::pin(acts::request(act, new))
        });
        Ok(InterimMeasurePayload::from(outcome.await?))
    }

    /// Asks the State for information before a measure is decided on.
    async fn ask_state_on_interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: InterimMeasureStepInput,
    ) -> Result<InterimMeasurePayload> {
        let step = Step::AskState;
        let step = plain(&input.id, input.expected_version, step);
        let named = ("askStateOnInterimMeasure", input.key);
        taken(ctx, named, Vec::new(), step).await
    }

    /// Grants a measure. It is not published by that: who may know of it stays as it is.
    async fn grant_interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: GrantInterimMeasureInput,
    ) -> Result<InterimMeasurePayload> {
        let step = Step::Grant;
        let step = Taken {
            on: input.on.map(|date| date.0),
            until: input.until.map(|date| date.0),
            asked_of_state: input.asked_of_state,
            ..plain(&input.id, input.expected_version, step)
        };
        let named = ("grantInterimMeasure", input.key);
        taken(ctx, named, input.levels, step).await
    }

    /// Does not grant a measure.
    async fn refuse_interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RefuseInterimMeasureInput,
    ) -> Result<InterimMeasurePayload> {
        let step = Step::Refuse;
        let step = Taken {
            on: input.on.map(|date| date.0),
            ..plain(&input.id, input.expected_version, step)
        };
        let named = ("refuseInterimMeasure", input.key);
        taken(ctx, named, Vec::new(), step).await
    }

    /// Extends a measure in force to a later day; one that has expired is asked for anew.
    async fn extend_interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: ExtendInterimMeasureInput,
    ) -> Result<InterimMeasurePayload> {
        let step = Step::Extend;
        let step = Taken {
            on: input.on.map(|date| date.0),
            until: Some(input.until.0),
            ..plain(&input.id, input.expected_version, step)
        };
        let named = ("extendInterimMeasure", input.key);
        taken(ctx, named, Vec::new(), step).await
    }

    /// Changes what a measure in force asks of the State.
    async fn modify_interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: ModifyInterimMeasureInput,
    ) -> Result<InterimMeasurePayload> {
        let step = Step::Modify;
        let step = Taken {
            on: input.on.map(|date| date.0),
            until: input.until.map(|date| date.0),
            asked_of_state: Some(input.asked_of_state),
            ..plain(&input.id, input.expected_version, step)
        };
        let named = ("modifyInterimMeasure", input.key);
        taken(ctx, named, input.levels, step).await
    }

    /// Lifts a measure in force.
    async fn lift_interim_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LiftInterimMeasureInput,
    ) -> Result<InterimMeasurePayload> {
        let step = Step::Lift;
        let step = Taken {
            on: input.on.map(|date| date.0),
            reason: Some(input.reason_for_lifting),
            ..plain(&input.id, input.expected_version, step)
        };
        let named = ("liftInterimMeasure", input.key);
        taken(ctx, named, input.levels, step).await
    }

    /// Records whether the State has complied with a measure.
    async fn record_interim_measure_compliance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")]
        input: RecordInterimMeasureComplianceInput,
    ) -> Result<InterimMeasurePayload> {
        let step = Step::RecordCompliance {
            complied: input.complied,
        };
        let step = plain(&input.id, input.expected_version, step);
        let named = ("recordInterimMeasureCompliance", input.key);
        taken(ctx, named, Vec::new(), step).await
    }
}
