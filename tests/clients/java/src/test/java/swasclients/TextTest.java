package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Text outside ASCII, in both directions: `text` in cases.json. */
class TextTest {
    static Stream<Arguments> cases() {
        return Clients.with(Cases.text());
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void textIsFoundByAFilterAndReadBackUnchanged(VendorClient client, Cases.ListCase text) throws Exception {
        VendorClient.Answer answer = client.listCustomImages(text.request());

        assertEquals(text.imageIds(), answer.imageIds());
        Map<String, Object> firstImage = answer.images().get(0);
        text.firstImage().forEach((field, expected) -> {
            if (client.models(field)) {
                assertEquals(expected, firstImage.get(field), field);
            }
        });
    }
}
