"""The README's "Give each test its own world", run with the vendor's SDK."""

import json
import os
import subprocess
from urllib.request import Request, urlopen

import pytest
from alibabacloud_swas_open20200601.client import Client
from alibabacloud_swas_open20200601.models import ListCustomImagesRequest
from alibabacloud_tea_openapi.models import Config


@pytest.fixture(scope="session")
def emulator():
    """Starts one emulator for all tests and gives its `http://HOST:PORT`."""
    binary = os.environ.get("SWAS_EMULATOR_BIN", "swas-emulator")
    process = subprocess.Popen(
        [binary, "--isolate", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            endpoint = process.stdout.readline().strip().removeprefix("Listening on ")
            assert process.stdout.readline() == "Ready.\n"
            yield endpoint
        finally:
            process.terminate()


class World:
    """One sandbox: its images, and a client that sees nothing else."""

    def __init__(self, emulator, **wish):
        self.emulator = emulator
        made = self.control("POST", "/sandboxes", wish)
        self.access_key_id = made["accessKeyId"]
        self.client = Client(Config(
            access_key_id=made["accessKeyId"], access_key_secret=made["accessKeySecret"],
            endpoint=made["endpoint"].removeprefix("http://"), protocol="http",
        ))

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.emulator}/_emulator{path}", data, method=method)
        with urlopen(request) as answer:
            return json.load(answer)

    def statuses(self):
        request = ListCustomImagesRequest(region_id="cn-hangzhou")
        images = self.client.list_custom_images(request).body.custom_images
        return {image.image_id: image.status for image in images}


@pytest.fixture
def world(emulator):
    """A world for one test, made from a seed of its own."""
    seed = [{"ImageId": "m-1", "RegionId": "cn-hangzhou", "Name": "web", "Status": "0"}]
    world = World(emulator, fixture=seed)
    yield world
    world.control("DELETE", f"/sandboxes/{world.access_key_id}")


def test_an_image_becomes_available(world):
    assert world.statuses() == {"m-1": "0"}
    world.control("PATCH", f"/images/m-1?sandbox={world.access_key_id}", {"Status": "1"})
    assert world.statuses() == {"m-1": "1"}

    world.control("POST", f"/reset?sandbox={world.access_key_id}")
    assert world.statuses() == {"m-1": "0"}


def test_another_world_sees_nothing_of_it(world, emulator):
    other = World(emulator, accessKeyId="ci-8", fixture="empty")
    world.control("DELETE", f"/images?sandbox={world.access_key_id}")
    other.control("PUT", "/images?sandbox=ci-8", [
        {"ImageId": "m-8", "RegionId": "cn-hangzhou", "Name": "api"},
    ])
    assert (world.statuses(), other.statuses()) == ({}, {"m-8": "1"})
