//! Root keys as objects of a token: what they are called, what they may do, what state they
//! are in.
//!
//! The label says the state: `LABEL` wraps, `LABEL.next` is made and wraps not yet,
//! `LABEL.former` is being left, `LABEL.retired` waits for the word to be destroyed. The id,
//! random, is the name under which the key store refers to it.

use cryptoki::{
    mechanism::Mechanism,
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::Session,
};

use super::{HsmFault, session::Open};

/// What precedes the id in a name.
const NAMED: &str = "pkcs11-";
const ID: usize = 16;
const KEY: u64 = 32;

/// In what state a root key is.
#[derive(Clone, Copy, Debug)]
pub(super) enum State {
    Present,
    Next,
    Former,
    Retired,
}

impl State {
    fn label(self, label: &str) -> Attribute {
        let end = match self {
            Self::Present => "",
            Self::Next => ".next",
            Self::Former => ".former",
            Self::Retired => ".retired",
        };
        Attribute::Label(format!("{label}{end}").into_bytes())
    }
}

impl Open {
    /// The keys in a state.
    pub(super) fn all(&self, state: State) -> Result<Vec<ObjectHandle>, HsmFault> {
        self.those(state.label(&self.label))
    }

    /// The only key in a state, or none.
    pub(super) fn one(&self, state: State) -> Result<Option<ObjectHandle>, HsmFault> {
        match self.all(state)?.as_slice() {
            [] => Ok(None),
            [key] => Ok(Some(*key)),
            _ => Err(HsmFault::SeveralKeys(self.label.clone())),
        }
    }

    /// The key that wraps, with its name.
    pub(super) fn present(&mut self) -> Result<(String, ObjectHandle), HsmFault> {
        let key = match self.one(State::Present)? {
            Some(key) => Some(key),
            // A rotation is between the two changes of labels.
            None => self.one(State::Next)?,
        };
        let key = key.ok_or_else(|| HsmFault::NoKey(self.label.clone()))?;
        let name = self.name_of(key)?;
        if self.found.get(&name) != Some(&key) {
            self.check(key)?;
            self.found.insert(name.clone(), key);
        }
        Ok((name, key))
    }

    /// The key of this name, in whatever state.
    pub(super) fn named(&mut self, name: &str) -> Result<Option<ObjectHandle>, HsmFault> {
        if let Some(key) = self.found.get(name) {
            return Ok(Some(*key));
        }
        let Some(id) = id_of(name) else {
            return Ok(None);
        };
        let key = match self.those(Attribute::Id(id))?.as_slice() {
            [] => return Ok(None),
            [key] => *key,
            _ => return Err(HsmFault::SeveralKeys(name.to_owned())),
        };
        self.check(key)?;
        self.found.insert(name.to_owned(), key);
        Ok(Some(key))
    }

    pub(super) fn name_of(&self, key: ObjectHandle) -> Result<String, HsmFault> {
        let told = self.session.get_attributes(key, &[AttributeType::Id])?;
        let id = told.into_iter().find_map(|told| match told {
            Attribute::Id(id) if id.len() == ID => Some(id),
            _ => None,
        });
        // A key of somebody else's making has no name here.
        let id = id.ok_or_else(|| HsmFault::Weak(self.label.clone()))?;
        let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(format!("{NAMED}{digits}"))
    }

    /// A session that may change the token; the log-in is that of the other.
    pub(super) fn changing(&self) -> Result<Session, HsmFault> {
        Ok(self.module.open_rw_session(self.slot)?)
    }

    /// Makes a key, in a state; it can't be read, not even by who has the PIN.
    pub(super) fn generate(&self, state: State) -> Result<ObjectHandle, HsmFault> {
        let mut id = vec![0; ID];
        getrandom::fill(&mut id).map_err(|_| HsmFault::Failed("no randomness".to_owned()))?;
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(KEY.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
            Attribute::Sign(false),
            Attribute::Verify(false),
            Attribute::Derive(false),
            // Its label says its state.
            Attribute::Modifiable(true),
            Attribute::Id(id),
            state.label(&self.label),
        ];
        let session = self.changing()?;
        let key = session.generate_key(&Mechanism::AesKeyGen, &template)?;
        self.check(key)?;
        Ok(key)
    }

    /// Puts a key into another state.
    pub(super) fn put(&self, key: ObjectHandle, state: State) -> Result<(), HsmFault> {
        let session = self.changing()?;
        Ok(session.update_attributes(key, &[state.label(&self.label)])?)
    }

    /// Refuses a key that could be read, or is none for AES-256.
    fn check(&self, key: ObjectHandle) -> Result<(), HsmFault> {
        let asked = [
            AttributeType::Sensitive,
            AttributeType::Extractable,
            AttributeType::ValueLen,
        ];
        let told = self.session.get_attributes(key, &asked)?;
        let has = |wanted: Attribute| told.contains(&wanted);
        let good = has(Attribute::Sensitive(true))
            && has(Attribute::Extractable(false))
            && has(Attribute::ValueLen(KEY.into()));
        if good {
            Ok(())
        } else {
            Err(HsmFault::Weak(self.label.clone()))
        }
    }

    fn those(&self, wanted: Attribute) -> Result<Vec<ObjectHandle>, HsmFault> {
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Token(true),
            wanted,
        ];
        Ok(self.session.find_objects(&template)?)
    }
}

/// The id in a name.
fn id_of(name: &str) -> Option<Vec<u8>> {
    let digits = name.strip_prefix(NAMED)?;
    if digits.len() != 2 * ID || !digits.is_ascii() {
        return None;
    }
    let byte = |place| u8::from_str_radix(digits.get(place..place + 2)?, 16).ok();
    (0..2 * ID).step_by(2).map(byte).collect()
}
