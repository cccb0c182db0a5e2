//! The docket: lodging a communication, amending it, and the persons concerned.

use async_graphql::MaybeUndefined;
use sea_orm::Value;

use super::{
    correct::{self, Place},
    course::OUTCOME,
    person::NewPerson,
};
use crate::{
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{Known, Level, warrant::WriteRefused},
    country,
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    mechanism::{Mandate, Mechanism, registered},
    store::{
        act::{Act, ActError, RefusalCode},
        matter::{InHand, NewVictim, Tokens, is_compared},
        page::ListQuery,
        predicate::{Far, Predicate, Scalar, Test, Via},
        values::{Amended, TEXT, line, list, text, topics},
        writer::NewRecord,
    },
    vocabulary::{CommunicationKind, CommunicationStatus, PersonRole, SourceKind, codes::Coded},
};

/// Persons that one act adds at most.
const PERSONS: usize = 20;
/// How often a reference is drawn again that is not free.
const DRAWS: usize = 10;

/// A communication that came in.
pub struct NewCommunication {
    /// Its reference; one is drawn where none is given.
    pub reference: Option<String>,
    /// What kind of communication it is.
    pub kind: CommunicationKind,
    /// Short title, without the name of anybody concerned.
    pub title: String,
    /// When it was received; today where nothing is said.
    pub received_on: Option<PartialDate>,
    /// Whether it is a joint one.
    pub joint: bool,
    /// ISO alpha-3 codes of the States concerned.
    pub countries: Vec<String>,
    /// Codes of the themes that it is about.
    pub issues: Vec<String>,
    /// The mandates under which it is examined.
    pub mandates: Vec<Option<RecordId>>,
    /// Articles invoked.
    pub articles: Vec<String>,
    /// The secretariat's own note.
    pub docket_note: Option<String>,
    /// What kind of source it came from.
    pub source_kind: Option<SourceKind>,
    /// The persons concerned.
    pub persons: Vec<NewPerson>,
    /// When what it is about happened.
    pub happened_on: Option<PartialDate>,
    /// Whether it was lodged with the alleged victim's authority.
    pub with_authority: Option<bool>,
    /// Whether it is left out of what a clause on pending communications opens.
    pub discreet: bool,
}

/// What is to be amended; what is undefined is left as it is.
#[derive(Default)]
pub struct Amendment {
    /// Its reference.
    pub reference: MaybeUndefined<String>,
    /// Short title.
    pub title: MaybeUndefined<String>,
    /// Articles invoked.
    pub articles: MaybeUndefined<Vec<String>>,
    /// The secretariat's own note.
    pub docket_note: MaybeUndefined<String>,
    /// What kind of source it came from.
    pub source_kind: MaybeUndefined<SourceKind>,
    /// The outcome, in a sentence.
    pub outcome: MaybeUndefined<String>,
    /// Symbol of the decision.
    pub symbol: MaybeUndefined<String>,
    /// What kind of communication it is.
    pub kind: MaybeUndefined<CommunicationKind>,
    /// When it was received.
    pub received_on: MaybeUndefined<PartialDate>,
    /// When what it is about happened.
    pub happened_on: MaybeUndefined<PartialDate>,
    /// Whether it was lodged with the alleged victim's authority.
    pub with_authority: MaybeUndefined<bool>,
    /// Where it belongs.
    pub place: Place,
}

