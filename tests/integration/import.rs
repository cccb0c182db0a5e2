//! Imports, as a desk officer types them and as a partner's system sends them.

use std::{
    fs::{self, Permissions},
    io::Write,
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::ExitStatusExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use liaison::confidentiality::Level;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{
    harness::{Backend, Suite},
    house::{House, key_store_for, reads},
    postgres,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_file_is_imported_once_however_often_it_comes", again);
    suite.test("all_rows_are_imported_or_none", all_or_none);
    suite.test(
        "rejects_of_an_import_are_in_the_form_of_their_file_and_private",
        rejects,
    );
    suite.test(
        "every_hostile_shape_of_an_import_has_a_line_in_the_report",
        hostile,
    );
    suite.test("a_killed_import_leaves_the_database_as_it_was", killed);
    suite.test("who_may_not_write_imports_nothing", refused);
    suite.test(
        "an_import_keeps_at_secretariat_what_its_mapping_says_nothing_of",
        levels,
    );
    suite.test("an_import_tells_nothing_of_the_rows_of_others", others);
    suite.test("a_partner_system_imports_rows_in_one_act", rows);
    suite.test(
        "a_file_in_two_languages_is_imported_and_exported_so",
        tongues,
    );
    suite.test("the_shared_files_are_imported_by_ready_mappings", shared);
}

const MAPPING: &str = r#"
    provider = "archive"
    kind = "document"
    id = "{no}"
    dates = ["dd/mm/yyyy", "yyyy-mm-dd", "yyyy"]
    [fields]
    title = { column = "title", required = true }
    date = { column = "date" }
    countries = { column = "state", separator = "|" }
    note = { column = "note" }
"#;

/// A hub on which `cat` and `achpr` have an officer each, and a folder to work in.
struct Desk {
    folder: TempDir,
    url: String,
    key_url: String,
}

impl Desk {
    async fn open(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match backend {
            Backend::Sqlite => {
                format!("sqlite://{}/liaison.db?mode=rwc", folder.path().display())
            }
            Backend::Postgres => {
                let cluster = postgres::shared().unwrap();
                cluster.create_database(None).await.unwrap()
            }
        };
        let key_url = key_store_for(&url).await;
        let desk = Self {
            folder,
            url,
            key_url,
        };
        desk.does(&["keys", "create"]);
        desk.does(&["migrate"]);
        for mechanism in ["cat", "achpr"] {
            let holder = format!("{mechanism}.first");
            let invite = ["holder", "invite", "--mechanism", mechanism];
            desk.does(&[&invite[..], &["--holder", &holder]].concat());
            desk.token(mechanism, "SECRETARIAT", "document,mechanism");
        }
        desk.file("mapping.toml", MAPPING);
        desk
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("LIAISON_DATABASE_URL", &self.url)
            .env("LIAISON_KEY_STORE", &self.key_url)
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    fn does(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Keeps a token of a mechanism's officer in a file.
    fn token(&self, mechanism: &str, level: &str, writes: &str) {
        let holder = format!("{mechanism}.first");
        let issue = ["token", "issue", "--holder", &holder];
        let scope = ["--up-to", level, "--write", writes];
        let token = self.does(&[&issue[..], &scope].concat());
        self.file(&format!("{mechanism}.token"), &token);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }

    fn import(&self, arguments: &[&str]) -> Output {
        self.import_as("cat", arguments)
    }

    fn import_as(&self, mechanism: &str, arguments: &[&str]) -> Output {
        let token = format!("{mechanism}.token");
        let import = ["import", "--kind", "document", "--mapping", "mapping.toml"];
        let with = [&import[..], &["--token-file", &token], arguments].concat();
        self.command(&with).output().unwrap()
    }

    async fn number(&self, sql: &str) -> i64 {
        let connection = sea_orm::Database::connect(&self.url).await.unwrap();
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        let number = row.try_get_by_index(0).unwrap();
        connection.close().await.unwrap();
        number
    }

    async fn documents(&self) -> i64 {
        self.number("SELECT COUNT(*) FROM document").await
    }

    /// Whether an act is under way on the database.
    async fn is_written_to(&self) -> bool {
        let connection = sea_orm::Database::connect(&self.url).await.unwrap();
        let written = if self.url.starts_with("sqlite://") {
            let quick = "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK;";
            connection.execute_unprepared(quick).await.is_err()
        } else {
            let locks = "SELECT COUNT(*) FROM pg_locks JOIN pg_database d ON d.oid = database \
                         WHERE mode = 'ExclusiveLock' AND relation IS NOT NULL \
                         AND d.datname = current_database()";
            let statement = Statement::from_string(connection.get_database_backend(), locks);
            let row = connection.query_one_raw(statement).await.unwrap().unwrap();
            row.try_get_by_index::<i64>(0).unwrap() > 0
        };
        connection.close().await.unwrap();
        written
    }
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn says(output: &Output, done: bool, words: &str) {
    let said = said(output);
    assert_eq!(output.status.success(), done, "{said}");
    assert!(said.contains(words), "no `{words}` in: {said}");
}

async fn again(backend: Backend) {
    let desk = Desk::open(backend).await;
    let text = "no,title,date,state,note\n1,One (invented),31/12/2012,KE|Uganda,\n\
                2,Two (invented),2013,Swaziland,x\n3,Three (invented),,,\n";
    desk.file("a.csv", text);
    says(&desk.import(&["--dry-run", "a.csv"]), true, "3 created");
    assert_eq!(desk.documents().await, 0, "a dry run writes nothing");
    says(&desk.import(&["a.csv"]), true, "imported: 3 created");
    says(&desk.import(&["a.csv"]), true, "imported: 3 unchanged");
    desk.file("a.csv", text.replace("Two", "Zwei").replace("KE|", ""));
    says(&desk.import(&["a.csv"]), true, "2 changed, 1 unchanged");
    assert_eq!(desk.documents().await, 3);
    assert_eq!(desk.number("SELECT COUNT(*) FROM provenance").await, 3);
    let states = "SELECT COUNT(*) FROM record_country WHERE country = ";
    assert_eq!(desk.number(&format!("{states}'KEN'")).await, 0);
    assert_eq!(desk.number(&format!("{states}'UGA'")).await, 1);
    let changed = "SELECT COUNT(*) FROM document WHERE title = 'Zwei (invented)'";
    assert_eq!(desk.number(changed).await, 1);
    let line = "SELECT line FROM provenance WHERE external_id = '2' AND file = 'a.csv'";
    assert_eq!(desk.number(line).await, 3);
    // As many as are looked up at once.
    let many = (0..2_100).map(|number| format!("m{number},Many (invented),,,\n"));
    desk.file(
        "many.csv",
        format!("no,title,date,state,note\n{}", many.collect::<String>()),
    );
    says(&desk.import(&["many.csv"]), true, "imported: 2100 created");
    says(
        &desk.import(&["many.csv"]),
        true,
        "imported: 2100 unchanged",
    );
    // The same rows in another form are the same rows.
    let rows = json!([
        { "no": 1, "title": "One (invented)", "date": "31/12/2012", "state": ["UG"], "note": null },
        { "no": "3", "title": "Three (invented)" },
    ]);
    desk.file("a.json", rows.to_string());
    says(&desk.import(&["a.json"]), true, "imported: 2 unchanged");
    let lines: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    desk.file("a.jsonl", lines.join("\r\n"));
    says(&desk.import(&["a.jsonl"]), true, "imported: 2 unchanged");
    desk.file("a.xlsx", workbook());
    let sheet = desk.import(&["a.xlsx"]);
    says(&sheet, true, "imported: 1 changed, 1 unchanged");
    says(&sheet, true, "the cell holds a formula");
}

async fn all_or_none(backend: Backend) {
    let desk = Desk::open(backend).await;
    desk.file("good.csv", "no,title,date,state,note\n1,One,2012,,\n");
    desk.file(
        "bad.csv",
        "no,title,date,state,note\n2,Two,2012,,\n3,,2012,,\n",
    );
    let before = desk.number("SELECT COUNT(*) FROM audit_leaf").await;
    let both = desk.import(&["good.csv", "bad.csv"]);
    says(&both, false, "nothing was imported: 1 row is refused");
    says(
        &both,
        false,
        "line 3, column `title`: the field must have a value [VALUE_MISSING]",
    );
    assert_eq!(desk.documents().await, 0);
    assert_eq!(desk.number("SELECT COUNT(*) FROM provenance").await, 0);
    assert_eq!(desk.number("SELECT COUNT(*) FROM audit_leaf").await, before);
    // A file that can't be read refuses the others even where rows may be left out.
    desk.file("open.csv", "no,title,date,state,note\n1,\"One,2012,,\n");
    let unread = desk.import(&["--partial", "good.csv", "open.csv"]);
    says(&unread, false, "a file is refused");
    assert_eq!(desk.documents().await, 0);
    says(
        &desk.import(&["--partial", "good.csv", "bad.csv"]),
        false,
        "2 created, 1 refused",
    );
    assert_eq!(desk.documents().await, 2);
    assert_eq!(
        desk.number("SELECT COUNT(*) FROM audit_leaf").await,
        before + 1
    );
}

async fn rejects(backend: Backend) {
    let desk = Desk::open(backend).await;
    desk.file(
        "a.csv",
        "no;title;date;state;note\n1;One;31/02/2012;;\n2;Two;;;\"a;b\"\n3;;;;=1\n",
    );
    says(
        &desk.import(&["--partial", "a.csv"]),
        false,
        "a.rejects.csv",
    );
    let path = desk.path("a.rejects.csv");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(
        text,
        "no;title;date;state;note;reason\n1;One;31/02/2012;;;date `31/02/2012`: there is no such day\n\
         3;;;;=1;title: the field must have a value\n"
    );
    // What is corrected there is imported from there; what is there is not written over.
    assert_eq!(desk.documents().await, 1);
    desk.file(
        "b.csv",
        text.replace("31/02", "28/02").replace("3;;", "3;Three;"),
    );
    says(&desk.import(&["b.csv"]), true, "imported: 2 created");
    desk.file("a.csv", "no;title;date;state;note\n9;;;;\n8;Eight;;;\n");
    let there = "it is there already, and is not written over";
    says(&desk.import(&["--partial", "a.csv"]), false, there);
    assert_eq!(
        desk.documents().await,
        3,
        "nothing is imported without its rejects"
    );
    let rows = json!({ "no": 7, "title": null, "state": ["KE"] });
    desk.file("c.jsonl", format!("{rows}\nno object\n"));
    says(&desk.import(&["--partial", "c.jsonl"]), false, "2 refused");
    let text = fs::read_to_string(desk.path("c.rejects.jsonl")).unwrap();
    let kept: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(kept[0]["state"], json!(["KE"]));
    assert_eq!(kept[0]["reason"], "title: the field must have a value");
    assert_eq!(kept[1]["text"], "no object");
}

/// A shape, its file, and what the report says of it: a code, and a line where it has one.
fn shapes() -> Vec<(&'static str, Vec<u8>, &'static str, Option<u64>)> {
    let head = "no,title,date,state,note\n";
    let row = |row: &str| format!("{head}0,Good,,,\n{row}\n").into_bytes();
    let long = "x".repeat(1_000_000);
    vec![
        ("formula.csv", row("1,=HYPERLINK(1),,,"), "FORMULA", Some(3)),
        ("at.csv", row("1,@SUM(1),,,"), "FORMULA", Some(3)),
        (
            "bidi.csv",
            row("1,a\u{202e}b,,,"),
            "CHARACTER_HIDDEN",
            Some(3),
        ),
        (
            "width.csv",
            row("1,a\u{200b}b,,,"),
            "CHARACTER_HIDDEN",
            Some(3),
        ),
        ("nul.csv", row("1,a\0b,,,"), "CHARACTER_HIDDEN", Some(3)),
        ("twice.csv", row("1,One,,,\n1,One,,,"), "ROW_TWICE", Some(4)),
        (
            "conflict.csv",
            row("1,One,,,\n1,Two,,,"),
            "ID_TWICE",
            Some(3),
        ),
        ("conflict2.csv", row("1,One,,,\n1,,,,"), "ID_TWICE", Some(3)),
        ("no-id.csv", row(",One,,,"), "VALUE_MISSING", Some(3)),
        ("feb.csv", row("1,One,31/02/2012,,"), "DATE_WRONG", Some(3)),
        ("soon.csv", row("1,One,soon,,"), "DATE_WRONG", Some(3)),
        (
            "year1.csv",
            row("1,One,0001-01-01,,"),
            "YEAR_UNLIKELY",
            Some(3),
        ),
        (
            "year2204.csv",
            row("1,One,2204-05-01,,"),
            "YEAR_UNLIKELY",
            Some(3),
        ),
        (
            "state.csv",
            row("1,One,,(Unknown),"),
            "COUNTRY_UNKNOWN",
            Some(3),
        ),
        ("ended.csv", row("1,One,,USSR,"), "COUNTRY_UNKNOWN", Some(3)),
        (
            "million.csv",
            row(&format!("1,{long},,,")),
            "TEXT_TOO_LONG",
            Some(3),
        ),
        (
            "million-id.csv",
            row(&format!("{long},One,,,")),
            "TEXT_TOO_LONG",
            Some(3),
        ),
        (
            "latin.csv",
            row("1,caf?,,,")
                .iter()
                .map(|b| if *b == b'?' { 0xe9 } else { *b })
                .collect(),
            "ENCODING_WRONG",
            Some(3),
        ),
        (
            "utf16.csv",
            b"\xff\xfea\0,\0\0\xd8".to_vec(),
            "ENCODING_WRONG",
            None,
        ),
        (
            "header.csv",
            b"no,title,title,state,note\n1,One,,,\n".to_vec(),
            "HEADER_WRONG",
            None,
        ),
        (
            "unnamed.csv",
            b"no,title,date,,note\n1,One,,,\n".to_vec(),
            "HEADER_WRONG",
            None,
        ),
        (
            "lacks.csv",
            b"no,title\n1,One\n".to_vec(),
            "COLUMN_MISSING",
            None,
        ),
        (
            "more.csv",
            b"no,title,date,state,note,more\n1,One,,,,x\n".to_vec(),
            "COLUMN_LEFT_OUT",
            None,
        ),
        (
            "ends.csv",
            row("1,One,,,\r\n2,Two,,,\r3,Three,,,\n").to_vec(),
            "LINE_ENDS_MIXED",
            None,
        ),
        ("short.csv", row("1,One"), "ROW_WRONG", Some(3)),
        (
            "quote.csv",
            row("1,\"One,,,\n2,Two,,,"),
            "FILE_UNREADABLE",
            None,
        ),
        ("empty.csv", Vec::new(), "FILE_EMPTY", None),
        (
            "blank.csv",
            b"\xef\xbb\xbf\r\n \r\n".to_vec(),
            "FILE_EMPTY",
            None,
        ),
        ("head.csv", head.as_bytes().to_vec(), "NO_ROWS", None),
        (
            "wide.csv",
            format!("{}\n", "a,".repeat(400)).into_bytes(),
            "FILE_TOO_LARGE",
            None,
        ),
        (
            "object.json",
            br#"[{"no": 1, "title": {"en": "x"}}]"#.to_vec(),
            "CELL_WRONG",
            Some(1),
        ),
        (
            "key.json",
            br#"[{"no": 1, "title": "x", "title": "y"}]"#.to_vec(),
            "ROW_WRONG",
            Some(1),
        ),
        (
            "cut.json",
            br#"[{"no": 1,"#.to_vec(),
            "FILE_UNREADABLE",
            None,
        ),
        (
            "deep.json",
            "[".repeat(100_000).into_bytes(),
            "FILE_UNREADABLE",
            None,
        ),
        (
            "cut.xlsx",
            b"PK\x03\x04 no workbook".to_vec(),
            "FILE_UNREADABLE",
            None,
        ),
        ("far.xlsx", far_workbook(), "FILE_TOO_LARGE", None),
        ("formula.xlsx", formula_workbook(), "CELL_WRONG", Some(2)),
    ]
}

async fn hostile(backend: Backend) {
    let desk = Desk::open(backend).await;
    for (name, bytes, code, line) in shapes() {
        desk.file(name, bytes);
        let report = format!("{name}.report");
        let output = desk.import(&["--report", &report, name]);
        let path = desk.path(&report);
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let text = fs::read_to_string(path).unwrap();
        let found: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let finding = found.iter().find(|finding| {
            finding["code"] == code && (line.is_none() || finding["line"] == json!(line))
        });
        if name == "formula.xlsx" {
            assert_eq!(finding.unwrap()["column"], "note", "{text}");
        }
        let finding = finding.unwrap_or_else(|| panic!("{name}: {}\n{text}", said(&output)));
        let remark = finding["remark"] == true;
        assert_eq!(output.status.success(), remark, "{name}: {}", said(&output));
        assert!(
            text.len() < 10_000,
            "{name}: the report repeats a long value"
        );
        for letter in said(&output).chars() {
            assert!(letter == '\n' || !letter.is_control(), "{name}: {letter:?}");
        }
        if !remark {
            assert_eq!(
                desk.number("SELECT COUNT(*) FROM provenance").await,
                0,
                "{name}"
            );
            assert_eq!(desk.documents().await, 0, "{name}");
        } else {
            // A formula is kept as it was written.
            if name == "formula.csv" {
                let kept = "SELECT COUNT(*) FROM document WHERE title = '=HYPERLINK(1)'";
                assert_eq!(desk.number(kept).await, 1);
            }
            empty(&desk).await;
        }
    }
    // A mapping may let what does not show be taken out, and an encoding be named.
    desk.file("clean.toml", MAPPING.replace("id =", "clean = true\nid ="));
    let clean = [
        "import",
        "--kind",
        "document",
        "--mapping",
        "clean.toml",
        "--token-file",
        "cat.token",
    ];
    let output = desk
        .command(&[&clean[..], &["nul.csv"]].concat())
        .output()
        .unwrap();
    says(&output, true, "2 created");
    let named = desk.import(&["--encoding", "windows-1252", "latin.csv"]);
    says(&named, true, "1 changed, 1 unchanged");
    let kept = "SELECT COUNT(*) FROM document WHERE title = 'café'";
    assert_eq!(desk.number(kept).await, 1);
}

async fn tongues(backend: Backend) {
    let desk = Desk::open(backend).await;
    let mapping = MAPPING.replace("id =", "language = \"en\"\nid =");
    let french = "\"title@fr\" = { column = \"titre\", status = \"OFFICIAL\" }";
    desk.file("mapping.toml", format!("{mapping}\n{french}\n"));
    let count = async |of: &str| {
        let sql = format!("SELECT COUNT(*) FROM translation WHERE {of}");
        desk.number(&sql).await
    };
    let head = "no,title,titre,date,state,note\n";
    desk.file(
        "a.csv",
        format!("{head}1,Registers,Registres,2012,KE,\n2,Visits,,2012,KE,\n"),
    );
    says(&desk.import(&["a.csv"]), true, "2 created");
    says(&desk.import(&["a.csv"]), true, "2 unchanged");
    assert_eq!(
        count("text = 'Registres' AND status = 'OFFICIAL' AND language = 'fr'").await,
        1
    );
    assert_eq!(
        count("text IS NULL AND language = 'en' AND field = 'title'").await,
        2
    );
    let export = ["export", "--token-file", "cat.token", "--kind", "document"];
    let file = desk.does(&export);
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines[0].ends_with(",title@fr"), "{file}");
    assert!(
        lines.iter().any(|line| line.ends_with(",Registres")),
        "{file}"
    );
    // A row that comes again says it anew, or takes it away.
    desk.file(
        "b.csv",
        format!("{head}1,Registers,,2012,KE,\n2,Visits,Visites,2012,KE,\n"),
    );
    says(&desk.import(&["b.csv"]), true, "2 changed");
    assert_eq!(count("text = 'Registres'").await, 0);
    assert_eq!(count("text = 'Visites'").await, 1);
    assert_eq!(count("text IS NULL").await, 2);
    // A translation is of something.
    desk.file("c.csv", format!("{head}3,,Rien,2012,KE,\n"));
    let optional = mapping.replace(", required = true", "");
    desk.file("mapping.toml", format!("{optional}\n{french}\n"));
    let said = desk.import(&["c.csv"]);
    says(&said, false, "this could be a translation of");
}

async fn empty(desk: &Desk) {
    let connection = sea_orm::Database::connect(&desk.url).await.unwrap();
    for table in ["document", "provenance", "record_owner", "record_country"] {
        let sql = format!("DELETE FROM {table}");
        connection.execute_unprepared(&sql).await.unwrap();
    }
    connection.close().await.unwrap();
}

async fn killed(backend: Backend) {
    let desk = Desk::open(backend).await;
    let mut text = String::from("no,title,date,state,note\n");
    for number in 0..30_000 {
        text.push_str(&format!("{number},Document {number} (invented),2012,KE,\n"));
    }
    desk.file("large.csv", text);
    desk.file("small.csv", "no,title,date,state,note\n1,One,2012,KE,\n");
    let before = desk.number("SELECT COUNT(*) FROM audit_leaf").await;
    let import = ["import", "--kind", "document", "--mapping", "mapping.toml"];
    let with = [&import[..], &["--token-file", "cat.token", "large.csv"]].concat();
    let mut child: Child = desk.command(&with).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    while !desk.is_written_to().await {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it was killed"
        );
        assert!(Instant::now() < patience, "it never wrote");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    child.kill().unwrap();
    assert_eq!(
        child.wait().unwrap().signal(),
        Some(9),
        "it ended before it was killed"
    );
    // PostgreSQL notices that it is gone a moment later.
    while desk.is_written_to().await {
        assert!(Instant::now() < patience, "what is dead still writes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for table in ["document", "provenance", "record_owner", "record_country"] {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        assert_eq!(desk.number(&sql).await, 0, "{table}");
    }
    assert_eq!(desk.number("SELECT COUNT(*) FROM audit_leaf").await, before);
    says(&desk.import(&["small.csv"]), true, "imported: 1 created");
}

async fn refused(backend: Backend) {
    let desk = Desk::open(backend).await;
    desk.file("a.csv", "no,title,date,state,note\n1,One,2012,KE,\n");
    fs::set_permissions(desk.path("cat.token"), Permissions::from_mode(0o640)).unwrap();
    says(
        &desk.import(&["a.csv"]),
        false,
        "is open to others (mode 0640)",
    );
    desk.file("cat.token", "no token");
    says(&desk.import(&["a.csv"]), false, "the token is refused");
    desk.token("cat", "SECRETARIAT", "mechanism");
    says(
        &desk.import(&["a.csv"]),
        false,
        "the token's scope does not allow this; it takes `write:document@SECRETARIAT`",
    );
    desk.token("cat", "CHANNEL", "document");
    says(
        &desk.import(&["a.csv"]),
        false,
        "the token's scope does not allow this; it takes `write:document@SECRETARIAT`",
    );
    desk.token("cat", "SECRETARIAT", "document");
    let revoke = ["token", "revoke", "--mechanism", "cat"];
    desk.does(&revoke);
    says(&desk.import(&["a.csv"]), false, "the token is refused");
    assert_eq!(desk.documents().await, 0);
    // What becomes of a row tells of what is there: to who reads all of it anyway.
    for scope in [
        "read:document@SECRETARIAT write:document@SECRETARIAT st:KEN",
        "read:document@PARTNER write:document@SECRETARIAT",
    ] {
        let issue = ["token", "issue", "--holder", "cat.first", "--scope", scope];
        let token = desk.does(&issue);
        desk.file("cat.token", token);
        let words = "reads all that your mechanism keeps of this kind";
        says(&desk.import(&["--dry-run", "a.csv"]), false, words);
    }
    assert_eq!(desk.documents().await, 0);
    desk.token("cat", "SECRETARIAT", "document");
    let run = |kind: &str, mapping: &str| {
        let arguments = [
            "import",
            "--token-file",
            "cat.token",
            "--kind",
            kind,
            "--mapping",
            mapping,
            "a.csv",
        ];
        desk.command(&arguments).output().unwrap()
    };
    says(
        &run("communication", "mapping.toml"),
        false,
        "is for records of kind `document`",
    );
    says(
        &run("king", "mapping.toml"),
        false,
        "`king` is no kind of record",
    );
    says(
        &run("document", "nothing"),
        false,
        "mappings that come with this hub are countries",
    );
    desk.file(
        "person.toml",
        "provider = \"p\"\nkind = \"person\"\nid = \"{no}\"\n[fields.names]\ncolumn = \"title\"",
    );
    says(
        &run("person", "person.toml"),
        false,
        "persons' files are not imported",
    );
}

async fn levels(backend: Backend) {
    let house = House::open(backend).await;
    let cat = writer(&house, "cat.secretary").await;
    let partner = house
        .token_up_to("achpr.secretary", Level::Secretariat)
        .await;
    let silent = mapping("silent", "");
    let open = mapping("open", r#","existence":"PUBLIC","level":"PUBLIC""#);
    for (mapping, to_others) in [(&silent, 0), (&open, 1)] {
        let answer = import(
            &house,
            &cat,
            &request(mapping, &[["1", "Kept (invented)", "n"]]),
        )
        .await;
        assert_eq!(answer["counts"]["created"], 1, "{answer}");
        let query = "{ documents(filter: {title: {eq: \"Kept (invented)\"}}) { totalCount } }";
        for (token, total) in [
            (Some(cat.as_str()), 1),
            (Some(partner.as_str()), to_others),
            (None, to_others),
        ] {
            let data = house.ask(token, query).await.data();
            let own = if token == Some(cat.as_str()) {
                to_others
            } else {
                0
            };
            assert_eq!(data["documents"]["totalCount"], total + own, "{mapping}");
        }
    }
    // A field that a later mapping adds is raised on a record that is public already, and a
    // level is never lowered by sending the row again.
    let told = async |token: Option<&str>| {
        let query = "{ documents(filter: {title: {eq: \"Raised (invented)\"}}) \
                     { nodes: edges { node { title note } } } }";
        house.ask(token, query).await.data()["documents"]["nodes"].clone()
    };
    let level = |note: &str| {
        json!({
            "provider": "raised", "kind": "document", "id": "{no}", "existence": "PUBLIC",
            "fields": {
                "title": { "column": "title", "level": "PUBLIC" },
                "note": { "column": "note", "level": note },
            },
        })
        .to_string()
    };
    for (note, shown) in [("PUBLIC", true), ("SECRETARIAT", false), ("PUBLIC", false)] {
        let rows = [["1", "Raised (invented)", "the note (invented)"]];
        let answer = import(&house, &cat, &request(&level(note), &rows)).await;
        assert_eq!(answer["userErrors"], json!([]), "{answer}");
        let public = told(None).await;
        assert_eq!(public[0]["node"]["title"], "Raised (invented)");
        assert_eq!(
            public[0]["node"]["note"].is_string(),
            shown,
            "{note}: {public}"
        );
        assert!(told(Some(&cat)).await[0]["node"]["note"].is_string());
    }
}

async fn others(backend: Backend) {
    let house = House::open(backend).await;
    let tokens = [
        writer(&house, "cat.secretary").await,
        writer(&house, "achpr.secretary").await,
    ];
    // The same provider and ids, from two mechanisms: each is told of its own alone.
    let request = request(&mapping("same", ""), &[["1", "One (invented)", "x"]]);
    let dry = {
        let mut dry = request.clone();
        dry["dryRun"] = json!(true);
        dry
    };
    let alone = import(&house, &tokens[1], &dry).await;
    assert_eq!(
        import(&house, &tokens[0], &request).await["counts"]["created"],
        1
    );
    assert_eq!(
        import(&house, &tokens[1], &dry).await,
        alone,
        "what others import changes nothing"
    );
    assert_eq!(
        import(&house, &tokens[1], &request).await["counts"]["created"],
        1
    );
    for token in &tokens {
        assert_eq!(
            import(&house, token, &request).await["counts"]["unchanged"],
            1
        );
    }
    // A code that is taken by a record that one may know of is refused; a hidden one is not there.
    let coded = |existence: &str| {
        json!({
            "provider": "bodies", "kind": "mechanism", "id": "{no}", "existence": existence,
            "fields": { "code": { "column": "no" }, "name": { "column": "title" } },
        })
        .to_string()
    };
    let mut bodies = self::request(
        &coded("SECRETARIAT"),
        &[["npm_zzz", "Hidden (invented)", ""]],
    );
    bodies["kind"] = json!("mechanism");
    assert_eq!(
        import(&house, &tokens[0], &bodies).await["counts"]["created"],
        1
    );
    assert_eq!(
        import(&house, &tokens[1], &bodies).await["counts"]["created"],
        1
    );
    let mut taken = self::request(&coded("PUBLIC"), &[["iachr", "Not mine (invented)", ""]]);
    taken["kind"] = json!("mechanism");
    let answer = import(&house, &tokens[0], &taken).await;
    let codes = answer["findings"].as_array().unwrap().iter();
    let mut codes = codes.map(|finding| finding["code"].as_str().unwrap());
    assert!(codes.any(|code| code == "CODE_TAKEN"), "{answer}");
    assert_eq!(answer["written"], false);
}

async fn rows(backend: Backend) {
    let house = House::open(backend).await;
    let cat = writer(&house, "cat.secretary").await;
    let provenance = async || house.number("SELECT COUNT(*) FROM provenance").await;
    let mapping = mapping("api", "");
    let mut good = request(
        &mapping,
        &[["1", "One (invented)", "n"], ["2", "Two (invented)", ""]],
    );
    good["dryRun"] = json!(true);
    let dry = import(&house, &cat, &good).await;
    assert_eq!(dry["userErrors"], json!([]), "{dry}");
    assert_eq!(
        (&dry["counts"]["created"], &dry["written"]),
        (&json!(2), &json!(false))
    );
    assert_eq!(provenance().await, 0);
    good["dryRun"] = json!(false);
    good["key"] = json!("k-1");
    let done = import(&house, &cat, &good).await;
    assert_eq!(
        (&done["counts"]["created"], &done["written"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(
        done["rows"],
        json!([{ "line": 1, "outcome": "CREATED" }, { "line": 2, "outcome": "CREATED" }])
    );
    let twice = import(&house, &cat, &good).await;
    assert_eq!(twice["userErrors"], json!([]), "{twice}");
    assert_eq!(twice["counts"]["unchanged"], 2);
    let mut reused = request(&mapping, &[["3", "Three (invented)", ""]]);
    reused["key"] = json!("k-1");
    let answer = import(&house, &cat, &reused).await;
    assert_eq!(answer["userErrors"][0]["code"], "KEY_REUSED", "{answer}");

    let mut bad = request(&mapping, &[["3", "Three (invented)", ""], ["4", "", ""]]);
    let answer = import(&house, &cat, &bad).await;
    assert_eq!(answer["userErrors"][0]["field"], "rows", "{answer}");
    assert_eq!(answer["findings"][0]["line"], 2);
    assert_eq!(answer["findings"][0]["column"], "title");
    assert_eq!(provenance().await, 2);
    bad["partial"] = json!(true);
    let answer = import(&house, &cat, &bad).await;
    assert_eq!(
        (&answer["counts"]["created"], &answer["counts"]["refused"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(provenance().await, 3);

    // A theme that the list has not would leave the record without readers: it is refused.
    let themed = json!({
        "provider": "docket", "kind": "communication", "id": "{no}",
        "fields": { "reference": { "column": "no" }, "issues": { "column": "note" } },
    })
    .to_string();
    for (theme, done) in [("torture", false), ("fair_trial", true)] {
        let mut themed = request(&themed, &[["T-1", "", theme]]);
        themed["kind"] = json!("communication");
        themed["dryRun"] = json!(true);
        let answer = import(&house, &cat, &themed).await;
        let found = answer["findings"].as_array().unwrap();
        let found = found.iter().find(|found| found["code"] == "VALUE_UNKNOWN");
        let said = found.map_or("", |found| found["message"].as_str().unwrap());
        assert_eq!(
            said.contains("list, which has: torture_prevention"),
            !done,
            "{answer}"
        );
        assert_eq!(answer["counts"]["created"], i32::from(done), "{answer}");
    }

    // A communication is before the mechanism that imports it, where nothing else is said.
    let docket = json!({
        "provider": "docket", "kind": "communication", "id": "{no}",
        "fields": { "reference": { "column": "no" }, "title": { "column": "title" } },
    })
    .to_string();
    let mut docket = request(&docket, &[["A-1", "Imported (invented)", ""]]);
    docket["kind"] = json!("communication");
    let answer = import(&house, &cat, &docket).await;
    assert_eq!(answer["counts"]["created"], 1, "{answer}");
    let query = "{ communications(filter: {reference: {eq: \"A-1\"}}) { edges { node { mechanism { code } } } } }";
    let told = house.ask(Some(&cat), query).await.data();
    assert_eq!(
        told["communications"]["edges"][0]["node"]["mechanism"]["code"],
        "cat"
    );

    // Nothing without a token, nor with one that may not write.
    let reader = house
        .token("cat.secretary", &reads(Level::Secretariat))
        .await;
    let anyone = house.post(None, &body(&good)).await.data()["importRows"].clone();
    assert_eq!(anyone["userErrors"][0]["code"], "TOKEN_NEEDED", "{anyone}");
    let mut fresh = request(&mapping, &[["9", "Nine (invented)", ""]]);
    assert_eq!(
        import(&house, &reader, &fresh).await["userErrors"][0]["code"],
        "FORBIDDEN"
    );
    fresh["mapping"] = json!("nothing of ours");
    assert_eq!(
        import(&house, &cat, &fresh).await["userErrors"][0]["field"],
        "mapping"
    );
    let many: Vec<[&str; 3]> = vec![["1", "x", ""]; 501];
    let answer = import(&house, &cat, &request(&mapping, &many)).await;
    assert_eq!(
        answer["userErrors"][0]["message"],
        "a request has at most 500 rows"
    );
}

/// The folder with the shared files, where it is there.
fn shared_folder() -> Option<PathBuf> {
    let named = std::env::var_os("LIAISON_SHARED_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    named.or(Some(beside)).filter(|folder| folder.is_dir())
}

async fn shared(backend: Backend) {
    let Some(folder) = shared_folder() else {
        return;
    };
    let house = House::open(backend).await;
    let holder = "ohchr.registry";
    let kinds = [
        "communication",
        "document",
        "mechanism",
        "country",
        "recommendation",
        "calendar_event",
    ];
    let writes = kinds.map(|kind| format!("write:{kind}@SECRETARIAT"));
    let scope = format!("{} {}", reads(Level::Secretariat), writes.join(" "));
    let token = house.token(holder, &scope).await;
    for (kind, mapping, file, created, refused) in [
        (
            "communication",
            "treaty-body-decisions",
            "treaty-body-communications.csv",
            604,
            4,
        ),
        (
            "communication",
            "precautionary-measures",
            "iachr-precautionary-measures.csv",
            8,
            0,
        ),
        (
            "mechanism",
            "npm-designations",
            "npm-designations.csv",
            22,
            0,
        ),
        (
            "mechanism",
            "nhri-accreditation",
            "nhri-accreditation-2014.csv",
            16,
            0,
        ),
        (
            "document",
            "communications-reports",
            "sp-communications-reports.csv",
            8,
            0,
        ),
        (
            "recommendation",
            "upr-recommendations",
            "upr-recommendations.csv",
            2_793,
            0,
        ),
        ("calendar_event", "upr-calendar", "upr-calendar.csv", 25, 0),
        (
            "calendar_event",
            "upr-calendar-countries",
            "upr-calendar-countries.csv",
            42,
            0,
        ),
    ] {
        let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
        let columns: Vec<String> = reader
            .headers()
            .unwrap()
            .iter()
            .map(str::to_owned)
            .collect();
        let rows: Vec<Vec<String>> = reader.deserialize().map(Result::unwrap).collect();
        let mut sum = (0, 0);
        // The two pairs that contradict each other stand in one part.
        for part in rows.chunks(400).rev() {
            let input = json!({
                "kind": kind, "mapping": mapping, "columns": columns, "rows": part, "partial": true,
            });
            let answer = import(&house, &token, &input).await;
            let count = |name: &str| answer["counts"][name].as_i64().unwrap();
            sum = (sum.0 + count("created"), sum.1 + count("refused"));
        }
        assert_eq!(sum, (created, refused), "{file}");
    }
}

async fn writer(house: &House, holder: &str) -> String {
    let writes = ["document", "mechanism", "communication"];
    let writes = writes.map(|kind| format!("write:{kind}@SECRETARIAT"));
    let scope = format!("{} {}", reads(Level::Secretariat), writes.join(" "));
    house.token(holder, &scope).await
}

fn mapping(provider: &str, more: &str) -> String {
    format!(
        r#"{{"provider":"{provider}","kind":"document","id":"{{no}}"{more},"fields":{{
            "title":{{"column":"title","required":true}},"note":{{"column":"note"}}}}}}"#
    )
}

fn request(mapping: &str, rows: &[[&str; 3]]) -> Value {
    json!({ "kind": "document", "mapping": mapping, "columns": ["no", "title", "note"], "rows": rows })
}

fn body(input: &Value) -> Value {
    let query = "mutation($input: ImportRowsInput!) { importRows(input: $input) { \
                 written rows { line outcome } \
                 counts { created changed unchanged repeated skipped refused } \
                 findings { code message remark line column } \
                 userErrors { code message field } } }";
    json!({ "query": query, "variables": { "input": input } })
}

async fn import(house: &House, token: &str, input: &Value) -> Value {
    house.post(Some(token), &body(input)).await.data()["importRows"].clone()
}

/// A workbook with a number, a date, and a formula.
fn workbook() -> Vec<u8> {
    sheet(
        "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>no</t></is></c>\
         <c r=\"B1\" t=\"inlineStr\"><is><t>title</t></is></c>\
         <c r=\"C1\" t=\"inlineStr\"><is><t>date</t></is></c>\
         <c r=\"D1\" t=\"inlineStr\"><is><t>state</t></is></c>\
         <c r=\"E1\" t=\"inlineStr\"><is><t>note</t></is></c></row>\
         <row r=\"2\"><c r=\"A2\"><v>1</v></c>\
         <c r=\"B2\" t=\"inlineStr\"><is><t>One (invented)</t></is></c>\
         <c r=\"C2\" s=\"1\"><v>41274</v></c>\
         <c r=\"D2\"><v>800</v></c></row>\
         <row r=\"4\"><c r=\"A4\"><v>3</v></c>\
         <c r=\"B4\" t=\"str\"><f>CONCATENATE(\"Drei\")</f><v>Drei (invented)</v></c></row>",
    )
}

/// A workbook with a formula that nothing has worked out: no value is kept for it.
fn formula_workbook() -> Vec<u8> {
    sheet(
        "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>no</t></is></c>\
         <c r=\"B1\" t=\"inlineStr\"><is><t>title</t></is></c>\
         <c r=\"C1\" t=\"inlineStr\"><is><t>date</t></is></c>\
         <c r=\"D1\" t=\"inlineStr\"><is><t>state</t></is></c>\
         <c r=\"E1\" t=\"inlineStr\"><is><t>note</t></is></c></row>\
         <row r=\"2\"><c r=\"A2\"><v>1</v></c>\
         <c r=\"B2\" t=\"inlineStr\"><is><t>One (invented)</t></is></c>\
         <c r=\"E2\"><f>CONCATENATE(\"a\",\"b\")</f></c></row>",
    )
}

/// A workbook whose second cell lies at the far end of the sheet.
fn far_workbook() -> Vec<u8> {
    sheet(
        "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>\
         <row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>",
    )
}

fn sheet(rows: &str) -> Vec<u8> {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let types = "http://schemas.openxmlformats.org/package/2006/content-types";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{types}\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"Sheet1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{office}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{main}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in parts {
        archive.start_file(name, options).unwrap();
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
        archive
            .write_all(format!("{head}{text}").as_bytes())
            .unwrap();
    }
    archive.finish().unwrap().into_inner()
}
