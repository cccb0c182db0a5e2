//! `liaison match`: how well the same-matter check finds what is in a docket.

use std::{fs, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};

use super::{
    Fault,
    blind::{Blind, holder_asked},
    import::viewer,
    key_holder::{Holder, Share},
    settings::{Database, Keys, Names, token_in},
};
use crate::{
    clock::Clock,
    identity::purpose::Purpose,
    keys::{KeyFile, KeyFileError, SecretKey},
    matter::{Beside, backfill},
    same_matter::{
        Weights,
        synthetic::{Habits, Plan, Trial, World, report, train},
    },
};

/// Seed of the world in which an evaluation is made; no other has it.
const EVALUATION: u64 = 100;
/// Seed of the fixture.
const FIXTURE: u64 = 3_000;
/// Pairs of the fixture that are of one person, and those that are not.
const HALF: u32 = 1_500;
/// Probes of an evaluation with a match, and those without.
const PROBES: u32 = 2_500;

#[derive(Debug, Subcommand)]
pub(super) enum Match {
    /// Print how many of the matches in a docket of invented persons are found.
    ///
    /// By language, with 95 % intervals (Wilson), at several shares of false signals: probes
    /// without a match that raise a signal.
    Evaluate(Evaluate),
    /// Make the tokens that persons on file lack, so that they can be compared.
    ///
    /// As an officer with leave (`giveGrant`, purpose SAME_MATTER) to open the names and dates
    /// of birth; each file that is opened is put on record before it is. Others are left out.
    Backfill(Backfill),
    /// Send tokens of a docket that never leaves this machine, and nothing of a name.
    ///
    /// For a mechanism that may not send names to the hub. Each name in the file is made into
    /// keys, each key is blinded, the hub and the second key holder multiply what they can't
    /// read by their shares, and what comes of it goes to the hub with the file number and
    /// the State. What was sent before is not sent again; what has changed takes the place of
    /// what was sent.
    Blind(Blind),
    /// The hub's share of the secret of blind tokens.
    #[command(subcommand)]
    Share(Share),
    /// The second key holder: another institution, with the other share.
    #[command(subcommand)]
    Holder(Holder),
    /// Print weights, trained on invented persons.
    #[command(hide = true)]
    Train {
        /// The version they get.
        #[arg(long, default_value_t = 1)]
        version: u32,
    },
    /// Write the pairs that the tests use.
    #[command(hide = true)]
    Fixture {
        /// Where.
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(super) struct Evaluate {
    /// Records of the docket.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    docket: u32,
    /// Spellings of each name that are on file.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    spellings: u8,
    /// Of which world: another number, other persons.
    #[arg(long, default_value_t = EVALUATION)]
    seed: u64,
    /// Against the 3,000 pairs that Liaison is delivered with.
    #[arg(long, conflicts_with_all = ["docket", "seed", "pairs"])]
    fixture: bool,
    /// Against the pairs of a file: `1` or `0` (one person or two), then twice language,
    /// State, dates of birth and event, nothing, spellings between bars; between tabs.
    #[arg(long, conflicts_with_all = ["docket", "seed"])]
    pairs: Option<PathBuf>,
    /// Against records of two files, the docket and then the probes: CSV with the columns
    /// `person` (the same in both files: one person), `names` (bars between) and, as far as
    /// there are, `born`, `happened`, `country` and `language`. Files of FEBRL are taken as
    /// they are; they have no event. Where all probes are in the docket, every second record
    /// of it is left out.
    #[arg(long = "file", num_args = 1, conflicts_with_all = ["docket", "seed", "fixture", "pairs"])]
    files: Vec<PathBuf>,
    /// Weights other than those that Liaison is delivered with.
    #[arg(long)]
    weights: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Backfill {
    /// The file with your token, which nobody else may be able to read.
    #[arg(long)]
    token_file: PathBuf,
    /// Make blind tokens beside the hub's own, with the second key holder at this address, so
    /// that dockets without names meet this one. The hub is a client of the holder (`liaison
    /// match holder admit`): about 100 elements a person.
    #[arg(long)]
    holder: Option<String>,
    /// The file that the second key holder's secret is in; without it, the variable
    /// LIAISON_HOLDER_SECRET.
    #[arg(long, requires = "holder")]
    secret_file: Option<PathBuf>,
    /// Why the files are opened: sealed, beside the log's entries.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    names: Names,
}

impl Backfill {
    async fn run(self) -> Result<(), Fault> {
        let token = token_in(&self.token_file)?;
        let stated = serde_json::json!({ "code": "SAME_MATTER", "reason": self.reason });
        let purpose = Purpose::parse(&stated).map_err(|_| Fault::Reason)?;
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let authority = self.names.authority(&keys)?;
        let beside = match &self.holder {
            None => None,
            Some(url) => {
                let key = keys.blind().ok_or(KeyFileError::NoShare)?;
                let ask = holder_asked(url, self.secret_file.as_deref())?;
                Some(Beside::new(key.share()?, key.holder(), ask))
            }
        };
        let store = self.database.open(&self.keys, keys).await?;
        let at = (&Clock::system(), Some(purpose));
        let viewer = viewer(&store, &authority, &token, at).await?;
        let done = backfill(&store, Arc::new(viewer), beside.as_ref()).await?;
        println!(
            "made the tokens of {} persons' parts; {} were left out: you have no leave to open \
             their names and dates of birth for SAME_MATTER",
            done.made, done.without_leave
        );
        store.close().await;
        Ok(())
    }
}

impl Match {
    pub(super) async fn run(self) -> Result<(), Fault> {
        match self {
            Self::Backfill(backfill) => backfill.run().await,
            Self::Blind(blind) => Ok(blind.run()?),
            Self::Share(share) => share.run(),
            Self::Holder(holder) => holder.run().await,
            Self::Evaluate(evaluate) => evaluate.run(),
            Self::Train { version } => {
                let weights = train(&SecretKey::fresh()?, version)?;
                let text = serde_json::to_string_pretty(&weights)
                    .map_err(|fault| Fault::Weights(fault.into()))?;
                println!("{text}");
                Ok(())
            }
            Self::Fixture { file } => {
                let world = World::of(Plan {
                    seed: FIXTURE,
                    docket: 2 * HALF,
                    matched: HALF,
                    clean: HALF,
                    habits: Habits {
                        spellings: 2,
                        held_out: true,
                    },
                });
                fs::write(&file, world.to_archive()?).map_err(|cause| file_fault(&file, cause))
            }
        }
    }
}

impl Evaluate {
    fn run(self) -> Result<(), Fault> {
        let weights = match &self.weights {
            None => Weights::shipped()?,
            Some(file) => {
                let text = fs::read(file).map_err(|cause| file_fault(file, cause))?;
                let weights = serde_json::from_slice(&text);
                Weights::of(weights.map_err(|fault| Fault::Weights(fault.into()))?)?
            }
        };
        let spellings = usize::from(self.spellings);
        let world = if let Some(file) = &self.pairs {
            let text = fs::read_to_string(file).map_err(|cause| file_fault(file, cause))?;
            World::from_pairs(&text)?.with_spellings(spellings)
        } else if let [docket, probes] = self.files.as_slice() {
            let [docket, probes] = [docket, probes]
                .map(|file| fs::read(file).map_err(|cause| file_fault(file, cause)));
            World::between(&docket?, &probes?)?.with_spellings(spellings)
        } else if !self.files.is_empty() {
            return Err(Fault::TwoFiles);
        } else if self.fixture {
            World::fixture()?.with_spellings(spellings)
        } else {
            World::of(Plan {
                seed: self.seed,
                docket: self.docket,
                matched: PROBES.min(self.docket / 2),
                clean: PROBES.min(self.docket / 2),
                habits: Habits {
                    spellings,
                    held_out: true,
                },
            })
        };
        let trial = Trial::of(&world, &SecretKey::fresh()?);
        print!("{}", report(&trial, &weights));
        Ok(())
    }
}

fn file_fault(file: &std::path::Path, cause: std::io::Error) -> Fault {
    Fault::File {
        path: file.display().to_string(),
        cause,
    }
}
