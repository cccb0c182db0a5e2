//! Statistics: what anyone is told of a docket of some hundreds of persons, against somebody
//! who has kept every release.

use std::{collections::BTreeMap, fs::Permissions, os::unix::fs::PermissionsExt, process::Command};

use liaison::{
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::Level,
    id::RecordId,
    identity::kind::Kind,
};
use serde_json::{Value, json};

use crate::support::{
    cast::bare,
    harness::{Backend, Suite},
    house::{House, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "no_withheld_figure_is_worked_out_from_the_releases_of_several_quarters",
        attacked,
    );
    suite.test(
        "what_is_told_stays_as_it_is_whatever_the_docket_does",
        frozen,
    );
    suite.test(
        "a_release_takes_a_second_officer_who_reads_all_of_the_docket",
        two_officers,
    );
    suite.test(
        "what_is_withheld_is_not_nothing_and_a_mechanism_sees_its_own_counts",
        suppressed,
    );
    suite.test(
        "a_release_cites_the_places_where_nobody_can_be",
        structural_zeros,
    );
    suite.test(
        "what_several_release_takes_each_of_them_and_no_figure_before",
        together,
    );
}

const STATES: [&str; 6] = ["KEN", "UGA", "TZA", "RWA", "PER", "FRA"];
const THEMES: [&str; 4] = [
    "torture_prevention",
    "arbitrary_detention",
    "fair_trial",
    "womens_rights",
];

/// A docket of nobody: how many persons, by State, theme and day; each brings a case alone.
async fn docket(house: &House, code: &str, of: &[(&str, &str, &str, u64)]) {
    let mut writer = house.writer(&format!("{code}.registry")).await;
    for (state, theme, on, persons) in of {
        for nth in 0..*persons {
            let key = format!("{code}/{state}/{theme}/{on}/{nth}");
            let mut case = bare(Kind::Communication, &key, &[code]);
            case.existence = Level::Secretariat;
            case.countries = vec![(*state).to_owned()];
            case.topics = vec![(*theme).to_owned()];
            case.values = vec![
                ("reference", format!("{key} (invented)").into()),
                ("status", "REGISTERED".into()),
                ("registered_on", (*on).into()),
                (
                    "mechanism_id",
                    RecordId::derived(Kind::Mechanism, code).0.into(),
                ),
            ];
            writer.add::<Communication>(&case).await.unwrap();
            let mut person = bare(Kind::Person, &key, &[code]);
            person.existence = Level::Secretariat;
            writer.add::<Person>(&person).await.unwrap();
            let mut part = bare(Kind::CommunicationPerson, &key, &[code]);
            part.existence = Level::Secretariat;
            part.values = vec![
                ("role", "ALLEGED_VICTIM".into()),
                ("communication_id", case.id.0.into()),
                ("person_id", person.id.0.into()),
            ];
            writer.add::<CommunicationPerson>(&part).await.unwrap();
        }
    }
    writer.commit().await.unwrap();
}

/// Some hundreds of persons over five quarters; many cells are of few.
async fn hundreds(house: &House) -> u64 {
    let mut drawn: u64 = 11;
    let mut all = Vec::new();
    let days = [
        "2024-02-01",
        "2024-05-01",
        "2024-08-01",
        "2024-11-01",
        "2025-02-01",
    ];
    for day in days {
        for state in STATES {
            for theme in THEMES {
                drawn = drawn
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(99);
                let persons = match (drawn >> 33) % 5 {
                    0 => 0,
                    1 => 1,
                    2 => 2,
                    3 => 4,
                    _ => 9,
                };
                all.push((state, theme, day, persons));
            }
        }
    }
    docket(house, "cat", &all).await;
    all.iter().map(|(.., persons)| persons).sum()
}

async fn officer(house: &House, holder: &str) -> String {
    let scope = "write:statistic_release@SECRETARIAT label:statistic_release@SECRETARIAT \
                 stats:release declassify:request write:communication@SECRETARIAT";
    let scope = format!("{} {scope}", reads(Level::Secretariat));
    house.token(holder, &scope).await
}

