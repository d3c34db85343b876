package io.gregor.broker.fetch;

import io.gregor.broker.fetch.FetchSession.Target;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.log.LeaderEpochs;
import io.gregor.log.LogView;
import io.gregor.log.disk.CorruptLogException;
import io.gregor.log.segment.SegmentGoneException;
import io.gregor.wire.Part;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest.FetchPartition;
import io.gregor.wire.message.FetchResponse.AbortedTransaction;
import io.gregor.wire.message.FetchResponse.EpochEndOffset;
import io.gregor.wire.message.FetchResponse.PartitionData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a fetch would be answered right now: one pass over the views of the wanted partitions, which takes no lock and
 * copies no record. Made anew each time that something changed.
 */
public final class FetchPlan {
    private static final Logger LOG = LoggerFactory.getLogger(FetchPlan.class);
    private static final byte READ_COMMITTED = 1;

    /** One partition's answer; the partition is null if there is none, or not now. */
    public record Planned(
            FetchSession.Key key,
            PartitionData data,
            @Nullable Partition partition) {}

    private final List<Planned> planned = new ArrayList<>();
    private final boolean committed;
    private int bytesLeft;
    private long bytes;
    private boolean urgent;

    private FetchPlan(byte isolationLevel, int maxBytes) {
        committed = isCommitted(isolationLevel);
        bytesLeft = maxBytes;
    }

    /**
     * Plans the answer for those partitions that the metadata had when the request came.
     *
     * @param maxBytes of records over all partitions, except that the first batch is never too large
     */
    public static FetchPlan of(PartitionLookup lookup, List<Target> targets, byte isolationLevel, int maxBytes) {
        FetchPlan plan = new FetchPlan(isolationLevel, maxBytes);
        for (Target target : targets) {
            PartitionLookup.Found found = find(lookup, target);
            PartitionData data = plan.plan(found, target.partition(), true);
            plan.planned.add(new Planned(target.key(), data, found.partition()));
        }
        return plan;
    }

    /** The partition that a target means now, or why there is none. */
    public static PartitionLookup.Found find(PartitionLookup lookup, Target target) {
        FetchSession.Key key = target.key();
        if (target.topic() == null) {
            return lookup.find(key.topicId(), key.partition());
        }
        return key.isById()
                ? lookup.find(target.topic(), key.topicId(), key.partition())
                : lookup.find(target.topic(), key.partition());
    }

    /** The answer for a partition that the metadata did not have when the request came. */
    public static Planned missing(FetchSession.Key key, ErrorCode error) {
        // Here Kafka answers with no aborted transactions, not with null.
        return new Planned(key, failed(key.partition(), error).abortedTransactions(List.of()), null);
    }

    public List<Planned> planned() {
        return planned;
    }

    /**
     * Keeps the files of all records open until they are sent. False if a file is closed by now, since its segment was
     * dropped: then nothing is kept, and the plan is of no use any more.
     */
    public boolean retain() {
        for (int i = 0; i < planned.size(); i++) {
            if (planned.get(i).data().records() instanceof Part.InFile records
                    && !records.file().retain()) {
                planned.subList(0, i).forEach(FetchPlan::release);
                return false;
            }
        }
        return true;
    }

    /** For records that are not sent, though they were retained. */
    public static void release(Planned one) {
        Part records = one.data().records();
        if (records != null) {
            records.release();
        }
    }

    /** Of records, over all partitions. */
    public long bytes() {
        return bytes;
    }

    /** Whether some partition's answer is to be given at once, records or not. */
    public boolean isUrgent() {
        return urgent;
    }

