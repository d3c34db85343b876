package io.gregor.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.wire.message.MetadataRequest;
import io.gregor.wire.message.MetadataRequest.MetadataRequestTopic;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LongListTest {
    private static final int COUNT = 5000;
    private static final short VERSION = 4;

    private final List<MetadataRequestTopic> written = IntStream.range(0, COUNT)
            .mapToObj(i -> new MetadataRequestTopic().name("t".repeat(i % 7) + i))
            .toList();
    private final ByteBuffer bytes = MessageSink.toBuffer(new MetadataRequest().topics(written), VERSION);
    private final List<MetadataRequestTopic> read = Objects.requireNonNull(
            ByteReader.readAll(new MetadataRequest(), bytes, VERSION).topics());

    @Test
    void isTheListThatWasWritten() {
        assertThat(read).isInstanceOf(LongList.class).isEqualTo(written);
        assertThat(read.stream().map(MetadataRequestTopic::name).distinct()).hasSize(COUNT);
    }

    @Test
    void findsElementsInAnyOrder() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            int index = random.nextInt(4) == 0 ? random.nextInt(COUNT) : i % COUNT;
            assertThat(read.get(index)).as("seed %d", seed).isEqualTo(written.get(index));
        }
    }

    @Test
    void aBrokenElementIsFoundWhenTheMessageIsRead() {
        ByteBuffer truncated = bytes.duplicate().limit(bytes.limit() - 5);

        assertThatThrownBy(() -> ByteReader.readAll(new MetadataRequest(), truncated, VERSION))
                .isInstanceOf(MalformedMessageException.class);
    }
}
