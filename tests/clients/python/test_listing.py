"""A plain listing: the types of the answer's fields, and every field of an image."""

import json

import pytest

import clients
from clients import Core, Tea, TeaV1
from checks import UPPER_CASE_UUID


@pytest.mark.parametrize("region_id", ["cn-hangzhou", "cn-shanghai", "ap-southeast-1"])
def test_a_region_lists_its_images_and_paging_fields_are_strings(client, cases, region_id):
    expected = cases["listings"][region_id]

    answer = client.list_custom_images({"RegionId": region_id})

    assert answer.image_ids == expected[:10]
    assert (answer.total_count, answer.page_size, answer.page_number) == (str(len(expected)), "10", "1")
    assert UPPER_CASE_UUID.fullmatch(answer.request_id)


def test_header_carries_the_request_id_and_no_warning(client):
    answer = client.list_custom_images({"RegionId": "cn-hangzhou", "Share": True, "Tag": [{"Key": "env"}]})

    if answer.headers is None:
        assert isinstance(client, Core)
        return
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert headers["x-acs-request-id"] == answer.request_id
    assert headers["content-type"] == "application/json;charset=utf-8"
    # Nothing that an official client sends may look like a mistake to the emulator.
    assert "x-emulator-warning" not in headers


def test_every_field_of_a_full_image_arrives(client, cases):
    full_image = cases["full_image"]

    answer = client.list_custom_images(
        {"RegionId": "cn-hangzhou", "ImageIds": json.dumps([full_image["ImageId"]])}
    )

    assert answer.images == [full_image]
    # `True == 1` in Python, so the map alone would accept numbers for booleans.
    assert {name: type(value) for name, value in answer.images[0].items()} == {
        name: type(value) for name, value in full_image.items()
    }


@pytest.mark.parametrize("make", [Tea, TeaV1], ids=lambda make: make.name)
def test_typed_model_of_a_full_image(make):
    request = clients.tea_request({"RegionId": "cn-hangzhou", "ImageNames": '["shop-2026-10"]'})

    (image,) = make(clients.endpoint()).send(request).body.custom_images

    assert image.creation_time == "2026-10-09T02:28:06Z"
    assert image.data_snapshot_id == "s-bp1data0000000000001"
    assert image.data_snapshot_name == "数据盘快照"
    assert image.system_snapshot_id == "s-bp1system00000000001"
    assert image.system_snapshot_name == "系统盘快照"
    assert image.description == "网店镜像，2026 年 10 月 – prêt à l’emploi"
    assert image.image_id == "m-bp1full00000000001"
    assert image.in_share is True
    assert image.in_share_user is True
    assert image.instance_id == "2d06ee0520b44de1ae88d4be3c1f0a01"
    assert image.instance_name == "web-1"
    assert image.name == "shop-2026-10"
    assert image.os_type == "Linux"
    assert image.region_id == "cn-hangzhou"
    assert image.required_data_disk_size == 120
    assert image.required_system_disk_size == 50
    assert image.resource_group_id == "rg-acfm2h2lvp3ublq"
    assert image.source_image_name == "CentOS"
    assert image.source_image_version == "8.0"
    assert image.status == "1"
    assert [(tag.key, tag.value) for tag in image.tags] == [("env", "prod"), ("team", "web")]
    assert image.create_instances == [
        "7c1f0b6f5ad34d58b1b7a1f7de0a4e11",
        "7c1f0b6f5ad34d58b1b7a1f7de0a4e12",
    ]
    assert image.user_id == 1287495036218470


def test_absent_fields_are_left_out_but_flags_and_lists_are_there(client):
    answer = client.list_custom_images({"RegionId": "cn-hangzhou", "ImageNames": '["minimal"]'})

    assert answer.images == [
        {
            "CreationTime": "2026-01-01T00:00:00Z",
            "InShare": False,
            "InShareUser": False,
            "RegionId": "cn-hangzhou",
            "Name": "minimal",
            "ImageId": "m-bp1minimal00000001",
            "Status": "1",
            "Tags": [],
            "CreateInstances": [],
        }
    ]


def test_every_status_arrives_as_a_digit_in_a_string(client):
    names = ["shop-copy", "minimal", "retired", "db-backup-failed", "shop-2026-11"]

    answer = client.list_custom_images({"RegionId": "cn-hangzhou", "ImageNames": json.dumps(names)})

    statuses = {image["Name"]: image["Status"] for image in answer.images}
    assert [statuses[name] for name in names] == ["0", "1", "2", "3", "4"]
