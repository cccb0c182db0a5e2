//! Each planted leak is found by the twins, and soon.

use std::time::Instant;

use liaison::planted::{Leak, choose};
use tokio::sync::Mutex;

use super::fuzz::Arena;
use crate::support::harness::Suite;

/// Cases within which a leak must be found.
const WITHIN: usize = 2_000;
/// Cases for one asker before the next has a turn.
const TURN: usize = 20;

/// A leak is open for the whole process, so that one database waits for the other.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

pub(crate) fn register(suite: &mut Suite) {
    suite.test("planted_leaks_are_found", |backend| async move {
        let _turn = ONE_AT_A_TIME.lock().await;
        let began = Instant::now();
        let mut arena = Arena::open(backend, 7).await;
        // All, where nothing else is asked for.
        let named = std::env::var("LIAISON_LEAKS").unwrap_or_default();
        let asked = |leak: &&Leak| named.is_empty() || named.contains(&format!("{leak:?}"));
        let open = Leak::ALL.iter().filter(asked);
        let mut open: Vec<(Leak, usize)> = open.map(|leak| (*leak, 0)).collect();
        let mut missed = Vec::new();
        while !open.is_empty() {
            arena.stage().await;
            for (leak, cases) in std::mem::take(&mut open) {
                choose(Some(leak));
                let found = search(&mut arena).await;
                choose(None);
                match found {
                    Ok((after, why)) => {
                        println!("{backend}: {leak:?} after {} cases: {why}", cases + after);
                    }
                    Err(()) if cases + TURN >= WITHIN => missed.push(leak),
                    Err(()) => open.push((leak, cases + TURN)),
                }
            }
        }
        println!("{backend}: {}", arena.figures(began.elapsed()));
        assert!(
            missed.is_empty(),
            "not found within {WITHIN} cases: {missed:?}"
        );
    });
}

/// Asks for one turn; after how many cases a difference was found, and which.
async fn search(arena: &mut Arena) -> Result<(usize, String), ()> {
    if let Some(why) = arena.pages().await {
        return Ok((1, why));
    }
    for case in 1..=TURN {
        if let Some(finding) = arena.case().await {
            return Ok((case, finding.why));
        }
    }
    Err(())
}
