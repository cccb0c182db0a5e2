//! The same-matter check: two secretariats find what both hold, and neither is shown a name.
//!
//! Every person here is invented, and says so in the own language.

use std::{collections::BTreeSet, sync::Arc};

use liaison::{
    agreement::{Agreement, Clause},
    clock::Moment,
    confidentiality::Level,
    identity::purpose::Purpose,
    matter::backfill,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{LATER, concluded, opening},
    harness::{Backend, Suite},
    house::{House, NOW, lies_in},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "two_secretariats_find_a_planted_overlap_and_neither_sees_a_name",
        planted,
    );
    suite.test("a_hit_and_a_miss_are_one_answer_until_it_is_due", alike);
    suite.test("every_answer_but_an_overlap_is_silence", silence);
    suite.test("what_may_not_be_asked_is_refused_and_on_record", refused);
    suite.test("a_matter_is_compared_where_a_clause_covers_it", covered);
    suite.test("no_act_takes_a_name_to_ask_about", nameless);
    suite.test("a_canary_raises_an_alarm_and_no_signal", canary);
    suite.test("with_a_person_the_tokens_go", erased);
    suite.test("tokens_are_made_later_under_leave_and_on_record", later);
    suite.test("a_corrected_file_has_other_tokens", corrected);
    suite.test(
        "a_person_linked_later_waits_for_an_officer_with_leave",
        linked,
    );
    suite.test(
        "that_a_complaint_has_no_authority_is_told_of_the_owners_own",
        unauthorised,
    );
    suite.test("an_overlap_is_looked_at_by_the_word_of_both", side_by_side);
    suite.test("matters_without_names_are_compared_by_tokens_alone", blind);
    suite.test("a_question_costs_the_same_at_any_docket", timed);
}

pub(crate) const DAY: i64 = 24 * 3_600;
const CHECK: &str = "check { id communication blindMatter version persons askedBy askedAt due \
                     status overlaps { id } }";
const CHECKS: &str = "{ sameMatterChecks { id communication version persons askedAt due status \
    overlaps { id mechanism stage registeredIn countries \
    elements { individual { band foundBy reasons } state { band } facts { band } rights { band } } \
    admissibility { country outcome grounds rows { id provision verified } note } } } }";
const SIGNALS: &str = "{ sameMatterSignals { id communication blindMatter person countries keys \
    status answer askedBy due elements { individual { band } state { band } facts { band } \
    rights { band } } } }";

/// What an officer of the docket may do: with leave to write, to ask and to answer.
pub(crate) const OFFICER: &str = "read:communication@SECRETARIAT read:person@SECRETARIAT \
    read:communication_person@SECRETARIAT read:mechanism@PUBLIC write:communication@SECRETARIAT \
    write:communication_person@SECRETARIAT write:person@VICTIM consent:write match:query \
    match:answer audit:read";

/// The same without a right.
pub(crate) fn less(right: &str) -> String {
    let items = OFFICER.split_whitespace().filter(|item| *item != right);
    items.collect::<Vec<_>>().join(" ")
}

/// Two secretariats with an agreement by which each is asked about the same matter.
pub(crate) struct Two {
    pub(crate) house: House,
    pub(crate) cat: String,
    pub(crate) achpr: String,
}

