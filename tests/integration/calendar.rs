//! The joint calendar: who is told of an event when, invitations, what meets, and the feeds
//! that calendar programs read.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use icalendar::{Calendar, CalendarComponent, Component, Event};
use liaison::{
    agreement::{Agreement, Clause},
    confidentiality::Level,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{LATER, concluded, opening},
    harness::{Backend, Suite},
    house::{Answer, House, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("an_event_is_told_when_it_is_published", told_to);
    suite.test("an_event_goes_its_course_and_no_other", course);
    suite.test("dates_and_hours_of_an_event_agree", hours);
    suite.test("an_invitation_is_between_host_and_invited", invited);
    suite.test("an_invitation_outlives_the_event_that_is_expunged", retired);
    suite.test("plans_meet_as_far_as_they_are_told", meeting);
    suite.test("the_public_calendar_is_one_that_programs_read", public_feed);
    suite.test("a_feed_reads_as_its_holder_may_and_no_further", own_feed);
    suite.test("what_is_no_good_credential_is_refused_alike", refused_feed);
    suite.test("the_notes_meetings_are_in_the_calendar", of_the_note);
}

const TOLD: &str = "calendarEvent { id version title kind status startsOn endsOn beginsAt city
    placesToVisit delegation note mechanism { code } countries { code } heldIn { code } }";
const INVITED: &str = "eventInvitation { id subject status startsOn place message answer answerNote
    calendarEvent { id } host { code } mechanism { code } }";
const FEED: &str = "secret calendarFeed { id name scope revokedAt }";

