package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.aliyuncs.AcsRequest;
import com.aliyuncs.AcsResponse;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.profile.DefaultProfile;
import com.aliyuncs.swas_open.model.v20200601.ListCustomImagesRequest;
import com.aliyuncs.swas_open.model.v20200601.ListCustomImagesResponse;
import com.aliyuncs.swas_open.model.v20200601.ListCustomImagesResponse.CustomImage;
import com.aliyuncs.swas_open.model.v20200601.ListFirewallRulesRequest;
import com.aliyuncs.swas_open.model.v20200601.ListRegionsRequest;
import com.aliyuncs.swas_open.model.v20200601.ListRegionsResponse;
import com.aliyuncs.swas_open.model.v20200601.ListRegionsResponse.Region;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** `aliyun-java-sdk-swas-open`, the older SDK: V1 signature, everything in the query of a POST. */
final class CoreClient implements VendorClient {
    // The newest release served (1.8.8, of October 2023) has these fields only.
    private static final Set<String> MODELLED = Set.of(
            "CreationTime",
            "DataSnapshotName",
            "SystemSnapshotId",
            "InShare",
            "InstanceId",
            "DataSnapshotId",
            "RegionId",
            "SystemSnapshotName",
            "Description",
            "Name",
            "ImageId",
            "Status",
            "InstanceName");

    @Override
    public Answer listCustomImages(Map<String, Object> parameters) throws Exception {
        ListCustomImagesResponse response = send(request(parameters), (String) parameters.get("RegionId"));
        return new Answer(
                response.getRequestId(),
                response.getTotalCount(),
                response.getPageSize(),
                response.getPageNumber(),
                response.getCustomImages().stream().map(CoreClient::fields).toList(),
                Optional.empty());
    }

    @Override
    public Regions listRegions(Map<String, String> parameters) throws Exception {
        ListRegionsRequest request = new ListRegionsRequest();
        // This release has no setter for `AcceptLanguage`: its users pass it through this method.
        parameters.forEach(request::putQueryParameter);
        ListRegionsResponse response = send(request, "cn-hangzhou");
        return new Regions(
                response.getRequestId(),
                response.getRegions().stream().map(CoreClient::fields).toList());
    }

    @Override
    public void listFirewallRules() throws Exception {
        ListFirewallRulesRequest request = new ListFirewallRulesRequest();
        request.setInstanceId(Clients.INSTANCE_ID);
        send(request, "cn-hangzhou");
    }

    @Override
    public Refusal refusal(Exception exception) {
        return readRefusal(exception);
    }

    /** Reads the exception that every client of the older SDK throws for a status from 400 to 499. */
    static Refusal readRefusal(Exception exception) {
        // Its subclass `ServerException` is for 500 and above.
        assertEquals(ClientException.class, exception.getClass(), exception::toString);
        ClientException error = (ClientException) exception;
        return new Refusal(
                Optional.empty(),
                error.getErrCode(),
                error.getErrMsg(),
                error.getRequestId(),
                error.toString());
    }

    @Override
    public boolean models(String field) {
        return MODELLED.contains(field);
    }

    @Override
    public String toString() {
        return "core";
    }

    static <T extends AcsResponse> T send(AcsRequest<T> request, String regionId) throws Exception {
        // Without an endpoint the SDK would ask the vendor's location service for one.
        request.setSysEndpoint(Clients.endpoint());
        request.setSysProtocol(ProtocolType.HTTP);
        return sdk(regionId).getAcsResponse(request);
    }

    static DefaultAcsClient sdk(String regionId) {
        return new DefaultAcsClient(
                DefaultProfile.getProfile(regionId, Clients.ACCESS_KEY_ID, Clients.ACCESS_KEY_SECRET));
    }

    static ListCustomImagesRequest request(Map<String, Object> parameters) {
        ListCustomImagesRequest request = new ListCustomImagesRequest();
        parameters.forEach((name, value) -> {
            switch (name) {
                case "RegionId" -> request.setSysRegionId((String) value);
                case "ImageIds" -> request.setImageIds((String) value);
                case "ImageNames" -> request.setImageNames((String) value);
                case "PageSize" -> request.setPageSize((Integer) value);
                case "PageNumber" -> request.setPageNumber((Integer) value);
                case "SystemSnapshotId" -> request.setSystemSnapshotId((String) value);
                case "DataSnapshotId" -> request.setDataSnapshotId((String) value);
                // Younger than this release: its users pass them through this method of every request.
                default -> Cases.flat(name, value).forEach(request::putQueryParameter);
            }
        });
        return request;
    }

    private static Map<String, Object> fields(Region region) {
        return Map.of(
                "RegionId", region.getRegionId(),
                "RegionEndpoint", region.getRegionEndpoint(),
                "LocalName", region.getLocalName());
    }

    private static Map<String, Object> fields(CustomImage image) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("CreationTime", image.getCreationTime());
        fields.put("DataSnapshotName", image.getDataSnapshotName());
        fields.put("SystemSnapshotId", image.getSystemSnapshotId());
        fields.put("InShare", image.getInShare());
        fields.put("InstanceId", image.getInstanceId());
        fields.put("DataSnapshotId", image.getDataSnapshotId());
        fields.put("RegionId", image.getRegionId());
        fields.put("SystemSnapshotName", image.getSystemSnapshotName());
        fields.put("Description", image.getDescription());
        fields.put("Name", image.getName());
        fields.put("ImageId", image.getImageId());
        fields.put("Status", image.getStatus());
        fields.put("InstanceName", image.getInstanceName());
        fields.values().removeIf(value -> value == null);
        return fields;
    }
}
