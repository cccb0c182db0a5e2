//! What the schema shows of releases of statistics.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result, SimpleObject};

use super::{
    StatisticRelease,
    acts::{self, NewRelease},
    docket::{Counting, count},
    quarter::Quarter,
    table::{CELLS, Coordinates, Shape, Table},
};
use crate::{
    confidentiality::{Known, stored::Codes},
    edges,
    graphql::{
        acts::perform,
        connection::size,
        context::{Asking, failed},
        error::Code,
        given::Given,
        listing::{Listing, cursor_of},
        object::Told,
    },
    id::RecordId,
    identity::kind::Kind,
    mechanism::Mechanism,
    payload,
    store::{
        act::id_of,
        docket::OwnDocket,
        page::Under,
        statistics::{Cell, CellsOf},
    },
    vocabulary::{Coded, StatisticDimension},
};

edges! {
    /// Where a release of statistics leads to.
    StatisticReleaseEdges of StatisticRelease {
        one {}
        many {
            /// Mechanisms whose communications are counted.
            mechanisms: Mechanism, Under::Link("mechanisms");
        }
        lists {}
        told {
            /// Its cells, with all totals: `0` is nobody, and `suppressed` is somebody whose
            /// number is withheld.
            cells: Listing<StatisticCell>, |known, ctx, first: Option<i32> = "The first so many; 20 where nothing is said, 100 at most.", after: Option<String> = "After this cursor."| cells(ctx, known, first, after).await.map(Some);
            /// All its cells, as CSV: what is withheld is empty.
            csv: String, |known, ctx| csv(ctx, known).await;
        }
    }
}

/// A category of a dimension.
#[derive(SimpleObject)]
pub struct StatisticCategory {
    /// By what is counted.
    dimension: Told<StatisticDimension>,
    /// The category; `null` is all of them together.
    category: Option<String>,
}

/// A cell of a release of statistics.
#[derive(SimpleObject)]
pub struct StatisticCell {
    /// Its categories, by the dimensions of the release.
    categories: Vec<StatisticCategory>,
    /// How many persons; `null` where that is withheld.
    value: Option<i64>,
    /// Whether the number is withheld: it is not `0` then.
    suppressed: bool,
}

/// How many persons the own docket holds in one place.
#[derive(SimpleObject)]
pub struct OwnCount {
    /// The categories, by the dimensions that were asked for.
    categories: Vec<StatisticCategory>,
    /// How many persons, exactly.
    value: i64,
}

fn categories(dimensions: &[StatisticDimension], at: &Coordinates) -> Vec<StatisticCategory> {
    let both = dimensions.iter().zip(&at.0);
    both.map(|(dimension, category)| StatisticCategory {
        dimension: Told(*dimension),
        category: category.clone(),
    })
    .collect()
}

fn dimensions(release: &Known<StatisticRelease>) -> Vec<StatisticDimension> {
    let told = release.open(|row| &row.dimensions).visible().flatten();
    told.map(|Codes(dimensions)| dimensions.clone())
        .unwrap_or_default()
}

/// A part of the cells of a release, and whether there are more.
async fn part(ctx: &Context<'_>, key: CellsOf) -> Result<(Vec<Cell>, bool)> {
    let found = ctx.asked()?.loader.load_one(key).await.map_err(failed)?;
    Ok(found.map(|found| (*found).clone()).unwrap_or_default())
}

