//! The hub as a process of its own: killed, hindered from writing, looked into, restored.

mod closed;
mod confirmed;
mod escrow;
mod hsm;
mod killed;
mod releases;
mod restored;
mod unwritable;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use liaison::identity::kind::Kind;
use serde_json::{Value, json};

use crate::support::{
    harness::Suite,
    house::{Place, global, key_file},
};

pub(crate) fn register(suite: &mut Suite) {
    closed::register(suite);
    confirmed::register(suite);
    escrow::register(suite);
    hsm::register(suite);
    killed::register(suite);
    releases::register(suite);
    restored::register(suite);
    unwritable::register(suite);
}

/// The officer of the demo to whom files are open.
const OFFICER: &str = "cat.petitions";

/// The program, with nothing in its environment but where database and keys are.
fn liaison(place: &Place) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    let folder = place.folder.path();
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    with_places(&mut command, place);
    command
}

fn with_places(command: &mut Command, place: &Place) {
    command
        .env("LIAISON_DATABASE_URL", &place.url)
        .env("LIAISON_KEY_STORE", &place.key_store)
        .env("LIAISON_KEYS", key_file())
        .env("LIAISON_LOG", "error")
        .envs(place.env.iter().map(|(name, value)| (name, value)));
}

/// What a command says that must do its work.
fn done(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A token of a holder, of the machine's clock.
fn token(place: &Place, holder: &str, level: &str) -> String {
    let issue = [
        "token", "issue", "--holder", holder, "--up-to", level, "--ttl", "600s",
    ];
    done(liaison(place).args(issue))
}

/// A hub that serves, and ends with the test.
struct Program {
    child: Child,
    /// Where it answers.
    url: String,
    /// What it has said so far.
    said: Arc<Mutex<Vec<u8>>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// `liaison serve`, when it answers.
    fn serve(place: &Place) -> Self {
        Self::begin(liaison(place).args(SERVE))
    }

    /// What a command serves, when it answers.
    fn begin(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let said = Arc::<Mutex<Vec<u8>>>::default();
        let (tell, told) = mpsc::channel();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let kept = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut line = Vec::new();
            while lines
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line);
                if let Some(url) = text.trim().strip_prefix("liaison answers on ") {
                    let _ = tell.send(url.to_owned());
                }
                kept.lock().unwrap().append(&mut line);
            }
        });
        let url = told.recv_timeout(Duration::from_secs(60));
        let mut program = Self {
            child,
            url: url.clone().unwrap_or_default(),
            said,
        };
        if url.is_err() {
            let _ = program.child.kill();
            panic!("the hub does not answer: {}", program.said());
        }
        program
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.said.lock().unwrap()).into_owned()
    }

    /// Asks a question, with a stated purpose where there is a token.
    async fn ask(&self, client: &reqwest::Client, token: Option<&str>, query: &str) -> Value {
        let mut request = client.post(&self.url);
        let mut body = json!({ "query": query });
        if let Some(token) = token {
            request = request.bearer_auth(token);
            body["extensions"] = purpose();
        }
        let answer = request.json(&body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        answer.json().await.unwrap()
    }

    /// Whether the hub says that it is ready.
    async fn is_ready(&self, client: &reqwest::Client) -> bool {
        let url = self.url.replace("/graphql", "/readyz");
        client.get(url).send().await.unwrap().status().is_success()
    }
}

const SERVE: [&str; 5] = [
    "serve",
    "--listen",
    "127.0.0.1:0",
    "--rate-token",
    "1000000",
];

fn purpose() -> Value {
    json!({ "purpose": { "code": "EXAMINATION", "reason": "a test" } })
}

/// A person whose file is open to the officer, and what only the file says.
fn sealed_question() -> String {
    let id = global(Kind::Person, "person-01");
    format!("{{ node(id: \"{id}\") {{ ... on Person {{ names {{ text }} contact }} }} }}")
}
