package io.gregor.broker.api.records;

import io.gregor.broker.access.AclOperation;
import io.gregor.broker.access.ResourceType;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.log.LogView;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.wire.MalformedMessageException;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.ListOffsetsRequest;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsPartition;
import io.gregor.wire.message.ListOffsetsRequest.ListOffsetsTopic;
import io.gregor.wire.message.ListOffsetsResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsPartitionResponse;
import io.gregor.wire.message.ListOffsetsResponse.ListOffsetsTopicResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Offsets by time: -1 the end (of what is stable, for read_committed), -2 the start, -3 the latest timestamp (version
 * 7), -4 the start of what is local (8), -5 the end of what is tiered (9), -6 the earliest that waits to be tiered
 * (11); any other is the first record at or after that time, exactly. Not found is offset -1, timestamp -1, and no
 * error.
 *
 * <p>Searches read the log and run aside; the loop never waits for the disk.
 */
public final class ListOffsetsHandler implements ApiHandler<ListOffsetsRequest, ListOffsetsResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(ListOffsetsHandler.class);

    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;
    private static final byte READ_COMMITTED = 1;
    private static final int CONSUMER = -1;
    private static final int FIRST_VERSION_WITH_EPOCH = 4;
    private static final int PARTITIONS_ON_LOOP = 1000;

    /**
     * A topic of the request, with the partitions of all times that it is named. Confined to one request.
     *
     * @param namedAgain indexes that are named more than once, and whether they are answered
     */
    private record Wanted(List<ListOffsetsPartition> partitions, Map<Integer, Boolean> namedAgain) {
        static Wanted of(List<ListOffsetsPartition> partitions) {
            int[] sorted = partitions.stream()
                    .mapToInt(ListOffsetsPartition::partitionIndex)
                    .sorted()
                    .toArray();
            Map<Integer, Boolean> namedAgain = new HashMap<>();
            for (int i = 1; i < sorted.length; i++) {
                if (sorted[i] == sorted[i - 1]) {
                    namedAgain.put(sorted[i], false);
                }
            }
            return new Wanted(partitions, namedAgain);
        }

        boolean searches() {
            return partitions.stream()
                    .anyMatch(partition -> partition.timestamp() != LATEST
                            && partition.timestamp() != EARLIEST
                            && !namedAgain.containsKey(partition.partitionIndex()));
        }
    }

    private final PartitionLookup lookup;
    private final Executor diskReaders;

    /** @param diskReaders runs what reads the log */
    public ListOffsetsHandler(PartitionLookup lookup, Executor diskReaders) {
        this.lookup = lookup;
        this.diskReaders = diskReaders;
    }

    @Override
    public void handle(RequestContext context, ListOffsetsRequest request, Reply<ListOffsetsResponse> reply) {
        List<ListOffsetsTopicResponse> refused = refused(context, request);
        Map<String, Wanted> wanted = wanted(request);
        if (isLong(wanted)) {
            diskReaders.execute(() -> {
                try {
                    reply.send(answer(request, wanted, context.version(), refused));
                } catch (RuntimeException e) {
                    reply.fail(e);
                }
            });
        } else {
            reply.send(answer(request, wanted, context.version(), refused));
        }
    }

    /** Takes the topics that the client may not describe out of the request, and answers for each. */
    private static List<ListOffsetsTopicResponse> refused(RequestContext context, ListOffsetsRequest request) {
        Predicate<String> allowed = context.allowing(AclOperation.DESCRIBE, ResourceType.TOPIC);
        List<ListOffsetsTopicResponse> refused = new ArrayList<>();
        List<ListOffsetsTopic> others = new ArrayList<>();
        for (ListOffsetsTopic topic : request.topics()) {
            if (allowed.test(topic.name())) {
                others.add(topic);
            } else {
                refused.add(new ListOffsetsTopicResponse()
                        .name(topic.name())
                        .partitions(topic.partitions().stream()
                                .map(partition -> refused(partition, ErrorCode.TOPIC_AUTHORIZATION_FAILED))
                                .toList()));
            }
        }
        request.topics(others);
        return refused;
    }

    private static Map<String, Wanted> wanted(ListOffsetsRequest request) {
        Map<String, List<ListOffsetsPartition>> byTopic = new LinkedHashMap<>();
        for (ListOffsetsTopic topic : request.topics()) {
            if (!topic.partitions().isEmpty()) {
                byTopic.computeIfAbsent(topic.name(), name -> new ArrayList<>()).addAll(topic.partitions());
            }
        }
        Map<String, Wanted> wanted = new LinkedHashMap<>();
        byTopic.forEach((name, partitions) -> wanted.put(name, Wanted.of(partitions)));
        return wanted;
    }

    /** Whether an answer reads the log, or takes too long for the loop. */
    private static boolean isLong(Map<String, Wanted> wanted) {
        int count = 0;
        for (Wanted topic : wanted.values()) {
            count += topic.partitions().size();
            if (count > PARTITIONS_ON_LOOP || topic.searches()) {
                return true;
            }
        }
        return false;
    }

    /** A topic that is named twice is answered once; a partition that is named twice is refused, once. */
    private ListOffsetsResponse answer(
            ListOffsetsRequest request,
            Map<String, Wanted> wanted,
            short version,
            List<ListOffsetsTopicResponse> refused) {
        // Whoever says that it is a replica sees all.
        boolean committed = request.isolationLevel() == READ_COMMITTED && request.replicaId() == CONSUMER;
        List<ListOffsetsTopicResponse> topics = new ArrayList<>(refused);
        wanted.forEach((name, topic) -> {
            List<ListOffsetsPartitionResponse> answers = new ArrayList<>();
            for (ListOffsetsPartition partition : topic.partitions()) {
                Boolean answered = topic.namedAgain().replace(partition.partitionIndex(), true);
                if (answered == null) {
                    answers.add(answerInVersion(name, partition, committed, version));
                } else if (!answered) {
                    answers.add(refused(partition, ErrorCode.INVALID_REQUEST));
                }
            }
            topics.add(new ListOffsetsTopicResponse().name(name).partitions(answers));
        });
        return new ListOffsetsResponse().topics(topics);
    }

    private ListOffsetsPartitionResponse answerInVersion(
            String topic, ListOffsetsPartition wanted, boolean committed, short version) {
        ListOffsetsPartitionResponse response = answer(topic, wanted, committed, version);
        return version < FIRST_VERSION_WITH_EPOCH ? response.leaderEpoch(-1) : response;
    }

    private ListOffsetsPartitionResponse answer(
            String topic, ListOffsetsPartition wanted, boolean committed, short version) {
        if (isNewerThan(wanted.timestamp(), version)) {
            return refused(wanted, ErrorCode.UNSUPPORTED_VERSION);
        }
        PartitionLookup.Found found = lookup.find(topic, wanted.partitionIndex());
        Partition partition = found.partition();
        if (partition == null) {
            return refused(wanted, found.error());
        }
        ErrorCode epoch = PartitionLookup.checkEpoch(partition, wanted.currentLeaderEpoch());
        if (epoch != ErrorCode.NONE) {
            return refused(wanted, epoch);
        }
        try {
            return answer(partition, wanted, committed);
        } catch (CorruptLogException | MalformedMessageException e) {
            LOG.error("Reading {} by time failed: {}", partition, e.getMessage());
            return refused(wanted, ErrorCode.CORRUPT_MESSAGE);
        } catch (IOException e) {
            LOG.error("Reading {} by time failed", partition, e);
            return refused(wanted, ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }

    private static boolean isNewerThan(long timestamp, short version) {
        return timestamp == MAX_TIMESTAMP && version < 7
                || timestamp == EARLIEST_LOCAL && version < 8
                || timestamp == LATEST_TIERED && version < 9
                || timestamp == EARLIEST_PENDING_UPLOAD && version < 11
                || timestamp < EARLIEST_PENDING_UPLOAD;
    }

    private static ListOffsetsPartitionResponse answer(
            Partition partition, ListOffsetsPartition wanted, boolean committed) throws IOException {
        LogView view = partition.view();
        long end = committed ? view.lastStableOffset() : view.highWatermark();
        if (wanted.timestamp() == LATEST) {
            return found(wanted, end, -1, partition.log().epochs().latest());
        }
        if (wanted.timestamp() == EARLIEST || wanted.timestamp() == EARLIEST_LOCAL) {
            return found(partition, wanted, view.startOffset(), -1);
        }
        if (wanted.timestamp() == LATEST_TIERED || wanted.timestamp() == EARLIEST_PENDING_UPLOAD) {
            return nothing(wanted);
        }
        LogView.@Nullable TimedOffset record = wanted.timestamp() == MAX_TIMESTAMP
                ? view.latestTimestamp()
                : view.firstAtOrAfter(wanted.timestamp(), end);
        return record == null ? nothing(wanted) : found(partition, wanted, record.offset(), record.timestampMs());
    }

    private static ListOffsetsPartitionResponse found(
            Partition partition, ListOffsetsPartition wanted, long offset, long timestampMs) {
        return found(wanted, offset, timestampMs, partition.log().epochs().epochOf(offset));
    }

    private static ListOffsetsPartitionResponse found(
            ListOffsetsPartition wanted, long offset, long timestampMs, int epoch) {
        return new ListOffsetsPartitionResponse()
                .partitionIndex(wanted.partitionIndex())
                .offset(offset)
                .timestamp(timestampMs)
                .leaderEpoch(epoch);
    }

    private static ListOffsetsPartitionResponse nothing(ListOffsetsPartition wanted) {
        return new ListOffsetsPartitionResponse().partitionIndex(wanted.partitionIndex());
    }

    private static ListOffsetsPartitionResponse refused(ListOffsetsPartition wanted, ErrorCode error) {
        return nothing(wanted).errorCode(error.code());
    }
}
