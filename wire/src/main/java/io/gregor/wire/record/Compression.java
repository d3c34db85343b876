package io.gregor.wire.record;

import com.github.luben.zstd.RecyclingBufferPool;
import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.SnappyOutputStream;

/** How the records of a batch are compressed; the ordinal is the number in the batch's attributes. */
public enum Compression {
    NONE("none"),
    GZIP("gzip"),
    SNAPPY("snappy"),
    LZ4("lz4"),
    ZSTD("zstd");

    /** The level at which a codec works if nobody chose one. */
    public static final int DEFAULT_LEVEL = Integer.MIN_VALUE;

    private static final int BUFFER_BYTES = 16 * 1024;
    private static final Compression[] ALL = values();

    private final String configName;

    Compression(String configName) {
        this.configName = configName;
    }

    /** The codec with that number, or null if there is none. */
    public static @Nullable Compression of(int id) {
        return id < 0 || id >= ALL.length ? null : ALL[id];
    }

    /** As configurations write it. */
    public String configName() {
        return configName;
    }

    /** What the compressed bytes expand to. Hostile bytes end in an IOException and allocate at most a few MB. */
    public InputStream decompress(ByteBuffer compressed) throws IOException {
        return decompress(new BufferInput(compressed));
    }

    /** As {@link #decompress(ByteBuffer)}, for bytes that need not all be in memory. */
    InputStream decompress(InputStream in) throws IOException {
        return switch (this) {
            case NONE -> in;
            case GZIP -> new GZIPInputStream(in, BUFFER_BYTES);
            case SNAPPY -> new SnappyInput(in);
            case LZ4 ->
                new LZ4FrameInputStream(
                        in,
                        LZ4Factory.fastestInstance().safeDecompressor(),
                        XXHashFactory.fastestInstance().hash32(),
                        true);
            case ZSTD -> new ZstdInputStreamNoFinalizer(in, RecyclingBufferPool.INSTANCE);
        };
    }

    /** @param level as the codec counts, or {@link #DEFAULT_LEVEL} */
    OutputStream compress(OutputStream out, int level) throws IOException {
        return switch (this) {
            case NONE -> out;
            case GZIP -> new LeveledGzip(out, level == DEFAULT_LEVEL ? Deflater.DEFAULT_COMPRESSION : level);
            case SNAPPY -> new SnappyOutputStream(out);
            case LZ4 ->
                new LZ4FrameOutputStream(
                        out,
                        LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
                        -1L,
                        level == DEFAULT_LEVEL
                                ? LZ4Factory.fastestInstance().fastCompressor()
                                : LZ4Factory.fastestInstance().highCompressor(level),
                        XXHashFactory.fastestInstance().hash32(),
                        LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
            case ZSTD ->
                new ZstdOutputStreamNoFinalizer(
                        out,
                        RecyclingBufferPool.INSTANCE,
                        level == DEFAULT_LEVEL ? Zstd.defaultCompressionLevel() : level);
        };
    }

    private static final class LeveledGzip extends GZIPOutputStream {
        LeveledGzip(OutputStream out, int level) throws IOException {
            super(out, BUFFER_BYTES);
            def.setLevel(level);
        }
    }
}
