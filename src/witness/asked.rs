//! The hub, asked over HTTP as its witness.

use std::time::Duration;

use ureq::{
    Agent,
    http::{Response, StatusCode},
};

use crate::{
    clock::Moment,
    journal::{
        Asked, Cosigner, LogKey, Note,
        tile::{Tile, Tiles},
        tree::Span,
    },
};

/// Time for one request.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer: a whole tile has 8,192 bytes.
const LONGEST: u64 = 16_384;

/// Why a hub could not be asked; it says nothing about the log.
#[derive(Debug, thiserror::Error)]
pub enum HubFault {
    /// An address to which nothing is sent.
    #[error(
        "`{0}` is no address of a hub: write `https://hub.example`; plain `http` is for this machine alone"
    )]
    Address(String),
    /// There is no answer.
    #[error("the hub does not answer: {0}")]
    Silent(Box<ureq::Error>),
    /// It knows no such witness.
    #[error(
        "the hub answers that there is no such page: it does not know this witness, has another \
         log key, has made no tick yet, or one of the two clocks is wrong by minutes"
    )]
    Unknown,
    /// It answers something else.
    #[error("the hub answers {0}")]
    Status(u16),
    /// A checkpoint is none of the log.
    #[error("what the hub gives for a checkpoint is not signed with the log's key")]
    NotSigned,
    /// A tile has not the bytes of one.
    #[error("what the hub gives for the tile `{0}` is none")]
    Tile(String),
    /// A cosignature was not taken.
    #[error("the hub has refused the cosignature: it has another tree than the one it showed")]
    NotTaken,
}

/// A hub somewhere else, of which the log's key is known.
#[derive(Debug)]
pub struct Remote<'a> {
    url: &'a str,
    log: LogKey,
    witness: &'a Cosigner,
    agent: Agent,
}

impl<'a> Remote<'a> {
    /// The hub at an address, whose log has this key.
    ///
    /// # Errors
    /// Refuses an address on the way to which others read and change what is said.
    pub fn at(url: &'a str, log: &LogKey, witness: &'a Cosigner) -> Result<Self, HubFault> {
        let here = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
        let of_here = here.iter().filter_map(|begin| url.strip_prefix(begin));
        let mut of_here = of_here.filter(|rest| rest.is_empty() || rest.starts_with([':', '/']));
        if !url.starts_with("https://") && of_here.next().is_none() {
            return Err(HubFault::Address(url.to_owned()));
        }
        let settings = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0);
        Ok(Self {
            url: url.trim_end_matches('/'),
            log: log.ticks(),
            witness,
            agent: settings.build().into(),
        })
    }

    /// The key under which its outer tree is signed.
    pub fn log(&self) -> &LogKey {
        &self.log
    }

    /// The checkpoint that it shows, signed by it.
    ///
    /// # Errors
    /// Fails where it does not answer, or with something else.
    pub fn checkpoint(&self, now: Moment) -> Result<Note, HubFault> {
        let text = self.get("/audit/checkpoint", now)?;
        let note = String::from_utf8(text).ok();
        let note = note.and_then(|note| note.parse::<Note>().ok());
        note.filter(|note| note.is_signed_by(&self.log))
            .ok_or(HubFault::NotSigned)
    }

    /// The tiles that these parts of a tree of this size are in, added to those at hand; what
    /// came is told as it came.
    ///
    /// # Errors
    /// As [`Remote::checkpoint`].
    pub fn tiles(
        &self,
        (spans, size): (&[Span], u64),
        tiles: &mut Tiles,
        now: Moment,
    ) -> Result<Vec<(Tile, Vec<u8>)>, HubFault> {
        let mut came = Vec::new();
        for tile in Tile::of(spans, size) {
            let path = tile.path();
            let bytes = self.get(&format!("/audit/tile/{path}"), now)?;
            if !tiles.take(tile, &bytes) {
                return Err(HubFault::Tile(path));
            }
            came.push((tile, bytes));
        }
        Ok(came)
    }

    /// Brings a cosignature.
    ///
    /// # Errors
    /// Fails where the hub does not answer, or does not take it.
    pub fn bring(&self, note: &Note, now: Moment) -> Result<(), HubFault> {
        let (path, body) = ("/audit/cosignature", note.to_string());
        let sent = self
            .agent
            .post(format!("{}{path}", self.url))
            .header("content-type", "text/plain; charset=utf-8")
            .header("authorization", self.signed("POST", path, &body, now))
            .send(&body);
        match read(sent) {
            Err(HubFault::Status(409)) => Err(HubFault::NotTaken),
            other => other.map(|_| ()),
        }
    }

    fn get(&self, path: &str, now: Moment) -> Result<Vec<u8>, HubFault> {
        let sent = self
            .agent
            .get(format!("{}{path}", self.url))
            .header("authorization", self.signed("GET", path, "", now))
            .call();
        read(sent)
    }

    fn signed(&self, method: &str, path: &str, body: &str, now: Moment) -> String {
        let request = Asked {
            log: self.log.name(),
            method,
            path,
            body: body.as_bytes(),
        };
        self.witness.authorization(request, now)
    }
}

fn read(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>, HubFault> {
    let silent = |error| HubFault::Silent(Box::new(error));
    let mut answer = answer.map_err(silent)?;
    match answer.status() {
        StatusCode::OK => {
            let body = answer.body_mut().with_config().limit(LONGEST);
            body.read_to_vec().map_err(silent)
        }
        StatusCode::NOT_FOUND => Err(HubFault::Unknown),
        other => Err(HubFault::Status(other.as_u16())),
    }
}
