package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
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

    @Test
    void aVarintOfFiveBytesMayHaveMoreThan32Bits() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {(byte) 0x81, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x70});
        assertThat(new ByteReader(bytes).unsignedVarint()).isEqualTo(1);
        ByteBuffer longer = ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, -1, 0});
        assertThatThrownBy(() -> new ByteReader(longer).unsignedVarint()).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void aSizeThatLiesOfAKnownTagDoesNotMatter() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0x7F, 0});
        assertThat(new ByteReader(bytes).tagSize()).isEqualTo(0x7F);
        ByteBuffer unknown = ByteBuffer.wrap(new byte[] {1, 0, 0x7F, 0});
        assertThatThrownBy(() -> new ByteReader(unknown).skipTaggedFields())
                .isInstanceOf(MalformedMessageException.class);
    }

    /** The length as an int, which begins with it as a short. */
    private static ByteReader reader(short length) {
        return new ByteReader(
                ByteBuffer.allocate(4).putShort(length).putShort((short) -1).flip());
    }
}
