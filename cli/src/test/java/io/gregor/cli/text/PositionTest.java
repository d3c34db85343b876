package io.gregor.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PositionTest {
    private static final long NOW = 1_800_000_000_000L;

    @Test
    void timesAreReadAsTheyAreWritten() {
        assertThat(Times.parse("2026-01-31T12:00:00Z", NOW)).isEqualTo(1_769_860_800_000L);
        assertThat(Times.parse("2026-01-31T12:00:00.5+01:00", NOW)).isEqualTo(1_769_857_200_500L);
        assertThat(Times.parse("@17", NOW)).isEqualTo(17);
        assertThat(Times.parse("500ms", NOW)).isEqualTo(NOW - 500);
        assertThat(Times.parse("10s", NOW)).isEqualTo(NOW - 10_000);
        assertThat(Times.parse("15m", NOW)).isEqualTo(NOW - 900_000);
        assertThat(Times.parse("2h", NOW)).isEqualTo(NOW - 7_200_000);
        assertThat(Times.parse("1d", NOW)).isEqualTo(NOW - 86_400_000);
        assertThat(Times.parse("2026-01-31T12:00", NOW)).isGreaterThan(1_769_700_000_000L);
        assertThat(Times.parse("2026-01-31", NOW)).isGreaterThan(1_769_700_000_000L);
    }

    @Test
    void placesAndOffsetsAreNoTimes() {
        assertThat(Position.parse("beginning", NOW)).isNotEqualTo(Position.parse("end", NOW));
        assertThat(Position.parse("7", NOW)).isNotEqualTo(Position.parse("-7", NOW));
        assertThat(Position.parse("7", NOW)).isNotEqualTo(Position.parse("@7", NOW));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "start",
                "1x",
                "@",
                "2026-13-01",
                "2026-01-31T25:00:00Z",
                "1.5",
                "--1",
                "12345678901234567890"
            })
    void anythingElseIsSaid(String text) {
        assertThatThrownBy(() -> Position.parse(text, NOW))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text + ": allowed is " + Position.ALLOWED);
    }
}
