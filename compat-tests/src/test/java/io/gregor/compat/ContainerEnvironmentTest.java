package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import kafka.docker.KafkaDockerWrapper$;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the image's environment says about the broker: by Apache Kafka's own class for its image, and by ours. */
@Tag("once")
class ContainerEnvironmentTest {
    private static final List<String> NO_SETTINGS = List.of(
            "KAFKA_VERSION",
            "KAFKA_HEAP_OPTS",
            "KAFKA_LOG4J_OPTS",
            "KAFKA_OPTS",
            "KAFKA_JMX_OPTS",
            "KAFKA_JVM_PERFORMANCE_OPTS",
            "KAFKA_GC_LOG_OPTS",
            "KAFKA_LOG4J_ROOT_LOGLEVEL",
            "KAFKA_LOG4J_LOGGERS",
            "KAFKA_TOOLS_LOG4J_LOGLEVEL",
            "KAFKA_JMX_HOSTNAME");

    /** What our image has where neither the file nor the environment says anything. */
    private static final List<String> IMAGE_DEFAULTS = List.of("log.dirs", "listeners", "advertised.listeners");

    @TempDir
    Path folder;

    @Test
    void namesAndValuesBecomeTheSettingsThatTheyAreInApacheKafkasImage() throws Exception {
        assertSame(Map.of(), null);
        assertSame(Map.of("KAFKA_NUM_PARTITIONS", "3", "PATH_OF_KAFKA_X", "no"), null);
        assertSame(Map.of("KAFKA_A_B", "1", "KAFKA_A__B", "2", "KAFKA_A___B", "3", "KAFKA_A____B", "4"), null);
        assertSame(Map.of("KAFKA_LISTENERS", "A://:1", "KAFKA_EMPTY", "", "KAFKA_", "x"), "listeners=B://:2");
        assertSame(Map.of("KAFKA_NODE_ID", "7"), "# a file\nnode.id = 1\nlog.dirs=/there\nlast=without a line's end");
        assertSame(Map.of("KAFKA_JAAS", "a \\\n  b=\"c\";", "KAFKA_SPACES", "  x  ", "KAFKA_LINES", "a\nb=c"), null);
        Map<String, String> all = new HashMap<>();
        NO_SETTINGS.forEach(name -> all.put(name, "x"));
        assertSame(all, null);
    }

    @Test
    void soDoNamesAndValuesFromSeeds() throws Exception {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Map<String, String> byKey = new HashMap<>();
            for (int i = random.nextInt(6); i >= 0; i--) {
                String name = "KAFKA_" + text(random, "ABCz09____", 12);
                byKey.putIfAbsent(name.replace("KAFKA_", "").toLowerCase(Locale.ROOT), name);
            }
            Map<String, String> environment = new HashMap<>();
            byKey.values().forEach(name -> environment.put(name, text(random, "ab=:#!\\ \t,\"'$`*", 16) + "."));
            assertSame(environment, random.nextBoolean() ? null : text(random, "ab=.\n", 20));
        }
    }

    @Test
    void listenersFollowFromWhatIsAdvertised() throws Exception {
        Map<String, String> ours = ours(Map.of("KAFKA_ADVERTISED_LISTENERS", "IN://broker:9092,OUT://localhost:19092"));
        assertThat(ours).containsEntry("listeners", "IN://0.0.0.0:9092,OUT://0.0.0.0:19092");
        assertThat(ours(Map.of("KAFKA_ADVERTISED_LISTENERS", "IN://broker:1", "KAFKA_LISTENERS", "IN://:2")))
                .containsEntry("listeners", "IN://:2");
        assertThat(ours(Map.of("CLUSTER_ID", "abc"))).containsEntry("gregor.cluster.id", "abc");
    }

    @Test
    void storesAndPasswordsOfTlsComeFromFiles() throws Exception {
        for (String file : List.of("keys.jks", "trust.jks", "key-word", "store-word", "trust-word")) {
            Files.writeString(folder.resolve(file), "secret of " + file + "\n");
        }
        Map<String, String> environment = new HashMap<>(Map.of(
                "KAFKA_ADVERTISED_LISTENERS", "SSL://localhost:9093",
                "KAFKA_SSL_KEYSTORE_FILENAME", "keys.jks",
                "KAFKA_SSL_KEYSTORE_CREDENTIALS", "store-word",
                "KAFKA_SSL_KEY_CREDENTIALS", "key-word",
                "KAFKA_SSL_CLIENT_AUTH", "required"));
        assertThat(output(environment))
                .isEqualTo("gregor: KAFKA_SSL_TRUSTSTORE_FILENAME environment variable not set\n");
        environment.put("KAFKA_SSL_TRUSTSTORE_FILENAME", "trust.jks");
        environment.put("KAFKA_SSL_TRUSTSTORE_CREDENTIALS", "nowhere");
        assertThat(output(environment)).isEqualTo("gregor: " + folder + "/nowhere file does not exist\n");
        environment.put("KAFKA_SSL_TRUSTSTORE_CREDENTIALS", "trust-word");
        assertThat(ours(environment))
                .containsEntry("ssl.keystore.location", folder + "/keys.jks")
                .containsEntry("ssl.keystore.password", "secret of store-word")
                .containsEntry("ssl.key.password", "secret of key-word")
                .containsEntry("ssl.truststore.location", folder + "/trust.jks")
                .containsEntry("ssl.truststore.password", "secret of trust-word");
    }

    private void assertSame(Map<String, String> environment, String file) throws Exception {
        Path mounted = Files.createDirectories(folder.resolve("mounted"));
        Files.deleteIfExists(mounted.resolve("server.properties"));
        if (file != null) {
            Files.writeString(mounted.resolve("server.properties"), file);
        }
        Map<String, String> ours = ours(environment);
        Map<String, String> theirs = theirs(environment);
        IMAGE_DEFAULTS.stream().filter(key -> !theirs.containsKey(key)).forEach(ours::remove);
        assertThat(ours).as("%s, file %s", environment, file).isEqualTo(theirs);
    }

    private Map<String, String> ours(Map<String, String> environment) throws Exception {
        return parse(output(environment));
    }

    /** What the functions of {@code docker/etc/environment} print for that environment. */
    private String output(Map<String, String> environment) throws Exception {
        Path functions = GregorProcess.launcher().getParent().resolve("docker/etc/environment");
        ProcessBuilder builder = new ProcessBuilder(
                "bash",
                "-euo",
                "pipefail",
                "-c",
                "SECRETS=$1; . \"$2\"; derive_variables; server_properties \"$1/mounted\"",
                "bash",
                folder.toString(),
                functions.toString());
        builder.environment().clear();
        builder.environment().put("PATH", System.getenv("PATH"));
        builder.environment().putAll(environment);
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private Map<String, String> theirs(Map<String, String> environment) throws Exception {
        Path defaults = Files.createDirectories(folder.resolve("defaults"));
        Files.writeString(defaults.resolve("server.properties"), "");
        Path result = Files.createDirectories(folder.resolve("result"));
        Files.writeString(result.resolve("server.properties"), "");
        KafkaDockerWrapper$.MODULE$.prepareServerConfigs(
                defaults,
                folder.resolve("mounted"),
                result,
                scala.collection.immutable.Map$.MODULE$.from(
                        scala.jdk.javaapi.CollectionConverters.asScala(environment)));
        return parse(Files.readString(result.resolve("server.properties")));
    }

    private static Map<String, String> parse(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        Map<String, String> map = new TreeMap<>();
        properties.forEach((key, value) -> map.put(key.toString(), value.toString()));
        return map;
    }

    private static String text(Random random, String letters, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }
}
