//! `liaison audit`: is the log as it was written? Offline, at the hub's machine or with a copy.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::{
    export::new_file,
    settings::{Database, Fault, Keys, Names, token_in},
    witnesses::Witnesses,
};
use crate::{
    clock::{Clock, Moment},
    communication::Person,
    export::ExportError,
    http::{self, Credential},
    hub::Hub,
    identity::kind::Kind,
    journal::{LogFault, LogKey, Note, Promise, Report, SubjectKey, WitnessKey, tree, verify_file},
    keys::KeyFile,
    store::{
        Store,
        act::{Begun, Request, id_of},
    },
};

/// Verify the log of disclosures and acts, offline; sign it, and take it out.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Verify that no entry of the log was changed, removed or put elsewhere.
    ///
    /// Each entry, the tree over all, and the signature of each checkpoint are checked, and so
    /// is the tree of ticks that the witnesses have signed; what is wrong is named by the
    /// number of the entry or tick, and the command fails.
    Verify(Verify),
    /// Sign a checkpoint of the log now, and print it: keep it where nobody who has the hub
    /// can change it, and verify against it later.
    Checkpoint(Place),
    /// Say who witnesses the log.
    #[command(subcommand)]
    Witness(Witnesses),
    /// Print the checkpoints of the tree of ticks that witnesses have signed, each with the
    /// witness's name: who has one can verify the log against it, wherever the hub is.
    Witnessed(Place),
    /// Say how the log stands, and fail where it is not witnessed: for a timer that warns.
    Status(Place),
    /// Print the public key of the log: with it anyone can verify a checkpoint, or a copy of
    /// the log.
    Key {
        #[command(flatten)]
        keys: Keys,
    },
    /// Write the log to a file, which nobody else can read: who has it reads which mechanism
    /// has done what when, neither by whom nor to whose file.
    Copy(Copy),
    /// Look a receipt up that somebody has kept: whether the log has the entry that it
    /// promises, and has signed it.
    Receipt(Kept),
    /// Write the key by which a person finds the entries about the own file, to be handed over.
    ///
    /// With the token of an officer of the secretariat that keeps the file; it takes
    /// `audit:read`, and leaves an entry.
    SubjectKey(HandOver),
    /// List the entries about one person with that person's own key, and verify that they are
    /// in the log as it was signed.
    Subject(Subject),
}

/// A receipt that was kept.
#[derive(Debug, Args)]
pub(super) struct Kept {
    /// The receipt, as the answer had it in `extensions.receipts`.
    receipt: String,
    #[command(flatten)]
    place: Place,
}

/// Whose key is handed over, and by whom.
#[derive(Debug, Args)]
pub(super) struct HandOver {
    /// The person's id.
    #[arg(long)]
    person: String,
    /// The file with the officer's token.
    #[arg(long)]
    token_file: PathBuf,
    /// The file to write the key to, readable by you alone.
    #[arg(long)]
    output: PathBuf,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    names: Names,
}

/// Where the entries about a person are looked for.
#[derive(Debug, Args)]
pub(super) struct Subject {
    /// The file with the person's key.
    #[arg(long)]
    key_file: PathBuf,
    /// A copy of the log that `liaison audit copy` has made.
    #[arg(long)]
    log: PathBuf,
    /// The public key of the log, as `liaison audit key` prints it.
    #[arg(long)]
    log_key: String,
    /// A checkpoint that was signed, and kept elsewhere: the log's, or a witness's.
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    /// The public key of a witness, which must have signed; several, where it is said again.
    #[arg(long = "witness", value_name = "KEY")]
    witnesses: Vec<String>,
}

/// Where the log is.
#[derive(Debug, Args)]
pub(super) struct Place {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
}

impl Place {
    pub(super) async fn open(&self) -> Result<Store, Fault> {
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        self.database.open(&self.keys, keys).await
    }
}

/// What is to be verified, and against what.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// A copy of the log that `liaison audit copy` has made, in place of the database.
    #[arg(long)]
    log: Option<PathBuf>,
    /// The public key of the log, as `liaison audit key` prints it; for a copy, where the
    /// key file is not at hand.
    #[arg(long, requires = "log")]
    key: Option<String>,
    /// An earlier checkpoint that you have kept, of the log or one that a witness has signed:
    /// the log must begin with what it signs.
    #[arg(long)]
    since: Option<PathBuf>,
    /// The public key of a witness, which must have signed; several, where it is said again.
    #[arg(long = "witness", value_name = "KEY")]
    witnesses: Vec<String>,
    #[command(flatten)]
    place: Place,
}

