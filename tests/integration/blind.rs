//! Mode M2 as it is run: a hub, a second key holder and two mechanisms' own machines, each a
//! process of its own, with a witness on each line between them.
//!
//! Every person here is invented, and says so in the own language.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    support::{
        harness::{Backend, Suite},
        house::{Place, key_file},
    },
    tokens::program::{Served, liaison},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "two_dockets_meet_and_no_name_leaves_either_machine",
        nameless,
    );
    suite.plain("the_second_holder_has_rules_of_its_own", holder);
}

const CAT: &str = "\u{feff}handle,countries,names,born,happened
CAT-1/2024,SEN,محمود المختلق الوهمي|Mahmoud Al-Mukhtalaq Al-Wahmi,1984-05-17,2024-03-09
CAT-2/2024,SEN,Invented Fabricado,1961-01-23,2023-02
CAT-3/2024,KEN|UGA,Олексій Вигаданий|Oleksii Vyhadanyi,1990-11-02,2022-07-01
CAT-3/2024,KEN|UGA,Nobody Inventado,1992,2022-07-01
";
pub(crate) const ACHPR: &str = "handle,countries,names,born,happened
710/24,SEN,Mahmud el Mukhtalak Wahmy|محمود مختلق وهمي,1984-05-17,2024-03
711/24,KEN,\"VYHADANYI, Oleksiy\",1990-11-02,2022-07-01
712/24,SEN,Personne Imaginaire,1977-08-30,2024-03-09
";
/// What must be in no byte that leaves a machine: words of names and dates.
const SECRET: [&str; 18] = [
    "mahmoud",
    "mahmud",
    "mukhtal",
    "al-wahmi",
    "fabricad",
    "vyhadan",
    "oleksii",
    "inventado",
    "imaginaire",
    "personne",
    "محمود",
    "وهمي",
    "مختلق",
    "вигадан",
    "олексі",
    "1984-05",
    "1961-01",
    "1990-11",
];
pub(crate) const OFFICER: &str =
    "read:communication@SECRETARIAT read:person@SECRETARIAT match:query match:answer";

/// A witness of a line: it passes on what comes, and keeps all of it.
pub(crate) struct Line {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Line {
    fn to(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, address) = (Arc::clone(&seen), address.to_owned());
        thread::spawn(move || {
            for near in listener.incoming() {
                let near = near.unwrap();
                let far = TcpStream::connect(&address).unwrap();
                for (mut from, mut to) in [
                    (near.try_clone().unwrap(), far.try_clone().unwrap()),
                    (far, near),
                ] {
                    let kept = Arc::clone(&kept);
                    thread::spawn(move || {
                        let mut part = [0; 8_192];
                        while let Ok(length @ 1..) = from.read(&mut part) {
                            kept.lock().unwrap().extend_from_slice(&part[..length]);
                            if to.write_all(&part[..length]).is_err() {
                                break;
                            }
                        }
                        let _ = to.shutdown(std::net::Shutdown::Write);
                    });
                }
            }
        });
        Self { url, seen }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).to_lowercase()
    }
}

/// A second key holder as a process, and where it answers.
pub(crate) fn serve_holder(folder: &Path) -> Served {
    let mut child = liaison(folder)
        .args(["match", "holder", "serve", "--listen", "127.0.0.1:0"])
        .env("LIAISON_LOG", "info")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    said.read_line(&mut line).unwrap();
    let url = line.split_whitespace().last().unwrap().to_owned();
    assert!(url.starts_with("http"), "{line}");
    let log = fs::File::create(folder.join("holder.log")).unwrap();
    thread::spawn(move || std::io::copy(&mut said, &mut { log }));
    Served(child, url)
}

pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").unwrap().1;
    rest.split('/').next().unwrap()
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn holds_nothing(what: &str, text: &str) {
    assert!(!text.is_empty(), "{what} is empty");
    for word in SECRET {
        assert!(!text.contains(word), "{what} has `{word}`");
    }
}

/// Writes a secret to a file of its owner alone.
pub(crate) fn keep(path: &Path, secret: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut new = fs::OpenOptions::new();
    let file = new.write(true).create(true).truncate(true).mode(0o600);
    file.open(path)
        .unwrap()
        .write_all(secret.as_bytes())
        .unwrap();
}

