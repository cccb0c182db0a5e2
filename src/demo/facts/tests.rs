//! What the demo's data keeps: counts, references, levels, dates, invention.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::demo::{draft::Value, rows::Row};

const LEVELS: [&str; 5] = ["PUBLIC", "PARTNER", "CHANNEL", "SECRETARIAT", "VICTIM"];
const THEMES: [&str; 16] = [
    "torture_prevention",
    "womens_rights",
    "human_rights_defenders",
    "reprisals",
    "indigenous_peoples",
    "migration",
    "freedom_of_expression",
    "rights_of_the_child",
    "racial_discrimination",
    "disability",
    "enforced_disappearances",
    "arbitrary_detention",
    "fair_trial",
    "trafficking",
    "minorities",
    "general",
];
const STATUSES: [&str; 29] = [
    "RECEIVED",
    "INFORMATION_REQUESTED",
    "NOT_REGISTERED",
    "REGISTERED",
    "TRANSMITTED_TO_STATE",
    "ADMISSIBILITY_PENDING",
    "ADMISSIBILITY_SPLIT",
    "ADMISSIBLE",
    "INADMISSIBLE",
    "PARTLY_ADMISSIBLE",
    "MERITS_PENDING",
    "HEARING",
    "DECIDED_VIOLATION",
    "DECIDED_NO_VIOLATION",
    "DECIDED_PARTLY",
    "DISCONTINUED",
    "WITHDRAWN",
    "STRUCK_OUT",
    "ARCHIVED",
    "FRIENDLY_SETTLEMENT",
    "UNILATERAL_DECLARATION",
    "REFERRED_TO_COURT",
    "JOINED",
    "SUSPENDED",
    "FOLLOW_UP_ONGOING",
    "FOLLOW_UP_CLOSED_SATISFACTORY",
    "FOLLOW_UP_CLOSED_PARTIAL",
    "FOLLOW_UP_CLOSED_NON_SATISFACTORY",
    "FOLLOW_UP_SUSPENDED",
];
/// A moment at which what is in force is in force, and what has ended has ended.
const NOW: i64 = 1_767_225_600;

fn of<'a>(world: &'a World, kind: &str) -> Vec<&'a Draft> {
    world
        .drafts
        .iter()
        .filter(|draft| draft.kind == kind)
        .collect()
}

fn text<'a>(draft: &'a Draft, column: &str) -> Option<&'a str> {
    draft.values.iter().find_map(|(name, value)| match value {
        Value::Text(text) if *name == column => Some(text.as_str()),
        _ => None,
    })
}

fn number(draft: &Draft, column: &str) -> Option<i64> {
    draft.values.iter().find_map(|(name, value)| match value {
        Value::Number(number) if *name == column => Some(*number),
        _ => None,
    })
}

