//! Two hubs that differ only in what the asker may not see answer alike, byte for byte;
//! and what they answer, the reference allows.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    env,
    time::Instant,
};

use axum::{
    body::Body,
    http::{HeaderMap, Request, header},
};
use liaison::{demo::facts::world as demo, id::RecordId, identity::kind::Kind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    chance::{self, Dice},
    goals::{answered, cells_told},
    reference::{Asker, Hidden},
    requests::{Asked, Cursors, INTROSPECTION, Maker, Schema, remember},
    world::{World, declared_as},
    worlds::{Marks, Place, mark, marks_in, twin},
};
use crate::support::{
    harness::{Backend, Suite},
    house::{Answer, House, mechanism},
};

/// Cases on each database, where `LIAISON_TWIN_CASES` does not say.
const CASES: usize = 600;
/// Pairs of a field and an argument that are asked at least, in a hundred.
const COVERED: f64 = 98.0;
/// Cases for one asker in one world.
const STAGE: usize = 12;
/// How many requests in a hundred somebody else has asked before.
const AFTER_ANOTHER: u64 = 8;
/// Askers in one world.
const ASKERS: usize = 18;

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "two_hubs_that_differ_in_what_is_hidden_answer_alike",
        |backend| async move {
            let number = |name: &str, otherwise: usize| {
                let set = env::var(name).ok().and_then(|text| text.parse().ok());
                set.unwrap_or(otherwise)
            };
            let cases = number("LIAISON_TWIN_CASES", CASES);
            let seed = u64::try_from(number("LIAISON_TWIN_SEED", 1)).unwrap();
            let began = Instant::now();
            let mut arena = Arena::open(backend, seed).await;
            arena.schema.check_not_asked();
            while arena.cases < cases {
                arena.stage().await;
                assert_eq!(arena.pages().await, None, "{:?}", arena.asker);
                for _ in 0..STAGE {
                    if let Some(finding) = arena.case().await {
                        let finding = arena.smallest(finding).await;
                        panic!("{}", arena.told(&finding));
                    }
                }
            }
            let took = began.elapsed();
            println!("{backend}: {}", arena.figures(took));
            assert!(arena.coverage() >= COVERED, "{:?}", arena.uncovered());
            assert!(arena.refused * 3 < arena.cases, "{:?}", arena.codes);
        },
    );
}

/// Two hubs, the worlds in them, and who is asking.
pub(crate) struct Arena {
    pub(super) a: House,
    pub(super) b: House,
    /// The demo with more holders: what every world begins as.
    first: World,
    pub(super) in_a: World,
    pub(super) in_b: World,
    pub(super) schema: Schema,
    marks: Marks,
    pub(super) hidden: Hidden,
    names: Vec<(String, Uuid)>,
    seen: BTreeMap<String, u64>,
    /// Pairs to whose values an answer came.
    answered: BTreeSet<String>,
    pub(super) seed: u64,
    pub(super) stages: u64,
    pub(crate) asker: Option<Asker>,
    pub(crate) token: Option<String>,
    pub(super) cursors: Cursors,
    pub(super) dice: Dice,
    pub(crate) cases: usize,
    refused: usize,
    unsteady: usize,
    /// How often each code stood in an answer without data.
    codes: BTreeMap<String, usize>,
}

/// A request on which the two hubs differ, or one says too much.
pub(crate) struct Finding {
    pub(crate) why: String,
    request: Sent,
    answers: [Answer; 2],
}

/// A request as it is sent.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) asked: Asked,
    pub(super) by_get: bool,
    pub(super) accept: &'static str,
    pub(super) language: &'static str,
    pub(super) cut: Option<usize>,
}

