//! Tests of the engine as a whole; those of one file stand in it.

mod keys;
mod recall;
mod rules;
mod tokens;
