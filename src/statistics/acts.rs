//! The acts on a release of statistics: propose, approve, refuse.
//!
//! What one mechanism releases is counted as it is proposed, and its second officer sees the
//! figures. What several release together is counted of each docket by that mechanism's own
//! officer, and put together with the last approval: until then nobody is told a figure.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    StatisticRelease,
    docket::{Counting, count},
    quarter::Quarter,
    suppress::{LEAST, Unreleased, protect},
    table::{Atom, Shape, ShapeError, Table, Told},
    zeros::ZeroList,
};
use crate::{
    confidentiality::{Known, Level, stored::Codes},
    date::PartialDate,
    id::{MechanismId, RecordId},
    journal::EntryKind,
    mechanism::{institution, registered},
    store::{
        act::{Act, ActError, RefusalCode},
        writer::NewRecord,
    },
    vocabulary::{Coded, NotificationType as What, ReleaseStatus as Status, StatisticDimension},
};

/// Releases of one mechanism that wait at most.
const WAITING: i64 = 100;
/// Mechanisms of one release at most.
const MECHANISMS: usize = 20;
/// The highest threshold.
const MOST: u64 = 1_000;
/// The rule by which cells are withheld.
const ALGORITHM: &str = "persons once each; below the threshold, or one communication above \
    80 %: withheld, with complements; zeros told; all releases together by linear program, no \
    withheld cell within less than 3";

type Found = Arc<Known<StatisticRelease>>;

/// A release that is proposed.
pub struct NewRelease {
    /// By what persons are counted.
    pub dimensions: Vec<StatisticDimension>,
    /// The first quarter.
    pub from: String,
    /// The last quarter.
    pub to: String,
    /// Codes of the mechanisms; one's own is one of them, named or not.
    pub mechanisms: Vec<String>,
    /// The threshold, where it is above the least.
    pub threshold: Option<i32>,
}

/// Proposes a release; of one's own docket alone, its figures stand with that.
///
/// # Errors
/// Refuses a token that does not show all of the docket, a period that is not over for 30
/// days, and what can't be told safely, with a cell's coordinates.
pub async fn propose(act: &mut Act, new: NewRelease) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::ProposeStats);
    let own = registered(act).await?;
    may_count(act)?;
    let owners = parties(act, own, &new.mechanisms).await?;
    act.knows_all_releases(&owners).await?;
    let threshold = match new.threshold.map(u64::try_from) {
        None => LEAST,
        Some(Ok(threshold)) if (LEAST..=MOST).contains(&threshold) => threshold,
        Some(_) => {
            let sentence = format!("it is {LEAST} to {MOST}");
            return Err(ActError::invalid("threshold", sentence));
        }
    };
    let now = act.reader().viewer().now();
    let from = quarter("from", &new.from)?;
    let to = quarter("to", &new.to)?;
    if !to.is_closed(now) {
        let sentence = "the last quarter has to be over for 30 days";
        return Err(ActError::invalid("to", sentence));
    }
    if act.waiting_releases(own).await? >= WAITING {
        let sentence = "as many releases of your mechanism wait as may: answer some of them";
        return Err(ActError::conflict(sentence));
    }
    let mut record = NewRecord::of(RecordId::random(), owners.clone(), Level::Secretariat);
    let dimensions: Vec<&str> = new.dimensions.iter().map(|code| code.code()).collect();
    record.values = vec![
        ("status", Status::Proposed.code().into()),
        (
            "dimensions",
            serde_json::json!(dimensions).to_string().into(),
        ),
        ("first_quarter", from.to_string().into()),
        ("last_quarter", to.to_string().into()),
        ("algorithm", ALGORITHM.into()),
        (
            "threshold",
            i64::try_from(threshold).unwrap_or(i64::MAX).into(),
        ),
        ("code_version", env!("CARGO_PKG_VERSION").into()),
        ("counted_on", PartialDate::of_day(now).as_str().into()),
    ];
    record.links = owners
        .iter()
        .map(|owner| ("mechanisms", (*owner).into()))
        .collect();
    act.writer().add::<StatisticRelease>(&record).await?;
    let parties = act.parties_of(record.id).await?;
    let shape = Shape {
        dimensions: new.dimensions,
        from,
        to,
        mechanisms: parties.into_iter().map(|(_, code)| code).collect(),
    };
    shape.check().map_err(|wrong| misshapen(&wrong))?;
    count_own(act, record.id, (own, &shape)).await?;
    act.put_word(record.id, own, true).await?;
    if owners.len() == 1 {
        let (told, cited) = figures(act, record.id, (&shape, threshold)).await?;
        act.cite(record.id, &cited).await?;
        act.put_cells(record.id, &told).await?;
    }
    act.tell_parties(&owners, record.id, What::StatisticsProposed)
        .await?;
    Ok(record.id)
}

