package swasclients;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.ToNumberPolicy;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The cases that the suites of all languages share: `tests/clients/cases.json`. */
final class Cases {
    static final Pattern UPPER_CASE_UUID = Pattern.compile("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}");

    private static final Gson GSON = new GsonBuilder()
            .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
            .create();

    private static final File FILE = load();

    private Cases() {}

    static Map<String, List<String>> listings() {
        return FILE.listings;
    }

    static Map<String, Object> fullImage() {
        return FILE.fullImage;
    }

    static List<ListCase> filters() {
        return FILE.filters;
    }

    static List<ListCase> text() {
        return FILE.text;
    }

    static List<ErrorCase> errors() {
        return FILE.errors;
    }

    static List<RegionsCase> regions() {
        return FILE.regions;
    }

    record ListCase(
            String name,
            Map<String, Object> parameters,
            @SerializedName("image_ids") List<String> imageIds,
            @SerializedName("first_image") Map<String, Object> firstImage) {

        Map<String, Object> request() {
            return withInts(parameters);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    record ErrorCase(String name, Map<String, Object> parameters, int status, String code, String message) {
        Map<String, Object> request() {
            return withInts(parameters);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    record RegionsCase(
            String name,
            Map<String, String> parameters,
            @SerializedName("n_regions") int count,
            @SerializedName("first_region_id") String firstRegionId,
            Map<String, Object> hangzhou) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static final class File {
        Map<String, List<String>> listings;

        @SerializedName("full_image")
        Map<String, Object> fullImage;

        List<ListCase> filters;
        List<ListCase> text;
        List<ErrorCase> errors;
        List<RegionsCase> regions;
    }

    private static File load() {
        try {
            return GSON.fromJson(Files.readString(Path.of("..", "cases.json")), File.class);
        } catch (IOException exception) {
            throw new IllegalStateException("cannot read the cases", exception);
        }
    }

    // JSON numbers are read as `Long`; the vendor's setters take `Integer`.
    private static Map<String, Object> withInts(Map<String, Object> parameters) {
        Map<String, Object> copy = new LinkedHashMap<>(parameters);
        copy.replaceAll((name, value) -> value instanceof Long number ? Integer.valueOf(number.intValue()) : value);
        return copy;
    }

    static Map<String, Object> parse(String json) {
        @SuppressWarnings("unchecked")
        Map<String, Object> map = GSON.fromJson(json, Map.class);
        return map;
    }

    /** Spells a parameter the way it goes on the wire: a list becomes `Tag.1.Key`, `Tag.1.Value`, … */
    static Map<String, Object> flat(String name, Object value) {
        if (!(value instanceof List<?> items)) {
            return Map.of(name, value);
        }
        Map<String, Object> flat = new LinkedHashMap<>();
        for (int index = 0; index < items.size(); index++) {
            String prefix = name + "." + (index + 1) + ".";
            ((Map<?, ?>) items.get(index)).forEach((key, item) -> flat.put(prefix + key, item));
        }
        return flat;
    }

    /** Reads the answer of a client without models. */
    static VendorClient.Answer answer(Map<?, ?> body, Optional<Map<String, String>> headers) {
        List<Map<String, Object>> images = new ArrayList<>();
        for (Object item : (List<?>) body.get("CustomImages")) {
            Map<String, Object> image = new LinkedHashMap<>();
            ((Map<?, ?>) item).forEach((name, value) -> image.put(name.toString(), asLong(value)));
            images.add(image);
        }
        return new VendorClient.Answer(
                (String) body.get("RequestId"),
                body.get("TotalCount"),
                body.get("PageSize"),
                body.get("PageNumber"),
                images,
                headers);
    }

    // A client without models picks the width of an integer by its value.
    private static Object asLong(Object value) {
        return value instanceof Integer number ? Long.valueOf(number) : value;
    }
}
