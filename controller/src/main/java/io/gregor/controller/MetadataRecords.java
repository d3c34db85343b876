package io.gregor.controller;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.ProducerIdsRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.TopicRecord;
import java.nio.ByteBuffer;

/**
 * Metadata records as KRaft stores them in the value of a record: frame version (1), type and version as unsigned
 * varints, then the message. The versions written are those of metadata version 4.3.
 */
public final class MetadataRecords {
    private static final int FRAME_VERSION = 1;

    private MetadataRecords() {}

    public static ByteBuffer encode(Message record) {
        short version = versionOf(record);
        MessageSink sink = new MessageSink(64);
        sink.unsignedVarint(FRAME_VERSION);
        sink.unsignedVarint(typeOf(record));
        sink.unsignedVarint(version);
        record.write(sink, version);
        return sink.toBuffer();
    }

    /** @throws MalformedMessageException if it is no such frame, or of a type that this version does not know */
    public static Message decode(ByteBuffer value) {
        ByteReader in = new ByteReader(value.duplicate());
        int frame = in.unsignedVarint();
        if (frame != FRAME_VERSION) {
            throw new MalformedMessageException("metadata frame version " + frame);
        }
        int type = in.unsignedVarint();
        int version = in.unsignedVarint();
        Message record = switch (type) {
            case TopicRecord.API_KEY -> new TopicRecord();
            case PartitionRecord.API_KEY -> new PartitionRecord();
            case ConfigRecord.API_KEY -> new ConfigRecord();
            case RemoveTopicRecord.API_KEY -> new RemoveTopicRecord();
            case FeatureLevelRecord.API_KEY -> new FeatureLevelRecord();
            case ProducerIdsRecord.API_KEY -> new ProducerIdsRecord();
            default -> throw new MalformedMessageException("metadata record of unknown type " + type);
        };
        record.read(in, (short) version);
        return record;
    }

    private static short typeOf(Message record) {
        if (record instanceof TopicRecord) {
            return TopicRecord.API_KEY;
        }
        if (record instanceof PartitionRecord) {
            return PartitionRecord.API_KEY;
        }
        if (record instanceof ConfigRecord) {
            return ConfigRecord.API_KEY;
        }
        if (record instanceof RemoveTopicRecord) {
            return RemoveTopicRecord.API_KEY;
        }
        if (record instanceof FeatureLevelRecord) {
            return FeatureLevelRecord.API_KEY;
        }
        if (record instanceof ProducerIdsRecord) {
            return ProducerIdsRecord.API_KEY;
        }
        throw new IllegalArgumentException("no type for " + record.getClass().getSimpleName());
    }

    /** Partitions carry the directories of their replicas since version 1; 2 adds eligible leaders, which are off. */
    private static short versionOf(Message record) {
        return record instanceof PartitionRecord ? (short) 1 : 0;
    }
}