impl Two {
    pub(crate) async fn open(backend: Backend) -> Self {
        let house = House::open(backend).await;
        agree(&house, "cat", "achpr", r#"["ALL"]"#, LATER).await;
        agree(&house, "achpr", "cat", r#"["ALL"]"#, LATER).await;
        Self::of(house).await
    }

    pub(crate) async fn of(house: House) -> Self {
        let (cat, achpr) = (
            house.token("cat.petitions", OFFICER).await,
            house.token("achpr.protection", OFFICER).await,
        );
        Self { house, cat, achpr }
    }

    /// Lets time pass; tokens are given out anew.
    pub(crate) async fn after(self, seconds: i64) -> Self {
        self.house.clock.advance(seconds);
        Self::of(self.house).await
    }

    pub(crate) async fn act(&self, token: &str, name: &str, input: Value, told: &str) -> Value {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let act = (name, kind.as_str());
        self.house.act(Some(token), act, &input, told).await
    }

    pub(crate) async fn lodge(&self, token: &str, title: &str, persons: Value) -> [Value; 2] {
        let input = json!({
            "kind": "INDIVIDUAL_COMMUNICATION", "title": title, "countries": ["SEN"],
            "issues": ["torture_prevention"], "articles": ["CAT 1"], "happenedOn": "2024-03-09",
            "persons": persons, "discreet": true,
        });
        let told = "communication { id persons { edges { node { id } } } }";
        let made = self.act(token, "lodgeCommunication", input, told).await;
        assert_eq!(code(&made), "DONE", "{made}");
        let made = &made["communication"];
        let person = made["persons"]["edges"][0]["node"]["id"].clone();
        [made["id"].clone(), person]
    }

    pub(crate) async fn registered(&self, token: &str, title: &str, persons: Value) -> [Value; 2] {
        let made = self.lodge(token, title, persons).await;
        let input = json!({ "id": made[0] });
        let act = ("registerCommunication", "DatedStepInput");
        let told = "communication { id }";
        let done = self.house.act(Some(token), act, &input, told).await;
        assert_eq!(code(&done), "DONE", "{done}");
        made
    }

    pub(crate) async fn ask(&self, token: &str, communication: &Value) -> Value {
        let input = json!({ "communication": communication });
        self.act(token, "checkSameMatter", input, CHECK).await
    }

    pub(crate) async fn compare(&self) -> usize {
        let now = self.house.clock.now();
        self.house.store.compare_matters(now).await.unwrap()
    }

    pub(crate) async fn signals(&self, token: &str) -> Vec<Value> {
        let data = self.house.ask(Some(token), SIGNALS).await.data();
        data["sameMatterSignals"].as_array().unwrap().clone()
    }

    pub(crate) async fn checks(&self, token: &str) -> Vec<Value> {
        let data = self.house.ask(Some(token), CHECKS).await.data();
        data["sameMatterChecks"].as_array().unwrap().clone()
    }

    pub(crate) async fn answer(&self, token: &str, signal: &Value, answer: &str) -> Value {
        let input = json!({ "signal": signal, "answer": answer });
        let told = "signal { id status answer askedBy }";
        self.act(token, "answerSameMatter", input, told).await
    }

    pub(crate) async fn entries(&self, kind: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM audit_leaf WHERE kind = '{kind}'");
        self.house.number(&sql).await
    }

    async fn tokens(&self) -> i64 {
        self.house.number("SELECT COUNT(*) FROM match_token").await
    }
}

/// A clause by which `from` is asked by `to`.
async fn agree(house: &House, from: &str, to: &str, countries: &'static str, until: i64) {
    let agreement = concluded(&[from, to], until);
    let mut clause = opening(agreement.id, from, to, Level::Channel, until);
    for (column, value) in &mut clause.values {
        match *column {
            "kinds" => *value = r#"["SAME_MATTER"]"#.into(),
            "countries" => *value = countries.into(),
            _ => {}
        }
    }
    house.add::<Agreement>(from, agreement).await;
    house.add::<Clause>(from, clause).await;
}

pub(crate) fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

fn person(born: &str, names: &[(&str, &str)]) -> Value {
    let names: Vec<Value> = names
        .iter()
        .map(|(text, script)| json!({ "text": text, "script": script, "language": "und" }))
        .collect();
    json!([{ "role": "COMPLAINANT", "birthDate": born, "names": names }])
}

/// The planted person as CAT's docket has it, and as the ACHPR's does.
pub(crate) fn here() -> Value {
    person(
        "1984-05-17",
        &[
            ("محمود المختلق الوهمي", "Arab"),
            ("Mahmoud Al-Mukhtalaq Al-Wahmi", "Latn"),
        ],
    )
}

pub(crate) fn there() -> Value {
    person(
        "1984-05-17",
        &[
            ("Mahmud el Mukhtalak Wahmy", "Latn"),
            ("محمود مختلق وهمي", "Arab"),
        ],
    )
}

pub(crate) fn stranger(n: usize) -> Value {
    let names = [
        ("Invented Fabricado", "1961-01-23"),
        ("Vymyshlenny Nikto", "1990-11-02"),
        ("Personne Imaginaire", "1977-08-30"),
    ];
    let (name, born) = names[n % names.len()];
    person(born, &[(name, "Latn")])
}

async fn planted(backend: Backend) {
    let two = Two::open(backend).await;
    let [ours, victim] = two
        .registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    for n in 0..3 {
        two.registered(&two.cat, "S v. Examplia (invented)", stranger(n))
            .await;
    }
    let [theirs, _] = two
        .registered(&two.achpr, "W v. Examplia (invented)", there())
        .await;
    let asked = two.ask(&two.achpr, &theirs).await;
    assert_eq!(code(&asked), "DONE", "{asked}");
    assert_eq!(asked["check"]["status"], "OPEN");
    assert_eq!(asked["check"]["persons"], 1);
    assert_eq!(asked["check"]["due"], "2026-06-15T12:00:00Z");
    assert!(two.signals(&two.cat).await.is_empty(), "not compared yet");
    assert_eq!(two.compare().await, 1);
    assert_eq!(two.compare().await, 0, "once");

    // The owner is told first: of bands, and of nobody.
    let signals = two.signals(&two.cat).await;
    assert_eq!(signals.len(), 1, "{signals:?}");
    let signal = &signals[0];
    assert_eq!(signal["communication"], ours);
    assert_eq!(signal["person"], victim);
    assert_eq!(signal["countries"], json!(["SEN"]));
    let band = signal["elements"]["individual"]["band"].as_str().unwrap();
    assert!(["LIKELY", "POSSIBLE"].contains(&band), "{signal}");
    assert_eq!(signal["elements"]["state"]["band"], "YES");
    assert_eq!(signal["elements"]["facts"]["band"], "YES");
    assert_eq!(signal["elements"]["rights"]["band"], "SAME");
    assert_eq!(signal["askedBy"], Value::Null);
    assert_eq!(signal["status"], "WAITING");
    assert!(two.signals(&two.achpr).await.is_empty());
    let notified = "{ notifications { edges { node { type id } } } }";
    let data = two.house.ask(Some(&two.cat), notified).await.data();
    let told = &data["notifications"]["edges"][0]["node"];
    assert_eq!(told["id"], signal["id"], "{data}");
    let without = two
        .house
        .token("cat.petitions", &less("match:answer"))
        .await;
    let data = two.house.ask(Some(&without), notified).await.data();
    assert!(!data.to_string().contains("SAME_MATTER"), "{data}");
    assert!(two.signals(&without).await.is_empty());
    let answered = two.answer(&without, &signal["id"], "OVERLAP").await;
    assert_eq!(code(&answered), "FORBIDDEN", "{answered}");
    let answered = two.answer(&two.achpr, &signal["id"], "OVERLAP").await;
    assert_eq!(code(&answered), "NOT_FOUND", "another's: {answered}");

    let answered = two.answer(&two.cat, &signal["id"], "OVERLAP").await;
    assert_eq!(code(&answered), "DONE", "{answered}");
    assert_eq!(answered["signal"]["askedBy"], "achpr");
    let again = two.answer(&two.cat, &signal["id"], "NOT_SAME").await;
    assert_eq!(code(&again), "CONFLICT", "said once");
    assert_eq!(two.checks(&two.achpr).await[0]["status"], "OPEN");

    let two = two.after(14 * DAY - 1).await;
    assert_eq!(two.checks(&two.achpr).await[0]["status"], "OPEN");
    let two = two.after(1).await;
    let check = two.checks(&two.achpr).await[0].clone();
    assert_eq!(check["status"], "OVERLAP_CONFIRMED", "{check}");
    let overlap = &check["overlaps"][0];
    assert_eq!(overlap["mechanism"], "cat");
    assert_eq!(overlap["stage"], "PENDING");
    assert_eq!(overlap["registeredIn"], "2026-06", "the month, and no day");
    assert_eq!(overlap["elements"]["individual"]["foundBy"], "COMPUTED");
    // No row was checked by a jurist: the rules do not answer, and the note says by which.
    let admissibility = &overlap["admissibility"][0];
    assert_eq!(admissibility["outcome"], "NEEDS_LEGAL_ASSESSMENT");
    let rows = admissibility["rows"].as_array().unwrap();
    assert!(!rows.is_empty(), "{admissibility}");
    for row in rows {
        assert_eq!(row["verified"], false);
        let cited = format!("[{}]", row["id"].as_str().unwrap());
        let note = admissibility["note"].as_str().unwrap();
        assert!(note.contains(&cited) && note.starts_with("DRAFT"), "{note}");
    }
    // Neither was shown a name, in whatever way it is written.
    let all = format!("{signals:?} {check} {answered}");
    for word in ["Mahm", "Mukhta", "Wahm", "محمود", "1984", "2024-03"] {
        assert!(!all.contains(word), "{word}: {all}");
    }
    for (kind, count) in [
        ("SAME_MATTER_ASK", 1),
        ("SAME_MATTER_COMPARE", 1),
        ("SAME_MATTER_ANSWER", 1),
        ("OPEN_VICTIM", 0),
    ] {
        assert_eq!(two.entries(kind).await, count, "{kind}");
    }
    let audited =
        format!("{{ auditEntries(record: {ours}, first: 3) {{ edges {{ node {{ act }} }} }} }}");
    let data = two.house.ask(Some(&two.cat), &audited).await.data();
    assert!(data.to_string().contains("SAME_MATTER_COMPARE"), "{data}");
    assert!(!data.to_string().contains("SAME_MATTER_ASK"), "{data}");
}

/// Text in which ids and moments of this world are one.
fn bare(text: &str, ids: &[&Value]) -> String {
    let ids = ids.iter().filter_map(|id| id.as_str());
    ids.fold(text.to_owned(), |text, id| text.replace(id, "ID"))
}

async fn alike(backend: Backend) {
    let two = Two::open(backend).await;
    two.registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let hit = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    let miss = two
        .registered(&two.achpr, "A v. Examplia (invented)", stranger(1))
        .await;
    let mut all = Vec::new();
    for [communication, _] in [&hit, &miss] {
        let before = two.house.store.statements();
        let input = json!({ "communication": communication });
        let query = format!(
            "mutation($input: CheckSameMatterInput!) {{ checkSameMatter(input: $input) {{ \
             {CHECK} userErrors {{ code }} }} }}"
        );
        let request = json!({ "query": query, "variables": { "input": input } });
        let answer = two.house.post(Some(&two.achpr), &request).await;
        let cost = two.house.store.statements() - before;
        let id = answer.data()["checkSameMatter"]["check"]["id"].clone();
        let body = String::from_utf8(answer.body.clone()).unwrap();
        all.push((bare(&body, &[&id, communication]), body.len(), cost));
    }
    assert_eq!(all[0], all[1]);
    assert_eq!(two.compare().await, 2);
    let signals = two.signals(&two.cat).await;
    assert_eq!(signals.len(), 1, "one of them is a hit");
    let answered = two.answer(&two.cat, &signals[0]["id"], "OVERLAP").await;
    assert_eq!(code(&answered), "DONE", "{answered}");
    let shown = async |two: &Two| {
        let checks = two.checks(&two.achpr).await;
        let told = checks.iter().map(|check| {
            let text = check.to_string();
            bare(&text, &[&check["id"], &check["communication"]])
        });
        let told: Vec<String> = told.collect();
        let query = "{ notifications { edges { node { type } } } \
                     auditEntries(first: 100) { edges { node { act } } } }";
        let rest = two.house.ask(Some(&two.achpr), query).await.data();
        (told, rest)
    };
    let (told, rest) = shown(&two).await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], told[1]);
    assert!(!rest.to_string().contains("COMPARE"), "{rest}");
    let before = two.house.store.statements();
    two.checks(&two.achpr).await;
    let cost = two.house.store.statements() - before;
    let two = two.after(14 * DAY).await;
    // At the due date one is told of the overlap, and both that they can be read.
    let (told, rest) = shown(&two).await;
    assert_ne!(told[0], told[1]);
    let due = rest.to_string().matches("SAME_MATTER_ANSWERED").count();
    assert_eq!(due, 2, "{rest}");
    let before = two.house.store.statements();
    two.checks(&two.achpr).await;
    let with = two.house.store.statements() - before;
    assert!(with <= cost + 2, "the mechanism's code: {with} for {cost}");
}

