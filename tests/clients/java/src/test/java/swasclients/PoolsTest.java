package swasclients;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.aliyun.swas_open20200601.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.http.ProtocolType;
import com.aliyuncs.swas_open.model.v20200601.ListCustomImagesRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Pools whose connections are idle between two requests: none of the second requests may fail.
 *
 * <p>`tests/clients/run pools` sets `SWAS_EMULATOR_POOL_IDLE_MS`: one round of each client for each idle time, all
 * of them at once. A round has a client, a pool and a host name of its own.
 */
@EnabledIfEnvironmentVariable(named = "SWAS_EMULATOR_POOL_IDLE_MS", matches = ".+")
class PoolsTest {
    private static final String FORM = "Action=ListCustomImages&Version=2020-06-01&RegionId=cn-hangzhou";

    /** Makes a client with a pool of its own; what it gives sends one request. */
    private interface Pool {
        Callable<?> of(String endpoint) throws Exception;
    }

    private static final Map<String, Pool> POOLS =
            Map.of("jdk", PoolsTest::jdk, "tea-v3", PoolsTest::tea, "core", PoolsTest::core);

    @Test
    void noneOfTheSecondRequestsFails() throws Exception {
        String[] idleTimes = System.getenv("SWAS_EMULATOR_POOL_IDLE_MS").split(" ");
        String port = Clients.endpoint().split(":")[1];
        List<Thread> rounds = new ArrayList<>();
        Map<String, ConcurrentLinkedQueue<String>> failures = new java.util.TreeMap<>();
        for (Map.Entry<String, Pool> pool : POOLS.entrySet()) {
            ConcurrentLinkedQueue<String> failed = new ConcurrentLinkedQueue<>();
            failures.put(pool.getKey(), failed);
            for (int place = 0; place < idleTimes.length; place++) {
                String host = "127.0.%d.%d:%s".formatted(failures.size(), place + 1, port);
                Callable<?> call = pool.getValue().of(host);
                long idleMs = Long.parseLong(idleTimes[place]);
                // One after the other, so that no round waits for another.
                long startMs = 25L * place;
                rounds.add(new Thread(() -> play(call, startMs, idleMs, failed)));
            }
        }
        rounds.forEach(Thread::start);
        for (Thread round : rounds) {
            round.join();
        }
        int total = 0;
        for (Map.Entry<String, ConcurrentLinkedQueue<String>> entry : failures.entrySet()) {
            int failed = entry.getValue().size();
            entry.getValue().stream().limit(5).forEach(System.out::println);
            int passed = idleTimes.length - failed;
            System.out.printf("pool %s: %d passed, %d failed%n", entry.getKey(), passed, failed);
            total += failed;
        }
        assertEquals(0, total, "failed rounds");
    }

    private static void play(
            Callable<?> call, long startMs, long idleMs, ConcurrentLinkedQueue<String> failures) {
        try {
            Thread.sleep(startMs);
            call.call();
            Thread.sleep(idleMs);
            call.call();
        } catch (Exception exception) {
            failures.add("idle for " + idleMs + " ms: " + exception);
        }
    }

    private static Callable<?> jdk(String endpoint) {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + endpoint + "/"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(FORM))
                .build();
        return () -> {
            int status = client.send(request, BodyHandlers.ofString()).statusCode();
            if (status != 200) {
                throw new IllegalStateException("status " + status);
            }
            return status;
        };
    }

    private static Callable<?> tea(String endpoint) throws Exception {
        Client client = new Client(new Config()
                .setAccessKeyId(Clients.ACCESS_KEY_ID)
                .setAccessKeySecret(Clients.ACCESS_KEY_SECRET)
                .setEndpoint(endpoint)
                .setProtocol("http"));
        return client::listRegions;
    }

    private static Callable<?> core(String endpoint) {
        DefaultAcsClient client = CoreClient.sdk("cn-hangzhou");
        return () -> {
            ListCustomImagesRequest request = new ListCustomImagesRequest();
            request.setSysRegionId("cn-hangzhou");
            request.setSysEndpoint(endpoint);
            request.setSysProtocol(ProtocolType.HTTP);
            return client.getAcsResponse(request);
        };
    }
}
