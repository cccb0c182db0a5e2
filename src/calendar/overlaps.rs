//! What of different mechanisms meets in time, on the same State or theme: of the viewer's
//! view alone.
//!
//! It is worked out from what the viewer is told of each record, as a list is: a date, a State
//! or a mechanism that is withheld meets nothing. A month meets every day of it, and the answer
//! says that no more than the month is known.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::CalendarEvent;
use crate::{
    clock::Moment,
    confidentiality::{Domain, FieldIndex, Known},
    country::Country,
    date::PartialDate,
    id::RecordId,
    identity::kind::Kind,
    mechanism::Mechanism,
    store::{
        Reader, StoreError,
        page::{ListQuery, Under},
        predicate::{Far, Predicate, Scalar, Test, Via},
    },
    vocabulary::{DatePrecision, EventStatus, WorkPlanItemStatus},
    work_plan::WorkPlanItem,
};

/// Events and items that are compared at most.
pub(super) const MOST: u32 = 500;
/// Mechanisms that are responsible for one item at most.
const RESPONSIBLE: u32 = 20;

/// What is asked: a window, and the State or the theme on which plans meet.
pub(super) struct Asked {
    /// The first and the last date of the window.
    pub(super) window: (PartialDate, PartialDate),
    /// ISO alpha-3 code of a State.
    pub(super) country: Option<String>,
    /// Code of a theme.
    pub(super) theme: Option<String>,
}

/// A record that is compared.
pub(super) enum Plan {
    /// An event of the calendar.
    Event(Arc<Known<CalendarEvent>>),
    /// An item of a work plan.
    Item(Arc<Known<WorkPlanItem>>),
}

/// Two plans of different mechanisms that meet.
pub(super) struct Meeting {
    /// The one.
    pub(super) one: Arc<Plan>,
    /// The other.
    pub(super) other: Arc<Plan>,
    /// States that both concern.
    pub(super) countries: Vec<String>,
    /// Themes that both concern.
    pub(super) themes: Vec<String>,
    /// As far as what it is known that they meet.
    pub(super) known: DatePrecision,
}

/// Too much lies in the window to be compared.
pub(super) struct TooMany;

/// What is told of a plan, as far as it is compared.
struct Told {
    plan: Arc<Plan>,
    span: (Moment, Moment),
    precision: DatePrecision,
    mechanisms: BTreeSet<RecordId>,
    countries: BTreeSet<String>,
    themes: BTreeSet<String>,
}

/// The plans that meet, the earlier ones first.
///
/// # Errors
/// Fails where the database does.
pub(super) async fn overlaps(
    reader: &Reader,
    asked: &Asked,
) -> Result<Result<Vec<Meeting>, TooMany>, StoreError> {
    let (from, to) = &asked.window;
    let (Some(begin), Some(end)) = (from.begin(), to.end()) else {
        return Ok(Ok(Vec::new()));
    };
    let Some(mut told) = events(reader, asked, end).await? else {
        return Ok(Err(TooMany));
    };
    let Some(items) = items(reader, asked, end).await? else {
        return Ok(Err(TooMany));
    };
    told.extend(items);
    told.retain(|plan| plan.span.0 < end && begin < plan.span.1);
    // What leads to a hidden end leads nowhere.
    let states = known_states(reader, &told).await?;
    let ids: BTreeSet<RecordId> = told.iter().flat_map(|one| one.mechanisms.clone()).collect();
    let ids: Vec<RecordId> = ids.into_iter().collect();
    let mechanisms = reader.by_ids::<Mechanism>(&ids).await?;
    for plan in &mut told {
        plan.countries.retain(|code| states.contains(code));
        plan.mechanisms.retain(|id| mechanisms.contains_key(id));
    }
    told.sort_by_key(|plan| (plan.span.0, plan.span.1, plan.plan.id()));
    let mut meetings = Vec::new();
    for (place, one) in told.iter().enumerate() {
        let later = told.iter().skip(place + 1);
        // In the order of their beginnings: the first that begins after this one ends it.
        let meeting = later.take_while(|other| other.span.0 < one.span.1);
        meetings.extend(meeting.filter_map(|other| one.meets(other, asked)));
    }
    Ok(Ok(meetings))
}

