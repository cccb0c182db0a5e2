//! What the hub promises, asked of it as its users ask: through HTTP, with real tokens,
//! on SQLite and on PostgreSQL.
#![cfg(test)]

use std::process::ExitCode;

mod support {
    pub(crate) mod harness;
    pub(crate) mod house;
    pub(crate) mod postgres;
}
mod answers;
mod commands;

fn main() -> ExitCode {
    let mut suite = support::harness::Suite::new();
    answers::register(&mut suite);
    commands::register(&mut suite);
    suite.run()
}
