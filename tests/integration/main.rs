//! What the hub promises, asked of it as its users ask: through HTTP, with real tokens,
//! on SQLite and on PostgreSQL.
#![cfg(test)]

use std::process::ExitCode;

mod support {
    pub(crate) mod cast;
    pub(crate) mod golden;
    pub(crate) mod harness;
    pub(crate) mod house;
    pub(crate) mod issuers;
    pub(crate) mod postgres;
    pub(crate) mod ready;
    pub(crate) mod softhsm;
    pub(crate) mod specimens;
}
mod access_matrix;
mod act_matrix;
mod activities;
mod acts;
mod answers;
mod audit;
mod bad_input;
mod blind;
mod calendar;
mod commands;
mod corrections;
mod disclosure;
mod docket;
mod dockets;
mod due;
mod feed;
mod import;
mod keys;
mod labels;
mod limits;
mod lowerings;
mod matter;
mod matter_beside;
mod matter_matrix;
mod measures;
mod old_leaks;
mod persons;
mod query_count;
mod recommendations;
mod retirement;
mod robust;
mod rules;
mod same_answer;
mod schema;
mod selftest;
mod statistics;
mod tokens;
mod translations;
mod twin;
mod visit_overlaps;
mod vital;
mod work_plans;

fn main() -> ExitCode {
    let mut suite = support::harness::Suite::new();
    access_matrix::register(&mut suite);
    act_matrix::register(&mut suite);
    activities::register(&mut suite);
    acts::register(&mut suite);
    answers::register(&mut suite);
    audit::register(&mut suite);
    bad_input::register(&mut suite);
    blind::register(&mut suite);
    commands::register(&mut suite);
    corrections::register(&mut suite);
    disclosure::register(&mut suite);
    docket::register(&mut suite);
    dockets::register(&mut suite);
    labels::register(&mut suite);
    limits::register(&mut suite);
    lowerings::register(&mut suite);
    matter::register(&mut suite);
    matter_beside::register(&mut suite);
    matter_matrix::register(&mut suite);
    measures::register(&mut suite);
    recommendations::register(&mut suite);
    calendar::register(&mut suite);
    visit_overlaps::register(&mut suite);
    persons::register(&mut suite);
    due::register(&mut suite);
    feed::register(&mut suite);
    import::register(&mut suite);
    keys::register(&mut suite);
    query_count::register(&mut suite);
    retirement::register(&mut suite);
    robust::register(&mut suite);
    rules::register(&mut suite);
    same_answer::register(&mut suite);
    schema::register(&mut suite);
    selftest::register(&mut suite);
    statistics::register(&mut suite);
    tokens::register(&mut suite);
    translations::register(&mut suite);
    twin::register(&mut suite);
    vital::register(&mut suite);
    work_plans::register(&mut suite);
    old_leaks::register(&mut suite);
    suite.run()
}
