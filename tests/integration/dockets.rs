//! Two secretariats with whole dockets find what both hold, and neither sees a name, nor does
//! a thief of the database.
//!
//! Every person here is invented by the generator of `liaison match evaluate`. The suite's
//! dockets are small; `LIAISON_DOCKETS=20000` makes them as large, and prints figures.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use liaison::{
    id::{GlobalId, RecordId},
    identity::purpose::Purpose,
    matter::backfill,
    same_matter::synthetic::{Habits, Plan, Record, World},
};
use serde_json::{Value, json};

use crate::{
    matter::{DAY, OFFICER, Two, code},
    support::{
        harness::{Backend, Suite},
        house::mechanism,
    },
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "two_whole_dockets_meet_and_no_name_is_seen_or_lies_open",
        dockets,
    );
}

/// Records of each docket in the suite.
const SMALL: u32 = 300;
/// Questions that a mechanism may ask in a day.
const OF_A_DAY: usize = 50;
/// Bytes by which a word is looked for first.
const HEAD: usize = 7;

async fn dockets(backend: Backend) {
    let size = std::env::var("LIAISON_DOCKETS").ok();
    let size: u32 = size.map_or(SMALL, |size| size.parse().unwrap());
    let planted = (size / 15).min(250);
    let world = World::of(Plan {
        seed: 2_026,
        docket: size,
        matched: planted,
        clean: size - planted,
        habits: Habits {
            spellings: 2,
            held_out: true,
        },
    });
    let mut two = Two::open(backend).await;
    let before = two.house.all_bytes().await;

    let begun = Instant::now();
    let mut ours = Vec::new();
    for record in &world.docket {
        ours.push(lodge(&two, &two.cat, record).await);
    }
    // The planted, as many others, and the rest of the asker's docket, of which nothing is asked.
    let mut theirs = Vec::new();
    for probe in &world.probes {
        theirs.push((lodge(&two, &two.achpr, &probe.record).await, probe.partner));
    }
    let lodged = begun.elapsed();
    let planted_here: Vec<_> = theirs.iter().filter(|(_, of)| of.is_some()).collect();
    let clean = theirs.iter().filter(|(_, of)| of.is_none());
    let asked: Vec<_> = planted_here
        .iter()
        .copied()
        .chain(clean.take(planted_here.len()))
        .collect();

    // Tokens of persons who are on file already, as they were made at once.
    let (made, backfilled) = anew(&two, &ours[0]).await;
    assert!(made >= ours.len(), "{made}");

    let (mut asking, mut comparing) = (Duration::ZERO, Vec::new());
    for day in asked.chunks(OF_A_DAY) {
        for ([id, _], _) in day {
            let input = json!({ "id": id });
            let act = ("registerCommunication", "DatedStepInput");
            let told = "communication { id }";
            let done = two.house.act(Some(&two.achpr), act, &input, told).await;
            assert_eq!(code(&done), "DONE", "{done}");
            let began = Instant::now();
            let answer = two.ask(&two.achpr, id).await;
            asking += began.elapsed();
            assert_eq!(code(&answer), "DONE", "{answer}");
            let began = Instant::now();
            assert_eq!(two.compare().await, 1);
            comparing.push(began.elapsed());
        }
        two = two.after(DAY).await;
    }

    let met = signals(&two).await;
    let (mut likely, mut possible, mut wrong, mut clean_signals) = (0, 0, 0, BTreeSet::new());
    for ([id, _], partner) in &asked {
        let bands = met.get(&local(id));
        match partner.and_then(|at| ours.get(usize::try_from(at).unwrap())) {
            Some([own, _]) => {
                match bands
                    .and_then(|bands| bands.get(&local(own)))
                    .map(String::as_str)
                {
                    Some("LIKELY") => likely += 1,
                    Some("POSSIBLE") => possible += 1,
                    _ => {}
                }
                let others = bands
                    .into_iter()
                    .flatten()
                    .filter(|(of, _)| **of != local(own));
                wrong += others.count();
            }
            None if bands.is_some() => {
                clean_signals.insert(local(id));
            }
            None => {}
        }
    }
    comparing.sort_unstable();
    let all = planted_here.len();
    println!(
        "{backend}: dockets of {} and {}; planted {all}: LIKELY {likely}, POSSIBLE {possible}; \
         of {} that are in no docket {} raise a signal; {wrong} more on others beside the \
         planted; lodged in {lodged:.1?}; a question is taken in {:.1?}, compared in {:.1?} \
         (median) to {:.1?}; {made} persons backfilled in {backfilled:.1?}",
        ours.len(),
        theirs.len(),
        asked.len() - all,
        clean_signals.len(),
        asking / u32::try_from(asked.len()).unwrap(),
        comparing[comparing.len() / 2],
        comparing[comparing.len() - 1],
    );
    assert!(
        (likely + possible) * 100 >= all * 85,
        "{likely} + {possible} of {all}"
    );
    assert!(clean_signals.len() * 20 <= all, "{clean_signals:?}");

    // Neither is shown a name, and who has the bytes of the database has none either.
    let words = words(&world, &before);
    assert!(words.len() > world.docket.len(), "{}", words.len());
    let mut shown = format!("{:?}", two.signals(&two.cat).await);
    let query = "{ notifications { edges { node { type id } } } \
                 auditEntries(first: 100) { edges { node { act fields } } } }";
    for token in [&two.cat, &two.achpr] {
        shown.push_str(&two.house.ask(Some(token), query).await.data().to_string());
        shown.push_str(&format!("{:?}", two.checks(token).await));
    }
    assert_eq!(found(shown.as_bytes(), &words), None);
    let bytes = two.house.all_bytes().await;
    println!(
        "{backend}: {} words in {} bytes: none",
        words.len(),
        bytes.len()
    );
    assert_eq!(found(&bytes, &words), None);
    let known = words.iter().next().unwrap().clone();
    assert_eq!(
        found(format!("x{known}").as_bytes(), &words),
        Some(known),
        "it looks"
    );
}

