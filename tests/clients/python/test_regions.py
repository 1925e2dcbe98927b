"""`ListRegions`: `regions` in cases.json, and a language that is refused."""

from checks import UPPER_CASE_UUID


def test_regions_arrive_in_order_in_the_language_asked_for(client, regions_case):
    answer = client.list_regions(regions_case["parameters"])

    assert len(answer.regions) == regions_case["n_regions"]
    assert answer.regions[0]["RegionId"] == regions_case["first_region_id"]
    hangzhou = [region for region in answer.regions if region["RegionId"] == "cn-hangzhou"]
    assert hangzhou == [regions_case["hangzhou"]]
    assert UPPER_CASE_UUID.fullmatch(answer.request_id)


def test_another_language_is_refused(client):
    refusal = client.refusal_of(lambda: client.list_regions({"AcceptLanguage": "fr-FR"}))

    assert (refusal.status, refusal.code) == (400, "InvalidAcceptLanguage")
    assert refusal.message == "Specified parameter AcceptLanguage is not valid."
