package io.gregor.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListenerTest {
    /** A name that only clients know is looked up by nobody here. */
    @ParameterizedTest
    @CsvSource({
        "localhost, true",
        "127.0.0.1, true",
        "127.0.1.1, true",
        "::1, true",
        "0.0.0.0, false",
        "10.0.0.1, false",
        "broker.invalid, false",
        "127.example.invalid, false"
    })
    void tellsALoopbackByItsText(String host, boolean expected) {
        assertThat(new Listener("PLAINTEXT", host, 9092).isLoopback()).isEqualTo(expected);
    }
}
