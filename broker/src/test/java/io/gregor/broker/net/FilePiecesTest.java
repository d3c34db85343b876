package io.gregor.broker.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.wire.Part;
import io.gregor.wire.StoredFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records for an encrypted connection: in order, in pieces, and no more of them in memory than the client takes. */
class FilePiecesTest {
    private static final int FILE_BYTES = 1_000_000;

    @TempDir
    Path root;

    /** A socket that takes what a test lets it take. */
    private static final class Socket extends ChannelOutboundHandlerAdapter {
        final Deque<ByteBuf> sent = new ArrayDeque<>();
        final Deque<ChannelPromise> promises = new ArrayDeque<>();
        final ByteBuf taken = Unpooled.buffer();
        int held;

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            sent.add((ByteBuf) message);
            promises.add(promise);
            held += ((ByteBuf) message).readableBytes();
        }

        void takeOne() {
            ByteBuf next = sent.remove();
            held -= next.readableBytes();
            taken.writeBytes(next);
            next.release();
            ChannelPromise promise = promises.remove();
            if (!promise.isVoid()) {
                promise.setSuccess();
            }
        }
    }

    private final byte[] content = new byte[FILE_BYTES];
    private final Socket socket = new Socket();
    private final EmbeddedChannel channel = new EmbeddedChannel(socket, new FilePieces());
    private final int[] released = new int[1];
    private FileChannel file;

    @BeforeEach
    void open() throws IOException {
        new Random(1).nextBytes(content);
        file = FileChannel.open(Files.write(root.resolve("file"), content));
    }

    @AfterEach
    void close() throws IOException {
        channel.close();
        file.close();
    }

    private StoredRegion region(long position, long size) {
        StoredFile stored = new StoredFile() {
            @Override
            public FileChannel channel() {
                return file;
            }

            @Override
            public boolean retain() {
                return true;
            }

            @Override
            public void release() {
                released[0]++;
            }
        };
        return new StoredRegion(new Part.InFile(stored, position, (int) size));
    }

    @Test
    void whatIsWrittenComesInOrderAndNeverAllAtOnce() {
        ByteBuf expected = Unpooled.buffer();
        for (int i = 0; i < 3; i++) {
            channel.write(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}), channel.voidPromise());
            channel.write(region(i, 900_000), channel.voidPromise());
            channel.write(Unpooled.wrappedBuffer(new byte[] {4, 5}), channel.voidPromise());
            expected.writeBytes(new byte[] {1, 2, 3})
                    .writeBytes(content, i, 900_000)
                    .writeBytes(new byte[] {4, 5});
        }
        assertThat(channel.isWritable()).isFalse();
        channel.flush();
        int most = 0;
        while (!socket.sent.isEmpty()) {
            most = Math.max(most, socket.held);
            socket.takeOne();
        }
        assertThat(ByteBufUtil.equals(socket.taken, expected)).isTrue();
        assertThat(most).isLessThanOrEqualTo(FilePieces.AT_ONCE_BYTES + FilePieces.PIECE_BYTES);
        assertThat(channel.isWritable()).isTrue();
        assertThat(released[0]).isEqualTo(3);
    }

    @Test
    void whatIsNotSentAnyMoreIsReleased() {
        channel.write(region(0, 900_000), channel.voidPromise());
        channel.write(region(0, 900_000), channel.voidPromise());
        channel.flush();
        channel.close();
        assertThat(released[0]).isEqualTo(2);
        socket.sent.forEach(ByteBuf::release);
    }

    @Test
    void aFileThatEndsTooEarlyEndsTheConnection() {
        channel.write(region(FILE_BYTES - 10, 100), channel.voidPromise());
        channel.flush();
        assertThatThrownBy(channel::checkException).isInstanceOf(EOFException.class);
        assertThat(channel.isActive()).isFalse();
        assertThat(released[0]).isEqualTo(1);
    }
}
