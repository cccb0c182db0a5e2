//! Everything that the demo writes, in an order in which it can be written.

use std::collections::BTreeSet;

use super::{
    bodies::Bodies,
    cast, channels, countries, desks,
    docket::Docket,
    draft::{Consent, Draft, Grant, Holder},
    events, papers, plans, recommended,
    rows::Fault,
    seed::Seed,
    together, tongues,
};

/// What a demo database holds when it is loaded.
#[derive(Clone, Debug)]
pub struct World {
    /// The records; what a record links to comes before it.
    pub drafts: Vec<Draft>,
    /// Who may bear a token; each owner of a record has its `….registry`.
    pub holders: Vec<Holder>,
    /// What the persons concerned have said.
    pub consents: Vec<Consent>,
    /// Which officers may open which files.
    pub grants: Vec<Grant>,
}

/// The whole demo: the real facts, and the invented docket.
pub fn world() -> Result<World, Fault> {
    let (seed, docket) = (Seed::open()?, Docket::open()?);
    let mut drafts = facts(&seed, &docket)?;
    drafts.extend(inventions(&docket)?);
    let drafts = targets_first(drafts);
    Ok(World {
        holders: cast::holders(&docket, &drafts)?,
        consents: cast::consents(&docket)?,
        grants: cast::grants(&docket)?,
        drafts,
    })
}

/// The real records: countries, and what the concept note says.
///
/// The note names neither how mechanisms work nor who sits at a focal point;
/// these few columns come from the docket and say that they are invented.
pub fn drafts() -> Result<Vec<Draft>, Fault> {
    facts(&Seed::open()?, &Docket::open()?).map(targets_first)
}

fn facts(seed: &Seed, docket: &Docket) -> Result<Vec<Draft>, Fault> {
    let bodies = Bodies::of(seed)?;
    let mut drafts = [
        bodies.organisations()?,
        countries::organisations(seed)?,
        countries::countries(seed)?,
        bodies.mechanisms(docket)?,
        bodies.mandates()?,
        desks::focal_points(seed, docket)?,
        plans::work_plans(seed)?,
        papers::documents(seed)?,
        papers::agreements(seed)?,
        together::activities(seed)?,
        recommended::recommendations(seed)?,
        events::meetings(seed)?,
    ]
    .concat();
    tongues::translated(&mut drafts)?;
    Ok(drafts)
}

fn inventions(docket: &Docket) -> Result<Vec<Draft>, Fault> {
    Ok([
        desks::invented(docket),
        plans::invented(docket),
        papers::invented(docket)?,
        recommended::invented(docket)?,
        events::invented(docket)?,
        channels::agreements(docket)?,
        docket.drafts()?,
    ]
    .concat())
}

/// Puts what a record links to before it; else the order stays.
///
/// A link to nothing, or in a circle, leaves its record at the end.
fn targets_first(drafts: Vec<Draft>) -> Vec<Draft> {
    let mut placed = BTreeSet::new();
    let mut ordered = Vec::with_capacity(drafts.len());
    let mut waiting = drafts;
    loop {
        let before = waiting.len();
        let mut still = Vec::new();
        for draft in waiting {
            let ready = draft.links.iter().all(|(_, kind, keys)| {
                keys.iter()
                    .all(|key| placed.contains(&(*kind, key.clone())))
            });
            match ready {
                true => {
                    placed.insert((draft.kind, draft.key.clone()));
                    ordered.push(draft);
                }
                false => still.push(draft),
            }
        }
        waiting = still;
        if waiting.is_empty() || waiting.len() == before {
            ordered.extend(waiting);
            return ordered;
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod words;