async fn silence(backend: Backend) {
    let two = Two::open(backend).await;
    two.registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let mut asked = Vec::new();
    for title in ["A", "B", "C"] {
        let title = format!("{title} v. Examplia (invented)");
        let [id, _] = two.registered(&two.achpr, &title, there()).await;
        asked.push(id.clone());
        assert_eq!(code(&two.ask(&two.achpr, &id).await), "DONE");
    }
    let [none, _] = two
        .registered(&two.achpr, "N v. Examplia (invented)", stranger(2))
        .await;
    asked.push(none.clone());
    assert_eq!(code(&two.ask(&two.achpr, &none).await), "DONE");
    assert_eq!(two.compare().await, 4);
    let signals = two.signals(&two.cat).await;
    assert_eq!(signals.len(), 3);
    for (signal, said) in signals.iter().zip(["NOT_SAME", "CANNOT_SAY"]) {
        let answered = two.answer(&two.cat, &signal["id"], said).await;
        assert_eq!(code(&answered), "DONE", "{answered}");
        assert_eq!(answered["signal"]["askedBy"], Value::Null);
    }
    let two = two.after(14 * DAY).await;
    let told: BTreeSet<String> = two
        .checks(&two.achpr)
        .await
        .iter()
        .map(|check| bare(&check.to_string(), &[&check["id"], &check["communication"]]))
        .collect();
    assert_eq!(
        told.len(),
        1,
        "no signal, no, no word and silence: {told:?}"
    );
    assert!(told.first().unwrap().contains("NO_OVERLAP_REPORTED"));
    let over = two.answer(&two.cat, &signals[2]["id"], "OVERLAP").await;
    assert_eq!(code(&over), "CONFLICT", "too late");
    assert_eq!(two.signals(&two.cat).await[2]["status"], "OVER");
}

