package io.gregor.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.broker.config.InvalidConfigException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code gregor start --secure}: what it makes, who gets in with that, and what it refuses. */
class SecureStartTest {
    @TempDir
    private Path folder;

    private Path file(String name) {
        return folder.resolve("data").resolve("secure-" + name);
    }

    private Broker start(String... words) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(words));
        if (all.stream().noneMatch(word -> word.startsWith("--override=listeners="))) {
            String protocol = all.contains("--secure=mtls") ? "SSL" : "SASL_SSL";
            all.add("--override=listeners=" + protocol + "://localhost:0");
        }
        all.add("--override=log.dirs=" + folder.resolve("data"));
        all.add("--override=connection.failed.authentication.delay.ms=0");
        return Main.start(StartArguments.parse(all), 0);
    }

    /** The file as it is. */
    private Map<String, Object> client() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file("client.properties"))) {
            properties.load(in);
        }
        Map<String, Object> settings = new HashMap<>();
        properties.forEach((key, value) -> settings.put(key.toString(), value));
        return settings;
    }

    private Map<String, Object> client(String key, String value) throws IOException {
        Map<String, Object> settings = client();
        settings.put(key, value);
        return settings;
    }

    private static void getsIn(Map<String, Object> settings) throws Exception {
        try (Admin admin = Admin.create(settings)) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    private static void isRefused(Map<String, Object> settings, Class<? extends Throwable> error) {
        Map<String, Object> hurried = new HashMap<>(settings);
        hurried.put("default.api.timeout.ms", "3000");
        hurried.put("request.timeout.ms", "2000");
        assertThatThrownBy(() -> getsIn(hurried))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(error);
    }

    private Map<String, String> secrets() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            for (Path path : files.toList()) {
                String name = String.valueOf(path.getFileName());
                if (name.startsWith("secure-")) {
                    contents.put(name.substring("secure-".length()), Files.readString(path));
                }
            }
        }
        return contents;
    }

    private X509Certificate certificate(String name) throws Exception {
        String pem = Files.readString(file(name));
        byte[] block = pem.substring(pem.indexOf("-----BEGIN CERTIFICATE")).getBytes(StandardCharsets.US_ASCII);
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block));
    }

    private List<String> names() throws Exception {
        Collection<List<?>> names = certificate("broker.pem").getSubjectAlternativeNames();
        return names.stream().map(name -> String.valueOf(name.get(1))).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--secure", "--secure=plain", "--secure=scram", "--secure=mtls"})
    void whoHasTheFileGetsInAlsoAfterASecondStart(String option) throws Exception {
        Map<String, String> first;
        try (Broker broker = start(option);
                Admin admin = Admin.create(client())) {
            assertThat(broker.bound()).hasSize(1);
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                    .all()
                    .get();
            first = secrets();
        }
        try (Broker broker = start(option, "--dev");
                Admin admin = Admin.create(client())) {
            assertThat(broker.topics()).isEqualTo(1);
            assertThat(admin.listTopics().names().get()).containsExactly("orders");
            Map<String, String> second = secrets();
            // The port is another one.
            first.remove("client.properties");
            second.remove("client.properties");
            assertThat(second).isEqualTo(first);
        }
    }

    @Test
    void nobodyElseCanReadTheFiles() throws Exception {
        start("--secure=mtls").close();
        start("--secure").close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data"))))
                .isEqualTo("rwx------");
        assertThat(secrets())
                .containsOnlyKeys(
                        "admin.password", "admin.pem", "broker.pem", "ca-key.pem", "ca.pem", "client.properties");
        for (String name : secrets().keySet()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file(name))))
                    .as(name)
                    .isEqualTo("rw-------");
        }
        assertThat(secrets().get("ca.pem")).doesNotContain("PRIVATE");
        Files.setPosixFilePermissions(file("ca-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
        start("--secure").close();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("ca-key.pem"))))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @CsvSource({"--secure=plain,PLAIN", "--secure=scram,SCRAM-SHA-512", "--secure=scram,SCRAM-SHA-256"})
    void whoHasNotThePasswordIsRefused(String option, String mechanism) throws Exception {
        try (Broker broker = start(option)) {
            assertThat(broker.bound()).hasSize(1);
            getsIn(client("sasl.mechanism", mechanism));
            String jaas = String.valueOf(client().get("sasl.jaas.config"));
            Map<String, Object> wrong = client("sasl.jaas.config", jaas.replaceAll("password=\".", "password=\"?"));
            wrong.put("sasl.mechanism", mechanism);
            isRefused(wrong, SaslAuthenticationException.class);
            isRefused(client("security.protocol", "SSL"), TimeoutException.class);
            isRefused(client("security.protocol", "PLAINTEXT"), TimeoutException.class);
            isRefused(client("security.protocol", "SASL_PLAINTEXT"), TimeoutException.class);
        }
    }

    @Test
    void whoHasNoCertificateOfTheAuthorityIsRefused() throws Exception {
        Path other = folder.resolve("other.pem");
        try (Broker broker = start("--secure=mtls")) {
            assertThat(broker.bound()).hasSize(1);
            Files.copy(file("admin.pem"), other);
        }
        for (String name : List.of("ca.pem", "ca-key.pem", "broker.pem", "admin.pem")) {
            Files.delete(file(name));
        }
        try (Broker broker = start("--secure=mtls")) {
            assertThat(broker.bound()).hasSize(1);
            getsIn(client());
            isRefused(client("ssl.keystore.location", other.toString()), SslAuthenticationException.class);
            isRefused(client("security.protocol", "PLAINTEXT"), TimeoutException.class);
            Map<String, Object> without = client();
            without.remove("ssl.keystore.location");
            without.remove("ssl.keystore.type");
            isRefused(without, AuthenticationException.class);
        }
    }

    @Test
    void anotherUserMayDoNothingUntilItIsAllowed() throws Exception {
        try (Broker broker = start("--secure");
                Admin admin = Admin.create(client())) {
            assertThat(broker.bound()).hasSize(1);
            admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                    .all()
                    .get();
            ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("bob", info, "builder")))
                    .all()
                    .get();
            String jaas = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"bob\""
                    + " password=\"builder\";";
            try (Admin bob = Admin.create(client("sasl.jaas.config", jaas))) {
                assertThat(bob.listTopics().names().get()).isEmpty();
                assertThatThrownBy(() -> bob.describeTopics(List.of("orders"))
                                .allTopicNames()
                                .get())
                        .hasCauseInstanceOf(TopicAuthorizationException.class);
                assertThatThrownBy(
                                () -> bob.describeUserScramCredentials().all().get())
                        .hasCauseInstanceOf(ClusterAuthorizationException.class);
            }
        }
    }

    @Test
    void theConfigurationShowsNoPassword() throws Exception {
        try (Broker broker = start("--secure=plain", "--override=node.id=1");
                Admin admin = Admin.create(client())) {
            assertThat(broker.bound()).hasSize(1);
            ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, "1");
            assertThat(admin.describeConfigs(List.of(resource)).all().get().toString())
                    .doesNotContain(Files.readString(file("admin.password")).strip());
        }
    }

    @Test
    void theKindsTakeTurnsOnOneFolder() throws Exception {
        for (String kind : List.of("plain", "scram", "mtls", "scram", "plain")) {
            try (Broker broker = start("--secure=" + kind)) {
                assertThat(broker.bound()).hasSize(1);
                getsIn(client());
            }
        }
        assertThat(secrets()).containsKeys("admin.password", "admin.pem");
    }

    /** Whatever was written before a kill, and whatever somebody has deleted. */
    @ParameterizedTest
    @ValueSource(strings = {"ca.pem", "broker.pem", "admin.pem", "admin.password", "client.properties"})
    void whatIsMissingIsMadeAgain(String name) throws Exception {
        start("--secure=mtls").close();
        start("--secure").close();
        Map<String, String> before = secrets();
        Files.delete(file(name));
        Files.writeString(file(name + ".tmp"), "half of i");
        for (String kind : List.of("--secure", "--secure=mtls")) {
            try (Broker broker = start(kind)) {
                assertThat(broker.bound()).hasSize(1);
                getsIn(client());
            }
        }
        Map<String, String> after = secrets();
        if (name.equals("ca.pem")) {
            assertThat(after).containsEntry(name, before.get(name));
        }
        for (Map<String, String> contents : List.of(before, after)) {
            contents.keySet().removeAll(List.of(name, name + ".tmp", "client.properties"));
        }
        assertThat(after).isEqualTo(before);
    }

    /** The first start was killed when the user was stored, and its password not yet. */
    @Test
    void aPasswordThatNobodyHasSeenIsReplaced() throws Exception {
        start("--secure").close();
        String first = Files.readString(file("admin.password"));
        Files.delete(file("admin.password"));
        Files.delete(file("client.properties"));
        try (Broker broker = start("--secure")) {
            assertThat(broker.bound()).hasSize(1);
            getsIn(client());
            assertThat(file("admin.password")).content().isNotEqualTo(first).matches("[A-Za-z0-9]{32}\n");
        }
    }

    @Test
    void aPasswordThatSomebodyHasChangedIsLeftAsItIs() throws Exception {
        String jaas;
        try (Broker broker = start("--secure");
                Admin admin = Admin.create(client())) {
            assertThat(broker.bound()).hasSize(1);
            ScramCredentialInfo info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096);
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("admin", info, "changed")))
                    .all()
                    .get();
            jaas = String.valueOf(client().get("sasl.jaas.config")).replaceAll("password=.*", "password=\"changed\";");
        }
        try (Broker broker = start("--secure")) {
            assertThat(broker.bound()).hasSize(1);
            getsIn(client("sasl.jaas.config", jaas));
            isRefused(client(), SaslAuthenticationException.class);
        }
    }

    @Test
    void whatCannotBeMadeAgainStopsTheStart() throws Exception {
        start("--secure").close();
        String end =
                "; without all files secure-*.pem beside it the next start makes new ones, which clients need then";
        String key = Files.readString(file("ca-key.pem"));
        Files.delete(file("ca-key.pem"));
        refused(file("ca.pem") + ": the key to it is missing, allowed is " + file("ca-key.pem") + end);
        Files.writeString(file("ca-key.pem"), key.substring(0, 40));
        refused(file("ca-key.pem") + ": cannot be used (there is no PRIVATE KEY of PKCS #8 in it)" + end);
        Files.writeString(file("ca-key.pem"), key);
        Files.writeString(file("admin.password"), "short");
        refused(file("admin.password") + ": allowed is a password of 16 to 128 letters and digits; without the file"
                + " the next start makes a new one");
        Files.delete(file("admin.password"));
        Files.createDirectory(file("admin.password"));
        assertThatThrownBy(() -> start("--secure"))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(file("admin.password") + ": cannot be read (");
        Files.delete(file("admin.password"));
        Files.writeString(file("broker.pem"), "nothing");
        try (Broker broker = start("--secure")) {
            assertThat(broker.bound()).hasSize(1);
            getsIn(client());
        }
    }

    private void refused(String message, String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        if (all.stream().noneMatch(word -> word.startsWith("--secure"))) {
            all.add("--secure");
        }
        assertThatThrownBy(() -> start(all.toArray(String[]::new)))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessage(message);
    }

    @Test
    void aFolderThatAnotherBrokerUsesIsLeftAlone() throws Exception {
        try (Broker broker = start("--secure")) {
            assertThat(broker.bound()).hasSize(1);
            Map<String, String> before = secrets();
            refused("log.dirs=" + folder.resolve("data") + ": another broker runs on this directory, allowed is one"
                    + " that no other uses");
            assertThat(secrets()).isEqualTo(before);
        }
    }

    @Test
    void aFolderThatIsAFileIsSaidToBeSo() throws Exception {
        Files.writeString(folder.resolve("data"), "");
        assertThatThrownBy(() -> start("--secure"))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith("log.dirs=" + folder.resolve("data") + ": cannot be written (")
                .hasMessageEndingWith("), allowed is a directory that this process can read and write");
    }

    @Test
    void theCertificateHasTheNamesThatClientsAreTold() throws Exception {
        start("--secure").close();
        assertThat(names()).contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1");
        byte[] before = certificate("broker.pem").getEncoded();
        String told = "--override=advertised.listeners=SASL_SSL://kafka.example.com:9092";
        try (Broker broker = start("--secure", told)) {
            assertThat(broker.bound()).hasSize(1);
            assertThat(client()).containsEntry("bootstrap.servers", "kafka.example.com:9092");
        }
        assertThat(names()).contains("localhost", "kafka.example.com");
        assertThat(certificate("broker.pem").getEncoded()).isNotEqualTo(before);
        byte[] wider = certificate("broker.pem").getEncoded();
        start("--secure").close();
        assertThat(certificate("broker.pem").getEncoded()).isEqualTo(wider);
        String address = "[2001:db8::1]:9092";
        start("--secure", "--override=advertised.listeners=SASL_SSL://" + address)
                .close();
        assertThat(client()).containsEntry("bootstrap.servers", address);
        assertThat(names()).contains("2001:db8:0:0:0:0:0:1");
        String tooLong = "a".repeat(64) + ".example.com";
        refused(
                "advertised.listeners=SASL_SSL://" + tooLong + ":9092: " + tooLong
                        + " can be in no certificate, allowed is a name or an address of this host",
                "--override=advertised.listeners=SASL_SSL://" + tooLong + ":9092");
    }

    @Test
    void severalListenersAreAllClosed() throws Exception {
        String listeners = "--override=listeners=OUT://localhost:0,IN://localhost:0,CONTROLLER://localhost:0";
        String map = "--override=listener.security.protocol.map=OUT:SASL_SSL,IN:SASL_SSL,CONTROLLER:SASL_SSL";
        String controllers = "--override=controller.listener.names=CONTROLLER";
        for (String kind : List.of("--secure=plain", "--secure=scram")) {
            try (Broker broker = start(kind, listeners, map, controllers)) {
                getsIn(client());
                getsIn(client(
                        "bootstrap.servers",
                        "localhost:" + broker.bound().get(1).port()));
            }
        }
        refused(
                "listeners=OUT://localhost:0,IN://localhost:0,CONTROLLER://localhost:0: CONTROLLER has the protocol"
                        + " PLAINTEXT, allowed with --secure=scram is SASL_SSL, as in SASL_SSL://localhost:9092",
                listeners,
                map.replace("CONTROLLER:SASL_SSL", "CONTROLLER:PLAINTEXT"),
                controllers);
    }

    /** What would open a listener, and what that is said to be. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --secure=scram | listeners=PLAINTEXT://localhost:0           | PLAINTEXT HAS PLAINTEXT     | SASL_SSL
            --secure=plain | listeners=SASL_PLAINTEXT://localhost:0      | SASL_PLAINTEXT HAS SASL_PLAINTEXT | SASL_SSL
            --secure=mtls  | listeners=SASL_SSL://localhost:0            | SASL_SSL HAS SASL_SSL       | SSL
            --secure=mtls  | ssl.client.auth=requested                   | -                           | required
            --secure=mtls  | listener.name.ssl.ssl.client.auth=none      | -                           | required
            """)
    void whatWouldOpenAListenerIsRefused(String option, String setting, String has, String allowed) {
        String reason = has.equals("-") ? "" : has.replace("HAS", "has the protocol") + ", ";
        String example = has.equals("-") ? "" : ", as in " + allowed + "://localhost:9092";
        refused(
                setting + ": " + reason + "allowed with " + option + " is " + allowed + example,
                option,
                "--override=" + setting);
        assertThat(folder.resolve("data")).doesNotExist();
    }
}
