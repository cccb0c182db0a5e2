//! `liaison match blind`: tokens of a docket that never leaves its own machine.

mod ask;
mod docket;
mod line;
mod pin;
mod sent;

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use thiserror::Error;
use zeroize::Zeroizing;

use self::{
    ask::{Asking, Holders},
    docket::Matter,
    line::{Line, Party},
    pin::Pinned,
    sent::Sent,
};
use super::settings::token_in;
use crate::{
    matter::AskHolder,
    same_matter::{
        MatchKey, NORMALISATION, Tokens,
        blind::{BlindDocket, BlindFault, MOST_ELEMENTS, Published, Question},
    },
};

pub(in crate::cli) use self::docket::LineFault;

/// Elements that are asked for before what they are for is sent: what is lost at most where
/// a day ends in between.
const AT_ONCE: usize = 5 * MOST_ELEMENTS;

/// A docket to be sent as tokens.
#[derive(Debug, Args)]
pub(in crate::cli) struct Blind {
    /// The docket, as CSV with the columns `handle` (the file number), `countries` (ISO
    /// alpha-3), `names` (each way in which the name is written), `born` and `happened` (as
    /// far as known: 1984, 1984-03, 1984-03-12). Several values are kept apart by bars; a
    /// matter of several persons has a line for each, under one handle.
    file: PathBuf,
    /// The hub, as in `https://hub.example`.
    #[arg(long)]
    hub: String,
    /// The second key holder, as in `https://keys.example`.
    #[arg(long)]
    holder: String,
    /// The file that the hub's token is in, with the scope `match:query
    /// read:communication@SECRETARIAT read:person@SECRETARIAT`, without limits; without it,
    /// the variable LIAISON_TOKEN.
    #[arg(long)]
    token_file: Option<PathBuf>,
    /// The file that the second key holder's secret is in; without it, the variable
    /// LIAISON_HOLDER_SECRET.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// What the second key holder has published of its share, as it has told you itself: its
    /// `liaison match holder status` prints it. Where nothing is said, it is what was used
    /// first, which is kept beside the docket (`.holder`); another is refused.
    #[arg(long)]
    holder_key: Option<String>,
    /// Where it is noted what was sent; beside the docket, where nothing is said.
    #[arg(long)]
    sent: Option<PathBuf>,
    /// Write each request to this file before it is sent, so that anybody can see what leaves
    /// the machine; tokens and secrets of the sender are left out.
    #[arg(long)]
    dump: Option<PathBuf>,
    /// The file has persons who do not exist: each line is a canary, and whoever's question
    /// meets it raises an alarm. The token is of an officer charged with data protection.
    #[arg(long)]
    canaries: bool,
    /// Read the docket and say what would be sent; ask nobody.
    #[arg(long)]
    dry_run: bool,
}

/// Why not everything was sent.
#[derive(Debug, Error)]
pub enum BlindError {
    /// The docket.
    #[error("{0}: {1}")]
    Docket(String, LineFault),
    /// A file.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    /// A secret that is neither in a file nor in the environment.
    #[error("there is no secret for {0}; name a file with `{1}`, or set `{2}`")]
    NoSecret(&'static str, &'static str, &'static str),
    /// An address on which a secret would be readable on the way.
    #[error("`{0}` is no address that a secret may be sent to: write it as `https://hub.example`")]
    Address(String),
    /// Nobody answers.
    #[error("{0} does not answer: {1}")]
    Silent(String, String),
    /// Somebody refuses.
    #[error("{0} refuses: {1}")]
    Refused(String, String),
    /// Somebody answers something else.
    #[error("{0} gives an answer that is none")]
    Answer(String),
    /// A canary of several persons.
    #[error("`{0}` has several lines: a canary is one invented person")]
    Canary(String),
    /// The option is no share.
    #[error("`{0}` is no share that a key holder publishes")]
    NoShare(String),
    /// The second key holder is another than before, or than the one that was named.
    #[error(
        "HOLDER_KEY_CHANGED: the hub tells of a second key holder with the share {told}, and it was {pinned}; nothing was sent. Ask the holder itself, and name its share with `--holder-key`"
    )]
    HolderChanged {
        /// The share that was pinned or named.
        pinned: String,
        /// The share that the hub tells.
        told: String,
    },
    /// The exchange.
    #[error(transparent)]
    Blind(#[from] BlindFault),
}

impl Blind {
    pub(super) fn run(self) -> Result<(), BlindError> {
        let name = self.file.display().to_string();
        let docket = docket::read(&self.file).map_err(|fault| BlindError::Docket(name, fault))?;
        let persons: usize = docket.iter().map(|matter| matter.persons.len()).sum();
        println!(
            "{}: {} matters, {persons} persons",
            self.file.display(),
            docket.len()
        );
        let crowd = docket.iter().find(|matter| matter.persons.len() != 1);
        if let Some(crowd) = crowd.filter(|_| self.canaries) {
            return Err(BlindError::Canary(crowd.handle.clone()));
        }
        if self.dry_run {
            let keys: usize = docket.iter().map(|matter| matter.keys().len()).sum();
            println!("nothing was sent; at most {keys} elements would be asked for");
            return Ok(());
        }
        let asking = Asking::to(
            (
                &self.hub,
                secret(
                    "the hub",
                    self.token_file.as_deref(),
                    "--token-file",
                    "LIAISON_TOKEN",
                )?,
            ),
            (
                &self.holder,
                secret(
                    "the second key holder",
                    self.secret_file.as_deref(),
                    "--secret-file",
                    "LIAISON_HOLDER_SECRET",
                )?,
            ),
            self.dump.as_deref(),
        )?;
        let holders = asking.holders()?;
        self.pin(&holders)?;
        let path = self.sent.clone().unwrap_or_else(|| beside(&self.file));
        let sent = Sent::open(&path, holders.pair())?;
        self.send(&asking, &holders, docket, sent)
    }

