package io.gregor.coordinator.group.classic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The topics of a classic member are read from the part that every version of a subscription begins with. */
class EmbeddedProtocolTest {
    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void fieldsOfLaterVersionsMayBeLeftOut() {
        assertThat(EmbeddedProtocol.topics(hex("0001 00000000 ffffffff"))).isEmpty();
        assertThat(EmbeddedProtocol.topics(hex("0003 00000001 0001 74 ffffffff")))
                .containsExactly("t");
        assertThat(EmbeddedProtocol.topics(hex("7fff 00000001 0001 74 ffffffff")))
                .containsExactly("t");
    }

    @Test
    void bytesThatAreNoSubscriptionNameNoTopics() {
        assertThat(EmbeddedProtocol.topics(hex("0001 ff"))).isNull();
        assertThat(EmbeddedProtocol.topics(hex("00"))).isNull();
    }
}