async fn refused(backend: Backend) {
    let two = Two::open(backend).await;
    let [lodged, _] = two
        .lodge(&two.achpr, "L v. Examplia (invented)", there())
        .await;
    let unregistered = two.ask(&two.achpr, &lodged).await;
    assert_eq!(code(&unregistered), "CONFLICT", "{unregistered}");
    assert_eq!(two.entries("SAME_MATTER_REFUSE").await, 1);
    let [id, _] = two
        .registered(&two.achpr, "R v. Examplia (invented)", there())
        .await;
    let without = two
        .house
        .token("achpr.protection", &less("match:query"))
        .await;
    assert_eq!(code(&two.ask(&without, &id).await), "FORBIDDEN");
    // Another's and nobody's are one.
    let [theirs, _] = two
        .registered(&two.cat, "T v. Examplia (invented)", here())
        .await;
    let other = two.ask(&two.achpr, &theirs).await;
    let nobody = two.ask(&two.achpr, &json!("nobody")).await;
    assert_eq!(code(&other), "NOT_FOUND");
    assert_eq!(other, nobody);
    let both = two
        .act(&two.achpr, "checkSameMatter", json!({}), CHECK)
        .await;
    assert_eq!(code(&both), "NOT_FOUND");
    assert_eq!(
        two.entries("SAME_MATTER_REFUSE").await,
        1,
        "of one's own alone"
    );

    for version in [1, 1] {
        let asked = two.ask(&two.achpr, &id).await;
        assert_eq!(asked["check"]["version"], version, "{asked}");
    }
    // Another person is another version; a fourth question waits for 90 days.
    let added = json!({ "communication": id, "person": stranger(0)[0] });
    let told = "person { id }";
    assert_eq!(
        code(&two.act(&two.achpr, "addPerson", added, told).await),
        "DONE"
    );
    let third = two.ask(&two.achpr, &id).await;
    assert_eq!(third["check"]["version"], 2, "{third}");
    assert_eq!(third["check"]["persons"], 2);
    assert_eq!(code(&two.ask(&two.achpr, &id).await), "CONFLICT");
    assert_eq!(two.entries("SAME_MATTER_REFUSE").await, 2);
    assert_eq!(two.checks(&two.achpr).await.len(), 3);
    let two = two.after(91 * DAY).await;
    assert_eq!(code(&two.ask(&two.achpr, &id).await), "DONE");

    // Fifty a day: of others' questions nothing is counted.
    for n in 0..49 {
        let title = format!("F{n} v. Examplia (invented)");
        let [id, _] = two.registered(&two.achpr, &title, stranger(n)).await;
        assert_eq!(code(&two.ask(&two.achpr, &id).await), "DONE", "{n}");
    }
    let [last, _] = two
        .registered(&two.achpr, "Z v. Examplia (invented)", there())
        .await;
    assert_eq!(code(&two.ask(&two.achpr, &last).await), "CONFLICT");
    assert_eq!(code(&two.ask(&two.cat, &theirs).await), "DONE");
    let two = two.after(DAY).await;
    assert_eq!(code(&two.ask(&two.achpr, &last).await), "DONE");
}

