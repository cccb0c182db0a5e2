//! Canaries: what is confidential is in no log and no meter, and what is sealed is not in
//! the bytes of the database.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, OnceLock},
};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use liaison::{confidentiality::Level, demo::facts::world as demo, identity::kind::Kind};
use serde_json::Value;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use super::{fuzz::Arena, worlds::marks_in};
use crate::support::{
    harness::Suite,
    house::{House, global, lies_in},
};

/// Askers whose requests are watched.
const ASKERS: usize = 17;
/// Requests of each.
const REQUESTS: usize = 5;

/// A text that is public, and so has to be found: the search itself works.
const PUBLIC: &str = "Planned removal after a refused claim (invented)";

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "no_log_and_no_meter_says_what_was_asked_of_a_record",
        |backend| async move {
            let log = log();
            let mut arena = Arena::open(backend, 11).await;
            for _ in 0..ASKERS {
                arena.stage().await;
                for _ in 0..REQUESTS {
                    if let Some(finding) = arena.case().await {
                        panic!("{}", arena.told(&finding));
                    }
                }
            }
            for house in arena.houses() {
                let here = ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000)));
                let request = Request::get("/metrics").extension(here);
                let request = request.body(Body::empty()).unwrap();
                let meters = String::from_utf8(house.send(request).await.body).unwrap();
                assert!(meters.contains("requests_total{class=\"2xx\"}"), "{meters}");
                search("the meters", &meters);
            }
            let lines = String::from_utf8(log.lock().unwrap().clone()).unwrap();
            assert!(lines.contains("http.path=\"/graphql\""), "{lines}");
            search("the log", &lines);
        },
    );
    suite.test(
        "nothing_sealed_is_in_the_bytes_of_the_database",
        |backend| async move {
            let house = House::open(backend).await;
            let token = house.token_up_to("cat.petitions", Level::Victim).await;
            // A file is opened, so that what opening leaves behind is searched, too.
            let id = global(Kind::Person, "person-01");
            let query = format!(
                "{{ node(id: \"{id}\") {{ ... on Person {{ names {{ text }} contact }} }} }}"
            );
            let opened = house.ask_for(&token, "EXAMINATION", &query).await;
            let text = opened.data().to_string();
            let sealed = sealed();
            assert!(sealed.iter().any(|word| text.contains(word)), "{text}");
            let bytes = house.all_bytes().await;
            let holds = |word: &str| lies_in(&bytes, word);
            assert!(holds(PUBLIC), "the search finds nothing at all");
            for word in sealed {
                assert!(!holds(&word), "{word} lies open in the database");
            }
        },
    );
}

/// Names and contacts of the demo's persons.
pub(crate) fn sealed() -> Vec<String> {
    let mut words = Vec::new();
    for draft in demo().unwrap().drafts {
        for (field, text) in &draft.sealed {
            let value: Value = serde_json::from_str(text).unwrap();
            match (*field, &value) {
                ("contact", Value::String(contact)) => words.push(contact.clone()),
                ("names", Value::Array(names)) => {
                    let names = names.iter().filter_map(|name| name["text"].as_str());
                    words.extend(names.map(str::to_owned));
                }
                _ => {}
            }
        }
    }
    assert!(words.len() > 50, "{words:?}");
    words
}

/// Looks for any mark and for anything sealed.
fn search(place: &str, text: &str) {
    if let Some(mark) = marks_in(text).next() {
        panic!("{place} holds mark {mark}");
    }
    for word in sealed() {
        assert!(!text.contains(&word), "{place} holds {word}");
    }
}

type Lines = Arc<Mutex<Vec<u8>>>;

/// What the hub logs in this process, from the first call on.
fn log() -> Lines {
    static LINES: OnceLock<Lines> = OnceLock::new();
    let lines = LINES.get_or_init(|| {
        let lines = Lines::default();
        // The driver is left out: it logs the statements by which the tests meddle.
        tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(
                "info,liaison=trace,sqlx=off,sea_orm=off,sea_orm_migration=off",
            ))
            .with_writer(Log(Arc::clone(&lines)))
            .with_ansi(false)
            .try_init()
            .unwrap();
        lines
    });
    Arc::clone(lines)
}

struct Log(Lines);

impl<'a> MakeWriter<'a> for Log {
    type Writer = Written;

    fn make_writer(&'a self) -> Written {
        Written(Arc::clone(&self.0))
    }
}

struct Written(Lines);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
