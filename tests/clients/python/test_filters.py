"""Every filter of the operation: `filters` in cases.json."""


def test_filter_keeps_exactly_the_matching_images(client, filters_case):
    answer = client.list_custom_images(filters_case["parameters"])

    assert answer.image_ids == filters_case["image_ids"]
    assert answer.total_count == str(len(filters_case["image_ids"]))
