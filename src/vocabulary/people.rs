//! What a person is in a communication.

use super::codes::codes;

codes! {
    /// What a person is in a communication.
    ///
    /// The author need not be the alleged victim; one person may have several roles.
    pub PersonRole {
        /// The person whose rights are said to have been violated.
        AllegedVictim => "ALLEGED_VICTIM",
        /// Who submitted an individual communication to a treaty body.
        Author => "AUTHOR",
        /// Who submitted a complaint to CAT, or a communication to the ACHPR.
        Complainant => "COMPLAINANT",
        /// Who lodged a petition with the IACHR.
        Petitioner => "PETITIONER",
        /// Who lodged an application with a court.
        Applicant => "APPLICANT",
        /// A relative of the alleged victim.
        NextOfKin => "NEXT_OF_KIN",
        /// Counsel, or another person who acts for the alleged victim.
        Representative => "REPRESENTATIVE",
        /// Who gave the information; kept confidential by special procedures.
        Source => "SOURCE",
        /// Who testifies to the facts.
        Witness => "WITNESS",
        /// Whom an urgent or precautionary measure protects.
        Beneficiary => "BENEFICIARY",
        /// Who was given leave to make submissions without being a party.
        ThirdPartyIntervener => "THIRD_PARTY_INTERVENER",
        /// Who is said to have committed the acts complained of.
        AllegedPerpetrator => "ALLEGED_PERPETRATOR",
        /// The member of the body who prepares its decision.
        Rapporteur => "RAPPORTEUR",
    }
}