impl Plan {
    /// Kind and id.
    pub(super) fn id(&self) -> (Kind, RecordId) {
        match self {
            Self::Event(event) => (Kind::CalendarEvent, event.id()),
            Self::Item(item) => (Kind::WorkPlanItem, item.id()),
        }
    }
}

impl Told {
    fn meets(&self, other: &Self, asked: &Asked) -> Option<Meeting> {
        let different = !self.mechanisms.is_empty()
            && !other.mechanisms.is_empty()
            && self.mechanisms.is_disjoint(&other.mechanisms);
        let both = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            one.intersection(other).cloned().collect::<Vec<String>>()
        };
        let countries = both(&self.countries, &other.countries);
        let themes = both(&self.themes, &other.themes);
        let meets = match (&asked.country, &asked.theme) {
            (None, None) => !countries.is_empty(),
            (Some(country), None) => countries.contains(country),
            (None, Some(theme)) => themes.contains(theme),
            (Some(country), Some(theme)) => countries.contains(country) && themes.contains(theme),
        };
        (different && meets).then(|| Meeting {
            one: Arc::clone(&self.plan),
            other: Arc::clone(&other.plan),
            countries,
            themes,
            known: self.precision.max(other.precision),
        })
    }
}

/// Events in the window that have not been given up or put off.
async fn events(
    reader: &Reader,
    asked: &Asked,
    end: Moment,
) -> Result<Option<Vec<Told>>, StoreError> {
    let dates = [CalendarEvent::starts_on, CalendarEvent::ends_on];
    let edges = (CalendarEvent::countries, CalendarEvent::themes);
    let Some(found) = found::<CalendarEvent>(reader, asked, (&dates, end), edges).await? else {
        return Ok(None);
    };
    let told = found.into_iter().filter_map(|event| {
        let status = event.open(|row| &row.status).visible().flatten();
        if matches!(
            status,
            Some(EventStatus::Cancelled | EventStatus::Postponed)
        ) {
            return None;
        }
        let starts = event.open(|row| &row.starts_on).visible().flatten()?;
        let ends = event.open(|row| &row.ends_on).visible().flatten();
        let ends = ends.unwrap_or(starts);
        let own = event.key("mechanism_id");
        let own = own.filter(|_| event.sees(CalendarEvent::mechanism));
        Some(Told {
            span: (starts.begin()?, ends.end()?),
            precision: precision(starts).max(precision(ends)),
            mechanisms: own.into_iter().collect(),
            countries: states(&event, edges.0),
            themes: themes(&event, edges.1),
            plan: Arc::new(Plan::Event(event)),
        })
    });
    Ok(Some(told.collect()))
}

/// Items of work plans in the window that have not been given up or put off.
async fn items(
    reader: &Reader,
    asked: &Asked,
    end: Moment,
) -> Result<Option<Vec<Told>>, StoreError> {
    let dates = [WorkPlanItem::due];
    let edges = (WorkPlanItem::countries, WorkPlanItem::themes);
    let Some(found) = found::<WorkPlanItem>(reader, asked, (&dates, end), edges).await? else {
        return Ok(None);
    };
    let ids: Vec<RecordId> = found.iter().map(|item| item.id()).collect();
    let query = ListQuery {
        under: Under::Link("responsible"),
        ..ListQuery::all(RESPONSIBLE)
    };
    let slices = reader.lists::<Mechanism>(&ids, &query).await?;
    let mut responsible: HashMap<RecordId, BTreeSet<RecordId>> = HashMap::new();
    for (parent, slice) in slices {
        let mechanisms = slice.rows.into_iter().map(|placed| placed.known.id());
        if let Some(item) = parent {
            responsible.insert(item, mechanisms.collect());
        }
    }
    let told = found.into_iter().filter_map(|item| {
        let status = item.open(|row| &row.status).visible().flatten();
        if matches!(
            status,
            Some(WorkPlanItemStatus::Cancelled | WorkPlanItemStatus::Postponed)
        ) {
            return None;
        }
        let due = item.open(|row| &row.due).visible().flatten()?;
        let mechanisms = responsible.get(&item.id()).cloned();
        let mechanisms = mechanisms.filter(|_| item.sees(WorkPlanItem::responsible));
        Some(Told {
            span: (due.begin()?, due.end()?),
            precision: precision(due),
            mechanisms: mechanisms.unwrap_or_default(),
            countries: states(&item, edges.0),
            themes: themes(&item, edges.1),
            plan: Arc::new(Plan::Item(item)),
        })
    });
    Ok(Some(told.collect()))
}