/// Where a copy goes.
#[derive(Debug, Args)]
pub(super) struct Copy {
    /// The file to write, readable by you alone.
    #[arg(long)]
    output: PathBuf,
    /// For the person whose key is in this file: entries about others as hashes alone.
    #[arg(long, value_name = "KEY_FILE")]
    person: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self {
            Self::Verify(verify) => verify.run().await,
            Self::Checkpoint(place) => {
                let store = place.open().await?;
                store.ledger().sign(Clock::system().now()).await?;
                let note = store.ledger().checkpoint().await;
                print!("{}", note.map_err(LogFault::from)?.unwrap_or_default());
                Ok(())
            }
            Self::Status(place) => {
                let store = place.open().await?;
                let signed = store.ledger().checkpoint().await.map_err(LogFault::from)?;
                let signed = signed.map_or("not signed yet", |_| "signed");
                println!("the log is {signed}");
                let witnessed = super::witnesses::told(&store, Clock::system().now()).await?;
                store.close().await;
                if witnessed {
                    Ok(())
                } else {
                    Err(Fault::NotWitnessed)
                }
            }
            Self::Key { keys } => {
                println!("{}", LogKey::of(KeyFile::open(&keys.file)?.checkpoint()));
                Ok(())
            }
            Self::Witness(witnesses) => witnesses.run().await,
            Self::Witnessed(place) => {
                let store = place.open().await?;
                for witness in store.witnesses().await? {
                    if let Some((note, _)) = witness.signed {
                        println!("{note}");
                    }
                }
                Ok(())
            }
            Self::Receipt(kept) => kept.run().await,
            Self::SubjectKey(hand_over) => hand_over.run().await,
            Self::Subject(subject) => subject.run(),
            Self::Copy(copy) => {
                let store = copy.place.open().await?;
                let of = |cause| fault(&copy.output, cause);
                let mut file = BufWriter::new(new_file(&copy.output).map_err(of)?);
                let person = copy.person.as_deref().map(person_key).transpose()?;
                let ledger = store.ledger();
                let entries = ledger.export(&mut file, person.as_ref()).await?;
                println!("wrote {entries} entries to {}", copy.output.display());
                Ok(())
            }
        }
    }
}

impl Verify {
    async fn run(self) -> Result<(), Fault> {
        let since = self.since.as_deref().map(note_in).transpose()?;
        let since = since.as_deref();
        let witnesses = witness_keys(&self.witnesses)?;
        let report = match &self.log {
            Some(file) => {
                let key = match &self.key {
                    Some(key) => log_key(key)?,
                    None => LogKey::of(KeyFile::open(&self.place.keys.file)?.checkpoint()),
                };
                verify_file(|| lines_of(file), &key, since, &witnesses, None)?.0
            }
            None => {
                let store = self.place.open().await?;
                store.ledger().verify_signed_by(&witnesses, since).await?
            }
        };
        told(&report)
    }
}

impl Kept {
    async fn run(self) -> Result<(), Fault> {
        let store = self.place.open().await?;
        let promise = Promise::read(&self.receipt, store.keys()).ok_or(Fault::NoReceipt)?;
        let proof = store.ledger().prove(promise.n, &promise.leaf).await?;
        let (note, proof) = proof.ok_or(Fault::NotInLog(promise))?;
        let (size, hashes) = (note.checkpoint.size, proof.len());
        println!("{promise}, is in the log of {size} entries that was signed ({hashes} hashes)");
        let mut witnessed = false;
        for witness in store.witnesses().await? {
            let Some((note, at)) = &witness.signed else {
                continue;
            };
            let (size, root) = (note.checkpoint.size, note.checkpoint.root);
            let entry = u64::try_from(promise.n).unwrap_or(u64::MAX);
            let Some((tick, path)) = store.ledger().tick_with(entry, size).await? else {
                continue;
            };
            let leaf = tree::leaf_hash(tick.body().as_bytes());
            if tree::verify_inclusion(tick.n - 1, size, &leaf, &path, &root) {
                let (n, by, hashes) = (tick.n, witness.key.name(), path.len());
                println!(
                    "witnessed: in tick {n} of those that `{by}` signed at {at} ({hashes} hashes)"
                );
                witnessed = true;
            }
        }
        if !witnessed {
            println!("no witness has signed it yet");
        }
        Ok(())
    }
}

