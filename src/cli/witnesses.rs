//! `liaison audit witness`: who witnesses this hub's log.

use clap::Subcommand;

use super::{
    audit::{Place, witness_key},
    settings::Fault,
};
use crate::{
    clock::{Clock, Moment},
    confidentiality::warrant::Warrant,
    identity::claims::is_name,
    store::{
        Store,
        witnesses::{ENOUGH, WITHIN},
    },
};

/// Say who witnesses the log: partner institutions that run `liaison witness`.
#[derive(Debug, Subcommand)]
pub(super) enum Witnesses {
    /// Register a witness. The act is put on record.
    Add {
        /// Its public key, as `liaison witness create` has printed it there.
        #[arg(long)]
        key: String,
        /// Code of the mechanism whose witness it is: those of one count once.
        #[arg(long)]
        mechanism: String,
        #[command(flatten)]
        place: Place,
    },
    /// Take a witness off the list. The act is put on record.
    Remove {
        /// Its name.
        name: String,
        #[command(flatten)]
        place: Place,
    },
    /// List them, each with what it has signed last, and say whether they are enough.
    List {
        #[command(flatten)]
        place: Place,
    },
}

impl Witnesses {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let now = Clock::system().now();
        match self {
            Self::Add {
                key,
                mechanism,
                place,
            } => {
                let key = witness_key(&key)?;
                if !is_name(&mechanism) {
                    return Err(Fault::Name(mechanism));
                }
                let store = place.open().await?;
                let mut writer = store.begin(Warrant::to_name_witnesses(), now).await?;
                if !writer.add_witness(&key, &mechanism).await? {
                    return Err(Fault::WitnessThere(key.name().to_owned()));
                }
                writer.commit().await?;
                println!("`{}` of `{mechanism}` witnesses the log", key.name());
                store.close().await;
            }
            Self::Remove { name, place } => {
                let store = place.open().await?;
                let mut writer = store.begin(Warrant::to_name_witnesses(), now).await?;
                if !writer.remove_witness(&name).await? {
                    return Err(Fault::NoWitness(name));
                }
                writer.commit().await?;
                println!("`{name}` witnesses the log no more");
                store.close().await;
            }
            Self::List { place } => {
                let store = place.open().await?;
                list(&store, now).await?;
                store.close().await;
            }
        }
        Ok(())
    }
}

async fn list(store: &Store, now: Moment) -> Result<(), Fault> {
    for witness in store.witnesses().await? {
        let (key, mechanism) = (witness.key, witness.mechanism);
        match witness.signed {
            Some((note, at)) => {
                let size = note.checkpoint.size;
                println!("{mechanism}\t{key}\tsigned {size} ticks at {at}");
            }
            None => println!("{mechanism}\t{key}\thas signed nothing yet"),
        }
    }
    told(store, now).await?;
    Ok(())
}

/// Says whether enough others have signed of late: by the time of their signatures alone.
pub(super) async fn told(store: &Store, now: Moment) -> Result<bool, Fault> {
    let hours = WITHIN / 3_600;
    let witnessed = store.is_witnessed(now).await?;
    if witnessed {
        println!("witnesses of {ENOUGH} mechanisms or more have signed within {hours} hours");
    } else {
        println!("NOT WITNESSED: fewer than {ENOUGH} mechanisms have signed within {hours} hours");
    }
    Ok(witnessed)
}
