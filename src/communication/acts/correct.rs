//! What was entered wrongly of a communication: the States, themes and mandates.
//!
//! The records of the persons concerned follow it. A file is about the States and themes of
//! every communication that concerns its person: what one of them says no more goes only
//! where none of the others says it.

use async_graphql::MaybeUndefined;

use super::docket;
use crate::{
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{FieldIndex, Known, Level},
    country,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    mechanism::registered,
    store::{
        act::{Act, ActError, RefusalCode},
        values::topics,
    },
};

const MANDATES: (FieldIndex, &str) = (Communication::mandates, "mandates");

/// Where a communication belongs; what is undefined is left as it is.
#[derive(Default)]
pub struct Place {
    /// ISO alpha-3 codes of the States concerned.
    pub countries: MaybeUndefined<Vec<String>>,
    /// Codes of the themes that it is about.
    pub issues: MaybeUndefined<Vec<String>>,
    /// The mandates under which it is examined.
    pub mandates: MaybeUndefined<Vec<Option<RecordId>>>,
}

impl Place {
    /// Whether nothing is to be corrected.
    pub fn is_undefined(&self) -> bool {
        self.countries.is_undefined() && self.issues.is_undefined() && self.mandates.is_undefined()
    }
}

/// Corrects where a communication belongs, and the persons' records with it.
///
/// # Errors
/// Refuses values that are not valid, and who does not read the persons' records.
pub async fn place(
    act: &mut Act,
    communication: &Known<Communication>,
    place: Place,
) -> Result<(), ActError> {
    if !place.mandates.is_undefined() {
        let own = registered(act).await?;
        let given = given(place.mandates);
        let links = docket::mandates(act, own, given).await?;
        let wanted: Vec<RecordId> = links.into_iter().map(|(_, id)| id).collect();
        let before = act.writer().linked(communication, MANDATES.1).await?;
        for gone in before.iter().filter(|id| !wanted.contains(id)) {
            act.writer().unlink(communication, MANDATES, *gone).await?;
        }
        for new in wanted.iter().filter(|id| !before.contains(id)) {
            act.writer().link(communication, MANDATES, *new).await?;
        }
    }
    if place.countries.is_undefined() && place.issues.is_undefined() {
        return Ok(());
    }
    may_follow(act)?;
    let before = act.concerns(communication.id()).await?;
    let mut after = before.clone();
    if !place.countries.is_undefined() {
        after.0 = country::known(act, "countries", given(place.countries)).await?;
        act.writer()
            .note_correction(communication, Communication::countries)
            .await?;
    }
    if !place.issues.is_undefined() {
        after.1 = topics("issues", given(place.issues))?;
        act.writer()
            .note_correction(communication, Communication::issues)
            .await?;
    }
    let writer = act.writer();
    writer.concern_only(communication, &before, &after).await?;
    persons_follow(act, communication.id(), &before, &after).await
}

/// Whether the token lets its holder have the persons' records follow a communication.
///
/// # Errors
/// Refuses who does not read or write all of them: who does not read them could neither
/// correct them nor be told that they can't.
pub fn may_follow(act: &Act) -> Result<(), ActError> {
    for kind in [Kind::CommunicationPerson, Kind::Person] {
        if !act.reader().viewer().reads_all_of_own(kind) {
            let needed = Level::Secretariat;
            let sentence = format!("it takes `read:{kind}@{needed}`, without limits");
            return Err(RefusalCode::Forbidden.says(sentence).into());
        }
    }
    act.may_import::<CommunicationPerson>(Level::Secretariat)?;
    act.may_import::<Person>(Level::Secretariat)
}

/// States, and themes, that a record is about.
pub type Concerns = (Vec<String>, Vec<String>);

/// Lets the records of the persons concerned follow a communication that is about other
/// States or themes than before.
///
/// # Errors
/// As [`may_follow`].
pub async fn persons_follow(
    act: &mut Act,
    communication: RecordId,
    before: &Concerns,
    after: &Concerns,
) -> Result<(), ActError> {
    let parts = act
        .ids_under::<CommunicationPerson>("communication_id", communication)
        .await?;
    let own = registered(act).await?;
    let known = act.reader().by_ids::<CommunicationPerson>(&parts).await?;
    for part in parts.iter().filter_map(|part| known.get(part)) {
        // What others keep is theirs: it neither follows nor stands in the way.
        if !part.facts().owners.contains(&own) {
            continue;
        }
        let of_part = act.concerns(part.id()).await?;
        act.writer().concern_only(&**part, &of_part, after).await?;
        let person: Vec<RecordId> = part.key("person_id").into_iter().collect();
        let persons = act.reader().by_ids::<Person>(&person).await?;
        for person in persons.values() {
            follow(act, own, person, (communication, before, after)).await?;
        }
    }
    Ok(())
}

/// Lets a person's file follow one of its communications.
async fn follow(
    act: &mut Act,
    own: MechanismId,
    person: &Known<Person>,
    (communication, before, after): (RecordId, &Concerns, &Concerns),
) -> Result<(), ActError> {
    let owners = &person.facts().owners;
    if !owners.contains(&own) {
        return Ok(());
    }
    if owners.len() > 1 {
        // What another owner's communications say of the file is not ours to look at.
        let (countries, topics) = after;
        return act.writer().concern_also(person, countries, topics).await;
    }
    let others = act
        .concerns_otherwise(person.id(), own, communication)
        .await?;
    let file = act.concerns(person.id()).await?;
    let kept = (
        kept(&file.0, &before.0, &after.0, &others.0),
        kept(&file.1, &before.1, &after.1, &others.1),
    );
    act.writer().concern_only(person, &file, &kept).await
}

/// What a file is about, once one of its communications says another thing than before.
fn kept(file: &[String], before: &[String], after: &[String], others: &[String]) -> Vec<String> {
    let stays = |value: &&String| !before.contains(value) || others.contains(value);
    let mut kept: Vec<String> = file.iter().filter(stays).chain(after).cloned().collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// `null` takes all away.
fn given<T>(given: MaybeUndefined<Vec<T>>) -> Vec<T> {
    given.take().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_what_another_communication_says() {
        let of = |codes: &str| -> Vec<String> { codes.split(' ').map(str::to_owned).collect() };
        assert_eq!(
            kept(&of("AAA BBB CCC"), &of("AAA BBB"), &of("DDD"), &of("BBB")),
            of("BBB CCC DDD")
        );
        assert_eq!(kept(&of("AAA"), &of("AAA"), &of("AAA"), &[]), of("AAA"));
    }
}
