//! The commands of `liaison`, as an administrator of a secretariat meets them.

mod after;
mod audit;
mod backup;
mod blind;
mod client;
mod demo;
mod escrow;
mod export;
mod expunge;
mod holder;
mod import;
mod issuer;
mod key_holder;
mod keys;
mod matching;
mod memory;
mod root_key;
mod selftest;
mod serve;
mod settings;
mod statistics;
mod token;
mod witness;
mod witnesses;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{graphql, http};

pub use self::{
    import::ImportFault,
    settings::{Fault, Settings},
};

/// A hub through which human rights mechanisms cooperate, field by field under rules of
/// confidentiality.
#[derive(Debug, Parser)]
#[command(name = "liaison", version, arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a demo hub in a folder of its own, load it, and serve it.
    ///
    /// Real facts of a concept note of 2012 and of the UN's list of countries; whatever is
    /// confidential is invented, persons above all. A second start serves what is there.
    Demo(demo::Demo),
    /// Serve a hub whose database is up to date.
    Serve(serve::Serve),
    /// Bring the database up to date; makes it where there is none.
    ///
    /// With it the key store, a database of its own.
    Migrate {
        #[command(flatten)]
        database: settings::Database,
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Print the schema, with the rule of each field.
    Schema,
    /// Import the files of a partner as records of your mechanism.
    Import(import::Import),
    /// Admit the first officer of a mechanism; say whose holder a subject of another issuer
    /// is.
    #[command(subcommand)]
    Holder(holder::Holder),
    /// Admit the programs through which holders act.
    #[command(subcommand)]
    Client(client::Client),
    /// Look at the other issuers whose tokens are accepted.
    #[command(subcommand)]
    Issuer(issuer::Issuer),
    /// Issue, list and revoke tokens.
    #[command(subcommand)]
    Token(token::Token),
    /// Export a list as a file.
    Export(export::Export),
    /// Delete, for good, what was retired and whose time is over.
    ///
    /// A hub that serves does so by itself, at its start and every hour. What is held is kept.
    Expunge(expunge::Expunge),
    /// Back the main database, or the key store, up into a folder, while the hub serves.
    ///
    /// Each by itself, and never on one medium: backups of the main database are good for
    /// years, and say nothing of who the persons are; those of the key store for 30 days, so
    /// that who was erased is erased in every backup. Keep the key file's copy, or its shares,
    /// apart from both. On PostgreSQL it takes `pg_dump` of the server's version.
    Backup(backup::Backup),
    /// Restore a backup into an empty database; the key store before the main one.
    ///
    /// Main database of any age and today's key store open everyone but who was erased. After
    /// a restore of the main database no token of before is accepted, no subject of another
    /// issuer is mapped and no officer has leave to open a file: what was taken back since the
    /// backup can't come back by itself. The log goes on where its latest copy ends, or begins
    /// anew under another name, and has the restore as an entry. The hub then answers nothing
    /// until it is confirmed.
    Restore(backup::Restore),
    /// Verify the log of disclosures and acts, offline; sign it, and take it out.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Watch whether another institution's log only ever grows, and sign that it does.
    #[command(subcommand)]
    Witness(witness::Witness),
    /// Make the hub's keys, change them, and look how they stand.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Ready the docket for the same-matter check, and measure it.
    #[command(subcommand)]
    Match(matching::Match),
    /// Load what a release of statistics rests on.
    #[command(subcommand)]
    Statistics(statistics::Statistics),
    Selftest(selftest::Selftest),
}

/// Runs the command that is typed, to its end.
pub fn main() -> ExitCode {
    // Before anything is read: what was refused here has no key in its memory yet.
    let closed = memory::close();
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("LIAISON_LOG")
                .unwrap_or_else(|_| "warn,liaison=info,sqlx=error".into()),
        )
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        // A log that nobody reads any more stops no request.
        .log_internal_errors(false)
        .finish()
        // Whatever is asked for, libraries are heard when something is wrong, and no earlier:
        // what they trace is statements with their values, and bodies.
        .with(
            Targets::new()
                .with_default(LevelFilter::WARN)
                .with_target("liaison", LevelFilter::TRACE),
        )
        .init();
    if let Err(error) = closed {
        eprintln!("liaison: {}", Fault::Memory(error));
        return ExitCode::FAILURE;
    }
    http::keep_panics_short();
    // The executor goes as deep as a document is nested: the deepest that is allowed must
    // fit the stack, in a debug build too.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(16 << 20)
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(arguments)),
        Err(error) => Err(Fault::Served(error)),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("liaison: {fault}");
            fault.code()
        }
    }
}

/// Runs the command that the arguments name.
///
/// # Errors
/// Says in a sentence what has to be set right.
async fn run(arguments: Arguments) -> Result<(), Fault> {
    match arguments.command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve(serve) => serve.run().await,
        Command::Migrate { database, keys } => {
            let applied = database.migrate(&keys).await?;
            println!("the database is up to date ({applied} migrations applied)");
            Ok(())
        }
        Command::Schema => {
            print!("{}", graphql::sdl());
            Ok(())
        }
        Command::Import(import) => import.run().await,
        Command::Holder(holder::Holder::Invite(invite)) => invite.run().await,
        Command::Holder(holder::Holder::Map(map)) => map.run().await,
        Command::Holder(holder::Holder::Unmap(unmap)) => unmap.run().await,
        Command::Issuer(issuer::Issuer::List(list)) => list.run(),
        Command::Client(client::Client::Admit(admit)) => admit.run().await,
        Command::Token(token::Token::Issue(issue)) => issue.run().await,
        Command::Token(token::Token::Revoke(revoke)) => revoke.run().await,
        Command::Export(export) => export.run().await,
        Command::Expunge(expunge) => expunge.run().await,
        Command::Token(token::Token::List(list)) => list.run().await,
        Command::Match(matching) => matching.run().await,
        Command::Statistics(statistics) => statistics.run().await,
        Command::Selftest(selftest) => selftest.run().await,
        Command::Backup(backup) => backup.run().await,
        Command::Restore(restore) => restore.run().await,
        Command::Audit(audit) => audit.run().await,
        Command::Witness(witness) => witness.run(),
        Command::Keys(keys) => keys.run().await,
    }
}
