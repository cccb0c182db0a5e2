//! The same over HTTP, by the command that an institution runs: `liaison selftest --twin`.

use super::fuzz::Arena;
use crate::{
    selftest::{printed, selftest, token_file},
    support::harness::Suite,
};

/// Askers as whom the command asks.
const ASKERS: usize = 3;

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "the_command_finds_two_hubs_alike_that_differ_in_what_is_hidden",
        |backend| async move {
            let mut arena = Arena::open(backend, 23).await;
            let folder = tempfile::tempdir().unwrap();
            let [hub, twin] = arena.houses();
            let urls = [hub.address().await, twin.address().await];
            let ask = |cases: &str, token: Option<String>| {
                let [hub, twin] = urls.clone();
                let mut all: Vec<String> = ["--url", &hub, "--twin", &twin]
                    .iter()
                    .chain(&["--cases", cases, "--records", "10"])
                    .map(|word| (*word).to_owned())
                    .collect();
                if let Some(token) = token {
                    all.push("--token-file".to_owned());
                    all.push(token_file(folder.path(), "token", &token));
                }
                selftest(folder.path(), all)
            };
            for _ in 0..ASKERS {
                arena.stage().await;
                let output = ask("30", arena.token.clone()).await;
                let text = printed(&output);
                assert!(output.status.success(), "{:?}\n{text}", arena.asker);
            }
            // Other words in what anyone is told, and they are no twins.
            let [_, twin] = arena.houses();
            for (table, name) in [
                ("country", "name_en"),
                ("mechanism", "name"),
                ("organisation", "name"),
                ("document", "title"),
                ("recommendation", "text"),
            ] {
                let changed = format!("UPDATE {table} SET {name} = 'Elsewhere (invented)'");
                assert!(twin.meddle(&changed).await > 10, "{table}");
            }
            let output = ask("400", None).await;
            let text = printed(&output);
            assert!(text.contains("the hub and its twin differ"), "{text}");
            assert!(!output.status.success());
        },
    );
}