/// Lodges a communication in the docket of the viewer's own mechanism.
///
/// It consults no other docket: whether the same matter is before another procedure is a
/// question of its own.
///
/// # Errors
/// Refuses values that are not valid, and States and mandates that are not known.
pub async fn lodge(act: &mut Act, new: NewCommunication) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    let viewer = act.reader().viewer();
    let today = PartialDate::of_day(viewer.now());
    let standing = viewer.standing().ok_or(WriteRefused::TokenNeeded)?;
    let id = RecordId::random();
    let received = new.received_on.unwrap_or_else(|| today.clone());
    has_come(act, &received)?;
    let reference = match new.reference {
        Some(reference) => {
            is_free(act, &reference).await?;
            reference
        }
        None => draw(act, standing.mechanism_code(), &today).await?,
    };
    // At `CHANNEL` it is the secretariat's own, but where a clause names pending ones.
    let existence = if new.discreet {
        Level::Secretariat
    } else {
        Level::Channel
    };
    let mut record = NewRecord::of(id, vec![own], existence);
    record.countries = country::known(act, "countries", new.countries).await?;
    record.topics = topics("issues", new.issues)?;
    record.links = mandates(act, own, new.mandates).await?;
    record.values = vec![
        ("reference", line("reference", reference)?),
        ("kind", new.kind.code().into()),
        ("status", CommunicationStatus::Received.code().into()),
        ("joint", new.joint.into()),
        ("title", line("title", new.title)?),
        ("received_on", received.as_str().into()),
        ("articles", list("articles", new.articles)?),
        ("mechanism_id", own.0.into()),
    ];
    if let Some(note) = new.docket_note {
        record
            .values
            .push(("docket_note", text("docketNote", note, TEXT)?));
    }
    if let Some(source) = new.source_kind {
        record.values.push(("source_kind", source.code().into()));
    }
    if let Some(happened) = &new.happened_on {
        let happened = happened.as_str().into();
        record.values.push(("happened_on", happened));
    }
    if let Some(authority) = new.with_authority {
        record.values.push(("with_authority", authority.into()));
    }
    let concerned = Concerned {
        communication: id,
        owners: record.owners.clone(),
        countries: record.countries.clone(),
        topics: record.topics.clone(),
        happened: new.happened_on,
    };
    act.add::<Communication>(record).await?;
    if new.persons.len() > PERSONS {
        let sentence = format!("at most {PERSONS} persons are added at once");
        return Err(ActError::invalid("persons", sentence));
    }
    for person in new.persons {
        concerned.add(act, person).await?;
    }
    Ok(id)
}

/// Amends a communication of one's own mechanism.
///
/// # Errors
/// Refuses communications of others, and values that are not valid.
pub async fn amend(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
    mut amendment: Amendment,
) -> Result<RecordId, ActError> {
    let communication = act.find::<Communication>(id).await?;
    act.may_change(&*communication)?;
    act.expect(&*communication, expected)?;
    if let MaybeUndefined::Value(reference) = &amendment.reference {
        let before = communication.open(|row| &row.reference).visible().flatten();
        if before != Some(reference) {
            is_free(act, reference).await?;
        }
    }
    if let MaybeUndefined::Value(received) = &amendment.received_on {
        has_come(act, received)?;
    }
    let place = std::mem::take(&mut amendment.place);
    // Tokens are made of the day and the States, too.
    let others = !amendment.happened_on.is_undefined() || !place.countries.is_undefined();
    let values = columns(amendment)?;
    if values.is_empty() && place.is_undefined() {
        return Err(RefusalCode::Invalid.says("nothing is to be amended").into());
    }
    if !values.is_empty() {
        act.writer().change(&*communication, values).await?;
    }
    correct::place(act, &communication, place).await?;
    if others {
        act.remake_tokens(Tokens::Communication(communication.id()), InHand::default())
            .await?;
    }
    Ok(communication.id())
}

/// Adds a person to a communication of one's own mechanism, in a file of their own.
///
/// # Errors
/// Refuses communications of others, and values that are not valid.
pub async fn add_person(
    act: &mut Act,
    id: Option<RecordId>,
    person: NewPerson,
) -> Result<RecordId, ActError> {
    let concerned = Concerned::by(act, id).await?;
    concerned.add(act, person).await
}

