"""What each client makes of each fault: `faults` in cases.json, magic credentials, and retries."""

import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional

import pytest
from alibabacloud_tea_openapi.exceptions import (
    ClientException as TeaClientException,
    ServerException as TeaServerException,
    ThrottlingException as TeaThrottlingException,
)
from aliyunsdkcore.acs_exception.exceptions import (
    ClientException as CoreClientException,
    ServerException as CoreServerException,
)
from darabonba.exceptions import RetryError, UnretryableException
from darabonba.policy.retry import RetryCondition, RetryOptions

import clients
from checks import UPPER_CASE_UUID
from clients import Core, Tea, TeaAsync, TeaV1
from control import fault, n_hits, requests_of, retries_of

# A change between two pages shows on the second one.
SECOND_PAGE = {"RegionId": "cn-hangzhou", "PageSize": 10, "PageNumber": 2}

THROTTLED = r"Request was denied due to user flow control\."
FAILED = r"An error occurred while processing your request\."
OWN = r"Café 关门 & more"
PAGE = r"<center><h1>502 Bad Gateway</h1></center>"
UUID = UPPER_CASE_UUID.pattern
# Both are the texts of the HTTP libraries below.
RESET = r"\('Connection aborted\.', ConnectionResetError\(\d+, 'Connection reset by peer'\)\)"
CLOSED = r"\('Connection aborted\.', RemoteDisconnected\('Remote end closed connection without response'\)\)"


@dataclass(frozen=True)
class Raises:
    """The exact type of the exception, a pattern that its text begins with, and its fields."""

    type: type
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    # The type of the exception inside an UnretryableException.
    inner: Optional[type] = None


@dataclass(frozen=True)
class Lists:
    """The total and the images, from where in the listing; never faster than the fault lets it."""

    total_count: Any = "25"
    start: int = 10
    seconds: float = 0.0


def tea_error(raised: type, code: str, status: int, text: str, **fields: Any) -> Raises:
    shown = f"Error: {re.escape(code)} code: {status}, {text} request id: {UUID} Response: "
    return Raises(raised, shown, {"code": code, "status_code": status, **fields})


def core_error(code: str, status: int, text: str) -> Raises:
    shown = f"HTTP Status: {status} Error:{re.escape(code)} {text} RequestID: {UUID}$"
    return Raises(CoreServerException, shown, {"error_code": code, "http_status": status})


TEA_BAD_JSON = "Failed to parse the value as json format, Value: "

TEA = {
    # Only with the header for it is a Throttling error this client's ThrottlingException.
    "throttling_user": tea_error(TeaClientException, "Throttling.User", 400, THROTTLED, retry_after=None),
    "throttling_with_retry_after": tea_error(
        TeaThrottlingException, "Throttling.User", 400, THROTTLED, retry_after=1500
    ),
    "internal_error": tea_error(TeaServerException, "InternalError", 500, FAILED),
    "own_error": tea_error(TeaClientException, "Shop.Closed", 429, OWN),
    "delay": Lists(seconds=0.3),
    "reset": Raises(UnretryableException, r"\{'message': \"" + RESET, inner=RetryError),
    "empty": Raises(UnretryableException, r"\{'message': \"" + CLOSED, inner=RetryError),
    "truncate": Raises(
        UnretryableException,
        r"\{'message': \"\('Connection broken: IncompleteRead\(\d+ bytes read, \d+ more expected\)'",
        inner=RetryError,
    ),
    "dribble": Lists(seconds=0.3),
    "malformed": Raises(UnretryableException, TEA_BAD_JSON + r'"\{"RequestId":"', inner=RuntimeError),
    "html502": Raises(UnretryableException, TEA_BAD_JSON + rf'"<html>(?s:.*){PAGE}', inner=RuntimeError),
    # The model says `str`, and the client hands the number on.
    "wrong_type": Lists(total_count=25),
    "paging": Lists(total_count="26", start=9),
}

