//! Acts in two hubs that differ only in what the actor may not see: they answer alike, and
//! what they write looks alike to the actor.
//!
//! Each act is done in both; then both hubs are what they were before it. Ids that an act
//! draws are chance, and are told apart by the order in which they are met.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    time::Instant,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use liaison::{demo::load::CLIENT, id::GlobalId, identity::holder::entitlement};
use serde_json::Value;
use uuid::Uuid;

use super::{
    fuzz::{Arena, Sent, steady},
    reference::{Asker, hidden, redact},
    requests::Asked,
    world::{Cell, World},
};
use crate::support::{
    harness::{Backend, Suite},
    house::{Answer, NOW},
};

/// Acts on each database, where `LIAISON_TWIN_ACTS` does not say.
const ACTS: usize = 160;
/// Kinds of acts that are done, and not refused, at least.
const KINDS: usize = 5;
/// Acts of one asker in one world.
const STAGE: usize = 10;
/// Acts that change what tokens are worth: a hub that was set back would not forget them.
const NOT_HERE: [&str; 2] = ["revokeTokens", "amendHolder"];
/// What differs with each drawing.
const DRAWN: [&str; 4] = ["refreshText", "cursor", "startCursor", "endCursor"];

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "acts_in_two_hubs_that_differ_in_what_is_hidden_are_alike",
        run,
    );
}

async fn run(backend: Backend) {
    let number = |name: &str, otherwise: usize| {
        let set = env::var(name).ok().and_then(|text| text.parse().ok());
        set.unwrap_or(otherwise)
    };
    let most = number("LIAISON_TWIN_ACTS", ACTS);
    let seed = u64::try_from(number("LIAISON_TWIN_SEED", 3)).unwrap();
    let began = Instant::now();
    let mut arena = Arena::open(backend, seed).await;
    let mut tally = Tally::default();
    let names: Vec<String> = arena.schema.acts().map(str::to_owned).collect();
    let names: Vec<String> = names
        .into_iter()
        .filter(|name| !NOT_HERE.contains(&name.as_str()))
        .collect();
    let mut place = 0;
    // An asker may have leave for little: then others have a turn.
    while place < most || (tally.done.len() < KINDS && place < 2 * most) {
        arena.stage_for(true).await;
        for _ in 0..STAGE {
            let name = &names[place % names.len()];
            place += 1;
            if let Some(finding) = arena.act(name, &mut tally).await {
                panic!("{finding}");
            }
        }
    }
    println!("{backend}: {}", tally.figures(place, began.elapsed()));
    let untried: Vec<_> = names
        .iter()
        .filter(|name| !tally.tried.contains_key(*name))
        .collect();
    assert!(untried.is_empty() || most < names.len(), "{untried:?}");
    assert!(tally.done.len() >= KINDS || most < ACTS, "{:?}", tally.done);
}

/// What has become of acts.
#[derive(Default)]
struct Tally {
    tried: BTreeMap<String, usize>,
    done: BTreeMap<String, usize>,
    codes: BTreeMap<String, usize>,
    read: usize,
}

impl Tally {
    fn count(&mut self, name: &str, answer: &Value) -> bool {
        let payload = &answer["data"][name];
        let refusals = payload["userErrors"].as_array();
        let done = refusals.is_some_and(Vec::is_empty);
        *self.tried.entry(name.to_owned()).or_default() += 1;
        if done {
            *self.done.entry(name.to_owned()).or_default() += 1;
            return true;
        }
        let code = match refusals {
            Some(refusals) => &refusals[0]["code"],
            None => &answer["errors"][0]["extensions"]["code"],
        };
        let code = code.as_str().unwrap_or("none").to_owned();
        *self.codes.entry(code).or_default() += 1;
        false
    }

    fn figures(&self, acts: usize, took: std::time::Duration) -> String {
        let done: usize = self.done.values().sum();
        format!(
            "{acts} acts in {:.1} s, {done} done, of {} kinds of {}; refused: {:?}; {} requests after them",
            took.as_secs_f64(),
            self.done.len(),
            self.tried.len(),
            self.codes,
            self.read,
        )
    }
}

