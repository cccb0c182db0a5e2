//! The acts of a mechanism on its own profile and its focal points.

use async_graphql::MaybeUndefined;
use sea_orm::Value;

use super::{FocalPoint, Mechanism, registered};
use crate::{
    confidentiality::{Level, warrant::WriteRefused},
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    store::{
        act::{Act, ActError, RefusalCode},
        values::{Amended, TEXT, line, list, text, theme},
        writer::NewRecord,
    },
    vocabulary::{
        FocalPointRole, FocalPointStatus, HumanRightsSystem, MechanismKind, Region, codes::Coded,
    },
};

/// What a mechanism says of itself; what is undefined is left as it is.
#[derive(Default)]
pub struct Profile {
    /// Its official name, in English.
    pub name: MaybeUndefined<String>,
    /// Its acronym.
    pub acronym: MaybeUndefined<String>,
    /// What kind of mechanism it is.
    pub kind: MaybeUndefined<MechanismKind>,
    /// The system that it belongs to.
    pub system: MaybeUndefined<HumanRightsSystem>,
    /// The region that it works in.
    pub region: MaybeUndefined<Region>,
    /// How it works.
    pub working_methods: MaybeUndefined<String>,
    /// Instruments that it rests on.
    pub legal_basis: MaybeUndefined<Vec<String>>,
    /// Other ways in which it is written.
    pub aliases: MaybeUndefined<Vec<String>>,
}

/// A focal point to be appointed.
pub struct Appointment {
    /// What the function is called.
    pub title: String,
    /// What it is for.
    pub role: FocalPointRole,
    /// The region that it is for.
    pub region: Option<String>,
    /// The theme that it is for.
    pub theme: Option<String>,
    /// What it covers, in words.
    pub scope: Option<String>,
    /// The function's mailbox.
    pub mailbox: Option<String>,
    /// Who holds it.
    pub person_name: Option<String>,
    /// The direct telephone.
    pub phone: Option<String>,
    /// Since when it is held; today where nothing is said.
    pub since: Option<PartialDate>,
}

/// Enters one's own mechanism into the list of mechanisms.
///
/// # Errors
/// Refuses values that are not valid, a mechanism that is on the list, and who could not
/// see whether it is.
pub async fn register(act: &mut Act, profile: Profile) -> Result<RecordId, ActError> {
    if !matches!(profile.name, MaybeUndefined::Value(_)) {
        return Err(ActError::invalid("name", "a mechanism has a name"));
    }
    let (own, code) = own(act)?;
    // Who does not see the own profile at every level would be told here that it is there.
    if !act.reader().viewer().reads_all_of_own(Kind::Mechanism) {
        let sentence = "it takes a token that reads mechanisms up to `SECRETARIAT`, without limits";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    let mut record = NewRecord::of(own.into(), vec![own], Level::Public);
    record.values = columns(profile)?;
    record.values.push(("code", code.into()));
    if act.writer().add::<Mechanism>(&record).await? {
        Ok(record.id)
    } else {
        let sentence = "your mechanism is on the list already; amend its profile";
        Err(ActError::conflict(sentence))
    }
}

/// Amends the profile of one's own mechanism.
///
/// # Errors
/// Refuses values that are not valid, and a mechanism that is not on the list.
pub async fn amend(act: &mut Act, profile: Profile) -> Result<RecordId, ActError> {
    let (own, _) = own(act)?;
    let mechanism = act.find::<Mechanism>(Some(own.into())).await?;
    act.writer().change(&*mechanism, columns(profile)?).await?;
    Ok(mechanism.id())
}

/// Appoints a focal point of one's own mechanism.
///
/// # Errors
/// Refuses values that are not valid.
pub async fn appoint(act: &mut Act, new_point: Appointment) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    let mut record = NewRecord::of(RecordId::random(), vec![own], Level::Public);
    let Appointment { role, since, .. } = new_point;
    let since = since.unwrap_or_else(|| PartialDate::of_day(act.reader().viewer().now()));
    record.values = vec![
        ("title", line("title", new_point.title)?),
        ("role", role.code().into()),
        ("status", FocalPointStatus::Appointed.code().into()),
        ("since", since.as_str().into()),
        ("mechanism_id", own.0.into()),
    ];
    for (column, value) in [
        ("region", new_point.region),
        ("theme", new_point.theme),
        ("scope", new_point.scope),
        ("mailbox", new_point.mailbox),
        ("person_name", new_point.person_name),
        ("phone", new_point.phone),
    ] {
        if let Some(value) = value {
            let value = match column {
                "theme" => theme(column, value)?,
                column => line(column, value)?,
            };
            record.values.push((column, value));
        }
    }
    act.writer().add::<FocalPoint>(&record).await?;
    Ok(record.id)
}

/// Relieves a focal point: who held it until when stays on record.
///
/// # Errors
/// Refuses focal points of others, and one that was relieved.
pub async fn relieve(
    act: &mut Act,
    id: Option<RecordId>,
    until: Option<PartialDate>,
) -> Result<RecordId, ActError> {
    let point = act.find::<FocalPoint>(id).await?;
    act.may_change(&*point)?;
    if point.open(|row| &row.until).visible().flatten().is_some() {
        return Err(ActError::conflict("it was relieved already"));
    }
    let until = until.unwrap_or_else(|| PartialDate::of_day(point.viewer().now()));
    let since = point.open(|row| &row.since).visible().flatten();
    if since.is_some_and(|since| until.as_str() < since.as_str()) {
        return Err(ActError::invalid("until", "it ends after it begins"));
    }
    let values = vec![
        ("until", until.as_str().into()),
        ("status", FocalPointStatus::Relieved.code().into()),
    ];
    act.writer().change(&*point, values).await?;
    Ok(point.id())
}

/// The viewer's own mechanism and its code.
fn own(act: &Act) -> Result<(MechanismId, String), ActError> {
    let viewer = act.reader().viewer();
    match (viewer.mechanism(), viewer.standing()) {
        (Some(own), Some(standing)) => Ok((own, standing.mechanism_code().to_owned())),
        _ => Err(WriteRefused::TokenNeeded.into()),
    }
}

fn columns(profile: Profile) -> Result<Vec<(&'static str, Value)>, ActError> {
    let mut amended = Amended::default();
    amended.needed(("name", "name"), profile.name, line)?;
    amended.take(("acronym", "acronym"), profile.acronym, line)?;
    amended.take(("kind", "kind"), profile.kind, |_, kind| {
        Ok(kind.code().into())
    })?;
    amended.take(("system", "system"), profile.system, |_, system| {
        Ok(system.code().into())
    })?;
    amended.take(("region", "region"), profile.region, |_, region| {
        Ok(region.code().into())
    })?;
    let methods = ("working_methods", "workingMethods");
    amended.take(methods, profile.working_methods, |field, methods| {
        text(field, methods, TEXT)
    })?;
    amended.take(("legal_basis", "legalBasis"), profile.legal_basis, list)?;
    amended.take(("aliases", "aliases"), profile.aliases, list)?;
    amended.values()
}
