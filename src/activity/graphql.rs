//! What the schema shows of joint activities.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object as GraphqlObject, Result};

use super::{
    JointActivity,
    acts::{self, NewActivity},
    terms::{self, Amendment},
};
use crate::{
    country::Country,
    edges,
    graphql::{
        acts::perform,
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
    vocabulary::{ActivityKind, ActivityStage, CooperationArea},
};

edges! {
    /// Where a joint activity leads to.
    JointActivityEdges of JointActivity {
        one {
            /// The mechanism that has proposed it.
            proposed_by: Mechanism, by "proposed_by_id";
        }
        many {
            /// Mechanisms that take part in it.
            parties: Mechanism, Under::Link("parties");
            /// Parties that have agreed to it as it stands.
            agreed_by: Mechanism, Under::Link("agreed_by");
            /// Owners that have agreed that anyone is told of it.
            publication_agreed_by: Mechanism, Under::Link("publication_agreed_by");
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
        proposed_by: Via::Key("proposed_by_id", Far::of::<Mechanism>());
        countries: Via::Countries(Far::of::<Country>());
        themes: Via::Topics;
    }
}

/// An activity that your mechanism proposes to others.
#[derive(InputObject)]
pub struct ProposeJointActivityInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// What it is called.
    title: String,
    /// What is to be done.
    kind: Given<ActivityKind>,
    /// Codes of the mechanisms that are to take part; your own is one of them, named or not.
    parties: Vec<String>,
    /// The stage of cooperation that it is at.
    stage: MaybeUndefined<Given<ActivityStage>>,
    /// The area of cooperation that it belongs to.
    area: MaybeUndefined<Given<CooperationArea>>,
    /// When it is to begin.
    starts_on: MaybeUndefined<GivenDate>,
    /// When it is to end.
    ends_on: MaybeUndefined<GivenDate>,
    /// What it is about.
    summary: MaybeUndefined<String>,
    /// The city or place, for the parties of a channel.
    place: MaybeUndefined<String>,
    /// A remark for the secretariats that take part.
    note: MaybeUndefined<String>,
    /// ISO alpha-3 codes of the States that it concerns.
    #[graphql(default)]
    countries: Vec<String>,
    /// Codes of the themes that it concerns, such as `torture_prevention`.
    #[graphql(default)]
    themes: Vec<String>,
}

impl From<ProposeJointActivityInput> for NewActivity {
    fn from(input: ProposeJointActivityInput) -> Self {
        Self {
            parties: input.parties,
            countries: input.countries,
            themes: input.themes,
            says: Amendment {
                title: MaybeUndefined::Value(input.title),
                kind: MaybeUndefined::Value(input.kind.0),
                stage: input.stage.map_value(|code| code.0),
                area: input.area.map_value(|code| code.0),
                starts_on: input.starts_on.map_value(|date| date.0),
                ends_on: input.ends_on.map_value(|date| date.0),
                summary: input.summary,
                place: input.place,
                note: input.note,
                outcome: MaybeUndefined::Undefined,
            },
        }
    }
}

/// What a joint activity is to say; what is left out stays, `null` takes away.
#[derive(InputObject)]
pub struct AmendJointActivityInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The activity's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// What it is called.
    title: MaybeUndefined<String>,
    /// What is done.
    kind: MaybeUndefined<Given<ActivityKind>>,
    /// The stage of cooperation that it is at.
    stage: MaybeUndefined<Given<ActivityStage>>,
    /// The area of cooperation that it belongs to.
    area: MaybeUndefined<Given<CooperationArea>>,
    /// When it begins.
    starts_on: MaybeUndefined<GivenDate>,
    /// When it ends.
    ends_on: MaybeUndefined<GivenDate>,
    /// What it is about.
    summary: MaybeUndefined<String>,
    /// The city or place, for the parties of a channel.
    place: MaybeUndefined<String>,
    /// A remark for the secretariats that take part.
    note: MaybeUndefined<String>,
    /// What has come of it.
    outcome: MaybeUndefined<String>,
    /// ISO alpha-3 codes of all States that it concerns, in the place of those before.
    countries: Option<Vec<String>>,
    /// Codes of all themes that it concerns, in the place of those before.
    themes: Option<Vec<String>>,
}

/// The joint activity that an act is about.
#[derive(InputObject)]
pub struct JointActivityActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The activity's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
}

/// The joint activity that was carried out.
#[derive(InputObject)]
pub struct CompleteJointActivityInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The activity's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// What has come of it; anyone is told of it only when each owner has published it.
    outcome: Option<String>,
}

payload! {
    /// What an act on a joint activity answers.
    JointActivityPayload,
    /// The activity, as you may be told of it now; `null` where nothing was done, and where
    /// your mechanism has declined it.
    joint_activity: JointActivity
}

