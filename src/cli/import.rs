//! `liaison import`: a partner's files, as records of the mechanism whose token is used.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::settings::{Database, Fault, Keys, Names, token_in};
use crate::{
    clock::Clock,
    identity::{kind::Kind, token::TokenAuthority, viewer::Viewer},
    import::{
        acts::{self, Run},
        describe,
        graphql::year,
        mapping::{Mapping, MappingError, READY, ready},
        plan::{File, Job},
        read::{Limits, Options, read},
        rejects,
        report::{Finding, FindingCode, Findings, json_line, refused_rows},
        values::text::is_hidden,
    },
    keys::KeyFile,
    store::{
        Store,
        act::{ActError, Begun, Request},
        standing::ViewerError,
    },
    vocabulary::codes::Coded,
};

/// Groups of findings that the terminal is told of each file.
const TOLD: usize = 60;
/// Lines that a group names.
const LINES: usize = 8;

/// Why nothing was imported, or not all.
#[derive(Debug, thiserror::Error)]
pub enum ImportFault {
    /// The token.
    #[error("the token is refused: {0}")]
    Token(String),
    /// The kind.
    #[error("`{0}` is no kind of record")]
    Kind(String),
    /// The mapping is for another kind.
    #[error("the mapping is for records of kind `{mapping}`, and `--kind` says `{said}`")]
    OtherKind {
        /// That of the mapping.
        mapping: Kind,
        /// That of the flag.
        said: Kind,
    },
    /// There is no such mapping.
    #[error(
        "there is no mapping `{0}`, nor a file of that name; mappings that come with this hub are {1}"
    )]
    NoMapping(String, String),
    /// The mapping holds faults.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The encoding.
    #[error("`{0}` is no encoding; write `windows-1252`, `iso-8859-6` or `utf-16le`")]
    Encoding(String),
    /// The act as a whole was refused.
    #[error("nothing was imported: {0}")]
    Refused(String),
    /// Rows were refused.
    #[error(
        "nothing was imported: {0}, as the report says. Correct them, or import the others with `--partial`"
    )]
    Rows(String),
    /// A file was refused.
    #[error("nothing was imported: a file is refused, as the report says")]
    Files,
    /// Some rows were left out.
    #[error("the rows that were not imported are in {0}")]
    Rejects(String),
    /// A dry run found rows that would be refused.
    #[error("{0}, as the report says")]
    DryRun(String),
}

/// What tells of mappings, and imports nothing.
const TELLING: [&str; 2] = ["list", "describe"];
/// What an import takes; a setting of the environment is none of it.
const IMPORTING: [&str; 4] = ["token_file", "kind", "mapping", "files"];

/// Import the files of a partner as records of your mechanism.
///
/// All is imported, or nothing. The report says by line and column what was found. With
/// `--list` or `--describe` nothing is imported, and neither a token nor a database is needed.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// List the mappings that come with this hub, each with what it is for.
    #[arg(long, conflicts_with_all = IMPORTING)]
    list: bool,
    /// Say which columns a mapping expects and what each becomes: of a file, or of one that
    /// comes with this hub.
    #[arg(long, value_name = "MAPPING", conflicts_with_all = IMPORTING, conflicts_with = "list")]
    describe: Option<String>,
    /// The file with your token, which nobody else may be able to read.
    #[arg(long, required_unless_present_any = TELLING)]
    token_file: Option<PathBuf>,
    /// The kind of record that each row becomes: country, organisation, mechanism, document
    /// or communication.
    #[arg(long, required_unless_present_any = TELLING)]
    kind: Option<String>,
    /// The mapping: a file, or the name of one that comes with this hub.
    #[arg(long, required_unless_present_any = TELLING)]
    mapping: Option<String>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Import the rows that are good; the others are written to a file of rejects.
    #[arg(long)]
    partial: bool,
    /// The encoding of files that are not UTF-8, such as `windows-1252`.
    #[arg(long)]
    encoding: Option<String>,
    /// The sheet of a workbook; the first where nothing is said.
    #[arg(long)]
    sheet: Option<String>,
    /// The folder for files of rejects.
    #[arg(long, default_value = ".")]
    rejects: PathBuf,
    /// Write the whole report to a new file, a JSON object a line.
    #[arg(long)]
    report: Option<PathBuf>,
    /// The files: CSV (with `,`, `;` or TAB), JSON, JSON lines (`.jsonl`) or XLSX.
    #[arg(required_unless_present_any = TELLING)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    names: Names,
}