async fn keeper(house: &House, holder: &str) -> String {
    let writes = [
        "calendar_event",
        "event_invitation",
        "work_plan",
        "work_plan_item",
    ];
    let writes = writes.map(|kind| format!("write:{kind}@SECRETARIAT label:{kind}@SECRETARIAT"));
    let scope = format!(
        "{} {} token:issue",
        reads(Level::Secretariat),
        writes.join(" ")
    );
    house.token(holder, &scope).await
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

/// One act on the calendar.
async fn act(house: &House, token: &str, name: &str, input: Value) -> Value {
    let (kind, told) = match name {
        "planCalendarEvent" => ("PlanCalendarEventInput", TOLD),
        "amendCalendarEvent" => ("AmendCalendarEventInput", TOLD),
        "publishCalendarEvent" => ("PublishCalendarEventInput", TOLD),
        "inviteToCalendarEvent" => ("InviteToCalendarEventInput", INVITED),
        "answerEventInvitation" => ("AnswerEventInvitationInput", INVITED),
        "withdrawEventInvitation" => ("CalendarEventActInput", INVITED),
        "createCalendarFeed" => ("CreateCalendarFeedInput", FEED),
        "revokeCalendarFeed" => ("RevokeCalendarFeedInput", FEED),
        _ => ("CalendarEventActInput", TOLD),
    };
    house.act(Some(token), (name, kind), &input, told).await
}

/// Plans a visit; its id.
async fn planned(house: &House, token: &str, more: Value) -> Value {
    let mut input = json!({
        "title": "A visit (invented)", "kind": "VISIT", "startsOn": "2026-09",
        "countries": ["KEN"], "themes": ["torture_prevention"], "city": "Inventville",
        "placesToVisit": "A prison (invented)", "delegation": ["Two members"],
        "note": "Ask first (invented)",
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let answer = act(house, token, "planCalendarEvent", input).await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    answer["calendarEvent"]["id"].clone()
}

/// The event, as a token is told of it by each way that leads to it.
async fn seen(house: &House, token: Option<&str>, id: &Value, told: &str) -> Value {
    let query = format!(
        "{{ calendarEvent(id: {id}) {{ {told} }} node(id: {id}) {{ id }}
            calendarEvents(first: 100, filter: {{ title: {{ contains: \"visit (invented)\" }} }})
              {{ totalCount edges {{ node {{ id }} }} }}
            mechanism(code: \"cat\") {{ calendarEvents(first: 100) {{ edges {{ node {{ id }} }} }} }} }}"
    );
    let data = house.ask(token, &query).await.data();
    let there = !data["calendarEvent"].is_null();
    assert_eq!(!data["node"].is_null(), there);
    for list in [
        &data["calendarEvents"],
        &data["mechanism"]["calendarEvents"],
    ] {
        let edges = list["edges"].as_array().unwrap();
        assert_eq!(edges.iter().any(|edge| edge["node"]["id"] == *id), there);
    }
    data["calendarEvent"].clone()
}

/// Opens what these kinds of information cover, from one mechanism to another.
async fn opened(house: &House, [from, to]: [&str; 2], kinds: &str) {
    let agreement = concluded(&[from, to], LATER);
    let mut clause = opening(agreement.id, from, to, Level::Channel, LATER);
    let named = clause.values.iter_mut().find(|(name, _)| *name == "kinds");
    named.unwrap().1 = kinds.into();
    house.add::<Agreement>(from, agreement).await;
    house.add::<Clause>(from, clause).await;
}

async fn told_to(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "iachr.registry").await;
    let open = planned(&house, &cat, json!({})).await;
    let kept = planned(&house, &cat, json!({ "existence": "SECRETARIAT" })).await;
    let partners = planned(&house, &cat, json!({ "existence": "PARTNER" })).await;
    for id in [&open, &kept] {
        assert!(seen(&house, None, id, "id").await.is_null());
        assert!(seen(&house, Some(&other), id, "id").await.is_null());
    }
    assert!(seen(&house, None, &partners, "id").await.is_null());
    let told = seen(
        &house,
        Some(&other),
        &partners,
        "placesToVisit delegation note",
    )
    .await;
    assert_eq!(
        told,
        json!({ "placesToVisit": null, "delegation": null, "note": null })
    );
    opened(&house, ["cat", "iachr"], r#"["WORK_PLANS"]"#).await;
    let told = seen(&house, Some(&other), &open, "placesToVisit delegation note").await;
    assert_eq!(
        told,
        json!({ "placesToVisit": "A prison (invented)", "delegation": ["Two members"], "note": null })
    );
    assert!(seen(&house, Some(&other), &kept, "id").await.is_null());
    // Published from a moment on it is nobody else's until then.
    let input = json!({ "id": open, "publicFrom": "2026-06-01T13:00:00Z" });
    let answer = act(&house, &cat, "publishCalendarEvent", input).await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    assert!(seen(&house, None, &open, "id").await.is_null());
    assert!(seen(&house, Some(&other), &open, "id").await.is_null());
    assert!(!seen(&house, Some(&cat), &open, "id").await.is_null());
    house.clock.advance(2 * 3_600);
    let told = seen(&house, None, &open, "title placesToVisit delegation").await;
    assert_eq!(
        told,
        json!({ "title": "A visit (invented)", "placesToVisit": null, "delegation": null })
    );
}

async fn course(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "iachr.registry").await;
    let id = planned(&house, &cat, json!({ "existence": "SECRETARIAT" })).await;
    let on = |date: &str| ("amendCalendarEvent", json!({ "startsOn": date }));
    let to = |name: &'static str| (name, json!({}));
    for ((name, said), expected) in [
        (to("recordCalendarEventHeld"), "CONFLICT"),
        (("amendCalendarEvent", json!({})), "INVALID"),
        (
            ("amendCalendarEvent", json!({ "endsOn": "2026-08" })),
            "INVALID",
        ),
        (to("confirmCalendarEvent"), "CONFIRMED"),
        (to("confirmCalendarEvent"), "CONFLICT"),
        (on("2026-10-05"), "PLANNED"),
        (to("postponeCalendarEvent"), "POSTPONED"),
        (to("confirmCalendarEvent"), "CONFLICT"),
        (to("recordCalendarEventHeld"), "CONFLICT"),
        (on("2026-06-01"), "PLANNED"),
        (
            ("amendCalendarEvent", json!({ "countries": ["SEN", "KEN"] })),
            "PLANNED",
        ),
        (to("recordCalendarEventHeld"), "HELD"),
        (on("2026-07"), "CONFLICT"),
        (to("cancelCalendarEvent"), "CONFLICT"),
        (
            (
                "amendCalendarEvent",
                json!({ "summary": "It went well (invented)" }),
            ),
            "HELD",
        ),
        (to("publishCalendarEvent"), "HELD"),
        (to("publishCalendarEvent"), "CONFLICT"),
    ] {
        let mut input = said;
        input["id"] = id.clone();
        let hidden = seen(&house, Some(&other), &id, "id").await.is_null();
        let theirs = act(&house, &other, name, input.clone()).await;
        let refused = if hidden { "NOT_FOUND" } else { "FORBIDDEN" };
        assert_eq!(code(&theirs), refused, "{name}: {theirs}");
        let answer = act(&house, &cat, name, input).await;
        let got = match code(&answer) {
            "DONE" => answer["calendarEvent"]["status"].as_str().unwrap(),
            code => code,
        };
        assert_eq!(got, expected, "{name}: {answer}");
    }
    let told = seen(&house, None, &id, "status countries { code } note").await;
    assert_eq!(
        told,
        json!({ "status": "HELD", "countries": [{ "code": "KEN" }, { "code": "SEN" }], "note": null })
    );
}

async fn hours(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    for (said, field) in [
        (
            json!({ "startsOn": "2026-09", "beginsAt": "2026-09-01T09:00:00Z" }),
            "beginsAt",
        ),
        (
            json!({ "startsOn": "2026-09-01", "beginsAt": "2026-09-03T09:00:00Z" }),
            "beginsAt",
        ),
        (
            json!({ "startsOn": "2026-09-01", "finishesAt": "2026-09-01T11:00:00Z" }),
            "finishesAt",
        ),
        (
            json!({
                "startsOn": "2026-09-01", "beginsAt": "2026-09-01T12:00:00Z",
                "finishesAt": "2026-09-01T11:00:00Z",
            }),
            "finishesAt",
        ),
        (
            json!({ "startsOn": "2026-09-02", "endsOn": "2026-09-01" }),
            "endsOn",
        ),
        (json!({ "timeZone": "Africa/Ban jul" }), "timeZone"),
        (json!({ "heldIn": "XXX" }), "heldIn"),
        (json!({ "existence": "PUBLIC" }), "existence"),
        (json!({ "participants": ["none"] }), "participants"),
    ] {
        let mut input = json!({ "title": "An hour (invented)", "kind": "HEARING" });
        for (name, value) in said.as_object().unwrap() {
            input[name] = value.clone();
        }
        let answer = act(&house, &cat, "planCalendarEvent", input).await;
        assert_eq!(answer["userErrors"][0]["field"], field, "{said}: {answer}");
    }
    let good = json!({
        "startsOn": "2026-09-01", "beginsAt": "2026-09-01T09:00:00Z",
        "finishesAt": "2026-09-01T11:00:00Z", "timeZone": "Africa/Banjul", "heldIn": "GMB",
    });
    let id = planned(&house, &cat, good).await;
    let gone = json!({ "id": id, "beginsAt": null, "finishesAt": null });
    let answer = act(&house, &cat, "amendCalendarEvent", gone).await;
    assert_eq!(answer["calendarEvent"]["beginsAt"], Value::Null, "{answer}");
    assert_eq!(answer["calendarEvent"]["heldIn"]["code"], "GMB", "{answer}");
}

async fn invited(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let third = keeper(&house, "iachr.registry").await;
    let id = planned(&house, &cat, json!({ "existence": "SECRETARIAT" })).await;
    let input = json!({ "id": id, "mechanism": "achpr", "message": "Do come (invented)" });
    let answer = act(&house, &cat, "inviteToCalendarEvent", input.clone()).await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    let invitation = answer["eventInvitation"]["id"].clone();
    let again = act(&house, &cat, "inviteToCalendarEvent", input).await;
    assert_eq!(code(&again), "CONFLICT", "{again}");
    let own = json!({ "id": id, "mechanism": "cat" });
    let own = act(&house, &cat, "inviteToCalendarEvent", own).await;
    assert_eq!(own["userErrors"][0]["field"], "mechanism", "{own}");
    let query = format!(
        "{{ node(id: {invitation}) {{ ... on EventInvitation {{ subject status message answer
             calendarEvent {{ id }} host {{ code }} }} }} eventInvitations(first: 100, filter: {{ host: {{ eq: \"cat\" }} }}) {{ totalCount }} }}"
    );
    // The invited is told what the invitation says, and not the event.
    let told = house.ask(Some(&other), &query).await.data();
    assert_eq!(
        told["node"],
        json!({
            "subject": "A visit (invented)", "status": "PLANNED", "message": "Do come (invented)",
            "answer": "INVITED", "calendarEvent": null, "host": { "code": "cat" },
        })
    );
    assert!(seen(&house, Some(&other), &id, "id").await.is_null());
    for token in [None, Some(third.as_str())] {
        let told = house.ask(token, &query).await.data();
        assert_eq!(told["node"], Value::Null);
        assert_eq!(told["eventInvitations"]["totalCount"], 0);
    }
    let notices = "{ notifications(first: 5) { edges { node { type id } } } }";
    let told = house.ask(Some(&other), notices).await.data();
    let latest = &told["notifications"]["edges"][0]["node"];
    assert_eq!(
        latest,
        &json!({ "type": "EVENT_INVITATION", "id": invitation })
    );
    let answered = json!({ "id": invitation, "accepted": true, "note": "Gladly (invented)" });
    let theirs = act(&house, &cat, "answerEventInvitation", answered.clone()).await;
    assert_eq!(code(&theirs), "FORBIDDEN", "{theirs}");
    let strangers = act(&house, &third, "answerEventInvitation", answered.clone()).await;
    assert_eq!(code(&strangers), "NOT_FOUND", "{strangers}");
    let answer = act(&house, &other, "answerEventInvitation", answered).await;
    assert_eq!(answer["eventInvitation"]["answer"], "ACCEPTED", "{answer}");
    // What changes of the event, the invitation says, too.
    let moved = json!({ "id": id, "startsOn": "2026-10-05", "title": "Another visit (invented)" });
    act(&house, &cat, "amendCalendarEvent", moved).await;
    act(&house, &cat, "cancelCalendarEvent", json!({ "id": id })).await;
    let told = house.ask(Some(&other), &query).await.data();
    assert_eq!(told["node"]["status"], "CANCELLED");
    assert_eq!(told["node"]["subject"], "Another visit (invented)");
    let told = house.ask(Some(&other), notices).await.data();
    let latest = &told["notifications"]["edges"][0]["node"];
    assert_eq!(latest["type"], "EVENT_INVITATION_CHANGED");
    let theirs = json!({ "id": invitation });
    let theirs = act(&house, &other, "withdrawEventInvitation", theirs).await;
    assert_eq!(code(&theirs), "FORBIDDEN", "{theirs}");
    let back = act(
        &house,
        &cat,
        "withdrawEventInvitation",
        json!({ "id": invitation }),
    )
    .await;
    assert_eq!(back["eventInvitation"]["answer"], "WITHDRAWN", "{back}");
    let late = json!({ "id": invitation, "accepted": false });
    let late = act(&house, &other, "answerEventInvitation", late).await;
    assert_eq!(code(&late), "CONFLICT", "{late}");
}

async fn retired(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let id = planned(&house, &cat, json!({})).await;
    let input = json!({ "id": id, "mechanism": "achpr" });
    let answer = act(&house, &cat, "inviteToCalendarEvent", input).await;
    let invitation = answer["eventInvitation"]["id"].clone();
    let input =
        json!({ "id": id, "reason": "ENTERED_IN_ERROR", "remark": "Of another (invented)" });
    let retire = ("retireRecord", "RetireRecordInput");
    let retired = house
        .act(Some(&cat), retire, &input, "retirement { parts }")
        .await;
    assert_eq!(code(&retired), "DONE", "{retired}");
    // What others own is no part of it, nor does what is retired say that there is any.
    assert_eq!(retired["retirement"]["parts"], 0, "{retired}");
    assert!(seen(&house, Some(&cat), &id, "id").await.is_null());
    let query = format!(
        "{{ node(id: {invitation}) {{ ... on EventInvitation {{ subject calendarEvent {{ id }} }} }} }}"
    );
    let told = json!({ "subject": "A visit (invented)", "calendarEvent": null });
    let other = keeper(&house, "achpr.protection").await;
    assert_eq!(house.ask(Some(&other), &query).await.data()["node"], told);
    house.clock.advance(2 * 366 * 24 * 3_600);
    let gone = house.store.expunge(house.clock.now()).await.unwrap();
    assert_eq!(gone.records, 1);
    let other = keeper(&house, "achpr.protection").await;
    assert_eq!(house.ask(Some(&other), &query).await.data()["node"], told);
}

async fn meeting(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "iachr.registry").await;
    let ours = planned(&house, &cat, json!({ "countries": ["MLI"] })).await;
    let on =
        json!({ "startsOn": "2026-09-14", "endsOn": "2026-09-18", "countries": ["MLI", "TGO"] });
    let theirs = planned(&house, &other, on).await;
    let elsewhere = json!({ "startsOn": "2026-09-14", "countries": ["TGO"] });
    planned(&house, &cat, elsewhere).await;
    let later = json!({ "startsOn": "2026-11", "countries": ["MLI"] });
    planned(&house, &other, later).await;
    let query = |more: &str| {
        format!(
            "{{ overlaps(from: \"2026-08\", to: \"2026-10\"{more}) {{ one {{ id }} other {{ id }}
                 countries themes known }} }}"
        )
    };
    let on_mali = query(", country: \"MLI\"");
    // Neither sees the other's plan.
    for token in [None, Some(&cat), Some(&other)] {
        let told = house.ask(token.map(String::as_str), &on_mali).await.data();
        assert_eq!(told["overlaps"], json!([]));
    }
    opened(&house, ["iachr", "cat"], r#"["WORK_PLANS"]"#).await;
    let told = house.ask(Some(&cat), &on_mali).await.data();
    assert_eq!(
        told["overlaps"],
        json!([{
            "one": { "id": ours }, "other": { "id": theirs }, "countries": ["MLI"],
            "themes": ["torture_prevention"], "known": "MONTH",
        }])
    );
    // What was given up or put off meets nothing.
    let told = house
        .ask(Some(&cat), &query(", country: \"TGO\""))
        .await
        .data();
    assert_eq!(told["overlaps"].as_array().unwrap().len(), 1, "{told}");
    act(
        &house,
        &other,
        "postponeCalendarEvent",
        json!({ "id": theirs }),
    )
    .await;
    let told = house.ask(Some(&cat), &on_mali).await.data();
    assert_eq!(told["overlaps"], json!([]));
    for (from, to, more) in [
        ("2026-09", "2026-08", ""),
        ("2026", "2030", ""),
        ("2026", "2027", ", theme: \"none\""),
    ] {
        let query = format!("{{ overlaps(from: \"{from}\", to: \"{to}\"{more}) {{ known }} }}");
        assert_eq!(house.ask(None, &query).await.code(), "BAD_INPUT");
    }
}

/// The events of a calendar, by an independent reader of the format.
fn read(answer: &Answer) -> Vec<Event> {
    let text = std::str::from_utf8(&answer.body).unwrap();
    for line in text.trim_end().split("\r\n") {
        assert!(line.len() <= 75 && !line.contains('\n'), "{line}");
    }
    let calendar: Calendar = text.parse().unwrap();
    let events = calendar
        .components
        .into_iter()
        .filter_map(|part| match part {
            CalendarComponent::Event(event) => Some(event),
            _ => None,
        });
    events.collect()
}

fn with_uid<'a>(events: &'a [Event], id: &Value) -> Option<&'a Event> {
    let id = id.as_str().unwrap();
    events.iter().find(|event| event.get_uid() == Some(id))
}

fn header_of<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let value = answer.headers.get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

async fn fetch(house: &House, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.send(request.body(Body::empty()).unwrap()).await
}

async fn public_feed(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let title =
        "A visit; with a comma, a \\ and a\nline, long enough to be folded: çàéîöß (invented)";
    let id = planned(&house, &cat, json!({ "title": title })).await;
    let before = fetch(&house, "/calendar.ics", &[]).await;
    assert_eq!(before.status, StatusCode::OK);
    assert_eq!(
        header_of(&before, "content-type"),
        "text/calendar; charset=utf-8"
    );
    assert_eq!(header_of(&before, "cache-control"), "public, no-cache");
    assert!(with_uid(&read(&before), &id).is_none());
    let text = String::from_utf8_lossy(&before.body).into_owned();
    assert!(
        text.contains("\r\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n"),
        "{text}"
    );
    act(&house, &cat, "publishCalendarEvent", json!({ "id": id })).await;
    let after = fetch(&house, "/calendar.ics", &[]).await;
    let events = read(&after);
    let event = with_uid(&events, &id).unwrap();
    assert_eq!(
        event.get_summary().map(|text| text.replace("\\n", "\n")),
        Some(title.to_owned())
    );
    // A month is every day of it, nobody is busy for it, and it says that no day is known.
    assert_eq!(event.property_value("DTSTART"), Some("20260901"));
    assert_eq!(event.property_value("DTEND"), Some("20261001"));
    assert_eq!(event.property_value("X-LIAISON-DATE"), Some("2026-09"));
    assert_eq!(event.property_value("TRANSP"), Some("TRANSPARENT"));
    assert_eq!(event.property_value("STATUS"), Some("TENTATIVE"));
    assert_eq!(event.property_value("SEQUENCE"), None);
    assert_eq!(event.property_value("LAST-MODIFIED"), None);
    // What is not public of it is nowhere in the file.
    let text = String::from_utf8_lossy(&after.body).replace("\r\n ", "");
    assert!(text.contains("COMMENT:The day is not known: this is for some time in 2026-09."));
    assert!(!text.contains("A prison (invented)") && !text.contains("Two members"));
    // The same events are the same file, and a hidden change is no change.
    let etag = header_of(&after, "etag").to_owned();
    let input = json!({ "id": id, "note": "Otherwise (invented)", "placesToVisit": "Elsewhere (invented)" });
    let hidden = act(&house, &cat, "amendCalendarEvent", input).await;
    assert_eq!(code(&hidden), "DONE", "{hidden}");
    let unchanged = fetch(&house, "/calendar.ics", &[("if-none-match", &etag)]).await;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
    assert!(unchanged.body.is_empty());
    act(&house, &cat, "cancelCalendarEvent", json!({ "id": id })).await;
    let cancelled = fetch(&house, "/calendar.ics", &[("if-none-match", &etag)]).await;
    assert_eq!(cancelled.status, StatusCode::OK);
    let events = read(&cancelled);
    let status = with_uid(&events, &id).unwrap().property_value("STATUS");
    assert_eq!(status, Some("CANCELLED"));
    // Where its status is not public, nothing says that it was given up; where the event is
    // not, it is gone.
    for (field, gone) in [(Some("status"), false), (None, true)] {
        let mut input = json!({ "id": id, "level": "SECRETARIAT" });
        if let Some(field) = field {
            input["field"] = json!(field);
        }
        let raise = ("raiseLevel", "RaiseLevelInput");
        let raised = house.act(Some(&cat), raise, &input, "record { id }").await;
        assert_eq!(code(&raised), "DONE", "{raised}");
        let events = read(&fetch(&house, "/calendar.ics", &[]).await);
        let event = with_uid(&events, &id);
        assert_eq!(event.is_none(), gone);
        assert_eq!(event.and_then(|event| event.property_value("STATUS")), None);
    }
    for value in ["Bearer none", "Basic bm9uZTpub25l"] {
        let answer = fetch(&house, "/calendar.ics", &[("authorization", value)]).await;
        assert!(
            answer.status.is_client_error(),
            "{value}: {}",
            answer.status
        );
    }
}

fn basic(id: &Value, secret: &str) -> String {
    let both = format!("{}:{secret}", id.as_str().unwrap());
    format!("Basic {}", STANDARD.encode(both))
}

async fn own_feed(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "iachr.registry").await;
    let partners = planned(&house, &cat, json!({ "existence": "PARTNER" })).await;
    let channel = planned(&house, &cat, json!({})).await;
    opened(&house, ["cat", "iachr"], r#"["WORK_PLANS"]"#).await;
    let made = act(
        &house,
        &other,
        "createCalendarFeed",
        json!({ "name": "My desk (invented)" }),
    );
    let made = made.await;
    assert_eq!(code(&made), "DONE", "{made}");
    let feed = &made["calendarFeed"];
    let secret = made["secret"].as_str().unwrap().to_owned();
    let scope = feed["scope"].as_str().unwrap();
    assert!(
        scope.contains("read:calendar_event@PARTNER") && !scope.contains("CHANNEL"),
        "{scope}"
    );
    assert!(
        !scope.contains("write:") && !scope.contains("communication"),
        "{scope}"
    );
    let credential = basic(&feed["id"], &secret);
    let headers = [(header::AUTHORIZATION.as_str(), credential.as_str())];
    let answer = fetch(&house, "/calendar/own.ics", &headers).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(header_of(&answer, "cache-control"), "private, no-store");
    assert_eq!(header_of(&answer, "etag"), "");
    let events = read(&answer);
    let event = with_uid(&events, &partners).unwrap();
    assert_eq!(event.property_value("CLASS"), Some("CONFIDENTIAL"));
    // The channel that its holder has is not the feed's.
    assert!(with_uid(&events, &channel).is_none());
    assert!(!seen(&house, Some(&other), &channel, "id").await.is_null());
    // It is in nobody's list but its holder's, and shows no secret.
    let list = "{ calendarFeeds { id name revokedAt } }";
    let told = house.ask(Some(&other), list).await.data();
    assert_eq!(told["calendarFeeds"][0]["name"], "My desk (invented)");
    assert_eq!(
        house.ask(Some(&cat), list).await.data()["calendarFeeds"],
        json!([])
    );
    let theirs = json!({ "feed": feed["id"] });
    let refused = act(&house, &cat, "revokeCalendarFeed", theirs.clone()).await;
    assert_eq!(code(&refused), "NOT_FOUND", "{refused}");
    // A second one ends when its holder's tokens do.
    let second = act(
        &house,
        &other,
        "createCalendarFeed",
        json!({ "name": "Other (invented)" }),
    );
    let second = second.await;
    let of_second = basic(
        &second["calendarFeed"]["id"],
        second["secret"].as_str().unwrap(),
    );
    let revoked = act(&house, &other, "revokeCalendarFeed", theirs).await;
    assert_eq!(code(&revoked), "DONE", "{revoked}");
    let answer = fetch(&house, "/calendar/own.ics", &headers).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let headers = [(header::AUTHORIZATION.as_str(), of_second.as_str())];
    let answer = fetch(&house, "/calendar/own.ics", &headers).await;
    assert_eq!(answer.status, StatusCode::OK);
    house
        .meddle("UPDATE holder SET epoch = epoch + 1 WHERE subject = 'iachr.registry'")
        .await;
    let answer = fetch(&house, "/calendar/own.ics", &headers).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

async fn refused_feed(backend: Backend) {
    let house = House::open(backend).await;
    let other = keeper(&house, "iachr.registry").await;
    let made = act(
        &house,
        &other,
        "createCalendarFeed",
        json!({ "name": "Desk (invented)" }),
    )
    .await;
    let (id, secret) = (
        &made["calendarFeed"]["id"],
        made["secret"].as_str().unwrap(),
    );
    let ended = act(
        &house,
        &other,
        "createCalendarFeed",
        json!({ "name": "Old (invented)" }),
    )
    .await;
    let old = &ended["calendarFeed"]["id"];
    act(&house, &other, "revokeCalendarFeed", json!({ "feed": old })).await;
    let unknown = json!("00000000-0000-4000-8000-000000000000");
    let mut answers = Vec::new();
    for credential in [
        basic(id, "wrong"),
        basic(id, ""),
        basic(old, ended["secret"].as_str().unwrap()),
        basic(&unknown, secret),
        basic(&json!("no id"), secret),
        "Basic ???".to_owned(),
        "Basic".to_owned(),
        format!("Bearer {other}"),
    ] {
        let headers = [(header::AUTHORIZATION.as_str(), credential.as_str())];
        let answer = fetch(&house, "/calendar/own.ics", &headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{credential}");
        let challenge = header_of(&answer, "www-authenticate").to_owned();
        assert!(challenge.starts_with("Basic "), "{challenge}");
        answers.push((challenge, answer.body.clone()));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    let none = fetch(&house, "/calendar/own.ics", &[]).await;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    // A token without leave to issue makes none, and what is kept of a secret is no secret.
    let reader = house.token_up_to("achpr.protection", Level::Channel).await;
    let refused = act(
        &house,
        &reader,
        "createCalendarFeed",
        json!({ "name": "No (invented)" }),
    )
    .await;
    assert_eq!(code(&refused), "FORBIDDEN", "{refused}");
}

async fn of_the_note(backend: Backend) {
    let house = House::open(backend).await;
    let query = "{ calendarEvents(first: 100, filter: { source: { contains: \"Concept note\" } }) {
        totalCount edges { node { title kind startsOn city heldIn { code } organisers { code }
          participants { code } } } } }";
    let data = house.ask(None, query).await.data();
    assert_eq!(data["calendarEvents"]["totalCount"], 47);
    let edges = data["calendarEvents"]["edges"].as_array().unwrap();
    let found = edges.iter().find(|edge| {
        let title = edge["node"]["title"].as_str().unwrap();
        title == "Consultation in Africa on the themes of the workshop"
    });
    let node = &found.unwrap()["node"];
    assert_eq!(node["heldIn"]["code"], "ETH");
    assert_eq!(node["startsOn"], "2012-02-07");
    let taking_part = node["participants"].as_array().unwrap();
    assert!(
        taking_part.iter().any(|body| body["code"] == "achpr"),
        "{node}"
    );
}
