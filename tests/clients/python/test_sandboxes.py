"""Sandboxes: parallel suites, each with an AccessKeyId of its own, see only their own images."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import clients
import emulators
from emulators import control

N_SANDBOXES = 20
N_ROUNDS = 3
FIXTURE = Path(__file__).parent.parent / "fixture.json"


@pytest.fixture(scope="module")
def endpoint():
    with emulators.started("--isolate", "--fixture", str(FIXTURE)) as endpoint:
        yield endpoint


def image(image_id, **more):
    return {"ImageId": image_id, "RegionId": "cn-hangzhou", "Name": image_id, "Status": "0", **more}


@pytest.mark.parametrize("make", clients.ALL, ids=lambda make: make.name)
def test_parallel_sandboxes_see_only_their_own_images(endpoint, make):
    all_are_there = threading.Barrier(N_SANDBOXES)

    def run(number):
        key = f"{make.name}-{number}"
        client = make(endpoint, key)
        own = [f"m-of-{key}-a", f"m-of-{key}-b"]

        def listed():
            answer = client.list_custom_images({"RegionId": "cn-hangzhou", "PageSize": 100})
            assert answer.total_count == str(len(answer.images))
            return {image["ImageId"]: image for image in answer.images}

        all_are_there.wait(timeout=60)
        seed = listed()
        assert len(seed) == 25, "a sandbox starts as the seed"
        for round in range(N_ROUNDS):
            control(endpoint, "POST", "reset", to="empty", sandbox=key)
            control(endpoint, "PUT", "images", [image(id, Description=key) for id in own], sandbox=key)
            for status in ("0", "1", "3"):
                control(endpoint, "PATCH", f"images/{own[0]}", {"Status": status}, sandbox=key)
                images = listed()
                assert sorted(images) == own
                assert [images[id]["Status"] for id in own] == [status, "0"]
                assert {image["Description"] for image in images.values()} == {key}
            control(endpoint, "DELETE", f"images/{own[1]}", sandbox=key)
            assert list(listed()) == own[:1]
            control(endpoint, "POST", "reset", sandbox=key)
            assert listed() == seed, round

    with ThreadPoolExecutor(N_SANDBOXES) as pool:
        for done in [pool.submit(run, number) for number in range(N_SANDBOXES)]:
            done.result()


@pytest.mark.parametrize("make", clients.ALL, ids=lambda make: make.name)
def test_polling_loop_ends_when_the_sandboxs_clock_is_advanced(endpoint, make):
    key = f"polling-{make.name}"
    client = make(endpoint, key)
    control(endpoint, "PUT", "clock", {"freeze": "2026-01-01T00:00:00Z"}, sandbox=key)
    timeline = [{"after": "10m", "set": {"Status": "3"}}]
    control(endpoint, "PUT", "images", [image("m-copying", **{"x-timeline": timeline})], sandbox=key)

    statuses = []
    while not statuses or statuses[-1] == "0":
        answer = client.list_custom_images({"RegionId": "cn-hangzhou", "ImageIds": '["m-copying"]'})
        statuses.append(answer.images[0]["Status"])
        control(endpoint, "PUT", "clock", {"advance": "5m"}, sandbox=key)

    assert statuses == ["0", "0", "3"]


@pytest.mark.parametrize("make", clients.ALL, ids=lambda make: make.name)
def test_key_that_no_sandbox_can_have_raises_the_vendors_exception(endpoint, make):
    refusal = make(endpoint, "a/b").refusal_of(
        lambda: make(endpoint, "a/b").list_custom_images({"RegionId": "cn-hangzhou"})
    )

    assert (refusal.status, refusal.code) == (400, "InvalidAccessKeyId")
    assert refusal.message == "Specified parameter AccessKeyId is not valid."
