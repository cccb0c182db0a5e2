//! What the schema shows of an organisation.

use super::Organisation;
use crate::{country::Country, edges, mechanism::Mechanism, store::page::Under};

edges! {
    /// Where an organisation leads to.
    OrganisationEdges of Organisation {
        one {
            /// The organisation that it is part of.
            parent: Organisation, by "parent_id";
        }
        many {}
        lists {
            /// Countries that are its members; dated in `asOf`.
            members: Country, Under::Linked("member_of");
            /// Mechanisms that belong to it.
            mechanisms: Mechanism, Under::Key("organisation_id");
        }
        told {}
    }
    texts { texts, translations }
}
