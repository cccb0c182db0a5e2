//! Asking: the shares, both holders, and the hub that takes the tokens.

use std::path::Path;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{
    BlindError,
    docket::Matter,
    line::{Line, Party},
};
use crate::{
    same_matter::{
        NORMALISATION, TypedToken,
        blind::{
            Evaluation, Published, Question,
            wire::{SHARES_PAGE, Shares},
        },
    },
    vocabulary::codes::Coded,
};

const REGISTER: &str = "mutation ($input: RegisterBlindMatterInput!) { \
                        done: registerBlindMatter(input: $input) { \
                        blindMatter { id } userErrors { code message } } }";
const CANARY: &str = "mutation ($input: RegisterCanaryInput!) { \
                      done: registerCanary(input: $input) { \
                      canary userErrors { code message } } }";
const WITHDRAW: &str = "mutation ($input: WithdrawBlindMatterInput!) { \
                        done: withdrawBlindMatter(input: $input) { \
                        userErrors { code message } } }";

const KNOWN: &str = "{ done: blindMatters { id handle } }";

/// The hub and the second key holder, as a client asks them.
pub(super) struct Asking {
    line: Line,
    hub: Party,
    holder: Party,
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
        Ok(Self {
            line: Line::open(dump)?,
            hub: Party::at(hub)?,
            holder: Party::at(holder)?,
        })
    }

    /// The shares that the hub's tokens are of.
    pub(super) fn holders(&self) -> Result<Holders, BlindError> {
        let shares: Shares = self.line.get(&self.hub, SHARES_PAGE)?;
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
        let of_hub = self.line.batch(&self.hub, of_hub, asked)?;
        Ok([of_hub, self.line.batch(&self.holder, of_holder, asked)?])
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
        let input = json!({
            "handle": matter.handle,
            "countries": codes(matter),
            "secret": pair,
            "normalisation": NORMALISATION,
            "elements": elements(matter, tokens),
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
        self.named(&done, "/blindMatter/id")
    }

    /// Sends the tokens of a person who does not exist; gives the canary's id.
    pub(super) fn plant(
        &self,
        pair: &str,
        matter: &Matter,
        tokens: &[TypedToken],
    ) -> Result<String, BlindError> {
        let element = elements(matter, tokens).pop();
        let tokens = json!({ "secret": pair, "normalisation": NORMALISATION, "element": element });
        let input = json!({ "countries": codes(matter), "tokens": tokens });
        let done = self.act(CANARY, &input)?;
        self.named(&done, "/canary")
    }

    /// What an act has made, where it was not refused.
    fn named(&self, done: &Value, at: &str) -> Result<String, BlindError> {
        self.refused(done, |_| false)?;
        let id = done.pointer(at).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| self.hub.strange())
    }

    fn withdraw(&self, id: &str) -> Result<(), BlindError> {
        let done = self.act(WITHDRAW, &json!({ "blindMatter": id }))?;
        self.refused(&done, |one| one["code"] == "NOT_FOUND")
    }

    /// Asks the hub, and gives its answer.
    fn act(&self, document: &str, input: &Value) -> Result<Value, BlindError> {
        let body = json!({ "query": document, "variables": { "input": input } }).to_string();
        let mut answer: Value = self.line.post(&self.hub, "/graphql", &body)?;
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
}

/// The persons of a matter, as tokens.
fn elements(matter: &Matter, tokens: &[TypedToken]) -> Vec<Value> {
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
    elements.collect()
}

fn codes(matter: &Matter) -> Vec<&str> {
    let countries = matter.countries.iter();
    countries.map(|country| country.as_str()).collect()
}
