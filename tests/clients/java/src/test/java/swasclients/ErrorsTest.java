package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Refusals, as the vendor's own exceptions: `errors` in cases.json. */
class ErrorsTest {
    static Stream<Arguments> cases() {
        return Clients.with(Cases.errors());
    }

    static List<VendorClient> clients() {
        return Clients.all();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void badParameterThrowsTheVendorsException(VendorClient client, Cases.ErrorCase bad) {
        VendorClient.Refusal refusal = refusalOf(client, () -> client.listCustomImages(bad.request()));

        refusal.status().ifPresent(status -> assertEquals(bad.status(), status));
        assertEquals(bad.code(), refusal.code());
        assertEquals(bad.message(), refusal.message());
        assertTrue(Cases.UPPER_CASE_UUID.matcher(refusal.requestId()).matches(), refusal.requestId());
        assertTrue(refusal.shown().contains(bad.message()), refusal.shown());
        assertTrue(refusal.shown().contains(refusal.requestId()), refusal.shown());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void actionThatIsNotEmulatedIsNamedInTheException(VendorClient client) {
        VendorClient.Refusal refusal = refusalOf(client, client::listFirewallRules);

        refusal.status().ifPresent(status -> assertEquals(400, status));
        assertEquals("NotImplemented", refusal.code());
        assertTrue(refusal.message().startsWith("ListFirewallRules is not emulated;"), refusal.message());
        assertTrue(refusal.message().contains("ListCustomImages"), refusal.message());
        assertTrue(Cases.UPPER_CASE_UUID.matcher(refusal.requestId()).matches(), refusal.requestId());
    }

    // The older SDK always sends the region of its client, so only this one can leave it out.
    @Test
    void missingRegionIdIsRefused() throws Exception {
        TeaClient client = new TeaClient();

        VendorClient.Refusal refusal = refusalOf(client, () -> client.listCustomImages(Map.of()));

        assertEquals("MissingRegionId", refusal.code());
        assertEquals("RegionId is mandatory for this action.", refusal.message());
    }

    private static VendorClient.Refusal refusalOf(VendorClient client, Executable call) {
        return client.refusal(assertThrows(Exception.class, call));
    }
}
