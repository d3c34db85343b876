package io.gregor.controller;

import io.gregor.wire.Uuid;
import io.gregor.wire.message.AccessControlEntryRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that the cluster knows of itself at one moment. Immutable, read on any thread; changed only by applying records
 * through {@link ImageChange}.
 *
 * @param configs what was set, per resource; defaults are not in it
 * @param features the finalized level of each feature
 * @param quotas of clients
 * @param scram the credentials of users, by name and mechanism
 * @param nextProducerId the first producer id that was never given to a broker
 * @param acls access control lists, by their ids; the same object as long as none changes
 * @param unsupported what Gregor does not have (yet): see {@link UnsupportedRecords}
 */
public record MetadataImage(
        Map<String, TopicImage> topicsByName,
        Map<Uuid, TopicImage> topicsById,
        Map<ConfigResource, Map<String, String>> configs,
        Map<String, Short> features,
        ClientQuotas quotas,
        Map<String, Map<Byte, UserScramCredentialRecord>> scram,
        long nextProducerId,
        Map<Uuid, AccessControlEntryRecord> acls,
        Map<List<Object>, ByteBuffer> unsupported) {
    /** 4.3-IV0. */
    private static final short FIRST_WITH_CORDONED_LOG_DIRS = 30;

    public static final MetadataImage EMPTY = new MetadataImage(
            Map.of(), Map.of(), Map.of(), Map.of(), ClientQuotas.NONE, Map.of(), 0, Map.of(), Map.of());

    public @Nullable TopicImage topic(String name) {
        return topicsByName.get(name);
    }

    public @Nullable TopicImage topic(Uuid id) {
        return topicsById.get(id);
    }

    /** The finalized level of {@code metadata.version}, 0 before there is any. */
    public short metadataVersion() {
        return features.getOrDefault(SupportedFeature.METADATA_VERSION, (short) 0);
    }

    /** Whether a log directory may be cordoned, so that it gets no new partitions (KIP-1066). */
    public boolean hasCordonedLogDirs() {
        return metadataVersion() >= FIRST_WITH_CORDONED_LOG_DIRS;
    }

    /** What was set for that resource; empty if nothing was. */
    public Map<String, String> configOf(ConfigResource resource) {
        return configs.getOrDefault(resource, Map.of());
    }
}
