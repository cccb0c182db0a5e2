//! The acts of the same-matter check, as the API takes them.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result};

use super::payloads::{
    AgreeSideBySidePayload, AnswerSameMatterPayload, BlindMatterPayload, CanaryPayload,
    CheckSameMatterPayload, OpenSideBySidePayload,
};
use crate::{
    graphql::{
        acts::{failed, perform},
        context::Asking,
        given::{Given, GivenDate},
    },
    identity::kind::Kind,
    matter::acts::{self, Answer, Canary, ClientMatter, ClientToken, ClientTokens},
    same_matter::{ElsewhereStage, KeyKind},
    store::act::{RefusalCode, id_of, request_of},
    vocabulary::OwnersAnswer,
};

/// A question whether another mechanism holds the same matter. It names nobody: it is about
/// a registered communication of yours, or a matter that was registered by its tokens.
#[derive(InputObject)]
pub struct CheckSameMatterInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    communication: Option<ID>,
    /// The id of a matter without names.
    blind_matter: Option<ID>,
}

/// An answer to a signal.
#[derive(InputObject)]
pub struct AnswerSameMatterInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The signal's id.
    signal: ID,
    /// The answer.
    answer: Given<OwnersAnswer>,
    /// How the matter stands with you; as its status says where nothing is said.
    stage: Option<Given<ElsewhereStage>>,
}

/// Your word that an overlap is looked at side by side.
#[derive(InputObject)]
pub struct AgreeSideBySideInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The id of the overlap, which is that of the signal.
    overlap: ID,
    /// The legal basis; where none is said, it is the consent of the person concerned to a
    /// disclosure to the other mechanism, which has to be on file.
    legal_basis: Option<String>,
}

/// An overlap that is looked at side by side. It has no key: a second look is a second act.
#[derive(InputObject)]
pub struct OpenSideBySideInput {
    /// The id of the overlap, which is that of the signal.
    overlap: ID,
}

/// A token that your own client has made with the holders of the secret.
#[derive(InputObject)]
pub struct MatchTokenInput {
    /// The token: 16 to 64 bytes, in base64 of the URL alphabet without padding.
    token: String,
    /// What it is made of.
    kind: Given<KeyKind>,
    /// Whether a date in it is a neighbour of the known one.
    #[graphql(default)]
    widened: bool,
    /// Whether others' questions are to find it; never one with a neighbouring date.
    #[graphql(default = true)]
    kept: bool,
    /// Whether your own question asks for it.
    #[graphql(default = true)]
    asked: bool,
}

/// One of those whose matter it is, as tokens alone.
#[derive(InputObject)]
pub struct MatchElementInput {
    /// The tokens.
    tokens: Vec<MatchTokenInput>,
}

/// A matter whose names stay with you.
#[derive(InputObject)]
pub struct RegisterBlindMatterInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Your own word for it: a number, never a name.
    handle: String,
    /// ISO alpha-3 codes of the States.
    countries: Vec<String>,
    /// In which month it was registered, such as `2026-03`.
    registered_in: Option<GivenDate>,
    /// The name of the secret under which the tokens are made.
    secret: String,
    /// The version of the keys, such as `N1`.
    normalisation: String,
    /// Those whose matter it is; at most 128.
    elements: Vec<MatchElementInput>,
}

/// A matter without names that is taken away.
#[derive(InputObject)]
pub struct WithdrawBlindMatterInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The matter's id.
    blind_matter: ID,
}

/// A canary: a person who does not exist, so that whoever's question meets it is guessing.
#[derive(InputObject)]
pub struct RegisterCanaryInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The invented name, in each way in which it is written. It is kept as tokens alone.
    #[graphql(default)]
    names: Vec<String>,
    /// The invented date of birth.
    birth_date: Option<GivenDate>,
    /// The invented day of what happened.
    happened_on: Option<GivenDate>,
    /// ISO alpha-3 codes of the States.
    countries: Vec<String>,
    /// Instead of name and dates, tokens that your own client has made of them: then questions
    /// without names meet it.
    tokens: Option<MatchTokensInput>,
}

/// An invented person as tokens alone.
#[derive(InputObject)]
pub struct MatchTokensInput {
    /// The name of the secret under which the tokens are made.
    secret: String,
    /// The version of the keys, such as `N1`.
    normalisation: String,
    /// The person.
    element: MatchElementInput,
}

impl MatchElementInput {
    fn into_tokens(self) -> Vec<ClientToken> {
        let tokens = self.tokens.into_iter().map(|given| ClientToken {
            token: given.token,
            kind: given.kind.0,
            widened: given.widened,
            kept: given.kept,
            asked: given.asked,
        });
        tokens.collect()
    }
}

/// Acts of the same-matter check.
#[derive(Default)]
pub struct MatterActs;

