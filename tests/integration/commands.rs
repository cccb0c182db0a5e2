//! The commands, as an administrator types them: what is refused is said in a sentence.

use std::{
    fs::Permissions,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use crate::support::{
    harness::Suite,
    issuers::{ONE, SIGNERS, TWO},
};

fn liaison(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn register(suite: &mut Suite) {
    suite.plain("the_same_matter_check_is_measured_by_a_command", || {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = liaison(folder.path());
            command.args(["match", "evaluate"]).args(arguments);
            command.output().unwrap()
        };
        let small = ["--docket", "400", "--spellings", "1"];
        let output = run(&small);
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(output.status.success(), "{}", said(&output));
        for words in [
            "docket 400",
            "recall at false signals of",
            "ar (",
            "LIKELY or POSSIBLE",
        ] {
            assert!(text.contains(words), "{text}");
        }
        assert_eq!(
            run(&small).stdout,
            output.stdout,
            "the same persons each time"
        );
        assert!(!run(&["--spellings", "3"]).status.success());
        let pairs = folder.path().join("pairs.tsv");
        std::fs::write(&pairs, "no pair\n").unwrap();
        let refused = run(&["--pairs", "pairs.tsv"]);
        assert!(
            said(&refused).contains("line 1 of the pairs"),
            "{}",
            said(&refused)
        );
    });

    suite.plain("the_check_is_measured_on_files_of_anybodys_own", || {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = liaison(folder.path());
            command.args(["match", "evaluate"]).args(arguments);
            command.output().unwrap()
        };
        let write = |name: &str, text: String| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        let files = ["--file", "one.csv", "--file", "two.csv"];
        // Four persons of whom three are in both, and one who is in the second alone.
        let head = "names,person,country,born,happened,language";
        write(
            "one.csv",
            format!(
                "{head}\nInvented Fabricado,a,KEN,1961-01-23,2023-02,es\n\
                 Personne Imaginaire|IMAGINAIRE Personne,b,KEN,1977-08-30,2024-03-09,fr\n\
                 Oleksii Vyhadanyi,c,KEN,1990-11-02,2022-07-01,uk\n"
            ),
        );
        write(
            "two.csv",
            format!(
                "{head}\nFABRICADO Invented,a,KEN,1961-01-23,2023-02,es\n\
                 Personne Imaginaire,b,KEN,1977-08-30,2024-03,fr\n\
                 Олексій Вигаданий,c,KEN,1990-11-02,2022-07,uk\n\
                 Somebody Else,d,KEN,1950-05-05,2020-01,en\n"
            ),
        );
        let output = run(&files);
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let lead = "docket 3, probes 3 with a match and 1 without";
        assert!(text.contains(lead), "{text}");
        let mut lines = text.lines();
        let all = lines.find(|line| line.starts_with("all (3)")).unwrap();
        assert_eq!(all.matches("1.000 [").count(), 4, "{all}");
        // As FEBRL has them: one person by the number, dates without strokes, no event.
        let head = "rec_id, given_name, surname, suburb, state, date_of_birth";
        let line = |id: &str, name: &str, born: &str| format!("{id}, {name}, x, nsw, {born}\n");
        write(
            "one.csv",
            format!(
                "{head}\n{}{}{}",
                line("rec-1-org", "invented, fabricada", "19610123"),
                line("rec-2-org", "nobody, fictitious", "19500505"),
                line("rec-3-org", "figment, imagined", "19771399"),
            ),
        );
        write(
            "two.csv",
            format!(
                "{head}\n{}{}{}",
                line("rec-1-dup-0", "fabricada, invented", "19610123"),
                line("rec-2-dup-0", "nobdy, fictitious", "19500505"),
                line("rec-3-dup-0", "figment, imagined", "19771309"),
            ),
        );
        let output = run(&files);
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        let lead = "docket 2, probes 2 with a match and 1 without";
        assert!(text.contains(lead), "{text}{}", said(&output));
        assert!(said(&run(&files[..2])).contains("name two files"));
        write("two.csv", "given,born\nInvented,1961\n".to_owned());
        let refused = said(&run(&files));
        assert!(
            refused.contains("line 1 of the pairs or records"),
            "{refused}"
        );
    });

    suite.plain("a_start_is_refused_in_a_sentence", || {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| liaison(folder.path()).args(arguments).output().unwrap();

        let missing = run(&["serve"]);
        assert!(!missing.status.success());
        assert!(
            said(&missing).contains("liaison keys create"),
            "{}",
            said(&missing)
        );

        assert!(run(&["keys", "create"]).status.success());
        let again = run(&["keys", "create"]);
        assert!(said(&again).contains("exists already"), "{}", said(&again));

        let keys = folder.path().join("liaison.keys");
        std::fs::set_permissions(&keys, Permissions::from_mode(0o644)).unwrap();
        let exposed = run(&["serve"]);
        assert!(!exposed.status.success());
        assert!(
            said(&exposed).contains("open to others"),
            "{}",
            said(&exposed)
        );
        std::fs::set_permissions(&keys, Permissions::from_mode(0o600)).unwrap();

        let unmigrated = run(&["serve"]);
        assert!(!unmigrated.status.success());
        assert!(
            said(&unmigrated).contains("run `liaison migrate` first"),
            "{}",
            said(&unmigrated)
        );
        assert!(run(&["migrate"]).status.success());

        // What is not sealed is in the clear in the file: it is made for its owner alone.
        let database = folder.path().join("liaison.db");
        let mode = std::fs::metadata(&database).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::set_permissions(&database, Permissions::from_mode(0o640)).unwrap();
        let exposed = run(&["serve"]);
        assert!(!exposed.status.success());
        let words = "liaison.db` is open to others (mode 0640); run `chmod 600` on it";
        assert!(said(&exposed).contains(words), "{}", said(&exposed));
        std::fs::set_permissions(&database, Permissions::from_mode(0o600)).unwrap();

        for (arguments, words) in [
            (
                vec!["expunge", "--dry-run"],
                "0 retired records would be expunged",
            ),
            (vec!["expunge"], "0 retired records were expunged"),
        ] {
            let expunged = run(&arguments);
            let told = String::from_utf8_lossy(&expunged.stdout).into_owned();
            assert!(told.starts_with(words), "{told} {}", said(&expunged));
        }

        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let busy = run(&[
            "serve",
            "--listen",
            &taken.local_addr().unwrap().to_string(),
        ]);
        assert!(!busy.status.success());
        assert!(
            said(&busy).contains("can't be listened on"),
            "{}",
            said(&busy)
        );

        let wrong = run(&["serve", "--database-url", "mysql://hub"]);
        assert!(said(&wrong).contains("must begin with"), "{}", said(&wrong));
        let wrong = run(&["serve", "--origins", "not an origin"]);
        assert!(said(&wrong).contains("no origin"), "{}", said(&wrong));

        let unknown = run(&["token", "issue", "--holder", "nobody", "--up-to", "PARTNER"]);
        assert!(
            said(&unknown).contains("no holder `nobody`"),
            "{}",
            said(&unknown)
        );
        let scope = [
            "token",
            "issue",
            "--holder",
            "nobody",
            "--scope",
            "read:all@PUBLIC",
        ];
        assert!(said(&run(&scope)).contains("a kind that does not exist"));
    });

    suite.plain("the_demo_is_ready_in_one_line_and_stops_when_told", || {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = liaison(folder.path())
            .args([
                "demo",
                "--listen",
                "127.0.0.1:0",
                "--data-dir",
                "data",
                "--json",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(demo.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(
            ready["url"]
                .as_str()
                .unwrap()
                .starts_with("http://127.0.0.1:")
        );
        for token in ["partner", "channel", "secretariat", "officer"] {
            assert_eq!(
                ready["tokens"][token].as_str().unwrap().split('.').count(),
                3,
                "{token}"
            );
        }

        // More than is the holder's is not to be had, and no key opens to others.
        let database = [
            "--database-url",
            "sqlite://data/liaison.db",
            "--keys",
            "data/liaison.keys",
        ];
        let beyond = liaison(folder.path())
            .args([
                "token",
                "issue",
                "--holder",
                "cat.secretary",
                "--up-to",
                "VICTIM",
            ])
            .args(database)
            .output()
            .unwrap();
        assert!(
            said(&beyond).contains("more than this holder may have"),
            "{}",
            said(&beyond)
        );
        let fresh = liaison(folder.path())
            .args([
                "token",
                "issue",
                "--holder",
                "iachr.sync",
                "--up-to",
                "PARTNER",
                "--ttl",
                "24h",
            ])
            .args(database)
            .output()
            .unwrap();
        assert!(fresh.status.success(), "{}", said(&fresh));

        let told = Command::new("kill")
            .arg(demo.id().to_string())
            .status()
            .unwrap();
        assert!(told.success());
        let patience = Instant::now() + Duration::from_secs(20);
        let ended = loop {
            match demo.try_wait().unwrap() {
                Some(ended) => break ended,
                None if Instant::now() > patience => panic!("still running 20 s after SIGTERM"),
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        assert!(ended.success(), "{ended}");
    });

    suite.plain("two_secretariats_begin_on_an_empty_hub", || {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| liaison(folder.path()).args(arguments).output().unwrap();
        let done = |arguments: &[&str]| {
            let output = run(arguments);
            assert!(output.status.success(), "{arguments:?}: {}", said(&output));
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        done(&["keys", "create"]);
        done(&["migrate"]);
        for (mechanism, holder) in [("cat", "cat.first"), ("achpr", "achpr.first")] {
            let invite = ["holder", "invite", "--mechanism", mechanism];
            done(&[&invite[..], &["--holder", holder, "--role", "SIGNS"]].concat());
            let second = run(&[&invite[..], &["--holder", "somebody.else"]].concat());
            assert!(
                said(&second).contains("has a holder already"),
                "{}",
                said(&second)
            );
        }
        let invite = [
            "holder",
            "invite",
            "--mechanism",
            "cerd",
            "--holder",
            "cerd.first",
        ];
        let wrong = run(&[&invite[..], &["--role", "KING"]].concat());
        assert!(said(&wrong).contains("is no role"), "{}", said(&wrong));
        let token = |holder: &str| {
            let issue = [
                "token",
                "issue",
                "--holder",
                holder,
                "--up-to",
                "SECRETARIAT",
            ];
            done(&[&issue[..], &["--write", "mechanism,agreement,clause"]].concat())
        };
        let tokens = [token("cat.first"), token("achpr.first")];

        let mut hub = liaison(folder.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(hub.stderr.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.split_whitespace().last().unwrap().to_owned();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let ask = |token: &str, query: &str| -> serde_json::Value {
            let request = reqwest::Client::new()
                .post(&url)
                .bearer_auth(token)
                .json(&serde_json::json!({ "query": query }));
            let answer = async { request.send().await.unwrap().json().await.unwrap() };
            runtime.block_on(answer)
        };
        for (token, name) in tokens.iter().zip(["First Body", "Second Body"]) {
            let register = format!(
                "mutation {{ registerMechanism(input: {{ name: \"{name} (invented)\" }}) \
                 {{ mechanism {{ code }} userErrors {{ message }} }} }}"
            );
            let answer = ask(token, &register);
            assert!(
                answer["data"]["registerMechanism"]["mechanism"]["code"].is_string(),
                "{answer}"
            );
        }
        let draft = "mutation { draftAgreement(input: { title: \"First (invented)\", \
             form: EXCHANGE_OF_LETTERS, parties: [\"cat\", \"achpr\"], clauses: [], \
             validFrom: \"2020-01-01T00:00:00Z\", validUntil: \"2099-01-01T00:00:00Z\" }) \
             { agreement { id } userErrors { message } } }";
        let answer = ask(&tokens[0], draft);
        let id = answer["data"]["draftAgreement"]["agreement"]["id"].clone();
        let sign = format!(
            "mutation {{ signAgreement(input: {{ id: {id} }}) \
             {{ agreement {{ status }} userErrors {{ message }} }} }}"
        );
        for (token, status) in tokens.iter().zip(["UNDER_NEGOTIATION", "IN_FORCE"]) {
            let answer = ask(token, &sign);
            assert_eq!(
                answer["data"]["signAgreement"]["agreement"]["status"], status,
                "{answer}"
            );
        }

        // What is revoked beside the hub is revoked in it.
        done(&["token", "revoke", "--holder", "cat.first"]);
        let code = |token: &str| {
            ask(token, "{ viewer { subject } }")["errors"][0]["extensions"]["code"].clone()
        };
        assert_eq!(code(&tokens[0]), "UNAUTHENTICATED");
        assert!(code(&tokens[1]).is_null());
        assert_eq!(
            code(&token("cat.first")),
            serde_json::Value::Null,
            "a new one is good"
        );
        done(&["token", "revoke", "--mechanism", "achpr"]);
        assert_eq!(code(&tokens[1]), "UNAUTHENTICATED");
        let nobody = run(&["token", "revoke", "--client", "nobody"]);
        assert!(
            said(&nobody).contains("nothing was revoked"),
            "{}",
            said(&nobody)
        );
        hub.kill().unwrap();
        hub.wait().unwrap();
    });

    suite.plain("a_mapping_says_which_columns_it_expects", || {
        let folder = tempfile::tempdir().unwrap();
        // Neither a token, nor a key file, nor a database is there; that the environment names
        // one is no reason not to tell.
        let run = |arguments: &[&str]| {
            let mut command = liaison(folder.path());
            command.env("LIAISON_DATABASE_URL", "sqlite://nowhere.db");
            command.args(arguments).output().unwrap()
        };
        let told = |arguments: &[&str]| {
            let output = run(arguments);
            assert!(output.status.success(), "{arguments:?}: {}", said(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let listed = told(&["import", "--list"]);
        let names: Vec<&str> = listed
            .lines()
            .filter(|line| !line.starts_with(' ') && !line.is_empty() && !line.contains("liaison"))
            .collect();
        assert_eq!(names.len(), 11, "{listed}");
        for name in names {
            let described = told(&["import", "--describe", name]);
            assert!(described.starts_with(name), "{described}");
            assert!(
                described.lines().all(|line| line.chars().count() <= 110),
                "{described}"
            );
        }
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let described = words(&told(&["import", "--describe", "treaty-body-decisions"]));
        for sentence in [
            "Decisions of UN treaty bodies on individual communications.",
            "known at PUBLIC: anyone",
            "A row that comes again is known by `symbol` and `communicationNumbers`",
            "symbol (required in every row) becomes `symbol`; makes the row's id",
            "submissionDate (a cell may be empty) becomes `receivedOn`",
            "receivedOn (PUBLIC: anyone) from the column `submissionDate`; a date, in the first \
             form that fits: yyyy-mm-dd, yyyy-mm, yyyy",
            "countries (PUBLIC: anyone, required) from the column `stateIso2`",
            "several values, with `;` between them; a State: ISO alpha-2",
            "`VIEWS` is no value",
            "Columns that are left out: admissibilityDate, authorAnonymisedInSource",
            "--kind communication --mapping treaty-body-decisions --dry-run FILE",
        ] {
            assert!(
                described.contains(&words(sentence)),
                "{sentence}: {described}"
            );
        }
        let measures = words(&told(&["import", "--describe", "precautionary-measures"]));
        assert!(
            measures.contains("docketNote (SECRETARIAT: your own secretariat)"),
            "{measures}"
        );
        let bodies = words(&told(&["import", "--describe", "npm-designations"]));
        assert!(
            bodies.contains("rows that say `NONE` or `UNDER_CONSIDERATION`"),
            "{bodies}"
        );

        // One's own mapping is described, too, or its faults are said.
        let own = folder.path().join("own.toml");
        let text = "provider = \"old\"\nkind = \"document\"\nid = \"{no}\"\n\
                    [fields]\ntitle = { column = \"name\", required = true }\n";
        std::fs::write(&own, text).unwrap();
        let own = own.to_str().unwrap();
        let described = told(&["import", "--describe", own]);
        assert!(described.contains("title  (SECRETARIAT"), "{described}");
        std::fs::write(own, text.replace("title", "names")).unwrap();
        let refused = run(&["import", "--describe", own]);
        assert!(
            said(&refused).contains("identifies a person"),
            "{}",
            said(&refused)
        );
        let unknown = run(&["import", "--describe", "nothing"]);
        assert!(said(&unknown).contains("there is no mapping `nothing`"));
        // What an import needs is still asked for.
        let needy = run(&["import", "a.csv"]);
        for flag in ["--token-file", "--kind", "--mapping"] {
            assert!(said(&needy).contains(flag), "{}", said(&needy));
        }
    });

    suite.plain("a_subject_of_another_issuer_is_mapped_by_command", || {
        let folder = tempfile::tempdir().unwrap();
        let settings = SIGNERS.write(folder.path());
        let settings = settings.to_str().unwrap();
        let run = |arguments: &[&str]| liaison(folder.path()).args(arguments).output().unwrap();
        let done = |arguments: &[&str]| {
            let output = run(arguments);
            assert!(output.status.success(), "{arguments:?}: {}", said(&output));
            String::from_utf8(output.stdout).unwrap()
        };
        let refused = |arguments: &[&str], words: &str| {
            let output = run(arguments);
            assert!(!output.status.success(), "{arguments:?}");
            assert!(said(&output).contains(words), "{}", said(&output));
        };
        done(&["keys", "create"]);
        let listed = done(&["issuer", "list", "--issuers", settings]);
        let [one, two] = listed.lines().collect::<Vec<_>>()[..] else {
            panic!("{listed}");
        };
        assert!(
            one.starts_with(ONE) && one.ends_with("first second"),
            "{one}"
        );
        assert!(two.starts_with(TWO) && two.contains("two.json"), "{two}");
        assert!(done(&["issuer", "list"]).is_empty());
        refused(
            &["issuer", "list", "--issuers", "nothing.toml"],
            "nothing.toml",
        );

        done(&["migrate"]);
        let first = ["holder", "invite", "--mechanism", "cat", "--holder"];
        done(&[&first[..], &["cat.first"]].concat());
        let scope = ["--scope", "read:communication@SECRETARIAT"];
        let mapped = |issuer: &'static str, more: &[&'static str]| {
            let map = [
                "holder",
                "map",
                "--issuers",
                settings,
                "--of",
                issuer,
                "--subject",
                "0f5c",
            ];
            let map = [&map[..], &scope, more].concat();
            map.iter()
                .map(|part| (*part).to_owned())
                .collect::<Vec<_>>()
        };
        let cat = ["--holder", "cat.first"];
        let with = |more: &[&'static str]| mapped(ONE, &[&cat[..], more].concat());
        let texts = |all: &[String]| {
            all.iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("\0")
        };
        let on = |all: Vec<String>, words: &str| {
            let text = texts(&all);
            refused(&text.split('\0').collect::<Vec<_>>(), words);
        };
        on(
            mapped("https://three.example", &cat),
            "are not accepted for `cat`",
        );
        on(mapped(ONE, &["--holder", "nobody"]), "no holder `nobody`");
        on(with(&["--cap", "TOP"]), "TOP");
        on(
            with(&["--until", "tomorrow"]),
            "`tomorrow` is no moment to come",
        );
        on(
            with(&["--until", "2020-01-01T00:00:00Z"]),
            "is no moment to come",
        );
        let map = with(&["--cap", "SECRETARIAT", "--until", "2099-01-01T00:00:00Z"]);
        let text = texts(&map);
        let told = done(&text.split('\0').collect::<Vec<_>>());
        let words = "`0f5c` of `https://one.example` is `cat.first` up to SECRETARIAT until \
                     2099-01-01T00:00:00";
        assert!(told.starts_with(words), "{told}");
        let listed = done(&["token", "list"]);
        let row = listed.lines().find(|line| line.contains("`0f5c` of"));
        assert!(
            row.is_some_and(|row| row.contains("in force until 2099-01-01")),
            "{listed}"
        );

        let unmap = ["holder", "unmap", "--of", ONE, "--subject", "0f5c"];
        assert!(done(&unmap).contains("is nobody here any more"));
        refused(&unmap, "is nobody here");
        assert!(!done(&["token", "list"]).contains("0f5c"));

        // A token that its client could not use is not issued.
        done(&["client", "admit", "--client", "desk", "--dpop", "REQUIRED"]);
        let issue = [
            "token",
            "issue",
            "--holder",
            "cat.first",
            "--client",
            "desk",
        ];
        let issue = [&issue[..], &["--up-to", "PARTNER"]].concat();
        refused(&issue, "give the thumbprint of the client's key");
        let key = "0123456789012345678901234567890123456789012";
        done(&[&issue[..], &["--jkt", key]].concat());
        done(&["client", "admit", "--client", "desk", "--dpop", "OPTIONAL"]);
        done(&issue);
    });

    suite.plain("every_command_explains_itself", || {
        let folder = tempfile::tempdir().unwrap();
        for command in [
            &["--help"][..],
            &["demo", "--help"],
            &["serve", "--help"],
            &["migrate", "--help"],
            &["import", "--help"],
            &["schema", "--help"],
            &["holder", "invite", "--help"],
            &["token", "issue", "--help"],
            &["token", "revoke", "--help"],
            &["token", "list", "--help"],
            &["client", "admit", "--help"],
            &["issuer", "list", "--help"],
            &["holder", "map", "--help"],
            &["holder", "unmap", "--help"],
            &["export", "--help"],
            &["keys", "rotate", "signing", "--help"],
            &["keys", "create", "--help"],
            &["keys", "complete", "--help"],
            &["match", "evaluate", "--help"],
            &["match", "blind", "--help"],
            &["match", "share", "create", "--help"],
            &["match", "share", "replace", "--help"],
            &["match", "share", "show", "--help"],
            &["match", "holder", "create", "--help"],
            &["match", "holder", "admit", "--help"],
            &["match", "holder", "dismiss", "--help"],
            &["match", "holder", "rotate", "--help"],
            &["match", "holder", "status", "--help"],
            &["match", "holder", "serve", "--help"],
            &["audit", "verify", "--help"],
            &["audit", "checkpoint", "--help"],
            &["audit", "key", "--help"],
            &["audit", "copy", "--help"],
            &["audit", "receipt", "--help"],
            &["audit", "subject-key", "--help"],
            &["audit", "subject", "--help"],
        ] {
            let help = liaison(folder.path()).args(command).output().unwrap();
            assert!(help.status.success(), "{command:?}");
            assert!(help.stdout.len() > 100, "{command:?}");
        }
    });
}
