//! What meets in time, as the schema tells it.

use async_graphql::{Context, Result, SimpleObject};

use super::super::overlaps::{self, Asked, Meeting, Plan};
use crate::{
    date::PartialDate,
    graphql::{
        Object,
        context::{Asking, failed},
        error::Code,
        node::Node,
        object::Told,
    },
    store::values::told,
    vocabulary::{DatePrecision, is_theme},
};

/// Years that a window spans at most.
const YEARS: i32 = 3;
/// The longest code that is asked for.
const CODE: usize = 100;

/// Two plans of different mechanisms that meet: events of the calendar, or items of work
/// plans. Only what you are told of both is compared.
#[derive(SimpleObject)]
pub struct Overlap {
    /// The one that begins first.
    one: Node,
    /// The other.
    other: Node,
    /// ISO alpha-3 codes of the States that both concern.
    countries: Vec<String>,
    /// Codes of the themes that both concern.
    themes: Vec<String>,
    /// As far as what it is known that they meet: where one of them has no day, they need not
    /// meet on any.
    known: Told<DatePrecision>,
}

/// What meets in a window, the earlier ones first.
///
/// # Errors
/// Refuses a window that is none or too wide, and codes that are none; fails where the
/// database does.
pub async fn overlaps(
    ctx: &Context<'_>,
    window: (PartialDate, PartialDate),
    (country, theme): (Option<String>, Option<String>),
) -> Result<Vec<Overlap>> {
    let year = |date: &PartialDate, end: fn(&str) -> Option<&str>| {
        let year = end(date.as_str())?.get(..4)?;
        year.parse::<i32>().ok()
    };
    let first = year(&window.0, |text| text.split('/').next());
    let last = year(&window.1, |text| text.rsplit('/').next());
    let (Some(first), Some(last)) = (first, last) else {
        return Err(Code::BadInput.says("`from` and `to` are dates"));
    };
    if window.1.is_before(&window.0) || last - first > YEARS {
        let sentence = format!("`to` is not before `from`, and at most {YEARS} years after it");
        return Err(Code::BadInput.says(sentence));
    }
    if country
        .as_ref()
        .is_some_and(|code| code.len() > CODE || code.contains('\0'))
    {
        return Err(Code::BadInput.says("`country` is an ISO alpha-3 code"));
    }
    if let Some(unknown) = theme.as_ref().filter(|code| !is_theme(code)) {
        let sentence = format!("`theme`: {}", told(unknown));
        return Err(Code::BadInput.says(sentence));
    }
    let asked = ctx.asked()?;
    let wanted = Asked {
        window,
        country,
        theme,
    };
    let found = overlaps::overlaps(&asked.reader, &wanted)
        .await
        .map_err(failed)?;
    let found = found.map_err(|overlaps::TooMany| {
        let sentence = format!(
            "more than {} events or items lie in the window; narrow it, or name a State",
            overlaps::MOST
        );
        Code::AnswerTooLarge.says(sentence)
    })?;
    asked.count(found.len().saturating_mul(2))?;
    Ok(found.into_iter().map(Overlap::from).collect())
}

impl From<Meeting> for Overlap {
    fn from(meeting: Meeting) -> Self {
        Self {
            one: node(&meeting.one),
            other: node(&meeting.other),
            countries: meeting.countries,
            themes: meeting.themes,
            known: Told(meeting.known),
        }
    }
}

fn node(plan: &Plan) -> Node {
    match plan {
        Plan::Event(event) => Node::CalendarEvent(Object::of(event.clone())),
        Plan::Item(item) => Node::WorkPlanItem(Object::of(item.clone())),
    }
}
