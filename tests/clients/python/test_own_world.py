"""Gives each test its own world: `docs/control/README.md` shows this file, and the suite runs it."""

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
    """One emulator for all tests, on a free port."""
    binary = os.environ.get("SWAS_EMULATOR_BIN", "swas-emulator")
    command = [binary, "--isolate", "--listen", "127.0.0.1:0", "--log", "warn"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        endpoint = process.stdout.readline().removeprefix("Listening on ").strip()
        assert process.stdout.readline() == "Ready.\n"
        yield endpoint
        process.terminate()


class World:
    """A sandbox that one test has to itself."""

    def __init__(self, endpoint: str, images: list):
        made = self.send(f"{endpoint}/_emulator/sandboxes", "POST", images)
        self.endpoint, self.key = made["endpoint"], made["accessKeyId"]
        self.client = Client(Config(
            access_key_id=self.key, access_key_secret=made["accessKeySecret"],
            endpoint=self.endpoint.removeprefix("http://"), protocol="http",
        ))

    def control(self, method: str, path: str, body=None):
        return self.send(f"{self.endpoint}/_emulator/{path}?sandbox={self.key}", method, body)

    @staticmethod
    def send(url: str, method: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(url, data, method=method), timeout=30) as answer:
            return json.load(answer)

    def statuses(self) -> dict:
        request = ListCustomImagesRequest(region_id="cn-hangzhou")
        images = self.client.list_custom_images(request).body.custom_images
        return {image.image_id: image.status for image in images}


@pytest.fixture
def world(emulator):
    web = {"ImageId": "m-web", "RegionId": "cn-hangzhou", "Name": "web"}
    copy = {"ImageId": "m-copy", "RegionId": "cn-hangzhou", "Name": "copy", "Status": "0",
            "x-timeline": [{"after": "10m", "set": {"Status": "1"}}]}
    return World(emulator, [web, copy])


def test_a_copy_is_available_after_ten_minutes(world):
    assert world.statuses() == {"m-web": "1", "m-copy": "0"}
    world.control("PUT", "clock", {"advance": "10m"})
    assert world.statuses() == {"m-web": "1", "m-copy": "1"}


def test_what_one_test_changes_no_other_sees(world):
    world.control("PATCH", "images/m-web", {"Status": "3"})
    world.control("DELETE", "images/m-copy")
    assert world.statuses() == {"m-web": "3"}
    world.control("POST", "reset")
    assert world.statuses() == {"m-web": "1", "m-copy": "0"}
