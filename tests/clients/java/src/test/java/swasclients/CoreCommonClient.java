package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.aliyuncs.CommonRequest;
import com.aliyuncs.CommonResponse;
import com.aliyuncs.http.MethodType;
import com.aliyuncs.http.ProtocolType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** `CommonRequest` of `aliyun-java-sdk-core`: no models, V1 signature, everything in the query of a GET. */
final class CoreCommonClient implements VendorClient {
    @Override
    public Answer listCustomImages(Map<String, Object> parameters) throws Exception {
        CommonRequest request = request("ListCustomImages");
        parameters.forEach((name, value) -> Cases.flat(name, value)
                .forEach((key, text) -> request.putQueryParameter(key, text.toString())));
        CommonResponse response = CoreClient.sdk("cn-hangzhou").getCommonResponse(request);
        assertEquals(200, response.getHttpStatus());
        Map<String, String> headers = new LinkedHashMap<>();
        response.getHttpResponse().getSysHeaders().forEach((name, value) -> headers.put(name.toLowerCase(), value));
        return Cases.answer(Cases.parse(response.getData()), Optional.of(headers));
    }

    @Override
    public Regions listRegions(Map<String, String> parameters) throws Exception {
        CommonRequest request = request("ListRegions");
        parameters.forEach(request::putQueryParameter);
        CommonResponse response = CoreClient.sdk("cn-hangzhou").getCommonResponse(request);
        assertEquals(200, response.getHttpStatus());
        return Regions.of(Cases.parse(response.getData()));
    }

    @Override
    public void listFirewallRules() throws Exception {
        CommonRequest request = request("ListFirewallRules");
        request.putQueryParameter("InstanceId", Clients.INSTANCE_ID);
        CoreClient.sdk("cn-hangzhou").getCommonResponse(request);
    }

    @Override
    public Refusal refusal(Exception exception) {
        return CoreClient.readRefusal(exception);
    }

    @Override
    public String toString() {
        return "core-common";
    }

    private static CommonRequest request(String action) {
        CommonRequest request = new CommonRequest();
        request.setSysDomain(Clients.endpoint());
        request.setSysProtocol(ProtocolType.HTTP);
        request.setSysMethod(MethodType.GET);
        request.setSysVersion("2020-06-01");
        request.setSysAction(action);
        return request;
    }
}
