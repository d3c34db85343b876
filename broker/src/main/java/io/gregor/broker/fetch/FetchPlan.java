package io.gregor.broker.fetch;

import io.gregor.broker.api.records.FetchHandler;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.log.CorruptLogException;
import io.gregor.log.LeaderEpochs;
import io.gregor.log.LogView;
import io.gregor.log.SegmentGoneException;
import io.gregor.wire.Part;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.FetchRequest.FetchPartition;
import io.gregor.wire.message.FetchResponse.AbortedTransaction;
import io.gregor.wire.message.FetchResponse.EpochEndOffset;
import io.gregor.wire.message.FetchResponse.PartitionData;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a fetch would be answered right now: one pass over the views of the wanted partitions, which takes no lock and
 * copies no record. Made anew each time that something changed.
 */
public final class FetchPlan {
    private static final Logger LOG = LoggerFactory.getLogger(FetchPlan.class);
    private static final byte READ_COMMITTED = 1;

    /** One partition's answer. */
    public record Planned(FetchSession.Key key, PartitionData data) {}

    private final List<Planned> planned = new ArrayList<>();
    private final boolean committed;
    private int bytesLeft;
    private long bytes;
    private boolean urgent;

    private FetchPlan(byte isolationLevel, int maxBytes) {
        committed = isolationLevel == READ_COMMITTED;
        bytesLeft = maxBytes;
    }

    /** @param maxBytes of records over all partitions, except that the first batch is never too large */
    public static FetchPlan of(
            PartitionLookup lookup, List<FetchHandler.Wanted> wanted, byte isolationLevel, int maxBytes) {
        FetchPlan plan = new FetchPlan(isolationLevel, maxBytes);
        for (FetchHandler.Wanted one : wanted) {
            plan.planned.add(new Planned(one.key(), plan.plan(one.find(lookup), one.partition(), true)));
        }
        return plan;
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
            // Where there is no such partition Kafka answers with no aborted transactions, not with null.
            return refused(wanted, found.error()).abortedTransactions(List.of());
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
            if (end.epoch() == LeaderEpochs.UNKNOWN) {
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
            Part records = read(view, wanted);
            return data.records(records)
                    .abortedTransactions(committed ? aborted(view, wanted.fetchOffset(), records.size()) : null);
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

    /** What the reader has to leave out of the records that it gets. */
    private static List<AbortedTransaction> aborted(LogView view, long fetchOffset, int size) throws IOException {
        if (size == 0) {
            return List.of();
        }
        long upTo = view.upperBound(fetchOffset, size);
        return view.abortedBetween(fetchOffset, upTo).stream()
                .map(one ->
                        new AbortedTransaction().producerId(one.producerId()).firstOffset(one.firstOffset()))
                .toList();
    }

    private Part read(LogView view, FetchPartition wanted) throws IOException {
        long upTo = committed ? view.lastStableOffset() : view.highWatermark();
        int most = Math.min(Math.max(bytesLeft, 0), wanted.partitionMaxBytes());
        Part records = view.read(wanted.fetchOffset(), upTo, most, bytes == 0);
        bytes += records.size();
        bytesLeft -= records.size();
        return records;
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
        return new PartitionData()
                .partitionIndex(wanted.partition())
                .errorCode(error.code())
                .highWatermark(-1)
                .lastStableOffset(-1)
                .logStartOffset(-1)
                .abortedTransactions(null)
                .records(Part.EMPTY);
    }
}