    /// Refuses a second key holder who is another than the one that was named or used before.
    fn pin(&self, holders: &Holders) -> Result<(), BlindError> {
        let given = self.holder_key.as_deref();
        let given = given.map(|text| {
            Published::parse(text.trim()).map_err(|_| BlindError::NoShare(text.to_owned()))
        });
        let [_, told] = &holders.published;
        let given = given.transpose()?;
        let pinned = pin::check(&pin::beside(&self.file), given.as_ref(), told)?;
        match pinned {
            Pinned::Before => {}
            Pinned::Given => println!("the second key holder's share is pinned: {told}"),
            Pinned::First => println!(
                "the second key holder's share is pinned as the hub tells it: {told}; ask the holder whether it is its own"
            ),
        }
        Ok(())
    }

    fn send(
        &self,
        asking: &Asking,
        holders: &Holders,
        docket: Vec<Matter>,
        mut sent: Sent,
    ) -> Result<(), BlindError> {
        let all = docket.len();
        let fresh: Vec<Matter> = docket
            .into_iter()
            .filter(|matter| !sent.has(matter))
            .collect();
        println!(
            "{} were sent before, and have not changed",
            all - fresh.len()
        );
        let (mut matters, mut tokens, mut elements) = (0, 0, 0);
        let mut waiting = fresh.as_slice();
        let ended = loop {
            let packet = packet(waiting);
            if packet.is_empty() {
                break Ok(());
            }
            let made = match made(asking, holders, packet) {
                Ok(made) => made,
                Err(fault) => break Err(fault),
            };
            let mut each = made.into_iter();
            for matter in packet {
                let own: Vec<_> = each.by_ref().take(matter.keys().len()).collect();
                let id = if self.canaries {
                    asking.plant(holders.pair(), matter, &own)?
                } else {
                    asking.upload(holders.pair(), matter, &own, sent.id(matter))?
                };
                sent.note(matter, &id)?;
                (matters, tokens) = (matters + 1, tokens + own.len());
            }
            elements += packet
                .iter()
                .map(|matter| matter.keys().len())
                .sum::<usize>();
            waiting = waiting.get(packet.len()..).unwrap_or_default();
        };
        println!(
            "{matters} sent: {tokens} tokens ({NORMALISATION}, pair {}); {elements} elements were multiplied by each holder",
            holders.pair()
        );
        println!("sent were file numbers, States, kinds and tokens; no name, no date");
        if ended.is_err() {
            println!(
                "{} wait: run the command again, and they are sent",
                fresh.len() - matters
            );
        }
        ended
    }
}

/// How the hub asks the second key holder, as a client of it.
pub(in crate::cli) fn holder_asked(
    url: &str,
    secret_file: Option<&Path>,
) -> Result<Arc<AskHolder>, BlindError> {
    let secret = secret(
        "the second key holder",
        secret_file,
        "--secret-file",
        "LIAISON_HOLDER_SECRET",
    )?;
    let (line, holder) = (Line::open(None)?, Party::at((url, secret))?);
    Ok(Arc::new(move |share: &Published, asked: &[Question]| {
        Ok(line.batch(&holder, share, asked)?)
    }))
}

/// The next matters whose elements are asked for together: at least one.
fn packet(waiting: &[Matter]) -> &[Matter] {
    let mut room = AT_ONCE;
    let fits = waiting.iter().enumerate().take_while(|(place, matter)| {
        let keys = matter.keys().len();
        let fits = *place == 0 || keys <= room;
        room = room.saturating_sub(keys);
        fits
    });
    let count = fits.count();
    waiting.get(..count).unwrap_or_default()
}

/// Tokens of the keys of matters, in their order.
fn made(
    asking: &Asking,
    holders: &Holders,
    packet: &[Matter],
) -> Result<Vec<crate::same_matter::TypedToken>, BlindError> {
    let mode = BlindDocket::new(holders.published);
    let keys: Vec<MatchKey> = packet.iter().flat_map(Matter::keys).cloned().collect();
    let (pending, questions) = mode.begin(&keys)?;
    let mut answers = Vec::with_capacity(questions.len());
    for asked in questions.chunks(MOST_ELEMENTS) {
        let [of_hub, of_holder] = asking.evaluated(holders, asked)?;
        answers.extend(mode.answers(asked, [&of_hub, &of_holder])?);
    }
    Ok(mode.finish(pending, answers)?)
}

fn secret(
    whose: &'static str,
    file: Option<&Path>,
    option: &'static str,
    variable: &'static str,
) -> Result<Zeroizing<String>, BlindError> {
    if let Some(file) = file {
        return token_in(file).map(Zeroizing::new).map_err(|fault| {
            BlindError::File(file.to_owned(), io::Error::other(fault.to_string()))
        });
    }
    let text = std::env::var(variable).ok().map(Zeroizing::new);
    let text = text.map(|text| Zeroizing::new(text.trim().to_owned()));
    text.filter(|text| !text.is_empty())
        .ok_or(BlindError::NoSecret(whose, option, variable))
}

/// Where it is noted what was sent of a docket.
fn beside(docket: &Path) -> PathBuf {
    let mut name = docket.as_os_str().to_owned();
    name.push(".sent");
    PathBuf::from(name)
}
