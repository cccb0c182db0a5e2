use serde_json::json;

use super::*;

/// The events of a calendar, read as strictly as the standard is written.
fn read(file: &[u8]) -> Vec<Vec<(String, String)>> {
    let text = std::str::from_utf8(file).expect("UTF-8");
    let text = text.strip_suffix("\r\n").expect("an end");
    let mut lines: Vec<String> = Vec::new();
    for line in text.split("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        let plain = |letter: char| letter == '\t' || !letter.is_control();
        assert!(line.chars().all(plain), "{line:?}");
        match line.strip_prefix(' ') {
            Some(more) => lines.last_mut().expect("a line").push_str(more),
            None => lines.push(line.to_owned()),
        }
    }
    let mut events = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').expect("a name and a value");
        let of_name = |letter: char| letter.is_ascii_uppercase() || "-;=".contains(letter);
        assert!(name.chars().all(of_name), "{line}");
        match name {
            "BEGIN" => {
                open.push(value.to_owned());
                if value == "VEVENT" {
                    events.push(Vec::new());
                }
            }
            "END" => assert_eq!(open.pop().as_deref(), Some(value)),
            _ if open.last().is_some_and(|open| open == "VEVENT") => {
                let event: &mut Vec<_> = events.last_mut().expect("an event");
                event.push((name.to_owned(), unescaped(value)));
            }
            _ => assert!(!open.is_empty(), "{line}"),
        }
    }
    assert_eq!(open, Vec::<String>::new());
    events
}

fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n') => text.push('\n'),
                Some(letter @ ('\\' | ';' | ',')) => text.push(letter),
                other => panic!("an escape of {other:?}: {value}"),
            },
            ';' | ',' => panic!("not escaped: {value}"),
            letter => text.push(letter),
        }
    }
    text
}

fn events(kind: Kind, heads: &[&str], rows: &[Vec<Value>]) -> Vec<Vec<(String, String)>> {
    let told = (false, Moment::from_seconds(0));
    read(&file(&[], &[(kind, (heads, rows))], told))
}

fn value<'a>(event: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = event.iter().find(|(is, _)| is == name)?;
    Some(found.1.as_str())
}

const PLAN: [&str; 4] = ["id", "period", "status", "title"];

#[test]
fn hostile_texts_stay_in_their_value() {
    let long = "é漢🙂".repeat(60);
    let table = [
        (
            "a\r\nEND:VEVENT\nBEGIN:VEVENT\rX:y",
            "a\nEND:VEVENT\nBEGIN:VEVENT\nX:y",
        ),
        ("a;b,c\\n\\d:\"e\"", "a;b,c\\n\\d:\"e\""),
        ("\u{0}a\u{b}b\u{7f}c\u{9b}\td", "abc\td"),
        ("a\u{85}b\u{2028}c\u{2029}d", "a\nb\nc\nd"),
        (" begins with a space", " begins with a space"),
        (long.as_str(), long.as_str()),
    ];
    for (title, told) in table {
        let rows = [vec![
            json!("id-1"),
            json!("2026"),
            json!("DRAFT"),
            json!(title),
        ]];
        let events = events(Kind::WorkPlan, &PLAN, &rows);
        assert_eq!(events.len(), 1, "{title:?}");
        assert_eq!(value(&events[0], "SUMMARY"), Some(told));
        assert_eq!(value(&events[0], "UID"), Some("id-1"));
    }
}

#[test]
fn a_date_is_every_day_that_it_may_mean() {
    let table = [
        ("2026", "20260101", Some("20270101")),
        ("2024-02", "20240201", Some("20240301")),
        ("2026-12-31", "20261231", Some("20270101")),
        ("2025/2026-03", "20250101", Some("20260401")),
        ("9999", "99990101", None),
    ];
    for (date, begins, ends) in table {
        let rows = [vec![
            json!("a"),
            json!(date),
            json!("COMPLETED"),
            Value::Null,
        ]];
        let events = events(Kind::WorkPlan, &PLAN, &rows);
        assert_eq!(value(&events[0], "DTSTART;VALUE=DATE"), Some(begins));
        assert_eq!(value(&events[0], "DTEND;VALUE=DATE"), ends, "{date}");
        assert_eq!(value(&events[0], "X-LIAISON-DATE"), Some(date));
        assert_eq!(value(&events[0], "STATUS"), Some("CONFIRMED"));
        assert_eq!(value(&events[0], "SUMMARY"), None);
    }
}

#[test]
fn what_is_withheld_is_not_said() {
    let undated = [vec![json!("a"), Value::Null, json!("DRAFT"), json!("b")]];
    assert!(events(Kind::WorkPlan, &PLAN, &undated).is_empty());
    let heads = ["id", "status", "title", "validFrom", "validUntil"];
    let row = |status: Value, until: Value| {
        let from = json!("2026-01-01T01:00:00.5+01:00");
        vec![json!("a"), status, json!("b"), from, until]
    };
    let rows = [
        row(json!("TERMINATED"), json!("2030-01-01T00:00:00Z")),
        row(Value::Null, Value::Null),
    ];
    let events = events(Kind::Agreement, &heads, &rows);
    let [ended, withheld] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(value(ended, "DTSTART"), Some("20260101T000000Z"));
    assert_eq!(value(ended, "DTEND"), Some("20300101T000000Z"));
    assert_eq!(value(ended, "STATUS"), Some("CANCELLED"));
    assert_eq!(value(ended, "CLASS"), Some("CONFIDENTIAL"));
    assert_eq!(value(withheld, "DTEND"), None);
    assert_eq!(value(withheld, "STATUS"), None);
}
