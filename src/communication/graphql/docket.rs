//! The acts on communications, as the API takes them.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object as GraphqlObject, Result};

use super::PersonName;
use crate::{
    communication::{
        Communication, Person,
        acts::{
            correct::Place,
            course::{self, EndWithoutDecision, Finding, FollowUp, ReopenAs, Step, Taken},
            docket::{self, Amendment, NewCommunication},
            person::NewPerson,
        },
    },
    graphql::{
        acts::{ChosenLevelInput, perform, perform_at},
        given::{Given, GivenDate},
    },
    identity::kind::Kind,
    payload,
    store::act::id_of,
    vocabulary::{CommunicationKind, InadmissibilityGround, PersonRole, SourceKind},
};

/// A communication that came in.
#[derive(InputObject)]
pub struct LodgeCommunicationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Its reference; where none is given, one is drawn that is not sequential.
    reference: Option<String>,
    /// What kind of communication it is.
    kind: Given<CommunicationKind>,
    /// Short title, without the name of anybody concerned.
    title: String,
    /// When it was received; today where nothing is said.
    received_on: Option<GivenDate>,
    /// Whether it is a joint one, of several mandates or mechanisms.
    #[graphql(default)]
    joint: bool,
    /// ISO alpha-3 codes of the States concerned.
    #[graphql(default)]
    countries: Vec<String>,
    /// Codes of the themes that it is about, such as `torture_prevention`.
    #[graphql(default)]
    issues: Vec<String>,
    /// Ids of the mandates of your mechanism under which it is examined.
    #[graphql(default)]
    mandates: Vec<ID>,
    /// Articles invoked.
    #[graphql(default)]
    articles: Vec<String>,
    /// The secretariat's own note on the docket.
    docket_note: Option<String>,
    /// What kind of source it came from: the secretariat's own knowledge.
    source_kind: Option<Given<SourceKind>>,
    /// When what it is about happened, as far as it is known: the same-matter check needs it.
    happened_on: Option<GivenDate>,
    /// Whether the alleged victim lodged it, or gave the authority to lodge it: one that was
    /// lodged without may be no bar elsewhere.
    with_authority: Option<bool>,
    /// The persons concerned, each in a file of their own; at most 20 in one act.
    #[graphql(default)]
    persons: Vec<PersonConcernedInput>,
    /// Whether it is left out of what a clause on pending communications opens: then nobody
    /// but your secretariat knows that it is there.
    #[graphql(default)]
    discreet: bool,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// A person concerned by a communication. What identifies the person is sealed.
#[derive(InputObject)]
pub struct PersonConcernedInput {
    /// What part the person has in it.
    role: Given<PersonRole>,
    /// Names of the person, in each script and spelling in which they are known: two at least
    /// where you can, so that the same-matter check finds the person.
    names: Vec<PersonNameInput>,
    /// Date of birth, as far as it is known.
    birth_date: Option<GivenDate>,
    /// How the person can be reached.
    contact: Option<String>,
}

/// A name of a person, in one script.
#[derive(InputObject)]
pub struct PersonNameInput {
    /// The name.
    text: String,
    /// Its script: ISO 15924, such as `Arab`, `Cyrl` or `Latn`.
    script: String,
    /// Its language: BCP 47, such as `ar` or `ru`.
    language: String,
}

impl From<PersonNameInput> for PersonName {
    fn from(name: PersonNameInput) -> Self {
        Self {
            text: name.text,
            script: name.script,
            language: name.language,
        }
    }
}

impl From<PersonConcernedInput> for NewPerson {
    fn from(input: PersonConcernedInput) -> Self {
        Self {
            role: input.role.0,
            names: input.names.into_iter().map(PersonName::from).collect(),
            birth_date: input.birth_date.map(|date| date.0),
            contact: input.contact,
        }
    }
}