#[GraphqlObject]
impl MatterActs {
    /// Asks whether another mechanism holds the same matter as a registered communication of
    /// yours. It is taken alike whatever there is, and answered after ten working days. At
    /// most three times in 90 days for one matter, and 50 times a day.
    async fn check_same_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CheckSameMatterInput,
    ) -> Result<CheckSameMatterPayload> {
        let communication = input.communication.as_ref();
        let communication = communication.map(|id| id_of(Kind::Communication, id));
        let blind = input.blind_matter.as_ref().map(|id| request_of(id));
        let asked = acts::one_of(communication, blind);
        let matter = asked.as_ref().ok().and_then(|asked| asked.matter());
        let named = ("checkSameMatter", input.key.as_deref());
        let outcome = perform(ctx, named.0, named.1, move |act| {
            Box::pin(async move { acts::check(act, asked?).await })
        })
        .await?;
        // What was refused is on record, too; of what is not there nothing is.
        let refused = outcome.as_ref().err();
        if refused.is_some_and(|refusal| refusal.code == RefusalCode::Conflict)
            && let Some(matter) = matter
        {
            let reader = ctx.asked()?.reader.clone();
            let noted = reader.store().note_refused_check(reader.viewer(), matter);
            noted.await.map_err(|fault| failed(&fault))?;
        }
        Ok(CheckSameMatterPayload(outcome))
    }

    /// Answers a signal that a question of another mechanism may be about a matter of yours.
    /// An overlap is told to who has asked at the due date, with the stage of the procedure,
    /// the month of registration and the four elements; anything else looks to them as if
    /// nothing had been found.
    async fn answer_same_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AnswerSameMatterInput,
    ) -> Result<AnswerSameMatterPayload> {
        let id = request_of(&input.signal);
        let said = Answer {
            answer: input.answer.0,
            stage: input.stage.map(|stage| stage.0),
        };
        let outcome = perform(ctx, "answerSameMatter", input.key.as_deref(), move |act| {
            Box::pin(acts::answer(act, id, said))
        });
        Ok(AnswerSameMatterPayload(outcome.await?))
    }

    /// Gives your word that a confirmed overlap is looked at side by side: when both have,
    /// officers of both may, for 14 days.
    async fn agree_side_by_side(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AgreeSideBySideInput,
    ) -> Result<AgreeSideBySidePayload> {
        let id = request_of(&input.overlap);
        let basis = input.legal_basis;
        let outcome = perform(ctx, "agreeSideBySide", input.key.as_deref(), move |act| {
            Box::pin(acts::agree(act, id, basis))
        });
        Ok(AgreeSideBySidePayload(outcome.await?))
    }

    /// Looks at a confirmed overlap side by side. Each look is on record, with both. What
    /// identifies a person is opened on the file, by a grant and consent, as ever.
    async fn open_side_by_side(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: OpenSideBySideInput,
    ) -> Result<OpenSideBySidePayload> {
        let id = request_of(&input.overlap);
        let outcome = perform(ctx, "openSideBySide", None, move |act| {
            Box::pin(acts::open(act, id))
        });
        Ok(OpenSideBySidePayload(outcome.await?))
    }

    /// Registers a matter whose names stay with you, by tokens that your own client has made.
    async fn register_blind_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RegisterBlindMatterInput,
    ) -> Result<BlindMatterPayload> {
        let elements = input.elements.into_iter();
        let tokens = ClientTokens {
            secret: input.secret,
            normalisation: input.normalisation,
            elements: elements.map(MatchElementInput::into_tokens).collect(),
        };
        let matter = ClientMatter {
            handle: input.handle,
            countries: input.countries,
            registered: input.registered_in.map(|date| date.0),
            tokens,
        };
        let key = input.key.as_deref();
        let outcome = perform(ctx, "registerBlindMatter", key, move |act| {
            Box::pin(acts::register_blind(act, matter))
        });
        Ok(BlindMatterPayload(outcome.await?))
    }

    /// Takes a matter without names away, with its tokens and the signals on it.
    async fn withdraw_blind_matter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: WithdrawBlindMatterInput,
    ) -> Result<BlindMatterPayload> {
        let id = request_of(&input.blind_matter);
        let key = input.key.as_deref();
        let outcome = perform(ctx, "withdrawBlindMatter", key, move |act| {
            Box::pin(acts::withdraw_blind(act, id))
        });
        Ok(BlindMatterPayload(outcome.await?))
    }

    /// Registers a canary, as an officer charged with data protection: a question that meets
    /// it raises an alarm within a minute.
    async fn register_canary(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RegisterCanaryInput,
    ) -> Result<CanaryPayload> {
        let canary = Canary {
            names: input.names,
            born: input.birth_date.map(|date| date.0),
            happened: input.happened_on.map(|date| date.0),
            countries: input.countries,
            tokens: input.tokens.map(|tokens| ClientTokens {
                secret: tokens.secret,
                normalisation: tokens.normalisation,
                elements: vec![tokens.element.into_tokens()],
            }),
        };
        let outcome = perform(ctx, "registerCanary", input.key.as_deref(), move |act| {
            Box::pin(acts::register_canary(act, canary))
        });
        Ok(CanaryPayload(outcome.await?))
    }
}
