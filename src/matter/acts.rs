//! The acts: asking, answering, agreeing to look, registering what has no names.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::days;
use crate::{
    communication::Communication,
    confidentiality::{facts::CountryCode, warrant::WriteRefused},
    country,
    date::PartialDate,
    id::RecordId,
    journal::EntryKind,
    same_matter::{ElsewhereStage, KeyKind, MOST, NORMALISATION},
    store::{
        act::{Act, ActError, check_text, not_found},
        matter::{
            BlindElement, Given, NewBlind, NewCheck, NewVictim, OwnMatter, Procedural, Snapshot,
            Word, pepper,
        },
    },
    vocabulary::{CommunicationStatus, OwnersAnswer},
};

/// Elements of a matter without names at most.
const ELEMENTS: usize = 128;
/// Tokens of an element at most, for each State: those that are kept, and those asked for.
const TOKENS: usize = 2 * MOST;
/// Bytes of a token that a client has made.
const TOKEN: std::ops::RangeInclusive<usize> = 16..=64;
/// Bytes of a handle, of a key's name, and of a basis.
const HANDLE: usize = 64;
const KEY: usize = 100;
const BASIS: usize = 2_000;
/// Spellings of a canary.
const SPELLINGS: usize = 20;

/// What a question is about, by its id.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    /// A communication of one's own.
    Communication(Option<RecordId>),
    /// A matter without names.
    Blind(Option<RecordId>),
}

impl Asked {
    /// The matter, where the id is one.
    pub(super) fn matter(self) -> Option<OwnMatter> {
        match self {
            Self::Communication(id) => id.map(OwnMatter::Communication),
            Self::Blind(id) => id.map(OwnMatter::Blind),
        }
    }
}

/// Asks whether another mechanism holds the same matter.
///
/// # Errors
/// Refuses what is not registered or not one's own, and more than may be asked; never for
/// what there is.
pub(super) async fn check(act: &mut Act, asked: Asked) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::SameMatterAsk);
    act.is_about(Vec::new(), Some("SAME_MATTER"));
    let own = act.may_ask()?;
    let (matter, mut snapshot) = match asked {
        Asked::Communication(id) => {
            let communication = act.find::<Communication>(id).await?;
            if !communication.facts().owners.contains(&own) {
                return Err(WriteRefused::NotOwner.into());
            }
            let status = communication.open(|row| &row.status).visible().flatten();
            if !status.copied().is_some_and(is_registered) {
                let sentence = "the communication is not registered: register it first";
                return Err(ActError::conflict(sentence));
            }
            let day = |date: Option<&PartialDate>| date.map(|date| date.as_str().to_owned());
            let (countries, topics) = act.concerns(communication.id()).await?;
            let happened = communication.open(|row| &row.happened_on).visible();
            let registered = communication.open(|row| &row.registered_on).visible();
            let articles = communication.open(|row| &row.articles).visible();
            let snapshot = Snapshot {
                elements: Vec::new(),
                countries,
                happened: day(happened.flatten()),
                registered: day(registered.flatten()),
                articles: articles.flatten().cloned().unwrap_or_default(),
                topics,
            };
            (OwnMatter::Communication(communication.id()), snapshot)
        }
        Asked::Blind(id) => {
            let blind = act.blind_matter(id).await?;
            let snapshot = Snapshot {
                countries: blind.countries,
                registered: blind.registered,
                ..Snapshot::default()
            };
            (OwnMatter::Blind(blind.id), snapshot)
        }
    };
    snapshot.elements = act.elements_of(matter).await?;
    let check = NewCheck {
        id: RecordId::random(),
        matter,
        snapshot,
        due_at: days::due(act.reader().viewer().now()),
    };
    act.ask_same_matter(&check).await?;
    Ok(check.id)
}

/// Whether a communication was registered, wherever it stands now.
fn is_registered(status: CommunicationStatus) -> bool {
    !matches!(
        status,
        CommunicationStatus::Received
            | CommunicationStatus::InformationRequested
            | CommunicationStatus::NotRegistered
    )
}

/// What an owner answers to a signal.
pub(super) struct Answer {
    /// The answer.
    pub(super) answer: OwnersAnswer,
    /// How the matter stands, where the officer says it; as its status says otherwise.
    pub(super) stage: Option<ElsewhereStage>,
}

