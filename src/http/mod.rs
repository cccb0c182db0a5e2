//! The street door: what comes in over HTTP, and what goes out.
//!
//! Layers, outermost first: request id, log line and meters; security headers;
//! CORS; panics caught; time limit; body limit; the pages. Headers and CORS lie
//! outside the net for panics, so that a masked fault carries them too.

mod answer;
mod asked;
mod blind;
mod calendar;
mod documents;
mod explorer;
mod export;
mod graphql;
mod guard;
mod health;
mod hub;
mod kept;
mod listen;
mod log;
mod meters;
mod refusal;
mod router;
#[cfg(test)]
mod tests;
mod throttle;
mod token;
mod witness;

pub use self::{
    asked::Credential,
    blind::{NoEvaluation, key_holder_router},
    hub::{Edition, Hub, Refusal},
    listen::listen,
    log::{RequestId, keep_panics_short},
    router::{Door, router},
    throttle::Quota,
    token::Presented,
    witness::{FromWitness, ToWitness},
};
