package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** `ListRegions`: `regions` in cases.json, and a language that is refused. */
class RegionsTest {
    static Stream<Arguments> cases() {
        return Clients.with(Cases.regions());
    }

    static List<VendorClient> clients() {
        return Clients.all();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void regionsArriveInOrderInTheLanguageAskedFor(VendorClient client, Cases.RegionsCase expected) throws Exception {
        VendorClient.Regions answer = client.listRegions(expected.parameters());

        assertEquals(expected.count(), answer.regions().size());
        assertEquals(expected.firstRegionId(), answer.regions().get(0).get("RegionId"));
        List<Map<String, Object>> hangzhou = answer.regions().stream()
                .filter(region -> region.get("RegionId").equals("cn-hangzhou"))
                .toList();
        assertEquals(List.of(expected.hangzhou()), hangzhou);
        assertTrue(Cases.UPPER_CASE_UUID.matcher(answer.requestId()).matches(), answer.requestId());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void anotherLanguageIsRefused(VendorClient client) {
        VendorClient.Refusal refusal = client.refusal(
                assertThrows(Exception.class, () -> client.listRegions(Map.of("AcceptLanguage", "fr-FR"))));

        refusal.status().ifPresent(status -> assertEquals(400, status));
        assertEquals("InvalidAcceptLanguage", refusal.code());
        assertEquals("Specified parameter AcceptLanguage is not valid.", refusal.message());
    }
}
