//! Who asks: tokens, holders, and the viewer that they make.

pub mod claims;
pub mod dpop;
pub mod elsewhere;
pub mod holder;
pub mod kind;
pub mod purpose;
pub mod scope;
pub mod token;
pub mod viewer;
pub mod watch;
