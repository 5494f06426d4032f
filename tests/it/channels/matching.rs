//! Which channel of a contact is the template's, and that no activation is lost. The table beside
//! `request/channels` has every rule; these are the lives that the rules are for.

use emulator::contacts::Channel;
use serde_json::{Value, json};

use super::update::updated;
use super::{MOBILE, activate, channel, channels, mail, person, under_each_answer};
use crate::fixture::{Fixture, success, with};

/// The template of a list such as `mobile:0107, desk:V0108, mail:M`: SMS, VOICE and EMAIL.
fn template(list: &str) -> Value {
    let of_text = |text: &str| {
        let (name, end) = text.trim_end_matches('!').split_once(':').unwrap();
        match end.strip_prefix('V') {
            _ if end == "M" => mail(),
            Some(digits) => channel(name, "VOICE", &format!("+1206555{digits}")),
            None if MOBILE.ends_with(end) => channel(name, "SMS", MOBILE),
            None => channel(name, "SMS", &format!("+1206555{end}")),
        }
    };
    person(&list.split(", ").map(of_text).collect::<Vec<_>>())
}

/// The channels as such a list, each with `!` if it is activated and with `*` if the plan has it.
pub(super) fn shown(fixture: &Fixture) -> String {
    let plan = fixture.contact("akuam").plan.to_string();
    let shown = channels(fixture).into_iter().map(|it| {
        let digits = &it.address[it.address.len() - 4..];
        let end = match it.channel_type.as_str() {
            "EMAIL" => "M".to_owned(),
            "VOICE" => format!("V{digits}"),
            _ => digits.to_owned(),
        };
        let [active, planned] = [it.is_activated, plan.contains(&it.arn)].map(u8::from);
        let marks = ["", "!", "*", "!*"][usize::from(active + 2 * planned)];
        format!("{}:{end}{marks}", it.name)
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// What persons do: `mobile:0107!` adds an activated channel, `mobile:0107` another one,
/// `mobile=0108` changes an address, `mobile-` removes.
fn act(fixture: &Fixture, acts: &str) {
    for act in acts.split(", ").filter(|act| !act.is_empty()) {
        let arn =
            |name: &str| channels(fixture).into_iter().find(|it| it.name == name).unwrap().arn;
        if let Some(name) = act.strip_suffix('-') {
            let id = arn(name);
            fixture.backend(|backend| backend.remove_channel(&id));
        } else if let Some((name, digits)) = act.split_once('=') {
            let id = arn(name);
            let address = format!("+1206555{digits}");
            fixture.backend(|backend| backend.channel_mut(&id).unwrap().address = address);
        } else {
            let it = template(act)["Channels"][0].clone();
            let [name, kind] = ["Name", "Type"].map(|member| it[member].as_str().unwrap());
            let address = it["DeliveryAddress"]["SimpleAddress"].as_str().unwrap();
            let is_activated = act.ends_with('!');
            fixture.backend(|it| it.add_channel("akuam", name, kind, address, is_activated));
        }
    }
}

/// What persons do, the next template, and what there is once it is deployed.
type Step = (&'static str, &'static str, &'static str);

/// A template, with `!` for what its owner activates; and what follows. `adopts` begins with a
/// contact of nobody. After `refused`, the template is not deployed and only counts as the old one.
#[rustfmt::skip]
const LIVES: [(&str, &[Step]); 23] = [
    // The new phone, and its rollback.
    ("mobile:0107!", &[("", "old mobile:0107, mobile:0108", "old mobile:0107!*, mobile:0108*"),
        ("", "mobile:0107", "mobile:0107!*")]),
    ("mobile:0107!", &[("", "mobile:0108", "mobile-old:0107!, mobile:0108*"), ("", "mobile:0107", "mobile:0107!*")]),
    ("mobile:0107", &[("", "mobile:0108, mail:M", "mobile:0108*, mail:M*"), ("", "mobile:0107", "mobile:0107*")]),
    ("a:0107!, b:0108!, c:0109!", &[("", "a:0108, b:0109", "a-old:0107!, a:0108!*, b:0109!*"),
        ("", "a:0107, b:0108, c:0109", "a:0107!*, b:0108!*, c:0109!*")]),
    ("a:0107!, b:0108!, c:0109!", &[("", "a:0108, b:0109, c:0107", "c:0107!*, a:0108!*, b:0109!*"),
        ("", "a:0107, b:0108, c:0109", "a:0107!*, b:0108!*, c:0109!*")]),
    ("a:0107!, b:0108!", &[("", "a:0108, b:0107", "b:0107!*, a:0108!*"),
        ("", "a:0107, b:0108", "a:0107!*, b:0108!*")]),
    ("a:0107!, b:0108!", &[("", "a:0109, b:0107, c:0108", "b:0107!*, c:0108!*, a:0109*"),
        ("", "a:0107, b:0108", "a:0107!*, b:0108!*")]),
    ("a:0107!, b:0108!", &[("", "one:0108, two:0107", "two:0107!*, one:0108!*"),
        ("", "a:0107, b:0108", "a:0107!*, b:0108!*")]),
    // Dropped, and added again with a new number or with its own.
    ("mobile:0107!, mail:M", &[("", "mail:M", "mobile:0107!, mail:M*"),
        ("", "mobile:0107, mail:M", "mobile:0107!*, mail:M*")]),
    ("mobile:0107!, mail:M", &[("", "mail:M", "mobile:0107!, mail:M*"),
        ("", "mail:M, mobile:0108", "mobile-old:0107!, mail:M*, mobile:0108*"),
        ("", "mail:M", "mobile-old:0107!, mail:M*"),
        ("", "mobile:0107, mail:M", "mobile:0107!*, mail:M*")]),
    // Its owner has changed it, and then the template does.
    ("mobile:0107!", &[("mobile=0108", "mobile:0107", "mobile:0108!*"), ("", "refused mobile:0109", ""),
        ("", "mobile:0107", "mobile:0108!*"),
        ("", "mobile:0109", "mobile-old:0108!, mobile:0109*")]),
    // A late or skipped write.
    ("mobile:0107", &[("mobile=0108", "mobile:0107", "mobile:0107*")]),
    // Her own channel with the template's number.
    ("mail:M", &[("my phone:0107!", "mail:M, mobile:0107", "mail:M*, mobile:0107!*")]),
    ("mobile:0107", &[("mobile=0109, my phone:0107!", "mobile:0107", "mobile-old:0109, mobile:0107!*")]),
    // Several channels of one Name.
    ("mobile:0107", &[("mobile:0107!", "mobile:0107", "mobile:0107!*")]),
    ("mobile:0107", &[("mobile:0108!, mobile=0109", "mobile:0107", "mobile:0109, mobile:0108!*")]),
    // Another type under a Name.
    ("mobile:0107", &[("", "mobile:V0107", "mobile:V0107*"), ("", "mobile:0107", "mobile:0107*")]),
    ("mobile:0107!", &[("", "mobile:V0107", "mobile-old:0107!, mobile:V0107*"),
        ("", "mobile:0107", "mobile:0107!*")]),
    // It was deleted outside.
    ("mobile:0107", &[("mobile-", "mobile:0107", "mobile:0107*")]),
    ("adopts", &[("mobile:V0108!", "mobile:0107", "mobile-old:V0108!, mobile:0107*")]),
    ("adopts", &[("mobile:V0108", "mobile:0107", "mobile-old:V0108, mobile:0107*")]),
    ("adopts", &[("mobile:0108!", "mobile:0107", "mobile-old:0108!, mobile:0107*")]),
    ("adopts", &[("mobile:0108", "mobile:0107", "mobile:0107*")]),
];

#[tokio::test]
async fn contract_no_life_of_a_persons_channels_loses_an_activation() {
    under_each_answer(async |fixture| {
        for (first, steps) in LIVES {
            fixture.backend(|backend| backend.remove("akuam"));
            let mut old = Value::Null;
            if first == "adopts" {
                fixture.seed("akuam", &[]);
            } else {
                old = template(first);
                success(&fixture.create(&old).await);
                let names = first.split(", ").filter(|it| it.ends_with('!'));
                names.for_each(|it| activate(&fixture, it.split_once(':').unwrap().0));
            }
            for (acts, text, found) in steps {
                if let Some(text) = text.strip_prefix("refused ") {
                    old = with(&template(text), json!({"Colour": "red"}));
                    continue;
                }
                act(&fixture, acts);
                let before = channels(&fixture);
                let new = template(text);
                if old.is_null() {
                    let adopting = with(&new, json!({"AdoptExisting": "true"}));
                    success(&fixture.create(&adopting).await);
                } else {
                    updated(&fixture, &old, &new).await;
                }
                assert_eq!(shown(&fixture), *found, "{first}, then {text}");
                let after = channels(&fixture);
                for channel in before.into_iter().filter(|it| it.is_activated) {
                    let same = |it: &&Channel| it.arn == channel.arn;
                    let name = after.iter().find(same).map(|it| it.name.clone());
                    let kept = Channel { name: name.unwrap(), ..channel };
                    assert!(after.contains(&kept), "{first}, then {text}: {kept:?}");
                }
                old = new;
            }
        }
    })
    .await;
}
