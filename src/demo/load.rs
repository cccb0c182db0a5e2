//! Loads the demo: admits its cast, and writes each record as a holder of its owner.

use std::collections::BTreeMap;

use sea_orm::Value as SqlValue;
use zeroize::Zeroizing;

use super::{
    draft::{Draft, Holder, Value},
    facts::{World, world},
    rows::Fault,
};
use crate::{
    activity::JointActivity,
    agreement::{Agreement, Clause},
    calendar::{CalendarEvent, EventInvitation},
    clock::Moment,
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{
        Level,
        grant::ConsentBasis,
        warrant::{Warrant, WriteRefused},
    },
    country::Country,
    document::Document,
    id::{MechanismId, RecordId},
    identity::{
        holder::{HolderKind, Role},
        kind::{Action, Kind},
        purpose::PurposeCode,
        scope::Scopes,
        token::{IssueError, TokenAuthority, TokenRequest},
    },
    measure::InterimMeasure,
    mechanism::{FocalPoint, Mandate, Mechanism},
    organisation::Organisation,
    recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
    store::consent::{NewGrant, NewWord},
    store::{
        Store, Writer,
        standing::ViewerError,
        writer::{NewRecord, WriteError},
    },
    vocabulary::codes::Coded,
    work_plan::{Objective, WorkPlan, WorkPlanItem},
};

/// The client under which demo tokens are issued.
pub const CLIENT: &str = "liaison-cli";

/// Why the demo was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The data of the demo contradicts itself.
    #[error(transparent)]
    Data(#[from] Fault),
    /// A word in the data is not one of the hub's.
    #[error("the demo's data says `{0}`, which this hub does not know")]
    UnknownWord(String),
    /// A record was refused or could not be written.
    #[error("record `{key}`: {cause}")]
    Record {
        /// Kind and key of the record.
        key: String,
        /// Why.
        cause: WriteError,
    },
    /// An act was refused or could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A holder could not be given a token.
    #[error("holder `{0}`: {1}")]
    Token(String, IssueError),
    /// A holder's token made no viewer.
    #[error("holder `{0}` could not be identified")]
    Identity(String, #[source] ViewerError),
}

/// What a load has done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Loaded {
    /// Records written now.
    pub written: usize,
    /// Records that were there already.
    pub kept: usize,
}

/// Loads the demo; what is there already is left as it is. Tells `progress` how many of
/// how many records are done.
///
/// # Errors
/// Fails where the data contradicts itself or the database does; what was written by
/// then stays, and a second run goes on from there.
pub async fn load(
    store: &Store,
    authority: &TokenAuthority,
    now: Moment,
    mut progress: impl FnMut(usize, usize),
) -> Result<Loaded, LoadError> {
    let world = world()?;
    admit(store, &world, now).await?;
    let mut loaded = Loaded::default();
    let total = world.drafts.len();
    let mut rest = world.drafts.as_slice();
    // One transaction for each run of records of one owner: few entries, all or nothing.
    while let Some(first) = rest.first() {
        let owner = owner(first)?;
        let run = rest
            .iter()
            .take_while(|draft| draft.owners.first() == Some(owner))
            .count();
        let (these, others) = rest.split_at(run);
        rest = others;
        let warrant = warrant(store, authority, &format!("{owner}.registry"), now).await?;
        let mut writer = store.begin(warrant, now).await?;
        for draft in these {
            let record = record(draft)?;
            let written =
                add(&mut writer, draft, &record)
                    .await
                    .map_err(|cause| LoadError::Record {
                        key: format!("{} {}", draft.kind, draft.key),
                        cause,
                    })?;
            if written {
                loaded.written += 1
            } else {
                loaded.kept += 1
            }
        }
        writer.commit().await?;
        progress(loaded.written + loaded.kept, total);
    }
    open_files(store, authority, &world, now).await?;
    Ok(loaded)
}

fn owner(draft: &Draft) -> Result<&String, LoadError> {
    draft
        .owners
        .first()
        .ok_or_else(|| LoadError::UnknownWord(draft.key.clone()))
}

/// Admits institutions, the cast and the client: the registrar's acts.
async fn admit(store: &Store, world: &World, now: Moment) -> Result<(), LoadError> {
    let mut writer = store.begin(Warrant::of_registrar(), now).await?;
    writer.admit_client(CLIENT, Level::Victim, None).await?;
    for holder in &world.holders {
        let mechanism = mechanism(&holder.mechanism);
        let since = Moment::from_seconds(0);
        writer
            .admit_institution(mechanism, &holder.mechanism, false, Some(since))
            .await?;
        let clearance = level(holder.clearance)?;
        let roles = roles(holder)?;
        let kind = HolderKind::from_code(&holder.kind).ok_or_else(|| unknown(&holder.kind))?;
        writer
            .admit_holder(&holder.subject, mechanism, kind, clearance, &roles)
            .await?;
    }
    writer.commit().await?;
    Ok(())
}

