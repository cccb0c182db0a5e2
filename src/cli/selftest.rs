//! `liaison selftest`: whether a hub keeps its promise, asked from outside.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Deserialize;

use super::settings::{Fault, token_in};
use crate::selftest::{
    Door, Outcome, Plan, Viewer, run,
    time::{LIMIT, Pair, SHARES, compare},
};

/// Ask a running hub whether it tells anybody what they may not see.
///
/// It asks as anyone, and with each token that you give, and holds against each other what it
/// is told: a hidden record's id must be answered as an unknown one, a filter must not test
/// what is withheld, totals and pages must be those of what is told, and no answer may have a
/// text that only others are told. It reads only, and opens no sealed file; it knows no more
/// than its tokens do, so give it one that sees much.
///
/// With a twin, a hub whose database differs only in what the last viewer may not see, both
/// have to answer that viewer alike, byte for byte.
///
/// Where a promise is not kept, it says by which request, and fails.
#[derive(Debug, Args)]
pub(super) struct Selftest {
    /// The hub, as in `https://hub.example`.
    #[arg(long)]
    url: String,
    /// A hub that differs from it only in what the last viewer may not see.
    #[arg(long)]
    twin: Option<String>,
    /// A file with a token, which nobody else may be able to read; several, from who sees
    /// least to who sees most. Anyone, without a token, is always the first.
    #[arg(long = "token-file")]
    token_files: Vec<PathBuf>,
    /// Requests by chance, for each viewer.
    #[arg(long, default_value_t = 200)]
    cases: usize,
    /// Records of each kind that are read first.
    #[arg(long, default_value_t = 100)]
    records: usize,
    /// Of chance: the same number, the same requests.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Compare the times of answers, so many to each of two requests, and nothing else: give
    /// it a hub that nobody else uses, and a high quota.
    #[arg(long, requires = "pairs")]
    time: Option<usize>,
    /// The pairs of requests whose times are compared: JSON, as the README shows it.
    #[arg(long, requires = "time")]
    pairs: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPair {
    name: String,
    one: WrittenRequest,
    other: WrittenRequest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRequest {
    query: String,
    #[serde(default)]
    token_file: Option<PathBuf>,
}

impl Selftest {
    /// Runs to the end. It waits for answers one after the other, on a thread of its own.
    pub(super) async fn run(self) -> Result<(), Fault> {
        let ended = tokio::task::spawn_blocking(move || match (self.time, &self.pairs) {
            (Some(each), Some(pairs)) => self.timed(each, pairs),
            _ => self.asked(),
        });
        ended.await.map_err(|_| Fault::Promise)?
    }

    fn asked(&self) -> Result<(), Fault> {
        let mut viewers = vec![Viewer {
            name: "anyone".to_owned(),
            token: None,
        }];
        for file in &self.token_files {
            viewers.push(Viewer {
                name: file.display().to_string(),
                token: Some(token_in(file)?),
            });
        }
        let outcome = run(&Plan {
            hub: Door::at(&self.url),
            twin: self.twin.as_deref().map(Door::at),
            viewers,
            cases: self.cases,
            records: self.records,
            seed: self.seed,
        })?;
        print!("{}", told(&outcome));
        if outcome.findings.is_empty() {
            Ok(())
        } else {
            Err(Fault::Promise)
        }
    }

    fn timed(&self, each: usize, pairs: &Path) -> Result<(), Fault> {
        let of = |cause| Fault::File {
            path: pairs.display().to_string(),
            cause,
        };
        let text = std::fs::read_to_string(pairs).map_err(of)?;
        let written: Vec<WrittenPair> =
            serde_json::from_str(&text).map_err(|error| of(error.into()))?;
        let hub = Door::at(&self.url);
        let mut told = BTreeSet::new();
        for WrittenPair { name, one, other } in written {
            let request = |written: WrittenRequest| {
                let token = written.token_file.as_deref().map(token_in).transpose()?;
                Ok::<_, Fault>((token, written.query))
            };
            let pair = Pair {
                name,
                requests: [request(one)?, request(other)?],
            };
            let compared = compare(&hub, &pair, each, self.seed)?;
            let [first, second] = compared.median;
            println!(
                "{}: {} and {} answers, medians {first:.1} and {second:.1} us",
                pair.name, compared.count[0], compared.count[1]
            );
            for (share, t) in SHARES.iter().zip(compared.t) {
                println!("  the fastest {:>3} %: t = {t:.2}", *share as f64 / 10.0);
            }
            if !compared.alike {
                println!("  the answers themselves differ in length");
            }
            if compared.is_told() || !compared.alike {
                told.insert(pair.name);
            }
        }
        if told.is_empty() {
            println!("no pair is told apart (|t| < {LIMIT})");
            return Ok(());
        }
        println!("told apart: {}", Vec::from_iter(told).join(", "));
        Err(Fault::Promise)
    }
}

/// The outcome in words.
fn told(outcome: &Outcome) -> String {
    let mut lines = vec![format!("{} requests", outcome.requests)];
    for (viewer, records) in &outcome.records {
        lines.push(format!("{viewer}: told of {records} records"));
    }
    for (law, times) in &outcome.tried {
        lines.push(format!("{law}: tried {times} times"));
    }
    let (asked, all) = outcome.coverage;
    lines.push(format!(
        "{asked} of {all} pairs of a field and an argument asked"
    ));
    for finding in &outcome.findings {
        lines.push(format!("\nNOT KEPT: {}", finding.why));
        lines.push(format!("as {}: {}", finding.viewer, finding.request));
        lines.extend(finding.answers.iter().map(|answer| format!("  {answer}")));
    }
    lines.push(match outcome.findings.len() {
        0 => "every promise that was tried was kept".to_owned(),
        many => format!("{many} findings"),
    });
    format!("{}\n", lines.join("\n"))
}
