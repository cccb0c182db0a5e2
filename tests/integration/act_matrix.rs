//! Every act of the schema, by everyone of the cast, on what CAT keeps: done, or refused,
//! and how. A new act is in the table unasked, and the test fails until it is tried.

use crate::support::{
    cast::{Cast, Stage},
    golden,
    harness::{Backend, Suite},
    house::House,
    ready::{Owner, acts, ask_each_other, widest},
};

const GOLDEN: &str = "tests/golden/acts-by-cast.txt";

pub(crate) fn register(suite: &mut Suite) {
    suite.test("every_act_is_done_or_refused_as_the_table_says", table);
}

async fn table(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    let house = &stage.house;
    let owner = Owner::of(house).await;
    ask_each_other(house).await;
    let mut tokens = Vec::new();
    for cast in Cast::ALL {
        tokens.push(match cast.holder() {
            Some(holder) => Some(widest(house, holder).await),
            None => None,
        });
    }
    let mut table =
        "Every act on what CAT keeps, by who asks for it with the widest token\n".to_owned();
    for (title, discreet) in [
        ("what a clause may open", false),
        ("what nobody else may know of", true),
    ] {
        table.push_str(&format!("\n{title:30}"));
        for cast in Cast::ALL {
            table.push_str(&format!("{:>14}", cast.name()));
        }
        table.push('\n');
        for (name, kind) in acts(house).await {
            table.push_str(&format!("  {name:28}"));
            for token in &tokens {
                let input = owner.ready(&name, discreet).await;
                let told = "__typename";
                let act = (name.as_str(), kind.as_str());
                let answer = house.act(token.as_deref(), act, &input, told).await;
                let code = answer["userErrors"][0]["code"].as_str();
                table.push_str(&format!("{:>14}", code.unwrap_or("done")));
            }
            table.push('\n');
        }
    }
    golden::compare(GOLDEN, &table);
}
