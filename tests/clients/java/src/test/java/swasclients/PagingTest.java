package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Walking the pages of a listing to its end. */
class PagingTest {
    private static final Comparator<Map<String, Object>> NEWEST_FIRST = Comparator.comparing(
                    (Map<String, Object> image) -> (String) image.get("CreationTime"))
            .reversed()
            .thenComparing(image -> (String) image.get("ImageId"));

    record Walk(int pageSize, List<Integer> nImages) {}

    static Stream<Arguments> walks() {
        return Clients.with(List.of(
                new Walk(10, List.of(10, 10, 5)),
                new Walk(7, List.of(7, 7, 7, 4)),
                new Walk(25, List.of(25)),
                new Walk(100, List.of(25))));
    }

    static List<VendorClient> clients() {
        return Clients.all();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("walks")
    void pagesJoinIntoTheWholeListingNewestFirst(VendorClient client, Walk walk) throws Exception {
        List<String> expected = Cases.listings().get("cn-hangzhou");
        List<Integer> nImages = new ArrayList<>();
        List<Map<String, Object>> images = new ArrayList<>();
        while (images.size() < expected.size()) {
            int number = nImages.size() + 1;
            VendorClient.Answer answer = client.listCustomImages(
                    Map.of("RegionId", "cn-hangzhou", "PageSize", walk.pageSize(), "PageNumber", number));
            assertEquals("25", answer.totalCount());
            assertEquals(String.valueOf(walk.pageSize()), answer.pageSize());
            assertEquals(String.valueOf(number), answer.pageNumber());
            assertFalse(
                    answer.images().isEmpty(),
                    () -> "page " + number + " is empty, the listing is not at its end");
            nImages.add(answer.images().size());
            images.addAll(answer.images());
        }

        assertEquals(walk.nImages(), nImages);
        // Equal creation times lie across the ends of the first and the second page of ten.
        assertEquals(images.stream().sorted(NEWEST_FIRST).toList(), images);
        assertEquals(expected, images.stream().map(image -> image.get("ImageId")).toList());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void pagePastTheEndIsEmptyAndKeepsTheTotal(VendorClient client) throws Exception {
        VendorClient.Answer answer =
                client.listCustomImages(Map.of("RegionId", "cn-hangzhou", "PageSize", 10, "PageNumber", 4));

        assertEquals(List.of(), answer.images());
        assertEquals("25", answer.totalCount());
        assertEquals("10", answer.pageSize());
        assertEquals("4", answer.pageNumber());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void pagesOfAFilteredListingCountOnlyItsMatches(VendorClient client) throws Exception {
        VendorClient.Answer answer = client.listCustomImages(Map.of(
                "RegionId", "cn-hangzhou",
                "Tag", List.of(Map.of("Key", "team")),
                "PageSize", 5,
                "PageNumber", 2));

        assertEquals(List.of("m-bp1dbnew0000000001", "m-bp1broken000000001"), answer.imageIds());
        assertEquals("7", answer.totalCount());
    }
}