/// Consents and grants, by the officers of each person's owner.
async fn open_files(
    store: &Store,
    authority: &TokenAuthority,
    world: &World,
    now: Moment,
) -> Result<(), LoadError> {
    let persons: BTreeMap<&str, &Draft> = world
        .drafts
        .iter()
        .filter(|draft| draft.kind == Kind::Person.code())
        .map(|draft| (draft.key.as_str(), draft))
        .collect();
    let person = |key: &str| persons.get(key).copied().ok_or_else(|| unknown(key));
    let at = Moment::from_seconds;
    for consent in &world.consents {
        let draft = person(&consent.person)?;
        let by = format!("{}.registry", owner(draft)?);
        let mut writer = store
            .begin(warrant(store, authority, &by, now).await?, now)
            .await?;
        let basis =
            ConsentBasis::from_code(&consent.basis).ok_or_else(|| unknown(&consent.basis))?;
        let purpose =
            PurposeCode::from_code(&consent.purpose).ok_or_else(|| unknown(&consent.purpose))?;
        let key = format!(
            "{}:{}:{}:{}:{}",
            RecordId::derived(Kind::Person, &consent.person).0,
            mechanism(&consent.recipient).0,
            purpose.code(),
            consent.given_at,
            basis.code(),
        );
        let word = NewWord {
            id: RecordId::derived(Kind::Person, &key),
            person: RecordId::derived(Kind::Person, &consent.person),
            recipient: mechanism(&consent.recipient),
            purpose,
            fields: consent.fields.clone(),
            basis,
            given_at: at(consent.given_at),
            until: at(consent.valid_until),
        };
        writer.record_consent(&owners(draft), &word).await?;
        writer.commit().await?;
    }
    for grant in &world.grants {
        let draft = person(&grant.person)?;
        let by = format!("{}.grants", owner(draft)?);
        let holder = world
            .holders
            .iter()
            .find(|holder| holder.subject == grant.holder);
        let employer = holder
            .map(|holder| mechanism(&holder.mechanism))
            .ok_or_else(|| unknown(&grant.holder))?;
        let mut writer = store
            .begin(warrant(store, authority, &by, now).await?, now)
            .await?;
        let person = RecordId::derived(Kind::Person, &grant.person);
        let key = format!(
            "{}:{}:{}:{}",
            person.0, grant.holder, grant.valid_from, grant.valid_until
        );
        let purposes = grant.purposes.iter();
        let purposes =
            purposes.map(|code| PurposeCode::from_code(code).ok_or_else(|| unknown(code)));
        let grant = NewGrant {
            id: RecordId::derived(Kind::Person, &key),
            person,
            holder: grant.holder.clone(),
            mechanism: employer,
            purposes: purposes.collect::<Result<_, _>>()?,
            fields: grant.fields.clone(),
            from: at(grant.valid_from),
            until: at(grant.valid_until),
            ended: grant.ended_at.map(at),
        };
        writer.give_grant(&owners(draft), &grant).await?;
        writer.commit().await?;
    }
    Ok(())
}

/// The warrant of a holder of the demo, from a token like anybody's.
async fn warrant(
    store: &Store,
    authority: &TokenAuthority,
    subject: &str,
    now: Moment,
) -> Result<Warrant, LoadError> {
    let known = store
        .holder(subject, CLIENT, now)
        .await
        .map_err(WriteError::from)?;
    let (holder, client) = known.ok_or_else(|| unknown(subject))?;
    let entitled = crate::identity::holder::entitlement(&holder, &client);
    let scopes = Scopes::up_to(
        |action| match action {
            Action::Read => None,
            Action::Write => entitled.level(Action::Write, Kind::Person),
            Action::Label => None,
        },
        [],
    );
    let failed = |error| LoadError::Token(subject.to_owned(), error);
    let request = TokenRequest::new(&holder, &client, scopes, 60).map_err(failed)?;
    let issued = authority.issue(&request, now).map_err(failed)?;
    let identified = |error| LoadError::Identity(subject.to_owned(), error);
    let claims = authority
        .verify(&issued.token, now)
        .map_err(|refused| identified(refused.into()))?;
    let viewer = store.viewer(&claims, None, now).await.map_err(identified)?;
    Warrant::of(&viewer).map_err(|refused: WriteRefused| WriteError::from(refused).into())
}

