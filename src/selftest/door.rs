//! The hub's street door, as a caller sees it.

use std::{cell::Cell, time::Duration};

use serde_json::{Value, json};
use ureq::{Agent, http::Response};

use super::Viewer;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes of the longest answer.
const LONGEST: u64 = 16 << 20;
/// Times that a request is put again where the hub says that there were too many.
const AGAIN: u32 = 60;

/// Why a hub can't be asked.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// It does not answer.
    #[error("`{0}` does not answer: {1}")]
    Silent(String, String),
    /// It goes on saying that there were too many requests.
    #[error("`{0}` takes no more requests: give it a higher quota, or fewer cases")]
    Busy(String),
}

/// Where a hub is asked.
pub struct Door {
    agent: Agent,
    url: String,
    count: Cell<u64>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The status.
    pub status: u16,
    /// The headers but those that differ each time: the date and the request's id.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What stands at a place of an answer (RFC 6901); `null` where nothing does.
pub(super) fn at<'a>(value: &'a Value, place: &str) -> &'a Value {
    value.pointer(place).unwrap_or(&Value::Null)
}

impl Told {
    /// The body as JSON; `null` where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The status, and the beginning of the body.
    pub fn beginning(&self) -> String {
        let text: String = self.text().chars().take(1_500).collect();
        format!("{} {text}", self.status)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Door {
    /// The door of the hub at an address such as `https://hub.example`.
    pub fn at(url: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .build();
        Self {
            agent: agent.into(),
            url: url.trim_end_matches('/').to_owned(),
            count: Cell::new(0),
        }
    }

    /// Requests that were sent through it.
    pub fn count(&self) -> u64 {
        self.count.get()
    }

    /// Posts a document.
    ///
    /// # Errors
    /// Where nothing comes back.
    pub fn ask(&self, viewer: &Viewer, document: &str) -> Result<Told, DoorError> {
        self.post(viewer.token.as_deref(), document)
    }

    /// Posts a document with a token, or none.
    ///
    /// # Errors
    /// Where nothing comes back.
    pub fn post(&self, token: Option<&str>, document: &str) -> Result<Told, DoorError> {
        let body = json!({ "query": document }).to_string();
        self.patiently(|| {
            let mut request = self
                .agent
                .post(format!("{}/graphql", self.url))
                .header("content-type", "application/json");
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            request.send(&body)
        })
    }

    /// Asks a document by `GET`, with these headers.
    ///
    /// # Errors
    /// Where nothing comes back.
    pub fn get(&self, document: &str, headers: &[(&str, &str)]) -> Result<Told, DoorError> {
        self.patiently(|| {
            let mut request = self
                .agent
                .get(format!("{}/graphql", self.url))
                .query("query", document);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            request.call()
        })
    }

    /// Sends until the hub has room: a quota is no promise broken.
    fn patiently(
        &self,
        send: impl Fn() -> Result<Response<ureq::Body>, ureq::Error>,
    ) -> Result<Told, DoorError> {
        let silent = |error: ureq::Error| DoorError::Silent(self.url.clone(), error.to_string());
        for _ in 0..AGAIN {
            self.count.set(self.count.get() + 1);
            let mut answer = send().map_err(silent)?;
            if answer.status().as_u16() == 429 {
                std::thread::sleep(Duration::from_millis(500));
                continue;
            }
            let mut headers: Vec<_> = answer
                .headers()
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id"))
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.to_string(), value)
                })
                .collect();
            headers.sort();
            let status = answer.status().as_u16();
            let body = answer.body_mut().with_config().limit(LONGEST);
            return Ok(Told {
                status,
                headers,
                body: body.read_to_vec().map_err(silent)?,
            });
        }
        Err(DoorError::Busy(self.url.clone()))
    }
}