fn list<'a>(draft: &'a Draft, column: &str) -> &'a [String] {
    let found = draft.values.iter().find_map(|(name, value)| match value {
        Value::List(list) if *name == column => Some(list.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn targets<'a>(draft: &'a Draft, link: &str) -> &'a [String] {
    let found = draft.links.iter().find(|(name, _, _)| *name == link);
    found.map_or(&[], |(_, _, keys)| keys.as_slice())
}

fn rank(level: &str) -> usize {
    LEVELS.iter().position(|known| *known == level).unwrap()
}

#[test]
fn every_row_of_the_note_is_loaded_or_waits_for_its_type() {
    let seed = Seed::open().unwrap();
    let real = drafts().unwrap();
    let mapping: serde_json::Value =
        serde_json::from_str(include_str!("../data/mapping.json")).unwrap();
    let count = |kind: &str| real.iter().filter(|draft| draft.kind == kind).count();
    let keys: BTreeSet<(&str, &str)> = real
        .iter()
        .map(|draft| (draft.kind, draft.key.as_str()))
        .collect();

    let (mut loaded, mut later) = (0, 0);
    for file in mapping
        .as_object()
        .unwrap()
        .keys()
        .filter(|file| file.starts_with("seed/"))
    {
        let rows = seed.sheet(file).unwrap().rows();
        match mapping[file]["rows"].as_str().unwrap() {
            "later" => later += rows.len(),
            "loaded" => {
                loaded += rows.len();
                let kinds: &[&str] = match file.as_str() {
                    "seed/mechanisms.json" => &["mechanism", "organisation"],
                    "seed/focal_points.json" => &["focal_point"],
                    "seed/work_plan.json" => &["work_plan_item"],
                    "seed/documents.json" => &["document"],
                    "seed/joint_activities.json" => &["joint_activity"],
                    "seed/recommendations.json" => &["recommendation"],
                    "seed/meetings.json" => &["calendar_event"],
                    _ => &["agreement"],
                };
                for row in rows {
                    let times = kinds
                        .iter()
                        .filter(|kind| keys.contains(&(**kind, row.id())))
                        .count();
                    assert_eq!(times, 1, "{file} {}", row.id());
                }
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!((loaded, later), (372, 115));
    assert_eq!((count("joint_activity"), count("recommendation")), (39, 99));
    assert_eq!(count("calendar_event"), 47);
    assert_eq!(count("country"), 249);
    assert_eq!(count("mechanism") + count("organisation"), 99 + 2);
    assert_eq!(
        (
            count("focal_point"),
            count("work_plan_item"),
            count("objective")
        ),
        (16, 18, 18)
    );
    assert_eq!((count("document"), count("agreement")), (40, 14));
}

#[test]
fn keys_are_unique_and_links_point_backwards() {
    let world = world().unwrap();
    let mechanisms: BTreeSet<&str> = of(&world, "mechanism")
        .iter()
        .map(|d| d.key.as_str())
        .collect();
    let countries: BTreeSet<&str> = of(&world, "country")
        .iter()
        .map(|d| d.key.as_str())
        .collect();
    let mut seen = BTreeSet::new();
    for draft in &world.drafts {
        for (name, kind, keys) in &draft.links {
            assert!(!keys.is_empty());
            for key in keys {
                assert!(
                    seen.contains(&(*kind, key.as_str())),
                    "{} {}: {name} {key}",
                    draft.kind,
                    draft.key
                );
            }
        }
        assert!(
            seen.insert((draft.kind, draft.key.as_str())),
            "{} {} is there twice",
            draft.kind,
            draft.key
        );
        assert!(!draft.owners.is_empty(), "{} {}", draft.kind, draft.key);
        let named = draft.named.iter().map(|(mechanism, _)| mechanism);
        for owner in draft.owners.iter().chain(named) {
            assert!(
                mechanisms.contains(owner.as_str()),
                "{} {}: {owner}",
                draft.kind,
                draft.key
            );
        }
        for country in draft
            .countries
            .iter()
            .chain(list(draft, "countries").iter())
        {
            assert!(
                countries.contains(country.as_str()) || country == "ALL",
                "{country}"
            );
        }
        for topic in draft.topics.iter().chain(list(draft, "topics").iter()) {
            assert!(
                THEMES.contains(&topic.as_str()) || topic == "ALL",
                "{topic}"
            );
        }
        assert!(text(draft, "source").is_some() && text(draft, "license").is_some());
        let columns: BTreeSet<&str> = draft.values.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            columns.len(),
            draft.values.len(),
            "{} {} sets a column twice",
            draft.kind,
            draft.key
        );
        if draft.kind == "mechanism" {
            assert_eq!(draft.owners, std::slice::from_ref(&draft.key));
        }
    }
}

#[test]
fn labels_keep_to_the_levels_of_their_kinds() {
    for draft in world().unwrap().drafts {
        let allowed: &[&str] = match draft.kind {
            "clause" => &["CHANNEL"],
            "person" | "communication_person" => &["SECRETARIAT"],
            "communication" | "interim_measure" | "recommendation" => {
                &["PUBLIC", "CHANNEL", "SECRETARIAT"]
            }
            "agreement" | "assessment" | "evidence" | "recommendation_reference" => {
                &["PUBLIC", "SECRETARIAT"]
            }
            "event_invitation" => &["SECRETARIAT"],
            "document" | "calendar_event" => &["PUBLIC", "PARTNER", "CHANNEL", "SECRETARIAT"],
            "work_plan" | "objective" | "work_plan_item" => &["PUBLIC", "PARTNER"],
            _ => &["PUBLIC"],
        };
        assert!(
            allowed.contains(&draft.existence),
            "{} {}",
            draft.kind,
            draft.key
        );
        for (field, level) in &draft.overrides {
            let floor = match (draft.kind, *field) {
                (_, "person_name" | "phone") => "PARTNER",
                (_, "places_to_visit") => "CHANNEL",
                (_, "docket_note" | "source_kind" | "risk") => "SECRETARIAT",
                _ => "PUBLIC",
            };
            assert!(
                rank(level) >= rank(floor),
                "{} {}: {field}",
                draft.kind,
                draft.key
            );
            assert!(rank(level) < rank("VICTIM"));
        }
        let sealed: Vec<&str> = draft.sealed.iter().map(|(field, _)| *field).collect();
        match draft.kind {
            "person" => assert_eq!(sealed, ["names", "birth_date", "contact"]),
            _ => assert!(sealed.is_empty()),
        }
        if draft.kind == "work_plan" {
            let draft_plan = text(&draft, "status") == Some("DRAFT");
            assert_eq!(draft_plan, draft.existence == "PARTNER", "{}", draft.key);
        }
    }
}

#[test]
fn dates_keep_their_precision_and_their_order() {
    let world = world().unwrap();
    let dates = [
        "due",
        "since",
        "until",
        "signed_on",
        "date",
        "period",
        "starts_on",
        "ends_on",
        "as_of",
    ];
    let steps = [
        "received_on",
        "registered_on",
        "transmitted_on",
        "decided_on",
    ];
    for draft in &world.drafts {
        for column in dates.iter().chain(&steps) {
            let Some(date) = text(draft, column) else {
                continue;
            };
            for part in date.split('/') {
                let digits = part
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'-');
                assert!(
                    matches!(part.len(), 4 | 7 | 10) && digits,
                    "{} {date}",
                    draft.key
                );
            }
        }
        let path: Vec<&str> = steps.iter().filter_map(|step| text(draft, step)).collect();
        for pair in path.windows(2) {
            let shared = pair[0].len().min(pair[1].len());
            assert!(
                pair[0][..shared] <= pair[1][..shared],
                "{} {path:?}",
                draft.key
            );
        }
    }
    let roadmap = of(&world, "agreement")
        .into_iter()
        .find(|d| d.key == "agr-roadmap-2012");
    assert_eq!(
        roadmap.and_then(|draft| text(draft, "signed_on")),
        Some("2012-01")
    );
}

#[test]
fn the_docket_has_every_status_and_shows_only_what_is_decided() {
    let world = world().unwrap();
    let docket = of(&world, "communication");
    assert!(docket.len() >= 48);
    let mut mechanisms = BTreeSet::new();
    let mut statuses = BTreeSet::new();
    for draft in &docket {
        let status = text(draft, "status").unwrap();
        mechanisms.extend(&draft.owners);
        statuses.insert(status);
        let ended = text(draft, "decided_on").is_some();
        assert_eq!(ended, draft.existence == "PUBLIC", "{} {status}", draft.key);
        assert_eq!(
            status == "INADMISSIBLE",
            text(draft, "inadmissibility_ground").is_some()
        );
        assert!((1..=3).contains(&draft.countries.len()) && (1..=3).contains(&draft.topics.len()));
        for column in ["docket_note", "source_kind", "received_on", "title", "kind"] {
            assert!(text(draft, column).is_some(), "{} {column}", draft.key);
        }
        assert!(text(draft, "title").unwrap().ends_with("(invented)"));
    }
    assert!(mechanisms.len() >= 8);
    assert_eq!(statuses, STATUSES.into_iter().collect());
    let embargoes: Vec<i64> = docket
        .iter()
        .filter_map(|draft| draft.public_from)
        .collect();
    assert!(embargoes.iter().any(|from| *from > NOW) && embargoes.iter().any(|from| *from < NOW));
    assert!(docket.iter().any(|draft| draft.owners.len() == 2));
    assert!(docket.iter().any(|draft| !draft.overrides.is_empty()));
    assert!(docket.iter().any(|draft| draft.existence == "SECRETARIAT"));
    let named: Vec<_> = docket.iter().flat_map(|draft| &draft.named).collect();
    assert!(
        !named.is_empty()
            && named
                .iter()
                .all(|(who, until)| who == "achpr" && *until > NOW)
    );
}

#[test]
fn persons_are_invented_and_concern_one_or_two_communications_of_their_owners() {
    let world = world().unwrap();
    let docket: BTreeMap<&str, &Draft> = of(&world, "communication")
        .into_iter()
        .map(|draft| (draft.key.as_str(), draft))
        .collect();
    let persons = of(&world, "person");
    assert!(persons.len() >= 30);
    let mut scripts = BTreeSet::new();
    for person in persons {
        let sealed: BTreeMap<&str, serde_json::Value> = person
            .sealed
            .iter()
            .map(|(field, json)| (*field, serde_json::from_str(json).unwrap()))
            .collect();
        let names = sealed["names"].as_array().unwrap();
        assert!(names.len() >= 2);
        assert!(names.iter().any(|name| {
            name["text"]
                .as_str()
                .unwrap()
                .starts_with("Invented Person ")
        }));
        for name in names {
            let name: Row = Row(name.as_object().unwrap().clone());
            assert!(name.texts("language").count() == 1);
            scripts.extend(name.texts("script").map(str::to_owned));
        }
        assert!(sealed["birth_date"].is_string());
        assert!(
            sealed["contact"]
                .as_str()
                .unwrap()
                .ends_with("@contact.example")
        );

        let edges: Vec<&Draft> = of(&world, "communication_person")
            .into_iter()
            .filter(|edge| targets(edge, "person")[0] == person.key)
            .collect();
        assert!((1..=2).contains(&edges.len()), "{}", person.key);
        for edge in edges {
            let of = docket[targets(edge, "communication")[0].as_str()];
            assert_eq!(
                (&of.owners, &edge.owners),
                (&person.owners, &person.owners),
                "{}",
                person.key
            );
            assert!(
                of.countries
                    .iter()
                    .all(|country| person.countries.contains(country))
            );
            assert!(text(edge, "role").is_some());
        }
    }
    for script in ["Arab", "Cyrl", "Hans", "Ethi", "Latn"] {
        assert!(scripts.contains(script), "{script}");
    }
}

#[test]
fn channels_are_in_force_expired_suspended_and_drafted() {
    let world = world().unwrap();
    let with_clauses: BTreeSet<&String> = of(&world, "clause")
        .iter()
        .flat_map(|clause| targets(clause, "agreement"))
        .collect();
    let mut by_status: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
    for draft in of(&world, "agreement") {
        let parties: BTreeSet<&String> = targets(draft, "parties").iter().collect();
        assert_eq!(parties, draft.owners.iter().collect(), "{}", draft.key);
        let invented = draft.key.starts_with("channel-");
        assert_eq!(
            invented,
            text(draft, "title").unwrap().ends_with("(invented)")
        );
        assert!(invented || !with_clauses.contains(&draft.key));
        if invented {
            by_status
                .entry(text(draft, "status").unwrap())
                .or_default()
                .push(draft);
        }
    }
    assert_eq!(by_status["IN_FORCE"].len(), 2);
    assert!(
        by_status["IN_FORCE"]
            .iter()
            .all(|draft| number(draft, "valid_until").unwrap() > NOW)
    );
    assert!(
        by_status["EXPIRED"]
            .iter()
            .all(|draft| number(draft, "valid_until").unwrap() < NOW)
    );
    assert!(by_status.contains_key("SUSPENDED") && by_status.contains_key("DRAFT"));
    for clause in of(&world, "clause") {
        let (from, to) = (
            &targets(clause, "from_mechanism")[0],
            &targets(clause, "to_mechanism")[0],
        );
        assert_eq!(clause.owners, [from.clone(), to.clone()]);
        for column in ["kinds", "countries", "topics", "purposes"] {
            assert!(!list(clause, column).is_empty(), "{} {column}", clause.key);
        }
        assert!(LEVELS.contains(&text(clause, "cap").unwrap()));
        let agreement = &targets(clause, "agreement")[0];
        let agreement = of(&world, "agreement")
            .into_iter()
            .find(|draft| draft.key == *agreement);
        assert!(agreement.unwrap().owners.contains(from) && agreement.unwrap().owners.contains(to));
    }
}

#[test]
fn who_is_named_on_a_communication_has_a_channel_that_backs_it() {
    let world = world().unwrap();
    let clauses = of(&world, "clause");
    for draft in of(&world, "communication") {
        for (named, _) in &draft.named {
            let backed = clauses.iter().any(|clause| {
                draft.owners.contains(&targets(clause, "from_mechanism")[0])
                    && named == &targets(clause, "to_mechanism")[0]
                    && list(clause, "kinds")
                        .iter()
                        .any(|kind| kind == "PENDING_LIST")
                    && rank(text(clause, "cap").unwrap()) >= rank("SECRETARIAT")
                    && draft
                        .countries
                        .iter()
                        .all(|country| list(clause, "countries").contains(country))
            });
            assert!(backed, "{} names {named}", draft.key);
        }
    }
}

#[test]
fn consents_and_grants_name_who_and_what_is_there() {
    let world = world().unwrap();
    let persons: BTreeSet<&String> = of(&world, "person")
        .iter()
        .map(|draft| &draft.key)
        .collect();
    let fields = ["names", "birth_date", "contact"];
    let bases: BTreeSet<&str> = world
        .consents
        .iter()
        .map(|consent| consent.basis.as_str())
        .collect();
    assert_eq!(bases.len(), 6);
    for consent in &world.consents {
        assert!(persons.contains(&consent.person) && consent.given_at < consent.valid_until);
        assert!(
            consent
                .fields
                .iter()
                .all(|field| fields.contains(&field.as_str()))
        );
    }
    for grant in &world.grants {
        assert!(persons.contains(&grant.person) && grant.valid_from < grant.valid_until);
        assert!(
            world
                .holders
                .iter()
                .any(|h| h.subject == grant.holder && h.clearance == "VICTIM")
        );
        assert!(
            grant
                .fields
                .iter()
                .all(|field| fields.contains(&field.as_str()))
        );
    }
    let live = |grant: &&Grant| grant.ended_at.is_none() && grant.valid_until > NOW;
    for holder in ["cat.petitions", "achpr.protection"] {
        let of = |grant: &&Grant| grant.holder == holder;
        assert!(
            world.grants.iter().filter(of).any(|grant| live(&grant)),
            "{holder}"
        );
        assert!(
            world
                .grants
                .iter()
                .filter(of)
                .any(|grant| grant.ended_at.is_some()),
            "{holder}"
        );
        assert!(
            world
                .grants
                .iter()
                .filter(of)
                .any(|grant| grant.valid_until < NOW),
            "{holder}"
        );
    }
    // Where consent was withdrawn, no grant that rests on it is live.
    for consent in world
        .consents
        .iter()
        .filter(|consent| consent.basis == "WITHDRAWN")
    {
        let resting = world.grants.iter().filter(|grant| {
            grant.person == consent.person
                && grant.holder.starts_with(&format!("{}.", consent.recipient))
        });
        assert!(
            resting.clone().count() > 0 && resting.clone().all(|grant| grant.ended_at.is_some())
        );
    }
}

#[test]
fn every_owner_has_a_registry_and_subjects_are_unique() {
    let world = world().unwrap();
    let subjects: BTreeSet<&String> = world.holders.iter().map(|holder| &holder.subject).collect();
    assert_eq!(subjects.len(), world.holders.len());
    for owner in world.drafts.iter().flat_map(|draft| &draft.owners) {
        assert!(subjects.contains(&format!("{owner}.registry")));
    }
    for subject in [
        "cat.secretary",
        "cat.petitions",
        "cat.grants",
        "achpr.liaison",
        "achpr.protection",
        "iachr.sync",
    ] {
        assert!(subjects.contains(&subject.to_owned()));
    }
}

#[test]
fn contacts_are_under_the_reserved_domain_and_people_plainly_invented() {
    for draft in of(&world().unwrap(), "focal_point") {
        assert!(
            text(draft, "mailbox").unwrap().ends_with(".example"),
            "{}",
            draft.key
        );
        assert!(
            text(draft, "person_name").unwrap().ends_with("(invented)"),
            "{}",
            draft.key
        );
        assert!(
            text(draft, "phone").unwrap().starts_with("+000 "),
            "{}",
            draft.key
        );
    }
}

#[test]
fn measures_stand_at_every_status_before_several_mechanisms() {
    let world = world().unwrap();
    let measures = of(&world, "interim_measure");
    let statuses: BTreeSet<&str> = measures
        .iter()
        .filter_map(|draft| text(draft, "status"))
        .collect();
    // The tenth, `EXPIRED`, is what one whose last day has passed reads as.
    assert_eq!(statuses.len(), 9);
    assert!(measures.iter().any(|draft| {
        text(draft, "status") == Some("GRANTED")
            && text(draft, "in_force_until").is_some_and(|until| until < "2025")
    }));
    let mechanisms: BTreeSet<&String> = measures
        .iter()
        .flat_map(|draft| targets(draft, "mechanism"))
        .collect();
    assert!(mechanisms.len() >= 4);
    assert!(
        measures
            .iter()
            .any(|draft| targets(draft, "communication").is_empty())
    );
}
