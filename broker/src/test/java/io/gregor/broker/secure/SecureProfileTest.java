package io.gregor.broker.secure;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.config.BrokerConfig;
import io.gregor.broker.config.Profile;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The settings that {@code --secure} stands for. */
class SecureProfileTest {
    private static Profile profile(SecureKind kind, Map<String, String> given) {
        return SecureProfile.of(kind, given, Path.of("broker.pem"), Path.of("ca.pem"), "secret");
    }

    @ParameterizedTest
    @EnumSource
    void itHasKeysOfTheBroker(SecureKind kind) {
        BrokerConfig config = BrokerConfig.of(profile(kind, Map.of()).under(Map.of()));
        assertThat(config.ignoredKeys()).isEmpty();
        assertThat(config.unknown()).isEmpty();
    }

    @Test
    void isShownWithoutPasswords() {
        String access = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer,"
                + " super.users=User:admin, allow.everyone.if.no.acl.found=false";
        assertThat(profile(SecureKind.PLAIN, Map.of()).describe(Map.of()))
                .isEqualTo("listeners=SASL_SSL://localhost:9092, inter.broker.listener.name=SASL_SSL,"
                        + " ssl.keystore.type=PEM, ssl.keystore.location=broker.pem, sasl.enabled.mechanisms=PLAIN,"
                        + " sasl.mechanism.inter.broker.protocol=PLAIN,"
                        + " listener.name.sasl_ssl.plain.sasl.jaas.config=(not shown), " + access);
        Map<String, String> given = Map.of(
                "listeners", "SSL://:1", "ssl.truststore.location", "t", "ssl.keystore.password", "mine", "x", "y");
        assertThat(profile(SecureKind.MTLS, given).describe(given))
                .isEqualTo("inter.broker.listener.name=SSL, ssl.client.auth=required,"
                        + " ssl.principal.mapping.rules=RULE:^CN=([^,=+]+)$/$1/,DEFAULT, " + access
                        + "; yours: listeners=SSL://:1");
    }

    @Test
    void settingsOfYourOwnComeOverIt() {
        Map<String, String> given = Map.of(
                "super.users", "User:me", "listener.name.sasl_ssl.plain.sasl.jaas.config", "m required user_a=\"b\";");
        assertThat(profile(SecureKind.PLAIN, given).under(given)).containsAllEntriesOf(given);
        assertThat(profile(SecureKind.PLAIN, given).describe(given))
                .endsWith("; yours: listener.name.sasl_ssl.plain.sasl.jaas.config=(not shown), super.users=User:me");
        Map<String, String> second = Map.of("security.inter.broker.protocol", "SASL_SSL");
        assertThat(profile(SecureKind.SCRAM, second).keys()).doesNotContainKey("inter.broker.listener.name");
    }
}
