//! Contract section 5: how much time a request has.

use std::time::Duration;

use ssm_contact_resource::deadline::time_left;

const NOW: Duration = Duration::from_hours(500_000);

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[test]
fn the_earlier_deadline_counts() {
    let early = Duration::from_millis(250);
    for (lambda, service, expected) in [
        (60, 3600, seconds(60) - early),
        (900, 30, seconds(30)),
        (30, 30, seconds(30) - early),
    ] {
        let left = time_left(NOW, NOW + seconds(lambda), NOW, Some(NOW), seconds(service));
        assert_eq!(left.for_answer, expected);
        assert!(!left.too_late);
        assert!(left.for_work < left.for_answer);
    }
}

#[test]
fn time_is_kept_back_for_the_answer() {
    let left = |lambda| time_left(NOW, NOW + lambda, NOW, None, seconds(3600));
    let early = Duration::from_millis(250);
    assert_eq!(left(seconds(900)).for_work, seconds(890) - early);
    assert_eq!(left(seconds(20)).for_work, (seconds(20) - early) * 3 / 4);
    let short = left(Duration::from_millis(400));
    assert_eq!(short.for_answer, Duration::from_millis(350));
    assert!(short.for_work < short.for_answer);
}

#[test]
fn a_lambda_deadline_in_the_past_is_none() {
    for past in [Duration::ZERO, NOW - seconds(1), NOW] {
        let left = time_left(NOW, past, NOW, None, seconds(3600));
        assert_eq!(left.for_answer, seconds(3600));
    }
}

#[test]
fn service_timeout_counts_from_the_urls_date_else_from_receipt() {
    let left = |signed| time_left(NOW, NOW + seconds(900), NOW, signed, seconds(100)).for_answer;
    assert_eq!(left(Some(NOW - seconds(40))), seconds(60));
    assert_eq!(left(None), seconds(100));
    assert_eq!(
        left(Some(NOW + seconds(40))),
        seconds(100),
        "a clock ahead of ours"
    );
}

#[test]
fn an_event_after_service_timeouts_end_is_too_late() {
    let signed = Some(NOW - seconds(100));
    let left = time_left(NOW, NOW + seconds(900), NOW, signed, seconds(100));
    assert!(left.too_late);
    assert_eq!(left.for_work, Duration::ZERO);
    assert!(left.for_answer > Duration::ZERO, "a word may still go out");
    let short = time_left(NOW, NOW + seconds(2), NOW, signed, seconds(100));
    assert_eq!(short.for_answer, Duration::from_millis(1750));
}