async fn propose(house: &House, token: &str, input: &Value) -> Value {
    let act = ("proposeStatistics", "ProposeStatisticsInput");
    let told = "statisticRelease { id status version }";
    house.act(Some(token), act, input, told).await
}

async fn answer(house: &House, token: &str, name: &str, id: &Value) -> Value {
    let told = "statisticRelease { id status }";
    let input = json!({ "id": id });
    house
        .act(Some(token), (name, "StatisticsActInput"), &input, told)
        .await
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("done")
}

/// A cell: its categories, with `ALL` for a total, and its number where it is told.
type Cells = BTreeMap<Vec<String>, Option<i64>>;

/// Every cell of a release, page by page, as this viewer is told them.
async fn cells(house: &House, token: Option<&str>, id: &Value) -> Cells {
    let mut all = Cells::new();
    let mut after = Value::Null;
    loop {
        let query = "query ($id: ID!, $after: String) { statisticRelease(id: $id) { \
            cells(first: 100, after: $after) { pageInfo { hasNextPage endCursor } \
            edges { node { value suppressed categories { category } } } } } }";
        let request = json!({ "query": query, "variables": { "id": id, "after": after } });
        let told = house.post(token, &request).await.data();
        let page = &told["statisticRelease"]["cells"];
        let Some(edges) = page["edges"].as_array() else {
            return all;
        };
        for edge in edges {
            let node = &edge["node"];
            let categories = node["categories"].as_array().unwrap().iter();
            let at = categories.map(|one| one["category"].as_str().unwrap_or("ALL").to_owned());
            let value = node["value"].as_i64();
            assert_eq!(node["suppressed"], value.is_none(), "{node}");
            all.insert(at.collect(), value);
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Sums of quantities that are nothing, and what each quantity may be.
#[derive(Default)]
struct Attacker {
    sums: Vec<(usize, Vec<usize>)>,
    ends: Vec<(i64, i64)>,
}

impl Attacker {
    fn quantity(&mut self, value: Option<i64>) -> usize {
        self.ends
            .push(value.map_or((0, 100_000), |value| (value, value)));
        self.ends.len() - 1
    }

    /// A release, whose cells add up along each line.
    fn reads(&mut self, cells: &Cells) -> BTreeMap<Vec<String>, usize> {
        let named: BTreeMap<Vec<String>, usize> = cells
            .iter()
            .map(|(at, value)| (at.clone(), self.quantity(*value)))
            .collect();
        for at in cells.keys() {
            for axis in (0..at.len()).filter(|axis| at[*axis] == "ALL") {
                let part = |other: &&Vec<String>| {
                    let mut both = other.iter().zip(at).enumerate();
                    both.all(|(place, (one, two))| (place == axis) != (one == two))
                };
                let parts = cells.keys().filter(part).map(|part| named[part]).collect();
                self.sums.push((named[at], parts));
            }
        }
        named
    }

    /// Takes from each sum what is known of the others, until nothing more is learned.
    fn thinks(&mut self) {
        loop {
            let before = self.ends.clone();
            for (total, parts) in &self.sums {
                let least: i64 = parts.iter().map(|part| self.ends[*part].0).sum();
                let most: i64 = parts.iter().map(|part| self.ends[*part].1).sum();
                let (low, high) = self.ends[*total];
                self.ends[*total] = (low.max(least), high.min(most));
                for part in parts {
                    let (from, to) = self.ends[*part];
                    let low = low - (most - to);
                    let high = high - (least - from);
                    self.ends[*part] = (from.max(low), to.min(high));
                }
            }
            if before == self.ends {
                return;
            }
        }
    }
}

/// D1.
async fn attacked(backend: Backend) {
    let house = House::open(backend).await;
    let persons = hundreds(&house).await;
    let (first, second) = (
        officer(&house, "cat.secretary").await,
        officer(&house, "cat.petitions").await,
    );
    let ways = [
        (vec!["COUNTRY", "RIGHTS"], "2024-Q1", "2024-Q3"),
        (vec!["COUNTRY", "RIGHTS"], "2024-Q1", "2024-Q4"),
        (vec!["COUNTRY"], "2024-Q1", "2024-Q4"),
        (vec!["COUNTRY", "RIGHTS"], "2024-Q1", "2025-Q1"),
        (vec!["RIGHTS", "YEAR"], "2024-Q1", "2025-Q1"),
    ];
    let mut released = Vec::new();
    for (dimensions, from, to) in ways {
        let input = json!({ "dimensions": dimensions, "from": from, "to": to });
        let begun = std::time::Instant::now();
        let made = propose(&house, &first, &input).await;
        let took = begun.elapsed();
        if code(&made) == "CONFLICT" {
            println!("{backend}: {input}: {}", made["userErrors"][0]["message"]);
            continue;
        }
        let id = made["statisticRelease"]["id"].clone();
        let answered = answer(&house, &second, "approveStatistics", &id).await;
        assert_eq!(
            answered["statisticRelease"]["status"], "RELEASED",
            "{answered}"
        );
        let cells = cells(&house, None, &id).await;
        let withheld = cells.values().filter(|value| value.is_none()).count();
        println!(
            "{backend}: {persons} persons, {dimensions:?} to {to}: {withheld} of {} withheld, \
             {} before it, {took:?}",
            cells.len(),
            released.len()
        );
        assert!(
            cells
                .values()
                .all(|value| !(1..5).contains(&value.unwrap_or(0)))
        );
        released.push((dimensions, to, cells));
    }
    assert!(released.len() >= 3, "{}", released.len());
    let mut attacker = Attacker::default();
    let mut kept = Vec::new();
    for (dimensions, to, cells) in &released {
        let named = attacker.reads(cells);
        kept.push((dimensions, to, named, cells));
    }
    // What came between two releases of the same table adds up as they do.
    let tables: Vec<usize> = (0..kept.len())
        .filter(|one| kept[*one].0.len() == 2 && kept[*one].0[0] == "COUNTRY")
        .collect();
    for (place, early) in tables.iter().enumerate() {
        for late in &tables[place + 1..] {
            let blank: Cells = kept[*late].3.keys().map(|at| (at.clone(), None)).collect();
            let between = attacker.reads(&blank);
            for (at, later) in &kept[*late].2 {
                let mut parts = vec![between[at]];
                parts.extend(kept[*early].2.get(at));
                attacker.sums.push((*later, parts));
            }
        }
    }
    attacker.thinks();
    for (place, (least, most)) in attacker.ends.iter().enumerate() {
        assert!(least <= most, "a contradiction at {place}");
        let told = least == most && (*least == 0 || *least >= 5);
        assert!(
            told || most - least >= 3 || *least >= 5,
            "{place}: {least}–{most}"
        );
    }
    let withheld = kept.iter().flat_map(|(.., named, cells)| {
        cells
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(at, _)| named[at])
    });
    for quantity in withheld {
        let (least, most) = attacker.ends[quantity];
        assert!(most - least >= 3, "{least}–{most}");
    }
}

/// D2: and the next release counts a frozen quarter as the first did.
async fn frozen(backend: Backend) {
    let house = House::open(backend).await;
    docket(
        &house,
        "cat",
        &[
            ("KEN", "fair_trial", "2025-02-01", 12),
            ("UGA", "fair_trial", "2025-02-01", 9),
        ],
    )
    .await;
    let (first, second) = (
        officer(&house, "cat.secretary").await,
        officer(&house, "cat.petitions").await,
    );
    let input = json!({ "dimensions": ["COUNTRY"], "from": "2025-Q1", "to": "2025-Q1" });
    let made = propose(&house, &first, &input).await;
    let id = made["statisticRelease"]["id"].clone();
    answer(&house, &second, "approveStatistics", &id).await;
    let query = "{ statisticReleases(first: 5) { totalCount edges { node { csv firstQuarter \
         lastQuarter dimensions algorithm threshold codeVersion releasedOn \
         mechanisms { code } } } } }";
    let before = house.ask(None, query).await.json();
    let node = &before["data"]["statisticReleases"]["edges"][0]["node"];
    assert_eq!(
        node["csv"],
        "country,persons,suppressed\nALL,21,false\nKEN,12,false\nUGA,9,false\n"
    );
    assert_eq!(node["mechanisms"], json!([{ "code": "cat" }]));
    docket(
        &house,
        "cat",
        &[
            ("KEN", "fair_trial", "2025-02-02", 30),
            ("PER", "fair_trial", "2025-03-02", 7),
        ],
    )
    .await;
    assert_eq!(house.ask(None, query).await.json(), before);
    let made = propose(&house, &first, &input).await;
    let again = cells(&house, Some(&first), &made["statisticRelease"]["id"]).await;
    assert_eq!(
        again[&vec!["KEN".to_owned()]],
        Some(12),
        "the quarter was counted once"
    );
    // No other way leads to it: neither the label, nor an approval for another level.
    let act = ("lowerLevel", "LowerLevelInput");
    let lower =
        json!({ "id": made["statisticRelease"]["id"], "level": "PUBLIC", "reason": "A reason" });
    let lowered = house
        .act(Some(&first), act, &lower, "lowerings { id }")
        .await;
    assert_eq!(code(&lowered), "CONFLICT", "{lowered}");
}

async fn structural_zeros(backend: Backend) {
    let house = House::open(backend).await;
    docket(
        &house,
        "cat",
        &[
            ("KEN", "fair_trial", "2025-02-01", 12),
            ("UGA", "fair_trial", "2025-02-01", 9),
        ],
    )
    .await;
    let folder = tempfile::tempdir().unwrap();
    let liaison = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
        command
            .current_dir(folder.path())
            .env_clear()
            .args(arguments);
        command.env("LIAISON_DATABASE_URL", &house.url);
        command.env("LIAISON_KEY_STORE", &house.key_url);
        command.env("LIAISON_KEYS", &house.key_file);
        command.env("LIAISON_LOG", "error");
        let output = command.output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.success(), said)
    };
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    };
    for (name, scope) in [
        ("good", "read:mechanism@PUBLIC stats:release"),
        ("bad", "read:mechanism@PUBLIC"),
    ] {
        let (good, token) = liaison(&[
            "token",
            "issue",
            "--holder",
            "cat.secretary",
            "--scope",
            scope,
        ]);
        assert!(good, "{token}");
        write(name, &token);
    }
    let load = |token: &str, list: &str| {
        write(
            "zeros.csv",
            &format!("country,rights,outcome,from,to\n{list}"),
        );
        liaison(&["statistics", "zeros", "zeros.csv", "--token-file", token])
    };
    assert!(!load("bad", "PER,,,,\n").0);
    let (good, said) = load("good", "Peru,,,,\n");
    assert!(!good && said.contains("line 2"), "{said}");
    let (good, said) = load("good", "PER,,,,\n,,INADMISSIBLE_NONE,,\n");
    assert!(!good && said.contains("line 3"), "{said}");
    let (good, said) = load("good", "PER,,,,\nTZA,,,2020-Q1,2026-Q1\n");
    assert!(good && said.starts_with("2 structural zeros"), "{said}");
    let version = said.trim().rsplit(' ').next().unwrap().to_owned();
    let (first, second) = (
        officer(&house, "cat.secretary").await,
        officer(&house, "cat.petitions").await,
    );
    let input = json!({ "dimensions": ["COUNTRY"], "from": "2025-Q1", "to": "2025-Q1" });
    let made = propose(&house, &first, &input).await;
    let id = made["statisticRelease"]["id"].clone();
    answer(&house, &second, "approveStatistics", &id).await;
    let query = "{ statisticReleases(first: 5) { edges { node { algorithm } } } }";
    let told = house.ask(None, query).await.json();
    let told = told["data"]["statisticReleases"]["edges"][0]["node"]["algorithm"]
        .as_str()
        .unwrap();
    assert!(
        told.ends_with(&format!("structural zeros of cat: {version}")),
        "{told}"
    );
    // A list against which the docket speaks releases nothing, and says why to its officer.
    assert!(load("good", "UGA,,,,\n").0);
    let input = json!({ "dimensions": ["RIGHTS"], "from": "2025-Q1", "to": "2025-Q1" });
    let made = propose(&house, &first, &input).await;
    assert_eq!(code(&made), "CONFLICT", "{made}");
    assert!(made.to_string().contains("structural zeros"), "{made}");
    let kinds = "SELECT kind FROM audit_leaf WHERE kind = 'STATS_ZEROS'";
    assert_eq!(house.texts(kinds).await.len(), 2);
}