async fn covered(backend: Backend) {
    let house = House::open(backend).await;
    // CAT is asked by the ACHPR about one State; for the other way there is no clause.
    agree(&house, "cat", "achpr", r#"["TUN"]"#, LATER).await;
    let two = Two::of(house).await;
    let [ours, _] = two
        .registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    assert_eq!(
        code(&two.ask(&two.cat, &ours).await),
        "CONFLICT",
        "no clause"
    );
    assert_eq!(
        code(&two.ask(&two.achpr, &theirs).await),
        "CONFLICT",
        "another State"
    );
    assert_eq!(two.entries("SAME_MATTER_REFUSE").await, 2);
    // With a clause that covers the State it is found; once that has ended, no more is asked.
    agree(&two.house, "cat", "achpr", r#"["SEN"]"#, NOW + DAY).await;
    assert_eq!(code(&two.ask(&two.achpr, &theirs).await), "DONE");
    two.compare().await;
    assert_eq!(two.signals(&two.cat).await.len(), 1);
    assert_eq!(code(&two.ask(&two.achpr, &theirs).await), "DONE");
    // What ends before the hub compares is not compared.
    let two = two.after(DAY).await;
    two.compare().await;
    assert_eq!(two.signals(&two.cat).await.len(), 1);
    assert_eq!(
        code(&two.ask(&two.achpr, &theirs).await),
        "CONFLICT",
        "over"
    );
}

async fn nameless(backend: Backend) {
    let house = House::open(backend).await;
    let query = "{ __type(name: \"CheckSameMatterInput\") { inputFields { name type { name ofType { name } } } } }";
    let data = house.ask(None, query).await.data();
    let fields = data["__type"]["inputFields"].as_array().unwrap();
    let names: BTreeSet<&str> = fields.iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        BTreeSet::from(["key", "communication", "blindMatter"])
    );
    for field in fields.iter().filter(|field| field["name"] != "key") {
        assert_eq!(field["type"]["name"], "ID", "{field}");
    }
    // No list is filtered by a token, and no field tells one.
    let query = "{ __schema { types { name fields { name } } } }";
    let data = house.ask(None, query).await.data();
    for kind in data["__schema"]["types"].as_array().unwrap() {
        let fields = kind["fields"].as_array().into_iter().flatten();
        let told = fields.filter(|field| {
            let name = field["name"].as_str().unwrap().to_lowercase();
            name.contains("token") && kind["name"].as_str().unwrap().contains("Matter")
        });
        assert_eq!(told.count(), 0, "{kind}");
    }
}

async fn canary(backend: Backend) {
    let two = Two::open(backend).await;
    let roles = "UPDATE holder SET roles = '[\"DATA_PROTECTION\"]' WHERE subject = 'cat.grants'";
    let input = json!({
        "names": ["Mahmoud Al-Mukhtalaq Al-Wahmi", "محمود المختلق الوهمي"],
        "birthDate": "1984-05-17", "happenedOn": "2024-03-09", "countries": ["SEN"],
    });
    let scope = "read:communication@SECRETARIAT read:person@SECRETARIAT match:answer";
    let grants = two.house.token("cat.grants", scope).await;
    let refused = two
        .act(&grants, "registerCanary", input.clone(), "canary")
        .await;
    assert_eq!(code(&refused), "FORBIDDEN", "not charged with it");
    two.house.meddle(roles).await;
    let grants = two.house.token("cat.grants", scope).await;
    let made = two.act(&grants, "registerCanary", input, "canary").await;
    assert_eq!(code(&made), "DONE", "{made}");
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    let asked = two.ask(&two.achpr, &theirs).await;
    assert_eq!(code(&asked), "DONE");
    // As a hub does that runs: within the minute, by itself.
    let (store, clock) = (two.house.store.clone(), two.house.clock.clone());
    let hub = tokio::spawn(liaison::store::matter::follow(store, clock));
    let query = "{ notifications { edges { node { type id } } } }";
    let mut told = Value::Null;
    for _ in 0..120 {
        let data = two.house.ask(Some(&grants), query).await.data();
        told = data["notifications"]["edges"][0]["node"].clone();
        if told["type"] == "SAME_MATTER_ALARM" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    hub.abort();
    assert_eq!(told["type"], "SAME_MATTER_ALARM");
    assert_eq!(told["id"], made["canary"]);
    assert_eq!(two.entries("SAME_MATTER_ALARM").await, 1);
    let data = two.house.ask(Some(&two.cat), query).await.data();
    assert!(
        !data.to_string().contains("ALARM"),
        "for who is charged with it: {data}"
    );
    assert!(two.signals(&two.cat).await.is_empty());
    assert!(two.signals(&grants).await.is_empty());
}

async fn erased(backend: Backend) {
    let two = Two::open(backend).await;
    let before = two.tokens().await;
    let [ours, person] = two
        .registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    assert!(two.tokens().await > before + 20);
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    two.ask(&two.achpr, &theirs).await;
    two.compare().await;
    assert_eq!(two.signals(&two.cat).await.len(), 1);
    let of_theirs = two.tokens().await;
    // Retired, it is neither told of nor found.
    let retire = json!({ "id": ours, "reason": "ENTERED_IN_ERROR", "remark": "A reason" });
    let act = ("retireRecord", "RetireRecordInput");
    let retired = two
        .house
        .act(Some(&two.cat), act, &retire, "retirement { record }")
        .await;
    assert_eq!(code(&retired), "DONE", "{retired}");
    assert!(two.signals(&two.cat).await.is_empty());
    two.ask(&two.achpr, &theirs).await;
    two.compare().await;
    assert!(two.signals(&two.cat).await.is_empty());
    assert_eq!(two.tokens().await, of_theirs, "it may be brought back");
    // Expunged, nothing is left: no token, no signal.
    let now = Moment::from_seconds(NOW + 366 * DAY);
    assert_eq!(two.house.store.expunge(now).await.unwrap().records, 1);
    let id = liaison::id::GlobalId::parse(person.as_str().unwrap())
        .unwrap()
        .id;
    let of = two.house.literal(id);
    for table in ["match_element", "same_matter_signal"] {
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE person = {of}");
        assert_eq!(two.house.number(&sql).await, 0, "{table}");
    }
    let orphans = "SELECT COUNT(*) FROM match_token t LEFT JOIN match_element e \
                   ON e.id = t.element WHERE e.id IS NULL";
    assert_eq!(two.house.number(orphans).await, 0);
    assert!(two.tokens().await < of_theirs);
    // Whoever is unlinked is compared no more either.
    let [other, person] = two
        .registered(&two.achpr, "B v. Examplia (invented)", there())
        .await;
    let with = two.tokens().await;
    let input = json!({ "communication": other, "person": person });
    let done = two
        .act(&two.achpr, "unlinkPerson", input, "person { id }")
        .await;
    assert_eq!(code(&done), "DONE", "{done}");
    assert!(two.tokens().await < with);
}

async fn later(backend: Backend) {
    let two = Two::open(backend).await;
    let [ours, person] = two
        .registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let [_, other] = two
        .registered(&two.cat, "S v. Examplia (invented)", stranger(0))
        .await;
    two.house
        .meddle("DELETE FROM match_token; DELETE FROM match_country; DELETE FROM match_element;")
        .await;
    let refused = two.ask(&two.cat, &ours).await;
    assert_eq!(code(&refused), "CONFLICT", "{refused}");
    let grants = "read:person@SECRETARIAT read:mechanism@PUBLIC write:person@SECRETARIAT";
    let grants = two.house.token("cat.grants", grants).await;
    let grant = json!({
        "person": person, "holder": "cat.petitions", "mechanism": "cat",
        "purposes": ["SAME_MATTER"], "fields": ["NAMES", "BIRTH_DATE"],
        "validUntil": "2027-01-01T00:00:00Z",
    });
    let given = two.act(&grants, "giveGrant", grant, "person { id }").await;
    assert_eq!(code(&given), "DONE", "{given}");
    let viewer = async |purpose: &str| {
        let scope = format!("{OFFICER} ").replace("read:person@SECRETARIAT", "read:person@VICTIM");
        let token = two.house.token("cat.petitions", scope.trim()).await;
        let now = two.house.clock.now();
        let claims = two.house.authority.verify(&token, now).unwrap();
        let stated = json!({ "code": purpose, "reason": "a test" });
        let purpose = Some(Purpose::parse(&stated).unwrap());
        Arc::new(two.house.store.viewer(&claims, purpose, now).await.unwrap())
    };
    let store = &two.house.store;
    let none = backfill(store, viewer("EXAMINATION").await, None)
        .await
        .unwrap();
    assert_eq!((none.made, none.without_leave), (0, 0));
    let before = two.entries("OPEN_VICTIM").await;
    let done = backfill(store, viewer("SAME_MATTER").await, None)
        .await
        .unwrap();
    // The demo has given the officer leave to a file, too.
    let made = i64::try_from(done.made).unwrap();
    assert!(made >= 1, "{done:?}");
    assert!(done.without_leave >= 1, "{done:?}: {other}");
    assert_eq!(two.entries("OPEN_VICTIM").await, before + made);
    assert_eq!(two.entries("SAME_MATTER_TOKENS").await, made);
    let again = backfill(store, viewer("SAME_MATTER").await, None)
        .await
        .unwrap();
    assert_eq!(again.made, 0);
    assert_eq!(
        two.entries("OPEN_VICTIM").await,
        before + made,
        "not opened twice"
    );
    // Tokens made later are those that would have been made at once.
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    assert_eq!(code(&two.ask(&two.achpr, &theirs).await), "DONE");
    two.compare().await;
    let signals = two.signals(&two.cat).await;
    let on_ours = signals.iter().filter(|one| one["communication"] == ours);
    assert_eq!(on_ours.count(), 1, "{signals:?}");
}

async fn corrected(backend: Backend) {
    let two = Two::open(backend).await;
    let [ours, person] = two
        .registered(&two.cat, "M v. Examplia (invented)", stranger(1))
        .await;
    let tokens = async |two: &Two| {
        let sql = "SELECT DISTINCT kind FROM match_token ORDER BY kind";
        (two.tokens().await, two.house.texts(sql).await.len())
    };
    let before = tokens(&two).await;
    assert_eq!(before.1, 8, "every kind of key");
    // Another day of what happened: the tokens of the old one are of no use.
    let amend = json!({ "id": ours, "happenedOn": "2023-01" });
    let act = ("amendCommunication", "AmendCommunicationInput");
    let done = two
        .house
        .act(Some(&two.cat), act, &amend, "communication { happenedOn }")
        .await;
    assert_eq!(done["communication"]["happenedOn"], "2023-01", "{done}");
    // New ones wait for who may open the file: the officer has opened nothing.
    assert_eq!(tokens(&two).await.1, 0);
    assert_eq!(two.entries("SAME_MATTER_TOKENS").await, 0);
    assert_eq!(two.entries("OPEN_VICTIM").await, 0);
    let grants = "read:person@SECRETARIAT read:mechanism@PUBLIC write:person@SECRETARIAT";
    let grants = two.house.token("cat.grants", grants).await;
    let grant = json!({
        "person": person, "holder": "cat.petitions", "mechanism": "cat",
        "purposes": ["EXAMINATION"], "fields": ["NAMES", "BIRTH_DATE", "CONTACT"],
        "validUntil": "2027-01-01T00:00:00Z",
    });
    let given = two.act(&grants, "giveGrant", grant, "person { id }").await;
    assert_eq!(code(&given), "DONE", "{given}");
    let scope = OFFICER.replace("read:person@SECRETARIAT", "read:person@VICTIM");
    let officer = two.house.token("cat.petitions", &scope).await;
    let correct = here()[0].clone();
    let input = json!({
        "person": person, "reason": "Another person (invented)",
        "names": correct["names"], "birthDate": correct["birthDate"],
    });
    let query = "mutation($input: CorrectPersonInput!) { correctPerson(input: $input) { \
                 person { id } userErrors { code message } } }";
    let request = json!({
        "query": query, "variables": { "input": input },
        "extensions": { "purpose": { "code": "EXAMINATION", "reason": "a test" } },
    });
    let done = two.house.post(Some(&officer), &request).await.data();
    assert_eq!(done["correctPerson"]["userErrors"], json!([]), "{done}");
    assert!(tokens(&two).await.0 > 0);
    assert_eq!(two.entries("SAME_MATTER_TOKENS").await, 0);
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    two.ask(&two.achpr, &theirs).await;
    two.compare().await;
    let signals = two.signals(&two.cat).await;
    assert_eq!(signals.len(), 1, "by name and birth");
    assert_ne!(signals[0]["elements"]["facts"]["band"], "YES");
}

/// Links a person who has a file to another communication.
async fn link(two: &Two, token: &str, communication: &Value, person: &Value) {
    let input = json!({ "communication": communication, "person": person, "role": "COMPLAINANT" });
    let done = two.act(token, "linkPerson", input, "person { id }").await;
    assert_eq!(code(&done), "DONE", "{done}");
}

async fn linked(backend: Backend) {
    let two = Two::open(backend).await;
    let [_, person] = two
        .registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let [later, _] = two
        .registered(&two.cat, "L v. Examplia (invented)", stranger(2))
        .await;
    let of = async |two: &Two, id: &Value| {
        let id = liaison::id::GlobalId::parse(id.as_str().unwrap())
            .unwrap()
            .id;
        let sql = format!(
            "SELECT COUNT(*) FROM match_element WHERE communication = {}",
            two.house.literal(id)
        );
        two.house.number(&sql).await
    };
    assert_eq!(of(&two, &later).await, 1);
    // An officer without leave to open the file: no file is opened, and no token made.
    link(&two, &two.cat, &later, &person).await;
    assert_eq!(of(&two, &later).await, 1);
    assert_eq!(two.entries("SAME_MATTER_TOKENS").await, 0);
    assert_eq!(two.entries("OPEN_VICTIM").await, 0);
    let asked = two.ask(&two.cat, &later).await;
    assert_eq!(asked["check"]["persons"], 1, "{asked}");
}

async fn unauthorised(backend: Backend) {
    let two = Two::open(backend).await;
    let [ours, _] = two
        .registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    let amend = async |token: &str, id: &Value, authority: Value| {
        let input = json!({ "id": id, "withAuthority": authority });
        let act = ("amendCommunication", "AmendCommunicationInput");
        let told = "communication { withAuthority }";
        let done = two.house.act(Some(token), act, &input, told).await;
        assert_eq!(done["communication"]["withAuthority"], authority, "{done}");
    };
    // The asker's own says nothing to the owner; the owner's own is told.
    amend(&two.achpr, &theirs, json!(false)).await;
    two.ask(&two.achpr, &theirs).await;
    amend(&two.cat, &ours, json!(false)).await;
    let reasons = "{ sameMatterSignals { id elements { individual { reasons } } } }";
    let told = async || two.house.ask(Some(&two.cat), reasons).await.data();
    two.compare().await;
    let with = told().await;
    assert!(with.to_string().contains("WITHOUT_AUTHORITY"), "{with}");
    for known in [json!(true), Value::Null] {
        amend(&two.cat, &ours, known).await;
        two.ask(&two.achpr, &theirs).await;
        two.compare().await;
    }
    let after = told().await.to_string();
    assert_eq!(after.matches("WITHOUT_AUTHORITY").count(), 1, "{after}");
    let signal = &with["sameMatterSignals"][0]["id"];
    assert_eq!(code(&two.answer(&two.cat, signal, "OVERLAP").await), "DONE");
    let two = two.after(14 * DAY).await;
    let checks = two.checks(&two.achpr).await;
    let overlaps = checks
        .iter()
        .flat_map(|one| one["overlaps"].as_array().unwrap());
    let told: Vec<String> = overlaps.map(Value::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("WITHOUT_AUTHORITY"), "{told:?}");
}

async fn side_by_side(backend: Backend) {
    let two = Two::open(backend).await;
    let [_, person] = two
        .registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    two.ask(&two.achpr, &theirs).await;
    two.compare().await;
    let signal = two.signals(&two.cat).await[0]["id"].clone();
    let agree = async |two: &Two, token: &str, basis: Option<&str>| {
        let mut input = json!({ "overlap": signal });
        if let Some(basis) = basis {
            input["legalBasis"] = json!(basis);
        }
        let done = two.act(token, "agreeSideBySide", input, "agreed").await;
        code(&done).to_owned()
    };
    let open = async |two: &Two, token: &str| {
        let told = "sides { mechanism communication person stage happenedOn issues }";
        let input = json!({ "overlap": signal });
        two.act(token, "openSideBySide", input, told).await
    };
    assert_eq!(
        agree(&two, &two.cat, Some("art. 1 (invented)")).await,
        "NOT_FOUND"
    );
    two.answer(&two.cat, &signal, "OVERLAP").await;
    let early = agree(&two, &two.achpr, Some("art. 1 (invented)")).await;
    assert_eq!(early, "NOT_FOUND", "to who has asked there is none yet");
    // Without a basis it is the person's consent, which has to be on file.
    assert_eq!(agree(&two, &two.cat, None).await, "CONFLICT");
    let word = json!({
        "person": person, "recipient": "achpr", "purpose": "SAME_MATTER",
        "fields": ["NAMES"], "basis": "GIVEN", "validUntil": "2030-01-01T00:00:00Z",
    });
    let said = two
        .act(&two.cat, "recordConsent", word, "person { id }")
        .await;
    assert_eq!(code(&said), "DONE", "{said}");
    assert_eq!(agree(&two, &two.cat, None).await, "DONE");
    let two = two.after(14 * DAY).await;
    assert_eq!(
        code(&open(&two, &two.cat).await),
        "CONFLICT",
        "one has not agreed"
    );
    assert_eq!(
        agree(&two, &two.achpr, Some("art. 1 (invented)")).await,
        "DONE"
    );
    for (token, first, second) in [(&two.cat, "cat", "achpr"), (&two.achpr, "achpr", "cat")] {
        let opened = open(&two, token).await;
        assert_eq!(code(&opened), "DONE", "{opened}");
        assert_eq!(opened["sides"][0]["mechanism"], first, "{opened}");
        assert_eq!(opened["sides"][1]["mechanism"], second);
        assert_eq!(opened["sides"][1]["happenedOn"], "2024-03-09");
        // What identifies the person opens by grant alone.
        let other = opened["sides"][1]["person"].as_str().unwrap();
        let query =
            format!("{{ node(id: \"{other}\") {{ ... on Person {{ names {{ text }} }} }} }}");
        let data = two.house.ask(Some(token), &query).await.data();
        assert_eq!(data["node"], Value::Null);
    }
    assert_eq!(two.entries("SIDE_BY_SIDE_OPEN").await, 2);
    // What the basis is lies in the log alone, sealed; and nothing else of the check says who
    // anybody is, or when they were born.
    let bases = two
        .house
        .texts("SELECT basis FROM side_by_side ORDER BY basis")
        .await;
    assert_eq!(bases, ["CONSENT", "LEGAL_BASIS"]);
    let bytes = two.house.all_bytes().await;
    for word in [
        "art. 1 (invented)",
        "Mahmoud",
        "Mahmud",
        "Mukhta",
        "Wahm",
        "محمود",
        "1984-05",
    ] {
        assert!(!lies_in(&bytes, word), "{word} lies open");
    }
    assert!(lies_in(&bytes, "M v. Examplia (invented)"), "it looks");
    let entries = "{ auditEntries(first: 100) { edges { node { act } } } }";
    let data = two.house.ask(Some(&two.cat), entries).await.data();
    let seen = data.to_string().matches("SIDE_BY_SIDE_OPEN").count();
    assert_eq!(seen, 2, "both read that the other has looked");
    // Suspended, the agreement opens nothing that rested on it: not the two sides, and not the
    // answer that was given under it.
    let from_to = |from: &str, to: &str| {
        format!("UPDATE agreement SET status = '{to}' WHERE status = '{from}'")
    };
    two.house.meddle(&from_to("IN_FORCE", "SUSPENDED")).await;
    for token in [&two.cat, &two.achpr] {
        assert_eq!(code(&open(&two, token).await), "NOT_FOUND");
    }
    let told = &two.checks(&two.achpr).await[0];
    assert_eq!(told["status"], "NO_OVERLAP_REPORTED", "{told}");
    assert_eq!(told["overlaps"], json!([]));
    two.house.meddle(&from_to("SUSPENDED", "IN_FORCE")).await;
    let told = &two.checks(&two.achpr).await[0];
    assert_eq!(told["status"], "OVERLAP_CONFIRMED", "{told}");
    let two = two.after(14 * DAY).await;
    assert_eq!(
        code(&open(&two, &two.achpr).await),
        "CONFLICT",
        "closed after 14 days"
    );
}

async fn blind(backend: Backend) {
    let two = Two::open(backend).await;
    // As a client does that has the tokens of another secret: here any bytes.
    let matter = |handle: &str, tokens: &[(&str, &str)]| {
        let tokens: Vec<Value> = tokens
            .iter()
            .map(|(token, kind)| json!({ "token": token, "kind": kind }))
            .collect();
        json!({
            "handle": handle, "countries": ["SEN"], "registeredIn": "2026-03",
            "secret": "two-holders-2026", "normalisation": "N1", "elements": [{ "tokens": tokens }],
        })
    };
    let same = [
        ("AAAAAAAAAAAAAAAAAAAAAA", "P_Y"),
        ("AAAAAAAAAAAAAAAAAAAAAQ", "P_EM"),
        ("AAAAAAAAAAAAAAAAAAAAAg", "S_DOB"),
        ("AAAAAAAAAAAAAAAAAAAAAw", "D_EM"),
        ("AAAAAAAAAAAAAAAAAAAABA", "P_E"),
        ("AAAAAAAAAAAAAAAAAAAABQ", "S_YE"),
        ("AAAAAAAAAAAAAAAAAAAABg", "S_MD"),
        ("AAAAAAAAAAAAAAAAAAAABw", "S_EM"),
    ];
    let register = async |token: &str, input: Value| {
        let told = "blindMatter { id handle countries registeredIn }";
        two.act(token, "registerBlindMatter", input, told).await
    };
    let ours = register(&two.cat, matter("CAT-77", &same)).await;
    assert_eq!(code(&ours), "DONE", "{ours}");
    let theirs = register(&two.achpr, matter("ACHPR-9", &same)).await;
    for (change, wrong) in [
        ("handle", json!("Mahmoud the Invented")),
        ("handle", json!("ACHPR-9")),
        ("secret", json!("")),
        ("normalisation", json!("N0")),
        ("countries", json!([])),
        ("elements", json!([])),
        (
            "elements",
            json!([{ "tokens": [{ "token": "short", "kind": "P_Y" }] }]),
        ),
    ] {
        let mut input = matter("ACHPR-10", &same);
        input[change] = wrong;
        let refused = register(&two.achpr, input).await;
        assert_ne!(code(&refused), "DONE", "{change}: {refused}");
    }
    // What a client sends is not what lies in the database.
    let stored = two.house.number("SELECT COUNT(*) FROM match_token").await;
    assert_eq!(stored, 16);
    let other = "SELECT COUNT(*) FROM match_element WHERE person IS NOT NULL OR mode <> 'M2'";
    assert_eq!(two.house.number(other).await, 0);
    let id = &theirs["blindMatter"]["id"];
    let input = json!({ "blindMatter": id });
    let asked = two.act(&two.achpr, "checkSameMatter", input, CHECK).await;
    assert_eq!(code(&asked), "DONE", "{asked}");
    assert_eq!(asked["check"]["blindMatter"], *id);
    let not_theirs = json!({ "blindMatter": ours["blindMatter"]["id"] });
    let refused = two
        .act(&two.achpr, "checkSameMatter", not_theirs, CHECK)
        .await;
    assert_eq!(code(&refused), "NOT_FOUND");
    two.compare().await;
    let signals = two.signals(&two.cat).await;
    assert_eq!(signals.len(), 1, "{signals:?}");
    assert_eq!(signals[0]["blindMatter"], ours["blindMatter"]["id"]);
    assert_eq!(signals[0]["person"], Value::Null);
    let input = json!({ "signal": signals[0]["id"], "answer": "OVERLAP", "stage": "DECIDED" });
    let done = two
        .act(&two.cat, "answerSameMatter", input, "signal { askedBy }")
        .await;
    assert_eq!(code(&done), "DONE", "{done}");
    let gone = json!({ "blindMatter": ours["blindMatter"]["id"] });
    let two = two.after(14 * DAY).await;
    let check = two.checks(&two.achpr).await[0].clone();
    assert_eq!(check["overlaps"][0]["stage"], "DECIDED", "{check}");
    assert_eq!(check["overlaps"][0]["registeredIn"], "2026-03");
    let told = "blindMatter { id }";
    let done = two.act(&two.cat, "withdrawBlindMatter", gone, told).await;
    assert_eq!(code(&done), "DONE", "{done}");
    assert_eq!(two.tokens().await, 8);
    assert!(two.signals(&two.cat).await.is_empty());
}

/// Prints how long one comparison takes, where `LIAISON_MATTER_DOCKET` says a docket's size.
async fn timed(backend: Backend) {
    let size = std::env::var("LIAISON_MATTER_DOCKET").ok();
    let Some(size) = size.and_then(|size| size.parse::<usize>().ok()) else {
        return;
    };
    let two = Two::open(backend).await;
    two.registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    let [none, _] = two
        .registered(&two.achpr, "B v. Examplia (invented)", stranger(1))
        .await;
    let owner = two.house.literal(liaison::id::RecordId::from(
        crate::support::house::mechanism("cat"),
    ));
    let mut n = 0_u64;
    let mut grown = 0;
    for step in [size / 10, size - size / 10] {
        grown += step;
        let mut sql = String::from("BEGIN;");
        for _ in 0..step {
            let mut id = || {
                n += 1;
                let mut bytes = [0_u8; 16];
                let spread = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
                bytes[..8].copy_from_slice(&spread.to_be_bytes());
                bytes[8..].copy_from_slice(&n.to_be_bytes());
                two.house
                    .literal(liaison::id::RecordId(uuid::Uuid::from_bytes(bytes)))
            };
            let element = id();
            sql.push_str(&format!(
                "INSERT INTO match_element (id, mechanism, canary, mode, normalisation, key_id, made_at) \
                 VALUES ({element}, {owner}, FALSE, 'M1', 'N1', 'none', 0);\
                 INSERT INTO match_country (element, country, mechanism) VALUES ({element}, 'SEN', {owner});\
                 INSERT INTO match_token (element, token, kind, widened, kept, asked) VALUES "
            ));
            let rows: Vec<String> = (0..24)
                .map(|_| format!("({element}, {}, 'S_YE', FALSE, TRUE, TRUE)", id()))
                .collect();
            sql.push_str(&rows.join(","));
            sql.push(';');
            if sql.len() > 2_000_000 {
                sql.push_str("COMMIT;");
                two.house.meddle(&sql).await;
                sql = String::from("BEGIN;");
            }
        }
        sql.push_str("COMMIT;");
        two.house.meddle(&sql).await;
        for (what, id) in [("hit", &theirs), ("miss", &none)] {
            let began = std::time::Instant::now();
            let asked = two.ask(&two.achpr, id).await;
            let act = began.elapsed();
            assert_eq!(code(&asked), "DONE", "{asked}");
            let began = std::time::Instant::now();
            assert_eq!(two.compare().await, 1);
            println!(
                "{backend}: docket {grown}, {what}: act {act:.1?}, comparison {:.1?}",
                began.elapsed()
            );
        }
    }
}
