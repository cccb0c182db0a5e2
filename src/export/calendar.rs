//! The calendar form of an export (RFC 5545): an event for each record whose date is told.
//!
//! An event is made of cells of the export and of nothing else: a record whose date is
//! withheld has none, and a status that is withheld is not said. Hence a calendar that is
//! fetched again holds no event that may no longer be known of.

use serde_json::Value;

use super::ical::{days, escaped, fold, moment};
use crate::{
    clock::Moment,
    identity::kind::Kind,
    vocabulary::{
        ActivityStatus, AgreementStatus, EventStatus, WorkPlanItemStatus, WorkPlanStatus,
        codes::Coded,
    },
};

/// The lines before all others.
const BEGIN: [&str; 4] = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Liaison//Export//EN",
    "CALSCALE:GREGORIAN",
];
/// The zone is there so that a calendar without events is one, too: the standard asks for one
/// component at least.
const ZONE: [&str; 8] = [
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
    /// What more is told of it.
    more: Option<&'static More>,
}

/// The fields that tell more of an event.
struct More {
    /// The moments at which it begins and is over, where hours are known.
    hours: (&'static str, &'static str),
    /// Where it is held.
    place: &'static [&'static str],
    /// What it is about.
    text: &'static str,
    /// What kind of event it is.
    category: &'static str,
}

/// What more is told of an event of the joint calendar.
const EVENT: More = More {
    hours: ("beginsAt", "finishesAt"),
    place: &["city", "heldIn"],
    text: "summary",
    category: "kind",
};

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
/// `head` is what it says of itself.
pub(super) fn file(head: &[&str], of: &[(Kind, Rows<'_>)], told: (bool, Moment)) -> Vec<u8> {
    let mut file = String::new();
    for line in BEGIN.iter().chain(head).chain(&ZONE) {
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
                more: None,
            }),
            Kind::Agreement => Some(Self {
                title: "title",
                date: On::Moments("validFrom", "validUntil"),
                status: agreement,
                more: None,
            }),
            Kind::JointActivity => Some(Self {
                title: "title",
                date: On::Between("startsOn", "endsOn"),
                status: activity,
                more: None,
            }),
            Kind::CalendarEvent => Some(Self {
                title: "title",
                date: On::Between("startsOn", "endsOn"),
                status: event,
                more: Some(&EVENT),
            }),
            // The day on which it ends is the day to keep.
            Kind::InterimMeasure => Some(Self {
                title: "reference",
                date: On::Date("inForceUntil"),
                status: |_| None,
                more: None,
            }),
            // In the calendar of its plan.
            Kind::WorkPlanItem => Some(Self {
                title: "activity",
                date: On::Date("due"),
                status: item,
                more: None,
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
            | Kind::EventInvitation
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
            for line in self.more.into_iter().flat_map(|more| more.lines(&cell)) {
                fold(file, &line);
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
        let hours = self.more.map(|more| more.hours);
        if let Some((from, until)) = hours.filter(|(from, _)| cell(from).is_some()) {
            return moments(cell(from)?, cell(until));
        }
        match self.date {
            On::Date(name) => days(cell(name)?, None),
            On::Between(from, until) => days(cell(from)?, cell(until)),
            On::Moments(from, until) => moments(cell(from)?, cell(until)),
        }
    }
}

impl More {
    /// What more there is to say, made of what is told alone.
    fn lines<'a>(&self, cell: &impl Fn(&str) -> Option<&'a str>) -> Vec<String> {
        let place = self.place.iter().filter_map(|name| cell(name));
        let place: Vec<&str> = place.collect();
        let text = cell(self.text).map(|text| format!("DESCRIPTION:{}", escaped(text)));
        let category = cell(self.category);
        let place = (!place.is_empty()).then(|| place.join(", "));
        [
            place.map(|place| format!("LOCATION:{}", escaped(&place))),
            text,
            category.map(|kind| format!("CATEGORIES:{}", escaped(kind))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// From one moment to another.
fn moments(from: &str, until: Option<&str>) -> Option<Vec<String>> {
    let begins = moment(from)?;
    let ends = until.and_then(moment);
    let mut lines = vec![format!("DTSTART:{begins}")];
    if let Some(ends) = ends.filter(|ends| *ends > begins) {
        lines.push(format!("DTEND:{ends}"));
    }
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

fn event(status: &str) -> Option<Status> {
    Some(match EventStatus::from_code(status)? {
        EventStatus::Planned | EventStatus::Postponed => Status::Tentative,
        EventStatus::Confirmed | EventStatus::Held => Status::Confirmed,
        EventStatus::Cancelled => Status::Cancelled,
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

#[cfg(test)]
mod tests;