impl Import {
    pub(super) async fn run(self) -> Result<(), Fault> {
        if self.list {
            print!("{}", describe::list());
            return Ok(());
        }
        if let Some(name) = &self.describe {
            print!("{}", describe::describe(name, &mapping(name)?));
            return Ok(());
        }
        // Nothing else is asked for without these: it is for the command line to say so.
        let (Some(token_file), Some(kind), Some(name)) =
            (&self.token_file, &self.kind, &self.mapping)
        else {
            return Ok(());
        };
        let said = Kind::from_code(kind).ok_or(ImportFault::Kind(kind.clone()))?;
        let mapping = mapping(name)?;
        if mapping.kind != said {
            let mapping = mapping.kind;
            return Err(ImportFault::OtherKind { mapping, said }.into());
        }
        let options = self.options()?;
        let token = token_in(token_file)?;
        let keys = Arc::new(KeyFile::open(&self.keys.file)?);
        let authority = self.names.authority(&keys)?;
        let store = self.database.open(&self.keys, keys).await?;
        let clock = Clock::system();
        // The token is looked at before the files: who may not write is told at once.
        let viewer = viewer(&store, &authority, &token, &clock).await?;
        let files = self.read(&options)?;
        let rows = files.iter().filter_map(|file| file.table.as_ref());
        let rows = rows.map(|table| table.rows.len()).sum();
        let checked = bar("checking", rows);
        let year = year(viewer.now());
        let job = Job::plan(mapping, files, year, || checked.inc(1));
        checked.finish_and_clear();
        let ended = self.write(&store, &viewer, job).await;
        store.close().await;
        ended
    }

    fn options(&self) -> Result<Options, Fault> {
        let encoding = self.encoding.as_ref().map(|label| {
            encoding_rs::Encoding::for_label(label.as_bytes())
                .ok_or_else(|| ImportFault::Encoding(label.clone()))
        });
        Ok(Options {
            encoding: encoding.transpose()?,
            sheet: self.sheet.clone(),
        })
    }

    fn read(&self, options: &Options) -> Result<Vec<File>, Fault> {
        let progress = bar("reading", self.files.len());
        let mut files = Vec::new();
        for path in &self.files {
            let facts = fs::metadata(path).map_err(|cause| file_fault(path, cause))?;
            let name = printable(path.file_name().unwrap_or_default());
            let mut findings = Findings::default();
            let table = if facts.len() > u64::try_from(Limits::BYTES).unwrap_or(u64::MAX) {
                let sentence = format!("the file is over {} MiB", Limits::BYTES >> 20);
                findings.push(FindingCode::FileTooLarge.says(sentence));
                None
            } else {
                let bytes = fs::read(path).map_err(|cause| file_fault(path, cause))?;
                read(&name, &bytes, options, &mut findings)
            };
            files.push(File {
                name,
                table,
                findings,
            });
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(files)
    }

    async fn write(&self, store: &Store, viewer: &Viewer, mut job: Job) -> Result<(), Fault> {
        let request = Request {
            name: "importRows",
            key: None,
            input: "",
        };
        let begun = store.begin_act(viewer, request).await;
        let Begun::Now(mut act) = begun.map_err(refused)? else {
            return Ok(());
        };
        let written = bar("writing", job.rows.len());
        let run = acts::run(&mut act, &mut job, self.partial, &mut || written.inc(1)).await;
        written.finish_and_clear();
        let run = run.map_err(refused)?;
        self.tell(&job)?;
        let counts = job.counts();
        if job.is_fatal() {
            return Err(ImportFault::Files.into());
        }
        if self.dry_run {
            println!("a dry run, nothing was written: {}", counts.words());
            return match counts.refused {
                0 => Ok(()),
                refused => Err(ImportFault::DryRun(refused_rows(refused)).into()),
            };
        }
        if run == Run::Refused {
            return Err(ImportFault::Rows(refused_rows(counts.refused)).into());
        }
        // Before the commit: where rejects can't be kept, nothing is imported.
        let rejects = self.keep_rejects(&job)?;
        let own = act.own().map_err(refused)?;
        if let Err(error) = act.commit(own.into()).await {
            for path in &rejects {
                let _ = fs::remove_file(path);
            }
            return Err(refused(error));
        }
        println!("imported: {}", counts.words());
        if rejects.is_empty() {
            return Ok(());
        }
        let paths: Vec<String> = rejects
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        Err(ImportFault::Rejects(paths.join(", ")).into())
    }

    /// Writes the rejects of each file that has some, for the writer's eyes alone.
    fn keep_rejects(&self, job: &Job) -> Result<Vec<PathBuf>, Fault> {
        let mut kept: Vec<PathBuf> = Vec::new();
        for (place, file) in job.files.iter().enumerate() {
            let (Some(text), Some(table)) = (rejects::of(job, place), &file.table) else {
                continue;
            };
            let stem = Path::new(&file.name).file_stem().unwrap_or_default();
            let name = format!(
                "{}.rejects.{}",
                stem.to_string_lossy(),
                rejects::extension(table.format)
            );
            let path = self.rejects.join(name);
            if let Err(fault) = keep(&path, &text) {
                for path in &kept {
                    let _ = fs::remove_file(path);
                }
                return Err(fault);
            }
            kept.push(path);
        }
        Ok(kept)
    }

    /// Tells the terminal what was found, and writes the whole report where one is wanted.
    fn tell(&self, job: &Job) -> Result<(), Fault> {
        for file in &job.files {
            print!("{}", told(&file.name, &file.findings));
        }
        let Some(path) = &self.report else {
            return Ok(());
        };
        let lines = job.files.iter().flat_map(|file| {
            let found = file.findings.by_line().into_iter();
            found.map(|finding| json_line(&file.name, finding) + "\n")
        });
        keep(path, &lines.collect::<String>())
    }
}

/// A mapping: of those that come with this hub, or of a file.
fn mapping(name: &str) -> Result<Mapping, Fault> {
    let text = match ready(name) {
        Some(text) => text.to_owned(),
        None => match fs::read_to_string(name) {
            Ok(text) => text,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                let names = READY.map(|(name, _)| name).join(", ");
                return Err(ImportFault::NoMapping(name.to_owned(), names).into());
            }
            Err(cause) => return Err(file_fault(Path::new(name), cause)),
        },
    };
    Ok(Mapping::parse(&text).map_err(ImportFault::from)?)
}

