//! The counting and its control, against a reader who tries everything.

mod dockets;
mod exposed;
mod sequences;