/// What is to be amended; what is left out stays, and `null` takes away.
#[derive(InputObject)]
pub struct AmendCommunicationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// Its reference.
    reference: MaybeUndefined<String>,
    /// Short title, without the name of anybody concerned.
    title: MaybeUndefined<String>,
    /// Articles invoked.
    articles: MaybeUndefined<Vec<String>>,
    /// The secretariat's own note on the docket.
    docket_note: MaybeUndefined<String>,
    /// What kind of source it came from.
    source_kind: MaybeUndefined<Given<SourceKind>>,
    /// The outcome, in a sentence.
    outcome: MaybeUndefined<String>,
    /// Symbol of the decision.
    symbol: MaybeUndefined<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
    /// What kind of communication it is.
    kind: MaybeUndefined<Given<CommunicationKind>>,
    /// When it was received.
    received_on: MaybeUndefined<GivenDate>,
    /// When what it is about happened, as far as it is known.
    happened_on: MaybeUndefined<GivenDate>,
    /// Whether the alleged victim lodged it, or gave the authority to lodge it.
    with_authority: MaybeUndefined<bool>,
    /// ISO alpha-3 codes of the States concerned, all of them.
    countries: MaybeUndefined<Vec<String>>,
    /// Codes of the themes that it is about, all of them.
    issues: MaybeUndefined<Vec<String>>,
    /// Ids of the mandates under which it is examined, all of them.
    mandates: MaybeUndefined<Vec<ID>>,
}

/// A person to be added to a communication.
#[derive(InputObject)]
pub struct AddPersonInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    communication: ID,
    /// The person.
    person: PersonConcernedInput,
}

/// A person who has a file, and a communication that concerns them, too.
#[derive(InputObject)]
pub struct LinkPersonInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    communication: ID,
    /// The person's id.
    person: ID,
    /// What part the person has in it.
    role: Given<PersonRole>,
}

/// A person, and a communication that does not concern them.
#[derive(InputObject)]
pub struct UnlinkPersonInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    communication: ID,
    /// The person's id.
    person: ID,
}

/// A step in the course of a communication.
#[derive(InputObject)]
pub struct CommunicationStepInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
}

/// A step in the course of a communication, and the day on which it was taken.
#[derive(InputObject)]
pub struct DatedStepInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// When it was taken; today where nothing is said.
    on: Option<GivenDate>,
}

/// How admissibility is to be considered.
#[derive(InputObject)]
pub struct ConsiderAdmissibilityInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// Whether it is to be decided apart from the merits.
    #[graphql(default)]
    apart: bool,
}

/// A declaration of admissibility.
#[derive(InputObject)]
pub struct DeclareAdmissibleInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// Where some claims are inadmissible, on what ground.
    partly_inadmissible: Option<Given<InadmissibilityGround>>,
}

/// A declaration of inadmissibility.
#[derive(InputObject)]
pub struct DeclareInadmissibleInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// On what ground.
    ground: Given<InadmissibilityGround>,
    /// When it was declared; today where nothing is said.
    on: Option<GivenDate>,
    /// The outcome, in a sentence.
    outcome: Option<String>,
    /// Symbol of the decision.
    symbol: Option<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// A decision on the merits.
#[derive(InputObject)]
pub struct DecideCommunicationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// What the body has found.
    finding: Given<Finding>,
    /// When it was decided; today where nothing is said.
    on: Option<GivenDate>,
    /// The outcome, in a sentence.
    outcome: Option<String>,
    /// Symbol of the decision.
    symbol: Option<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// An end without a decision on the merits.
#[derive(InputObject)]
pub struct DiscontinueCommunicationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// How it ends.
    end: Given<EndWithoutDecision>,
    /// The outcome, in a sentence.
    outcome: Option<String>,
    /// Symbol of the decision.
    symbol: Option<String>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// A communication that is joined to another of the same docket.
#[derive(InputObject)]
pub struct JoinCommunicationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// Id of the communication to which it is joined.
    to: ID,
}

/// A communication that is taken up again.
#[derive(InputObject)]
pub struct ReopenCommunicationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// To where in its course it is reopened.
    reopen_as: Given<ReopenAs>,
}

/// Where the follow-up to a decision stands.
#[derive(InputObject)]
pub struct FollowUpCommunicationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The communication's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
    /// Where it stands.
    follow_up: Given<FollowUp>,
}

payload! {
    /// What an act on a communication answers.
    CommunicationPayload,
    /// The communication, as you may be told of it now; `null` where nothing was done.
    communication: Communication
}

payload! {
    /// What an act on a person's part in a communication answers.
    ConcernedPayload,
    /// The person, as you may be told of them now; `null` where nothing was done.
    person: Person
}

/// A step that was taken on a day that does not matter, with nothing more said of it.
fn plain(id: &ID, expected: Option<String>, step: Step) -> Taken {
    Taken {
        id: id_of(Kind::Communication, id),
        expected,
        step,
        on: None,
        outcome: None,
        symbol: None,
        to: None,
    }
}

async fn taken(
    ctx: &Context<'_>,
    name: &'static str,
    key: Option<String>,
    step: Taken,
) -> Result<CommunicationPayload> {
    taken_at(ctx, (name, key), Vec::new(), step).await
}