/// Says that a person who has a file is concerned by another communication, too.
///
/// # Errors
/// Refuses communications and persons of others, and a part that the person has already.
pub async fn link_person(
    act: &mut Act,
    id: Option<RecordId>,
    person: Option<RecordId>,
    role: PersonRole,
) -> Result<RecordId, ActError> {
    let concerned = Concerned::by(act, id).await?;
    let person = act.find::<Person>(person).await?;
    act.may_change(&*person)?;
    // Who is not told what parts persons have would be told here that this one has one.
    let kind = Kind::CommunicationPerson;
    if !act.reader().viewer().reads_all_of_own(kind) {
        let sentence = format!(
            "it takes `read:{kind}@{}`, without limits",
            Level::Secretariat
        );
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    if act
        .part(concerned.communication, person.id())
        .await?
        .is_some()
    {
        return Err(ActError::conflict("the person is concerned by it already"));
    }
    let part = concerned.link(act, person.id(), role).await?;
    // A clause that covers one of the States does not cover the file of a person whom
    // another concerns, too.
    let (countries, topics) = (&concerned.countries, &concerned.topics);
    act.writer()
        .concern_also(&*person, countries, topics)
        .await?;
    act.remake_tokens(Tokens::Element(part), InHand::default())
        .await?;
    Ok(person.id())
}

/// Says that a person is not concerned by a communication; the person's file stays.
///
/// # Errors
/// Refuses communications of others, and a person who has no part in it.
pub async fn unlink_person(
    act: &mut Act,
    id: Option<RecordId>,
    person: Option<RecordId>,
) -> Result<RecordId, ActError> {
    let concerned = Concerned::by(act, id).await?;
    let person = act.find::<Person>(person).await?;
    let part = act.part(concerned.communication, person.id()).await?;
    let part = act.find::<CommunicationPerson>(part).await?;
    act.writer().remove(&*part).await?;
    act.forget_tokens(Tokens::Element(part.id())).await?;
    Ok(person.id())
}

/// A communication, as far as the records of the persons concerned follow it.
struct Concerned {
    communication: RecordId,
    owners: Vec<MechanismId>,
    countries: Vec<String>,
    topics: Vec<String>,
    happened: Option<PartialDate>,
}

impl Concerned {
    async fn by(act: &Act, id: Option<RecordId>) -> Result<Self, ActError> {
        let communication: std::sync::Arc<Known<Communication>> = act.find(id).await?;
        act.may_change(&*communication)?;
        let (countries, topics) = act.concerns(communication.id()).await?;
        Ok(Self {
            communication: communication.id(),
            owners: communication.facts().owners.clone(),
            countries,
            topics,
            happened: communication
                .open(|row| &row.happened_on)
                .visible()
                .flatten()
                .cloned(),
        })
    }

    /// Opens a file for a person, and says what part they have.
    async fn add(&self, act: &mut Act, person: NewPerson) -> Result<RecordId, ActError> {
        let mut record = self.record(RecordId::random());
        record.sealed = person.sealed()?;
        act.writer().add::<Person>(&record).await?;
        let part = self.link(act, record.id, person.role).await?;
        if is_compared(person.role) {
            let names = person.names.iter();
            let victim = NewVictim {
                element: part,
                communication: self.communication,
                person: record.id,
                spellings: names.map(|name| name.text.as_str()).collect(),
                born: person.birth_date.as_ref(),
                happened: self.happened.as_ref(),
                countries: &self.countries,
            };
            act.keep_tokens(&victim).await?;
        }
        Ok(record.id)
    }

    async fn link(
        &self,
        act: &mut Act,
        person: RecordId,
        role: PersonRole,
    ) -> Result<RecordId, ActError> {
        let mut part = self.record(RecordId::random());
        part.values = vec![
            ("role", role.code().into()),
            ("communication_id", self.communication.0.into()),
            ("person_id", person.0.into()),
        ];
        act.writer().add::<CommunicationPerson>(&part).await?;
        Ok(part.id)
    }

    /// A record that the owners of the communication keep, about what it is about.
    fn record(&self, id: RecordId) -> NewRecord {
        let mut record = NewRecord::of(id, self.owners.clone(), Level::Secretariat);
        record.countries = self.countries.clone();
        record.topics = self.topics.clone();
        record
    }
}

/// Refuses a day of receipt that has not come.
fn has_come(act: &Act, received: &PartialDate) -> Result<(), ActError> {
    let today = PartialDate::of_day(act.reader().viewer().now());
    if today.is_before(received) {
        let sentence = "it is a day that has come";
        return Err(ActError::invalid("receivedOn", sentence));
    }
    Ok(())
}

/// A reference that is drawn until it is free: in a docket of some ten thousand one is met
/// twice.
async fn draw(act: &Act, code: &str, today: &PartialDate) -> Result<String, ActError> {
    let mut reference = drawn(RecordId::random(), code, today);
    for _ in 0..DRAWS {
        if !is_taken(act, &reference).await? {
            break;
        }
        reference = drawn(RecordId::random(), code, today);
    }
    Ok(reference)
}

/// A reference that tells neither how many there are nor in which order they came.
fn drawn(id: RecordId, code: &str, today: &PartialDate) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKMNPQRSTVWXYZ23456789";
    let letter = |byte: &u8| LETTERS.get(usize::from(*byte) % LETTERS.len()).copied();
    let letters = id.0.as_bytes().iter().take(6).filter_map(letter);
    let letters: String = letters.map(char::from).collect();
    let year = today.as_str().get(..4).unwrap_or_default();
    format!("{}-{letters}-{year}", code.to_uppercase())
}