/// The records whose dates may lie in the window, of the State and the theme that are asked
/// for; `None` where there are too many.
async fn found<D: Domain>(
    reader: &Reader,
    asked: &Asked,
    (dates, end): (&[FieldIndex], Moment),
    (countries, themes): (FieldIndex, FieldIndex),
) -> Result<Option<Vec<Arc<Known<D>>>>, StoreError> {
    let text = |text: &str| Scalar::Text(text.to_owned());
    // From the year before: an interval is kept by its first date.
    let year = asked
        .window
        .0
        .as_str()
        .get(..4)
        .and_then(|year| year.parse::<i32>().ok());
    let from = format!("{:04}", year.unwrap_or_default().saturating_sub(1));
    let since = dates
        .iter()
        .map(|date| Predicate::Column(*date, Test::From(text(&from))));
    let mut all = vec![Predicate::Any(since.collect())];
    let last = PartialDate::of_day(end);
    if let Some(begins) = dates.first() {
        all.push(Predicate::Column(
            *begins,
            Test::Before(text(last.as_str())),
        ));
    }
    if let Some(country) = &asked.country {
        let via = Via::Countries(Far::of::<Country>());
        all.push(Predicate::Edge(countries, via, vec![country.clone()]));
    }
    if let Some(theme) = &asked.theme {
        all.push(Predicate::Edge(themes, Via::Topics, vec![theme.clone()]));
    }
    let query = ListQuery {
        predicate: Predicate::All(all),
        ..ListQuery::all(MOST)
    };
    let slice = reader.list::<D>(&query).await?;
    let rows = slice.rows.into_iter().map(|placed| placed.known);
    Ok((!slice.more).then(|| rows.collect()))
}

/// Which of the States that are named the viewer may know of.
async fn known_states(reader: &Reader, told: &[Told]) -> Result<BTreeSet<String>, StoreError> {
    let named: BTreeSet<&String> = told.iter().flat_map(|one| &one.countries).collect();
    let named = named.into_iter().map(|code| Scalar::Text(code.clone()));
    let is = Predicate::Column(Country::code, Test::In(named.collect()));
    let query = ListQuery {
        predicate: is,
        ..ListQuery::all(MOST)
    };
    let found = reader.list::<Country>(&query).await?.rows.into_iter();
    let codes = found.filter_map(|placed| {
        let code = placed.known.open(|row| &row.code).visible().flatten();
        code.cloned()
    });
    Ok(codes.collect())
}

fn states<D: Domain>(record: &Known<D>, edge: FieldIndex) -> BTreeSet<String> {
    let all = record.facts().countries.iter().flatten();
    let all = all.map(|code| code.as_str().to_owned());
    all.filter(|_| record.sees(edge) || planted!(OverlapOnWithheld))
        .collect()
}

fn themes<D: Domain>(record: &Known<D>, edge: FieldIndex) -> BTreeSet<String> {
    let all = record.facts().topics.iter().map(|topic| topic.to_string());
    all.filter(|_| record.sees(edge)).collect()
}

/// How much of a date is known: of an interval, of the end of which less is.
fn precision(date: &PartialDate) -> DatePrecision {
    let shortest = date.as_str().split('/').map(str::len).min();
    match shortest.unwrap_or_default() {
        10 => DatePrecision::Day,
        7 => DatePrecision::Month,
        _ => DatePrecision::Year,
    }
}