async fn nameless(backend: Backend) {
    let place = Place::today(backend).await;
    fs::copy(key_file(), place.folder.path().join("liaison.keys")).unwrap();
    // The runtime of the test is not blocked by what the processes do.
    tokio::task::spawn_blocking(move || two_dockets(backend, &place))
        .await
        .unwrap();
}

fn two_dockets(backend: Backend, place: &Place) {
    let hubs = place.folder.path();
    let stores = [
        "--database-url",
        &place.url,
        "--key-store",
        &place.key_store,
    ];
    let holders = tempfile::tempdir().unwrap();
    let run = |folder: &Path, arguments: &[&str]| -> String {
        let mut command = liaison(folder);
        command.env("LIAISON_DATABASE_URL", &place.url);
        command.env("LIAISON_KEY_STORE", &place.key_store);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let made = run(holders.path(), &["match", "holder", "create"]);
    let published = made.split_whitespace().last().unwrap().to_owned();
    // Before the hub has a share, it takes no blind tokens.
    let hub = Served::serve(hubs, &stores);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shares = |hub: &Served| {
        let url = hub.1.replace("/graphql", "/match/shares");
        runtime.block_on(async {
            reqwest::get(url)
                .await
                .unwrap()
                .json::<Value>()
                .await
                .unwrap()
        })
    };
    assert_eq!(
        shares(&hub)["errors"][0]["extensions"]["code"],
        "NO_SUCH_PAGE"
    );
    drop(hub);
    run(hubs, &["match", "share", "create", "--holder", &published]);
    let hub = Served::serve(hubs, &stores);
    assert_eq!(shares(&hub)["holder"], json!(published));
    let holder = serve_holder(holders.path());
    let (to_hub, to_holder) = (Line::to(host(&hub.1)), Line::to(host(&holder.1)));

    let token = |code: &str, scope: &str| {
        let name = format!("{code}.secretary");
        run(
            hubs,
            &["token", "issue", "--holder", &name, "--scope", scope],
        )
    };
    let ask = |token: &str, query: &str, input: &Value| -> Value {
        let request = reqwest::Client::new().post(&hub.1).bearer_auth(token);
        let request = request.json(&json!({ "query": query, "variables": { "input": input } }));
        runtime.block_on(async { request.send().await.unwrap().json().await.unwrap() })
    };
    agree(&token, &ask);

    // Each on its own machine: its docket, its secrets, and the two addresses.
    let machines = ["cat", "achpr"].map(|code| (code, tempfile::tempdir().unwrap()));
    let send_file = |(code, officer): (&str, &str), folder: &Path, more: &[&str]| -> Output {
        let secret = folder.join("secret");
        if !secret.exists() {
            let admit = ["match", "holder", "admit", "--client", code];
            keep(&secret, &run(holders.path(), &admit));
        }
        keep(&folder.join("token"), officer);
        let mut command = liaison(folder);
        command.args([
            "match",
            "blind",
            "--hub",
            &to_hub.url,
            "--holder",
            &to_holder.url,
        ]);
        command.args(["--token-file", "token", "--secret-file", "secret"]);
        command.args(more).output().unwrap()
    };
    let send = |code: &str, folder: &Path, more: &[&str]| {
        let more = [&["docket.csv"], more].concat();
        send_file((code, &token(code, OFFICER)), folder, &more)
    };
    for ((code, folder), docket) in machines.iter().zip([CAT, ACHPR]) {
        fs::write(folder.path().join("docket.csv"), docket).unwrap();
        let tried = send(code, folder.path(), &["--dry-run"]);
        assert!(
            said(&tried).contains("nothing was sent"),
            "{}",
            said(&tried)
        );
        let sent = send(code, folder.path(), &["--dump", "sent.txt"]);
        assert!(sent.status.success(), "{}", said(&sent));
        assert!(said(&sent).contains("\n3 sent: "), "{}", said(&sent));
        holds_nothing("what the command says", &said(&sent).to_lowercase());
        let first = format!("is pinned as the hub tells it: {published}");
        assert!(said(&sent).contains(&first), "{}", said(&sent));
        pinned(
            &|more| send(code, folder.path(), more),
            (folder.path(), &published),
        );
        let again = send(code, folder.path(), &[]);
        assert!(
            said(&again).contains("3 were sent before"),
            "{}",
            said(&again)
        );
        assert!(said(&again).contains("; 0 elements"), "{}", said(&again));
        let dump = fs::read_to_string(folder.path().join("sent.txt")).unwrap();
        holds_nothing("what the client writes down", &dump.to_lowercase());
    }

    // What has passed on the lines, both ways, and what the hub and the holder have kept.
    for (line, parts) in [
        (&to_hub, ["registerblindmatter", "/match/evaluate"]),
        (&to_holder, ["elements", "proof"]),
    ] {
        let text = line.text();
        holds_nothing("the line", &text);
        for part in parts {
            assert!(text.contains(part), "{part} was seen on the line");
        }
    }
    let log = fs::read_to_string(holders.path().join("holder.log")).unwrap();
    holds_nothing("the holder's log", &log.to_lowercase());
    assert!(log.contains("evaluated") && log.contains("achpr"), "{log}");
    let tally = fs::read_to_string(holders.path().join("liaison-holder.keys.tally")).unwrap();
    let tally: Value = serde_json::from_str(&tally).unwrap();
    let of_day = tally.as_object().unwrap().values().next_back().unwrap();
    println!("{backend}: the second holder knows {of_day}, and nothing else");
    if backend == Backend::Sqlite {
        for file in ["liaison.db", "liaison.db-wal"] {
            let bytes = fs::read(hubs.join(file)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).to_lowercase();
            for word in SECRET.iter().filter(|word| **word != "personne") {
                assert!(!text.contains(word), "{file} has `{word}`");
            }
        }
    }

    // Each asks about its own matters; the owner of what is met is told.
    let (cat, achpr) = (token("cat", OFFICER), token("achpr", OFFICER));
    let matters = "{ done: blindMatters { id handle } }";
    let own = ask(&cat, matters, &Value::Null)["data"]["done"].clone();
    let check = "mutation ($input: CheckSameMatterInput!) { done: checkSameMatter(input: $input) \
                 { check { id } userErrors { code message } } }";
    for matter in own.as_array().unwrap() {
        let answer = ask(&cat, check, &json!({ "blindMatter": matter["id"] }));
        assert!(
            answer["data"]["done"]["check"]["id"].is_string(),
            "{answer}"
        );
    }
    let signals = "{ done: sameMatterSignals { blindMatter countries keys elements { individual { band } } } }";
    let begun = Instant::now();
    let told = loop {
        let told = ask(&achpr, signals, &Value::Null)["data"]["done"].clone();
        if told.as_array().map_or(0, Vec::len) >= 2 || begun.elapsed() > Duration::from_secs(40) {
            break told;
        }
        thread::sleep(Duration::from_millis(500));
    };
    let theirs = ask(&achpr, matters, &Value::Null)["data"]["done"].clone();
    let handle = |id: &Value| {
        let all = theirs.as_array().unwrap().iter();
        all.clone().find(|one| one["id"] == *id).unwrap()["handle"].clone()
    };
    let mut met: Vec<String> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                handle(&one["blindMatter"]),
                one["elements"]["individual"]["band"]
            )
        })
        .collect();
    met.sort();
    assert_eq!(
        met,
        [r#""710/24" "LIKELY""#, r#""711/24" "LIKELY""#],
        "{told}"
    );
    assert_eq!(ask(&cat, signals, &Value::Null)["data"]["done"], json!([]));

    // What has changed takes the place of what was sent; the rest stays.
    let (code, folder) = &machines[0];
    fs::write(
        folder.path().join("docket.csv"),
        CAT.replace("1961-01-23", "1961-01-24"),
    )
    .unwrap();
    let sent = send(code, folder.path(), &[]);
    assert!(
        said(&sent).contains("2 were sent before"),
        "{}",
        said(&sent)
    );
    assert!(said(&sent).contains("\n1 sent: "), "{}", said(&sent));
    // Also where the note of what was sent is lost.
    fs::remove_file(folder.path().join("docket.csv.sent")).unwrap();
    let sent = send(code, folder.path(), &[]);
    assert!(said(&sent).contains("\n3 sent: "), "{}", said(&sent));
    let own = ask(&token("cat", OFFICER), matters, &Value::Null)["data"]["done"].clone();
    assert_eq!(own.as_array().unwrap().len(), 3, "{own}");

    // A person who does not exist is met by who asks about them, and by nobody else.
    let canary = "handle,countries,names,born,happened\n\
                  C-1,SEN,Nessuno Inventatissimo,1971-04-09,2024-05-02\n";
    fs::write(folder.path().join("canaries.csv"), canary).unwrap();
    let planted = ["canaries.csv", "--canaries"];
    let refused = send_file((code, &token(code, OFFICER)), folder.path(), &planted);
    assert!(!refused.status.success(), "{}", said(&refused));
    let protect =
        "UPDATE holder SET roles = '[\"DATA_PROTECTION\"]' WHERE subject = 'cat.secretary'";
    runtime.block_on(async {
        let database = sea_orm::Database::connect(&place.url).await.unwrap();
        database.execute_unprepared(protect).await.unwrap();
        database.close().await.unwrap();
    });
    let officer = token(code, OFFICER);
    for told in ["\n1 sent: ", "\n0 sent: "] {
        let sent = send_file((code, &officer), folder.path(), &planted);
        assert!(said(&sent).contains(told), "{}", said(&sent));
    }
    let (code, folder) = &machines[1];
    let guess = format!("{ACHPR}713/24,SEN,Nessuno Inventatissimo,1971-04-09,2024-05-02\n");
    fs::write(folder.path().join("docket.csv"), guess).unwrap();
    let sent = send(code, folder.path(), &[]);
    assert!(said(&sent).contains("\n1 sent: "), "{}", said(&sent));
    let theirs = ask(&achpr, matters, &Value::Null)["data"]["done"].clone();
    let guess = theirs.as_array().unwrap().iter();
    let guess = guess.clone().find(|one| one["handle"] == "713/24").unwrap();
    let answer = ask(&achpr, check, &json!({ "blindMatter": guess["id"] }));
    assert!(
        answer["data"]["done"]["check"]["id"].is_string(),
        "{answer}"
    );
    let alarms = "{ notifications { edges { node { type } } } }";
    let begun = Instant::now();
    while !ask(&officer, alarms, &Value::Null)
        .to_string()
        .contains("SAME_MATTER_ALARM")
    {
        assert!(begun.elapsed() < Duration::from_secs(60), "no alarm");
        thread::sleep(Duration::from_millis(500));
    }

    let folder = &machines[0].1;
    refusals(&to_hub, &to_holder, &token, folder.path(), &runtime);
    let leaves = run(hubs, &["audit", "verify"]);
    assert!(leaves.contains("entries"), "{leaves}");
}

