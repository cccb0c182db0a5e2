//! The calendar form of an export (RFC 5545): an event for each record whose date is told.
//!
//! An event is made of cells of the export and of nothing else: a record whose date is
//! withheld has none, and a status that is withheld is not said. Hence a calendar that is
//! fetched again holds no event that may no longer be known of.

use serde_json::Value;
use time::{Date, Month, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::{
    clock::Moment,
    date::PartialDate,
    identity::kind::Kind,
    vocabulary::{
        ActivityStatus, AgreementStatus, WorkPlanItemStatus, WorkPlanStatus, codes::Coded,
    },
};

/// Octets that a line holds before it is folded.
const LINE: usize = 75;
/// The lines before the events. The zone is there so that a calendar without events is one
/// too: the standard asks for one component at least.
const BEGIN: [&str; 12] = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Liaison//Export//EN",
    "CALSCALE:GREGORIAN",
    "BEGIN:VTIMEZONE",
    "TZID:UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "END:STANDARD",
    "END:VTIMEZONE",
];

/// What an event of a kind is made of: the names of its fields.
pub(super) struct Dated {
    title: &'static str,
    date: On,
    status: fn(&str) -> Option<Status>,
}

/// The fields that say when.
enum On {
    /// A date, or an interval of dates, as precise as it is known.
    Date(&'static str),
    /// Two such dates: from the first day of one to the last day of the other.
    Between(&'static str, &'static str),
    /// Two moments.
    Moments(&'static str, &'static str),
}

/// The statuses of an event.
#[derive(Clone, Copy)]
enum Status {
    Tentative,
    Confirmed,
    Cancelled,
}

/// The heads of rows, and the rows.
pub(super) type Rows<'a> = (&'a [&'a str], &'a [Vec<Value>]);

/// The calendar of rows of several kinds; those of a kind without dates have no events.
pub(super) fn file(of: &[(Kind, Rows<'_>)], told: (bool, Moment)) -> Vec<u8> {
    let mut file = String::new();
    for line in BEGIN {
        fold(&mut file, line);
    }
    for (kind, rows) in of {
        if let Some(dated) = Dated::of(*kind) {
            dated.events(&mut file, *rows, told);
        }
    }
    fold(&mut file, "END:VCALENDAR");
    file.into_bytes()
}

/// Whether there is a calendar of the records of a kind.
pub fn has_calendar(kind: Kind) -> bool {
    kind != Kind::WorkPlanItem && Dated::of(kind).is_some()
}

impl Dated {
    /// The events of a kind; `None` where its records have no dates.
    pub(super) fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::WorkPlan => Some(Self {
                title: "title",
                date: On::Date("period"),
                status: plan,
            }),
            Kind::Agreement => Some(Self {
                title: "title",
                date: On::Moments("validFrom", "validUntil"),
                status: agreement,
            }),
            Kind::JointActivity => Some(Self {
                title: "title",
                date: On::Between("startsOn", "endsOn"),
                status: activity,
            }),
            // The day on which it ends is the day to keep.
            Kind::InterimMeasure => Some(Self {
                title: "reference",
                date: On::Date("inForceUntil"),
                status: |_| None,
            }),
            // In the calendar of its plan.
            Kind::WorkPlanItem => Some(Self {
                title: "activity",
                date: On::Date("due"),
                status: item,
            }),
            Kind::Country
            | Kind::Organisation
            | Kind::Mechanism
            | Kind::Mandate
            | Kind::FocalPoint
            | Kind::Objective
            | Kind::Clause
            | Kind::Document
            | Kind::Communication
            | Kind::CommunicationPerson
            | Kind::StatisticRelease
            | Kind::Recommendation
            | Kind::Assessment
            | Kind::Evidence
            | Kind::RecommendationReference
            | Kind::Person => None,
        }
    }

    /// The events of the rows under their heads. What was told to nobody in particular is
    /// `PUBLIC`; what was told to the bearer of a token is `CONFIDENTIAL`, all of it.
    fn events(&self, file: &mut String, (heads, rows): Rows<'_>, (public, now): (bool, Moment)) {
        let stamp = moment(&now.rfc3339()).unwrap_or_default();
        let class = if public { "PUBLIC" } else { "CONFIDENTIAL" };
        for row in rows {
            let cell = |name: &str| {
                let mut cells = heads.iter().zip(row);
                cells.find(|(head, _)| **head == name)?.1.as_str()
            };
            let (Some(id), Some(dates)) = (cell("id"), self.dates(&cell)) else {
                continue;
            };
            fold(file, "BEGIN:VEVENT");
            fold(file, &format!("UID:{}", escaped(id)));
            fold(file, &format!("DTSTAMP:{stamp}"));
            for line in dates {
                fold(file, &line);
            }
            if let Some(title) = cell(self.title) {
                fold(file, &format!("SUMMARY:{}", escaped(title)));
            }
            if let Some(status) = cell("status").and_then(self.status) {
                fold(file, &format!("STATUS:{}", status.code()));
            }
            fold(file, &format!("CLASS:{class}"));
            // Nobody is busy for a year because a plan is for that year.
            fold(file, "TRANSP:TRANSPARENT");
            fold(file, "END:VEVENT");
        }
    }

    /// The lines that say when; `None` where it is not told.
    ///
    /// A month or a year is every day of it, and `X-LIAISON-DATE` is the date as it is known.
    fn dates<'a>(&self, cell: &impl Fn(&str) -> Option<&'a str>) -> Option<Vec<String>> {
        match self.date {
            On::Date(name) => days(cell(name)?, None),
            On::Between(from, until) => days(cell(from)?, cell(until)),
            On::Moments(from, until) => {
                let begins = moment(cell(from)?)?;
                let ends = cell(until).and_then(moment);
                let mut lines = vec![format!("DTSTART:{begins}")];
                if let Some(ends) = ends.filter(|ends| *ends > begins) {
                    lines.push(format!("DTEND:{ends}"));
                }
                Some(lines)
            }
        }
    }
}