impl HandOver {
    async fn run(self) -> Result<(), Fault> {
        let store = self.place.open().await?;
        let authority = Arc::new(self.names.authority(store.keys())?);
        let hub = Hub::new(store.clone(), authority, Clock::system());
        let token = token_in(&self.token_file)?;
        let credential = Credential {
            token: &token,
            bound: false,
            proof: None,
        };
        let viewer = http::Hub::viewer(&hub, Some(credential), "", None).await;
        let viewer = viewer.map_err(ExportError::from)?;
        let request = Request {
            name: "handOverSubjectKey",
            key: None,
            input: &self.person,
        };
        let Begun::Now(mut act) = store.begin_act(&viewer, request).await? else {
            return Ok(());
        };
        let person = act
            .find::<Person>(id_of(Kind::Person, &self.person))
            .await?;
        let key = act.subject_key(&person).await?;
        act.commit(person.id()).await?;
        let of = |cause| fault(&self.output, cause);
        let mut file = new_file(&self.output).map_err(of)?;
        writeln!(file, "{}", key.written().as_str()).map_err(of)?;
        println!("wrote the key to {}", self.output.display());
        Ok(())
    }
}

impl Subject {
    fn run(self) -> Result<(), Fault> {
        let key = person_key(&self.key_file)?;
        let since = self.checkpoint.as_deref().map(note_in).transpose()?;
        let log = log_key(&self.log_key)?;
        let file = || lines_of(&self.log);
        let witnesses = witness_keys(&self.witnesses)?;
        let since = since.as_deref();
        let (report, own) = verify_file(file, &log, since, &witnesses, Some(&key))?;
        for entry in &own {
            let at = Moment::from_millis(entry.at);
            let (n, kind, by) = (entry.n, &entry.kind, &entry.mechanism);
            let fields = entry.fields.join(", ");
            let purpose = entry.purpose.as_deref().unwrap_or("-");
            println!("{n}\t{at}\t{kind}\t{by}\t{purpose}\t{fields}");
        }
        told(&report)
    }
}

fn lines_of(path: &Path) -> std::io::Result<Box<dyn BufRead>> {
    Ok(Box::new(BufReader::new(File::open(path)?)))
}

/// The public key of a log.
pub(super) fn log_key(text: &str) -> Result<LogKey, Fault> {
    let key = text.parse();
    key.map_err(|fault| Fault::Note(text.to_owned(), fault))
}

/// The public key of a witness.
pub(super) fn witness_key(text: &str) -> Result<WitnessKey, Fault> {
    let key = text.parse();
    key.map_err(|fault| Fault::Note(text.to_owned(), fault))
}

fn person_key(file: &Path) -> Result<SubjectKey, Fault> {
    let text = Zeroizing::new(token_in(file)?);
    SubjectKey::parse(&text).ok_or(Fault::NoSubjectKey)
}

fn witness_keys(texts: &[String]) -> Result<Vec<WitnessKey>, Fault> {
    texts.iter().map(|text| witness_key(text)).collect()
}

/// Says what a check has come to, and fails where something is wrong.
fn told(report: &Report) -> Result<(), Fault> {
    for finding in &report.findings {
        println!("{finding}");
    }
    if !report.is_whole() {
        return Err(Fault::LogBroken);
    }
    let (size, signed) = (report.size, report.signed);
    println!("{size} entries, each as it was written");
    let beyond = match size - signed {
        0 => String::new(),
        1 => "; the last is not signed yet".to_owned(),
        many => format!("; the last {many} are not signed yet"),
    };
    println!(
        "{} checkpoints agree, signed up to entry {signed}{beyond}",
        report.checkpoints
    );
    for witnessed in &report.witnessed {
        let (by, at, entries) = (&witnessed.by, witnessed.at, witnessed.entries);
        println!("witnessed up to entry {entries}, at {at} by {by}");
    }
    if report.witnessed.is_empty() {
        println!("{} ticks, of which nobody has witnessed any", report.ticks);
    }
    if report.erased > 0 {
        println!(
            "the words of {} entries were erased with the person whom they were about",
            report.erased
        );
    }
    Ok(())
}

/// The checkpoint in a file.
fn note_in(path: &Path) -> Result<String, Fault> {
    let note = std::fs::read_to_string(path).map_err(|cause| fault(path, cause))?;
    match note.parse::<Note>() {
        Ok(_) => Ok(note),
        Err(cause) => Err(Fault::Note(path.display().to_string(), cause)),
    }
}

fn fault(path: &Path, cause: std::io::Error) -> Fault {
    Fault::File {
        path: path.display().to_string(),
        cause,
    }
}
