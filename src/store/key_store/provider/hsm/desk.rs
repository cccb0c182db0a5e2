//! What is done with the root key in a token: wrap, unwrap, make the next, destroy.

use cryptoki::{
    error::{Error, RvError},
    mechanism::{Mechanism, aead::GcmParams},
    object::ObjectHandle,
};
use zeroize::Zeroizing;

use super::{
    HsmFault, HsmSettings,
    object::State,
    session::{Open, Way},
};

/// The form of what is wrapped: this byte, the nonce, the ciphertext with its tag.
const AES_GCM: u8 = 1;
const NONCE: usize = 12;
const TAG_BITS: u64 = 128;
/// What is wrapped to see whether it works.
const PROBE: [u8; 32] = [0; 32];

/// The one who speaks with the module.
pub(super) struct Desk {
    way: Way,
}

impl Desk {
    /// # Errors
    /// As [`Way::to`].
    pub(super) fn at(settings: HsmSettings) -> Result<Self, HsmFault> {
        let way = Way::to(settings)?;
        Ok(Self { way })
    }

    pub(super) fn root(&mut self) -> Result<String, HsmFault> {
        self.way.with(|open| Ok(open.present()?.0))
    }

    pub(super) fn wrap(
        &mut self,
        key: &[u8; 32],
        bound: &[u8],
    ) -> Result<(String, Vec<u8>), HsmFault> {
        self.way.with(|open| {
            let (name, root) = open.present()?;
            let wrapped = encrypted(open, root, &binding(&name, bound), key)?;
            Ok((name, wrapped))
        })
    }

    pub(super) fn unwrap(
        &mut self,
        root: &str,
        wrapped: &[u8],
        bound: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, HsmFault> {
        self.way.with(|open| {
            let key = open.named(root)?;
            let key = key.ok_or_else(|| HsmFault::UnknownRoot(root.to_owned()))?;
            let aad = binding(root, bound);
            match decrypted(open, key, &aad, wrapped)? {
                Ok(key) => Ok(key),
                Err(Error::Pkcs11(
                    RvError::EncryptedDataInvalid | RvError::EncryptedDataLenRange,
                    _,
                )) => Err(HsmFault::DoesNotOpen),
                // Modules call a wrong tag by many names: a token that can still do it has
                // found that this is not what it has wrapped.
                Err(error) => match probed(open, key) {
                    Ok(()) => Err(HsmFault::DoesNotOpen),
                    Err(_) => Err(error.into()),
                },
            }
        })
    }

    pub(super) fn knows(&mut self, root: &str) -> Result<bool, HsmFault> {
        let known = self.way.with(|open| match open.named(root)? {
            Some(_) => Ok(()),
            None => Err(HsmFault::UnknownRoot(root.to_owned())),
        });
        match known {
            Err(HsmFault::UnknownRoot(_)) => Ok(false),
            known => known.map(|()| true),
        }
    }

    pub(super) fn make_root(&mut self) -> Result<String, HsmFault> {
        self.way.with(|open| match open.present() {
            Err(HsmFault::NoKey(_)) => {
                let key = open.generate(State::Present)?;
                open.name_of(key)
            }
            present => Ok(present?.0),
        })
    }

    /// Each step can be the last one before a loss of power, and the next run goes on from it.
    pub(super) fn rotate(&mut self) -> Result<String, HsmFault> {
        self.way.with(|open| {
            if open.one(State::Former)?.is_none() {
                let present = open.one(State::Present)?;
                let present = present.ok_or_else(|| HsmFault::NoKey(open.label.clone()))?;
                if open.one(State::Next)?.is_none() {
                    open.generate(State::Next)?;
                }
                open.put(present, State::Former)?;
            }
            if let Some(next) = open.one(State::Next)? {
                open.put(next, State::Present)?;
            }
            Ok(open.present()?.0)
        })
    }

    /// The former key is kept, and marked: backups of the key store may need it.
    pub(super) fn let_go(&mut self) -> Result<(), HsmFault> {
        self.way.with(|open| retire(open, &[State::Former]))
    }

    pub(super) fn leave(&mut self) -> Result<(), HsmFault> {
        let states = [State::Former, State::Next, State::Present];
        self.way.with(|open| retire(open, &states))
    }

    pub(super) fn former(&mut self) -> Result<Vec<String>, HsmFault> {
        self.way.with(|open| {
            let keys = open.all(State::Retired)?;
            keys.into_iter().map(|key| open.name_of(key)).collect()
        })
    }

    pub(super) fn destroy(&mut self, root: &str) -> Result<(), HsmFault> {
        self.way.with(|open| {
            for key in open.all(State::Retired)? {
                if open.name_of(key)? == root {
                    open.found.remove(root);
                    return Ok(open.changing()?.destroy_object(key)?);
                }
            }
            Err(HsmFault::NotFormer(root.to_owned()))
        })
    }

    pub(super) fn health(&mut self) -> Result<(), HsmFault> {
        self.way.with(|open| {
            let (_, key) = open.present()?;
            probed(open, key)
        })
    }
}

fn retire(open: &mut Open, states: &[State]) -> Result<(), HsmFault> {
    for state in states {
        for key in open.all(*state)? {
            open.put(key, State::Retired)?;
        }
    }
    Ok(())
}

/// To what a wrapped key is bound: AES-GCM does not commit to its key, so the root is said, too.
fn binding(root: &str, bound: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(64 + bound.len());
    for part in [b"liaison/pkcs11/1", root.as_bytes(), bound] {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part);
    }
    aad
}

fn encrypted(
    open: &Open,
    key: ObjectHandle,
    aad: &[u8],
    text: &[u8; 32],
) -> Result<Vec<u8>, HsmFault> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| HsmFault::Failed("no randomness".to_owned()))?;
    let how = Mechanism::AesGcm(GcmParams::new(&mut nonce, aad, TAG_BITS.into())?);
    let sealed = open.session.encrypt(&how, key, text)?;
    drop(how);
    // Read after the call: a token that chooses nonces itself has put its own there.
    let mut wrapped = vec![AES_GCM];
    wrapped.extend_from_slice(&nonce);
    wrapped.extend_from_slice(&sealed);
    Ok(wrapped)
}

/// What was encrypted; or why the module did not decrypt it.
fn decrypted(
    open: &Open,
    key: ObjectHandle,
    aad: &[u8],
    wrapped: &[u8],
) -> Result<Result<Zeroizing<[u8; 32]>, Error>, HsmFault> {
    let Some(([AES_GCM, nonce @ ..], sealed)) = wrapped.split_first_chunk::<{ 1 + NONCE }>() else {
        return Err(HsmFault::DoesNotOpen);
    };
    let mut nonce = *nonce;
    let how = Mechanism::AesGcm(GcmParams::new(&mut nonce, aad, TAG_BITS.into())?);
    let text = match open.session.decrypt(&how, key, sealed) {
        Ok(text) => Zeroizing::new(text),
        Err(error) => return Ok(Err(error)),
    };
    let text: [u8; 32] = text
        .as_slice()
        .try_into()
        .map_err(|_| HsmFault::DoesNotOpen)?;
    Ok(Ok(Zeroizing::new(text)))
}

/// Whether a key wraps and unwraps.
fn probed(open: &Open, key: ObjectHandle) -> Result<(), HsmFault> {
    let aad = binding("", b"probe");
    let wrapped = encrypted(open, key, &aad, &PROBE)?;
    let text = decrypted(open, key, &aad, &wrapped)??;
    if *text == PROBE {
        Ok(())
    } else {
        Err(HsmFault::DoesNotOpen)
    }
}
