package io.gregor.cli.command;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where a command prints, in UTF-8: a stream that knows why it failed. Confined to the main thread. */
public final class Output extends PrintStream {
    private final Watched watched;

    public Output(OutputStream out) {
        this(new Watched(out));
    }

    private Output(Watched watched) {
        super(watched, false, StandardCharsets.UTF_8);
        this.watched = watched;
    }

    /**
     * Writes out all that was printed.
     *
     * @throws OutputException if some of it could not be written, now or before
     */
    public void writeOut() {
        if (checkError()) {
            throw new OutputException(watched.failure);
        }
    }

    /** Keeps what a print stream swallows. */
    private static final class Watched extends FilterOutputStream {
        private @Nullable IOException failure;

        Watched(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            try {
                out.write(b);
            } catch (IOException e) {
                throw keep(e);
            }
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                out.write(bytes, from, length);
            } catch (IOException e) {
                throw keep(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw keep(e);
            }
        }

        private IOException keep(IOException e) {
            failure = failure == null ? e : failure;
            return e;
        }
    }
}