impl Arena {
    /// The asker, with all the leave to write that the asker can have.
    pub(super) async fn with_leave_to_write(&self) -> Option<Asker> {
        let asker = self.asker.clone()?;
        let now = self.a.clock.now();
        let known = self.a.store.holder(&asker.subject, CLIENT, now).await;
        let Some((holder, client)) = known.unwrap() else {
            return Some(asker);
        };
        let all = entitlement(&holder, &client).to_string();
        let held: Vec<&str> = asker.scope.split(' ').collect();
        let writes = all.split(' ');
        let writes = writes.filter(|item| !item.starts_with("read:") && !held.contains(item));
        let scope = writes.fold(asker.scope.clone(), |scope, item| format!("{scope} {item}"));
        Some(Asker { scope, ..asker })
    }

    /// Does an act in both hubs; says what is wrong, if anything.
    async fn act(&mut self, name: &str, tally: &mut Tally) -> Option<String> {
        let asked = self.maker().act(name);
        let sent = Sent {
            asked,
            by_get: false,
            accept: "application/json",
            language: "",
            cut: None,
        };
        let answers = self.send(&sent).await;
        tally.count(name, &answers[0].json_or_null());
        let known = [ids_of(&self.in_a), ids_of(&self.in_b)];
        let mut why = self
            .unlike(&answers, &known)
            .map(|why| (why, String::new()));
        let after = [
            World::read(&self.a.url).await,
            World::read(&self.b.url).await,
        ];
        if why.is_none() {
            let asker = self.asker.as_ref();
            let before = [&self.in_a, &self.in_b];
            let shown = [0, 1].map(|hub| shown(&after[hub], before[hub], &known[hub], asker));
            why = difference(&shown).map(|row| ("what was written differs".to_owned(), row));
        }
        let drawn = |hub: usize| ids_of(&after[hub]).difference(&known[hub]).next().is_some();
        if why.is_none() && !drawn(0) {
            why = self.read_after(&known, tally).await;
        }
        after[0].becomes(&self.in_a, &self.a.url).await;
        after[1].becomes(&self.in_b, &self.b.url).await;
        for house in self.houses() {
            let now = house.clock.now();
            house.store.mend_copies(now).await.unwrap();
            if name == "correctPerson" {
                let marks =
                    "DELETE FROM field_mark; INSERT INTO field_mark SELECT * FROM kept_mark";
                house.meddle_with_keys(marks).await;
            }
        }
        if name == "issueToken" {
            for house in self.houses() {
                let tables = ["refresh_token", "token_family", "token"];
                let script = tables.map(|table| format!("DELETE FROM {table};"));
                house.meddle(&script.concat()).await;
            }
        }
        let (why, more) = why?;
        Some(self.told_of(&why, &more, &sent.asked, &answers))
    }

    /// What is asked of both after an act: the hubs are still alike.
    async fn read_after(
        &mut self,
        known: &[BTreeSet<Uuid>; 2],
        tally: &mut Tally,
    ) -> Option<(String, String)> {
        for _ in 0..2 {
            tally.read += 1;
            let asked = self.maker().ask();
            let sent = Sent {
                asked,
                by_get: false,
                accept: "application/json",
                language: "",
                cut: None,
            };
            let answers = self.send(&sent).await;
            if let Some(why) = self.unlike(&answers, known)
                && !self.is_chance(&sent, &answers).await
            {
                let more = format!(
                    "asked after it {:?}\nA: {}\nB: {}",
                    sent.asked.written(),
                    String::from_utf8_lossy(&answers[0].body),
                    String::from_utf8_lossy(&answers[1].body),
                );
                return Some((why, more));
            }
        }
        None
    }

    fn unlike(&self, answers: &[Answer; 2], known: &[BTreeSet<Uuid>; 2]) -> Option<String> {
        let [a, b] = answers;
        if a.status != b.status {
            return Some("the status differs".to_owned());
        }
        let lengths = |answer: &Answer| {
            let mut headers = steady(&answer.headers);
            headers.retain(|(name, _)| name != "content-length");
            headers
        };
        if lengths(a) != lengths(b) {
            return Some("the headers differ".to_owned());
        }
        let plain = [0, 1].map(|hub| plain(&answers[hub].json_or_null(), &known[hub]));
        if plain[0] != plain[1] {
            return Some("the body differs".to_owned());
        }
        if String::from_utf8_lossy(&a.body).contains("\"INTERNAL\"") {
            return Some("an act failed".to_owned());
        }
        None
    }

