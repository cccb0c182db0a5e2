//! The tables of communications and persons, and of the edges between them.

use super::graphql::PersonName;
use crate::{
    date::PartialDate,
    domain,
    vocabulary::{
        CommunicationKind, CommunicationStatus, InadmissibilityGround, PersonRole, SourceKind,
    },
};

domain! {
    /// A communication: a case, complaint, petition, application, letter, appeal or
    /// request for measures before a mechanism.
    Communication, kind Communication, table "communication" {
        columns {
            /// Reference under which the mechanism keeps it; not sequential.
            reference: String [Public],
            /// What kind of communication it is.
            kind: CommunicationKind [Public],
            /// Where it stands, on the canonical list that all mechanisms share.
            status: CommunicationStatus [Public],
            /// Whether it is a joint one, of several mandates or mechanisms.
            joint: bool [Public],
            /// Short title, without the name of anybody concerned.
            title: String [Public],
            /// When it was received.
            received_on: PartialDate [Public],
            /// When it was registered, or the mechanism was seized of it.
            registered_on: PartialDate [Public],
            /// When it was transmitted to the State.
            transmitted_on: PartialDate [Public],
            /// When it was decided.
            decided_on: PartialDate [Public],
            /// On what ground it was found inadmissible.
            inadmissibility_ground: InadmissibilityGround [Public],
            /// The outcome, in a sentence.
            outcome: String [Public],
            /// Symbol of the decision.
            symbol: String [Public],
            /// Articles invoked.
            articles: Vec<String> [Public],
            /// The secretariat's own note on the docket.
            docket_note: String [Secretariat],
            /// What kind of source it came from: the secretariat's own knowledge.
            source_kind: SourceKind [Secretariat],
            /// When what it is about happened, as far as it is known.
            happened_on: PartialDate [Secretariat],
            /// Whether the alleged victim lodged it, or gave the authority to lodge it.
            with_authority: bool [Secretariat],
        }
        sealed {}
        edges {
            mechanism [Public],
            status_label [Public],
            countries [Public],
            mandates [Public],
            issues [Public],
            joined_to [Public],
        }
        lists { persons, interim_measures, texts, translations }
        keys { mechanism_id }
    }
}

domain! {
    /// A person's part in a communication.
    CommunicationPerson, kind CommunicationPerson, table "communication_person" {
        columns {
            /// What part the person has in it.
            role: PersonRole [Secretariat],
        }
        sealed {}
        edges {
            communication [Secretariat],
            person [Secretariat],
        }
        keys { communication_id, person_id }
    }
}

domain! {
    /// A person concerned by a communication. What identifies the person is sealed.
    Person, kind Person, table "person" {
        columns {}
        sealed {
            /// Names of the person, in each script in which they are known.
            names: Vec<PersonName> [Victim],
            /// Date of birth.
            birth_date: String [Victim],
            /// How the person can be reached.
            contact: String [Victim],
        }
        edges {}
        lists { communications }
        keys {}
    }
}