/// Answers a signal; with an overlap go procedural facts, and nothing beyond them.
///
/// # Errors
/// Refuses what is not there or another's, alike, and what does not wait.
pub(super) async fn answer(
    act: &mut Act,
    id: Option<RecordId>,
    said: Answer,
) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::SameMatterAnswer);
    act.is_about(Vec::new(), Some("SAME_MATTER"));
    let signal = act.signal(id).await?;
    let procedural = match (said.answer, signal.matter) {
        (OwnersAnswer::NotSame | OwnersAnswer::CannotSay, _) => None,
        (OwnersAnswer::Overlap, OwnMatter::Communication(id)) => {
            let communication = act.find::<Communication>(Some(id)).await?;
            let status = communication.open(|row| &row.status).visible().flatten();
            let registered = communication.open(|row| &row.registered_on).visible();
            let registered = registered.flatten().map(PartialDate::as_str);
            Some(Procedural::of(status.copied(), registered))
        }
        (OwnersAnswer::Overlap, OwnMatter::Blind(id)) => {
            let registered = act.blind_month(id).await?;
            Some(Procedural::of(None, registered.as_deref()))
        }
    };
    let procedural = procedural.map(|facts| Procedural {
        stage: said.stage.unwrap_or(facts.stage),
        ..facts
    });
    let given = Given {
        answer: said.answer,
        procedural,
    };
    act.answer_signal(&signal, &given).await?;
    Ok(signal.id)
}

/// Gives the own mechanism's word that an overlap is looked at side by side.
///
/// # Errors
/// Refuses what is not confirmed, and consent that is not on file.
pub(super) async fn agree(
    act: &mut Act,
    id: Option<RecordId>,
    basis: Option<String>,
) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::SideBySideAgree);
    act.is_about(Vec::new(), Some("SAME_MATTER"));
    let word = match basis {
        None => Word::Consent,
        Some(basis) => {
            check_text("legalBasis", &basis, BASIS)?;
            act.because(basis);
            Word::Basis
        }
    };
    let overlap = act.overlap(id).await?;
    act.agree_side(&overlap, word).await?;
    Ok(overlap.id)
}

/// Looks at an overlap side by side.
///
/// # Errors
/// Refuses while one of the two has not given its word, and after 14 days.
pub(super) async fn open(act: &mut Act, id: Option<RecordId>) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::SideBySideOpen);
    act.is_about(Vec::new(), Some("SAME_MATTER"));
    let overlap = act.overlap(id).await?;
    act.open_side(&overlap).await?;
    Ok(overlap.id)
}

/// A token as a client has made it.
pub(super) struct ClientToken {
    /// The bytes, in base64 of the URL alphabet without padding.
    pub(super) token: String,
    /// What it is made of.
    pub(super) kind: KeyKind,
    /// Whether a date in it is a neighbour of the known one.
    pub(super) widened: bool,
    /// Whether the docket keeps it.
    pub(super) kept: bool,
    /// Whether a question of its own asks for it.
    pub(super) asked: bool,
}

/// A matter without names, as its client gives it.
pub(super) struct ClientMatter {
    /// The secretariat's own word for it.
    pub(super) handle: String,
    /// ISO alpha-3 codes of the States.
    pub(super) countries: Vec<String>,
    /// In which month it was registered.
    pub(super) registered: Option<PartialDate>,
    /// Those whose matter it is.
    pub(super) tokens: ClientTokens,
}

/// Persons as their client gives them.
pub(super) struct ClientTokens {
    /// The name of the secret under which the tokens are made.
    pub(super) secret: String,
    /// The version of the keys.
    pub(super) normalisation: String,
    /// The tokens of each person.
    pub(super) elements: Vec<Vec<ClientToken>>,
}

/// Registers a matter by its tokens: no name and no date comes with it.
///
/// # Errors
/// Refuses values that are not valid.
pub(super) async fn register_blind(
    act: &mut Act,
    given: ClientMatter,
) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::SameMatterRegister);
    act.may_ask()?;
    if !plain(&given.handle, HANDLE) {
        let sentence = "a handle has 1 to 64 letters, digits and `-`, `_`, `.`, `/`, `:`; it is \
                        no name of anybody";
        return Err(ActError::invalid("handle", sentence));
    }
    let countries = states(act, given.countries).await?;
    let elements = peppered(act, &given.tokens, countries.len())?;
    let id = RecordId::random();
    act.register_blind(NewBlind {
        id,
        handle: given.handle,
        countries,
        registered: given.registered,
        key_id: given.tokens.secret,
        elements,
    })
    .await?;
    Ok(id)
}