/// Acts on joint activities.
#[derive(Default)]
pub struct JointActivityActs;

/// One act on the activity of an input.
macro_rules! act {
    ($ctx:ident, $input:ident, $name:literal, $act:path) => {{
        let id = id_of(Kind::JointActivity, &$input.id);
        let expected = $input.expected_version;
        let outcome = perform($ctx, $name, $input.key.as_deref(), move |act| {
            Box::pin(async move { $act(act, id, expected.as_deref()).await })
        });
        Ok(JointActivityPayload::from(outcome.await?))
    }};
}

#[GraphqlObject]
impl JointActivityActs {
    /// Proposes an activity to other mechanisms: its parties may know of it, and nobody else.
    async fn propose_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: ProposeJointActivityInput,
    ) -> Result<JointActivityPayload> {
        let key = input.key.clone();
        let new = NewActivity::from(input);
        let outcome = perform(ctx, "proposeJointActivity", key.as_deref(), move |act| {
            Box::pin(acts::propose(act, new))
        });
        Ok(JointActivityPayload::from(outcome.await?))
    }

    /// Agrees to a joint activity, as it stands, for your mechanism. With the last party it
    /// is agreed.
    async fn agree_to_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JointActivityActInput,
    ) -> Result<JointActivityPayload> {
        act!(ctx, input, "agreeToJointActivity", acts::agree)
    }

    /// Declines a proposal: your mechanism takes no part in it, and is told nothing more of
    /// it. Where nobody is left to do it with, it is given up.
    async fn decline_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JointActivityActInput,
    ) -> Result<JointActivityPayload> {
        act!(ctx, input, "declineJointActivity", acts::decline)
    }

    /// Confirms the date of a joint activity that every party has agreed to.
    async fn confirm_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JointActivityActInput,
    ) -> Result<JointActivityPayload> {
        act!(ctx, input, "confirmJointActivity", acts::confirm)
    }

    /// Says that a confirmed joint activity has begun.
    async fn begin_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JointActivityActInput,
    ) -> Result<JointActivityPayload> {
        act!(ctx, input, "beginJointActivity", acts::begin)
    }

    /// Puts off a joint activity that has not begun, as any of its parties: new dates are
    /// amended, and agreed to anew.
    async fn postpone_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JointActivityActInput,
    ) -> Result<JointActivityPayload> {
        act!(ctx, input, "postponeJointActivity", acts::postpone)
    }

    /// Gives a joint activity up for all: a proposal as who has made it, else as any of its
    /// parties.
    async fn cancel_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JointActivityActInput,
    ) -> Result<JointActivityPayload> {
        act!(ctx, input, "cancelJointActivity", acts::cancel)
    }

    /// Says that a joint activity was carried out, and what has come of it.
    async fn complete_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CompleteJointActivityInput,
    ) -> Result<JointActivityPayload> {
        let id = id_of(Kind::JointActivity, &input.id);
        let (expected, came) = (input.expected_version, input.outcome);
        let key = input.key.as_deref();
        let outcome = perform(ctx, "completeJointActivity", key, move |act| {
            Box::pin(async move { acts::complete(act, id, expected.as_deref(), came).await })
        });
        Ok(JointActivityPayload::from(outcome.await?))
    }

    /// Amends a joint activity, as any of its parties. Where title, kind, dates, place or
    /// States are amended, the agreement of the others lapses, and what was agreed, confirmed
    /// or put off is a proposal again. Where anything but the remark is amended, what was
    /// published is its parties' alone until each of them has published it again.
    async fn amend_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AmendJointActivityInput,
    ) -> Result<JointActivityPayload> {
        let id = id_of(Kind::JointActivity, &input.id);
        let (expected, concerns) = (input.expected_version, (input.countries, input.themes));
        let amendment = Amendment {
            title: input.title,
            kind: input.kind.map_value(|code| code.0),
            stage: input.stage.map_value(|code| code.0),
            area: input.area.map_value(|code| code.0),
            starts_on: input.starts_on.map_value(|date| date.0),
            ends_on: input.ends_on.map_value(|date| date.0),
            summary: input.summary,
            place: input.place,
            note: input.note,
            outcome: input.outcome,
        };
        let key = input.key.as_deref();
        let outcome = perform(ctx, "amendJointActivity", key, move |act| {
            Box::pin(async move {
                terms::amend(act, id, expected.as_deref(), amendment, concerns).await
            })
        });
        Ok(JointActivityPayload::from(outcome.await?))
    }

    /// Agrees for your mechanism that anyone is told of a joint activity; with the last of
    /// its owners, anyone is. Its place and its remark keep their levels.
    async fn publish_joint_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JointActivityActInput,
    ) -> Result<JointActivityPayload> {
        act!(ctx, input, "publishJointActivity", acts::publish)
    }
}
