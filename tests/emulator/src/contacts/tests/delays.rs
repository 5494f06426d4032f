//! Tests of the switches that depend on time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::{ON_A_CONTACT, ON_TAGS, PHONE, arn, call, channel_arn, channel_names, code, invalid};
use crate::contacts::{Backend, ServiceError};

fn create(backend: &mut Backend, more: Value) -> Result<Value, ServiceError> {
    call(backend, "CreateContact", more)
}

/// A backend, and a function that sets the seconds of its clock.
fn with_clock() -> (Backend, impl Fn(u64)) {
    let seconds = Arc::new(AtomicU64::new(1000));
    let read = Arc::clone(&seconds);
    let mut backend = Backend::default();
    backend.set_clock(move || Duration::from_secs(read.load(Ordering::Relaxed)));
    (backend, move |now| {
        seconds.store(1000 + now, Ordering::Relaxed);
    })
}

fn tags(backend: &mut Backend) -> Vec<String> {
    let response = call(backend, "ListTagsForResource", json!({})).unwrap();
    let tags = response["Tags"].as_array().unwrap();
    tags.iter()
        .map(|tag| {
            format!(
                "{}={}",
                tag["Key"].as_str().unwrap(),
                tag["Value"].as_str().unwrap()
            )
        })
        .collect()
}

/// The input of a CreateContact with two tags.
fn tagged() -> Value {
    json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]})
}

fn tag(backend: &mut Backend, key: &str, value: &str) -> Result<Value, ServiceError> {
    let tags = json!([{"Key": key, "Value": value}]);
    backend.call(
        "TagResource",
        &json!({"ResourceARN": arn("akuam"), "Tags": tags}),
    )
}

#[test]
fn tags_of_a_create_are_returned_immediately_by_default() {
    let (mut backend, _) = with_clock();
    create(&mut backend, tagged()).unwrap();
    assert_eq!(tags(&mut backend), ["a=1", "b=1"]);
}

#[test]
fn tags_of_a_create_can_appear_after_those_of_tag_resource() {
    let (mut backend, set) = with_clock();
    backend.switches.tags_appear_after = Duration::from_secs(5);
    create(&mut backend, tagged()).unwrap();
    set(4);
    assert_eq!(tags(&mut backend), [""; 0]);
    assert_eq!(backend.contact("akuam").unwrap().tags.len(), 2);
    tag(&mut backend, "c", "2").unwrap();
    assert_eq!(tags(&mut backend), ["c=2"]);
    // TagResource also writes a value that is the same as that of CreateContact.
    tag(&mut backend, "b", "1").unwrap();
    assert_eq!(tags(&mut backend), ["b=1", "c=2"]);
    set(5);
    assert_eq!(tags(&mut backend), ["a=1", "b=1", "c=2"]);
}

#[test]
fn a_tag_changed_in_the_console_is_returned_immediately() {
    let (mut backend, _) = with_clock();
    backend.switches.tags_appear_after = Duration::from_secs(5);
    create(&mut backend, tagged()).unwrap();
    let contact = backend.contact_mut("akuam").unwrap();
    contact.tags.insert("a".to_owned(), "2".to_owned());
    assert_eq!(tags(&mut backend), ["a=2"]);
}

#[test]
fn tags_that_have_not_appeared_can_be_removed() {
    let (mut backend, set) = with_clock();
    backend.switches.tags_appear_after = Duration::from_secs(5);
    create(&mut backend, tagged()).unwrap();
    let remove = json!({"ResourceARN": arn("akuam"), "TagKeys": ["a"]});
    backend.call("UntagResource", &remove).unwrap();
    tag(&mut backend, "a", "1").unwrap();
    assert_eq!(tags(&mut backend), ["a=1"]);
    backend.call("UntagResource", &remove).unwrap();
    set(5);
    assert_eq!(tags(&mut backend), ["b=1"]);
}

