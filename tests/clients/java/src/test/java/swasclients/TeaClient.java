package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.aliyun.swas_open20200601.Client;
import com.aliyun.swas_open20200601.models.ListFirewallRulesRequest;
import com.aliyun.swas_open20200601.models.ListRegionsResponseBody;
import com.aliyun.swas_open20200601.models.ListRegionsResponseBody.ListRegionsResponseBodyRegions;
import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * `swas_open20200601` on `tea-openapi`, which signs with V3 (ACS3-HMAC-SHA256).
 *
 * <p>The only release served (1.0.2, of 2021) is older than `ListCustomImages`, so that action goes through
 * `callApi`, which this client inherits and which the typed methods of later releases wrap.
 */
final class TeaClient implements VendorClient {
    private final Client sdk;

    TeaClient() throws Exception {
        sdk = new Client(new Config()
                .setAccessKeyId(Clients.ACCESS_KEY_ID)
                .setAccessKeySecret(Clients.ACCESS_KEY_SECRET)
                .setEndpoint(Clients.endpoint())
                .setProtocol("http"));
    }

    @Override
    public Answer listCustomImages(Map<String, Object> parameters) throws Exception {
        Map<String, ?> response = callApi("ListCustomImages", parameters);
        Map<String, String> headers = new LinkedHashMap<>();
        ((Map<?, ?>) response.get("headers"))
                .forEach((name, value) -> headers.put(name.toString().toLowerCase(), value.toString()));
        return Cases.answer((Map<?, ?>) response.get("body"), Optional.of(headers));
    }

    @Override
    public Regions listRegions(Map<String, String> parameters) throws Exception {
        if (!parameters.isEmpty()) {
            // `AcceptLanguage` is younger than this release too, whose method takes no request.
            return Regions.of((Map<?, ?>) callApi("ListRegions", parameters).get("body"));
        }
        ListRegionsResponseBody body = sdk.listRegions().getBody();
        return new Regions(
                body.getRequestId(),
                body.getRegions().stream().map(TeaClient::fields).toList());
    }

    @Override
    public void listFirewallRules() throws Exception {
        sdk.listFirewallRules(
                new ListFirewallRulesRequest().setRegionId("cn-hangzhou").setInstanceId(Clients.INSTANCE_ID));
    }

    @Override
    public Refusal refusal(Exception exception) {
        assertEquals(TeaException.class, exception.getClass(), exception::toString);
        TeaException error = (TeaException) exception;
        return new Refusal(
                Optional.of(error.getStatusCode()),
                error.getCode(),
                (String) error.getData().get("Message"),
                (String) error.getData().get("RequestId"),
                error.getMessage());
    }

    @Override
    public String toString() {
        return "tea-v3";
    }

    private static Map<String, Object> fields(ListRegionsResponseBodyRegions region) {
        return Map.of(
                "RegionId", region.getRegionId(),
                "RegionEndpoint", region.getRegionEndpoint(),
                "LocalName", region.getLocalName());
    }

    private Map<String, ?> callApi(String action, Map<String, ?> parameters) throws Exception {
        Params params = new Params()
                .setAction(action)
                .setVersion("2020-06-01")
                .setProtocol("HTTPS")
                .setPathname("/")
                .setMethod("POST")
                .setAuthType("AK")
                .setStyle("RPC")
                .setReqBodyType("formData")
                .setBodyType("json");
        OpenApiRequest request =
                new OpenApiRequest().setQuery(com.aliyun.openapiutil.Client.query(parameters));
        Map<String, ?> response = sdk.callApi(params, request, new RuntimeOptions());
        assertEquals(200, response.get("statusCode"));
        return response;
    }
}