/// D3.
async fn two_officers(backend: Backend) {
    let house = House::open(backend).await;
    docket(&house, "cat", &[("KEN", "fair_trial", "2025-02-01", 12)]).await;
    let (first, second) = (
        officer(&house, "cat.secretary").await,
        officer(&house, "cat.petitions").await,
    );
    let input = json!({ "dimensions": ["COUNTRY"], "from": "2025-Q1", "to": "2025-Q1" });
    let base = "write:statistic_release@SECRETARIAT stats:release";
    let all = reads(Level::Secretariat);
    for scope in [
        format!("{all} {base} st:KEN"),
        format!("{all} {base} tp:fair_trial"),
        format!(
            "{} {base}",
            all.replace("read:person@SECRETARIAT", "read:person@CHANNEL")
        ),
        format!(
            "{} {base}",
            all.replace(
                "read:communication@SECRETARIAT",
                "read:communication@PUBLIC"
            )
        ),
        format!("{all} write:statistic_release@SECRETARIAT"),
    ] {
        let narrow = house.token("cat.secretary", &scope).await;
        let made = propose(&house, &narrow, &input).await;
        assert_eq!(code(&made), "FORBIDDEN", "{scope}: {made}");
    }
    for (wrong, field) in [
        (
            json!({ "dimensions": ["COUNTRY"], "from": "2026-Q1", "to": "2026-Q2" }),
            "to",
        ),
        (
            json!({ "dimensions": [], "from": "2025-Q1", "to": "2025-Q1" }),
            "dimensions",
        ),
        (
            json!({ "dimensions": ["COUNTRY", "RIGHTS", "OUTCOME"], "from": "2025-Q1", "to": "2025-Q1" }),
            "dimensions",
        ),
        (
            json!({ "dimensions": ["COUNTRY"], "from": "2025-Q1", "to": "2025-Q1", "threshold": 4 }),
            "threshold",
        ),
    ] {
        let made = propose(&house, &first, &wrong).await;
        assert_eq!(code(&made), "INVALID", "{made}");
        assert_eq!(made["userErrors"][0]["field"], field);
    }
    let made = propose(&house, &first, &input).await;
    let id = made["statisticRelease"]["id"].clone();
    assert_eq!(made["statisticRelease"]["status"], "PROPOSED", "{made}");
    assert_eq!(
        cells(&house, Some(&second), &id).await.len(),
        2,
        "its officer reads it"
    );
    assert!(
        cells(&house, None, &id).await.is_empty(),
        "nobody else does"
    );
    let own = answer(&house, &first, "approveStatistics", &id).await;
    assert_eq!(code(&own), "FORBIDDEN", "{own}");
    let stranger = officer(&house, "achpr.protection").await;
    for name in ["approveStatistics", "refuseStatistics"] {
        let other = answer(&house, &stranger, name, &id).await;
        assert_eq!(code(&other), "NOT_FOUND", "{other}");
    }
    let narrow = house
        .token("cat.petitions", &format!("{all} {base} st:KEN"))
        .await;
    let narrow = answer(&house, &narrow, "approveStatistics", &id).await;
    assert_ne!(code(&narrow), "done", "{narrow}");
    let refused = answer(&house, &second, "refuseStatistics", &id).await;
    assert_eq!(
        refused["statisticRelease"]["status"], "REFUSED",
        "{refused}"
    );
    assert!(
        cells(&house, Some(&first), &id).await.is_empty(),
        "its figures are forgotten"
    );
    let late = answer(&house, &second, "approveStatistics", &id).await;
    assert_eq!(code(&late), "CONFLICT", "{late}");
}