/// The record of a draft: its codes as ids, its links as keys.
fn record(draft: &Draft) -> Result<NewRecord, LoadError> {
    let kind = Kind::from_code(draft.kind).ok_or_else(|| unknown(draft.kind))?;
    let mut values: Vec<(&'static str, SqlValue)> = draft
        .values
        .iter()
        .map(|(column, value)| (*column, sql(value)))
        .collect();
    let mut links = Vec::new();
    for (name, target, keys) in &draft.links {
        let target = Kind::from_code(target).ok_or_else(|| unknown(target))?;
        let ids = keys.iter().map(|key| RecordId::derived(target, key));
        match key_column(name) {
            Some(column) => values.extend(ids.take(1).map(|id| (column, id.0.into()))),
            None => links.extend(ids.map(|id| (*name, id))),
        }
    }
    Ok(NewRecord {
        id: RecordId::derived(kind, &draft.key),
        owners: owners(draft),
        existence: level(draft.existence)?,
        overrides: draft
            .overrides
            .iter()
            .map(|(field, code)| Ok((*field, level(code)?)))
            .collect::<Result<_, LoadError>>()?,
        public_from: draft.public_from.map(Moment::from_seconds),
        named: draft
            .named
            .iter()
            .map(|(code, until)| (mechanism(code), Moment::from_seconds(*until)))
            .collect(),
        countries: draft.countries.clone(),
        topics: draft.topics.clone(),
        values,
        links,
        sealed: draft
            .sealed
            .iter()
            .map(|(field, text)| (*field, Zeroizing::new(text.clone())))
            .collect(),
        texts: draft.texts.clone(),
    })
}

/// The key column of a link to one record; `None` for links to several.
fn key_column(link: &str) -> Option<&'static str> {
    Some(match link {
        "parent" => "parent_id",
        "organisation" => "organisation_id",
        "mechanism" => "mechanism_id",
        "work_plan" => "work_plan_id",
        "objective" => "objective_id",
        "agreement" => "agreement_id",
        "from_mechanism" => "from_mechanism_id",
        "to_mechanism" => "to_mechanism_id",
        "communication" => "communication_id",
        "person" => "person_id",
        "proposed_by" => "proposed_by_id",
        "document" => "document_id",
        "recommendation" => "recommendation_id",
        "from_recommendation" => "from_recommendation_id",
        "to_recommendation" => "to_recommendation_id",
        "held_in" => "held_in_id",
        "work_plan_item" => "work_plan_item_id",
        "joint_activity" => "joint_activity_id",
        "event" => "calendar_event_id",
        "host" => "host_id",
        _ => return None,
    })
}

async fn add(writer: &mut Writer, draft: &Draft, record: &NewRecord) -> Result<bool, WriteError> {
    match Kind::from_code(draft.kind) {
        Some(Kind::Country) => writer.add::<Country>(record).await,
        Some(Kind::Organisation) => writer.add::<Organisation>(record).await,
        Some(Kind::Mechanism) => writer.add::<Mechanism>(record).await,
        Some(Kind::Mandate) => writer.add::<Mandate>(record).await,
        Some(Kind::FocalPoint) => writer.add::<FocalPoint>(record).await,
        Some(Kind::WorkPlan) => writer.add::<WorkPlan>(record).await,
        Some(Kind::Objective) => writer.add::<Objective>(record).await,
        Some(Kind::WorkPlanItem) => writer.add::<WorkPlanItem>(record).await,
        Some(Kind::Agreement) => writer.add::<Agreement>(record).await,
        Some(Kind::Clause) => writer.add::<Clause>(record).await,
        Some(Kind::Document) => writer.add::<Document>(record).await,
        Some(Kind::Communication) => writer.add::<Communication>(record).await,
        Some(Kind::InterimMeasure) => writer.add::<InterimMeasure>(record).await,
        Some(Kind::CommunicationPerson) => writer.add::<CommunicationPerson>(record).await,
        Some(Kind::Person) => writer.add::<Person>(record).await,
        Some(Kind::JointActivity) => writer.add::<JointActivity>(record).await,
        Some(Kind::Recommendation) => writer.add::<Recommendation>(record).await,
        Some(Kind::Assessment) => writer.add::<Assessment>(record).await,
        Some(Kind::Evidence) => writer.add::<Evidence>(record).await,
        Some(Kind::RecommendationReference) => writer.add::<RecommendationReference>(record).await,
        Some(Kind::CalendarEvent) => writer.add::<CalendarEvent>(record).await,
        Some(Kind::EventInvitation) => writer.add::<EventInvitation>(record).await,
        // Counted, never written.
        Some(Kind::StatisticRelease) | None => Ok(false),
    }
}

fn owners(draft: &Draft) -> Vec<MechanismId> {
    draft.owners.iter().map(|code| mechanism(code)).collect()
}

fn mechanism(code: &str) -> MechanismId {
    RecordId::derived(Kind::Mechanism, code).into()
}

fn level(code: &str) -> Result<Level, LoadError> {
    Level::from_code(code).ok_or_else(|| unknown(code))
}

fn roles(holder: &Holder) -> Result<Vec<Role>, LoadError> {
    holder
        .roles
        .iter()
        .map(|role| Role::from_code(role).ok_or_else(|| unknown(role)))
        .collect()
}

fn unknown(word: &str) -> LoadError {
    LoadError::UnknownWord(word.to_owned())
}

fn sql(value: &Value) -> SqlValue {
    match value {
        Value::Text(text) => text.clone().into(),
        Value::Number(number) => (*number).into(),
        Value::Flag(flag) => (*flag).into(),
        Value::List(list) => serde_json::json!(list).to_string().into(),
    }
}
