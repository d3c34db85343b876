package io.gregor.broker.security.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.broker.Broker;
import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.InvalidConfigException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.UnsupportedSaslMechanismException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apache Kafka's own client at listeners with SASL: each mechanism, right and wrong. */
class SaslListenersTest {
    private static final String PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    private static final String SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required";

    @TempDir
    private static Path folder;

    private static Broker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = Broker.start(BrokerConfig.of(given()), () -> {});
        try (Admin admin = admin("ALL", "PLAIN", PLAIN, "alice", "wonderland")) {
            for (ScramMechanism mechanism : List.of(ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)) {
                ScramCredentialInfo info = new ScramCredentialInfo(mechanism, 4096);
                admin.alterUserScramCredentials(List.of(
                                new UserScramCredentialUpsertion("bob", info, "builder"),
                                new UserScramCredentialUpsertion("a=b,c", info, "odd")))
                        .all()
                        .get();
            }
        }
    }

    private static Map<String, String> given() {
        Map<String, String> given = new HashMap<>();
        given.put("log.dirs", folder.resolve("data").toString());
        given.put("listeners", "PLAINTEXT://localhost:0,ALL://localhost:0,SHORT://localhost:0");
        given.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,ALL:SASL_PLAINTEXT,SHORT:SASL_PLAINTEXT");
        given.put("connection.failed.authentication.delay.ms", "0");
        given.put("listener.name.all.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512");
        given.put("listener.name.all.plain.sasl.jaas.config", PLAIN + " user_alice=\"wonderland\";");
        given.put("listener.name.all.scram-sha-256.sasl.jaas.config", SCRAM + ";");
        given.put("listener.name.all.scram-sha-512.sasl.jaas.config", SCRAM + ";");
        given.put("listener.name.short.sasl.enabled.mechanisms", "PLAIN");
        given.put("listener.name.short.plain.sasl.jaas.config", PLAIN + " user_alice=\"wonderland\";");
        given.put("listener.name.short.plain.connections.max.reauth.ms", "1500");
        return given;
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    private static Admin admin(String listener, String mechanism, String module, String user, String password) {
        return Admin.create(Map.of(
                "bootstrap.servers",
                "localhost:"
                        + Objects.requireNonNull(broker.listeners().get(listener))
                                .port(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                mechanism,
                "sasl.jaas.config",
                module + " username=\"" + user + "\" password=\"" + password + "\";"));
    }

    private static void connects(String mechanism, String module, String user, String password) throws Exception {
        try (Admin admin = admin("ALL", mechanism, module, user, password)) {
            assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        }
    }

    private static void refused(String mechanism, String module, String user, String password, String because) {
        assertThatThrownBy(() -> connects(mechanism, module, user, password))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(SaslAuthenticationException.class)
                .hasMessageContaining(because);
    }

    @Test
    void whoKnowsThePasswordGetsIn() throws Exception {
        connects("PLAIN", PLAIN, "alice", "wonderland");
        connects("SCRAM-SHA-256", SCRAM, "bob", "builder");
        connects("SCRAM-SHA-512", SCRAM, "bob", "builder");
        connects("SCRAM-SHA-512", SCRAM, "a=b,c", "odd");
    }

    @Test
    void whoDoesNotIsToldNothingOfUsers() {
        String plain = "Authentication failed: Invalid username or password";
        refused("PLAIN", PLAIN, "alice", "x", plain);
        refused("PLAIN", PLAIN, "nobody", "wonderland", plain);
        for (String mechanism : List.of("SCRAM-SHA-256", "SCRAM-SHA-512")) {
            String scram = "Authentication failed during authentication due to invalid credentials with SASL mechanism "
                    + mechanism;
            refused(mechanism, SCRAM, "bob", "x", scram);
            refused(mechanism, SCRAM, "alice", "wonderland", scram);
        }
    }

    @Test
    void aMechanismThatIsNotEnabledIsRefused() {
        try (Admin admin = admin("SHORT", "SCRAM-SHA-256", SCRAM, "bob", "builder")) {
            assertThatThrownBy(() -> admin.describeCluster().nodes().get())
                    .hasCauseInstanceOf(UnsupportedSaslMechanismException.class);
        }
    }

    @Test
    void whatCannotWorkStopsTheStartWithOneLine() {
        String prefix = "listener.name.all.";
        refusedAtStart(prefix + "sasl.enabled.mechanisms", "GSSAPI", "GSSAPI cannot be had, allowed are PLAIN");
        refusedAtStart(prefix + "sasl.enabled.mechanisms", "", "allowed is at least one mechanism");
        refusedAtStart(
                prefix + "plain.sasl.jaas.config", SCRAM + ";", "allowed is org.apache.kafka.common.security.plain");
        refusedAtStart(prefix + "plain.sasl.jaas.config", "my.Module required;", "allowed is org.apache.kafka");
        refusedAtStart(prefix + "plain.sasl.jaas.config", PLAIN + " user_alice=\"secret\"", "no JAAS configuration");
        refusedAtStart(prefix + "plain.sasl.jaas.config", PLAIN + ";" + PLAIN + ";", "allowed is one login module");
        refusedAtStart(prefix + "plain.sasl.server.callback.handler.class", "my.Handler", "allowed is none");
        refusedAtStart(
                "inter.broker.listener.name", "ALL", "sasl.mechanism.inter.broker.protocol=GSSAPI: allowed is one");
    }

    private static void refusedAtStart(String key, String value, String because) {
        Map<String, String> given = given();
        given.put("log.dirs", folder.resolve("other").toString());
        given.put(key, value);
        assertThatThrownBy(() -> Broker.start(BrokerConfig.of(given), () -> {}).close())
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageContaining(because)
                .hasMessageNotContaining("secret");
    }
}