/// Lodges a communication of one person as it is on file: its id and the person's.
async fn lodge(two: &Two, token: &str, record: &Record) -> [Value; 2] {
    let date = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let names = record.spellings.iter();
    let names = names.map(|text| json!({ "text": text, "script": "Zyyy", "language": "und" }));
    let input = json!({
        "kind": "INDIVIDUAL_COMMUNICATION", "title": "I v. Examplia (invented)",
        "countries": [record.country], "discreet": true, "happenedOn": date(&record.happened),
        "persons": [{
            "role": "COMPLAINANT", "birthDate": date(&record.born),
            "names": names.collect::<Vec<_>>(),
        }],
    });
    let told = "communication { id persons { edges { node { id } } } }";
    let made = two.act(token, "lodgeCommunication", input, told).await;
    assert_eq!(code(&made), "DONE", "{made}");
    let made = &made["communication"];
    [
        made["id"].clone(),
        made["persons"]["edges"][0]["node"]["id"].clone(),
    ]
}

fn local(id: &Value) -> RecordId {
    GlobalId::parse(id.as_str().unwrap()).unwrap().id
}

/// Forgets all tokens of CAT's, and has an officer with leave make them again.
async fn anew(two: &Two, [_, first]: &[Value; 2]) -> (usize, Duration) {
    let house = &two.house;
    let cat = house.literal(RecordId::from(mechanism("cat")));
    for table in ["match_token", "match_country"] {
        let sql = format!(
            "DELETE FROM {table} WHERE element IN \
             (SELECT id FROM match_element WHERE mechanism = {cat})"
        );
        house.meddle(&sql).await;
    }
    let sql = format!("DELETE FROM match_element WHERE mechanism = {cat}");
    let gone = house.meddle(&sql).await;
    // One leave is given by the act; the others are its like.
    let scope = "read:person@SECRETARIAT read:mechanism@PUBLIC write:person@SECRETARIAT";
    let grants = house.token("cat.grants", scope).await;
    let grant = json!({
        "person": first, "holder": "cat.petitions", "mechanism": "cat",
        "purposes": ["SAME_MATTER"], "fields": ["NAMES", "BIRTH_DATE"],
        "validUntil": "2027-01-01T00:00:00Z",
    });
    let given = two.act(&grants, "giveGrant", grant, "person { id }").await;
    assert_eq!(code(&given), "DONE", "{given}");
    let first = house.literal(local(first));
    let columns = "holder, mechanism, purposes, fields, valid_from, valid_until";
    let of = "g.holder, g.mechanism, g.purposes, g.fields, g.valid_from, g.valid_until";
    let sql = format!(
        "INSERT INTO disclosure_grant (id, person, {columns}) \
         SELECT DISTINCT p.person_id, p.person_id, {of} FROM communication_person p \
         JOIN record_owner o ON o.record = p.id AND o.mechanism = {cat}, disclosure_grant g \
         WHERE g.person = {first} AND p.person_id <> {first}"
    );
    house.meddle(&sql).await;
    let scope = OFFICER.replace("read:person@SECRETARIAT", "read:person@VICTIM");
    let token = house.token("cat.petitions", &scope).await;
    let now = house.clock.now();
    let claims = house.authority.verify(&token, now).unwrap();
    let stated = json!({ "code": "SAME_MATTER", "reason": "a test" });
    let purpose = Some(Purpose::parse(&stated).unwrap());
    let viewer = house.store.viewer(&claims, purpose, now).await.unwrap();
    let began = Instant::now();
    let done = backfill(&house.store, Arc::new(viewer), None)
        .await
        .unwrap();
    assert!(
        u64::try_from(done.made).unwrap() >= gone,
        "{done:?} of {gone}"
    );
    (done.made, began.elapsed())
}

