"""Text outside ASCII, in both directions: `text` in cases.json."""


def test_text_is_found_by_a_filter_and_read_back_unchanged(client, text_case):
    answer = client.list_custom_images(text_case["parameters"])

    assert answer.image_ids == text_case["image_ids"]
    first_image = answer.images[0]
    assert {name: first_image[name] for name in text_case["first_image"]} == text_case["first_image"]