/// Refuses a reference under which the viewer knows another communication of theirs.
async fn is_free(act: &Act, reference: &str) -> Result<(), ActError> {
    if is_taken(act, reference).await? {
        let sentence = "your docket has a communication with this reference";
        return Err(ActError::conflict(sentence));
    }
    Ok(())
}

/// Whether the viewer knows a communication of their own under a reference.
async fn is_taken(act: &Act, reference: &str) -> Result<bool, ActError> {
    let own = act.reader().viewer().standing();
    let own = own.map(|standing| standing.mechanism_code().to_owned());
    let is = Test::In(vec![Scalar::Text(reference.to_owned())]);
    let before = Via::Key("mechanism_id", Far::of::<Mechanism>());
    let query = ListQuery::one(Predicate::All(vec![
        Predicate::Column(Communication::reference, is),
        Predicate::Edge(Communication::mechanism, before, own.into_iter().collect()),
    ]));
    let found = act.reader().list::<Communication>(&query).await?;
    Ok(!found.rows.is_empty())
}

/// Mandates of the viewer's own mechanism.
pub(super) async fn mandates(
    act: &Act,
    own: MechanismId,
    ids: Vec<Option<RecordId>>,
) -> Result<Vec<(&'static str, RecordId)>, ActError> {
    let mut links = Vec::new();
    for id in ids {
        let unknown = || ActError::invalid("mandates", "your mechanism has no such mandate");
        let found = act.find::<Mandate>(id).await.map_err(|error| match error {
            ActError::Refused(_) => unknown(),
            fault @ ActError::Fault(_) => fault,
        })?;
        if !found.facts().owners.contains(&own) {
            return Err(unknown());
        }
        links.push(("mandates", found.id()));
    }
    links.sort_unstable();
    links.dedup();
    Ok(links)
}

fn columns(amendment: Amendment) -> Result<Vec<(&'static str, Value)>, ActError> {
    let mut amended = Amended::default();
    amended.needed(("reference", "reference"), amendment.reference, line)?;
    amended.needed(("title", "title"), amendment.title, line)?;
    amended.take(("articles", "articles"), amendment.articles, list)?;
    let note = ("docket_note", "docketNote");
    amended.take(note, amendment.docket_note, |field, note| {
        text(field, note, TEXT)
    })?;
    let source = ("source_kind", "sourceKind");
    amended.take(source, amendment.source_kind, |_, source| {
        Ok(source.code().into())
    })?;
    amended.take(
        ("outcome", "outcome"),
        amendment.outcome,
        |field, outcome| text(field, outcome, OUTCOME),
    )?;
    amended.take(("symbol", "symbol"), amendment.symbol, line)?;
    amended.needed(("kind", "kind"), amendment.kind, |_, kind| {
        Ok(kind.code().into())
    })?;
    let received = ("received_on", "receivedOn");
    amended.needed(received, amendment.received_on, |_, date| {
        Ok(date.as_str().into())
    })?;
    amended.flag("with_authority", amendment.with_authority);
    let happened = ("happened_on", "happenedOn");
    amended.take(happened, amendment.happened_on, |_, date| {
        Ok(date.as_str().into())
    })?;
    Ok(amended.all())
}