/// Who was met by which question, and how likely it is: past the hub, which tells the asker
/// nothing and the owner not by which question.
async fn signals(two: &Two) -> HashMap<RecordId, BTreeMap<RecordId, String>> {
    let id = if two.house.url.starts_with("sqlite") {
        |column: &str| format!("lower(hex({column}))")
    } else {
        |column: &str| format!("replace({column}::text, '-', '')")
    };
    let sql = format!(
        "SELECT {} || ' ' || {} || ' ' || s.signal FROM same_matter_signal s \
         JOIN same_matter_check c ON c.id = s.check_id",
        id("c.communication"),
        id("s.communication")
    );
    let mut met: HashMap<RecordId, BTreeMap<RecordId, String>> = HashMap::new();
    for row in two.house.texts(&sql).await {
        let mut parts = row.splitn(3, ' ');
        let mut id = || RecordId(uuid::Uuid::parse_str(parts.next().unwrap()).unwrap());
        let (asked, of) = (id(), id());
        let told: Value = serde_json::from_str(parts.next().unwrap()).unwrap();
        let band = told["individual"]["band"].as_str().unwrap().to_owned();
        met.entry(asked).or_default().insert(of, band);
    }
    met
}

/// Words of names that lay nowhere before.
fn words(world: &World, before: &[u8]) -> BTreeSet<String> {
    let probes = world.probes.iter().map(|probe| &probe.record);
    let records = world.docket.iter().chain(probes);
    let mut words = BTreeSet::new();
    for spelling in records.flat_map(|record| &record.spellings) {
        words.insert(spelling.clone());
        words.extend(spelling.split([' ', ',', '-']).map(str::to_owned));
    }
    words.retain(|word| word.len() > HEAD);
    let heads = heads(&words);
    let mut known = BTreeSet::new();
    search(before, &heads, |word| {
        known.insert(word.to_owned());
        false
    });
    words.retain(|word| !known.contains(word));
    words
}

type Heads<'a> = HashMap<&'a [u8], Vec<&'a str>>;

fn heads(words: &BTreeSet<String>) -> Heads<'_> {
    let mut heads = Heads::new();
    for word in words {
        heads
            .entry(&word.as_bytes()[..HEAD])
            .or_default()
            .push(word);
    }
    heads
}

/// The first of the words that lies in the bytes.
fn found(bytes: &[u8], words: &BTreeSet<String>) -> Option<String> {
    let mut found = None;
    search(bytes, &heads(words), |word| {
        found = Some(word.to_owned());
        true
    });
    found
}

/// Tells of each word in the bytes, until enough is known.
fn search<'a>(bytes: &[u8], heads: &Heads<'a>, mut met: impl FnMut(&'a str) -> bool) {
    // Three bytes tell most places apart, and cost less than a hash.
    let place =
        |head: &[u8]| usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
    let mut begins = vec![false; 1 << 24];
    for head in heads.keys() {
        begins[place(head)] = true;
    }
    for (at, head) in bytes.windows(HEAD).enumerate() {
        if !begins[place(head)] {
            continue;
        }
        for word in heads.get(head).into_iter().flatten() {
            if bytes[at..].starts_with(word.as_bytes()) && met(word) {
                return;
            }
        }
    }
}
