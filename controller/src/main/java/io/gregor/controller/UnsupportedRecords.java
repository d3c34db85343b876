package io.gregor.controller;

import io.gregor.wire.Message;
import io.gregor.wire.message.DelegationTokenRecord;
import io.gregor.wire.message.RegisterBrokerRecord;
import io.gregor.wire.message.RegisterControllerRecord;
import io.gregor.wire.message.RemoveDelegationTokenRecord;
import io.gregor.wire.message.ZkMigrationStateRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records of what Gregor does not have (yet): tokens, registrations. Of each thing the
 * latest is kept as it was stored, so that a snapshot has it and Apache Kafka finds it again. Pure.
 */
public final class UnsupportedRecords {
    private UnsupportedRecords() {}

    /** @param stored the frame that the record was read from */
    static void apply(Message record, ByteBuffer stored, Map<List<Object>, ByteBuffer> unsupported) {
        List<Object> about = about(record);
        if (about == null) {
            return;
        }
        if (removes(record)) {
            unsupported.remove(about);
        } else {
            ByteBuffer copy = ByteBuffer.allocate(stored.remaining());
            unsupported.put(about, copy.put(stored.duplicate()).flip());
        }
    }

    /** The key of a broker's registration in {@link MetadataImage#unsupported}. */
    public static List<Object> registration(int brokerId) {
        return List.of("broker", brokerId);
    }

    private static boolean removes(Message record) {
        return record instanceof RemoveDelegationTokenRecord;
    }

    /** What a record is about; null if nothing has to be kept of it. */
    private static @Nullable List<Object> about(Message record) {
        if (record instanceof DelegationTokenRecord token) {
            return List.of("token", token.tokenId());
        }
        if (record instanceof RemoveDelegationTokenRecord token) {
            return List.of("token", token.tokenId());
        }
        if (record instanceof RegisterBrokerRecord broker) {
            return registration(broker.brokerId());
        }
        if (record instanceof RegisterControllerRecord controller) {
            return List.of("controller", controller.controllerId());
        }
        return record instanceof ZkMigrationStateRecord ? List.of("zk") : null;
    }
}
