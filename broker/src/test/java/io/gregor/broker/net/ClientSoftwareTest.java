package io.gregor.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientSoftwareTest {
    @Test
    void longNamesAreValidButNotKept() {
        ClientSoftware usual = new ClientSoftware("apache-kafka-java", "4.3.1");
        ClientSoftware longName = new ClientSoftware("n".repeat(32_000), "1");
        ClientSoftware longVersion = new ClientSoftware("n", "1".repeat(32_000));
        assertThat(usual.kept()).isEqualTo(usual);
        assertThat(longName.isValid()).isTrue();
        assertThat(longName.kept()).isEqualTo(ClientSoftware.UNKNOWN);
        assertThat(longVersion.isValid()).isTrue();
        assertThat(longVersion.kept()).isEqualTo(ClientSoftware.UNKNOWN);
    }
}