async fn taken_at(
    ctx: &Context<'_>,
    (name, key): (&'static str, Option<String>),
    levels: Vec<ChosenLevelInput>,
    step: Taken,
) -> Result<CommunicationPayload> {
    let outcome = perform_at(ctx, (name, key.as_deref()), levels, move |act| {
        Box::pin(course::take(act, step))
    });
    Ok(CommunicationPayload::from(outcome.await?))
}

/// Acts on the communications of one's own docket.
#[derive(Default)]
pub struct CommunicationActs;

#[GraphqlObject]
impl CommunicationActs {
    /// Lodges a communication in the docket of your mechanism. Nobody else knows of it, but
    /// the parties to an agreement whose clause names your pending communications. No other
    /// docket is consulted.
    async fn lodge_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LodgeCommunicationInput,
    ) -> Result<CommunicationPayload> {
        let mandates = input.mandates.iter();
        let new = NewCommunication {
            reference: input.reference,
            kind: input.kind.0,
            title: input.title,
            received_on: input.received_on.map(|date| date.0),
            joint: input.joint,
            countries: input.countries,
            issues: input.issues,
            mandates: mandates.map(|id| id_of(Kind::Mandate, id)).collect(),
            articles: input.articles,
            docket_note: input.docket_note,
            source_kind: input.source_kind.map(|code| code.0),
            persons: input.persons.into_iter().map(NewPerson::from).collect(),
            happened_on: input.happened_on.map(|date| date.0),
            with_authority: input.with_authority,
            discreet: input.discreet,
        };
        let named = ("lodgeCommunication", input.key.as_deref());
        let outcome = perform_at(ctx, named, input.levels, move |act| {
            Box::pin(docket::lodge(act, new))
        });
        Ok(CommunicationPayload::from(outcome.await?))
    }

    /// Amends a communication of your docket. With its States and themes, the files of the
    /// persons concerned are about others: it takes leave to write those, too.
    async fn amend_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AmendCommunicationInput,
    ) -> Result<CommunicationPayload> {
        let id = id_of(Kind::Communication, &input.id);
        let expected = input.expected_version;
        let amendment = Amendment {
            reference: input.reference,
            title: input.title,
            articles: input.articles,
            docket_note: input.docket_note,
            source_kind: input.source_kind.map_value(|code| code.0),
            outcome: input.outcome,
            symbol: input.symbol,
            kind: input.kind.map_value(|code| code.0),
            received_on: input.received_on.map_value(|date| date.0),
            happened_on: input.happened_on.map_value(|date| date.0),
            with_authority: input.with_authority,
            place: Place {
                countries: input.countries,
                issues: input.issues,
                mandates: input.mandates.map_value(|ids| {
                    let ids = ids.iter();
                    ids.map(|id| id_of(Kind::Mandate, id)).collect()
                }),
            },
        };
        let named = ("amendCommunication", input.key.as_deref());
        let outcome = perform_at(ctx, named, input.levels, move |act| {
            Box::pin(async move { docket::amend(act, id, expected.as_deref(), amendment).await })
        });
        Ok(CommunicationPayload::from(outcome.await?))
    }

    /// Adds a person to a communication of your docket, in a file of their own. What
    /// identifies them is sealed: that you have written it does not let you read it.
    async fn add_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AddPersonInput,
    ) -> Result<ConcernedPayload> {
        let id = id_of(Kind::Communication, &input.communication);
        let person = NewPerson::from(input.person);
        let outcome = perform(ctx, "addPerson", input.key.as_deref(), move |act| {
            Box::pin(docket::add_person(act, id, person))
        });
        Ok(ConcernedPayload::from(outcome.await?))
    }

    /// Says that a person who has a file is concerned by another communication, too.
    async fn link_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LinkPersonInput,
    ) -> Result<ConcernedPayload> {
        let id = id_of(Kind::Communication, &input.communication);
        let person = id_of(Kind::Person, &input.person);
        let role = input.role.0;
        let outcome = perform(ctx, "linkPerson", input.key.as_deref(), move |act| {
            Box::pin(docket::link_person(act, id, person, role))
        });
        Ok(ConcernedPayload::from(outcome.await?))
    }

    /// Says that a person is not concerned by a communication; the person's file stays.
    async fn unlink_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: UnlinkPersonInput,
    ) -> Result<ConcernedPayload> {
        let id = id_of(Kind::Communication, &input.communication);
        let person = id_of(Kind::Person, &input.person);
        let outcome = perform(ctx, "unlinkPerson", input.key.as_deref(), move |act| {
            Box::pin(docket::unlink_person(act, id, person))
        });
        Ok(ConcernedPayload::from(outcome.await?))
    }

    /// Asks the sender for what is missing before the communication can be registered.
    async fn request_information(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CommunicationStepInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::AskInformation;
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "requestInformation", input.key, step).await
    }

    /// Enters a communication in the docket; the ACHPR says it is seized of it.
    async fn register_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DatedStepInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::Register;
        let step = Taken {
            on: input.on.map(|date| date.0),
            ..plain(&input.id, input.expected_version, step)
        };
        taken(ctx, "registerCommunication", input.key, step).await
    }

    /// Screens a communication out: it is not entered in the docket.
    async fn refuse_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CommunicationStepInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::RefuseRegistration;
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "refuseRegistration", input.key, step).await
    }

    /// Sends a communication to the State concerned for its observations.
    async fn transmit_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DatedStepInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::Transmit;
        let step = Taken {
            on: input.on.map(|date| date.0),
            ..plain(&input.id, input.expected_version, step)
        };
        taken(ctx, "transmitCommunication", input.key, step).await
    }

    /// Puts a communication before the body for a decision on its admissibility.
    async fn consider_admissibility(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: ConsiderAdmissibilityInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::ConsiderAdmissibility { apart: input.apart };
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "considerAdmissibility", input.key, step).await
    }

    /// Declares a communication admissible, or admissible in part.
    async fn declare_admissible(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DeclareAdmissibleInput,
    ) -> Result<CommunicationPayload> {
        let step = match input.partly_inadmissible {
            Some(ground) => Step::DeclarePartlyAdmissible(ground.0),
            None => Step::DeclareAdmissible,
        };
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "declareAdmissible", input.key, step).await
    }

    /// Declares a communication inadmissible, on a ground.
    async fn declare_inadmissible(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DeclareInadmissibleInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::DeclareInadmissible(input.ground.0);
        let step = Taken {
            on: input.on.map(|date| date.0),
            outcome: input.outcome,
            symbol: input.symbol,
            ..plain(&input.id, input.expected_version, step)
        };
        taken_at(ctx, ("declareInadmissible", input.key), input.levels, step).await
    }

    /// Puts a communication before the body for a decision on its merits.
    async fn consider_merits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CommunicationStepInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::ConsiderMerits;
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "considerMerits", input.key, step).await
    }

    /// Sets a communication for a hearing.
    async fn set_hearing(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CommunicationStepInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::SetHearing;
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "setHearing", input.key, step).await
    }

    /// Records the decision on the merits. It is not published by that: who may know of the
    /// communication stays as it is.
    async fn decide_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DecideCommunicationInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::Decide(input.finding.0);
        let step = Taken {
            on: input.on.map(|date| date.0),
            outcome: input.outcome,
            symbol: input.symbol,
            ..plain(&input.id, input.expected_version, step)
        };
        taken_at(ctx, ("decideCommunication", input.key), input.levels, step).await
    }

    /// Ends the consideration of a communication without a decision on its merits.
    async fn discontinue_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: DiscontinueCommunicationInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::End(input.end.0);
        let step = Taken {
            outcome: input.outcome,
            symbol: input.symbol,
            ..plain(&input.id, input.expected_version, step)
        };
        taken_at(
            ctx,
            ("discontinueCommunication", input.key),
            input.levels,
            step,
        )
        .await
    }

    /// Suspends the consideration of a communication.
    async fn suspend_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: CommunicationStepInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::Suspend;
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "suspendCommunication", input.key, step).await
    }

    /// Joins a communication to another of your docket, to be considered with it.
    async fn join_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: JoinCommunicationInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::Join;
        let step = Taken {
            to: id_of(Kind::Communication, &input.to),
            ..plain(&input.id, input.expected_version, step)
        };
        taken(ctx, "joinCommunication", input.key, step).await
    }

    /// Takes up again a communication that has ended, is suspended or joined.
    async fn reopen_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: ReopenCommunicationInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::Reopen(input.reopen_as.0);
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "reopenCommunication", input.key, step).await
    }

    /// Says where the follow-up to the decision on a communication stands.
    async fn follow_up_communication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: FollowUpCommunicationInput,
    ) -> Result<CommunicationPayload> {
        let step = Step::FollowUp(input.follow_up.0);
        let step = plain(&input.id, input.expected_version, step);
        taken(ctx, "followUpCommunication", input.key, step).await
    }
}
