//! What the schema shows of communications and persons.

use std::sync::Arc;

use async_graphql::{Context, Object as GraphqlObject, Result, SimpleObject, connection::Edge};
use serde::{Deserialize, Serialize};

use crate::{
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{Domain, FieldIndex, FieldSet, Known},
    country::Country,
    edges,
    graphql::{
        Object, Shown,
        connection::{Asked, Connection, ListName, PageArguments},
        context::{Asking, failed},
        directive::Classified,
        edges::{told, topics},
        language::Language,
        limits::Limits,
        object::Told,
    },
    id::RecordId,
    measure::InterimMeasure,
    mechanism::{Mandate, Mechanism},
    store::{
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
            /// The communication to which it was joined, to be considered with it.
            joined_to: Communication, Under::Link("joined_to");
        }
        lists {
            /// Measures that protect while it is considered.
            interim_measures: InterimMeasure, Under::Key("communication_id");
        }
        told {
            /// Where it stands, in the mechanism's own word.
            status_label: String, |known, ctx, language: Option<Language> = "In which of the six languages; in that of `Accept-Language` where none is asked for."|
                status_label(ctx, known, language).await;
            /// Codes of the themes that it is about.
            issues: Vec<String>, |known, ctx| topics(ctx, known.id()).await.map(Some);
            /// The persons concerned. That there is one, and in what part, is for the
            /// secretariat: to others the list is empty. Who they are is for officers with
            /// a grant for that person's file.
            persons: Connection<Person, PersonPart>, |known, ctx, first: Option<i32> = "The first so many; 20 where nothing is said, 100 at most.", after: Option<String> = "After this cursor.", last: Option<i32> = "The last so many; 100 at most.", before: Option<String> = "Before this cursor."|
                persons(ctx, known, PageArguments { first, after, last, before }).await.map(Some);
        }
    }
    texts { texts, translations }
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
async fn status_label(
    ctx: &Context<'_>,
    known: &Known<Communication>,
    language: Option<Language>,
) -> Result<Option<String>> {
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
    let language = language.or(ctx.data_opt().copied()).unwrap_or_default();
    let label = vocabulary::label_in(&code, system, status, language.code());
    Ok(Some(label.to_owned()))
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
