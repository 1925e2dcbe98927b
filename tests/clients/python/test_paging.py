"""Walking the pages of a listing to its end."""

import pytest


@pytest.mark.parametrize(
    ("page_size", "n_images"),
    [(10, [10, 10, 5]), (7, [7, 7, 7, 4]), (25, [25]), (100, [25])],
    ids=["size_10", "size_7", "size_25", "size_100"],
)
def test_pages_join_into_the_whole_listing_newest_first(client, cases, page_size, n_images):
    expected = cases["listings"]["cn-hangzhou"]
    pages = []
    while sum(map(len, pages)) < len(expected):
        number = len(pages) + 1
        answer = client.list_custom_images(
            {"RegionId": "cn-hangzhou", "PageSize": page_size, "PageNumber": number}
        )
        assert answer.total_count == "25"
        assert (answer.page_size, answer.page_number) == (str(page_size), str(number))
        assert answer.images, f"page {number} is empty, the listing is not at its end"
        pages.append(answer.images)

    assert [len(page) for page in pages] == n_images
    images = [image for page in pages for image in page]
    # Equal creation times lie across the ends of the first and the second page of ten.
    assert images == sorted(
        sorted(images, key=lambda image: image["ImageId"]),
        key=lambda image: image["CreationTime"],
        reverse=True,
    )
    assert [image["ImageId"] for image in images] == expected


def test_page_past_the_end_is_empty_and_keeps_the_total(client):
    answer = client.list_custom_images({"RegionId": "cn-hangzhou", "PageSize": 10, "PageNumber": 4})

    assert answer.images == []
    assert (answer.total_count, answer.page_size, answer.page_number) == ("25", "10", "4")


def test_pages_of_a_filtered_listing_count_only_its_matches(client):
    parameters = {"RegionId": "cn-hangzhou", "Tag": [{"Key": "team"}], "PageSize": 5, "PageNumber": 2}

    answer = client.list_custom_images(parameters)

    assert answer.image_ids == ["m-bp1dbnew0000000001", "m-bp1broken000000001"]
    assert answer.total_count == "7"
