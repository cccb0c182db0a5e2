//! What the schema shows of communications and persons.

use std::sync::Arc;

use async_graphql::{
    Context, ID, InputObject, Object as GraphqlObject, Result, SimpleObject, connection::Edge,
};
use serde::{Deserialize, Serialize};

use super::{
    Communication, CommunicationPerson, Person,
    acts::{self, AskedGrant, FileField, SaidWord},
};
use crate::{
    confidentiality::{Domain, FieldIndex, FieldSet, Known, grant::ConsentBasis},
    country::Country,
    edges,
    graphql::{
        Object, Shown,
        acts::perform,
        connection::{Asked, Connection, ListName, PageArguments},
        context::{Asking, failed},
        directive::Classified,
        edges::{told, topics},
        given::{Given, GivenMoment},
        limits::Limits,
        object::Told,
    },
    id::RecordId,
    identity::{kind::Kind, purpose::PurposeCode},
    mechanism::{Mandate, Mechanism},
    payload,
    store::{
        act::id_of,
        batch::ById,
        page::Under,
        predicate::{Far, Predicate, Via},
        reader::Placed,
    },
    vocabulary::{self, PersonRole},
};

/// A name of a person, in one script.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject)]
pub struct PersonName {
    /// The name.
    pub text: String,
    /// Its script: ISO 15924, such as `Arab`, `Cyrl` or `Latn`.
    pub script: String,
    /// Its language: BCP 47, such as `ar` or `ru`.
    pub language: String,
}

/// What an edge to a person says of the person's part in a communication.
pub struct PersonPart(Arc<Known<CommunicationPerson>>);

/// What an edge to a person says of the person's part in a communication.
#[GraphqlObject]
impl PersonPart {
    /// What part the person has in the communication.
    #[graphql(directive = Classified::apply(CommunicationPerson::rule(CommunicationPerson::role)))]
    async fn role(&self, ctx: &Context<'_>) -> Result<Option<Told<PersonRole>>> {
        if !told(ctx, &self.0, CommunicationPerson::role)? {
            return Ok(None);
        }
        Ok(self
            .0
            .open(|row| &row.role)
            .visible()
            .flatten()
            .copied()
            .map(Told))
    }
}

edges! {
    /// Where a communication leads to.
    CommunicationEdges of Communication {
        one {
            /// The mechanism before which it is.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {
            /// The States concerned.
            countries: Country, Under::Countries;
            /// The mandates under which it is examined.
            mandates: Mandate, Under::Link("mandates");
        }
        lists {}
        told {
            /// Where it stands, in the mechanism's own word.
            status_label: String, |known, ctx| status_label(ctx, known).await;
            /// Codes of the themes that it is about.
            issues: Vec<String>, |known, ctx| topics(ctx, known.id()).await.map(Some);
            /// The persons concerned. That there is one, and in what part, is for the
            /// secretariat: to others the list is empty. Who they are is for officers with
            /// a grant for that person's file.
            persons: Connection<Person, PersonPart>, |known, ctx, first: Option<i32> = "The first so many; 20 where nothing is said, 100 at most.", after: Option<String> = "After this cursor.", last: Option<i32> = "The last so many; 100 at most.", before: Option<String> = "Before this cursor."|
                persons(ctx, known, PageArguments { first, after, last, before }).await.map(Some);
        }
    }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
        countries: Via::Countries(Far::of::<Country>());
        issues: Via::Topics;
    }
}

edges! {
    /// Where a person's part in a communication leads to.
    CommunicationPersonEdges of CommunicationPerson {
        one {
            /// The communication in which it is.
            communication: Communication, by "communication_id";
            /// The person whose part it is.
            person: Person, by "person_id";
        }
        many {}
        lists {}
        told {}
    }
}

edges! {
    /// Where a person leads to.
    PersonEdges of Person {
        one {}
        many {}
        lists {}
        told {
            /// Communications in which the person has a part; at most 100.
            communications: Vec<Object<Communication>>, |known, ctx|
                communications(ctx, known).await.map(Some);
        }
    }
    sealed {
        names: Vec<PersonName>,
        birth_date: String,
        contact: String,
    }
}

/// The mechanism's own word for the status, where status and mechanism are told.
async fn status_label(ctx: &Context<'_>, known: &Known<Communication>) -> Result<Option<String>> {
    let Some(status) = known.open(|row| &row.status).visible().flatten().copied() else {
        return Ok(None);
    };
    if !known.sees(Communication::mechanism) {
        return Ok(None);
    }
    let Some(id) = known.key("mechanism_id") else {
        return Ok(None);
    };
    let mechanism = ctx
        .asked()?
        .loader
        .load_one(ById::<Mechanism>::new(id))
        .await
        .map_err(failed)?;
    let Some(mechanism) = mechanism else {
        return Ok(None);
    };
    let code = mechanism
        .open(|row| &row.code)
        .visible()
        .flatten()
        .cloned()
        .unwrap_or_default();
    let system = mechanism
        .open(|row| &row.system)
        .visible()
        .flatten()
        .copied();
    Ok(Some(vocabulary::label(&code, system, status).to_owned()))
}

/// Persons whose edge and whose own record the viewer may both know of.
async fn persons(
    ctx: &Context<'_>,
    known: &Known<Communication>,
    page: PageArguments,
) -> Result<Connection<Person, PersonPart>> {
    let parts = Parts::<Person>::of(ctx, known.id(), "communication_id", PERSON, page).await?;
    let mut connection = parts.asked.empty(parts.more, Some(known.id()));
    for (part, person) in parts.both_ends {
        let cursor = parts.asked.cursor(part.position);
        let part = PersonPart(part.known);
        connection.push(Edge::with_additional_fields(cursor, person, part));
    }
    Ok(connection)
}

