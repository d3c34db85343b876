package io.gregor.wire.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.xerial.snappy.Snappy;
import org.xerial.snappy.SnappyOutputStream;

/** Blocks of all sizes, in both framings, as the library expands them; and those that claim what is not so. */
class SnappyInputTest {
    /** A block that claims 2 GB, and is one byte long. */
    private static final byte[] CLAIMS_MUCH = {-1, -1, -1, -1, 7, 0, 1};

    private static byte[] content(Random random, int size) {
        byte[] content = new byte[size];
        int at = 0;
        while (at < size) {
            int run = Math.min(size - at, 1 + random.nextInt(3000));
            if (random.nextInt(3) == 0 || at == 0) {
                for (int i = 0; i < run; i++) {
                    content[at + i] = (byte) random.nextInt();
                }
            } else {
                int from = random.nextInt(at);
                for (int i = 0; i < run; i++) {
                    content[at + i] = content[from + i];
                }
            }
            at += run;
        }
        return content;
    }

    private static byte[] expand(byte[] stored) throws IOException {
        try (SnappyInput in = new SnappyInput(new ByteArrayInputStream(stored))) {
            return in.readAllBytes();
        }
    }

    @Test
    void blocksOfAllSizesAreExpanded() throws IOException {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            byte[] content = content(random, seed % 3 == 0 ? random.nextInt(6_000_000) : random.nextInt(3000));
            assertThat(expand(Snappy.compress(content)))
                    .as("seed %d, bare", seed)
                    .isEqualTo(content);
            ByteArrayOutputStream framed = new ByteArrayOutputStream();
            try (SnappyOutputStream out = new SnappyOutputStream(framed, 1024 + random.nextInt(3_000_000))) {
                out.write(content);
            }
            assertThat(expand(framed.toByteArray())).as("seed %d, framed", seed).isEqualTo(content);
        }
    }

    /** The library is not asked for those, so what it says of smaller ones has to hold. */
    @Test
    void damagedBlocksAreRefusedOrExpandAsTheyClaim() throws IOException {
        byte[] content = content(new Random(5), 1_200_000);
        byte[] compressed = Snappy.compress(content);
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            byte[] damaged = random.nextInt(4) == 0
                    ? Arrays.copyOf(compressed, random.nextInt(compressed.length))
                    : compressed.clone();
            if (damaged.length == compressed.length) {
                damaged[3 + random.nextInt(damaged.length - 3)] ^= (byte) (1 << random.nextInt(8));
            }
            byte[] byLibrary = byLibrary(damaged);
            if (byLibrary == null) {
                assertThatThrownBy(() -> expand(damaged)).as("seed %d", seed).isInstanceOf(IOException.class);
            } else {
                assertThat(expand(damaged)).as("seed %d", seed).isEqualTo(byLibrary);
            }
        }
    }

    private static byte @Nullable [] byLibrary(byte[] compressed) {
        try {
            return Snappy.uncompress(compressed);
        } catch (IOException e) {
            return null;
        }
    }

    @Test
    void whatABlockClaimsIsNotAllocated() {
        for (int i = 0; i < 1000; i++) {
            assertThatThrownBy(() -> expand(CLAIMS_MUCH)).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> new SnappyInput(new ByteArrayInputStream(new byte[] {-1, -1, -1, -1, -1, 0})).read())
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> new SnappyInput(new ByteArrayInputStream(new byte[] {-1, -1})).read())
                .isInstanceOf(IOException.class);
    }

    /** Literals of one byte each: twice as large as it expands to. */
    @Test
    void aBlockThatIsLargerThanWhatItExpandsToIsRead() throws IOException {
        byte[] stored = new byte[1 + 2 * 100];
        stored[0] = 100;
        for (int i = 0; i < 100; i++) {
            stored[2 + 2 * i] = (byte) i;
        }
        byte[] expanded = expand(stored);
        assertThat(expanded).hasSize(100);
        assertThat(expanded[77]).isEqualTo((byte) 77);
    }
}