/// Another second key holder than the one that was named, or used before, is sent nothing.
fn pinned(send: &impl Fn(&[&str]) -> Output, (folder, published): (&Path, &str)) {
    let pin = folder.join("docket.csv.holder");
    assert_eq!(fs::read_to_string(&pin).unwrap().trim(), published);
    // Any element is a share that somebody else could have published: here a generator's.
    let another = "4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY";
    let refused = |output: &Output| {
        let told = said(output);
        assert!(!output.status.success(), "{told}");
        assert!(told.contains("HOLDER_KEY_CHANGED"), "{told}");
        assert!(told.contains("nothing was sent"), "{told}");
        assert!(!told.contains("sent:"), "{told}");
    };
    refused(&send(&["--holder-key", another]));
    assert_eq!(fs::read_to_string(&pin).unwrap().trim(), published);
    fs::write(&pin, another).unwrap();
    refused(&send(&[]));
    assert_eq!(
        fs::read_to_string(&pin).unwrap(),
        another,
        "it stays pinned"
    );
    fs::write(&pin, "nobody's").unwrap();
    assert!(
        !send(&[]).status.success(),
        "what pins nothing lets nobody through"
    );
    let told = said(&send(&["--holder-key", "nobody's"]));
    assert!(
        told.contains("no share that a key holder publishes"),
        "{told}"
    );
    // Named by who uses it, the holder's share takes the place of what was pinned.
    fs::write(&pin, another).unwrap();
    let given = send(&["--holder-key", published]);
    assert!(given.status.success(), "{}", said(&given));
    assert_eq!(fs::read_to_string(&pin).unwrap().trim(), published);
}

