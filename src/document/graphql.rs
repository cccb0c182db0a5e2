//! What the schema shows of a document.

use super::Document;
use crate::{
    edges,
    mechanism::Mechanism,
    organisation::Organisation,
    store::predicate::{Far, Via},
};

edges! {
    /// Where a document leads to.
    DocumentEdges of Document {
        one {
            /// The mechanism that issued it.
            mechanism: Mechanism, by "mechanism_id";
            /// The organisation that issued it, where it was no mechanism.
            organisation: Organisation, by "organisation_id";
        }
        many {}
        lists {}
        told {}
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
        organisation: Via::Key("organisation_id", Far::of::<Organisation>());
    }
}
