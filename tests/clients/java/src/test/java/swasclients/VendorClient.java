package swasclients;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The one face of the vendor's clients, for the tests that all of them must pass. */
interface VendorClient {
    /** Lists images; the parameters carry the vendor's own names (`RegionId`, `Tag`, …). */
    Answer listCustomImages(Map<String, Object> parameters) throws Exception;

    /** Calls an action that the emulator does not have. */
    void listRegions() throws Exception;

    /** Reads the fields of the client's own exception, and fails on any other exception. */
    Refusal refusal(Exception exception);

    /** Tells whether the client's model of an image has the field. */
    default boolean models(String field) {
        return true;
    }

    /** What a client made of a 200; `headers` (lower case names) is empty where it keeps them to itself. */
    record Answer(
            String requestId,
            Object totalCount,
            Object pageSize,
            Object pageNumber,
            List<Map<String, Object>> images,
            Optional<Map<String, String>> headers) {

        List<Object> imageIds() {
            return images.stream().map(image -> image.get("ImageId")).toList();
        }
    }

    /** What a client made of an error; `status` is empty where it keeps it to itself. */
    record Refusal(
            Optional<Integer> status, String code, String message, String requestId, String shown) {}
}