/// Both sign an agreement by which each is asked about the same matter.
pub(crate) fn agree(
    token: &impl Fn(&str, &str) -> String,
    ask: &impl Fn(&str, &str, &Value) -> Value,
) {
    let scope = "read:mechanism@SECRETARIAT \
                 read:agreement@SECRETARIAT write:agreement@SECRETARIAT \
                 read:clause@SECRETARIAT write:clause@SECRETARIAT";
    let tokens = ["cat", "achpr"].map(|code| token(code, scope));
    let clause = |from: &str, to: &str| {
        json!({
            "fromMechanism": from, "toMechanism": to, "cap": "CHANNEL", "countries": ["ALL"],
            "topics": ["ALL"], "kinds": ["SAME_MATTER"], "purposes": ["SAME_MATTER_CHECK"],
        })
    };
    let draft = "mutation ($input: DraftAgreementInput!) { draftAgreement(input: $input) \
                 { agreement { id } userErrors { message } } }";
    let answer = ask(
        &tokens[0],
        draft,
        &json!({
            "title": "Same matter (invented)", "form": "EXCHANGE_OF_LETTERS",
            "parties": ["cat", "achpr"], "validFrom": "2020-01-01T00:00:00Z",
            "validUntil": "2099-01-01T00:00:00Z",
            "clauses": [clause("cat", "achpr"), clause("achpr", "cat")],
        }),
    );
    let id = &answer["data"]["draftAgreement"]["agreement"]["id"];
    assert!(id.is_string(), "{answer}");
    for token in &tokens {
        let sign = "mutation ($input: AgreementActInput!) { signAgreement(input: $input) \
                    { agreement { status } userErrors { message } } }";
        let answer = ask(token, sign, &json!({ "id": id }));
        assert!(
            answer["data"]["signAgreement"]["agreement"]["status"].is_string(),
            "{answer}"
        );
    }
}

