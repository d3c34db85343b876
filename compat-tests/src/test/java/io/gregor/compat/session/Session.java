package io.gregor.compat.session;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * What went between clients and a broker, frame by frame: requests in the order in which they came, and answers where
 * they came in between.
 */
record Session(List<Event> events) {
    enum Kind {
        REQUEST,
        ANSWER,
        CLOSE
    }

    /** The frame is without its length. */
    record Event(int connection, Kind kind, byte[] frame) {}

    static Session read(Path file) throws IOException {
        List<Event> events = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
            while (true) {
                int connection = in.readInt();
                Kind kind = Kind.values()[in.readByte()];
                byte[] frame = new byte[in.readInt()];
                in.readFully(frame);
                events.add(new Event(connection, kind, frame));
            }
        } catch (EOFException end) {
            return new Session(events);
        }
    }

    void write(Path file) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new GZIPOutputStream(Files.newOutputStream(file)))) {
            for (Event event : events) {
                out.writeInt(event.connection);
                out.writeByte(event.kind.ordinal());
                out.writeInt(event.frame.length);
                out.write(event.frame);
            }
        }
    }
}