# Over aiohttp: other texts, and two broken connections that do not count as a RetryError.
TEA_ASYNC = TEA | {
    "reset": Raises(
        UnretryableException, r"\{'message': '\[Errno \d+\] Connection reset by peer'\}", inner=RetryError
    ),
    "empty": Raises(UnretryableException, "Server disconnected$"),
    "truncate": Raises(
        UnretryableException, r"Response payload is not completed: <ContentLengthError: 400, message='Not enough data"
    ),
}

CORE = {
    "throttling_user": core_error("Throttling.User", 400, THROTTLED),
    "throttling_with_retry_after": core_error("Throttling.User", 400, THROTTLED),
    "internal_error": core_error("InternalError", 500, FAILED),
    "own_error": core_error("Shop.Closed", 429, OWN),
    "delay": Lists(seconds=0.3),
    "reset": Raises(CoreClientException, f"SDK.HttpError {RESET}", {"error_code": "SDK.HttpError"}),
    "empty": Raises(CoreClientException, f"SDK.HttpError {CLOSED}", {"error_code": "SDK.HttpError"}),
    # To this client half a body is a success: what its caller parses raises.
    "truncate": Raises(json.JSONDecodeError, ""),
    "dribble": Lists(seconds=0.3),
    "malformed": Raises(json.JSONDecodeError, "Expecting ',' delimiter: line 1 column "),
    "html502": Raises(
        CoreServerException,
        rf"HTTP Status: 502 Error:SDK.UnknownServerError ServerResponseBody: <html>(?s:.*){PAGE}(?s:.*) RequestID: None$",
        {"error_code": "SDK.UnknownServerError", "http_status": 502, "request_id": None},
    ),
    "wrong_type": Lists(total_count=25),
    "paging": Lists(total_count="26", start=9),
}

EXPECTED = {Tea: TEA, TeaV1: TEA, TeaAsync: TEA_ASYNC, Core: CORE}


def fresh(name: str) -> str:
    """Returns an AccessKeyId that the emulator has not seen: it counts by it for as long as it runs."""
    return f"{name}-{secrets.token_hex(4)}"


def magic(name: str, rest: str) -> str:
    return f"{fresh(name)}+{rest}"


@pytest.mark.parametrize("make", clients.ALL, ids=lambda make: make.name)
def test_fault_reaches_the_caller_as(make, faults_case, cases):
    expected = EXPECTED[make][faults_case["name"]]
    access_key_id = fresh(f"{make.name}-{faults_case['name']}")
    client = make(clients.endpoint(), access_key_id)

    with fault(access_key_id, faults_case["effect"]):
        started = time.monotonic()
        if isinstance(expected, Raises):
            with pytest.raises(expected.type) as raised:
                client.list_custom_images(SECOND_PAGE)
            check_error(raised.value, expected)
        else:
            answer = client.list_custom_images(SECOND_PAGE)
            assert time.monotonic() - started >= expected.seconds
            assert answer.total_count == expected.total_count
            assert type(answer.total_count) is type(expected.total_count)
            start = expected.start
            assert answer.image_ids == cases["listings"]["cn-hangzhou"][start : start + 10]
        # By default none of the clients sends a request again.
        assert n_hits(access_key_id) == 1
    assert len(requests_of(access_key_id)) == 1

    # Without the fault the same client works, though its connection may have been cut.
    assert client.list_custom_images(SECOND_PAGE).total_count == "25"


def check_error(error: Exception, expected: Raises) -> None:
    assert type(error) is expected.type
    assert re.match(expected.text, str(error)), str(error)
    for name, value in expected.fields.items():
        assert getattr(error, name) == value
    if expected.inner is not None:
        assert type(error.inner_exception) is expected.inner


def test_half_a_body_is_a_success_of_the_older_client():
    access_key_id = fresh("core-half")
    client = Core(clients.endpoint(), access_key_id)
    request = clients.CoreListCustomImagesRequest()

    with fault(access_key_id, {"truncate": True}):
        half = client.send(request, "cn-hangzhou")
    whole = client.send(request, "cn-hangzhou")

    assert len(half) == len(whole) // 2