/// What neither the hub nor the holder evaluates, and for whom.
fn refusals(
    to_hub: &Line,
    to_holder: &Line,
    token: &impl Fn(&str, &str) -> String,
    folder: &Path,
    runtime: &tokio::runtime::Runtime,
) {
    let shares = format!("{}/match/shares", to_hub.url);
    let shares: Value =
        runtime.block_on(async { reqwest::get(shares).await.unwrap().json().await.unwrap() });
    let pair = shares["pair"].as_str().unwrap().split_once('.').unwrap();
    let secret = fs::read_to_string(folder.join("secret")).unwrap();
    let officer = token("cat", OFFICER);
    let evaluate = |line: &Line, bearer: &str, share: &str, elements: Value| -> String {
        let request = reqwest::Client::new().post(format!("{}/match/evaluate", line.url));
        let request = request.json(&json!({ "share": share, "elements": elements }));
        let request = if bearer.is_empty() {
            request
        } else {
            request.bearer_auth(bearer)
        };
        let answer: Value =
            runtime.block_on(async { request.send().await.unwrap().json().await.unwrap() });
        match answer["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => code.to_owned(),
            None => answer["elements"].as_array().unwrap().len().to_string(),
        }
    };
    let good = shares["hub"].clone();
    for (line, bearer, share) in [(to_hub, &officer, pair.0), (to_holder, &secret, pair.1)] {
        assert_eq!(evaluate(line, bearer, share, json!([good])), "1");
        assert_eq!(
            evaluate(line, bearer, share, json!(vec![good.clone(); 128])),
            "128"
        );
        assert_eq!(
            evaluate(line, bearer, share, json!(vec![good.clone(); 129])),
            "BAD_INPUT"
        );
        assert_eq!(evaluate(line, bearer, share, json!([])), "BAD_INPUT");
        assert_eq!(
            evaluate(line, bearer, share, json!(["A".repeat(43)])),
            "BAD_INPUT"
        );
        assert_eq!(evaluate(line, bearer, share, json!("x")), "BAD_REQUEST");
        assert_eq!(
            evaluate(line, bearer, "another", json!([good])),
            "BAD_INPUT"
        );
        assert_eq!(evaluate(line, "", share, json!([good])), "UNAUTHENTICATED");
        assert_eq!(
            evaluate(line, "guess", share, json!([good])),
            "UNAUTHENTICATED"
        );
    }
    // Without the right to ask, and with one that is held to States, nothing is multiplied.
    for scope in ["match:answer", "match:query st:SEN"] {
        let bearer = token("cat", scope);
        assert_eq!(
            evaluate(to_hub, &bearer, pair.0, json!([good])),
            "FORBIDDEN",
            "{scope}"
        );
    }
    // A day is a day: 6,400 elements, of whichever officer.
    let mut answered = 0;
    let last = loop {
        let said = evaluate(to_hub, &officer, pair.0, json!(vec![good.clone(); 128]));
        if said != "128" || answered > 60 {
            break said;
        }
        answered += 1;
    };
    assert_eq!(last, "RATE_LIMITED");
    assert!(
        (30..50).contains(&answered),
        "{answered} more batches in the day"
    );
    let other = token("achpr", "match:query");
    assert_eq!(
        evaluate(to_hub, &other, pair.0, json!([good])),
        "1",
        "each has a day"
    );
}