/// The days of a date, or of all from one date to another.
fn days(from: &str, until: Option<&str>) -> Option<Vec<String>> {
    let from = PartialDate::parse(from)?;
    let until = until.and_then(PartialDate::parse);
    let (from, until) = (from.as_str(), until.as_ref().map(PartialDate::as_str));
    let begin = from.split_once('/').map_or(from, |(begin, _)| begin);
    let end = until.unwrap_or(from);
    let end = end.split_once('/').map_or(end, |(_, end)| end);
    let (begins, ends) = (first(begin)?, last(end)?);
    let mut lines = vec![format!("DTSTART;VALUE=DATE:{}", day(begins))];
    // The end is the day after; the last day there is has none.
    let after = ends
        .next_day()
        .filter(|after| after.year() <= 9999 && ends >= begins);
    lines.extend(after.map(|after| format!("DTEND;VALUE=DATE:{}", day(after))));
    let told = until.map_or_else(|| from.to_owned(), |until| format!("{from}/{until}"));
    lines.push(format!("X-LIAISON-DATE:{}", escaped(&told)));
    Some(lines)
}

impl Status {
    const fn code(self) -> &'static str {
        match self {
            Self::Tentative => "TENTATIVE",
            Self::Confirmed => "CONFIRMED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

fn plan(status: &str) -> Option<Status> {
    Some(match WorkPlanStatus::from_code(status)? {
        WorkPlanStatus::Draft => Status::Tentative,
        WorkPlanStatus::Published | WorkPlanStatus::Completed => Status::Confirmed,
    })
}

fn item(status: &str) -> Option<Status> {
    Some(match WorkPlanItemStatus::from_code(status)? {
        WorkPlanItemStatus::Proposed
        | WorkPlanItemStatus::UnderConsideration
        | WorkPlanItemStatus::Postponed => Status::Tentative,
        WorkPlanItemStatus::Agreed
        | WorkPlanItemStatus::Planned
        | WorkPlanItemStatus::Ongoing
        | WorkPlanItemStatus::Completed => Status::Confirmed,
        WorkPlanItemStatus::Cancelled => Status::Cancelled,
    })
}

fn activity(status: &str) -> Option<Status> {
    Some(match ActivityStatus::from_code(status)? {
        ActivityStatus::Proposed | ActivityStatus::Agreed | ActivityStatus::Postponed => {
            Status::Tentative
        }
        ActivityStatus::Confirmed | ActivityStatus::Ongoing | ActivityStatus::Completed => {
            Status::Confirmed
        }
        ActivityStatus::Cancelled => Status::Cancelled,
    })
}

fn agreement(status: &str) -> Option<Status> {
    Some(match AgreementStatus::from_code(status)? {
        AgreementStatus::Draft | AgreementStatus::UnderNegotiation | AgreementStatus::Suspended => {
            Status::Tentative
        }
        AgreementStatus::Signed | AgreementStatus::InForce | AgreementStatus::Expired => {
            Status::Confirmed
        }
        AgreementStatus::Terminated => Status::Cancelled,
    })
}

/// Year, and month and day where they are known.
fn parts(date: &str) -> Option<(i32, Option<Month>, Option<u8>)> {
    let mut parts = date.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next().map(|month| month.parse::<u8>().ok());
    let month = match month {
        None => None,
        Some(month) => Some(Month::try_from(month?).ok()?),
    };
    Some((year, month, parts.next().and_then(|day| day.parse().ok())))
}

/// The first day that a date may mean.
fn first(date: &str) -> Option<Date> {
    let (year, month, day) = parts(date)?;
    Date::from_calendar_date(year, month.unwrap_or(Month::January), day.unwrap_or(1)).ok()
}

/// The last day that a date may mean.
fn last(date: &str) -> Option<Date> {
    let (year, month, day) = parts(date)?;
    let month = month.unwrap_or(Month::December);
    Date::from_calendar_date(year, month, day.unwrap_or_else(|| month.length(year))).ok()
}

fn day(date: Date) -> String {
    let month = u8::from(date.month());
    format!("{:04}{month:02}{:02}", date.year(), date.day())
}

/// A moment in UTC, to the second.
fn moment(text: &str) -> Option<String> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let at = at.checked_to_offset(UtcOffset::UTC)?;
    let (hour, minute, second) = at.to_hms();
    Some(format!(
        "{}T{hour:02}{minute:02}{second:02}Z",
        day(at.date())
    ))
}

/// A text as a value: what ends a line anywhere is a line break of the text, and other
/// control characters, which the standard has no place for, are left out.
fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut after_return = false;
    for letter in text.chars() {
        match letter {
            '\n' if after_return => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => value.push_str("\\n"),
            '\\' | ';' | ',' => value.extend(['\\', letter]),
            '\t' => value.push(letter),
            letter if letter.is_control() => {}
            letter => value.push(letter),
        }
        after_return = letter == '\r';
    }
    value
}

/// Writes a line, folded so that none has more octets than the standard lets it have.
fn fold(file: &mut String, line: &str) {
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > LINE {
            file.push_str("\r\n ");
            octets = 1;
        }
        file.push(letter);
        octets += letter.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests;
