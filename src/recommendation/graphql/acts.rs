//! The acts on recommendations, as the schema has them.

use async_graphql::{Context, Object as GraphqlObject, Result};

use super::{
    super::{
        Assessment, Evidence, Recommendation, RecommendationReference,
        acts::{self, Adoption},
        assess,
    },
    inputs::{
        AdoptRecommendationInput, AmendRecommendationInput, AssessRecommendationInput,
        DraftRecommendationInput, RecommendationActInput, RecordEvidenceInput,
        RecordStatePositionInput, RelateRecommendationsInput,
    },
};
use crate::{
    graphql::acts::{perform, perform_at},
    identity::kind::Kind,
    payload,
    store::act::id_of,
};

payload! {
    /// What an act on a recommendation answers.
    RecommendationPayload,
    /// The recommendation, as you may be told of it now; `null` where nothing was done.
    recommendation: Recommendation
}

payload! {
    /// What an act on an assessment answers.
    AssessmentPayload,
    /// The assessment, as you may be told of it now; `null` where nothing was done.
    assessment: Assessment
}

payload! {
    /// What an act on a piece of evidence answers.
    EvidencePayload,
    /// The evidence, as you may be told of it now; `null` where nothing was done.
    evidence: Evidence
}

payload! {
    /// What an act on a reference answers.
    RecommendationReferencePayload,
    /// The reference, as you may be told of it now; `null` where nothing was done.
    recommendation_reference: RecommendationReference
}

/// Acts on recommendations.
#[derive(Default)]
pub struct RecommendationActs;

#[GraphqlObject]
impl RecommendationActs {
    /// Prepares a recommendation of your mechanism. Nobody else knows of it, but the parties
    /// to an agreement whose clause names your recommendations.
    async fn draft_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DraftRecommendationInput,
    ) -> Result<RecommendationPayload> {
        let key = input.key.clone();
        let (new, levels) = input.into();
        let named = ("draftRecommendation", key.as_deref());
        let outcome = perform_at(ctx, named, levels, move |act| {
            Box::pin(acts::draft(act, new))
        });
        Ok(RecommendationPayload::from(outcome.await?))
    }

    /// Amends a recommendation of your mechanism; its words only until it is adopted.
    async fn amend_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AmendRecommendationInput,
    ) -> Result<RecommendationPayload> {
        let id = id_of(Kind::Recommendation, &input.id);
        let (key, expected) = (input.key.clone(), input.expected_version.clone());
        let (amendment, levels) = input.into();
        let named = ("amendRecommendation", key.as_deref());
        let outcome = perform_at(ctx, named, levels, move |act| {
            Box::pin(async move { acts::amend(act, (id, expected.as_deref()), amendment).await })
        });
        Ok(RecommendationPayload::from(outcome.await?))
    }

    /// Adopts a recommendation that your mechanism has prepared. It is not published by that:
    /// who may know of it stays as it is.
    async fn adopt_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AdoptRecommendationInput,
    ) -> Result<RecommendationPayload> {
        let (id, expected) = (
            id_of(Kind::Recommendation, &input.id),
            input.expected_version,
        );
        let adoption = Adoption {
            on: input.on.map(|date| date.0),
            follow_up_within: input.follow_up_within,
        };
        let named = ("adoptRecommendation", input.key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(async move { acts::adopt(act, (id, expected.as_deref()), adoption).await })
        });
        Ok(RecommendationPayload::from(outcome.await?))
    }

    /// Publishes an adopted recommendation of your mechanism: anyone is told of it. Some
    /// bodies do so with the State's consent only.
    async fn publish_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecommendationActInput,
    ) -> Result<RecommendationPayload> {
        let (id, expected) = (
            id_of(Kind::Recommendation, &input.id),
            input.expected_version,
        );
        let named = ("publishRecommendation", input.key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(async move { acts::publish(act, (id, expected.as_deref())).await })
        });
        Ok(RecommendationPayload::from(outcome.await?))
    }

    /// Records what the State has said of an adopted recommendation of your mechanism.
    async fn record_state_position(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecordStatePositionInput,
    ) -> Result<RecommendationPayload> {
        let (id, expected) = (
            id_of(Kind::Recommendation, &input.id),
            input.expected_version,
        );
        let said = (input.position.0, input.on.map(|date| date.0));
        let named = ("recordStatePosition", input.key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(
                async move { acts::record_position(act, (id, expected.as_deref()), said).await },
            )
        });
        Ok(RecommendationPayload::from(outcome.await?))
    }

    /// Ends the follow-up of an adopted recommendation of your mechanism.
    async fn close_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecommendationActInput,
    ) -> Result<RecommendationPayload> {
        let (id, expected) = (
            id_of(Kind::Recommendation, &input.id),
            input.expected_version,
        );
        let named = ("closeRecommendation", input.key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(async move { acts::close(act, (id, expected.as_deref())).await })
        });
        Ok(RecommendationPayload::from(outcome.await?))
    }

    /// Assesses for your mechanism how far a recommendation, of whatever mechanism, is
    /// carried out: for your secretariat alone until you publish it. It changes no other
    /// assessment; they stand side by side.
    async fn assess_recommendation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AssessRecommendationInput,
    ) -> Result<AssessmentPayload> {
        let key = input.key.clone();
        let (new, levels) = input.into();
        let named = ("assessRecommendation", key.as_deref());
        let outcome = perform_at(ctx, named, levels, move |act| {
            Box::pin(assess::assess(act, new))
        });
        Ok(AssessmentPayload::from(outcome.await?))
    }

    /// Publishes an assessment of your mechanism, of a recommendation that anyone is told of.
    async fn publish_assessment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecommendationActInput,
    ) -> Result<AssessmentPayload> {
        let (id, expected) = (id_of(Kind::Assessment, &input.id), input.expected_version);
        let named = ("publishAssessment", input.key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(
                async move { assess::publish::<Assessment>(act, (id, expected.as_deref())).await },
            )
        });
        Ok(AssessmentPayload::from(outcome.await?))
    }

    /// Records what somebody has given your mechanism to go by in the follow-up of a
    /// recommendation, of whatever mechanism: for your secretariat alone until you publish it.
    async fn record_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecordEvidenceInput,
    ) -> Result<EvidencePayload> {
        let key = input.key.clone();
        let (new, levels) = input.into();
        let named = ("recordEvidence", key.as_deref());
        let outcome = perform_at(ctx, named, levels, move |act| {
            Box::pin(assess::record_evidence(act, new))
        });
        Ok(EvidencePayload::from(outcome.await?))
    }

    /// Publishes evidence that your mechanism was given, on a recommendation that anyone is
    /// told of. Who has given it stays with your secretariat.
    async fn publish_evidence(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecommendationActInput,
    ) -> Result<EvidencePayload> {
        let (id, expected) = (id_of(Kind::Evidence, &input.id), input.expected_version);
        let named = ("publishEvidence", input.key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(
                async move { assess::publish::<Evidence>(act, (id, expected.as_deref())).await },
            )
        });
        Ok(EvidencePayload::from(outcome.await?))
    }

    /// Says for your mechanism what one recommendation is to another, such as an echo. Anyone
    /// is told where anyone is told of both; your secretariat alone where not.
    async fn relate_recommendations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RelateRecommendationsInput,
    ) -> Result<RecommendationReferencePayload> {
        let key = input.key.clone();
        let new = input.into();
        let named = ("relateRecommendations", key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(assess::relate(act, new))
        });
        Ok(RecommendationReferencePayload::from(outcome.await?))
    }
}
