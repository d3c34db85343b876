package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MessageSinkTest {
    private static final String LONG = "\uFFFD".repeat(12_000);

    @Test
    void textThatTheProtocolCannotCarryIsCutInAnswers() {
        MessageSink sink = MessageSink.ofAnswer(16, 1 << 20);

        sink.string("x" + LONG, false);

        ByteReader reader = new ByteReader(sink.toBuffer());
        String cut = reader.string(false, false);
        assertThat(LONG).startsWith(cut.substring(1));
        assertThat(cut).hasSize(1 + (Short.MAX_VALUE - 1) / 3);
        assertThat(reader.remaining()).isZero();
    }

    @Test
    void textThatTheProtocolCannotCarryIsRefusedInWhatIsStored() {
        assertThatThrownBy(() -> new MessageSink(16).string(LONG, false)).isInstanceOf(IllegalStateException.class);
    }
}
