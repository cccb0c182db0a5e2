//! The line to a hub or a holder. Secrets go in headers, over TLS or to this machine alone.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::{Agent, Body, http::Response};
use zeroize::Zeroizing;

use super::BlindError;
use crate::same_matter::blind::{
    Evaluation, Published, Question,
    wire::{AnsweredBatch, AskedBatch, EVALUATE_PAGE},
};

/// Time that an answer has.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often what came too fast is sent again.
const TRIES: usize = 10;
/// Bytes of an answer that are read at most.
const MOST: u64 = 1 << 20;

/// Whom to ask, and with which secret.
pub(super) struct Party {
    pub(super) url: String,
    secret: Zeroizing<String>,
}

/// What requests go over, and where each is written down first.
pub(super) struct Line {
    agent: Agent,
    dump: Option<(PathBuf, Mutex<File>)>,
}

impl Line {
    /// A line; each request is written to a file first, where one is named.
    pub(super) fn open(dump: Option<&Path>) -> Result<Self, BlindError> {
        // A secret that was sent on by a redirect would be in other hands.
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        let dump = dump.map(|path| {
            let mut file = OpenOptions::new();
            let file = file.create(true).append(true).mode(0o600).open(path);
            let file = file.map_err(|cause| BlindError::File(path.to_owned(), cause))?;
            Ok::<_, BlindError>((path.to_owned(), Mutex::new(file)))
        });
        Ok(Self {
            agent: agent.into(),
            dump: dump.transpose()?,
        })
    }

    /// What a party tells everybody.
    pub(super) fn get<T: DeserializeOwned>(
        &self,
        party: &Party,
        page: &str,
    ) -> Result<T, BlindError> {
        let url = format!("{}{page}", party.url);
        self.note("GET", &url, "")?;
        party.read(self.agent.get(&url).call())
    }

    /// What the holder of a share answers to a batch.
    pub(super) fn batch(
        &self,
        party: &Party,
        share: &Published,
        asked: &[Question],
    ) -> Result<Evaluation, BlindError> {
        let batch = AskedBatch::of(share, asked);
        let batch = serde_json::to_string(&batch).map_err(|_| party.strange())?;
        let answer: AnsweredBatch = self.post(party, EVALUATE_PAGE, &batch)?;
        Ok(answer.read()?)
    }

    /// What a party answers to who has its secret.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        party: &Party,
        page: &str,
        body: &str,
    ) -> Result<T, BlindError> {
        let url = format!("{}{page}", party.url);
        self.note("POST", &url, body)?;
        let bearer = Zeroizing::new(format!("Bearer {}", party.secret.as_str()));
        let send = || {
            let request = self.agent.post(&url).content_type("application/json");
            request.header("authorization", bearer.as_str()).send(body)
        };
        let mut answer = send();
        for _ in 0..TRIES {
            let Some(wait) = answer.as_ref().ok().and_then(told_to_wait) else {
                break;
            };
            std::thread::sleep(wait);
            answer = send();
        }
        party.read(answer)
    }

    /// Writes a request down, without the sender's secret.
    fn note(&self, method: &str, url: &str, body: &str) -> Result<(), BlindError> {
        let Some((path, file)) = &self.dump else {
            return Ok(());
        };
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = writeln!(file, "{method} {url}\n{body}\n");
        written.map_err(|cause| BlindError::File(path.clone(), cause))
    }
}

impl Party {
    pub(super) fn at((url, secret): (&str, Zeroizing<String>)) -> Result<Self, BlindError> {
        let url = url.trim_end_matches('/');
        if !may_have_secrets(url) {
            return Err(BlindError::Address(url.to_owned()));
        }
        Ok(Self {
            url: url.to_owned(),
            secret,
        })
    }

    fn read<T: DeserializeOwned>(
        &self,
        answer: Result<Response<Body>, ureq::Error>,
    ) -> Result<T, BlindError> {
        let silent = |cause: ureq::Error| BlindError::Silent(self.url.clone(), cause.to_string());
        let mut answer = answer.map_err(silent)?;
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(MOST).read_to_vec();
        let body = body.map_err(silent)?;
        if !status.is_success() {
            let said = serde_json::from_slice::<Value>(&body).unwrap_or_default();
            let said = said.pointer("/errors/0/message").and_then(Value::as_str);
            let said = said.map_or_else(|| format!("status {status}"), str::to_owned);
            return Err(BlindError::Refused(self.url.clone(), said));
        }
        serde_json::from_slice(&body).map_err(|_| self.strange())
    }

    pub(super) fn strange(&self) -> BlindError {
        BlindError::Answer(self.url.clone())
    }
}

/// For how long who asked too fast is told to wait; a day that is used up says nothing of it.
fn told_to_wait(answer: &Response<Body>) -> Option<Duration> {
    let after = answer.headers().get("retry-after")?;
    let seconds = after.to_str().ok()?.parse().ok()?;
    (answer.status() == 429).then_some(Duration::from_secs(seconds).min(PATIENCE))
}

/// Whether nobody on the way can read what is sent to an origin.
fn may_have_secrets(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    if rest.is_empty() || rest.contains(['/', '@', '?', '#', ' ']) {
        return false;
    }
    let host = match rest.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        Some(_) | None => rest,
    };
    match scheme {
        "https" => true,
        "http" => matches!(host, "127.0.0.1" | "localhost" | "[::1]"),
        _ => false,
    }
}