async fn cells(
    ctx: &Context<'_>,
    release: &Known<StatisticRelease>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Listing<StatisticCell>> {
    let most = size(first, None)?;
    let after = after.map(|cursor| cursor_of(&cursor)).transpose()?;
    let place = after.map_or(Ok(0), |after| i64::try_from(after.0.as_u128()));
    let place = place.map_err(|_| Code::CursorInvalid.error())?;
    let asked = ctx.asked()?;
    let most = usize::try_from(most).unwrap_or_default();
    let (found, more) = part(ctx, CellsOf::new(release, place, most)).await?;
    asked.count(found.len())?;
    let dimensions = dimensions(release);
    let entries = found.into_iter().map(|(place, at, value)| {
        let cursor = RecordId(uuid::Uuid::from_u128(place.unsigned_abs().into()));
        (cursor, shown(&dimensions, &at, value))
    });
    Ok(Listing::of((after.is_some(), more), entries))
}

fn shown(dimensions: &[StatisticDimension], at: &Coordinates, value: Option<u64>) -> StatisticCell {
    StatisticCell {
        categories: categories(dimensions, at),
        value: value.map(number),
        suppressed: value.is_none(),
    }
}

fn number(persons: u64) -> i64 {
    i64::try_from(persons).unwrap_or(i64::MAX)
}

async fn csv(ctx: &Context<'_>, release: &Known<StatisticRelease>) -> Result<Option<String>> {
    // It tells the cells, under what they are counted by.
    if !release.sees(StatisticRelease::cells) || !release.sees(StatisticRelease::dimensions) {
        return Ok(None);
    }
    let (found, _) = part(ctx, CellsOf::new(release, 0, CELLS)).await?;
    let mut text = String::new();
    for dimension in dimensions(release) {
        text.push_str(&dimension.code().to_lowercase());
        text.push(',');
    }
    text.push_str("persons,suppressed\n");
    for (_, at, value) in found {
        text.push_str(&row(&at, value));
    }
    Ok(Some(text))
}

/// A line: categories are codes, so that nothing is to be quoted.
fn row(at: &Coordinates, value: Option<u64>) -> String {
    let mut line = String::new();
    for category in &at.0 {
        line.push_str(category.as_deref().unwrap_or("ALL"));
        line.push(',');
    }
    let persons = value.map(|value| value.to_string()).unwrap_or_default();
    format!("{line}{persons},{}\n", value.is_none())
}

/// How many persons the docket of the viewer's own mechanism holds.
///
/// # Errors
/// Refuses dimensions and a period that are none; fails where the database does.
pub async fn own_counts(
    ctx: &Context<'_>,
    dimensions: Vec<StatisticDimension>,
    (from, to): (&str, &str),
) -> Result<Vec<OwnCount>> {
    let asked = ctx.asked()?;
    let (Some(from), Some(to)) = (Quarter::parse(from), Quarter::parse(to)) else {
        return Err(Code::BadInput.says("`from` and `to` are quarters, such as `2025-Q1`"));
    };
    let viewer = asked.reader.viewer();
    let code = viewer.standing().map(|standing| standing.mechanism_code());
    let code = code.unwrap_or_default().to_owned();
    let shape = Shape {
        dimensions: dimensions.clone(),
        from,
        to,
        mechanisms: [code.clone()].into_iter().collect(),
    };
    shape
        .check()
        .map_err(|wrong| Code::BadInput.says(wrong.to_string()))?;
    let cases = asked.loader.load_one(OwnDocket).await.map_err(failed)?;
    let cases = cases.unwrap_or_default();
    let counting = Counting {
        mechanism: &code,
        outcomes: shape.counts_outcomes(),
        published: true,
    };
    let atoms = count(&cases, counting);
    let table =
        Table::count(shape, &atoms).map_err(|wrong| Code::BadInput.says(wrong.to_string()))?;
    let some = table.cells.iter().filter(|(_, cell)| cell.persons > 0);
    let counts: Vec<OwnCount> = some
        .map(|(at, cell)| OwnCount {
            categories: categories(&dimensions, at),
            value: number(cell.persons),
        })
        .collect();
    asked.count(counts.len())?;
    Ok(counts)
}

/// Statistics that are proposed for release.
#[derive(InputObject)]
pub struct ProposeStatisticsInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// By what persons are counted: one or two dimensions, or three of which one is the year,
    /// which is then told by five of them.
    dimensions: Vec<Given<StatisticDimension>>,
    /// The first quarter, such as `2025-Q1`.
    from: String,
    /// The last quarter: over for 30 days.
    to: String,
    /// Codes of other mechanisms that are to release it with yours; each approves for itself.
    #[graphql(default)]
    mechanisms: Vec<String>,
    /// Cells of fewer persons are withheld: 5 where nothing is said, and never less.
    threshold: Option<i32>,
}

/// The release of statistics that is approved or refused.
#[derive(InputObject)]
pub struct StatisticsActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The release's id.
    id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    expected_version: Option<String>,
}

payload! {
    /// What an act on a release of statistics answers.
    StatisticReleasePayload,
    /// The release, as you may be told of it now; `null` where nothing was done.
    statistic_release: StatisticRelease
}

/// Acts on releases of statistics.
#[derive(Default)]
pub struct StatisticActs;

#[GraphqlObject]
impl StatisticActs {
    /// Counts the docket of your mechanism, what is public in itself left out, for a release
    /// that a second officer approves: by a token with `stats:release` that shows all of the
    /// docket. With other mechanisms, each counts its own as it approves.
    async fn propose_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: ProposeStatisticsInput,
    ) -> Result<StatisticReleasePayload> {
        let new = NewRelease {
            dimensions: input.dimensions.into_iter().map(|code| code.0).collect(),
            from: input.from,
            to: input.to,
            mechanisms: input.mechanisms,
            threshold: input.threshold,
        };
        let outcome = perform(ctx, "proposeStatistics", input.key.as_deref(), move |act| {
            Box::pin(acts::propose(act, new))
        });
        Ok(StatisticReleasePayload::from(outcome.await?))
    }

    /// Approves a release as the second officer of your mechanism; with the last of its
    /// mechanisms anyone is told it, for good.
    async fn approve_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: StatisticsActInput,
    ) -> Result<StatisticReleasePayload> {
        let id = id_of(Kind::StatisticRelease, &input.id);
        let expected = input.expected_version;
        let outcome = perform(ctx, "approveStatistics", input.key.as_deref(), move |act| {
            Box::pin(async move { acts::approve(act, id, expected.as_deref()).await })
        });
        Ok(StatisticReleasePayload::from(outcome.await?))
    }

    /// Refuses a release that waits, or takes your own back: its figures are forgotten.
    async fn refuse_statistics(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: StatisticsActInput,
    ) -> Result<StatisticReleasePayload> {
        let id = id_of(Kind::StatisticRelease, &input.id);
        let expected = input.expected_version;
        let outcome = perform(ctx, "refuseStatistics", input.key.as_deref(), move |act| {
            Box::pin(async move { acts::refuse(act, id, expected.as_deref()).await })
        });
        Ok(StatisticReleasePayload::from(outcome.await?))
    }
}
