//! Sealed values, the keys of the persons, their consents, and grants to officers.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "data_key")
        .key("id")
        .points_to("person", "person", true)
        .bytes("wrapped", true)
        .bytes("commitment", true)
        .create(manager, &[&["person"]])
        .await?;
    NewTable::named(manager, "sealed_field")
        .points_to("record", "person", true)
        .text("field", true)
        .number("version", true)
        .bytes("blob", true)
        .keyed_by(&["record", "field"])
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "consent")
        .key("id")
        .points_to("person", "person", true)
        .id("recipient", true)
        .text("purpose", true)
        .text("fields", true)
        .text("basis", true)
        .number("given_at", true)
        .number("valid_until", true)
        .create(manager, &[&["person"]])
        .await?;
    NewTable::named(manager, "disclosure_grant")
        .key("id")
        .points_to("person", "person", true)
        .text("holder", true)
        .id("mechanism", true)
        .text("purposes", true)
        .text("fields", true)
        .number("valid_from", true)
        .number("valid_until", true)
        .number("ended_at", false)
        .create(manager, &[&["holder"], &["person"]])
        .await
});
