package swasclients;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Makes the vendor's clients. Nothing in an SDK is replaced or patched. */
final class Clients {
    static final String ACCESS_KEY_ID = "testid";
    static final String ACCESS_KEY_SECRET = "testsecret";

    static final String INSTANCE_ID = "2d06ee0520b44de1ae88d4be3c1f0a01";

    private Clients() {}

    /** Returns the emulator's `HOST:PORT`, which `tests/clients/run` sets. */
    static String endpoint() {
        String value = System.getenv("SWAS_EMULATOR_ENDPOINT");
        if (value == null) {
            throw new IllegalStateException(
                    "SWAS_EMULATOR_ENDPOINT is not set: start this suite with `tests/clients/run java`");
        }
        return value;
    }

    static List<VendorClient> all() {
        try {
            return List.of(new CoreClient(), new CoreCommonClient(), new TeaClient());
        } catch (Exception exception) {
            throw new IllegalStateException("cannot make the vendor's clients", exception);
        }
    }

    /** Pairs every client with every case. */
    static Stream<Arguments> with(List<?> cases) {
        return all().stream().flatMap(client -> cases.stream().map(each -> Arguments.of(client, each)));
    }
}
