package io.gregor.controller;

import io.gregor.wire.ByteReader;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Message;
import io.gregor.wire.MessageSink;
import io.gregor.wire.message.AbortTransactionRecord;
import io.gregor.wire.message.AccessControlEntryRecord;
import io.gregor.wire.message.BeginTransactionRecord;
import io.gregor.wire.message.BrokerRegistrationChangeRecord;
import io.gregor.wire.message.ClearElrRecord;
import io.gregor.wire.message.ClientQuotaRecord;
import io.gregor.wire.message.ConfigRecord;
import io.gregor.wire.message.DelegationTokenRecord;
import io.gregor.wire.message.EndTransactionRecord;
import io.gregor.wire.message.FeatureLevelRecord;
import io.gregor.wire.message.FenceBrokerRecord;
import io.gregor.wire.message.NoOpRecord;
import io.gregor.wire.message.PartitionChangeRecord;
import io.gregor.wire.message.PartitionRecord;
import io.gregor.wire.message.ProducerIdsRecord;
import io.gregor.wire.message.RegisterBrokerRecord;
import io.gregor.wire.message.RegisterControllerRecord;
import io.gregor.wire.message.RemoveAccessControlEntryRecord;
import io.gregor.wire.message.RemoveDelegationTokenRecord;
import io.gregor.wire.message.RemoveTopicRecord;
import io.gregor.wire.message.RemoveUserScramCredentialRecord;
import io.gregor.wire.message.TopicRecord;
import io.gregor.wire.message.UnfenceBrokerRecord;
import io.gregor.wire.message.UnregisterBrokerRecord;
import io.gregor.wire.message.UserScramCredentialRecord;
import io.gregor.wire.message.ZkMigrationStateRecord;
import java.nio.ByteBuffer;

/**
 * Metadata records as KRaft stores them in the value of a record: frame version (1), type and version as unsigned
 * varints, then the message. All types of Kafka 4.3 are read; the versions written are those of metadata version 4.3.
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
        Message record = make(type);
        record.read(in, (short) version);
        return record;
    }

    private static Message make(int type) {
        return switch (type) {
            case RegisterBrokerRecord.API_KEY -> new RegisterBrokerRecord();
            case UnregisterBrokerRecord.API_KEY -> new UnregisterBrokerRecord();
            case TopicRecord.API_KEY -> new TopicRecord();
            case PartitionRecord.API_KEY -> new PartitionRecord();
            case ConfigRecord.API_KEY -> new ConfigRecord();
            case PartitionChangeRecord.API_KEY -> new PartitionChangeRecord();
            case FenceBrokerRecord.API_KEY -> new FenceBrokerRecord();
            case UnfenceBrokerRecord.API_KEY -> new UnfenceBrokerRecord();
            case RemoveTopicRecord.API_KEY -> new RemoveTopicRecord();
            case DelegationTokenRecord.API_KEY -> new DelegationTokenRecord();
            case UserScramCredentialRecord.API_KEY -> new UserScramCredentialRecord();
            case FeatureLevelRecord.API_KEY -> new FeatureLevelRecord();
            case ClientQuotaRecord.API_KEY -> new ClientQuotaRecord();
            case ProducerIdsRecord.API_KEY -> new ProducerIdsRecord();
            case BrokerRegistrationChangeRecord.API_KEY -> new BrokerRegistrationChangeRecord();
            case AccessControlEntryRecord.API_KEY -> new AccessControlEntryRecord();
            case RemoveAccessControlEntryRecord.API_KEY -> new RemoveAccessControlEntryRecord();
            case NoOpRecord.API_KEY -> new NoOpRecord();
            case ZkMigrationStateRecord.API_KEY -> new ZkMigrationStateRecord();
            case RemoveUserScramCredentialRecord.API_KEY -> new RemoveUserScramCredentialRecord();
            case BeginTransactionRecord.API_KEY -> new BeginTransactionRecord();
            case EndTransactionRecord.API_KEY -> new EndTransactionRecord();
            case AbortTransactionRecord.API_KEY -> new AbortTransactionRecord();
            case RemoveDelegationTokenRecord.API_KEY -> new RemoveDelegationTokenRecord();
            case RegisterControllerRecord.API_KEY -> new RegisterControllerRecord();
            case ClearElrRecord.API_KEY -> new ClearElrRecord();
            default -> throw new MalformedMessageException("metadata record of unknown type " + type);
        };
    }

    /** Of the records that Gregor writes. */
    private static short typeOf(Message record) {
        if (record instanceof TopicRecord) {
            return TopicRecord.API_KEY;
        }
        if (record instanceof PartitionRecord) {
            return PartitionRecord.API_KEY;
        }
        if (record instanceof PartitionChangeRecord) {
            return PartitionChangeRecord.API_KEY;
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
        if (record instanceof UserScramCredentialRecord) {
            return UserScramCredentialRecord.API_KEY;
        }
        if (record instanceof RemoveUserScramCredentialRecord) {
            return RemoveUserScramCredentialRecord.API_KEY;
        }
        if (record instanceof UnregisterBrokerRecord) {
            return UnregisterBrokerRecord.API_KEY;
        }
        if (record instanceof ClientQuotaRecord) {
            return ClientQuotaRecord.API_KEY;
        }
        if (record instanceof ProducerIdsRecord) {
            return ProducerIdsRecord.API_KEY;
        }
        if (record instanceof AccessControlEntryRecord) {
            return AccessControlEntryRecord.API_KEY;
        }
        if (record instanceof RemoveAccessControlEntryRecord) {
            return RemoveAccessControlEntryRecord.API_KEY;
        }
        if (record instanceof ClearElrRecord) {
            return ClearElrRecord.API_KEY;
        }
        throw new IllegalArgumentException("no type for " + record.getClass().getSimpleName());
    }

    /** Partitions carry the directories of their replicas since version 1; 2 adds eligible leaders, which are off. */
    private static short versionOf(Message record) {
        return (short) (record instanceof PartitionRecord || record instanceof PartitionChangeRecord ? 1 : 0);
    }
}
