package io.gregor.cli.consume;

import io.gregor.cli.client.BrokerException;
import io.gregor.cli.client.ClientException;
import io.gregor.cli.client.Cluster;
import io.gregor.cli.client.Leaders;
import io.gregor.cli.client.TopicPartition;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.Part;
import io.gregor.wire.message.ApiKey;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest;
import io.gregor.wire.message.FetchRequest.FetchPartition;
import io.gregor.wire.message.FetchRequest.FetchTopic;
import io.gregor.wire.message.FetchResponse;
import io.gregor.wire.message.FetchResponse.PartitionData;
import io.gregor.wire.record.Record;
import io.gregor.wire.record.RecordBatch;
import io.gregor.wire.record.RecordCursor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Fetches records from the leaders of partitions. Confined to the main thread. One answer has a few MB of records. A
 * partition that cannot be read for a reason that may pass holds up no other.
 */
final class Fetcher {
    private static final int ANSWER_BYTES_MAX = 8 * 1024 * 1024;
    private static final int PARTITION_BYTES_MAX = 1024 * 1024;

    private final Cluster cluster;
    private final boolean committedOnly;
    private final Troubles troubles;
    private final Map<TopicPartition, Integer> leaders = new HashMap<>();

    /** @param committedOnly whether records of transactions that are not committed are left out */
    Fetcher(Cluster cluster, boolean committedOnly, Troubles troubles) {
        this.cluster = cluster;
        this.committedOnly = committedOnly;
        this.troubles = troubles;
    }

    /**
     * What there is from these offsets on.
     *
     * @param maxWaitMs how long the leaders may wait for the first record
     * @throws ClientException if an offset does not exist, or a partition could not be read for too long
     */
    List<Fetched> fetch(SortedMap<TopicPartition, Long> positions, int maxWaitMs) {
        List<Fetched> fetched = new ArrayList<>();
        Map<TopicPartition, ClientException> failed = new TreeMap<>();
        Map<Integer, SortedMap<TopicPartition, Long>> byLeader = byLeader(positions, failed);
        for (Map.Entry<Integer, SortedMap<TopicPartition, Long>> one : byLeader.entrySet()) {
            // Who has asked one leader in vain has no time to wait for another.
            int waitMs = fetched.isEmpty() && failed.isEmpty() ? maxWaitMs / byLeader.size() : 0;
            try {
                ask(one.getKey(), one.getValue(), waitMs, fetched, failed);
            } catch (ClientException e) {
                one.getValue().keySet().forEach(partition -> failed.put(partition, e));
            }
        }
        failed.keySet().forEach(leaders::remove);
        troubles.settle(positions.keySet(), failed);
        if (fetched.isEmpty()) {
            troubles.pause();
        }
        return fetched;
    }

    private Map<Integer, SortedMap<TopicPartition, Long>> byLeader(
            SortedMap<TopicPartition, Long> positions, Map<TopicPartition, ClientException> failed) {
        TreeSet<TopicPartition> unknown = new TreeSet<>(positions.keySet());
        unknown.removeAll(leaders.keySet());
        try {
            leaders.putAll(Leaders.of(cluster, unknown));
        } catch (ClientException e) {
            unknown.forEach(partition -> failed.put(partition, e));
        }
        Map<Integer, SortedMap<TopicPartition, Long>> byLeader = new TreeMap<>();
        positions.forEach((partition, offset) -> {
            int leader = leaders.getOrDefault(partition, -1);
            if (leader >= 0) {
                byLeader.computeIfAbsent(leader, key -> new TreeMap<>()).put(partition, offset);
            } else {
                failed.putIfAbsent(partition, Leaders.none(partition));
            }
        });
        return byLeader;
    }

    private void ask(
            int leader,
            SortedMap<TopicPartition, Long> positions,
            int waitMs,
            List<Fetched> fetched,
            Map<TopicPartition, ClientException> failed) {
        FetchResponse response =
                cluster.broker(leader, ApiKey.FETCH, request(positions, waitMs), waitMs, FetchResponse.class);
        BrokerException.throwIfError(response.errorCode(), null, "broker " + leader);
        for (FetchResponse.FetchableTopicResponse topic : response.responses()) {
            for (PartitionData data : topic.partitions()) {
                TopicPartition partition = new TopicPartition(topic.topic(), data.partitionIndex());
                try {
                    read(partition, positions.getOrDefault(partition, 0L), data, fetched);
                } catch (ClientException e) {
                    failed.put(partition, e);
                }
            }
        }
    }

    private FetchRequest request(SortedMap<TopicPartition, Long> positions, int waitMs) {
        Map<String, List<FetchPartition>> byTopic = new TreeMap<>();
        positions.forEach((partition, offset) -> byTopic.computeIfAbsent(partition.topic(), key -> new ArrayList<>())
                .add(new FetchPartition()
                        .partition(partition.partition())
                        .fetchOffset(offset)
                        .partitionMaxBytes(PARTITION_BYTES_MAX)));
        List<FetchTopic> topics = new ArrayList<>();
        byTopic.forEach(
                (name, partitions) -> topics.add(new FetchTopic().topic(name).partitions(partitions)));
        return new FetchRequest()
                .maxWaitMs(waitMs)
                .minBytes(1)
                .maxBytes(ANSWER_BYTES_MAX)
                .isolationLevel((byte) (committedOnly ? 1 : 0))
                .topics(topics);
    }

    private void read(TopicPartition partition, long position, PartitionData data, List<Fetched> into) {
        if (data.errorCode() == ErrorCode.OFFSET_OUT_OF_RANGE.code()) {
            throw new ClientException("partition " + partition + ": there is no offset " + position
                    + " (any more): retention or delete-records may have taken it; gregor doctor says more");
        }
        BrokerException.throwIfError(data.errorCode(), null, "partition " + partition);
        if (!(data.records() instanceof Part.InMemory records) || records.size() == 0) {
            return;
        }
        AbortedProducers aborted = new AbortedProducers(committedOnly ? data.abortedTransactions() : List.of());
        List<Record> found = new ArrayList<>();
        long next = position;
        ByteBuffer bytes = records.bytes();
        int at = bytes.position();
        // The answer may end within a batch.
        while (bytes.limit() - at >= RecordBatch.HEADER_BYTES) {
            RecordBatch batch = new RecordBatch(bytes, at);
            if (batch.magic() != RecordBatch.MAGIC) {
                throw new ClientException("partition " + partition + ": offset " + batch.baseOffset()
                        + " has a format from before Kafka 0.11, which cannot be read here");
            }
            int size = batch.sizeInBytes();
            if (size < RecordBatch.HEADER_BYTES || size > bytes.limit() - at) {
                break;
            }
            boolean hidden = aborted.covers(batch) || batch.isControl();
            if (!hidden && batch.lastOffset() >= position) {
                readBatch(partition, batch, position, found);
            }
            next = Math.max(next, batch.nextOffset());
            at += size;
        }
        into.add(new Fetched(partition, found, next));
    }

    private static void readBatch(TopicPartition partition, RecordBatch batch, long position, List<Record> into) {
        if (batch.crc() != batch.computedCrc()) {
            throw new ClientException("partition " + partition + ": " + batch + " is damaged, its checksum differs");
        }
        try {
            RecordCursor.forEach(batch, record -> {
                if (record.offset() >= position) {
                    into.add(record);
                }
            });
        } catch (MalformedMessageException e) {
            throw new ClientException(
                    "partition " + partition + ": " + batch + " cannot be read, " + e.getMessage(), e);
        }
    }
}
