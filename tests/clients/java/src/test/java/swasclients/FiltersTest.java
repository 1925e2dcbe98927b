package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every filter of the operation: `filters` in cases.json. */
class FiltersTest {
    static Stream<Arguments> cases() {
        return Clients.with(Cases.filters());
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void filterKeepsExactlyTheMatchingImages(VendorClient client, Cases.ListCase filters) throws Exception {
        VendorClient.Answer answer = client.listCustomImages(filters.request());

        assertEquals(filters.imageIds(), answer.imageIds());
        assertEquals(String.valueOf(filters.imageIds().size()), answer.totalCount());
    }
}
