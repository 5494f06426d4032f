"""Errors, time-outs and kills, as AWS's runtime interface emulator enforces them."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from world import World


@pytest.mark.parametrize("url", [None, "https://example.com/", "http://127.0.0.1:1/"])
def test_an_event_that_nobody_can_answer_is_an_error_to_lambda(world: World, url: str | None) -> None:
    event = world.event("create-personal")
    event["ResponseURL"] = url
    status, error = world.function.invoke(event)
    assert status == 200
    assert error["errorType"] == "NotAnswered"
    assert "ResponseURL" in error["errorMessage"]
    assert world.service.messages == []
    # The process lives on.
    assert world.deliver(world.event("create-personal"))["Status"] == "SUCCESS"


def test_a_service_that_hangs_is_told_before_the_time_out(make_world: Callable[..., World]) -> None:
    world = make_world(3)
    world.service.hold()
    event = world.event("create-personal")
    answer = world.deliver(event)
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == f"outcome-unknown:{event['RequestId']}"
    assert "Time ran out while waiting for CreateContact" in answer["Reason"]
    world.service.let_go()
    assert world.deliver(event)["Status"] == "SUCCESS"


def test_a_bucket_that_hangs_is_an_error_before_the_time_out(make_world: Callable[..., World]) -> None:
    world = make_world(3)
    world.bucket.hold()
    event = world.event("create-personal")
    status, error = world.function.invoke(event)
    assert status == 200
    assert error["errorType"] == "NotAnswered"
    assert "no reply in time" in error["errorMessage"]
    assert event["ResponseURL"].partition("?")[2] not in error["errorMessage"]
    world.bucket.let_go()
    assert world.deliver(event)["Status"] == "SUCCESS"
    assert world.aliases() == ["akuam"]


def test_a_function_that_stands_still_is_timed_out_and_replaced(make_world: Callable[..., World]) -> None:
    world = make_world(3)
    world.bucket.hold()
    event = world.event("create-personal")
    with ThreadPoolExecutor() as background:
        invocation = background.submit(world.function.invoke, event)
        world.bucket.wait_for_a_held_one()
        world.function.signal_function(signal.SIGSTOP)
        status, words = invocation.result()
        assert status == 200
        assert "Task timed out after 3" in words
    world.bucket.let_go()
    assert world.deliver(event)["Status"] == "SUCCESS"
    assert world.aliases() == ["akuam"]


@pytest.mark.parametrize("silent", ["service", "bucket"])
def test_a_function_that_is_killed_ends_the_same_on_the_next_delivery(world: World, silent: str) -> None:
    """Before the service heard of the contact, and after, with no answer sent."""
    holding = getattr(world, silent)
    holding.hold()
    event = world.event("create-personal")
    with ThreadPoolExecutor() as background:
        invocation = background.submit(world.function.invoke, event)
        holding.wait_for_a_held_one()
        assert world.aliases() == ([] if silent == "service" else ["akuam"])
        world.function.signal_function(signal.SIGKILL)
        status, error = invocation.result()
        assert (status, error["errorType"]) == (502, "Runtime.ExitError")
    assert world.answers() == []
    holding.let_go()
    answer = world.deliver(event)
    assert answer["Status"] == "SUCCESS"
    assert answer["PhysicalResourceId"].endswith(":contact/akuam")
    assert world.aliases() == ["akuam"]
