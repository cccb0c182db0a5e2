//! The tables of agreements and clauses.

use crate::{
    clock::Moment,
    confidentiality::{Level, stored::Codes},
    date::PartialDate,
    domain,
    vocabulary::{AgreementForm, AgreementStatus, ClausePurpose, InformationKind},
};

domain! {
    /// An agreement between mechanisms, of whatever form.
    Agreement, kind Agreement, table "agreement" {
        columns {
            /// What it is called.
            title: String [Public],
            /// Its form.
            form: AgreementForm [Public],
            /// Whether it is in force.
            status: AgreementStatus [Public],
            /// When it was signed.
            signed_on: PartialDate [Public],
            /// What it is about.
            scope: String [Public],
            /// From when it is in force.
            valid_from: Moment [Public],
            /// Until when it is in force; evaluated when read.
            valid_until: Moment [Public],
            /// At which level it is known that it is there, once every party has signed.
            known_to: Level [Secretariat],
        }
        sealed {}
        edges {
            parties [Partner, floor Public],
            signatories [Channel, floor Public],
            suspended_by [Secretariat, floor Public],
            opens [Channel],
        }
        lists { clauses, texts, translations }
        keys { proposer_id }
    }
}

domain! {
    /// A clause: what one party lets another see, of which kinds, States and themes,
    /// up to which level, for which purposes and how long.
    Clause, kind Clause, table "clause" {
        columns {
            /// Kinds of information that it covers; none where the list is empty.
            kinds: Codes<InformationKind> [Channel],
            /// ISO alpha-3 codes of the States that it names, or `ALL`.
            countries: Vec<String> [Channel],
            /// Codes of the themes that it names, or `ALL`.
            topics: Vec<String> [Channel],
            /// The highest level that it opens.
            cap: Level [Channel],
            /// Purposes for which the information may be used.
            purposes: Codes<ClausePurpose> [Channel],
            /// From when it holds.
            valid_from: Moment [Channel],
            /// Until when it holds.
            valid_until: Moment [Channel],
            /// Whether the recipient may pass the information on.
            onward_sharing: bool [Channel],
        }
        sealed {}
        edges {
            agreement [Channel],
            from_mechanism [Channel],
            to_mechanism [Channel],
            text [Channel],
        }
        keys { agreement_id, from_mechanism_id, to_mechanism_id }
    }
}