impl Arena {
    /// Two hubs with the demo.
    pub(crate) async fn open(backend: Backend, seed: u64) -> Self {
        let (a, b) = (House::open(backend).await, House::open(backend).await);
        b.meddle("DELETE FROM audit_reason").await;
        b.meddle("DELETE FROM audit_leaf").await;
        b.meddle("DELETE FROM audit_node").await;
        // What the witnesses of the one log see is not what those of the other do.
        for house in [&a, &b] {
            let ledger = house.store.ledger();
            assert_eq!(ledger.tick(house.clock.now()).await.unwrap(), Some(1));
        }
        let plain = World::read(&a.url).await;
        let mut first = plain.clone();
        chance::enlarge(&mut first);
        plain.becomes(&first, &a.url).await;
        plain.becomes(&first, &b.url).await;
        for house in [&a, &b] {
            // Leave was written into the tables: no act has given copies of keys with it.
            house.store.mend_copies(house.clock.now()).await.unwrap();
            let kept = "CREATE TABLE kept_mark AS SELECT * FROM field_mark; \
                        CREATE TABLE kept_key AS SELECT * FROM person_key";
            house.meddle_with_keys(kept).await;
        }
        let schema = Schema::read(&a.ask(None, INTROSPECTION).await.data());
        Self {
            in_a: first.clone(),
            in_b: first.clone(),
            first,
            a,
            b,
            schema,
            marks: Marks::new(),
            hidden: Hidden::default(),
            codes: BTreeMap::new(),
            names: names(),
            seen: BTreeMap::new(),
            answered: BTreeSet::new(),
            seed,
            stages: 0,
            asker: None,
            token: None,
            cursors: Cursors::new(),
            dice: Dice::of(seed),
            cases: 0,
            refused: 0,
            unsteady: 0,
        }
    }

    /// Both hubs.
    pub(crate) fn houses(&self) -> [&House; 2] {
        [&self.a, &self.b]
    }

    /// The next asker, and now and then another world.
    pub(crate) async fn stage(&mut self) {
        let place = self.stages;
        self.stages += 1;
        let askers = u64::try_from(ASKERS).unwrap();
        if place.is_multiple_of(askers) {
            let mut world = self.first.clone();
            let mut dice = Dice::of(self.seed.wrapping_mul(1_000) + place / askers);
            chance::scramble(&mut world, &mut dice, 45);
            self.marks = mark(&mut world);
            self.in_a.becomes(&world, &self.a.url).await;
            with_copies(&self.a).await;
            self.in_a = world;
        }
        let mut dice = Dice::of(self.seed.wrapping_mul(1_000_000) + place);
        self.asker = cast(
            usize::try_from(place % askers).unwrap(),
            &self.in_a,
            &mut dice,
        );
        let (hidden, twin) = twin(&self.in_a, self.asker.as_ref(), &mut dice);
        self.in_b.becomes(&twin, &self.b.url).await;
        with_copies(&self.b).await;
        self.in_b = twin;
        // What earlier askers have done, the worlds don't know of.
        for house in self.houses() {
            house.meddle("DELETE FROM audit_entry").await;
        }
        self.others_are_on_record().await;
        self.hidden = hidden;
        self.token = match &self.asker {
            Some(asker) => Some(self.a.token(&asker.subject, &asker.scope).await),
            None => None,
        };
        self.cursors.clear();
        self.dice = dice;
    }

    /// In one hub, entries that the asker is not told of: on records of others, and on one
    /// that is its mechanism's no longer.
    async fn others_are_on_record(&self) {
        let own = self.own();
        for code in ["cat", "achpr", "iachr", "spt"] {
            let owner = mechanism(code);
            let record = match own == Some(owner.0) {
                true => self.a.literal(RecordId::random()),
                false => "NULL".to_owned(),
            };
            let (id, owner) = (
                self.a.literal(RecordId::random()),
                self.a.literal(owner.into()),
            );
            let kind = Kind::ALL[self.stages as usize % Kind::ALL.len()];
            self.a
                .meddle(&format!(
                    "INSERT INTO audit_entry (id, owner, seq, n, kind, record, subject) SELECT \
                     {id}, {owner}, 0, MAX(n), '{kind}', {record}, 'an officer' FROM audit_leaf"
                ))
                .await;
        }
    }

    /// The asker's own mechanism.
    fn own(&self) -> Option<Uuid> {
        let asker = self.asker.as_ref()?;
        let holders = &self.in_a.table("holder").rows;
        let mut holders = holders.iter();
        let holder = holders.find(|row| row[0].text() == Some(&asker.subject))?;
        holder[1].id()
    }

