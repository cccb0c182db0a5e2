//! Exports of two hubs that differ in what the asker may not see: the same files, byte for
//! byte, with nothing in them that is hidden.

use axum::{
    body::Body,
    http::{Request, header},
};
use liaison::identity::kind::Kind;

use super::fuzz::{Arena, steady};
use crate::support::harness::{Backend, Suite};

/// Askers on each database.
const STAGES: usize = 24;
/// Files that each asks for.
const FILES: usize = 5;

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "exports_of_two_hubs_that_differ_in_what_is_hidden_are_alike",
        run,
    );
}

async fn run(backend: Backend) {
    let mut arena = Arena::open(backend, 11).await;
    let (mut files, mut bytes) = (0, 0);
    for _ in 0..STAGES {
        arena.stage().await;
        for _ in 0..FILES {
            let kind = *arena.dice.pick(&Kind::ALL);
            let form: &str = arena.dice.pick::<&str>(&["csv", "jsonl", "ics"]);
            let file = match &arena.token {
                // The calendar that anyone subscribes to.
                None if arena.dice.percent(30) => "/calendar.ics".to_owned(),
                _ => format!("/export/{kind}.{form}"),
            };
            let a = arena.a.send(request(&arena, &file)).await;
            let b = arena.b.send(request(&arena, &file)).await;
            let text = String::from_utf8(a.body.clone()).unwrap();
            let about = format!("{file} for {:?}", arena.asker);
            assert_eq!(a.status, b.status, "{about}");
            assert_eq!(steady(&a.headers), steady(&b.headers), "{about}");
            assert_eq!(text, String::from_utf8_lossy(&b.body), "{about}");
            files += usize::from(a.status.is_success());
            bytes += a.body.len();
            assert_eq!(arena.tells(text), None, "{about}");
        }
    }
    println!("{backend}: {files} files of {bytes} bytes alike");
    assert!(files * 2 > STAGES, "{files}");
}

fn request(arena: &Arena, file: &str) -> Request<Body> {
    let request = match &arena.token {
        Some(token) => Request::post(file).header(header::AUTHORIZATION, format!("Bearer {token}")),
        None => Request::get(file),
    };
    request.body(Body::empty()).unwrap()
}
