//! Whether a hub keeps its promise, asked from outside: over HTTP, as its viewers ask.
//!
//! Nothing in here knows the hub's database or its rules. What is learnt with the tokens that
//! it is given is held against what the same hub tells without them: the laws of one hub. Where
//! there is a twin, a second hub whose database differs only in what the viewer may not see,
//! both have to answer alike, byte for byte. How long answers take is compared, too ([`time`]).
//!
//! It only reads, states no purpose, and so opens no sealed file. It proves no innocence: what
//! the tokens at hand can't see, it can't look for.

mod crawl;
mod door;
mod laws;
mod maker;
mod schema;
pub mod time;
mod twin;

use std::collections::BTreeSet;

use self::{crawl::View, door::at, maker::Maker};
pub use self::{
    door::{Door, DoorError, Told},
    schema::{Schema, SchemaError},
};

/// Somebody as whom the hub is asked.
#[derive(Clone)]
pub struct Viewer {
    /// What the report calls them.
    pub name: String,
    /// Their token; none for anyone.
    pub token: Option<String>,
}

/// What is to be asked.
pub struct Plan {
    /// The hub.
    pub hub: Door,
    /// The hub that differs from it only in what the last viewer may not see.
    pub twin: Option<Door>,
    /// From who sees least to who sees most; anyone is the first.
    pub viewers: Vec<Viewer>,
    /// Requests by chance, for each viewer.
    pub cases: usize,
    /// Records of each kind that are read.
    pub records: usize,
    /// Of chance: the same number, the same requests.
    pub seed: u64,
}

/// A promise that was not kept, and the request that shows it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is wrong.
    pub why: String,
    /// As whom.
    pub viewer: String,
    /// The document.
    pub request: String,
    /// Beginnings of the answers.
    pub answers: Vec<String>,
}

/// What was asked, and what was found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Requests that were sent.
    pub requests: u64,
    /// Records that each viewer was told of.
    pub records: Vec<(String, usize)>,
    /// How often each law was tried.
    pub tried: Vec<(&'static str, u64)>,
    /// Pairs of a field and an argument that were asked, and how many there are.
    pub coverage: (usize, usize),
    /// The promises that were not kept.
    pub findings: Vec<Finding>,
}

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum SelftestError {
    /// The hub does not answer.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// It does not say what can be asked.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A token is not taken.
    #[error("the token of `{0}` is not taken: {1}")]
    Token(String, String),
}

/// Asks a hub, and its twin where there is one.
///
/// # Errors
/// Ends where a hub does not answer, or takes a token for none.
pub fn run(plan: &Plan) -> Result<Outcome, SelftestError> {
    let schema = Schema::of(&plan.hub)?;
    for viewer in &plan.viewers {
        taken(&plan.hub, viewer)?;
    }
    let mut outcome = Outcome::default();
    let mut views = Vec::new();
    for viewer in &plan.viewers {
        let view = View::of(&plan.hub, &schema, viewer, plan.records)?;
        outcome
            .records
            .push((viewer.name.clone(), view.records.len()));
        views.push(view);
    }
    let mut laws = laws::Laws::new(&plan.hub, &schema, &views, plan.seed);
    laws.keep()?;
    let mut asked = BTreeSet::new();
    for (place, view) in views.iter().enumerate() {
        // From what is known to whoever sees most: it is among that, that leaks are found.
        let most = views.last().unwrap_or(view);
        let seed = plan
            .seed
            .wrapping_mul(1_000)
            .wrapping_add(u64::try_from(place).unwrap_or_default());
        let mut maker = Maker::new(&schema, most, seed);
        for _ in 0..plan.cases {
            let request = maker.request();
            laws.tells_nothing(place, &request)?;
            if let Some(twin) = &plan.twin
                && place + 1 == views.len()
            {
                twin::alike(&plan.hub, twin, &view.viewer, &request, &mut outcome)?;
            }
        }
        asked.append(&mut maker.asked);
    }
    let pairs = schema.pairs();
    outcome.coverage = (pairs.intersection(&asked).count(), pairs.len());
    let (tried, mut findings) = laws.ended();
    outcome.tried.extend(tried);
    outcome.findings.append(&mut findings);
    outcome.requests = plan.hub.count() + plan.twin.as_ref().map_or(0, Door::count);
    Ok(outcome)
}

/// A token that is refused would make every answer alike, and every law kept.
fn taken(hub: &Door, viewer: &Viewer) -> Result<(), SelftestError> {
    let told = hub.ask(viewer, "{ __typename }")?;
    if at(&told.json(), "/data/__typename") == "Query" {
        return Ok(());
    }
    Err(SelftestError::Token(viewer.name.clone(), told.beginning()))
}