#[test]
fn tags_that_have_not_appeared_count_toward_the_quota() {
    let (mut backend, _) = with_clock();
    backend.switches.tags_appear_after = Duration::from_secs(5);
    let many: Vec<Value> = (0..50)
        .map(|n| json!({"Key": format!("k{n}"), "Value": "v"}))
        .collect();
    create(&mut backend, json!({"Tags": many})).unwrap();
    tag(&mut backend, "k7", "w").unwrap();
    let refused = tag(&mut backend, "one-more", "w");
    assert_eq!(code(refused), "ServiceQuotaExceededException");
    assert_eq!(tags(&mut backend), ["k7=w"]);
}

#[test]
fn a_seeded_contact_and_its_tags_are_readable_immediately() {
    let (mut backend, _) = with_clock();
    backend.switches.tags_appear_after = Duration::MAX;
    backend.switches.readable_after = Duration::MAX;
    backend.seed("akuam", "PERSONAL", &[("a", "1")]);
    assert_eq!(tags(&mut backend), ["a=1"]);
}

/// The aliases that `ListContacts` returns.
fn listed(backend: &mut Backend) -> Vec<String> {
    let page = backend.call("ListContacts", &json!({})).unwrap();
    let contacts = page["Contacts"].as_array().unwrap();
    contacts
        .iter()
        .map(|contact| contact["Alias"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_contact_is_readable_immediately_by_default() {
    let (mut backend, _) = with_clock();
    create(&mut backend, json!({})).unwrap();
    assert_eq!(listed(&mut backend), ["akuam"]);
    for operation in ON_TAGS.into_iter().chain(ON_A_CONTACT) {
        call(&mut backend, operation, json!({})).unwrap();
    }
}

#[test]
fn a_contact_can_become_readable_later() {
    for gone_is_invalid_arn in [false, true] {
        let (mut backend, set) = with_clock();
        backend.switches.readable_after = Duration::from_secs(5);
        backend.switches.gone_is_invalid_arn = gone_is_invalid_arn;
        create(&mut backend, json!({})).unwrap();
        set(4);
        assert_eq!(listed(&mut backend), [""; 0]);
        for operation in ON_TAGS.into_iter().chain(ON_A_CONTACT) {
            let response = call(&mut backend, operation, json!({}));
            if gone_is_invalid_arn && ON_TAGS.contains(&operation) {
                assert_eq!(invalid(response), "Invalid resource Arn", "{operation}");
            } else {
                assert_eq!(code(response), "ResourceNotFoundException", "{operation}");
            }
        }
        assert!(backend.contact("akuam").is_some());
        assert!(backend.contacts().contains_key("akuam"));
        set(5);
        assert_eq!(listed(&mut backend), ["akuam"]);
        for operation in ON_TAGS.into_iter().chain(ON_A_CONTACT) {
            call(&mut backend, operation, json!({})).unwrap();
        }
        assert_eq!(listed(&mut backend), [""; 0]);
    }
}

#[test]
fn the_alias_of_an_unreadable_contact_is_in_use() {
    let (mut backend, _) = with_clock();
    backend.switches.readable_after = Duration::from_secs(5);
    create(&mut backend, json!({"IdempotencyToken": "t"})).unwrap();
    let other = json!({"IdempotencyToken": "u"});
    let refused = create(&mut backend, other.clone()).unwrap_err();
    assert_eq!(refused.code, "ConflictException");
    assert_eq!(refused.members["ResourceId"], arn("akuam"));
    backend.taken_alias_is_invalid = true;
    assert!(invalid(create(&mut backend, other)).contains("Alias"));
}

#[test]
fn a_token_returns_the_arn_of_an_unreadable_contact_by_default() {
    let (mut backend, _) = with_clock();
    backend.switches.readable_after = Duration::from_secs(5);
    let created = create(&mut backend, json!({"IdempotencyToken": "t"}));
    let again = create(&mut backend, json!({"IdempotencyToken": "t"}));
    assert_eq!((created.is_ok(), again), (true, created));
}

#[test]
fn a_token_can_conflict_until_its_contact_is_readable() {
    let (mut backend, set) = with_clock();
    backend.switches.readable_after = Duration::from_secs(5);
    backend.switches.same_token_conflicts_meanwhile = true;
    // The conflict is with the first CreateContact, not with the alias.
    backend.taken_alias_is_invalid = true;
    let token = json!({"IdempotencyToken": "t"});
    let created = create(&mut backend, token.clone());
    set(4);
    let refused = create(&mut backend, token.clone()).unwrap_err();
    assert_eq!(refused.code, "ConflictException");
    assert_eq!(refused.members["ResourceId"], arn("akuam"));
    let other = json!({"IdempotencyToken": "t", "DisplayName": "Akua"});
    assert!(invalid(create(&mut backend, other)).contains("token"));
    set(5);
    assert_eq!(create(&mut backend, token.clone()), created);
    backend.remove("akuam");
    assert_eq!(create(&mut backend, token), created);
}

#[tokio::test(start_paused = true)]
async fn the_default_clock_advances() {
    let mut backend = Backend::default();
    backend.switches.readable_after = Duration::from_secs(5);
    create(&mut backend, json!({})).unwrap();
    tokio::time::advance(Duration::from_secs(4)).await;
    assert_eq!(listed(&mut backend), [""; 0]);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(listed(&mut backend), ["akuam"]);
}

#[test]
fn the_creation_time_does_not_affect_equality() {
    let (mut backend, set) = with_clock();
    create(&mut backend, tagged()).unwrap();
    let before = backend.contact("akuam").cloned();
    set(5);
    tag(&mut backend, "a", "1").unwrap();
    assert_eq!(backend.contact("akuam").cloned(), before);
    tag(&mut backend, "a", "2").unwrap();
    assert_ne!(backend.contact("akuam").cloned(), before);
}

/// A backend with a seeded contact whose list of channels is behind.
fn behind() -> (Backend, impl Fn(u64)) {
    let (mut backend, set) = with_clock();
    backend.seed("akuam", "PERSONAL", &[]);
    backend.switches.channels_listed_after = Duration::from_secs(5);
    (backend, set)
}

#[test]
fn the_list_of_channels_can_be_behind_other_operations() {
    let (mut backend, set) = behind();
    call(&mut backend, "CreateContactChannel", json!({})).unwrap();
    set(4);
    assert_eq!(channel_names(&mut backend), [""; 0]);
    // Only the list is behind.
    call(&mut backend, "GetContactChannel", json!({})).unwrap();
    backend.activate_channel(&channel_arn(1));
    let home = json!({"Name": "home"});
    call(&mut backend, "UpdateContactChannel", home).unwrap();
    for (seconds, expected) in [(4, ""), (5, "mobile"), (8, "mobile"), (9, "home")] {
        set(seconds);
        assert_eq!(channel_names(&mut backend).concat(), expected);
    }
    call(&mut backend, "DeleteContactChannel", json!({})).unwrap();
    for (seconds, expected) in [(13, "home"), (14, "")] {
        set(seconds);
        assert_eq!(channel_names(&mut backend).concat(), expected);
    }
}

#[test]
fn changes_of_a_person_are_listed_immediately() {
    let (mut backend, _) = behind();
    let mobile = backend.add_channel("akuam", "mobile", "SMS", PHONE, false);
    let mail = backend.add_channel("akuam", "mail", "SMS", PHONE, false);
    assert_eq!(channel_names(&mut backend), ["mobile", "mail"]);
    backend.remove_channel(&mobile);
    assert_eq!(channel_names(&mut backend), ["mail"]);
    let gone = json!({"ContactChannelId": mail});
    call(&mut backend, "DeleteContactChannel", gone).unwrap();
    assert_eq!(channel_names(&mut backend), ["mail"]);
    call(&mut backend, "DeleteContact", json!({})).unwrap();
    backend.seed("akuam", "PERSONAL", &[]);
    assert_eq!(channel_names(&mut backend), [""; 0]);
}

#[test]
fn the_contact_of_a_channel_must_be_readable() {
    let (mut backend, set) = with_clock();
    backend.switches.readable_after = Duration::from_secs(5);
    create(&mut backend, json!({})).unwrap();
    set(4);
    let refused = call(&mut backend, "CreateContactChannel", json!({}));
    assert!(invalid(refused).contains("not found"));
    set(5);
    call(&mut backend, "CreateContactChannel", json!({})).unwrap();
}