/// A report in words: what is alike stands together, with its lines.
fn told(name: &str, findings: &Findings) -> String {
    type Group<'a> = (bool, Option<&'a str>, &'a str, &'a str, Option<&'a str>);
    let mut groups: BTreeMap<Group<'_>, Vec<&Finding>> = BTreeMap::new();
    let found = findings.by_line();
    for finding in &found {
        let group = (
            finding.code.is_remark(),
            finding.column.as_deref(),
            finding.code.code(),
            finding.sentence.as_str(),
            finding.value.as_deref(),
        );
        groups.entry(group).or_default().push(finding);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    // Refusals first, then by the line on which each is met first.
    groups.sort_by_key(|((remark, ..), found)| {
        (*remark, found.first().and_then(|finding| finding.line))
    });
    let mut text = String::new();
    if !groups.is_empty() {
        text.push_str(&format!("{name}\n"));
    }
    for ((remark, column, code, sentence, value), found) in groups.iter().take(TOLD) {
        let word = if *remark { "remark" } else { "refused" };
        let column = column.map(|column| format!(", column `{column}`"));
        let value = value.map(|value| format!(", `{value}`"));
        text.push_str(&format!(
            "  {word:<8}{}{}{}: {sentence} [{code}]\n",
            places(found),
            column.unwrap_or_default(),
            value.unwrap_or_default(),
        ));
    }
    if groups.len() > TOLD || findings.more() > 0 {
        let more = groups.len().saturating_sub(TOLD) + findings.more();
        text.push_str(&format!(
            "  and {more} more; `--report FILE` keeps what was found, line by line\n"
        ));
    }
    text
}

fn places(found: &[&Finding]) -> String {
    let mut lines: Vec<u64> = found.iter().filter_map(|finding| finding.line).collect();
    lines.dedup();
    let named: Vec<String> = lines.iter().take(LINES).map(u64::to_string).collect();
    match (lines.len(), named.join(", ")) {
        (0, _) => "the whole file".to_owned(),
        (1, line) => format!("line {line}"),
        (many, named) if many > LINES => {
            format!("lines {named} and {} others", many - LINES)
        }
        (_, named) => format!("lines {named}"),
    }
}

/// A file's name as it can be shown and kept: what does not show is `_`.
fn printable(name: &OsStr) -> String {
    let name = name.to_string_lossy();
    let letter = |letter: char| match letter {
        hidden if hidden.is_control() || is_hidden(hidden) => '_',
        other => other,
    };
    name.chars().map(letter).collect()
}

/// A new file that its writer alone can read.
fn keep(path: &Path, text: &str) -> Result<(), Fault> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    let kept = file.and_then(|mut file| {
        let kept = file.write_all(text.as_bytes());
        if kept.is_err() {
            let _ = fs::remove_file(path);
        }
        kept
    });
    kept.map_err(|cause| file_fault(path, cause))
}

/// The token in a file that its owner alone can read.
async fn viewer(
    store: &Store,
    authority: &TokenAuthority,
    token: &str,
    clock: &Clock,
) -> Result<Viewer, Fault> {
    let now = clock.now();
    let refused = |reason: String| Fault::from(ImportFault::Token(reason));
    let recognised = authority
        .recognise(token, now)
        .map_err(|error| refused(error.reason().to_string()))?;
    match store.viewer_of(&recognised, None, now).await {
        Ok(viewer) => Ok(viewer),
        Err(ViewerError::Refused(error)) => Err(refused(error.reason().to_string())),
        Err(ViewerError::Store(error)) => Err(error.into()),
    }
}

fn refused(error: ActError) -> Fault {
    match error {
        ActError::Refused(refusal) => ImportFault::Refused(refusal.sentence).into(),
        ActError::Fault(fault) => fault.into(),
    }
}

fn file_fault(path: &Path, cause: io::Error) -> Fault {
    Fault::File {
        path: path.display().to_string(),
        cause,
    }
}

/// A bar on a terminal; elsewhere nothing is drawn.
fn bar(what: &'static str, length: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} {eta}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(what);
    bar
}