    /// What makes requests of the asker.
    pub(super) fn maker(&mut self) -> Maker<'_> {
        let own = self.own();
        let institution = own.and_then(|own| self.in_a.row("institution", own));
        Maker {
            schema: &self.schema,
            worlds: [&self.in_a, &self.in_b],
            dice: &mut self.dice,
            seen: &mut self.seen,
            answered: &self.answered,
            cursors: &self.cursors,
            files: 20,
            purpose: self
                .asker
                .as_ref()
                .is_some_and(|asker| asker.purpose.is_some()),
            matches: self
                .asker
                .as_ref()
                .is_some_and(|asker| asker.scope.contains("match:")),
            faulty: false,
            own,
            own_code: institution.and_then(|row| row[1].text()).unwrap_or("cat"),
            goal: None,
            pages: false,
        }
    }

    /// Asks both for the pages that are for witnesses, and for the public calendar; what is
    /// wrong with the answers, if anything.
    pub(crate) async fn pages(&self) -> Option<String> {
        for page in [
            "/audit/checkpoint",
            "/audit/tile/0/000.p/1",
            "/audit/tile/0/000",
            "/calendar.ics",
        ] {
            let request = || {
                let request = Request::get(page);
                let request = match &self.token {
                    Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
                    None => request,
                };
                request.body(Body::empty()).unwrap()
            };
            let (a, b) = (self.a.send(request()).await, self.b.send(request()).await);
            if a.status != b.status || steady(&a.headers) != steady(&b.headers) || a.body != b.body
            {
                return Some(format!("`{page}` differs"));
            }
        }
        None
    }

    /// One request to both; what is wrong with the answers, if anything.
    pub(crate) async fn case(&mut self) -> Option<Finding> {
        self.cases += 1;
        let asked = self.maker().ask();
        let languages = ["", "ar", "fr-CH, en;q=0.5", "ru"];
        let accepts = ["application/json", "application/graphql-response+json"];
        let sent = Sent {
            asked,
            by_get: self.token.is_none() && self.dice.percent(15),
            accept: self.dice.pick::<&str>(&accepts),
            language: self.dice.pick::<&str>(&languages),
            cut: self.dice.percent(1).then(|| self.dice.below(80)),
        };
        if self.dice.percent(AFTER_ANOTHER) {
            self.asked_by_another(&sent).await;
        }
        let answers = self.send(&sent).await;
        if answers[0].json_or_null()["data"].is_null() {
            self.refused += 1;
            let whole = answers[0].json_or_null();
            let code = whole["errors"][0]["extensions"]["code"].as_str();
            let code = format!(
                "{} {}",
                code.unwrap_or_default(),
                whole["errors"][0]["message"]
            );
            *self
                .codes
                .entry(code.chars().take(90).collect())
                .or_default() += 1;
        }
        let data = &answers[0].json_or_null()["data"];
        remember(&sent.asked.roots, data, &mut self.cursors);
        answered(&sent.asked.roots, data, &mut self.answered);
        let why = self.wrong(&sent, &answers)?;
        if self.is_chance(&sent, &answers).await {
            self.unsteady += 1;
            return None;
        }
        Some(Finding {
            why,
            request: sent,
            answers,
        })
    }

    /// Lets somebody else ask both the same, who is told more: nothing of it is to be kept for
    /// the asker.
    async fn asked_by_another(&self, sent: &Sent) {
        let scope = Kind::ALL.map(|kind| format!("read:{kind}@SECRETARIAT"));
        let token = self.a.token("cat.secretary", &scope.join(" ")).await;
        let sent = Sent {
            by_get: false,
            ..sent.clone()
        };
        for house in self.houses() {
            let mut request = self.request(&sent);
            let bearer = format!("Bearer {token}").parse().unwrap();
            request.headers_mut().insert(header::AUTHORIZATION, bearer);
            house.send(request).await;
        }
    }

    /// Of several faults in one request the executor tells the one that it meets first,
    /// which is chance: then each hub gives the other's answer, too, when asked again.
    pub(super) async fn is_chance(&self, sent: &Sent, answers: &[Answer; 2]) -> bool {
        let faulty = |answer: &Answer| answer.json_or_null()["errors"].is_array();
        if !answers.iter().all(faulty) {
            return false;
        }
        let mut told = answers.each_ref().map(|answer| vec![answer.body.clone()]);
        for _ in 0..30 {
            for (told, answer) in told.iter_mut().zip(self.send(sent).await) {
                told.push(answer.body);
            }
            if told[0].iter().any(|body| told[1].contains(body)) {
                return true;
            }
        }
        false
    }

    pub(super) async fn send(&self, sent: &Sent) -> [Answer; 2] {
        [
            masked(self.a.send(self.request(sent)).await),
            masked(self.b.send(self.request(sent)).await),
        ]
    }

    pub(super) fn request(&self, sent: &Sent) -> Request<Body> {
        let (query, variables) = sent.asked.written();
        let mut builder = if sent.by_get {
            let variables = variables.to_string();
            Request::get(format!(
                "/graphql?query={}&variables={}",
                encoded(&query),
                encoded(&variables)
            ))
        } else {
            Request::post("/graphql").header(header::CONTENT_TYPE, "application/json")
        };
        builder = builder.header(header::ACCEPT, sent.accept);
        if !sent.language.is_empty() {
            builder = builder.header(header::ACCEPT_LANGUAGE, sent.language);
        }
        if let Some(token) = &self.token {
            builder = builder.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if sent.by_get {
            return builder.body(Body::empty()).unwrap();
        }
        let mut body = json!({ "query": query, "variables": variables });
        if let Some(code) = self.asker.as_ref().and_then(|asker| asker.purpose.as_ref()) {
            body["extensions"] = json!({ "purpose": { "code": code, "reason": "a test" } });
        }
        let mut body = body.to_string();
        if let Some(cut) = sent.cut {
            body = body.chars().take(cut).collect();
        }
        builder.body(Body::from(body)).unwrap()
    }

    /// What is wrong with a pair of answers.
    pub(super) fn wrong(&self, sent: &Sent, answers: &[Answer; 2]) -> Option<String> {
        let [a, b] = answers;
        if a.status != b.status {
            return Some("the status differs".to_owned());
        }
        if steady(&a.headers) != steady(&b.headers) {
            return Some("the headers differ".to_owned());
        }
        if a.body != b.body {
            return Some("the body differs".to_owned());
        }
        let text = String::from_utf8_lossy(&a.body);
        if text.contains("\"INTERNAL\"") {
            return Some("a resolver failed".to_owned());
        }
        // What a request itself said may stand in the error that answers it, and no more.
        let whole = a.json_or_null();
        let data = format!("{} {}", whole["data"], whole["extensions"]);
        let (query, variables) = sent.asked.written();
        let asked: BTreeSet<u64> = marks_in(&query)
            .chain(marks_in(&variables.to_string()))
            .collect();
        if let Some(found) = marks_in(&whole["errors"].to_string()).find(|it| !asked.contains(it)) {
            return Some(format!("an error tells mark {found}"));
        }
        let told = cells_told(&sent.asked.roots, &whole["data"]);
        let cells = &self.in_a.table("statistic_cell").rows;
        let figures: BTreeSet<_> = cells.iter().map(|row| row[3].number()).collect();
        if let Some(cell) = told.iter().find(|cell| !figures.contains(cell)) {
            return Some(format!("a cell of {cell:?} persons is told"));
        }
        self.tells(data)
    }

    /// What a text tells that it may not: a mark, or a name.
    pub(super) fn tells(&self, text: String) -> Option<String> {
        for found in marks_in(&text) {
            let allowed = self.marks.get(&found).is_some_and(|place| match place {
                Place::Field(kind, id, field) => {
                    let table = declared_as(*kind).table;
                    !self.hidden.records.contains(id)
                        && !self.hidden.cells.contains(&(table, *id, field))
                }
                Place::Change(id) => !self.hidden.changes.contains(id),
                Place::Text(id, field, language) => {
                    let key = (*id, (*field).to_owned(), (*language).to_owned());
                    !self.hidden.texts.contains(&key)
                }
            });
            if !allowed {
                return Some(format!(
                    "mark {found} of {:?} is told",
                    self.marks.get(&found)
                ));
            }
        }
        // One name can be the beginning of another, and two persons can have the same: the
        // longer ones come first, and those that may be told of somebody are taken away.
        let may_be_told = |of: &str| {
            self.names.iter().any(|(name, person)| {
                name == of
                    && !self.hidden.records.contains(person)
                    && !self.hidden.sealed.contains(&(*person, "names"))
            })
        };
        let mut left = text;
        for (name, person) in &self.names {
            if !left.contains(name.as_str()) {
                continue;
            }
            if !may_be_told(name) {
                return Some(format!("the name of {person} is told"));
            }
            left = left.replace(name.as_str(), "");
        }
        None
    }

    /// The same finding with as little asked as shows it.
    pub(crate) async fn smallest(&self, mut finding: Finding) -> Finding {
        let mut tries = 0;
        'again: loop {
            for asked in finding.request.asked.smaller() {
                tries += 1;
                if tries > 400 {
                    return finding;
                }
                let request = Sent {
                    asked,
                    ..finding.request.clone()
                };
                let answers = self.send(&request).await;
                if let Some(why) = self.wrong(&request, &answers)
                    && !self.is_chance(&request, &answers).await
                {
                    finding = Finding {
                        why,
                        request,
                        answers,
                    };
                    continue 'again;
                }
            }
            return finding;
        }
    }

    /// A finding in words.
    pub(crate) fn told(&self, finding: &Finding) -> String {
        let (query, variables) = finding.request.asked.written();
        let body = |answer: &Answer| {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            format!(
                "{} {}",
                answer.status,
                text.chars().take(3_000).collect::<String>()
            )
        };
        format!(
            "{}\nseed {}, stage {}, case {}\nasker {:?}\n{query}\n{variables}\nA: {}\nB: {}",
            finding.why,
            self.seed,
            self.stages - 1,
            self.cases,
            self.asker,
            body(&finding.answers[0]),
            body(&finding.answers[1]),
        )
    }

    fn uncovered(&self) -> BTreeSet<String> {
        let asked: BTreeSet<String> = self.seen.keys().cloned().collect();
        self.schema.pairs().difference(&asked).cloned().collect()
    }

    fn coverage(&self) -> f64 {
        self.share(self.schema.pairs().len() - self.uncovered().len())
    }

    /// So many pairs, in a hundred of all.
    fn share(&self, pairs: usize) -> f64 {
        let all = u32::try_from(self.schema.pairs().len()).unwrap();
        100.0 * f64::from(u32::try_from(pairs).unwrap()) / f64::from(all)
    }

    pub(crate) fn figures(&self, took: std::time::Duration) -> String {
        let cases = f64::from(u32::try_from(self.cases).unwrap());
        format!(
            "{} cases in {:.1} s, {:.0} a minute; {} askers; {:.1} % of {} pairs of field and argument, {:.1} % with an answer; {} without data, {} with several faults",
            self.cases,
            took.as_secs_f64(),
            cases / took.as_secs_f64() * 60.0,
            self.stages,
            self.coverage(),
            self.schema.pairs().len(),
            self.share(self.schema.pairs().intersection(&self.answered).count()),
            self.refused,
            self.unsteady,
        )
    }
}

