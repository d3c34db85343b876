package io.gregor.cli.produce;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Lines of a stream as bytes. Confined to one thread. A line may have at most {@value #LINE_BYTES_MAX} bytes. */
final class Lines {
    private static final int LINE_BYTES_MAX = 64 * 1024 * 1024;

    private final InputStream in;
    private final Runnable beforeWaiting;
    private final byte[] buffer = new byte[64 * 1024];
    private int next;
    private int limit;
    private byte[] line = new byte[1024];
    private int length;
    private long number;

    /** @param beforeWaiting is run when the input has nothing more for the moment, be it within a line or not */
    Lines(InputStream in, Runnable beforeWaiting) {
        this.in = in;
        this.beforeWaiting = beforeWaiting;
    }

    /** Moves to the next line; false at the end. */
    boolean next() throws IOException {
        length = 0;
        boolean some = false;
        while (next < limit || fill()) {
            some = true;
            byte one = buffer[next++];
            if (one == '\n') {
                break;
            }
            add(one);
        }
        if (length > 0 && line[length - 1] == '\r') {
            length--;
        }
        number++;
        return some;
    }

    private boolean fill() throws IOException {
        if (in.available() == 0) {
            beforeWaiting.run();
        }
        limit = Math.max(0, in.read(buffer));
        next = 0;
        return limit > 0;
    }

    private void add(byte one) throws IOException {
        if (length == line.length) {
            if (length >= LINE_BYTES_MAX) {
                throw new IOException("line " + (number + 1) + " is longer than " + LINE_BYTES_MAX + " bytes");
            }
            line = Arrays.copyOf(line, length * 2);
        }
        line[length++] = one;
    }

    byte[] line() {
        return line;
    }

    int length() {
        return length;
    }

    /** From 1 on. */
    long number() {
        return number;
    }
}
