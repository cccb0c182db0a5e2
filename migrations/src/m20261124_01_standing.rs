//! Who holds, names and concerns a record; who may bear a token, and since when.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "record_owner")
        .id("record", true)
        .id("mechanism", true)
        .keyed_by(&["record", "mechanism"])
        .create(manager, &[&["mechanism", "record"]])
        .await?;
    NewTable::named(manager, "record_named")
        .id("record", true)
        .id("mechanism", true)
        .number("until", true)
        .keyed_by(&["record", "mechanism"])
        .create(manager, &[&["mechanism", "record"]])
        .await?;
    NewTable::named(manager, "record_country")
        .id("record", true)
        .text("country", true)
        .keyed_by(&["record", "country"])
        .check("length(country) = 3 AND country = upper(country)")
        .create(manager, &[&["country", "record"]])
        .await?;
    NewTable::named(manager, "record_topic")
        .id("record", true)
        .text("topic", true)
        .keyed_by(&["record", "topic"])
        .create(manager, &[&["topic", "record"]])
        .await?;
    NewTable::named(manager, "link")
        .id("source", true)
        .text("name", true)
        .id("target", true)
        .keyed_by(&["source", "name", "target"])
        .create(manager, &[&["target", "name", "source"]])
        .await?;
    NewTable::named(manager, "institution")
        .key("mechanism")
        .text("code", true)
        .flag("state", true)
        .number("epoch", true)
        .number("accredited_from", false)
        .number("accredited_until", false)
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "holder")
        .text_key("subject")
        .id("mechanism", true)
        .text("kind", true)
        .text("clearance", true)
        .text("roles", true)
        .number("epoch", true)
        .flag("suspended", true)
        .create(manager, &[&["mechanism"]])
        .await?;
    NewTable::named(manager, "client")
        .text_key("id")
        .text("cap", true)
        .number("epoch", true)
        .create(manager, &[])
        .await
});
