//! docs/behavior.md, section 13: how much time a request has.

use std::time::Duration;

use ssm_contact_resource::deadline::Deadline;

const NOW: Duration = Duration::from_hours(500_000);
const EARLY: Duration = Duration::from_millis(250);
const HOUR: Duration = Duration::from_hours(1);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn the_earlier_deadline_counts() {
    for (lambda, service, expected) in [
        (60, 3600, seconds(60) - EARLY),
        (900, 30, seconds(30)),
        (30, 30, seconds(30) - EARLY),
    ] {
        let deadline = Deadline::new(NOW, NOW + seconds(lambda), Some(NOW), seconds(service));
        assert_eq!(deadline.for_answer(NOW), expected);
        assert!(!deadline.is_too_late());
        assert!(deadline.for_work(NOW) < deadline.for_answer(NOW));
        assert_eq!(deadline.for_answer(NOW + seconds(5)), expected - seconds(5));
    }
}

#[test]
fn time_is_kept_back_for_the_answer() {
    let given = |lambda| Deadline::new(NOW, NOW + lambda, None, HOUR);
    assert_eq!(given(seconds(900)).for_work(NOW), seconds(890) - EARLY);
    assert_eq!(
        given(seconds(20)).for_work(NOW),
        (seconds(20) - EARLY) * 3 / 4
    );
    let short = given(Duration::from_millis(400));
    assert_eq!(short.for_answer(NOW), Duration::from_millis(350));
    assert!(short.for_work(NOW) < short.for_answer(NOW));
}

#[test]
fn a_lambda_deadline_in_the_past_is_none() {
    for past in [Duration::ZERO, NOW - seconds(1), NOW] {
        let deadline = Deadline::new(NOW, past, None, HOUR);
        assert_eq!(deadline.for_answer(NOW), HOUR);
    }
}

#[test]
fn a_lambda_deadline_that_has_passed_meanwhile_is_still_one() {
    let deadline = Deadline::new(NOW, NOW + seconds(10), None, HOUR);
    assert_eq!(deadline.for_answer(NOW + seconds(11)), Duration::ZERO);
    assert_eq!(deadline.for_work(NOW + seconds(11)), Duration::ZERO);
}

#[test]
fn service_timeout_counts_from_the_urls_date_else_from_receipt() {
    let left =
        |signed| Deadline::new(NOW, NOW + seconds(900), signed, seconds(100)).for_answer(NOW);
    assert_eq!(left(Some(NOW - seconds(40))), seconds(60));
    assert_eq!(left(None), seconds(100));
    assert_eq!(
        left(Some(NOW + seconds(40))),
        seconds(100),
        "a clock that is ahead"
    );
}

#[test]
fn an_event_after_service_timeouts_end_is_too_late() {
    let given = |lambda| {
        let signed = Some(NOW - seconds(100));
        Deadline::new(NOW, NOW + lambda, signed, seconds(100))
    };
    assert!(given(seconds(900)).is_too_late());
    assert_eq!(
        given(seconds(900)).for_answer(NOW),
        seconds(5),
        "an answer may still be sent"
    );
    assert_eq!(given(seconds(2)).for_answer(NOW), seconds(2) - EARLY);
}
