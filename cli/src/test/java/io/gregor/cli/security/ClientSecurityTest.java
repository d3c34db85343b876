package io.gregor.cli.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who a client is, by the keys of Apache Kafka's clients, and what is said of wrong ones. */
class ClientSecurityTest {
    private static ClientSecurity.Login login(String mechanism, String jaas) {
        return Objects.requireNonNull(ClientSecurity.of(Map.of(
                        "security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", mechanism, "sasl.jaas.config", jaas))
                .login());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            org.example.Module required username="me" password="secret"; | secret
            org.example.Module  required password='sec;ret' username=me ; | sec;ret
            org.example.Module required username="me" password="a\\"b\\\\c" serviceName=kafka; | a"b\\c
            org.example.Module required username="me" password=""; | ``
            """)
    void theLineOfJaasIsReadAsByJava(String line, String password) {
        ClientSecurity.Login login = login("PLAIN", line);
        assertThat(login.user()).isEqualTo("me");
        assertThat(login.password()).isEqualTo(password);
    }

    @Test
    void noPasswordIsShown() {
        String line = "org.example.Module required username=\"me\" password=\"secret\";";
        assertThat(login("PLAIN", line)).asString().isEqualTo("PLAIN as me");
        assertThat(login("PLAIN", line).begin()).asString().doesNotContain("secret");
        assertThatThrownBy(() -> login("PLAIN", "required password=\"secret\""))
                .hasMessageNotContaining("secret")
                .hasMessage("sasl.jaas.config cannot be read: allowed is"
                        + " MODULE required username=\"...\" password=\"...\";");
    }

    /** SASL, SSL and PLAIN stand for the settings that ask for them, ~ for a space. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            security.protocol=TLS | security.protocol=TLS: allowed is PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL
            SASL | sasl.mechanism=GSSAPI: these commands speak PLAIN, SCRAM-SHA-256, SCRAM-SHA-512
            SASL PLAIN | sasl.jaas.config is missing: ALLOWED
            SASL PLAIN sasl.jaas.config=m~required; | sasl.jaas.config has no username: ALLOWED
            SSL ssl.truststore.location=/nowhere | ssl.truststore.location=/nowhere: there is no such file
            SSL ssl.truststore.certificates=x | ssl.truststore.certificates: there is no CERTIFICATE in it
            SSL ssl.keystore.type=PEM ssl.keystore.location=/no | ssl.keystore.location=/no: there is no such file
            SSL ssl.keystore.key=x | ssl.keystore.key: there is no PRIVATE KEY in it, without a password
            SSL ssl.enabled.protocols=TLSv9 | ssl.enabled.protocols=TLSv9: TLSv9 is not known, allowed is SUPPORTED
            SSL ssl.cipher.suites=ROT13 | ssl.cipher.suites=ROT13: ROT13 is not known, allowed is SUPPORTED
            SSL ssl.truststore.type=X ssl.truststore.location=/no | ssl.keystore or ssl.truststore: X not found
            """)
    void whatIsWrongIsSaidInOneLine(String given, String message) {
        Map<String, String> properties = new HashMap<>();
        for (String word : given.split(" ", -1)) {
            String pair = switch (word) {
                case "SASL" -> "security.protocol=SASL_PLAINTEXT";
                case "SSL" -> "security.protocol=SSL";
                case "PLAIN" -> "sasl.mechanism=PLAIN";
                default -> word;
            };
            int equals = pair.indexOf('=');
            properties.put(pair.substring(0, equals), pair.substring(equals + 1).replace('~', ' '));
        }
        assertThatThrownBy(() -> ClientSecurity.of(properties))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .startsWith(message.replace("ALLOWED", "allowed is MODULE required username=\"...\" password=\"...\";")
                        .replace("SUPPORTED", ""))
                .hasLineCount(1);
    }

    @Test
    void withoutSecurityNothingIsLoaded() {
        assertThat(ClientSecurity.of(Map.of("security.protocol", "PLAINTEXT"))).isSameAs(ClientSecurity.NONE);
        assertThat(ClientSecurity.of(Map.of())).isSameAs(ClientSecurity.NONE);
    }
}