/// Tokens of persons as the hub keeps them.
fn peppered(
    act: &Act,
    given: &ClientTokens,
    countries: usize,
) -> Result<Vec<BlindElement>, ActError> {
    let keys = act.reader().store().keys();
    // Where the hub has a share, of the pair that it belongs to: others meet nobody's.
    let pair = keys.blind().and_then(|key| key.shares().ok());
    let other = pair.is_some_and(|both| both.pair != given.secret);
    if !plain(&given.secret, KEY) || given.secret == keys.matching().id() || other {
        let sentence = "it is the name of the secret that your client's holders share, as the \
                        hub tells it at `/match/shares`";
        return Err(ActError::invalid("secret", sentence));
    }
    if given.normalisation != NORMALISATION {
        let sentence = format!("this hub compares keys of the version `{NORMALISATION}`");
        return Err(ActError::invalid("normalisation", sentence));
    }
    if given.elements.is_empty() || given.elements.len() > ELEMENTS {
        let sentence = format!("a matter has 1 to {ELEMENTS} elements");
        return Err(ActError::invalid("elements", sentence));
    }
    let most = TOKENS * countries;
    let mut elements = Vec::with_capacity(given.elements.len());
    for tokens in &given.elements {
        if tokens.is_empty() || tokens.len() > most {
            let sentence = format!("an element has 1 to {TOKENS} tokens for each State");
            return Err(ActError::invalid("elements", sentence));
        }
        let mut element = BlindElement::default();
        for one in tokens {
            let bytes = URL_SAFE_NO_PAD.decode(&one.token).ok();
            let bytes = bytes.filter(|bytes| TOKEN.contains(&bytes.len()));
            let token = bytes.and_then(|bytes| pepper(keys, &bytes));
            let token = token.ok_or_else(|| {
                let sentence = "a token is 16 to 64 bytes in base64 of the URL alphabet";
                ActError::invalid("elements", sentence)
            })?;
            let marks = [one.widened, one.kept && !one.widened, one.asked];
            element.tokens.push((token, one.kind, marks));
        }
        element.tokens.sort_unstable_by_key(|(token, ..)| *token);
        element.tokens.dedup_by_key(|(token, ..)| *token);
        elements.push(element);
    }
    Ok(elements)
}

/// Whether a text is a plain word of at most so many letters.
fn plain(text: &str, most: usize) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    (1..=most).contains(&text.len()) && text.bytes().all(plain)
}

/// Takes a matter without names away, with its tokens.
///
/// # Errors
/// Refuses what is not there, and another's, alike.
pub(super) async fn withdraw_blind(
    act: &mut Act,
    id: Option<RecordId>,
) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::SameMatterRegister);
    let matter = act.blind_matter(id).await?;
    act.withdraw_blind(&matter).await?;
    Ok(matter.id)
}

/// A person who does not exist.
pub(super) struct Canary {
    /// The invented name, in each way in which it is written.
    pub(super) names: Vec<String>,
    /// The invented date of birth.
    pub(super) born: Option<PartialDate>,
    /// The invented day of what happened.
    pub(super) happened: Option<PartialDate>,
    /// ISO alpha-3 codes of the States.
    pub(super) countries: Vec<String>,
    /// Instead of all that but the States: what a client has made of it.
    pub(super) tokens: Option<ClientTokens>,
}

/// Registers a canary, as an officer charged with data protection.
///
/// # Errors
/// Refuses who is not, and values that are not valid.
pub(super) async fn register_canary(act: &mut Act, canary: Canary) -> Result<RecordId, ActError> {
    act.is_a(EntryKind::SameMatterCanary);
    if let Some(tokens) = canary.tokens {
        let told = canary.born.is_some() || canary.happened.is_some();
        if told || !canary.names.is_empty() || tokens.elements.len() != 1 {
            let sentence = "a canary is one invented person: names and dates, or tokens alone";
            return Err(ActError::invalid("elements", sentence));
        }
        let countries = states(act, canary.countries).await?;
        let element = peppered(act, &tokens, countries.len())?.pop();
        let id = RecordId::random();
        act.register_blind_canary(id, (countries, &tokens.secret), element.unwrap_or_default())
            .await?;
        return Ok(id);
    }
    if canary.names.is_empty() || canary.names.len() > SPELLINGS {
        let sentence = format!("a canary has 1 to {SPELLINGS} spellings");
        return Err(ActError::invalid("names", sentence));
    }
    for name in &canary.names {
        check_text("names", name, 300)?;
    }
    let countries = states(act, canary.countries).await?;
    let countries = countries.iter().map(|code| code.as_str().to_owned());
    let countries: Vec<String> = countries.collect();
    let id = RecordId::random();
    let victim = NewVictim {
        element: id,
        communication: id,
        person: id,
        spellings: canary.names.iter().map(String::as_str).collect(),
        born: canary.born.as_ref(),
        happened: canary.happened.as_ref(),
        countries: &countries,
    };
    act.register_canary(&victim).await?;
    Ok(id)
}

async fn states(act: &Act, codes: Vec<String>) -> Result<Vec<CountryCode>, ActError> {
    let known = country::known(act, "countries", codes).await?;
    let codes: Vec<CountryCode> = known
        .iter()
        .filter_map(|code| CountryCode::parse(code))
        .collect();
    if codes.is_empty() {
        let sentence = "it is about one State at least";
        return Err(ActError::invalid("countries", sentence));
    }
    Ok(codes)
}

/// What an id that is none leads to.
pub(super) fn one_of(
    communication: Option<Option<RecordId>>,
    blind: Option<Option<RecordId>>,
) -> Result<Asked, ActError> {
    match (communication, blind) {
        (Some(id), None) => Ok(Asked::Communication(id)),
        (None, Some(id)) => Ok(Asked::Blind(id)),
        (None, None) | (Some(_), Some(_)) => Err(not_found()),
    }
}
