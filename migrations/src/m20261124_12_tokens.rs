//! Tokens: what was issued and revoked, refresh tokens, clients' proofs.

use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // Of a token the hash of its id alone: who has the database has no token.
    NewTable::named(manager, "token")
        .text_key("id")
        .text("subject", true)
        .id("mechanism", true)
        .text("client", true)
        .text("scope", true)
        .number("issued_at", true)
        .number("until", true)
        .number("revoked_at", false)
        .id("family", false)
        .create(manager, &[&["mechanism"], &["until"], &["family"]])
        .await?;
    NewTable::named(manager, "token_family")
        .key("id")
        .text("subject", true)
        .id("mechanism", true)
        .text("client", true)
        .text("scope", true)
        .number("life", true)
        .number("epoch", true)
        .text("thumbprint", false)
        .number("until", true)
        .number("ended_at", false)
        .create(manager, &[&["mechanism"], &["until"]])
        .await?;
    NewTable::named(manager, "refresh_token")
        .text_key("hash")
        .id("family", true)
        .number("used_at", false)
        .create(manager, &[&["family"]])
        .await?;
    NewTable::named(manager, "revocation")
        .number("n", true)
        .text("kind", true)
        .text("name", true)
        .text("mechanism", false)
        .number("at", true)
        .keyed_by(&["n"])
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "client_epoch")
        .text("client", true)
        .id("mechanism", true)
        .number("epoch", true)
        .keyed_by(&["client", "mechanism"])
        .create(manager, &[])
        .await?;
    let proof = "ALTER TABLE client ADD COLUMN dpop TEXT";
    let connection = manager.get_connection();
    connection.execute_unprepared(proof).await.map(|_| ())
});
