package io.gregor.broker.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code quorum-state} beside the metadata log: in which epoch of the quorum this node has voted, and for
 * whom. Apache Kafka reads it at its start.
 */
final class QuorumState {
    private static final String NAME = "quorum-state";
    private static final Pattern EPOCH = Pattern.compile("\"leaderEpoch\"\\s*:\\s*(\\d+)");

    private QuorumState() {}

    /** Begins the epoch after all that are known, with this node as its leader; durable when it returns. */
    static int nextEpoch(Path folder, int nodeId, int latestInLog) throws IOException {
        Path file = folder.resolve(NAME);
        int latest = latestInLog;
        if (Files.exists(file)) {
            Matcher epoch = EPOCH.matcher(Files.readString(file));
            latest = epoch.find() ? Math.max(latest, Integer.parseInt(epoch.group(1))) : latest;
        }
        int next = Math.max(latest, 0) + 1;
        String state = "{\"clusterId\":\"\",\"leaderId\":" + nodeId + ",\"leaderEpoch\":" + next
                + ",\"votedId\":-1,\"appliedOffset\":0,\"currentVoters\":[{\"voterId\":" + nodeId
                + "}],\"data_version\":0}";
        Path temporary = folder.resolve(NAME + ".tmp");
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(state.getBytes(StandardCharsets.UTF_8)));
            out.force(true);
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return next;
    }
}
