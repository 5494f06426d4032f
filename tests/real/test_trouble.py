"""Errors, time-outs and kills, as AWS's runtime interface emulator enforces them."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services import Services


@pytest.mark.parametrize("url", [None, "https://example.com/", "http://127.0.0.1:1/"])
def test_an_event_that_nobody_can_answer_is_an_error_to_lambda(services: Services, url: str | None) -> None:
    event = services.event("create-personal")
    event["ResponseURL"] = url
    status, error = services.function.invoke(event)
    assert status == 200
    assert error["errorType"] == "NotAnswered"
    assert "ResponseURL" in error["errorMessage"]
    assert services.service.messages == []
    # The process continues after the error.
    assert services.deliver(services.event("create-personal"))["Status"] == "SUCCESS"


def test_a_service_that_hangs_is_told_before_the_time_out(make_services: Callable[..., Services]) -> None:
    services = make_services(3)
    services.service.hold()
    event = services.event("create-personal")
    answer = services.deliver(event)
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"].startswith(f"outcome-unknown:{event['RequestId']}/")
    assert "Time ran out while waiting for CreateContact" in answer["Reason"]
    services.service.resume()
    assert services.deliver(event)["Status"] == "SUCCESS"


def test_a_bucket_that_hangs_is_an_error_before_the_time_out(make_services: Callable[..., Services]) -> None:
    services = make_services(3)
    services.bucket.hold()
    event = services.event("create-personal")
    status, error = services.function.invoke(event)
    assert status == 200
    assert error["errorType"] == "NotAnswered"
    assert "no reply in time" in error["errorMessage"]
    assert event["ResponseURL"].partition("?")[2] not in error["errorMessage"]
    services.bucket.resume()
    assert services.deliver(event)["Status"] == "SUCCESS"
    assert services.aliases() == ["akuam"]


def test_a_function_that_stands_still_is_timed_out_and_replaced(make_services: Callable[..., Services]) -> None:
    services = make_services(3)
    services.bucket.hold()
    event = services.event("create-personal")
    with ThreadPoolExecutor() as background:
        invocation = background.submit(services.function.invoke, event)
        services.bucket.wait_for_a_held_one()
        services.function.signal_function(signal.SIGSTOP)
        status, text = invocation.result()
        assert status == 200
        assert "Task timed out after 3" in text
    services.bucket.resume()
    assert services.deliver(event)["Status"] == "SUCCESS"
    assert services.aliases() == ["akuam"]


@pytest.mark.parametrize("silent", ["service", "bucket"])
def test_a_function_that_is_killed_ends_the_same_on_the_next_delivery(services: Services, silent: str) -> None:
    """The kill comes before the contact is created, or after that and before the answer is sent."""
    holding = getattr(services, silent)
    holding.hold()
    event = services.event("create-personal")
    with ThreadPoolExecutor() as background:
        invocation = background.submit(services.function.invoke, event)
        holding.wait_for_a_held_one()
        assert services.aliases() == ([] if silent == "service" else ["akuam"])
        services.function.signal_function(signal.SIGKILL)
        status, error = invocation.result()
        assert (status, error["errorType"]) == (502, "Runtime.ExitError")
    assert services.answers() == []
    holding.resume()
    answer = services.deliver(event)
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"].endswith(":contact/akuam")
    assert services.aliases() == ["akuam"]
