package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.swas_open.model.v20200601.ListCustomImagesResponse.CustomImage;
import com.google.gson.Gson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A plain listing: the types of the answer's fields, and every field of an image. */
class ListingTest {
    static Stream<Arguments> clientsAndRegions() {
        return Clients.with(List.copyOf(Cases.listings().keySet()));
    }

    static List<VendorClient> clients() {
        return Clients.all();
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("clientsAndRegions")
    void regionListsItsImagesAndPagingFieldsAreStrings(VendorClient client, String regionId) throws Exception {
        List<String> expected = Cases.listings().get(regionId);

        VendorClient.Answer answer = client.listCustomImages(Map.of("RegionId", regionId));

        assertEquals(expected.subList(0, Math.min(10, expected.size())), answer.imageIds());
        assertEquals(String.valueOf(expected.size()), answer.totalCount());
        assertEquals("10", answer.pageSize());
        assertEquals("1", answer.pageNumber());
        assertTrue(Cases.UPPER_CASE_UUID.matcher(answer.requestId()).matches(), answer.requestId());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void headerCarriesTheRequestIdAndNoWarning(VendorClient client) throws Exception {
        VendorClient.Answer answer = client.listCustomImages(
                Map.of("RegionId", "cn-hangzhou", "Share", true, "Tag", List.of(Map.of("Key", "env"))));

        if (answer.headers().isEmpty()) {
            assertTrue(client instanceof CoreClient);
            return;
        }
        Map<String, String> headers = answer.headers().get();
        assertEquals(answer.requestId(), headers.get("x-acs-request-id"));
        // The older SDK cuts the character set off before its users see this header.
        assertTrue(headers.get("content-type").startsWith("application/json"), headers.get("content-type"));
        // Nothing that an official client sends may look like a mistake to the emulator.
        assertNull(headers.get("x-emulator-warning"));
    }

    @ParameterizedTest
    @MethodSource("clients")
    void everyFieldOfAFullImageArrives(VendorClient client) throws Exception {
        Map<String, Object> expected = new LinkedHashMap<>(Cases.fullImage());
        expected.keySet().removeIf(field -> !client.models(field));
        String imageIds = new Gson().toJson(List.of(expected.get("ImageId")));

        VendorClient.Answer answer =
                client.listCustomImages(Map.of("RegionId", "cn-hangzhou", "ImageIds", imageIds));

        assertEquals(List.of(expected), answer.images());
    }

    @Test
    void typedModelOfAFullImage() throws Exception {
        var request = CoreClient.request(Map.of("ImageNames", "[\"shop-2026-10\"]"));

        List<CustomImage> images = CoreClient.send(request, "cn-hangzhou").getCustomImages();

        assertEquals(1, images.size());
        CustomImage image = images.get(0);
        assertEquals("2026-10-09T02:28:06Z", image.getCreationTime());
        assertEquals("s-bp1data0000000000001", image.getDataSnapshotId());
        assertEquals("数据盘快照", image.getDataSnapshotName());
        assertEquals("s-bp1system00000000001", image.getSystemSnapshotId());
        assertEquals("系统盘快照", image.getSystemSnapshotName());
        assertEquals("网店镜像，2026 年 10 月 – prêt à l’emploi", image.getDescription());
        assertEquals("m-bp1full00000000001", image.getImageId());
        assertEquals(true, image.getInShare());
        assertEquals("2d06ee0520b44de1ae88d4be3c1f0a01", image.getInstanceId());
        assertEquals("web-1", image.getInstanceName());
        assertEquals("shop-2026-10", image.getName());
        assertEquals("cn-hangzhou", image.getRegionId());
        assertEquals("1", image.getStatus());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void absentFieldsAreLeftOutButFlagsAndListsAreThere(VendorClient client) throws Exception {
        Map<String, Object> expected = new LinkedHashMap<>(Map.of(
                "CreationTime", "2026-01-01T00:00:00Z",
                "InShare", false,
                "InShareUser", false,
                "RegionId", "cn-hangzhou",
                "Name", "minimal",
                "ImageId", "m-bp1minimal00000001",
                "Status", "1",
                "Tags", List.of(),
                "CreateInstances", List.of()));
        expected.keySet().removeIf(field -> !client.models(field));

        VendorClient.Answer answer =
                client.listCustomImages(Map.of("RegionId", "cn-hangzhou", "ImageNames", "[\"minimal\"]"));

        assertEquals(List.of(expected), answer.images());
    }

    @ParameterizedTest
    @MethodSource("clients")
    void everyStatusArrivesAsADigitInAString(VendorClient client) throws Exception {
        Map<String, Object> expected = Map.of(
                "shop-copy", "0",
                "minimal", "1",
                "retired", "2",
                "db-backup-failed", "3",
                "shop-2026-11", "4");
        String imageNames = new Gson().toJson(expected.keySet());

        VendorClient.Answer answer =
                client.listCustomImages(Map.of("RegionId", "cn-hangzhou", "ImageNames", imageNames));

        Map<Object, Object> statuses = new LinkedHashMap<>();
        answer.images().forEach(image -> statuses.put(image.get("Name"), image.get("Status")));
        assertEquals(expected, statuses);
    }
}