/// Approves a release as a second officer of one's own mechanism; with the last of its
/// mechanisms, anyone is told it.
///
/// # Errors
/// Refuses who has proposed it, a token that does not show all of the docket, what does not
/// wait, and what can't be told safely any more.
pub async fn approve(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::ReleaseStats);
    let (release, own) = waiting(act, id, expected).await?;
    may_count(act)?;
    act.knows_all_releases(&release.facts().owners).await?;
    let words = act.words_on(release.id()).await?;
    if words.iter().any(|(_, subject, _)| subject == act.officer()) {
        let sentence = "a second officer approves it: not who has proposed it";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    let mut approved: BTreeSet<MechanismId> = words
        .iter()
        .filter(|(.., proposes)| !proposes)
        .map(|(mechanism, ..)| *mechanism)
        .collect();
    if !approved.insert(own) {
        let sentence = "your mechanism has approved it already";
        return Err(ActError::conflict(sentence));
    }
    let (shape, threshold) = terms(act, &release).await?;
    let counted = words.iter().any(|(mechanism, ..)| *mechanism == own);
    if !counted {
        count_own(act, release.id(), (own, &shape)).await?;
    }
    act.put_word(release.id(), own, false).await?;
    let owners = release.facts().owners.clone();
    if owners.iter().all(|owner| approved.contains(owner)) {
        publish(act, &release, (&shape, threshold)).await?;
        act.tell_parties(&owners, release.id(), What::StatisticsReleased)
            .await?;
    } else {
        // That a party agrees is a word on the record, and no change of what it says.
        let same = vec![("status", Status::Proposed.code().into())];
        act.writer().change(&*release, same).await?;
    }
    Ok(release.id())
}

/// Puts a list of structural zeros in force for one's own mechanism.
///
/// # Errors
/// Refuses a token that releases no statistics.
pub async fn load_zeros(act: &mut Act, list: &ZeroList) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::StatsZeros);
    act.may_release()?;
    let own = registered(act).await?;
    act.because(format!("the list {}", list.version()));
    act.put_zeros(own, list).await
}

/// Refuses a release that waits, or takes one's own back: its figures are forgotten.
///
/// # Errors
/// Refuses a token that releases no statistics, and what does not wait.
pub async fn refuse(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::RefuseStats);
    let (release, _) = waiting(act, id, expected).await?;
    act.may_release()?;
    act.forget_figures(release.id()).await?;
    let refused = vec![("status", Status::Refused.code().into())];
    act.writer().change(&*release, refused).await?;
    let owners = release.facts().owners.clone();
    act.tell_parties(&owners, release.id(), What::StatisticsRefused)
        .await?;
    Ok(release.id())
}

/// Puts a release together, and tells it to anyone.
async fn publish(
    act: &mut Act,
    release: &Found,
    (shape, threshold): (&Shape, u64),
) -> Result<(), ActError> {
    let id = release.id();
    let (told, cited) = figures(act, id, (shape, threshold)).await?;
    if release.facts().owners.len() == 1 {
        if act.cells_of(id).await? != told.cells {
            let sentence = "other statistics were released since it was proposed: refuse it, \
                            and propose it anew";
            return Err(ActError::conflict(sentence));
        }
    } else {
        act.put_cells(id, &told).await?;
    }
    let released = act.released().await?;
    for (mechanism, code) in act.parties_of(id).await? {
        let (_, frozen) = frozen(&released, &code, shape.counts_outcomes());
        for quarter in frozen.iter().filter(|quarter| shape.covers(**quarter)) {
            act.forget_part(id, mechanism, *quarter).await?;
        }
    }
    let today = PartialDate::of_day(act.reader().viewer().now());
    let mut values = vec![
        ("status", Status::Released.code().into()),
        ("released_on", today.as_str().into()),
    ];
    let said = release.open(|row| &row.algorithm).visible().flatten();
    if said != Some(&cited) {
        values.push(("algorithm", cited.into()));
    }
    act.writer().change(&**release, values).await?;
    act.writer().set_existence(&**release, Level::Public).await
}

