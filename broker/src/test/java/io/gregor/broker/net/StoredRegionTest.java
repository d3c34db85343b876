package io.gregor.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.broker.access.Access;
import io.gregor.broker.lane.ManualLane;
import io.gregor.broker.memory.MemoryShares;
import io.gregor.broker.net.refusal.RefusedClientsTest;
import io.gregor.broker.quota.RequestTime;
import io.gregor.wire.MessageSink;
import io.gregor.wire.Part;
import io.gregor.wire.StoredFile;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FetchResponse.FetchableTopicResponse;
import io.gregor.wire.message.FetchResponse.PartitionData;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that were retained for an answer are released once, whatever becomes of the answer. */
class StoredRegionTest {
    private static final short VERSION = 4;
    private static final int PARTITIONS = 5000;

    @TempDir
    Path root;

    private final List<Reply<FetchResponse>> parked = new ArrayList<>();
    private final EmbeddedChannel channel = new ChannelFromHere();
    private Counted file;

    private record Counted(FileChannel channel, List<String> calls) implements StoredFile {
        @Override
        public boolean retain() {
            return calls.add("retain");
        }

        @Override
        public void release() {
            calls.add("release");
        }
    }

    @BeforeEach
    void connect() throws IOException {
        Path path = Files.write(root.resolve("file"), new byte[100]);
        file = new Counted(FileChannel.open(path), new ArrayList<>());
        ManualLane lane = new ManualLane();
        ApiRegistry apis = new ApiRegistry(false)
                .add(ApiKey.FETCH, (RequestContext context, FetchRequest request, Reply<FetchResponse> reply) -> {
                    parked.add(reply);
                });
        NetMemory memory = NetMemory.of(MemoryShares.of(64L << 20, 64L << 20));
        FrameReader frames = new FrameReader(1 << 20, lane, RefusedClientsTest.silent(), memory.frames());
        ConnectionSettings settings = new ConnectionSettings(
                apis,
                "PLAINTEXT",
                -1,
                client -> RequestTime.UNLIMITED,
                memory,
                null,
                Access.UNRESTRICTED,
                null,
                RefusedClientsTest.silent(),
                peer -> {});
        channel.pipeline().addLast(frames).addLast(new Connection(channel, lane, frames, settings));
        channel.pipeline().fireChannelActive();
        ask();
    }

    private void ask() {
        ByteBuffer body = MessageSink.toBuffer(new FetchRequest(), VERSION);
        ByteBuf request = Unpooled.buffer()
                .writeShort(ApiKey.FETCH.id())
                .writeShort(VERSION)
                .writeInt(1)
                .writeShort(0)
                .writeBytes(body);
        channel.writeInbound(Unpooled.buffer().writeInt(request.readableBytes()).writeBytes(request));
    }

    @AfterEach
    void closeFile() throws IOException {
        file.channel().close();
    }

    private void answer() {
        PartitionData data = new PartitionData().records(new Part.InFile(file, 10, 50));
        FetchableTopicResponse topic = new FetchableTopicResponse().topic("t").partitions(List.of(data));
        file.retain();
        parked.get(0).send(new FetchResponse().responses(List.of(topic)));
    }

    @Test
    void theFileIsReleasedWhenItsRecordsAreSent() {
        answer();
        assertThat(file.calls()).containsExactly("retain");
        for (Object part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            ReferenceCountUtil.release(part);
        }
        assertThat(file.calls()).containsExactly("retain", "release");
        assertThat(file.channel().isOpen()).isTrue();
    }

    @Test
    void theFileIsReleasedWhenTheClientIsGoneBeforeTheAnswer() {
        channel.close();
        answer();
        assertThat(file.calls()).containsExactly("retain", "release");
    }

    @Test
    void theFileOfALargeAnswerIsReleasedOnceForEachOfItsPartitions() {
        largeAnswer();
        for (Object part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            ReferenceCountUtil.release(part);
        }
        assertThat(file.calls()).hasSize(2 * PARTITIONS);
    }

    @Test
    void theFileOfALargeAnswerIsReleasedWhenTheClientIsGone() {
        channel.close();
        largeAnswer();
        assertThat(file.calls()).hasSize(2 * PARTITIONS);
    }

    private void largeAnswer() {
        List<PartitionData> partitions = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(new PartitionData().partitionIndex(i).records(new Part.InFile(file, 10, 50)));
            file.retain();
        }
        FetchableTopicResponse topic = new FetchableTopicResponse().topic("t").partitions(partitions);
        parked.get(0).send(new FetchResponse().responses(List.of(topic)));
    }
}
