"""Makes the vendor's clients, and gives them one face for the tests that all of them must pass.

Parameters come in under the vendor's own names (`RegionId`, `Tag`, …) and are handed to each SDK
the way its users do it. Nothing in an SDK is replaced or patched.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from typing import Any, Callable, ClassVar, Mapping, Optional

import pytest
from alibabacloud_swas_open20200601 import models as tea_models
from alibabacloud_swas_open20200601.client import Client as TeaSwasClient
from alibabacloud_tea_openapi.exceptions import ClientException as TeaClientException
from alibabacloud_tea_openapi.models import Config
from darabonba.policy.retry import RetryOptions
from aliyunsdkcore.acs_exception.exceptions import ServerException as CoreServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkswas_open.request.v20200601.ListCustomImagesRequest import (
    ListCustomImagesRequest as CoreListCustomImagesRequest,
)
from aliyunsdkswas_open.request.v20200601.ListFirewallRulesRequest import (
    ListFirewallRulesRequest as CoreListFirewallRulesRequest,
)
from aliyunsdkswas_open.request.v20200601.ListRegionsRequest import (
    ListRegionsRequest as CoreListRegionsRequest,
)

ACCESS_KEY_ID = "testid"
ACCESS_KEY_SECRET = "testsecret"

INSTANCE_ID = "2d06ee0520b44de1ae88d4be3c1f0a01"


def endpoint() -> str:
    """Returns the emulator's `HOST:PORT`, which `tests/clients/run` sets."""
    try:
        return os.environ["SWAS_EMULATOR_ENDPOINT"]
    except KeyError:
        pytest.fail("SWAS_EMULATOR_ENDPOINT is not set: start this suite with `tests/clients/run python`")


@dataclass(frozen=True)
class Answer:
    """What a client made of a 200: the paging fields as it gives them, the images as maps."""

    request_id: str
    total_count: Any
    page_size: Any
    page_number: Any
    images: list[Mapping[str, Any]]
    # None where the client keeps the response headers to itself.
    headers: Optional[Mapping[str, str]]

    @property
    def image_ids(self) -> list[str]:
        return [image["ImageId"] for image in self.images]


@dataclass(frozen=True)
class Regions:
    """What a client made of a 200 to `ListRegions`: the regions as maps, in order."""

    request_id: str
    regions: list[Mapping[str, Any]]


@dataclass(frozen=True)
class Refusal:
    """What a client made of an error: the fields of its own exception."""

    status: int
    code: str
    message: str
    request_id: str
    # The text that a user of the client sees.
    shown: str


class Tea:
    """`alibabacloud-swas-open20200601`, which signs with V3 (ACS3-HMAC-SHA256) by default."""

    name: ClassVar[str] = "tea-v3"
    signature_algorithm: ClassVar[Optional[str]] = None

    def __init__(
        self,
        endpoint: str,
        access_key_id: str = ACCESS_KEY_ID,
        retry_options: Optional[RetryOptions] = None,
    ):
        self.sdk = TeaSwasClient(
            Config(
                access_key_id=access_key_id,
                access_key_secret=ACCESS_KEY_SECRET,
                endpoint=endpoint,
                protocol="http",
                signature_algorithm=self.signature_algorithm,
                retry_options=retry_options,
            )
        )

    def list_custom_images(self, parameters: Mapping[str, Any]) -> Answer:
        response = self.send(tea_request(parameters))
        assert response.status_code == 200
        body = response.body
        return Answer(
            request_id=body.request_id,
            total_count=body.total_count,
            page_size=body.page_size,
            page_number=body.page_number,
            images=[image.to_map() for image in body.custom_images],
            headers=response.headers,
        )

    def send(self, request: tea_models.ListCustomImagesRequest):
        return self.sdk.list_custom_images(request)

    def list_regions(self, parameters: Mapping[str, Any]) -> Regions:
        request = tea_models.ListRegionsRequest(accept_language=parameters.get("AcceptLanguage"))
        response = self.send_list_regions(request)
        assert response.status_code == 200
        body = response.body
        return Regions(request_id=body.request_id, regions=[region.to_map() for region in body.regions])

    def send_list_regions(self, request: tea_models.ListRegionsRequest):
        return self.sdk.list_regions(request)

    def list_firewall_rules(self) -> None:
        """Calls an action that is not emulated."""
        self.sdk.list_firewall_rules(firewall_rules_request())

    def refusal_of(self, call: Callable[[], object]) -> Refusal:
        with pytest.raises(TeaClientException) as raised:
            call()
        error = raised.value
        return Refusal(
            status=error.status_code,
            code=error.code,
            message=error.data["Message"],
            request_id=error.request_id,
            shown=error.message,
        )