    fn told_of(&self, why: &str, more: &str, asked: &Asked, answers: &[Answer; 2]) -> String {
        let (query, variables) = asked.written();
        let mut text = format!(
            "{why}\nseed {}, stage {}\nasker {:?}\n{query}\n{variables}\n",
            self.seed,
            self.stages - 1,
            self.asker,
        );
        for (name, answer) in ["A", "B"].iter().zip(answers) {
            let body: String = String::from_utf8_lossy(&answer.body)
                .chars()
                .take(2_500)
                .collect();
            writeln!(text, "{name}: {} {body}", answer.status).unwrap();
        }
        text.push_str(more);
        text
    }
}

/// Every id in a world.
fn ids_of(world: &World) -> BTreeSet<Uuid> {
    let rows = world.tables.values().flat_map(|table| &table.rows);
    rows.flatten().filter_map(Cell::id).collect()
}

/// An answer in which what was drawn is named by the order in which it is met.
fn plain(answer: &Value, known: &BTreeSet<Uuid>) -> String {
    let mut met = BTreeMap::new();
    let mut answer = answer.clone();
    rename(&mut answer, known, &mut met);
    answer.to_string()
}

fn rename(value: &mut Value, known: &BTreeSet<Uuid>, met: &mut BTreeMap<Uuid, usize>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, known, met)),
        Value::Object(parts) => {
            let drawn = parts.values().any(|part| {
                let id = part.as_str().and_then(id_in);
                id.is_some_and(|id| !known.contains(&id))
            });
            for (name, part) in parts.iter_mut() {
                let of_drawn = drawn && matches!(name.as_str(), "version" | "reference");
                if part.is_string() && (of_drawn || DRAWN.contains(&name.as_str())) {
                    *part = Value::String("drawn".to_owned());
                }
                rename(part, known, met);
            }
        }
        // A token is signed anew each time.
        Value::String(text) if text.starts_with("eyJ") => *text = "drawn".to_owned(),
        // So is the hash by which it is listed.
        Value::String(text) if is_token_hash(text) => *text = "drawn".to_owned(),
        Value::String(text) => {
            if let Some(id) = id_in(text).filter(|id| !known.contains(id)) {
                let next = met.len();
                *text = format!("drawn {}", met.entry(id).or_insert(next));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_token_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The id that a text is, in either form in which ids are told.
fn id_in(text: &str) -> Option<Uuid> {
    if let Some(id) = GlobalId::parse(text) {
        return Some(id.id.0);
    }
    // The id of a token is its own.
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let bytes: Option<[u8; 16]> = bytes.and_then(|bytes| bytes.try_into().ok());
    Uuid::parse_str(text).ok().or(bytes.map(Uuid::from_bytes))
}

/// What the asker may see of a world, a line a row; what was drawn has no name in it.
fn shown(
    world: &World,
    before: &World,
    known: &BTreeSet<Uuid>,
    asker: Option<&Asker>,
) -> BTreeMap<String, usize> {
    let left = redact(world, &hidden(world, asker, NOW), asker);
    let mut lines = BTreeMap::new();
    for (name, table) in &left.tables {
        let was: BTreeSet<_> = before.table(name).rows.iter().collect();
        for row in &table.rows {
            let mut line = (*name).to_owned();
            let new = row
                .iter()
                .any(|cell| cell.id().is_some_and(|id| !known.contains(&id)));
            for ((column, _), cell) in table.columns.iter().zip(row) {
                let chance = match cell {
                    Cell::Id(id) => !known.contains(id),
                    Cell::Bytes(_) => !was.contains(row),
                    // The number of a change is its place among changes that are hidden, too.
                    Cell::Number(_) => *column == "n",
                    Cell::Text(_) => new && *column == "reference",
                    Cell::Null | Cell::Flag(_) => false,
                };
                if chance {
                    line.push_str(" *");
                } else {
                    write!(line, " {cell:?}").unwrap();
                }
            }
            *lines.entry(line).or_default() += 1;
        }
    }
    lines
}

fn difference(shown: &[BTreeMap<String, usize>; 2]) -> Option<String> {
    let [a, b] = shown;
    let in_a = a.iter().filter(|(line, count)| b.get(*line) != Some(count));
    let in_b = b.iter().filter(|(line, count)| a.get(*line) != Some(count));
    let lines: Vec<String> = in_a
        .map(|(line, count)| format!("A {count}: {line}"))
        .chain(in_b.map(|(line, count)| format!("B {count}: {line}")))
        .take(6)
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}
