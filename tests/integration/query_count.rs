//! What a question costs: statements by size of page, in a golden file.
//!
//! A page of a hundred costs as many statements as a page of one. The figures stand in
//! `tests/golden/query-count.txt`: a line that grows is a change to be looked at.

use liaison::identity::kind::Kind;

use crate::support::{
    cast::{Cast, Stage},
    golden,
    harness::{Backend, Suite},
    house::House,
    specimens::{collected, specimen},
};

const GOLDEN: &str = "tests/golden/query-count.txt";

/// Sizes of a page.
const SIZES: [u32; 3] = [1, 10, 100];

/// What it costs, once a request, to look up whom to ask about what is withheld.
const CONTACTS: u64 = 3;

/// Questions, with `N` in the place of the size of the page; the inner lists are short,
/// so that the largest page is within the limits of an answer.
const QUESTIONS: [(&str, &str); 14] = [
    ("a list", "{ communications(first: N) { edges { cursor node { reference title status } } } }"),
    ("a list, counted", "{ communications(first: N) { totalCount edges { node { reference } } } }"),
    (
        "a list, filtered and ordered",
        "{ communications(first: N, filter: { mechanism: { eq: \"cat\" }, countries: { in: [\"SEN\", \"KEN\"] }, docketNote: { contains: \"a\" } },
            orderBy: [{ field: TITLE, direction: DESC }]) { edges { node { reference } } } }",
    ),
    ("to one", "{ communications(first: N) { edges { node { mechanism { code organisation { code } } } } } }"),
    ("to many", "{ communications(first: N) { edges { node { countries { code } mandates { code } issues } } } }"),
    ("a label from another record", "{ communications(first: N) { edges { node { statusLabel } } } }"),
    (
        "persons, withheld",
        "{ communications(first: N) { edges { node { docketNote persons(first: 2) { totalCount edges { role node { id } } } } } } }",
    ),
    (
        "a connection in a list",
        "{ mechanisms(first: N) { edges { node { communications(first: 3) { totalCount edges { cursor node { title } } } } } } }",
    ),
    (
        "several connections in a list",
        "{ mechanisms(first: N) { edges { node { mandates(first: 2) { edges { node { code } } } focalPoints(first: 2) { edges { node { mailbox phone } } } documents(first: 2) { totalCount } } } } }",
    ),
    (
        "three lists deep",
        "{ workPlans(first: N) { edges { node { objectives(first: 3) { edges { node { items(first: 3) { edges { node { activity placesToVisit responsible { code } } } } } } } } } } }",
    ),
    (
        "agreements, their parties and clauses",
        "{ agreements(first: N) { edges { node { title parties { code } clauses(first: 5) { edges { node { cap toMechanism { code } } } } } } } }",
    ),
    ("texts in a language", "{ communications(first: N) { edges { node { texts(language: FR) { text } translations { text } } } } }"),
    (
        "events, and who is invited",
        "{ calendarEvents(first: N) { edges { node { title mechanism { code } heldIn { code } countries { code } organisers { code } participants { code } invitations(first: 2) { edges { node { subject } } } themes } } } }",
    ),
    ("countries, their organisations", "{ countries(first: N) { edges { node { code name { text } memberOf { code } } } } }"),
];

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "a_page_of_a_hundred_costs_no_more_statements_than_a_page_of_one",
        by_page,
    );
    suite.test(
        "a_docket_is_read_once_however_often_it_is_counted",
        by_alias,
    );
    suite.test("an_opening_costs_the_same_for_each_file", by_file);
}

/// Statements that a question costs one of the cast.
async fn cost(stage: &Stage, cast: Cast, question: &str) -> u64 {
    let before = stage.house.store.statements();
    let answer = stage.ask(cast, question).await;
    assert!(answer.json().get("errors").is_none(), "{}", answer.json());
    stage.house.store.statements() - before
}

async fn by_page(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    let viewers = [Cast::Anyone, Cast::Partner, Cast::Channel, Cast::Owner];
    let mut table =
        "Statements that a question costs, with pages of 1, 10 and 100 records\n\n".to_owned();
    table.push_str(&format!("{:40}", ""));
    for cast in viewers {
        table.push_str(&format!("{:>14}", cast.name()));
    }
    table.push('\n');
    for (name, question) in QUESTIONS {
        table.push_str(&format!("{name:40}"));
        for cast in viewers {
            let mut costs = Vec::new();
            for size in SIZES {
                let question = question.replacen("first: N", &format!("first: {size}"), 1);
                costs.push(cost(&stage, cast, &question).await);
            }
            let costs: Vec<String> = costs.iter().map(u64::to_string).collect();
            table.push_str(&format!("{:>14}", costs.join(" ")));
        }
        table.push('\n');
    }
    golden::compare(GOLDEN, &table);
    // The figures are reviewed; that they do not grow with the page is asserted.
    for line in table.lines().skip(3) {
        let figures: Vec<u64> = line[40..]
            .split_whitespace()
            .map(|figure| figure.parse().unwrap())
            .collect();
        for (cast, costs) in viewers.iter().zip(figures.chunks(SIZES.len())) {
            assert!(
                costs[2] <= costs[1] + CONTACTS,
                "{} for {}: {costs:?}",
                &line[..40],
                cast.name()
            );
        }
    }
}

async fn by_alias(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    let one = |name: &str, by: &str| {
        format!(
            "{name}: ownCounts(dimensions: [{by}], from: \"2020-Q1\", to: \"2026-Q1\") {{ value }} "
        )
    };
    let once = cost(
        &stage,
        Cast::Owner,
        &format!("{{ {} }}", one("a", "COUNTRY")),
    )
    .await;
    let ways = ["COUNTRY", "RIGHTS", "YEAR", "COUNTRY, RIGHTS", "OUTCOME"];
    let all = (0..).zip(ways).map(|(n, by)| one(&format!("a{n}"), by));
    let often = format!("{{ {} }}", all.collect::<String>());
    assert_eq!(cost(&stage, Cast::Owner, &often).await, once);
    // The cells of several releases are one statement, too.
    let releases = |aliases: &str| {
        format!("{{ statisticReleases(first: 10) {{ edges {{ node {{ {aliases} }} }} }} }}")
    };
    let cells = "cells(first: 5) { edges { cursor } }";
    let once = cost(&stage, Cast::Owner, &releases(cells)).await;
    let twice = format!("one: {cells} two: {cells}");
    assert_eq!(cost(&stage, Cast::Owner, &releases(&twice)).await, once);
}

async fn by_file(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    let persons = ["given", "withdrawn", "refused", "not-asked"];
    let mut costs = Vec::new();
    for many in 1..=persons.len() {
        let ids = persons.iter().take(many);
        let ids = ids.map(|person| format!("\"{}\"", specimen(Kind::Person, person)));
        let question = format!(
            "{{ nodes(ids: [{}]) {{ ... on Person {{ names {{ text }} birthDate contact }} }} }}",
            ids.collect::<Vec<_>>().join(", ")
        );
        costs.push(cost(&stage, Cast::Officer, &question).await);
    }
    let each: Vec<u64> = costs.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(each.iter().all(|cost| *cost == each[0]), "{costs:?}");
}