/// Communications whose edge to the person and whose own record the viewer may both
/// know of.
async fn communications(
    ctx: &Context<'_>,
    known: &Known<Person>,
) -> Result<Vec<Object<Communication>>> {
    let page = PageArguments {
        first: Some(i32::try_from(Limits::PAGE)?),
        after: None,
        last: None,
        before: None,
    };
    let parts = Parts::<Communication>::of(ctx, known.id(), "person_id", COMMUNICATION, page);
    let both_ends = parts.await?.both_ends;
    Ok(both_ends.into_iter().map(|(_, object)| object).collect())
}

/// An end of a person's part in a communication: its edge and its key.
type End = (FieldIndex, &'static str);

const PERSON: End = (CommunicationPerson::person, "person_id");
const COMMUNICATION: End = (CommunicationPerson::communication, "communication_id");

/// The parts that hang on one end, with the records at the other.
struct Parts<N: Shown> {
    asked: Asked<CommunicationPerson>,
    more: bool,
    both_ends: Vec<(Placed<CommunicationPerson>, Object<N>)>,
}

impl<N: Shown> Parts<N> {
    /// Reads a page of the parts under one record, of those whose far end is known, too.
    async fn of(
        ctx: &Context<'_>,
        near: RecordId,
        near_key: &'static str,
        (edge, key): End,
        page: PageArguments,
    ) -> Result<Self> {
        let known = if planted!(TotalCountsHiddenEnds) {
            Predicate::always()
        } else {
            Predicate::Leads(edge, key, Far::to::<N>())
        };
        let under = Under::Key(near_key);
        let name = ListName(key, Some(near));
        let asked = Asked::of(ctx, name, under, known, None, page, FieldSet::ALL)?;
        let slice = asked.slice(ctx, Some(near)).await?;
        let ids = slice.rows.iter().filter_map(|part| part.known.key(key));
        let loaded = ctx.asked()?;
        let far = loaded.loader.load_many(ids.map(ById::<N>::new)).await;
        let far = far.map_err(failed)?;
        let both_ends = slice.rows.into_iter().filter_map(|part| {
            let far = far.get(&ById::new(part.known.key(key)?))?;
            Some((part, Object::of(Arc::clone(far))))
        });
        Ok(Self {
            both_ends: both_ends.collect(),
            more: slice.more,
            asked,
        })
    }
}

/// What a person concerned has said on a disclosure, as the secretariat was told it.
#[derive(InputObject)]
pub struct RecordConsentInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// Code of the mechanism to which the file may be disclosed, or may not.
    recipient: String,
    /// For what the file may be opened there.
    purpose: Given<PurposeCode>,
    /// Which fields; a word that takes leave back is about all of them.
    fields: Vec<Given<FileField>>,
    /// On what basis.
    basis: Given<ConsentBasis>,
    /// Until when it holds, where leave is given.
    valid_until: Option<GivenMoment>,
}

/// Leave for one officer to open fields of a person's file.
#[derive(InputObject)]
pub struct GiveGrantInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// The officer, as tokens name them.
    holder: String,
    /// Code of the mechanism for which the officer acts.
    mechanism: String,
    /// For which purposes.
    purposes: Vec<Given<PurposeCode>>,
    /// Which fields.
    fields: Vec<Given<FileField>>,
    /// Until when; within a year.
    valid_until: GivenMoment,
}

/// The officer whose grants to a person's file are to end.
#[derive(InputObject)]
pub struct EndGrantsInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The person's id.
    person: ID,
    /// The officer, as tokens name them.
    holder: String,
}

payload! {
    /// What an act on a person's file answers.
    PersonPayload,
    /// The person, as you may be told of them now; `null` where nothing was done.
    person: Person
}

/// Acts on persons' files.
#[derive(Default)]
pub struct PersonActs;

#[GraphqlObject]
impl PersonActs {
    /// Records what a person concerned has said on a disclosure. A word that takes leave
    /// back closes the file to the recipient at once, and ends the grants that rest on it.
    async fn record_consent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RecordConsentInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let said = SaidWord {
            recipient: input.recipient,
            purpose: input.purpose.0,
            fields: input.fields.into_iter().map(|field| field.0).collect(),
            basis: input.basis.0,
            until: input.valid_until.map(|moment| moment.0),
        };
        let outcome = perform(ctx, "recordConsent", input.key.as_deref(), move |act| {
            Box::pin(acts::record_consent(act, id, said))
        });
        Ok(PersonPayload::from(outcome.await?))
    }

    /// Gives an officer leave to open fields of a person's file: as an officer charged with
    /// grants, and never to yourself. Another mechanism's officer is given no more than the
    /// person has consented to.
    async fn give_grant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: GiveGrantInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let asked = AskedGrant {
            holder: input.holder,
            mechanism: input.mechanism,
            purposes: input.purposes.into_iter().map(|code| code.0).collect(),
            fields: input.fields.into_iter().map(|field| field.0).collect(),
            until: input.valid_until.0,
        };
        let outcome = perform(ctx, "giveGrant", input.key.as_deref(), move |act| {
            Box::pin(acts::give_grant(act, id, asked))
        });
        Ok(PersonPayload::from(outcome.await?))
    }

    /// Ends the grants of one officer to a person's file, as an officer charged with grants.
    async fn end_grants(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: EndGrantsInput,
    ) -> Result<PersonPayload> {
        let id = id_of(Kind::Person, &input.person);
        let holder = input.holder;
        let outcome = perform(ctx, "endGrants", input.key.as_deref(), move |act| {
            Box::pin(async move { acts::end_grants(act, id, &holder).await })
        });
        Ok(PersonPayload::from(outcome.await?))
    }
}
