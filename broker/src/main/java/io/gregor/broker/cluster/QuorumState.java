package io.gregor.broker.cluster;

import io.gregor.log.disk.SmallFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code quorum-state} beside the metadata log: in which epoch of the quorum this node has voted, and for
 * whom. Apache Kafka reads it at its start. Confined to the controller's thread.
 */
final class QuorumState {
    private static final Logger LOG = LoggerFactory.getLogger(QuorumState.class);

    static final String NAME = "quorum-state";
    private static final Pattern EPOCH = Pattern.compile("\"leaderEpoch\"\\s*:\\s*(\\d{1,9})\\b");

    private QuorumState() {}

    /**
     * Begins the epoch after all that are known, with this node as its leader; durable when it returns. A file that is
     * damaged is made again: of the only voter the log knows each epoch that it has led.
     */
    static int nextEpoch(SmallFile file, int nodeId, int latestInLog) throws IOException {
        int latest = latestInLog;
        ByteBuffer content = file.read();
        if (content != null) {
            Matcher epoch = EPOCH.matcher(StandardCharsets.UTF_8.decode(content));
            if (epoch.find()) {
                latest = Math.max(latest, Integer.parseInt(epoch.group(1)));
            } else {
                LOG.warn("{} is damaged, and made again: epoch {} is the latest in the log", file.path(), latest);
            }
        }
        int next = Math.max(latest, 0) + 1;
        String state = "{\"clusterId\":\"\",\"leaderId\":" + nodeId + ",\"leaderEpoch\":" + next
                + ",\"votedId\":-1,\"appliedOffset\":0,\"currentVoters\":[{\"voterId\":" + nodeId
                + "}],\"data_version\":0}";
        file.replace(StandardCharsets.UTF_8.encode(state));
        return next;
    }
}
