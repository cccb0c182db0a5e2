//! Asking: the shares, both holders, and the hub that takes the tokens. Secrets go in headers,
//! over TLS or to this machine alone.

use std::{
    cell::RefCell,
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::{Agent, Body, http::Response};
use zeroize::Zeroizing;

use super::{BlindError, docket::Matter};
use crate::{
    same_matter::{
        NORMALISATION, TypedToken,
        blind::{
            Evaluation, Published, Question,
            wire::{AnsweredBatch, AskedBatch, EVALUATE_PAGE, SHARES_PAGE, Shares},
        },
    },
    vocabulary::codes::Coded,
};

/// Time that an answer has.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often what came too fast is sent again.
const TRIES: usize = 10;
/// Bytes of an answer that are read at most.
const MOST: u64 = 1 << 20;

const REGISTER: &str = "mutation ($input: RegisterBlindMatterInput!) { \
                        done: registerBlindMatter(input: $input) { \
                        blindMatter { id } userErrors { code message } } }";
const WITHDRAW: &str = "mutation ($input: WithdrawBlindMatterInput!) { \
                        done: withdrawBlindMatter(input: $input) { \
                        userErrors { code message } } }";

const KNOWN: &str = "{ done: blindMatters { id handle } }";

/// Whom to ask, and with which secret.
struct Party {
    url: String,
    secret: Zeroizing<String>,
}

/// The hub and the second key holder, as a client asks them.
pub(super) struct Asking {
    agent: Agent,
    hub: Party,
    holder: Party,
    dump: Option<(PathBuf, RefCell<File>)>,
}

/// Both holders, by what they have published.
pub(super) struct Holders {
    pub(super) published: [Published; 2],
    pair: String,
}

impl Holders {
    /// The name of the pair.
    pub(super) fn pair(&self) -> &str {
        &self.pair
    }
}

impl Asking {
    /// Asks these two; each request is written to a file first, where one is named.
    pub(super) fn to(
        hub: (&str, Zeroizing<String>),
        holder: (&str, Zeroizing<String>),
        dump: Option<&Path>,
    ) -> Result<Self, BlindError> {
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
            Ok::<_, BlindError>((path.to_owned(), RefCell::new(file)))
        });
        Ok(Self {
            agent: agent.into(),
            hub: Party::at(hub)?,
            holder: Party::at(holder)?,
            dump: dump.transpose()?,
        })
    }

    /// The shares that the hub's tokens are of.
    pub(super) fn holders(&self) -> Result<Holders, BlindError> {
        let url = format!("{}{SHARES_PAGE}", self.hub.url);
        self.note("GET", &url, "")?;
        let answer = self.agent.get(&url).call();
        let shares: Shares = self.hub.read(answer)?;
        Ok(Holders {
            published: shares.read()?,
            pair: shares.pair,
        })
    }

    /// What both holders answer to a batch, the hub first.
    pub(super) fn evaluated(
        &self,
        holders: &Holders,
        asked: &[Question],
    ) -> Result<[Evaluation; 2], BlindError> {
        let [of_hub, of_holder] = &holders.published;
        // The hub first: a token ends sooner than a holder's day, which is not to be used up.
        let of_hub = self.batch(&self.hub, of_hub, asked)?;
        Ok([of_hub, self.batch(&self.holder, of_holder, asked)?])
    }

    fn batch(
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

    /// Sends the tokens of a matter, in the place of those that the hub has under this id;
    /// gives the id that they have there.
    pub(super) fn upload(
        &self,
        pair: &str,
        matter: &Matter,
        tokens: &[TypedToken],
        before: Option<&str>,
    ) -> Result<String, BlindError> {
        if let Some(id) = before {
            self.withdraw(id)?;
        }
        let mut own = tokens.iter();
        let elements = matter.persons.iter().map(|person| {
            let tokens = person.uses.iter().zip(own.by_ref());
            let mut tokens: Vec<_> = tokens.collect();
            // Their own order would tell of the keys' texts, which are sorted.
            tokens.sort_by_key(|(_, one)| one.token);
            let tokens = tokens.into_iter().map(|(used, one)| {
                json!({
                    "token": URL_SAFE_NO_PAD.encode(one.token.0),
                    "kind": one.kind.code(),
                    "widened": one.widened,
                    "kept": used.kept,
                    "asked": used.asked,
                })
            });
            json!({ "tokens": tokens.collect::<Vec<Value>>() })
        });
        let elements: Vec<Value> = elements.collect();
        let countries = matter.countries.iter().map(|country| country.as_str());
        let input = json!({
            "handle": matter.handle,
            "countries": countries.collect::<Vec<&str>>(),
            "secret": pair,
            "normalisation": NORMALISATION,
            "elements": elements,
        });
        let mut done = self.act(REGISTER, &input)?;
        // Sent before, and the note of it was lost.
        let code = done.pointer("/userErrors/0/code");
        if code.is_some_and(|code| code == "CONFLICT") {
            let known = self.act(KNOWN, &Value::Null)?;
            let known = known.as_array().map_or(&[][..], Vec::as_slice);
            let known = known.iter().find(|one| one["handle"] == matter.handle);
            if let Some(id) = known.and_then(|one| one["id"].as_str()) {
                self.withdraw(id)?;
                done = self.act(REGISTER, &input)?;
            }
        }
        self.refused(&done, |_| false)?;
        let id = done.pointer("/blindMatter/id").and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| self.hub.strange())
    }

    fn withdraw(&self, id: &str) -> Result<(), BlindError> {
        let done = self.act(WITHDRAW, &json!({ "blindMatter": id }))?;
        self.refused(&done, |one| one["code"] == "NOT_FOUND")
    }

    /// Asks the hub, and gives its answer.
    fn act(&self, document: &str, input: &Value) -> Result<Value, BlindError> {
        let body = json!({ "query": document, "variables": { "input": input } }).to_string();
        let mut answer: Value = self.post(&self.hub, "/graphql", &body)?;
        let said = answer.pointer("/errors/0/message");
        if let Some(said) = said.and_then(Value::as_str) {
            return Err(BlindError::Refused(self.hub.url.clone(), said.to_owned()));
        }
        let done = answer.pointer_mut("/data/done");
        Ok(done.map(Value::take).unwrap_or_default())
    }

    /// Tells the first refusal of an act that does not count for none.
    fn refused(&self, done: &Value, none: impl Fn(&Value) -> bool) -> Result<(), BlindError> {
        let refusals = done["userErrors"].as_array().map_or(&[][..], Vec::as_slice);
        let Some(first) = refusals.iter().find(|one| !none(one)) else {
            return Ok(());
        };
        let said = first["message"].as_str().unwrap_or_default().to_owned();
        Err(BlindError::Refused(self.hub.url.clone(), said))
    }

    fn post<T: DeserializeOwned>(
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
        let written = writeln!(file.borrow_mut(), "{method} {url}\n{body}\n");
        written.map_err(|cause| BlindError::File(path.clone(), cause))
    }
}

impl Party {
    fn at((url, secret): (&str, Zeroizing<String>)) -> Result<Self, BlindError> {
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

    fn strange(&self) -> BlindError {
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