@pytest.mark.parametrize("make", clients.ALL, ids=lambda make: make.name)
def test_magic_access_key_fails_once_and_then_lists(make, cases):
    client = make(clients.endpoint(), magic(make.name, "Throttling.User:1"))

    refusal = client.refusal_of(lambda: client.list_custom_images(SECOND_PAGE))
    answer = client.list_custom_images(SECOND_PAGE)

    assert (refusal.status, refusal.code) == (400, "Throttling.User")
    assert answer.image_ids == cases["listings"]["cn-hangzhou"][10:20]


@pytest.mark.parametrize("make", clients.ALL, ids=lambda make: make.name)
def test_bad_magic_access_key_is_refused(make):
    client = make(clients.endpoint(), "ci7+Throttling.User:0")

    refusal = client.refusal_of(lambda: client.list_custom_images(SECOND_PAGE))

    assert (refusal.status, refusal.code) == (400, "InvalidAccessKeyId")


RETRIES = [
    pytest.param("Throttling.User", {"error_code": ["Throttling.User"]}, id="throttling_user_by_code"),
    # Without `x-acs-retry-after` it is no ThrottlingException.
    pytest.param("Throttling.User", {"exception": ["ClientException"]}, id="throttling_user_by_name"),
    pytest.param("InternalError", {"exception": ["ServerException"]}, id="internal_error_by_name"),
]


def retry_options(max_attempts: int, **matching: Any) -> RetryOptions:
    backoff = {"policy": "Exponential", "period": 20}
    condition = RetryCondition(max_attempts=max_attempts, backoff=backoff, **matching)
    return RetryOptions(retryable=True, retry_condition=[condition])


@pytest.mark.parametrize("make", [Tea, TeaV1, TeaAsync], ids=lambda make: make.name)
@pytest.mark.parametrize(("code", "matching"), RETRIES)
def test_retry_options_end_in_success_at_the_third_attempt(make, code, matching, cases):
    access_key_id = magic(make.name, f"{code}:2")
    client = make(clients.endpoint(), access_key_id, retry_options(3, **matching))

    answer = client.list_custom_images(SECOND_PAGE)

    assert answer.image_ids == cases["listings"]["cn-hangzhou"][10:20]
    requests = requests_of(access_key_id)
    assert [request["code"] for request in requests] == [code, code, None]
    assert requests[-1]["requestId"] == answer.request_id
    (group,) = retries_of(access_key_id)
    assert [attempt["code"] for attempt in group["attempts"]] == [code, code, None]
    assert len(group["attempts"]) == 3
    assert group["wonBy"] == 3
    # The second back-off is 80 ms where the first is 40 ms; the clock's milliseconds may take one off.
    first, second = group["gapsMs"]
    assert (first >= 39, second >= 79) == (True, True)


@pytest.mark.parametrize("make", [Tea, TeaV1, TeaAsync], ids=lambda make: make.name)
def test_retry_options_give_up_after_their_attempts(make):
    access_key_id = magic(make.name, "Throttling.User:3")
    client = make(clients.endpoint(), access_key_id, retry_options(3, error_code=["Throttling.User"]))

    # A loop that gives up wraps nothing: it is the exception of the last attempt.
    with pytest.raises(TeaClientException, match=THROTTLED):
        client.list_custom_images(SECOND_PAGE)

    (group,) = retries_of(access_key_id)
    assert (len(group["attempts"]), group["wonBy"]) == (3, None)


@pytest.mark.parametrize("make", [Tea, TeaV1, TeaAsync], ids=lambda make: make.name)
def test_retry_waits_as_long_as_the_header_asks(make):
    access_key_id = fresh(f"retry-after-{make.name}")
    options = retry_options(3, exception=["ThrottlingException"])
    client = make(clients.endpoint(), access_key_id, options)

    with fault(access_key_id, {"error": "Throttling.User", "x-acs-retry-after": 150}, times=2):
        answer = client.list_custom_images(SECOND_PAGE)

    assert answer.total_count == "25"
    (group,) = retries_of(access_key_id)
    assert (len(group["attempts"]), group["wonBy"]) == (3, 3)
    assert all(gap >= 149 for gap in group["gapsMs"])