/// D4.
async fn suppressed(backend: Backend) {
    let house = House::open(backend).await;
    docket(
        &house,
        "cat",
        &[
            ("KEN", "fair_trial", "2025-02-01", 3),
            ("KEN", "womens_rights", "2025-02-01", 14),
            ("UGA", "fair_trial", "2025-02-01", 22),
            ("UGA", "womens_rights", "2025-02-01", 8),
        ],
    )
    .await;
    let (first, second) = (
        officer(&house, "cat.secretary").await,
        officer(&house, "cat.petitions").await,
    );
    let input = json!({ "dimensions": ["COUNTRY", "RIGHTS"], "from": "2025-Q1", "to": "2025-Q1" });
    let made = propose(&house, &first, &input).await;
    let id = made["statisticRelease"]["id"].clone();
    answer(&house, &second, "approveStatistics", &id).await;
    let told = cells(&house, None, &id).await;
    let at = |state: &str, rights: &str| told[&vec![state.to_owned(), rights.to_owned()]];
    assert_eq!(at("KEN", "JUSTICE"), None);
    assert_eq!(at("KEN", "SLAVERY"), Some(0));
    assert_eq!(at("ALL", "ALL"), Some(47));
    assert_eq!(told.values().filter(|value| value.is_none()).count(), 4);
    let counts = "{ ownCounts(dimensions: [COUNTRY, RIGHTS], from: \"2025-Q1\", to: \"2025-Q1\") { \
         value categories { category } } }";
    let own = house.ask(Some(&first), counts).await.data();
    let exact =
        json!({ "value": 3, "categories": [{ "category": "KEN" }, { "category": "JUSTICE" }] });
    assert!(
        own["ownCounts"].as_array().unwrap().contains(&exact),
        "{own}"
    );
    let stranger = officer(&house, "achpr.protection").await;
    let told = house.ask(None, counts).await.data();
    assert_eq!(told["ownCounts"], json!([]));
    let told = house.ask(Some(&stranger), counts).await.data();
    assert!(!told.to_string().contains("KEN"), "{told}");
    let leaf = house
        .number("SELECT COUNT(*) FROM audit_leaf WHERE body LIKE '%RELEASE_STATS%'")
        .await;
    assert_eq!(leaf, 1);
}

