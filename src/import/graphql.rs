//! What the schema shows of an import: rows that a partner's system sends.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Context, InputObject, Object as GraphqlObject, Result, SimpleObject};

use super::{
    acts::{self, Run},
    mapping::{Mapping, ready},
    plan::{File, Job},
    read::{Cell, Format, Row, Table},
    report::{Counts, Finding, FindingCode, Findings, RowOutcome, refused_rows},
};
use crate::{
    clock::Moment,
    date::PartialDate,
    graphql::{
        acts::{Outcome, UserError, perform},
        context::Asking,
        object::Told,
    },
    store::act::{Refusal, RefusalCode},
};

/// Rows of a request at most.
const ROWS: usize = 500;
/// Findings that are told; the counts are of all.
const TOLD: usize = 500;
/// The name under which provenance keeps rows that came through the API.
const FILE: &str = "importRows";

/// Rows of a partner's system, and the mapping by which they are understood.
#[derive(InputObject)]
pub struct ImportRowsInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The kind of record that each row becomes, as scopes write it: `communication`.
    kind: String,
    /// The name of a mapping that comes with this hub, or a mapping as text (TOML or JSON).
    mapping: String,
    /// Names of the columns.
    columns: Vec<String>,
    /// The rows, each with one cell for each column; at most 500.
    rows: Vec<Vec<Option<String>>>,
    /// Whether the other rows are imported where some are refused; none is where nothing is
    /// said.
    partial: Option<bool>,
    /// Whether only to say what would become of the rows; nothing is written then.
    dry_run: Option<bool>,
}

/// What became of a row.
#[derive(SimpleObject)]
pub struct ImportedRow {
    /// Its number; the first is 1.
    line: i32,
    /// What became of it.
    outcome: Told<RowOutcome>,
}

/// Something found in the rows.
#[derive(SimpleObject)]
pub struct ImportFinding {
    /// A stable code.
    code: Told<FindingCode>,
    /// A sentence that says what to do about it.
    message: String,
    /// Whether it is a remark, and refuses nothing.
    remark: bool,
    /// The row's number; `null` where it is about all of them.
    line: Option<i32>,
    /// The column.
    column: Option<String>,
}

/// How many rows had which outcome.
#[derive(SimpleObject)]
pub struct ImportCounts {
    /// New records.
    created: i32,
    /// Records that were changed.
    changed: i32,
    /// Rows that say what an earlier import had said.
    unchanged: i32,
    /// Rows that say what another row says.
    repeated: i32,
    /// Rows that the mapping leaves out.
    skipped: i32,
    /// Rows that were refused.
    refused: i32,
}

/// What an import answers.
#[derive(SimpleObject)]
pub struct ImportRowsPayload {
    /// What became of each row, or would have; empty where the request was refused whole.
    rows: Vec<ImportedRow>,
    /// How many rows had which outcome.
    counts: ImportCounts,
    /// What was found in the rows; the first 500.
    findings: Vec<ImportFinding>,
    /// Whether anything was written.
    written: bool,
    /// Why nothing was done; empty where it was, and for a dry run that would have been.
    user_errors: Vec<UserError>,
}

/// Imports of a mechanism.
#[derive(Default)]
pub struct ImportActs;

#[GraphqlObject]
impl ImportActs {
    /// Imports rows of your system as records of your mechanism. A row that came before is
    /// known by the mapping's provider and the row's id: said again it changes nothing. What
    /// the mapping says nothing of is kept at `SECRETARIAT`.
    async fn import_rows(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: ImportRowsInput,
    ) -> Result<ImportRowsPayload> {
        let now = ctx.asked()?.reader.viewer().now();
        let asked = match Asked::of(input, now) {
            Ok(asked) => asked,
            Err(refusal) => return Ok(ImportRowsPayload::refused(&refusal)),
        };
        let key = asked.key.clone();
        let (outcome, job) = asked.done(ctx, key.as_deref(), asked.dry_run).await?;
        Ok(match (outcome, job) {
            (Ok(_), Some(job)) => ImportRowsPayload::of(&job, true, None),
            // Done before under this key: what the rows are to the hub today.
            (Ok(_), None) => match asked.done(ctx, None, true).await? {
                (_, Some(job)) => ImportRowsPayload::of(&job, true, None),
                (Err(refusal), None) => ImportRowsPayload::refused(&refusal),
                (Ok(_), None) => ImportRowsPayload::empty(),
            },
            (Err(_), Some(job)) if asked.would_be_done(&job) => {
                ImportRowsPayload::of(&job, false, None)
            }
            (Err(refusal), Some(job)) => ImportRowsPayload::of(&job, false, Some(&refusal)),
            (Err(refusal), None) => ImportRowsPayload::refused(&refusal),
        })
    }
}

/// A request that holds together.
struct Asked {
    key: Option<String>,
    mapping: Mapping,
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
    partial: bool,
    dry_run: bool,
    year: u16,
}

