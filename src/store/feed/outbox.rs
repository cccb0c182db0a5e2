//! The outbox: what an act has written, in its own transaction.

use sea_orm::ConnectionTrait;

use crate::{
    id::RecordId,
    identity::kind::Kind,
    journal::EntryKind,
    store::writer::{WriteError, Writer},
};

/// What has to be looked at after an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    /// Nothing: no record says anything else, or to anybody else, than before.
    Nothing,
    /// The records that it has written.
    Written,
    /// All: it changes what others hold, or who is told of it.
    All,
}

impl After {
    fn of(kind: EntryKind) -> Self {
        match kind {
            EntryKind::OpenVictim
            | EntryKind::TokenIssue
            | EntryKind::TokenRevoke
            | EntryKind::GrantGive
            | EntryKind::GrantEnd
            | EntryKind::HolderMap
            | EntryKind::HolderUnmap
            | EntryKind::ClientAdmit
            | EntryKind::MatchEvaluate
            | EntryKind::SameMatterAsk
            | EntryKind::SameMatterRefuse
            | EntryKind::SameMatterCompare
            | EntryKind::SameMatterAlarm
            | EntryKind::VisitOverlapTell
            | EntryKind::SameMatterAnswer
            | EntryKind::SameMatterRegister
            | EntryKind::SameMatterTokens
            | EntryKind::SameMatterCanary
            | EntryKind::SideBySideAgree
            | EntryKind::SideBySideOpen
            | EntryKind::SubjectKey
            | EntryKind::DisclosureAsk
            | EntryKind::DisclosureRefuse
            | EntryKind::WitnessAdd
            | EntryKind::WitnessRemove
            | EntryKind::StatsZeros
            | EntryKind::KeyEpoch
            | EntryKind::KeyRoot
            | EntryKind::KeyProvider
            | EntryKind::KeyEscrow
            | EntryKind::KeyDestroy => Self::Nothing,
            EntryKind::Write
            | EntryKind::PersonCorrect
            | EntryKind::LabelRaise
            | EntryKind::ProposeStats
            | EntryKind::ReleaseStats
            | EntryKind::RefuseStats => Self::Written,
            EntryKind::HolderInvite
            | EntryKind::HolderAdmit
            | EntryKind::HolderAmend
            | EntryKind::LabelName
            | EntryKind::LabelUnname
            | EntryKind::DeclassifyRequest
            | EntryKind::DeclassifyApprove
            | EntryKind::DeclassifyRefuse
            | EntryKind::ChannelDraft
            | EntryKind::ChannelSign
            | EntryKind::ChannelSuspend
            | EntryKind::ChannelResume
            | EntryKind::ChannelTerminate
            | EntryKind::ConsentRecord
            | EntryKind::VitalInterestInvoke
            | EntryKind::VitalInterestConfirm
            | EntryKind::VitalInterestRefuse
            | EntryKind::VitalInterestEnd
            | EntryKind::RecordRetire
            | EntryKind::RecordRestore
            | EntryKind::RecordHold
            | EntryKind::RecordExpunge
            | EntryKind::Erase
            | EntryKind::Restore
            | EntryKind::RestoreConfirm => Self::All,
        }
    }
}

impl Writer {
    /// Puts into the outbox what has to be looked at after an act of this kind.
    pub(in crate::store) async fn post(&self, kind: EntryKind) -> Result<(), WriteError> {
        match After::of(kind) {
            After::Nothing => Ok(()),
            After::All => self.post_one(None).await,
            After::Written => {
                let mut once = [self.written.as_slice(), &self.moved].concat();
                once.sort_unstable();
                once.dedup();
                for one in once {
                    self.post_one(Some(one)).await?;
                }
                Ok(())
            }
        }
    }

    /// Has the feeds begin anew that hold a record still, as nobody has looked since it was
    /// retired: that it is gone can't be told any more without naming it.
    pub(in crate::store) async fn begin_feeds_of(
        &self,
        record: RecordId,
    ) -> Result<(), WriteError> {
        for begins_anew in [
            "UPDATE feed_view SET begun = begun + 1, looked = looked + 1, last = 0, at = 0 \
             WHERE view IN (SELECT view FROM feed_record WHERE gone IS NULL AND record = ",
            "DELETE FROM feed_record WHERE view IN \
             (SELECT view FROM feed_record WHERE gone IS NULL AND record = ",
        ] {
            let mut sql = self.sql();
            sql.push(begins_anew).bind(record.0).push(")");
            self.transaction().execute_raw(sql.into_statement()).await?;
        }
        Ok(())
    }

    /// Acts are one after the other, and each adds to the log: the log's next number is higher
    /// than that of every act before.
    async fn post_one(&self, written: Option<(Kind, RecordId)>) -> Result<(), WriteError> {
        let mut sql = self.sql();
        sql.push("INSERT INTO outbox (id, n, kind, record) SELECT ");
        sql.bind(RecordId::random().0);
        sql.push(", COALESCE(MAX(n), 0) + 1, ");
        match written {
            Some((kind, id)) => {
                sql.bind(kind.code()).push(", ").bind(id.0);
            }
            None => {
                sql.push("NULL, NULL");
            }
        }
        sql.push(" FROM audit_leaf");
        self.transaction().execute_raw(sql.into_statement()).await?;
        Ok(())
    }
}
