package io.gregor.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @Test
    void aListHasSeveralHosts() {
        assertThat(Address.parseAll("a:1, b.c:65535,[::1]:9092"))
                .containsExactly(new Address("a", 1), new Address("b.c", 65535), new Address("::1", 9092));
        assertThat(new Address("::1", 9092)).hasToString("[::1]:9092");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a:", ":1", "a:b", "a:0", "a:65536", "a:1,", "::1:9092", "PLAINTEXT://a:1"})
    void whatIsNoAddressIsSaid(String text) {
        assertThatThrownBy(() -> Address.parseAll(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .containsAnyOf("allowed is HOST:PORT, such as localhost:9092", "a port is a number from 1 to 65535");
    }
}
