"""Runs each test once for each client, and once for each case of `cases.json` that it asks for."""

import json
from pathlib import Path

import pytest

import clients

CASES = json.loads((Path(__file__).parent.parent / "cases.json").read_text(encoding="utf-8"))


def pytest_generate_tests(metafunc):
    if "client" in metafunc.fixturenames:
        metafunc.parametrize("client", clients.ALL, ids=lambda client: client.name, indirect=True)
    for group in ("filters", "text", "errors", "regions", "faults"):
        if f"{group}_case" in metafunc.fixturenames:
            metafunc.parametrize(f"{group}_case", CASES[group], ids=lambda case: case["name"])


@pytest.fixture
def client(request):
    return request.param(clients.endpoint())


@pytest.fixture(scope="session")
def cases():
    return CASES