class TeaV1(Tea):
    """The same client with the older signature (HMAC-SHA1), which moves everything into the query."""

    name = "tea-v1"
    signature_algorithm = "v2"


class TeaAsync(Tea):
    """The same client over its other HTTP stack, aiohttp."""

    name = "tea-async"

    def send(self, request: tea_models.ListCustomImagesRequest):
        return asyncio.run(self.sdk.list_custom_images_async(request))

    def send_list_regions(self, request: tea_models.ListRegionsRequest):
        return asyncio.run(self.sdk.list_regions_async(request))

    def list_firewall_rules(self) -> None:
        asyncio.run(self.sdk.list_firewall_rules_async(firewall_rules_request()))


def firewall_rules_request() -> tea_models.ListFirewallRulesRequest:
    return tea_models.ListFirewallRulesRequest(region_id="cn-hangzhou", instance_id=INSTANCE_ID)


def tea_request(parameters: Mapping[str, Any]) -> tea_models.ListCustomImagesRequest:
    names = {
        "RegionId": "region_id",
        "ImageIds": "image_ids",
        "ImageNames": "image_names",
        "PageSize": "page_size",
        "PageNumber": "page_number",
        "SystemSnapshotId": "system_snapshot_id",
        "DataSnapshotId": "data_snapshot_id",
        "InstanceId": "instance_id",
        "ResourceGroupId": "resource_group_id",
        "Share": "share",
        "Tag": "tag",
    }
    arguments = {names[name]: value for name, value in parameters.items()}
    if "tag" in arguments:
        arguments["tag"] = [
            tea_models.ListCustomImagesRequestTag(key=tag["Key"], value=tag.get("Value"))
            for tag in arguments["tag"]
        ]
    return tea_models.ListCustomImagesRequest(**arguments)


class Core:
    """`aliyun-python-sdk-swas-open`, the older SDK: V1 signature, the caller parses the bytes."""

    name: ClassVar[str] = "core"

    def __init__(self, endpoint: str, access_key_id: str = ACCESS_KEY_ID):
        self.endpoint = endpoint
        self.access_key_id = access_key_id

    def list_custom_images(self, parameters: Mapping[str, Any]) -> Answer:
        request = CoreListCustomImagesRequest()
        parameters = dict(parameters)
        region_id = parameters.pop("RegionId")
        setters = {"Tag": request.set_Tags}
        for name, value in parameters.items():
            setters.get(name, getattr(request, f"set_{name}", None))(value)
        body = json.loads(self.send(request, region_id))
        return Answer(
            request_id=body["RequestId"],
            total_count=body["TotalCount"],
            page_size=body["PageSize"],
            page_number=body["PageNumber"],
            images=body["CustomImages"],
            headers=None,
        )

    def send(self, request, region_id: str) -> bytes:
        # Without an endpoint the SDK would ask the vendor's location service for one.
        request.set_endpoint(self.endpoint)
        sdk = AcsClient(self.access_key_id, ACCESS_KEY_SECRET, region_id)
        return sdk.do_action_with_exception(request)

    def list_regions(self, parameters: Mapping[str, Any]) -> Regions:
        request = CoreListRegionsRequest()
        if "AcceptLanguage" in parameters:
            request.set_AcceptLanguage(parameters["AcceptLanguage"])
        body = json.loads(self.send(request, "cn-hangzhou"))
        return Regions(request_id=body["RequestId"], regions=body["Regions"])

    def list_firewall_rules(self) -> None:
        request = CoreListFirewallRulesRequest()
        request.set_InstanceId(INSTANCE_ID)
        self.send(request, "cn-hangzhou")

    def refusal_of(self, call: Callable[[], object]) -> Refusal:
        with pytest.raises(CoreServerException) as raised:
            call()
        error = raised.value
        return Refusal(
            status=error.get_http_status(),
            code=error.get_error_code(),
            message=error.get_error_msg(),
            request_id=error.get_request_id(),
            shown=str(error),
        )


ALL = [Tea, TeaV1, TeaAsync, Core]
