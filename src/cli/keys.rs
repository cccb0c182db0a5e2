//! `liaison keys`: the key file, and the key store.

use clap::Subcommand;

use super::{
    escrow,
    root_key::{FILE, PKCS11, RootKey},
    settings::{self, Fault},
    token,
};
use crate::{
    clock::Clock,
    keys::KeyFile,
    store::{
        key_acts::KeyAct,
        key_store::{ProviderError, Rotation},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Make a new key file, readable by you alone. Refuses to replace one.
    ///
    /// It holds the keys that sign tokens, wrap the keys of persons' files, seal cursors,
    /// name the entries of the log and sign its checkpoints. Without it nobody, you included, can read what is
    /// sealed: keep a copy in a safe place, apart from the database's.
    ///
    /// With `--key-provider pkcs11` the key that wraps those of persons' files is made in the
    /// token, and never leaves it; the others are in the key file all the same.
    Create {
        #[command(flatten)]
        keys: settings::Keys,
        #[command(flatten)]
        root_key: RootKey,
    },
    /// Change keys without a pause.
    #[command(subcommand)]
    Rotate(Rotate),
    /// Say how the key store stands: its epochs, with their copies, and the root key.
    Status {
        #[command(flatten)]
        database: settings::Database,
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Add the keys that a key file of an earlier version lacks; changes none that it has.
    Complete {
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Move the root key from the key file into a security module, or back.
    ///
    /// The keys of all epochs are wrapped anew, together or not at all, and a next epoch is
    /// begun, whose key was never under the former root. Cut off, run it again. Stop the hub
    /// before, and start it with the other `--key-provider`: one that goes on opens no sealed
    /// file. The key file's former root key is overwritten; that of a token is kept, and marked,
    /// until `liaison keys destroy`. Backups of the key store of before need the former root
    /// key: keep a copy of the former key file, or the token's key, with them, and no longer.
    Move {
        /// To which provider: `pkcs11` or `file`.
        #[arg(long)]
        to: String,
        #[command(flatten)]
        database: settings::Database,
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Destroy a former root key in the token, for good: `liaison keys status` names them.
    ///
    /// No backup of the key store opens any more in which something is wrapped under it.
    /// Refused for the present one, and for one under which the key store has something.
    Destroy {
        /// The name of the root key.
        #[arg(long)]
        root: String,
        #[command(flatten)]
        database: settings::Database,
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Split the keys that can't be made anew among keepers, on paper.
    ///
    /// Split are the root key, which opens the key store and with it every file, and the keys
    /// that name the entries of the log and sign it: with them, the main database and the key
    /// store, a hub whose key file is lost opens its files again and goes on with the same log.
    /// The keys that sign tokens and seal cursors are not in it, and are made anew: no keeper
    /// can issue a token of your hub, and after a recovery all that were issued are over. Fewer
    /// than the threshold of shares say nothing at all of the keys.
    ///
    /// Shares are shown one at a time on this terminal; or, with --folder, written to a file
    /// each: print them on a machine that keeps nothing, and destroy the files. Each run makes
    /// new shares, which do not go together with those of another; the earlier ones stay good,
    /// so collect and destroy them. Escrow again after `liaison keys rotate root`.
    ///
    /// A root key in a security module can't be split, since it can't be read: the command is
    /// refused then (ROOT_KEY_NOT_EXTRACTABLE). Back the token up, or clone it into a second
    /// one, by its vendor's own means, whose keepers can be several, too; and split what is in
    /// the key file with --without-root. The act is put on record before a share is made.
    Escrow(escrow::Escrow),
    /// Put the keys together again from enough shares, into a new key file.
    Recover(escrow::Recover),
}

#[derive(Debug, Subcommand)]
pub(super) enum Rotate {
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
    /// Begin a next epoch of the key store, and wrap all copies of persons' keys anew.
    ///
    /// A hub that serves does so by itself when the month turns. No reading waits for it.
    Epoch {
        #[command(flatten)]
        database: settings::Database,
        #[command(flatten)]
        keys: settings::Keys,
    },
    /// Make a next root key, and wrap the epochs anew under it.
    ///
    /// A hub that serves goes on meanwhile. Backups of the key store that were made before
    /// need the former key file: keep it with them, and no longer than them. In a security
    /// module a next key is made, and the former one is marked and stays: `liaison keys destroy`
    /// destroys it when those backups are gone.
    Root {
        #[command(flatten)]
        database: settings::Database,
        #[command(flatten)]
        keys: settings::Keys,
    },
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self {
            Self::Complete { keys } => {
                let file = keys.file.display();
                if KeyFile::complete(&keys.file)? {
                    println!("added to {file} what it lacked; keep a copy of it apart");
                } else {
                    println!("{file} has all keys");
                }
                Ok(())
            }
            Self::Create { keys, root_key } => create(&keys, &root_key),
            Self::Move { to, database, keys } => moved(&to, &database, &keys).await,
            Self::Destroy {
                root,
                database,
                keys,
            } => destroyed(&root, &database, &keys).await,
            Self::Status { database, keys } => status(&database, &keys).await,
            Self::Rotate(rotate) => rotate.run().await,
            Self::Escrow(escrow) => escrow.run().await,
            Self::Recover(recover) => recover.run(),
        }
    }
}

impl Rotate {
    async fn run(self) -> Result<(), Fault> {
        let now = Clock::system().now();
        match self {
            Self::Signing { lead, stolen, keys } => {
                let rotated = if stolen {
                    KeyFile::replace_signing(&keys.file, now)?
                } else {
                    let lead = token::seconds(&lead).ok_or(Fault::Duration(lead))?;
                    KeyFile::rotate_signing(&keys.file, now, lead)?
                };
                let (kid, from, let_go) = (rotated.kid, rotated.from, rotated.let_go);
                println!("the key `{kid}` signs from {from} on; {let_go} were let go");
                println!("keep a copy of {} apart", keys.file.display());
            }
            Self::Epoch { database, keys } => {
                let store = database.open_with(&keys).await?;
                store.put_key_act_on_record(KeyAct::Epoch, now).await?;
                let done = store.key_store().rotate_epoch(now).await?;
                store.close().await;
                println!("a new epoch has begun; {}", told(done));
            }
            Self::Root { database, keys } => {
                let store = database.open_with(&keys).await?;
                store.put_key_act_on_record(KeyAct::Root, now).await?;
                let done = store.key_store().rotate_root().await?;
                store.close().await;
                println!(
                    "there is a new root key; {} epochs are under it",
                    done.wrapped
                );
                if database.root_key.is_in_a_module() {
                    println!(
                        "the former one stays in the token until `liaison keys destroy`; back the token up"
                    );
                } else {
                    println!("keep a copy of {} apart", keys.file.display());
                }
            }
        }
        Ok(())
    }
}

fn create(keys: &settings::Keys, root_key: &RootKey) -> Result<(), Fault> {
    let hsm = match root_key.provider.as_str() {
        FILE => None,
        PKCS11 => Some(root_key.hsm()?),
        other => return Err(Fault::Provider(other.to_owned())),
    };
    // A token that can't be opened is found out before there is a key file.
    if let Some(hsm) = &hsm {
        hsm.knows("")?;
    }
    KeyFile::create(&keys.file)?;
    println!("made the key file {}", keys.file.display());
    if let Some(hsm) = hsm {
        println!("the token has the root key `{}`", hsm.make_root()?);
    }
    Ok(())
}

/// The root key goes over to another provider.
async fn moved(
    to: &str,
    database: &settings::Database,
    keys: &settings::Keys,
) -> Result<(), Fault> {
    let from = match to {
        FILE => PKCS11,
        PKCS11 => FILE,
        other => return Err(Fault::Provider(other.to_owned())),
    };
    let now = Clock::system().now();
    let store = database.open_between(keys, from, to).await?;
    let act = KeyAct::Provider { from, to };
    store.put_key_act_on_record(act, now).await?;
    let done = store.key_store().change_provider(now).await?;
    store.close().await;
    println!("`{to}` keeps the root key; {}", told(done));
    println!("start the hub with `--key-provider {to}`");
    println!(
        "keep a copy of {} apart: it may have changed",
        keys.file.display()
    );
    Ok(())
}

async fn destroyed(
    root: &str,
    database: &settings::Database,
    keys: &settings::Keys,
) -> Result<(), Fault> {
    let store = database.open_with(keys).await?;
    let provider = store.key_store().provider();
    if !provider.former()?.iter().any(|former| former == root) {
        return Err(ProviderError::NotFormer(root.to_owned()).into());
    }
    let act = KeyAct::Destroy { root };
    let now = Clock::system().now();
    store.put_key_act_on_record(act, now).await?;
    store.key_store().destroy_root(root).await?;
    store.close().await;
    println!("`{root}` is destroyed");
    Ok(())
}

/// What a rotation of the epoch has come to, in words.
fn told(done: Rotation) -> String {
    let Rotation {
        wrapped,
        broken,
        destroyed,
    } = done;
    format!(
        "{wrapped} copies were wrapped anew, {broken} did not open, {destroyed} epochs were destroyed"
    )
}

async fn status(database: &settings::Database, keys: &settings::Keys) -> Result<(), Fault> {
    let store = database.open_key_store(keys).await?;
    let status = store.status().await?;
    store.close().await;
    println!(
        "root key `{}` of the provider `{}`",
        status.root, status.provider
    );
    println!("{} persons' files have a key", status.persons);
    for epoch in &status.epochs {
        let (n, month, copies) = (epoch.n, &epoch.month, epoch.copies);
        let (started, mechanisms) = (epoch.started, epoch.mechanisms);
        let emptied = epoch.emptied;
        let emptied = emptied.map(|at| format!(", empty since {at}"));
        let emptied = emptied.unwrap_or_default();
        let root = if epoch.root == status.root {
            String::new()
        } else {
            format!(", under the root key `{}`", epoch.root)
        };
        println!(
            "epoch {n} of {month}: {copies} copies, {mechanisms} mechanisms, begun {started}{emptied}{root}"
        );
    }
    for former in &status.former {
        println!("the former root key `{former}` is kept until `liaison keys destroy`");
    }
    if let Some(fault) = &status.fault {
        println!("the root key can't be used: {fault}");
    }
    println!("{}", if status.is_well() { "well" } else { "NOT WELL" });
    Ok(())
}
