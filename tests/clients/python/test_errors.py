"""Refusals, as the vendor's own exceptions: `errors` in cases.json."""

import pytest

import clients
from checks import UPPER_CASE_UUID
from clients import Tea, TeaAsync, TeaV1


def test_bad_parameter_raises_the_vendors_exception(client, errors_case):
    refusal = client.refusal_of(lambda: client.list_custom_images(errors_case["parameters"]))

    assert refusal.status == errors_case["status"]
    assert refusal.code == errors_case["code"]
    assert refusal.message == errors_case["message"]
    assert UPPER_CASE_UUID.fullmatch(refusal.request_id)
    assert errors_case["message"] in refusal.shown
    assert refusal.request_id in refusal.shown


def test_action_that_is_not_emulated_is_named_in_the_exception(client):
    refusal = client.refusal_of(client.list_firewall_rules)

    assert (refusal.status, refusal.code) == (400, "NotImplemented")
    assert refusal.message.startswith("ListFirewallRules is not emulated;")
    assert "ListCustomImages" in refusal.message
    assert UPPER_CASE_UUID.fullmatch(refusal.request_id)


# The older SDK always sends the region of its client, so only this one can leave it out.
@pytest.mark.parametrize("make", [Tea, TeaV1, TeaAsync], ids=lambda make: make.name)
def test_missing_region_id_is_refused(make):
    client = make(clients.endpoint())

    refusal = client.refusal_of(lambda: client.list_custom_images({}))

    assert (refusal.status, refusal.code) == (400, "MissingRegionId")
    assert refusal.message == "RegionId is mandatory for this action."