fn holder() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = liaison(folder.path());
        command.args(["match"]).args(arguments).output().unwrap()
    };
    assert!(run(&["holder", "create"]).status.success());
    assert!(said(&run(&["holder", "create"])).contains("is not overwritten"));
    let secret = run(&["holder", "admit", "--client", "cat", "--a-day", "100"]);
    let secret = said(&secret).trim().to_owned();
    assert_eq!(secret.len(), 43);
    let status = said(&run(&["holder", "status"]));
    assert!(status.contains("cat  0 of 100 today"), "{status}");
    let published = status.lines().next().unwrap();
    let file = fs::read_to_string(folder.path().join("liaison-holder.keys")).unwrap();
    assert!(
        !status.contains(file.split('"').nth(3).unwrap()),
        "no share is printed"
    );
    // The hub's key file takes what was published, and nothing that was not.
    let made = liaison(folder.path())
        .args(["keys", "create"])
        .status()
        .unwrap();
    assert!(made.success());
    assert!(said(&run(&["share", "show"])).contains("match share create"));
    let create = |holder: &str| said(&run(&["share", "create", "--holder", holder]));
    assert!(create("nobody").contains("no share that a key holder publishes"));
    assert!(
        create(published).contains("the pair"),
        "{}",
        create(published)
    );
    assert!(create(published).contains("already"));
    let shown = said(&run(&["share", "show"]));
    let replaced = said(&run(&["share", "replace", "--holder", published]));
    assert!(replaced.contains("the pair") && !replaced.contains(shown.lines().last().unwrap()));
    // A secret does not travel where others read it, and is no argument.
    fs::write(folder.path().join("docket.csv"), ACHPR).unwrap();
    let blind = |hub: &str, secret: bool| {
        let mut command = liaison(folder.path());
        if secret {
            command
                .env("LIAISON_TOKEN", "x")
                .env("LIAISON_HOLDER_SECRET", "y");
        }
        command.args([
            "match",
            "blind",
            "--hub",
            hub,
            "--holder",
            "http://127.0.0.1:9",
            "docket.csv",
        ]);
        said(&command.output().unwrap())
    };
    for hub in [
        "http://hub.example",
        "ftp://127.0.0.1",
        "http://127.0.0.1@hub.example",
        "hub",
    ] {
        assert!(
            blind(hub, true).contains("may be sent to"),
            "{hub}: {}",
            blind(hub, true)
        );
    }
    assert!(blind("http://127.0.0.1:9", false).contains("LIAISON_TOKEN"));
    assert!(blind("http://127.0.0.1:9", true).contains("does not answer"));
    // What is wrong with a docket is told by its line, without a word of it.
    for (docket, fault) in [
        (ACHPR.replace("711/24", "Vyhadanyi-1"), "line 3: the handle"),
        (
            ACHPR.replace("711/24", "Kenya v Somebody"),
            "line 3: the handle",
        ),
        (ACHPR.replace(",KEN,", ",Kenya,"), "line 3: countries"),
        (ACHPR.replace("2022-07-01", "1 July"), "line 3: a date"),
        (
            ACHPR.replace("1977-08-30,2024-03-09", ","),
            "line 4: without",
        ),
        (ACHPR.replace("born", "birth"), "none of a docket"),
    ] {
        fs::write(folder.path().join("docket.csv"), docket).unwrap();
        let told = blind("http://127.0.0.1:9", true);
        assert!(told.contains(fault), "{fault}: {told}");
        assert!(
            !told.contains("yhadany") && !told.contains("July"),
            "{told}"
        );
    }
}
