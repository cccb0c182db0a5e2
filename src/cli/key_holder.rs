//! `liaison match share` and `liaison match holder`: the two shares of blind tokens.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use tokio::net::TcpListener;

use super::{
    serve::told_to_stop,
    settings::{Fault, Keys},
};
use crate::{
    clock::Clock,
    http::{key_holder_router, listen},
    key_holder::{Desk, HolderFile, Tally},
    keys::KeyFile,
    same_matter::blind::Published,
};

/// The hub's share of blind tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Share {
    /// Make the hub's share, beside a second key holder's; from its next start the hub takes
    /// blind tokens.
    ///
    /// Mechanisms then send tokens in the place of names. The second key holder is another
    /// institution, with a machine of its own: who has both shares and the hub's key file can
    /// try out names.
    Create(Beside),
    /// Put a new share in the place of the hub's, once a year or when one was stolen. All
    /// tokens are made anew by their owners: the hub can't.
    Replace(Beside),
    /// Print what is published of both shares.
    Show {
        #[command(flatten)]
        keys: Keys,
    },
}

#[derive(Debug, Args)]
pub(super) struct Beside {
    /// What the second key holder has published: its `liaison match holder status` prints it.
    #[arg(long)]
    holder: String,
    #[command(flatten)]
    keys: Keys,
}

impl Share {
    pub(super) fn run(self) -> Result<(), Fault> {
        let (beside, again) = match self {
            Self::Create(beside) => (beside, false),
            Self::Replace(beside) => (beside, true),
            Self::Show { keys } => return show(&keys),
        };
        let holder = Published::parse(&beside.holder);
        let holder = holder.map_err(|_| Fault::Share(beside.holder.clone()))?;
        KeyFile::make_share(&beside.keys.file, holder, again)?;
        println!("start the hub again; keep a copy of the key file apart");
        show(&beside.keys)
    }
}

fn show(keys: &Keys) -> Result<(), Fault> {
    let file = KeyFile::open(&keys.file)?;
    let key = file.blind().ok_or(crate::keys::KeyFileError::NoShare)?;
    let shares = key.shares()?;
    println!("the hub's share     {}", shares.hub);
    println!("the second holder's {}", shares.holder);
    println!("the pair            {}", shares.pair);
    Ok(())
}

/// Where a second key holder keeps its share and its clients.
#[derive(Clone, Debug, Args)]
pub(super) struct HolderKeys {
    /// The holder's key file; nobody but its owner may be able to read it.
    #[arg(
        long = "holder-keys",
        env = "LIAISON_HOLDER_KEYS",
        default_value = "liaison-holder.keys"
    )]
    file: PathBuf,
}

/// The second key holder of blind tokens: another institution than the hub.
#[derive(Debug, Subcommand)]
pub(super) enum Holder {
    /// Make a key file with a share. Refuses to replace one.
    Create {
        #[command(flatten)]
        keys: HolderKeys,
    },
    /// Admit a mechanism and print its secret, once. It may ask from then on, also a holder
    /// that is running.
    Admit {
        /// Its name, under which its elements are counted.
        #[arg(long)]
        client: String,
        /// Elements that it may have multiplied in a day. A question takes 128 at most; a
        /// docket takes about 60 a person, once a year.
        #[arg(long, default_value_t = crate::key_holder::A_DAY)]
        a_day: u32,
        #[command(flatten)]
        keys: HolderKeys,
    },
    /// Dismiss a mechanism: what it asks from then on is refused.
    Dismiss {
        /// Its name.
        #[arg(long)]
        client: String,
        #[command(flatten)]
        keys: HolderKeys,
    },
    /// Make a new share, once a year. The one before answers on, until the next rotation.
    Rotate {
        /// The share is in other hands: it answers no more, nor does any before it.
        #[arg(long)]
        stolen: bool,
        #[command(flatten)]
        keys: HolderKeys,
    },
    /// Print what is published of the share, and what each client has asked for today.
    Status {
        #[command(flatten)]
        keys: HolderKeys,
    },
    /// Multiply what clients ask for by the share. Counts are all that is kept and logged.
    Serve {
        /// The address to listen on. TLS is the business of a proxy in front of it.
        #[arg(long, env = "LIAISON_LISTEN", default_value = "127.0.0.1:8100")]
        listen: SocketAddr,
        /// Take the caller's address from the proxy before it (`X-Forwarded-For`).
        #[arg(long, env = "LIAISON_BEHIND_PROXY")]
        behind_proxy: bool,
        #[command(flatten)]
        keys: HolderKeys,
    },
}

impl Holder {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self {
            Self::Create { keys } => {
                let published = HolderFile::create(&keys.file)?.published()?;
                println!("made {}; keep a copy of it apart", keys.file.display());
                println!("publish to the hub: {published}");
            }
            Self::Admit {
                client,
                a_day,
                keys,
            } => {
                let secret = HolderFile::admit(&keys.file, &client, a_day)?;
                println!("{}", secret.as_str());
            }
            Self::Dismiss { client, keys } => {
                HolderFile::dismiss(&keys.file, &client)?;
                println!("`{client}` is a client no more");
            }
            Self::Rotate { stolen, keys } => {
                let published = HolderFile::rotate(&keys.file, stolen)?;
                println!("publish to the hub: {published}");
            }
            Self::Status { keys } => {
                let file = HolderFile::open(&keys.file)?;
                println!("{}", file.published()?);
                let tally = Tally::open(&Desk::tally(&keys.file));
                let tally = tally.map_err(crate::key_holder::DeskFault::from)?;
                let now = Clock::system().now();
                for client in file.clients() {
                    let used = tally.of(&client.name, now);
                    println!("{}  {used} of {} today", client.name, client.a_day);
                }
            }
            Self::Serve {
                listen: address,
                behind_proxy,
                keys,
            } => {
                let busy = |cause| Fault::Listen { address, cause };
                let desk = Arc::new(Desk::open(&keys.file, Clock::system())?);
                let listener = TcpListener::bind(address).await.map_err(busy)?;
                let address = listener.local_addr().map_err(busy)?;
                eprintln!("the second key holder answers on http://{address}");
                let router = key_holder_router(desk, behind_proxy);
                listen(listener, router, told_to_stop()).await;
            }
        }
        Ok(())
    }
}
