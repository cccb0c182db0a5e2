//! Tests of the blind tokens.

mod measure;
mod same;
mod shares;
mod vectors;
