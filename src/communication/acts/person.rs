//! A person's file: what identifies the person, as it is sealed, and as it is corrected.
//!
//! Correcting takes leave to open what is corrected: the text before is gone afterwards, and
//! who may not read it can't know that it was wrong. What the officers of the secretariat
//! know without any leave, the person's part in a communication, is corrected as it is
//! written.

use async_graphql::MaybeUndefined;
use serde_json::json;
use zeroize::Zeroizing;

use super::file;
use crate::{
    communication::{Communication, CommunicationPerson, PersonName},
    date::PartialDate,
    id::RecordId,
    journal::EntryKind,
    store::{
        act::{Act, ActError, RefusalCode, check_text},
        matter::{InHand, Tokens, is_compared},
        seal::Texts,
        values::LINE,
    },
    vocabulary::{PersonRole, codes::Coded},
};

/// Names of one person at most.
const NAMES: usize = 20;
/// Bytes of a reason at most.
const REASON: usize = 2_000;

/// A person concerned, with what identifies them: sealed as it is written.
pub struct NewPerson {
    /// What part the person has in the communication.
    pub role: PersonRole,
    /// Names, in each script in which they are known.
    pub names: Vec<PersonName>,
    /// Date of birth, as far as it is known.
    pub birth_date: Option<PartialDate>,
    /// How the person can be reached.
    pub contact: Option<String>,
}

impl NewPerson {
    /// What identifies the person, as it is sealed.
    ///
    /// # Errors
    /// Refuses values that are not valid.
    pub(super) fn sealed(&self) -> Result<Texts, ActError> {
        Ok(vec![
            ("names", names(&self.names)?),
            ("birth_date", birth_date(self.birth_date.as_ref())),
            ("contact", contact(self.contact.as_deref())?),
        ])
    }
}

/// What was entered wrongly in a person's file; what is undefined is left as it is.
pub struct Correction {
    /// Why.
    pub reason: String,
    /// Names, in each script in which they are known: all of them.
    pub names: MaybeUndefined<Vec<PersonName>>,
    /// Date of birth, as far as it is known.
    pub birth_date: MaybeUndefined<PartialDate>,
    /// How the person can be reached.
    pub contact: MaybeUndefined<String>,
    /// A communication, and what part the person has in it.
    pub part: Option<(Option<RecordId>, PersonRole)>,
}

impl Correction {
    fn sealed(&self) -> Result<Texts, ActError> {
        let mut texts = Texts::new();
        match &self.names {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => texts.push(("names", names(&[])?)),
            MaybeUndefined::Value(given) => texts.push(("names", names(given)?)),
        }
        if !self.birth_date.is_undefined() {
            texts.push(("birth_date", birth_date(self.birth_date.value())));
        }
        if !self.contact.is_undefined() {
            let given = self.contact.value().map(String::as_str);
            texts.push(("contact", contact(given)?));
        }
        Ok(texts)
    }
}

/// Corrects facts of a person's file.
///
/// # Errors
/// Refuses files of others and files that were erased, sealed fields that the viewer may
/// not open, and values that are not valid.
pub async fn correct(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
    mut correction: Correction,
) -> Result<RecordId, ActError> {
    let person = file::kept(act, id).await?;
    act.may_change(&*person)?;
    act.expect(&*person, expected)?;
    check_text("reason", &correction.reason, REASON)?;
    let texts = correction.sealed()?;
    let mut fields: Vec<&'static str> = texts.iter().map(|(name, _)| *name).collect();
    if correction.part.is_some() {
        fields.push("role");
    }
    if fields.is_empty() {
        return Err(RefusalCode::Invalid
            .says("nothing is to be corrected")
            .into());
    }
    let purpose = person.viewer().purpose().map(|purpose| purpose.code.code());
    act.is_a(EntryKind::PersonCorrect);
    act.is_about(fields, purpose);
    act.because(std::mem::take(&mut correction.reason));
    let names = texts.iter().any(|(name, _)| *name != "contact");
    if !texts.is_empty() {
        act.writer().reseal(&*person, texts).await?;
    }
    let hand = InHand {
        names: correction.names.value().map(Vec::as_slice),
        born: (!correction.birth_date.is_undefined()).then(|| correction.birth_date.value()),
    };
    let mut follow = names.then_some(Tokens::Person(person.id()));
    if let Some((communication, to)) = correction.part {
        let communication = act.find::<Communication>(communication).await?;
        let part = act.part(communication.id(), person.id()).await?;
        let part = act.find::<CommunicationPerson>(part).await?;
        let role = vec![("role", to.code().into())];
        act.writer().change(&*part, role).await?;
        let before = part.open(|row| &row.role).visible().flatten();
        if !is_compared(to) {
            act.forget_tokens(Tokens::Element(part.id())).await?;
        } else if !before.is_some_and(|role| is_compared(*role)) {
            follow = follow.or(Some(Tokens::Element(part.id())));
        }
    }
    // The tokens of the same-matter check follow the file, and the part.
    if let Some(follow) = follow {
        act.remake_tokens(follow, hand).await?;
    }
    Ok(person.id())
}

fn names(names: &[PersonName]) -> Result<Zeroizing<String>, ActError> {
    if names.is_empty() || names.len() > NAMES {
        let sentence = format!("a person has 1 to {NAMES} names, one for each script");
        return Err(ActError::invalid("names", sentence));
    }
    for name in names {
        check_text("names", &name.text, LINE)?;
        let code = |text: &str, most: usize| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            (2..=most).contains(&text.len()) && text.bytes().all(plain)
        };
        if name.script.len() != 4 || !code(&name.script, 4) || !code(&name.language, 35) {
            let sentence = "`script` is an ISO 15924 code such as `Arab`, and `language` a \
                            BCP 47 tag such as `ar`";
            return Err(ActError::invalid("names", sentence));
        }
    }
    Ok(Zeroizing::new(json!(names).to_string()))
}

fn birth_date(date: Option<&PartialDate>) -> Zeroizing<String> {
    Zeroizing::new(json!(date.map(PartialDate::as_str)).to_string())
}

fn contact(contact: Option<&str>) -> Result<Zeroizing<String>, ActError> {
    if let Some(contact) = contact {
        check_text("contact", contact, LINE)?;
    }
    Ok(Zeroizing::new(json!(contact).to_string()))
}