/// Gives copies of keys to whom they are due in the world that is there now. From those of
/// the demo on: which worlds were there before is no matter of this one's.
async fn with_copies(house: &House) {
    let kept = "DELETE FROM person_key; INSERT INTO person_key SELECT * FROM kept_key";
    house.meddle_with_keys(kept).await;
    house.store.mend_copies(house.clock.now()).await.unwrap();
}

impl Answer {
    pub(super) fn json_or_null(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Headers but for the date and the id of the request.
pub(super) fn steady(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id"))
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    all.sort();
    all
}

/// Percent-encoded, for an address.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
        all
    })
}

/// Names of the demo's persons, the longest first, with whom they name.
pub(crate) fn names() -> Vec<(String, Uuid)> {
    let mut names = Vec::new();
    for draft in demo().unwrap().drafts {
        for (field, text) in &draft.sealed {
            if *field != "names" {
                continue;
            }
            let person = RecordId::derived(Kind::Person, &draft.key).0;
            let all: Value = serde_json::from_str(text).unwrap();
            for name in all.as_array().unwrap() {
                names.push((name["text"].as_str().unwrap().to_owned(), person));
            }
        }
    }
    names.sort_by_key(|(name, _)| Reverse(name.len()));
    names
}

/// The asker at a place of the cast; by chance after the last of them.
pub(super) fn cast(place: usize, world: &World, dice: &mut Dice) -> Option<Asker> {
    let everything = |level: &str| {
        let most = if level == "VICTIM" {
            "SECRETARIAT"
        } else {
            level
        };
        let items = Kind::ALL.map(|kind| {
            let level = if kind == Kind::Person { level } else { most };
            format!("read:{kind}@{level}")
        });
        items.join(" ")
    };
    let asker = |subject: &str, level: &str, limit: &str, purpose: Option<&str>| {
        let mut scope = everything(level);
        if !limit.is_empty() {
            scope = format!("{scope} {limit}");
        }
        Some(Asker {
            subject: subject.to_owned(),
            client: liaison::demo::load::CLIENT.to_owned(),
            scope,
            purpose: purpose.map(str::to_owned),
        })
    };
    let agreement = dice.pick(&world.table("agreement").rows)[0].id().unwrap();
    let only = format!("ch:{agreement}");
    match place {
        0 => None,
        1 => asker("iachr.sync", "PARTNER", "", None),
        2 => asker("achpr.liaison", "CHANNEL", "", None),
        3 => asker("spt.officer", "SECRETARIAT", "", None),
        4 => asker(
            "cat.secretary",
            "SECRETARIAT",
            "audit:read match:query match:answer",
            None,
        ),
        5 => asker(
            "cat.petitions",
            "VICTIM",
            "audit:read match:query match:answer",
            Some("EXAMINATION"),
        ),
        6 => asker("achpr.protection", "VICTIM", "", Some("URGENT_PROTECTION")),
        7 => asker("cat.petitions", "VICTIM", "", None),
        8 => asker("freedonia.mission", "CHANNEL", "", None),
        9 => asker("lapsed.desk", "SECRETARIAT", "", None),
        10 => asker(
            "cat.secretary",
            "SECRETARIAT",
            "st:SEN,KEN audit:read",
            None,
        ),
        11 => asker("cat.secretary", "SECRETARIAT", "own:achpr", None),
        12 => asker("achpr.protection", "VICTIM", &only, Some("EXAMINATION")),
        13 => asker("cat.secretary", "SECRETARIAT", "tp:fair_trial", None),
        14 => asker("iachr.officer", "VICTIM", "", Some("FOLLOW_UP")),
        15 => asker(
            "spt.officer",
            "VICTIM",
            "audit:read",
            Some("URGENT_PROTECTION"),
        ),
        16 => asker("cat.display", "PARTNER", "", None),
        _ => chance::asker(world, dice),
    }
}

/// An answer without its receipts, which are drawn by lot: each of one length, and opaque.
pub(super) fn masked(mut answer: Answer) -> Answer {
    let text = String::from_utf8_lossy(&answer.body);
    let Some((before, rest)) = text.split_once("\"receipts\":[") else {
        return answer;
    };
    let (receipts, after) = rest.split_once(']').unwrap();
    let opaque = |receipt: &str| {
        let plain = receipt.trim_matches('"');
        assert_eq!(plain.len(), RECEIPT, "{plain}");
        "\"RECEIPT\""
    };
    let receipts: Vec<&str> = receipts.split(',').map(opaque).collect();
    answer.body = format!("{before}\"receipts\":[{}]{after}", receipts.join(",")).into_bytes();
    answer
}

/// Characters of a receipt, whatever it says.
const RECEIPT: usize = 203;
