//! The commands of `liaison`, as an administrator of a secretariat meets them.

mod audit;
mod client;
mod demo;
mod escrow;
mod export;
mod expunge;
mod holder;
mod import;
mod issuer;
mod matching;
mod memory;
mod serve;
mod settings;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tracing_subscriber::{
    EnvFilter,
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{clock::Clock, graphql, http, keys::KeyFile, store::Store};

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
    Migrate {
        #[command(flatten)]
        database: settings::Database,
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
    /// Verify the log of disclosures and acts, offline; sign it, and take it out.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Make the hub's key file.
    #[command(subcommand)]
    Keys(Keys),
    /// Measure the same-matter check.
    #[command(subcommand)]
    Match(matching::Match),
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Make a new key file, readable by you alone. Refuses to replace one.
    ///
    /// It holds the keys that sign tokens, wrap the keys of persons' files, seal cursors,
    /// name the entries of the log and sign its checkpoints. Without it nobody, you included, can read what is
    /// sealed: keep a copy in a safe place, apart from the database's.
    Create {
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Change keys without a pause.
    #[command(subcommand)]
    Rotate(Rotate),
    /// Add the keys that a key file of an earlier version lacks; changes none that it has.
    Complete {
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Split the keys that can't be made anew among keepers, on paper.
    ///
    /// Split are the key that opens what is sealed, and those that name the entries of the log
    /// and sign it: with them a hub whose key file is lost opens its files again and goes on
    /// with the same log. The keys that sign tokens and seal cursors are not in it, and are made
    /// anew: no keeper can issue a token of your hub, and after a recovery all that were issued
    /// are over. Fewer than the threshold of shares say nothing at all of the keys.
    ///
    /// Shares are shown one at a time on this terminal; or, with --folder, written to a file
    /// each: print them on a machine that keeps nothing, and destroy the files. Each run makes
    /// new shares, which do not go together with those of another; the earlier ones stay good,
    /// so collect and destroy them. Escrow again after the sealing key has changed.
    Escrow(escrow::Escrow),
    /// Put the keys together again from enough shares, into a new key file.
    Recover(escrow::Recover),
}

#[derive(Debug, Subcommand)]
enum Rotate {
    /// Add a next key that signs tokens, and let go of those whose last token is over.
    ///
    /// It is published at `/.well-known/jwks.json` at once, and signs from its time on. A hub
    /// that is running reads it by itself; no token in force is refused meanwhile.
    Signing {
        /// After how long it signs: `24h`, so that whoever keeps a copy of the published keys
        /// has it by then.
        #[arg(long = "in", default_value = "24h", conflicts_with = "stolen")]
        lead: String,
        /// The present key is in other hands: sign with a new one at once, and refuse every
        /// token that was signed before.
        #[arg(long)]
        stolen: bool,
        #[command(flatten)]
        keys: settings::Keys,
    },
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
            ExitCode::FAILURE
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
        Command::Migrate { database } => {
            let applied = Store::migrate(&database.url).await?;
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
        Command::Match(matching) => matching.run(),
        Command::Audit(audit) => audit.run().await,
        Command::Keys(Keys::Complete { keys }) => {
            let file = keys.file.display();
            if KeyFile::complete(&keys.file)? {
                println!("added to {file} what it lacked; keep a copy of it apart");
            } else {
                println!("{file} has all keys");
            }
            Ok(())
        }
        Command::Keys(Keys::Escrow(escrow)) => escrow.run(),
        Command::Keys(Keys::Recover(recover)) => recover.run(),
        Command::Keys(Keys::Create { keys }) => {
            KeyFile::create(&keys.file)?;
            println!("made the key file {}", keys.file.display());
            Ok(())
        }
        Command::Keys(Keys::Rotate(Rotate::Signing { lead, stolen, keys })) => {
            let now = Clock::system().now();
            let rotated = if stolen {
                KeyFile::replace_signing(&keys.file, now)?
            } else {
                let lead = token::seconds(&lead).ok_or(Fault::Duration(lead))?;
                KeyFile::rotate_signing(&keys.file, now, lead)?
            };
            let (kid, from, let_go) = (rotated.kid, rotated.from, rotated.let_go);
            println!("the key `{kid}` signs from {from} on; {let_go} were let go");
            println!("keep a copy of {} apart", keys.file.display());
            Ok(())
        }
    }
}
