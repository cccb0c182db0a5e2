//! The table of organisations.

use crate::{domain, vocabulary::OrganisationKind};

domain! {
    /// An organisation, or a category of actors, which is not itself a mechanism.
    Organisation, kind Organisation, table "organisation" {
        columns {
            /// Code by which this hub speaks of it.
            code: String [Public],
            /// Its official name, in English.
            name: String [Public],
            /// Its acronym.
            acronym: String [Public],
            /// What kind of organisation it is.
            kind: OrganisationKind [Public],
        }
        sealed {}
        edges {
            parent [Public],
        }
        lists { members, mechanisms, texts, translations }
        keys { parent_id }
    }
}
