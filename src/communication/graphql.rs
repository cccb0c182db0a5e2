//! What the schema shows of communications and persons.

use async_graphql::{Context, Object as GraphqlObject, Result, SimpleObject, connection::Edge};
use serde::{Deserialize, Serialize};

use super::{Communication, CommunicationPerson, Person};
use crate::{
    confidentiality::{Domain, FieldSet, Known},
    country::Country,
    edges,
    graphql::{
        Object,
        connection::{Asked, Connection, PageArguments},
        context::{Asking, failed},
        directive::Classified,
        edges::{told, topics},
        limits::Limits,
        object::Told,
    },
    mechanism::{Mandate, Mechanism},
    store::{
        batch::ById,
        page::Under,
        predicate::{Far, Predicate, Via},
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
pub struct PersonPart(std::sync::Arc<Known<CommunicationPerson>>);

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
            /// The persons concerned: for the secretariat; who they are, for officers with a
            /// grant for that person's file.
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
    let both_ends = Predicate::Leads(
        CommunicationPerson::person,
        "person_id",
        Far::to::<Person>(),
    );
    let under = Under::Key("communication_id");
    let asked = Asked::<CommunicationPerson>::of(
        ctx,
        "persons",
        under,
        both_ends,
        None,
        page,
        FieldSet::ALL,
    )?;
    let slice = asked.slice(ctx, Some(known.id())).await?;
    let ids: Vec<_> = slice
        .rows
        .iter()
        .filter_map(|placed| placed.known.key("person_id"))
        .collect();
    let loader = &ctx.asked()?.loader;
    let people = loader
        .load_many(ids.iter().copied().map(ById::<Person>::new))
        .await
        .map_err(failed)?;
    let mut connection = asked.empty::<Person, PersonPart>(slice.more, Some(known.id()));
    for placed in slice.rows {
        let person = placed
            .known
            .key("person_id")
            .and_then(|id| people.get(&ById::new(id)));
        if let Some(person) = person {
            let cursor = asked.cursor(&placed.position);
            let part = PersonPart(std::sync::Arc::clone(&placed.known));
            let node = Object::of(std::sync::Arc::clone(person));
            connection.push(Edge::with_additional_fields(cursor, node, part));
        }
    }
    Ok(connection)
}

/// Communications whose edge to the person and whose own record the viewer may both
/// know of.
async fn communications(
    ctx: &Context<'_>,
    known: &Known<Person>,
) -> Result<Vec<Object<Communication>>> {
    let both_ends = Predicate::Leads(
        CommunicationPerson::communication,
        "communication_id",
        Far::to::<Communication>(),
    );
    let page = PageArguments {
        first: Some(i32::try_from(Limits::PAGE)?),
        after: None,
        last: None,
        before: None,
    };
    let under = Under::Key("person_id");
    let asked = Asked::<CommunicationPerson>::of(
        ctx,
        "communications",
        under,
        both_ends,
        None,
        page,
        FieldSet::ALL,
    )?;
    let slice = asked.slice(ctx, Some(known.id())).await?;
    let ids: Vec<_> = slice
        .rows
        .iter()
        .filter_map(|placed| placed.known.key("communication_id"))
        .collect();
    let loader = &ctx.asked()?.loader;
    let found = loader
        .load_many(ids.iter().copied().map(ById::<Communication>::new))
        .await
        .map_err(failed)?;
    let found = ids.iter().filter_map(|id| found.get(&ById::new(*id)));
    Ok(found
        .map(|known| Object::of(std::sync::Arc::clone(known)))
        .collect())
}
