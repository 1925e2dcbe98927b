package swasclients;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The one face of the vendor's clients, for the tests that all of them must pass. */
interface VendorClient {
    /** Lists images; the parameters carry the vendor's own names (`RegionId`, `Tag`, …). */
    Answer listCustomImages(Map<String, Object> parameters) throws Exception;

    /** Lists regions; the only parameter is `AcceptLanguage`. */
    Regions listRegions(Map<String, String> parameters) throws Exception;

    /** Calls an action that is not emulated. */
    void listFirewallRules() throws Exception;

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

    /** What a client made of a 200 to `ListRegions`: the regions under the vendor's own names, in order. */
    record Regions(String requestId, List<Map<String, Object>> regions) {
        static Regions of(Map<?, ?> body) {
            List<Map<String, Object>> regions = new ArrayList<>();
            for (Object item : (List<?>) body.get("Regions")) {
                Map<String, Object> region = new LinkedHashMap<>();
                ((Map<?, ?>) item).forEach((name, value) -> region.put(name.toString(), value));
                regions.add(region);
            }
            return new Regions((String) body.get("RequestId"), regions);
        }
    }

    /** What a client made of an error; `status` is empty where it keeps it to itself. */
    record Refusal(
            Optional<Integer> status, String code, String message, String requestId, String shown) {}
}
