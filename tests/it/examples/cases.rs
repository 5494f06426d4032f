//! Templates as people have them, played with the real function.

use emulator::cloudformation::Status;
use emulator::contacts_to_json;
use emulator::deployment::{File, Request};
use emulator::template::AccountValues;

use super::example::play;
use crate::fixture::Fixture;

/// The request of `stack` for these templates of the emulator's tests.
fn request(names: &[&str]) -> Request {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emulator/tests/cases");
    let file = |name: &&str| File {
        name: (*name).to_owned(),
        text: std::fs::read_to_string(format!("{folder}/{name}")).unwrap(),
    };
    let people = (0..10).map(|number| {
        let name = format!("/on-call/person-{number}");
        (name, format!("person{number}@example.com"))
    });
    Request {
        templates: names.iter().map(file).collect(),
        account: AccountValues { ssm: people.collect(), ..AccountValues::default() },
        ..Request::default()
    }
}

#[tokio::test]
async fn what_cdk_makes_and_a_replication_set_of_the_template_play() {
    for name in ["cdk-synth.json", "replication-set.yaml"] {
        let fixture = Fixture::start().await;
        let (as_asked, reports) = play(&fixture, &request(&[name])).await;
        assert!(as_asked, "{name}: {reports:#?}");
        assert_eq!(reports[0].contacts.len(), 1, "{name}");
        assert!(reports[1].contacts.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn people_of_a_list_are_created_updated_and_rolled_back() {
    let people: Vec<String> = (0..10).map(|number| format!("person-{number}")).collect();
    let mut request = request(&["people-of-a-list.yaml", "people-of-a-list.yaml"]);
    let given = ("People".to_owned(), people.join(","));
    request.parameters = [given].into();
    request.templates[1].text = request.templates[1].text.replace("Default: 5", "Default: 10");
    request.fail = Some("Ofperson9".to_owned());
    let fixture = Fixture::start().await;
    let (as_asked, reports) = play(&fixture, &request).await;
    assert!(!as_asked);
    assert_eq!(reports.len(), 2, "nothing follows");
    assert_eq!(reports[0].status, Some(Status::CreateComplete));
    assert_eq!(reports[0].contacts.len(), 10);
    assert_eq!(reports[0].outputs.len(), 10);
    assert_eq!(reports[1].status, Some(Status::UpdateRollbackComplete));
    assert_eq!(reports[1].contacts, reports[0].contacts);

    request.fail = None;
    let fixture = Fixture::start().await;
    let (as_asked, reports) = play(&fixture, &request).await;
    assert!(as_asked, "{reports:#?}");
    let minutes = &reports[1].contacts[3]["Plan"]["Stages"][0]["DurationInMinutes"];
    assert_eq!(minutes, 10);
    let left = fixture.emulator.contacts.backend(|it| contacts_to_json(it));
    assert!(left.is_empty());
}
