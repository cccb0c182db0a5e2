//! Acts in two hubs that differ only in what neither who acts nor who looks on may see: they
//! answer alike, what they write looks alike to both, and so does all that both ask afterwards.
//!
//! Most acts are made ready, by whoever can do them ([`Owner::ready`]); the others are tried by
//! chance. Each is done in both; then both hubs are what they were before it.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    time::Instant,
};

use liaison::{
    demo::load::CLIENT,
    id::{GlobalId, RecordId},
    identity::kind::Kind,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    after::named_in,
    alike::{difference, ids_of, paired, plain, renamed, shown},
    chance::{Dice, enlarge, scramble_but},
    fuzz::{Arena, Sent, cast, steady},
    reference::Asker,
    requests::{Asked, Literal},
    world::{World, declared},
    worlds::{mark, twin_for},
};
use crate::support::{
    harness::{Backend, Suite},
    house::{Answer, Closed, House},
    ready::{Owner, ask_each_other, widest_scope},
};

/// Acts that are made ready on each database, where `LIAISON_TWIN_ACTS` does not say.
const ACTS: usize = 91;
/// Kinds of acts that are done, and not refused, at least.
const KINDS: usize = 80;
/// Acts with one set of askers.
const STAGE: usize = 10;
/// One of so many acts is followed by one that is tried by chance.
const BY_CHANCE: usize = 4;
/// How many look on.
const ONLOOKERS: usize = 1;
/// Acts that change what tokens are worth: by chance they would end the stage.
const NOT_BY_CHANCE: [&str; 2] = ["revokeTokens", "amendHolder"];
/// Kinds of records that acts are made ready with.
const SPARED: [Kind; 5] = [
    Kind::Country,
    Kind::Organisation,
    Kind::Mechanism,
    Kind::Agreement,
    Kind::StatisticRelease,
];

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "acts_in_two_hubs_that_differ_in_what_is_hidden_are_alike",
        run,
    );
}

/// Who can do an act that is ready.
fn actor(name: &str, dice: &mut Dice) -> &'static str {
    match name {
        "agreeToJointActivity" | "declineJointActivity" | "answerEventInvitation" => {
            "achpr.protection"
        }
        "addPerson" | "invokeVitalInterest" | "recordConsent" => "cat.petitions",
        "giveGrant"
        | "endGrants"
        | "confirmVitalInterest"
        | "grantDisclosure"
        | "refuseDisclosure"
        | "registerCanary" => "cat.grants",
        "registerMechanism" => "newcomer.desk",
        // Of two things that both can do, the second officer does some.
        "amendCommunication"
        | "registerCommunication"
        | "raiseLevel"
        | "checkSameMatter"
        | "requestInterimMeasure"
        | "retireRecord"
        | "draftWorkPlan"
        | "lodgeCommunication"
            if dice.percent(50) =>
        {
            "cat.petitions"
        }
        _ => "cat.secretary",
    }
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
    let first = first(backend, seed).await;
    let mut tally = Tally::default();
    let names: Vec<String> = arena.schema.acts().map(str::to_owned).collect();
    // Those of one actor in one stage.
    let mut dice = Dice::of(seed);
    let mut all: Vec<(&'static str, &String)> = (0..most)
        .map(|place| &names[place % names.len()])
        .map(|name| (actor(name, &mut dice), name))
        .collect();
    all.sort_by_key(|(actor, _)| *actor);
    for of_one in all.chunk_by(|(one, _), (other, _)| one == other) {
        for stage in of_one.chunks(STAGE) {
            let names: Vec<&str> = stage.iter().map(|(_, name)| name.as_str()).collect();
            arena.acts(&first, stage[0].0, &names, &mut tally).await;
        }
    }
    println!("{backend}: {}", tally.figures(began.elapsed()));
    if most >= names.len() {
        assert!(tally.done.len() >= KINDS, "{:?}", tally.refused);
        assert!(tally.dones() * 2 >= tally.all(), "{:?}", tally.refused);
    }
}

