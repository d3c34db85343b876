package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteReaderTest {
    @ParameterizedTest
    @ValueSource(shorts = {-1, -2, Short.MIN_VALUE})
    void anyNegativeLengthIsNull(short length) {
        assertThat(reader(length).string(false, true)).isNull();
        assertThat(reader(length).bytes(false, true)).isNull();
        assertThat(reader(length).records(false, true)).isNull();
        assertThat(reader(length).arrayLength(false, true)).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(shorts = {-1, -2, Short.MIN_VALUE})
    void aNegativeLengthIsRefusedWhereNullIsNotAllowed(short length) {
        assertThatThrownBy(() -> reader(length).string(false, false)).isInstanceOf(MalformedMessageException.class);
        assertThatThrownBy(() -> reader(length).bytes(false, false)).isInstanceOf(MalformedMessageException.class);
        assertThatThrownBy(() -> reader(length).arrayLength(false, false))
                .isInstanceOf(MalformedMessageException.class);
    }

    /** The length as an int, which begins with it as a short. */
    private static ByteReader reader(short length) {
        return new ByteReader(ByteBuffer.allocate(4).putShort(length).putShort((short) -1).flip());
    }
}
