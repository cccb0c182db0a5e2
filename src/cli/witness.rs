//! `liaison witness`: a partner institution watches whether a hub's log only ever grows.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};

use super::{audit::log_key, settings::Fault, token};
use crate::{
    clock::Clock,
    witness::{Folder, Remote, Round, RoundFault},
};

/// Watch whether the log of another institution's hub only ever grows, and sign that it does.
///
/// A witness sees neither entries nor how many there are. It keeps what it has seen in its
/// folder: don't lose it, and bring back no older copy.
#[derive(Debug, Subcommand)]
pub(super) enum Witness {
    /// Make a witness: a folder with a key, readable by you alone. Prints the public key, for
    /// `liaison audit witness add` at the hub.
    Create {
        /// Its name, as in `registry.example/witness`: yours, and of no other witness.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// Visit a hub once, for a timer. Fails with 3 where the log does not go on from what was
    /// seen, and with 1 where that could not be found out.
    Once {
        #[command(flatten)]
        hub: Hub,
        /// Go on from the head that the hub has shown, after it was refused: an officer's word
        /// on what was found out, kept beside the evidence.
        #[arg(long, value_name = "WORD")]
        acknowledge: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Visit a hub again and again, until its log is refused.
    Run {
        #[command(flatten)]
        hub: Hub,
        /// From one visit to the next.
        #[arg(long, default_value = "10m")]
        every: String,
        #[command(flatten)]
        place: Place,
    },
    /// Say what was signed last, of each log, and where there is evidence.
    Status {
        #[command(flatten)]
        place: Place,
    },
}

/// The witness's folder.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The witness's folder.
    #[arg(long, env = "LIAISON_WITNESS", default_value = "witness")]
    folder: PathBuf,
}

/// Which hub, and with which key its log is signed.
#[derive(Debug, Args)]
pub(super) struct Hub {
    /// Where the hub is reached, as in `https://hub.example`.
    #[arg(long = "hub")]
    url: String,
    /// The public key of its log, as `liaison audit key` prints it there. Take it from
    /// somebody you know, not from the hub's address.
    #[arg(long, env = "LIAISON_LOG_KEY")]
    log_key: String,
}

impl Witness {
    pub(super) fn run(self) -> Result<(), Fault> {
        match self {
            Self::Create { name, place } => {
                let key = Folder::create(&place.folder, &name).map_err(RoundFault::from)?;
                println!("{key}");
                Ok(())
            }
            Self::Once {
                hub,
                acknowledge,
                place,
            } => {
                let folder = place.open()?;
                let log = log_key(&hub.log_key)?;
                let now = Clock::system().now();
                if let Some(word) = acknowledge {
                    let done = folder.acknowledge(&log.ticks(), &word, now);
                    if !done.map_err(RoundFault::from)? {
                        return Err(Fault::NothingToAcknowledge);
                    }
                }
                let remote = Remote::at(&hub.url, &log, folder.cosigner());
                let round = folder.visit(&remote.map_err(RoundFault::from)?, now)?;
                told(&round);
                Ok(())
            }
            Self::Run { hub, every, place } => {
                let seconds =
                    token::seconds(&every).and_then(|seconds| u64::try_from(seconds).ok());
                let every = seconds.ok_or(Fault::Duration(every))?;
                let folder = place.open()?;
                let log = log_key(&hub.log_key)?;
                let remote = Remote::at(&hub.url, &log, folder.cosigner());
                let remote = remote.map_err(RoundFault::from)?;
                loop {
                    match folder.visit(&remote, Clock::system().now()) {
                        Ok(round) => told(&round),
                        // The hub may be back at the next visit.
                        Err(RoundFault::Hub(fault)) => eprintln!("liaison: {fault}"),
                        Err(other @ (RoundFault::Folder(_) | RoundFault::OtherTiles)) => {
                            return Err(other.into());
                        }
                        Err(refused @ RoundFault::Refused { .. }) => return Err(refused.into()),
                    }
                    std::thread::sleep(Duration::from_secs(every.max(1)));
                }
            }
            Self::Status { place } => {
                let folder = place.open()?;
                println!("{}", folder.cosigner().key());
                for seen in folder.all().map_err(RoundFault::from)? {
                    let (log, size) = (&seen.head.checkpoint.origin, seen.head.checkpoint.size);
                    let at = seen.at.map_or("not yet".to_owned(), |at| at.to_string());
                    println!("{log}: {size} ticks, signed {at}");
                    if let Some(evidence) = seen.refused {
                        println!("{log}: NOT SIGNED any more, see {}", evidence.display());
                    }
                }
                Ok(())
            }
        }
    }
}

impl Place {
    fn open(&self) -> Result<Folder, Fault> {
        Ok(Folder::open(&self.folder).map_err(RoundFault::from)?)
    }
}

fn told(round: &Round) {
    let size = round.head.checkpoint.size;
    match round.before {
        None => println!("signed {size} ticks, the first time"),
        Some(before) if before == size => {
            println!("signed {size} ticks again: the hub has made none since the last visit");
        }
        Some(before) => println!("signed {size} ticks, which go on from {before}"),
    }
}
