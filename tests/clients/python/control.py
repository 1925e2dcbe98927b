"""The emulator's control API, as far as these tests need it."""

import json
import urllib.request
from contextlib import contextmanager
from typing import Any, Iterator, Mapping

import clients


def control(method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(
        f"http://{clients.endpoint()}/_emulator/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


@contextmanager
def fault(access_key_id: str, effect: Mapping[str, Any], **when: int) -> Iterator[None]:
    """A fault that strikes the calls of one AccessKeyId only, and is gone afterwards."""
    rule = {"id": access_key_id, "match": {"accessKeyId": access_key_id}, "effect": effect, **when}
    control("POST", "faults", rule)
    try:
        yield
    finally:
        control("DELETE", f"faults/{access_key_id}")


def n_hits(access_key_id: str) -> int:
    """Returns how often the fault of that AccessKeyId struck."""
    (rule,) = [rule for rule in control("GET", "faults")["faults"] if rule["id"] == access_key_id]
    return rule["hits"]


def requests_of(access_key_id: str) -> list[Mapping[str, Any]]:
    """Returns what the journal has of one AccessKeyId, the first request first."""
    requests = control("GET", "requests?pageSize=1000")["requests"]
    return [request for request in requests if request["accessKeyId"] == access_key_id]


def retries_of(access_key_id: str) -> list[Mapping[str, Any]]:
    """Returns the journal's groups of retries of one AccessKeyId."""
    ids = {request["requestId"] for request in requests_of(access_key_id)}
    groups = control("GET", "retries")["retries"]
    return [group for group in groups if group["attempts"][0]["requestId"] in ids]