    private PartitionData plan(PartitionLookup.Found found, FetchPartition wanted, boolean mayLookAgain) {
        Partition partition = found.partition();
        if (partition == null) {
            return refused(wanted, found.error());
        }
        ErrorCode epoch = PartitionLookup.checkEpoch(partition, wanted.currentLeaderEpoch());
        if (epoch != ErrorCode.NONE) {
            return refused(wanted, epoch);
        }
        LogView view = partition.view();
        PartitionData data = new PartitionData()
                .partitionIndex(wanted.partition())
                .highWatermark(view.highWatermark())
                .lastStableOffset(view.lastStableOffset())
                .logStartOffset(view.startOffset())
                .abortedTransactions(committed ? List.of() : null)
                .records(Part.EMPTY);
        if (wanted.lastFetchedEpoch() >= 0) {
            LeaderEpochs.End end = partition.log().epochs().endOf(wanted.lastFetchedEpoch(), view.endOffset());
            if (end.epoch() == LeaderEpochs.UNKNOWN || wanted.fetchOffset() < view.startOffset()) {
                return refused(wanted, ErrorCode.OFFSET_OUT_OF_RANGE);
            }
            if (diverges(end, wanted, data)) {
                return data;
            }
        }
        if (wanted.fetchOffset() < view.startOffset() || wanted.fetchOffset() > view.endOffset()) {
            return refused(wanted, ErrorCode.OFFSET_OUT_OF_RANGE);
        }
        try {
            return read(view, wanted, data);
        } catch (CorruptLogException e) {
            LOG.error("Reading {} failed: {}", partition, e.getMessage());
            return refused(wanted, ErrorCode.CORRUPT_MESSAGE);
        } catch (SegmentGoneException e) {
            // Dropped after the view was taken: the next one does not have it.
            return mayLookAgain ? plan(found, wanted, false) : refused(wanted, ErrorCode.KAFKA_STORAGE_ERROR);
        } catch (IOException e) {
            LOG.error("Reading {} failed", partition, e);
            return refused(wanted, ErrorCode.KAFKA_STORAGE_ERROR);
        }
    }

    private PartitionData read(LogView view, FetchPartition wanted, PartitionData data) throws IOException {
        long offset = wanted.fetchOffset();
        long upTo = readableEnd(view, committed);
        int most = Math.min(Math.max(bytesLeft, 0), wanted.partitionMaxBytes());
        Part records = view.read(offset, upTo, most, bytes == 0);
        bytes += records.size();
        bytesLeft -= records.size();
        data.records(records);
        if (committed && offset < upTo) {
            boolean tooLarge = records.size() == 0 && most > 0;
            // Kafka says nothing of transactions where the limits leave no room for the first batch.
            data.abortedTransactions(tooLarge ? null : aborted(view, offset, records.size()));
        }
        return data;
    }

    /** What the reader has to leave out of the records that it gets. */
    private static List<AbortedTransaction> aborted(LogView view, long fetchOffset, int size) throws IOException {
        long upTo = view.upperBound(fetchOffset, size);
        return view.abortedBetween(fetchOffset, upTo).stream()
                .map(one ->
                        new AbortedTransaction().producerId(one.producerId()).firstOffset(one.firstOffset()))
                .toList();
    }

    static boolean isCommitted(byte isolationLevel) {
        return isolationLevel == READ_COMMITTED;
    }

    /** The end of what such a reader may read. */
    static long readableEnd(LogView view, boolean committed) {
        return committed ? view.lastStableOffset() : view.highWatermark();
    }

    /** Tells a client whose last epoch ended elsewhere where it did (KIP-595), instead of records. */
    private boolean diverges(LeaderEpochs.End end, FetchPartition wanted, PartitionData data) {
        boolean diverges = end.epoch() < wanted.lastFetchedEpoch() || end.offset() < wanted.fetchOffset();
        if (diverges) {
            urgent = true;
            data.abortedTransactions(null)
                    .divergingEpoch(new EpochEndOffset().epoch(end.epoch()).endOffset(end.offset()));
        }
        return diverges;
    }

    private PartitionData refused(FetchPartition wanted, ErrorCode error) {
        urgent = true;
        return failed(wanted.partition(), error);
    }

    private static PartitionData failed(int partition, ErrorCode error) {
        return new PartitionData()
                .partitionIndex(partition)
                .errorCode(error.code())
                .highWatermark(-1)
                .lastStableOffset(-1)
                .logStartOffset(-1)
                .abortedTransactions(null)
                .records(Part.EMPTY);
    }
}
