//! Requests for persons' files, as the API takes and tells them.

use async_graphql::{
    Context, Enum, ID, InputObject, Object as GraphqlObject, Result, SimpleObject,
};

use crate::{
    clock::Moment,
    communication::{
        FileField, Person,
        acts::disclosure::{self, Granted, Question},
    },
    graphql::{
        acts::{Outcome, UserError, perform},
        context::{Asking, failed},
        given::{Given, GivenMoment},
        object::Told,
    },
    id::{GlobalId, RecordId},
    identity::{kind::Kind, purpose::PurposeCode},
    mechanism::Mechanism,
    store::{
        act::{id_of, request_of},
        batch::ById,
        disclosure::DisclosureRequest as Request,
    },
    vocabulary::DisclosureStatus,
};

/// Which way a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum RequestDirection {
    /// You have put it.
    Sent,
    /// It is to your mechanism.
    Received,
}

/// A request of one secretariat to another for a person's file.
#[derive(SimpleObject)]
pub struct DisclosureRequest {
    /// Its id, for those who answer it.
    id: ID,
    /// Whether you have put it, or it is to your mechanism.
    direction: RequestDirection,
    /// Code of the other mechanism.
    mechanism: Option<String>,
    /// The reference under which the matter is thought to be there.
    reference: String,
    /// For what.
    purpose: Told<PurposeCode>,
    /// Which fields of the file.
    fields: Vec<Told<FileField>>,
    /// Why.
    reason: String,
    /// The officer who asks.
    asked_by: String,
    /// When.
    asked_at: Told<Moment>,
    /// Until when an answer is awaited.
    due: Told<Moment>,
    /// Where it stands. To who has asked, a refusal looks as no answer does.
    status: Told<DisclosureStatus>,
    /// The person's id, where it was granted, as long as you may know of the file.
    person: Option<ID>,
}

/// The requests that the viewer has put, and those that the viewer may answer.
///
/// # Errors
/// Fails where the database does.
pub async fn disclosure_requests(ctx: &Context<'_>) -> Result<Vec<DisclosureRequest>> {
    let asked = ctx.asked()?;
    let found = asked.reader.disclosure_requests().await.map_err(failed)?;
    asked.count(found.len())?;
    let own = asked.reader.viewer().mechanism();
    let persons = found.iter().filter_map(|request| request.person);
    let persons = asked.loader.load_many(persons.map(ById::<Person>::new));
    let persons = persons.await.map_err(failed)?;
    let mut told = Vec::with_capacity(found.len());
    for mut request in found {
        // Whose leave has ended, or never had a channel, is told of no file.
        let known = |person: &RecordId| persons.contains_key(&ById::new(*person));
        request.person = request.person.filter(known);
        let direction = if own == Some(request.from) {
            RequestDirection::Sent
        } else {
            RequestDirection::Received
        };
        let other = match direction {
            RequestDirection::Sent => request.to,
            RequestDirection::Received => request.from,
        };
        let mechanism = asked.loader.load_one(ById::<Mechanism>::new(other.into()));
        let mechanism = mechanism.await.map_err(failed)?;
        let code = mechanism
            .and_then(|mechanism| mechanism.open(|row| &row.code).visible().flatten().cloned());
        told.push(one(request, direction, code));
    }
    Ok(told)
}

fn one(request: Request, direction: RequestDirection, code: Option<String>) -> DisclosureRequest {
    let fields = FileField::ALL.iter().copied();
    let fields = fields.filter(|field| request.fields.iter().any(|name| name == field.column()));
    let person = request.person.map(|id| GlobalId {
        kind: Kind::Person,
        id,
    });
    DisclosureRequest {
        id: ID(request.id.0.to_string()),
        direction,
        mechanism: code,
        reference: request.reference,
        purpose: Told(request.purpose),
        fields: fields.map(Told).collect(),
        reason: request.reason,
        asked_by: request.holder,
        asked_at: Told(request.asked_at),
        due: Told(request.due_at),
        status: Told(request.status),
        person: person.map(|id| ID(id.to_string())),
    }
}

/// What one secretariat asks another.
#[derive(InputObject)]
pub struct AskDisclosureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Code of the mechanism that is asked.
    mechanism: String,
    /// The reference under which the matter is thought to be there; no person's name.
    reference: String,
    /// For what the file is to be opened.
    purpose: Given<PurposeCode>,
    /// Which fields of it.
    fields: Vec<Given<FileField>>,
    /// Why.
    reason: String,
    /// Until when an answer is awaited; within 90 days.
    due: GivenMoment,
}

/// A request that is granted.
#[derive(InputObject)]
pub struct GrantDisclosureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The request's id.
    request: ID,
    /// The person's id.
    person: ID,
    /// Which fields; those that were asked for where nothing is said.
    fields: Option<Vec<Given<FileField>>>,
    /// Until when the officer who has asked may open them; within a year.
    valid_until: GivenMoment,
}

/// A request that is refused.
#[derive(InputObject)]
pub struct RefuseDisclosureInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The request's id.
    request: ID,
}

/// What an act on a request for a person's file answers.
pub struct DisclosurePayload(Outcome);

/// What an act on a request for a person's file answers.
#[GraphqlObject]
impl DisclosurePayload {
    /// The request, as you are told it now; `null` where nothing was done.
    async fn request(&self, ctx: &Context<'_>) -> Result<Option<DisclosureRequest>> {
        let Ok(RecordId(id)) = self.0 else {
            return Ok(None);
        };
        let id = ID(id.to_string());
        let all = disclosure_requests(ctx).await?;
        Ok(all.into_iter().find(|request| request.id == id))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// Acts on requests for persons' files.
#[derive(Default)]
pub struct DisclosureActs;

#[GraphqlObject]
impl DisclosureActs {
    /// Asks another secretariat for a person's file. It is taken in the same way whether
    /// there is such a matter or not; a refusal and no answer look alike to you.
    async fn ask_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AskDisclosureInput,
    ) -> Result<DisclosurePayload> {
        let question = Question {
            mechanism: input.mechanism,
            reference: input.reference,
            purpose: input.purpose.0,
            fields: input.fields.into_iter().map(|field| field.0).collect(),
            reason: input.reason,
            due: input.due.0,
        };
        let outcome = perform(ctx, "askDisclosure", input.key.as_deref(), move |act| {
            Box::pin(disclosure::ask(act, question))
        });
        Ok(DisclosurePayload(outcome.await?))
    }

    /// Grants a request, as an officer charged with grants: to the officer who has asked,
    /// and never more than the person has consented to. Their mechanism is named on the file
    /// as long, so that it can be opened at all; it learns no more than that there is one.
    async fn grant_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: GrantDisclosureInput,
    ) -> Result<DisclosurePayload> {
        let id = request_of(&input.request);
        let granted = Granted {
            person: id_of(Kind::Person, &input.person),
            fields: input
                .fields
                .map(|fields| fields.into_iter().map(|field| field.0).collect()),
            until: input.valid_until.0,
        };
        let outcome = perform(ctx, "grantDisclosure", input.key.as_deref(), move |act| {
            Box::pin(disclosure::grant(act, id, granted))
        });
        Ok(DisclosurePayload(outcome.await?))
    }

    /// Refuses a request, as an officer charged with grants. Who has asked is not told.
    async fn refuse_disclosure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RefuseDisclosureInput,
    ) -> Result<DisclosurePayload> {
        let id = request_of(&input.request);
        let outcome = perform(ctx, "refuseDisclosure", input.key.as_deref(), move |act| {
            Box::pin(disclosure::refuse(act, id))
        });
        Ok(DisclosurePayload(outcome.await?))
    }
}