/// Whether the act may count the docket of the viewer's mechanism.
fn may_count(act: &Act) -> Result<(), ActError> {
    act.may_release()?;
    if act.reader().reads_docket() {
        return Ok(());
    }
    let sentence = "statistics are counted by who reads all of the docket: communications and \
                    persons, without limits of States, topics or channels";
    Err(RefusalCode::Forbidden.says(sentence).into())
}

async fn waiting(
    act: &Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<(Found, MechanismId), ActError> {
    let release = act.find::<StatisticRelease>(id).await?;
    let own = act.counts_for(&release)?;
    act.may_change(&*release)?;
    act.may_change_field(&*release, StatisticRelease::status)?;
    act.expect(&*release, expected)?;
    let status = release.open(|row| &row.status).visible().flatten();
    if status != Some(&Status::Proposed) {
        return Err(ActError::conflict("it does not wait any more"));
    }
    Ok((release, own))
}

/// What a release counts, as it says itself.
async fn terms(act: &Act, release: &Found) -> Result<(Shape, u64), ActError> {
    let quarter = |text: Option<Option<&String>>| Quarter::parse(text.flatten()?);
    let from = quarter(release.open(|row| &row.first_quarter).visible());
    let to = quarter(release.open(|row| &row.last_quarter).visible());
    let dimensions = release.open(|row| &row.dimensions).visible().flatten();
    let threshold = release.open(|row| &row.threshold).visible().flatten();
    let threshold = threshold.and_then(|threshold| u64::try_from(*threshold).ok());
    let (Some(from), Some(to), Some(Codes(dimensions)), Some(threshold)) =
        (from, to, dimensions, threshold)
    else {
        let sentence = "your token does not let you read what it counts";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    };
    let parties = act.parties_of(release.id()).await?;
    let shape = Shape {
        dimensions: dimensions.clone(),
        from,
        to,
        mechanisms: parties.into_iter().map(|(_, code)| code).collect(),
    };
    Ok((shape, threshold))
}

/// Freezes what of the own docket the release counts: of quarters that were counted before,
/// nothing new.
async fn count_own(
    act: &mut Act,
    release: RecordId,
    (own, shape): (MechanismId, &Shape),
) -> Result<(), ActError> {
    let parties = act.parties_of(release).await?;
    let code = parties.iter().find(|(mechanism, _)| *mechanism == own);
    let code = code.map(|(_, code)| code.clone()).unwrap_or_default();
    let released = act.released().await?;
    let (_, frozen) = frozen(&released, &code, shape.counts_outcomes());
    let cases = act.reader().docket().await?;
    let counting = Counting {
        mechanism: &code,
        outcomes: shape.counts_outcomes(),
        published: false,
    };
    let mut atoms = count(&cases, counting);
    atoms.retain(|atom| shape.covers(atom.quarter) && !frozen.contains(&atom.quarter));
    act.put_parts(release, own, &atoms).await
}

/// The releases that have frozen quarters of a mechanism's docket, and those quarters.
fn frozen(
    released: &[(RecordId, Told)],
    code: &str,
    outcomes: bool,
) -> (Vec<RecordId>, BTreeSet<Quarter>) {
    let (mut by, mut quarters) = (Vec::new(), BTreeSet::new());
    for (id, told) in released {
        let shape = &told.shape;
        if shape.counts_outcomes() != outcomes || !shape.mechanisms.contains(code) {
            continue;
        }
        by.push(*id);
        let mut quarter = shape.from;
        while quarter <= shape.to {
            quarters.insert(quarter);
            quarter = quarter.next();
        }
    }
    (by, quarters)
}

/// The figures of a release, with as much withheld as it takes.
async fn figures(
    act: &Act,
    release: RecordId,
    (shape, threshold): (&Shape, u64),
) -> Result<(Told, String), ActError> {
    let released = act.released().await?;
    let lost = act.without_parts().await?;
    let mut atoms: Vec<Atom> = Vec::new();
    for (mechanism, code) in act.parties_of(release).await? {
        let (by, quarters) = frozen(&released, &code, shape.counts_outcomes());
        let again = released.iter().find(|(id, told)| {
            let (from, to) = (told.shape.from, told.shape.to);
            lost.contains(id) && by.contains(id) && from <= shape.to && shape.from <= to
        });
        if let Some((_, told)) = again {
            let (from, to) = (told.shape.from, told.shape.to);
            return Err(ActError::conflict(&format!(
                "of {from} to {to} only what a former release tells is known since the hub was \
                 restored: no other is made of it"
            )));
        }
        atoms.extend(
            act.parts_of(&by, (mechanism, &code))
                .await?
                .into_iter()
                .filter(|atom| atom.outcome.is_empty() != shape.counts_outcomes()),
        );
        let new = act.parts_of(&[release], (mechanism, &code)).await?;
        atoms.extend(
            new.into_iter()
                .filter(|atom| !quarters.contains(&atom.quarter)),
        );
    }
    let (zeros, cited) = act.zeros().await?;
    if let Some(atom) = zeros.contradicted(&atoms) {
        let (mechanism, quarter) = (&atom.mechanism, atom.quarter);
        return Err(ActError::conflict(&format!(
            "the docket of `{mechanism}` has somebody in {quarter} where its list of structural \
             zeros has nobody: correct the list, or the docket"
        )));
    }
    let cited = cited
        .into_iter()
        .filter(|(code, _)| shape.mechanisms.contains(code))
        .map(|(code, version)| format!("; structural zeros of {code}: {version}"));
    let cited: String = [ALGORITHM.to_owned()].into_iter().chain(cited).collect();
    let table = Table::count(shape.clone(), &atoms).map_err(|wrong| misshapen(&wrong))?;
    let earlier: Vec<Told> = released.into_iter().map(|(_, told)| told).collect();
    let protected = move || protect(&table, &earlier, threshold, &zeros);
    match tokio::task::spawn_blocking(protected).await {
        Ok(Ok(told)) => Ok((told, cited)),
        Ok(Err(unreleased)) => Err(unsafe_to_tell(&unreleased)),
        Err(error) => {
            tracing::error!(cause = %error, "a table of statistics was not looked through");
            Err(ActError::conflict("it could not be looked through"))
        }
    }
}

fn unsafe_to_tell(unreleased: &Unreleased) -> ActError {
    ActError::conflict(&unreleased.to_string())
}

fn misshapen(wrong: &ShapeError) -> ActError {
    let field = match wrong {
        ShapeError::Dimensions | ShapeError::TooLarge => "dimensions",
        ShapeError::Period => "to",
    };
    ActError::invalid(field, wrong.to_string())
}

fn quarter(field: &'static str, text: &str) -> Result<Quarter, ActError> {
    let quarter = Quarter::parse(text);
    quarter.ok_or_else(|| ActError::invalid(field, "it is a quarter, such as `2025-Q1`"))
}

/// The mechanisms of these codes, with one's own.
async fn parties(
    act: &Act,
    own: MechanismId,
    codes: &[String],
) -> Result<Vec<MechanismId>, ActError> {
    if codes.len() > MECHANISMS {
        let sentence = format!("it names at most {MECHANISMS} mechanisms");
        return Err(ActError::invalid("mechanisms", sentence));
    }
    let mut parties = BTreeSet::from([own]);
    for code in codes {
        let Some(party) = institution(act, code).await? else {
            return Err(ActError::invalid(
                "mechanisms",
                "there is no such mechanism",
            ));
        };
        parties.insert(party);
    }
    Ok(parties.into_iter().collect())
}