async fn together(backend: Backend) {
    let house = House::open(backend).await;
    docket(&house, "cat", &[("KEN", "fair_trial", "2019-02-01", 12)]).await;
    docket(
        &house,
        "achpr",
        &[
            ("KEN", "fair_trial", "2019-02-01", 7),
            ("UGA", "fair_trial", "2019-02-01", 9),
        ],
    )
    .await;
    let (first, second) = (
        officer(&house, "cat.secretary").await,
        officer(&house, "cat.petitions").await,
    );
    let other = officer(&house, "achpr.protection").await;
    let input = json!({
        "dimensions": ["MECHANISM", "COUNTRY"], "from": "2019-Q1", "to": "2019-Q1",
        "mechanisms": ["achpr"],
    });
    let made = propose(&house, &first, &input).await;
    let id = made["statisticRelease"]["id"].clone();
    let approved = answer(&house, &second, "approveStatistics", &id).await;
    assert_eq!(
        approved["statisticRelease"]["status"], "PROPOSED",
        "{approved}"
    );
    for token in [None, Some(first.as_str()), Some(other.as_str())] {
        assert!(
            cells(&house, token, &id).await.is_empty(),
            "no figure before"
        );
    }
    let approved = answer(&house, &other, "approveStatistics", &id).await;
    assert_eq!(
        approved["statisticRelease"]["status"], "RELEASED",
        "{approved}"
    );
    let told = cells(&house, None, &id).await;
    let at = |mechanism: &str, state: &str| told[&vec![mechanism.to_owned(), state.to_owned()]];
    assert_eq!(at("achpr", "KEN"), Some(7));
    assert_eq!(at("ALL", "ALL"), Some(28));
    assert_eq!(at("cat", "UGA"), Some(0));
}