impl Asked {
    fn of(input: ImportRowsInput, now: Moment) -> std::result::Result<Self, Refusal> {
        let invalid = |field, sentence: String| RefusalCode::Invalid.says(sentence).of(field);
        if input.rows.len() > ROWS {
            let sentence = format!("a request has at most {ROWS} rows");
            return Err(invalid("rows", sentence));
        }
        let text = ready(&input.mapping).unwrap_or(&input.mapping);
        let mapping = Mapping::parse(text);
        let mapping = mapping.map_err(|error| invalid("mapping", error.to_string()))?;
        if mapping.kind.code() != input.kind {
            let sentence = format!("the mapping is for records of kind `{}`", mapping.kind);
            return Err(invalid("kind", sentence));
        }
        Ok(Self {
            key: input.key,
            mapping,
            columns: input.columns,
            rows: input.rows,
            partial: input.partial.unwrap_or_default(),
            dry_run: input.dry_run.unwrap_or_default(),
            year: year(now),
        })
    }

    fn job(&self) -> Job {
        let mut findings = Findings::default();
        let rows = (1u64..).zip(&self.rows).map(|(line, cells)| {
            let broken = cells.len() != self.columns.len();
            if broken {
                let sentence = "the row has not one cell for each column";
                findings.push(FindingCode::RowWrong.says(sentence).at(line));
            }
            let cells = cells
                .iter()
                .map(|cell| cell.clone().map_or(Cell::Empty, Cell::text));
            Row {
                line,
                cells: cells.collect(),
                raw: None,
                broken,
            }
        });
        let table = Table {
            // Cells by column: each column that the mapping reads must be there.
            format: Format::Delimited(b','),
            columns: self.columns.clone(),
            rows: rows.collect(),
        };
        let table = table.checked(&mut findings);
        let file = File {
            name: FILE.to_owned(),
            table,
            findings,
        };
        Job::plan(self.mapping.clone(), vec![file], self.year, || {})
    }

    /// Whether a job that was not written would have been, were it no dry run.
    fn would_be_done(&self, job: &Job) -> bool {
        self.dry_run && !job.is_fatal() && (self.partial || job.counts().refused == 0)
    }

    /// Does the act; what it came to, and the job where there was a need to look at it.
    async fn done(
        &self,
        ctx: &Context<'_>,
        key: Option<&str>,
        dry_run: bool,
    ) -> Result<(Outcome, Option<Job>)> {
        let looked_at = Arc::new(Mutex::new(None));
        let (kept, partial) = (Arc::clone(&looked_at), self.partial);
        let mut job = self.job();
        let outcome = perform(ctx, "importRows", key, move |act| {
            Box::pin(async move {
                let run = acts::run(act, &mut job, partial, &mut || {}).await?;
                let refused = job.counts().refused;
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(job);
                match run {
                    Run::Written if dry_run => Err(RefusalCode::Conflict
                        .says("a dry run writes nothing")
                        .into()),
                    Run::Written => Ok(act.own()?.into()),
                    Run::Refused => {
                        let rows = refused_rows(refused);
                        let sentence = format!("nothing was imported: {rows}; `findings` say why");
                        Err(RefusalCode::Invalid.says(sentence).of("rows").into())
                    }
                }
            })
        });
        let outcome = outcome.await?;
        let mut job = looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        Ok((outcome, job.take()))
    }
}

/// The year of a moment.
pub fn year(now: Moment) -> u16 {
    let day = PartialDate::of_day(now);
    let year = day.as_str().get(..4).and_then(|year| year.parse().ok());
    year.unwrap_or(u16::MAX)
}

impl ImportRowsPayload {
    fn of(job: &Job, written: bool, refusal: Option<&Refusal>) -> Self {
        let rows = job.rows.iter().filter_map(|row| {
            Some(ImportedRow {
                line: number(row.line),
                outcome: Told(row.outcome?),
            })
        });
        let found = job.files.iter().flat_map(|file| file.findings.by_line());
        Self {
            rows: rows.collect(),
            counts: ImportCounts::of(&job.counts()),
            findings: found.take(TOLD).map(ImportFinding::of).collect(),
            written,
            user_errors: refusal.map(UserError::of).into_iter().collect(),
        }
    }

    fn empty() -> Self {
        Self {
            rows: Vec::new(),
            counts: ImportCounts::of(&Counts::default()),
            findings: Vec::new(),
            written: false,
            user_errors: Vec::new(),
        }
    }

    fn refused(refusal: &Refusal) -> Self {
        Self {
            user_errors: vec![UserError::of(refusal)],
            ..Self::empty()
        }
    }
}

impl ImportFinding {
    fn of(finding: &Finding) -> Self {
        Self {
            code: Told(finding.code),
            message: finding.sentence.clone(),
            remark: finding.code.is_remark(),
            line: finding.line.map(number),
            column: finding.column.clone(),
        }
    }
}

impl ImportCounts {
    fn of(counts: &Counts) -> Self {
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        Self {
            created: number(counts.created),
            changed: number(counts.changed),
            unchanged: number(counts.unchanged),
            repeated: number(counts.repeated),
            skipped: number(counts.skipped),
            refused: number(counts.refused),
        }
    }
}

fn number(line: u64) -> i32 {
    i32::try_from(line).unwrap_or(i32::MAX)
}