/// The world in which all acts begin: the demo by chance, in which its secretariats can work.
async fn first(backend: Backend, seed: u64) -> Closed {
    let house = House::open(backend).await;
    let before = World::read(&house.url).await;
    let mut world = before.clone();
    enlarge(&mut world);
    let mut dice = Dice::of(seed.wrapping_mul(1_000));
    scramble_but(&mut world, &mut dice, 25, &SPARED);
    mark(&mut world);
    // What hangs on a communication goes with it, whoever reads the edge: no act writes a level
    // that nobody knows, by which its own owner would not.
    let parts = world.table_mut("communication_person");
    let at = parts.at("overrides");
    for row in &mut parts.rows {
        if let Some(levels) = row[at].text() {
            row[at] = super::world::Cell::Text(levels.replace("=9;", "=3;"));
        }
    }
    // Who is charged with data protection, too.
    for holder in &mut world.table_mut("holder").rows {
        if holder[0].text() == Some("cat.grants") {
            holder[4] = super::world::Cell::Text(r#"["GRANTS","DATA_PROTECTION"]"#.to_owned());
        }
    }
    before.becomes(&world, &house.url).await;
    ask_each_other(&house).await;
    house.store.mend_copies(house.clock.now()).await.unwrap();
    house.closed().await
}

/// What has become of acts.
#[derive(Default)]
struct Tally {
    tried: BTreeMap<String, usize>,
    done: BTreeMap<String, usize>,
    codes: BTreeMap<String, usize>,
    /// What was ready, and was refused all the same.
    refused: BTreeSet<String>,
    read: usize,
}

impl Tally {
    fn count(&mut self, name: &str, ready: bool, answer: &Value) -> bool {
        let payload = &answer["data"][name];
        let refusals = payload["userErrors"].as_array();
        let done = refusals.is_some_and(Vec::is_empty);
        *self.tried.entry(name.to_owned()).or_default() += 1;
        if done {
            *self.done.entry(name.to_owned()).or_default() += 1;
            return true;
        }
        let code = match refusals {
            Some(refusals) => &refusals[0],
            None => &answer["errors"][0]["extensions"],
        };
        if ready {
            self.refused.insert(format!("{name}: {code}"));
        }
        let code = code["code"].as_str().unwrap_or("none").to_owned();
        *self.codes.entry(code).or_default() += 1;
        false
    }

    fn all(&self) -> usize {
        self.tried.values().sum()
    }

    fn dones(&self) -> usize {
        self.done.values().sum()
    }

    fn figures(&self, took: std::time::Duration) -> String {
        format!(
            "{} acts in {:.1} s, {} done, of {} kinds of {}; refused: {:?}; {} requests after them; \
             ready and refused: {:?}",
            self.all(),
            took.as_secs_f64(),
            self.dones(),
            self.done.len(),
            self.tried.len(),
            self.codes,
            self.read,
            self.refused,
        )
    }
}

/// Somebody who asks, with a token.
type Viewer = (Option<Asker>, Option<String>);

/// Both hubs, before an act and after it.
struct Moments {
    known: [BTreeSet<Uuid>; 2],
    after: [World; 2],
}

impl Arena {
    /// Acts of one actor, made ready; and some by chance.
    async fn acts(&mut self, first: &Closed, actor: &str, names: &[&str], tally: &mut Tally) {
        self.stages += 1;
        let mut dice = Dice::of(self.seed.wrapping_mul(1_000_000) + self.stages);
        let house = first.open().await;
        let owner = Owner::of(&house).await;
        let mut ready = Vec::new();
        for name in names {
            ready.push(owner.ready(name, dice.percent(50)).await);
        }
        drop(owner);
        let both = house.closed().await;
        (self.a, self.b) = (both.open().await, both.open().await);
        self.in_a = World::read(&self.a.url).await;
        let viewers = self.viewers(actor, &mut dice).await;
        let askers: Vec<_> = viewers.iter().map(|(asker, _)| asker.as_ref()).collect();
        let (_, twin) = twin_for(&self.in_a, &askers, &mut dice);
        self.in_a.becomes(&twin, &self.b.url).await;
        self.in_b = twin;
        let now = self.b.clock.now();
        self.b.store.mend_copies(now).await.unwrap();
        for house in self.houses() {
            house.meddle("DELETE FROM audit_entry").await;
            house
                .meddle_with_keys(&kept("field_mark", "kept_mark"))
                .await;
            house
                .meddle_with_keys(&kept("person_key", "kept_key"))
                .await;
        }
        self.cursors.clear();
        self.dice = dice;
        let by_chance = self
            .schema
            .acts()
            .filter(|name| !NOT_BY_CHANCE.contains(name));
        let by_chance: Vec<String> = by_chance.map(str::to_owned).collect();
        for (place, (name, input)) in names.iter().zip(&ready).enumerate() {
            self.is(&viewers[0]);
            let asked = self.maker().act_with(name, Literal::of(input));
            self.act(name, (asked, input), &viewers, tally).await;
            if place % BY_CHANCE == 0 {
                self.is(&viewers[0]);
                let name = self.dice.pick(&by_chance).clone();
                let asked = self.maker().act(&name);
                self.act(&name, (asked, &Value::Null), &viewers, tally)
                    .await;
            }
        }
    }

    /// Who acts, with the widest token; and who looks on.
    async fn viewers(&self, actor: &str, dice: &mut Dice) -> Vec<Viewer> {
        let mut askers = vec![Some(Asker {
            subject: actor.to_owned(),
            client: CLIENT.to_owned(),
            scope: widest_scope(&self.a, actor).await,
            purpose: None,
        })];
        while askers.len() <= ONLOOKERS {
            let other = cast(dice.below(CAST), &self.in_a, dice);
            let subject = |asker: &Option<Asker>| asker.as_ref().map(|asker| asker.subject.clone());
            if askers.iter().all(|asker| subject(asker) != subject(&other)) {
                askers.push(other);
            }
        }
        let mut viewers = Vec::new();
        for asker in askers {
            let token = match &asker {
                Some(asker) => Some(self.a.token(&asker.subject, &asker.scope).await),
                None => None,
            };
            viewers.push((asker, token));
        }
        viewers
    }

    fn is(&mut self, (asker, token): &Viewer) {
        self.asker.clone_from(asker);
        self.token.clone_from(token);
    }

    /// Does an act in both hubs, and holds against each other what comes of it.
    async fn act(
        &mut self,
        name: &str,
        (asked, input): (Asked, &Value),
        viewers: &[Viewer],
        tally: &mut Tally,
    ) {
        let sent = Sent::of(asked);
        let answers = self.send(&sent).await;
        let done = tally.count(name, !input.is_null(), &answers[0].json_or_null());
        let known = [ids_of(&self.in_a), ids_of(&self.in_b)];
        if let Some(why) = self.unlike(&answers, &known, true) {
            panic!("{}", self.told_of(&why, "", &sent.asked, &answers));
        }
        let after = [
            World::read(&self.a.url).await,
            World::read(&self.b.url).await,
        ];
        let before = [&self.in_a, &self.in_b];
        let writes = (0..2).any(|hub| after[hub].tables != before[hub].tables);
        for (asker, _) in viewers.iter().filter(|_| writes) {
            let shown =
                [0, 1].map(|hub| shown(&after[hub], before[hub], &known[hub], asker.as_ref()));
            if let Some(rows) = difference(&shown) {
                let why = format!("what was written differs to {asker:?}");
                panic!("{}", self.told_of(&why, &rows, &sent.asked, &answers));
            }
        }
        let mut moments = Moments { known, after };
        if done {
            // From here on both have drawn the same.
            let other_of = paired([&moments.after[0], &moments.after[1]], &moments.known);
            let same = renamed(&moments.after[1], &moments.after[0], &other_of);
            moments.after[1].becomes(&same, &self.b.url).await;
            moments.after[1] = same;
            // The log is no part of a world, and names what was drawn, too.
            for (drawn, other) in &other_of {
                let [drawn, other] = [drawn, other].map(|id| self.b.literal(RecordId(*id)));
                let entries =
                    format!("UPDATE audit_entry SET record = {other} WHERE record = {drawn}");
                self.b.meddle(&entries).await;
            }
        }
        let mut records = self.touched(&moments.after[0]);
        named_in(input, &mut records);
        for viewer in viewers {
            self.is(viewer);
            if let Some(more) = self
                .read_after(&moments.known, (done, &records), tally)
                .await
            {
                panic!(
                    "{}",
                    self.told_of("it differs after an act", &more, &sent.asked, &answers)
                );
            }
        }
        if !done {
            return;
        }
        moments.after[0].becomes(&self.in_a, &self.a.url).await;
        moments.after[1].becomes(&self.in_b, &self.b.url).await;
        for house in self.houses() {
            let tables = ["refresh_token", "token_family", "token", "calendar_feed"];
            let script = tables.map(|table| format!("DELETE FROM {table};"));
            house.meddle(&script.concat()).await;
            let keys = "DELETE FROM field_mark; INSERT INTO field_mark SELECT * FROM kept_mark; \
                        DELETE FROM person_key; INSERT INTO person_key SELECT * FROM kept_key";
            house.meddle_with_keys(keys).await;
        }
    }

    /// Records that an act has changed, or made.
    fn touched(&self, after: &World) -> Vec<GlobalId> {
        let mut touched = Vec::new();
        for kind in declared() {
            let before: BTreeSet<_> = self.in_a.table(kind.table).rows.iter().collect();
            let rows = after.table(kind.table).rows.iter();
            let ids = rows
                .filter(|row| !before.contains(row))
                .filter_map(|row| row[0].id());
            touched.extend(ids.map(|id| GlobalId {
                kind: kind.kind,
                id: RecordId(id),
            }));
        }
        touched
    }

    /// What a viewer is asked for after an act; what differs, if anything.
    async fn read_after(
        &mut self,
        known: &[BTreeSet<Uuid>; 2],
        (done, records): (bool, &[GlobalId]),
        tally: &mut Tally,
    ) -> Option<String> {
        let mut all = vec![self.maker().ask()];
        if done {
            all.push(self.maker().whole(records));
            all.push(self.maker().list());
        }
        for asked in all {
            tally.read += 1;
            let sent = Sent::of(asked);
            let answers = self.send(&sent).await;
            if let Some(why) = self.unlike(&answers, known, false)
                && !self.is_chance(&sent, &answers).await
            {
                return Some(format!(
                    "{why}\nas {:?}\nasked after it {:?}\nA: {}\nB: {}",
                    self.asker,
                    sent.asked.written(),
                    String::from_utf8_lossy(&answers[0].body),
                    String::from_utf8_lossy(&answers[1].body),
                ));
            }
        }
        None
    }

    fn unlike(
        &self,
        answers: &[Answer; 2],
        known: &[BTreeSet<Uuid>; 2],
        of_act: bool,
    ) -> Option<String> {
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
        let plain = [0, 1].map(|hub| plain(&answers[hub].json_or_null(), &known[hub], of_act));
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

/// The askers among whom those who look on are chosen.
const CAST: usize = 17;

/// Keeps the rows of a table of the key store, to come back to.
fn kept(table: &str, kept: &str) -> String {
    format!("DROP TABLE IF EXISTS {kept}; CREATE TABLE {kept} AS SELECT * FROM {table}")
}

impl Sent {
    /// Posted as most are.
    fn of(asked: Asked) -> Self {
        Self {
            asked,
            by_get: false,
            accept: "application/json",
            language: "",
            cut: None,
        }
    }
}
