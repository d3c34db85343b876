package io.gregor.broker.cluster;

import io.gregor.broker.config.InvalidConfigException;
import io.gregor.controller.ControllerContext;
import io.gregor.controller.ControllerResult;
import io.gregor.controller.ImageChange;
import io.gregor.controller.ImageSize;
import io.gregor.controller.MetadataImage;
import io.gregor.controller.TopicImage;
import io.gregor.controller.operation.DuplicateNames;
import io.gregor.controller.operation.EligibleLeaderReplicas;
import io.gregor.controller.operation.Operation;
import io.gregor.controller.operation.Operations;
import io.gregor.controller.operation.SoleReplicaElection;
import io.gregor.wire.ApiError;
import io.gregor.wire.ByteBudget;
import io.gregor.wire.Message;
import io.gregor.wire.Uuid;
import io.gregor.wire.message.ErrorCode;
import io.gregor.wire.message.TopicRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller of a cluster of one node. {@link #submit} may be called on any thread; all else happens on the
 * controller's: it decides, appends the records, publishes the image once they are committed, and answers once this
 * broker has applied it. A change of more than 10,000 records is refused with POLICY_VIOLATION, and so is one that
 * makes the metadata larger than their share of the memory; one that makes them smaller never is.
 */
public final class LocalController implements Controller {
    private static final Logger LOG = LoggerFactory.getLogger(LocalController.class);

    private final LocalMetadataLog log;
    private final Operations operations;
    private final ImagePublisher publisher;
    private final Applied applied;
    private final Executor thread;
    private final Executor lookups;
    private final HostNames hostNames;
    private final ByteBudget memory;
    /** With all that is appended, though it may not be committed yet. */
    private MetadataImage decided = MetadataImage.EMPTY;
    /** What it takes of the memory. */
    private long decidedBytes;

    /** Where this broker has got to with the images that were published. */
    @FunctionalInterface
    public interface Applied {
        /** Runs the task, on the controller's thread, once the image that was published last is applied here. */
        void whenApplied(Runnable task);
    }

    /** Gives the folders of partitions the names of their topics. */
    @FunctionalInterface
    public interface Renaming {
        /** @param topicNames by the topic's id, null for topics that do not exist */
        void apply(Function<Uuid, @Nullable String> topicNames) throws IOException;
    }

    /**
     * @param thread runs one task at a time
     * @param lookups runs what may wait for the name service
     * @param memory what the image may take
     */
    public LocalController(
            LocalMetadataLog log,
            Operations operations,
            ImagePublisher publisher,
            Applied applied,
            Executor thread,
            Executor lookups,
            HostNames hostNames,
            ByteBudget memory) {
        this.log = log;
        this.operations = operations;
        this.publisher = publisher;
        this.applied = applied;
        this.thread = thread;
        this.lookups = lookups;
        this.hostNames = hostNames;
        this.memory = memory;
    }

    /**
     * Loads what is stored, and begins an epoch; a new cluster is given its first records: those that
     * {@code kafka-storage format} has left, or {@code bootstrap}. The image counts as published.
     *
     * @param minInsyncReplicas the value of this node's configuration
     * @param newestVersion the newest {@code metadata.version} that may be loaded
     * @param renaming used if topics are given another name, since several have the same one
     * @throws InvalidConfigException if the log directory is of a newer one; nothing in it has been touched then
     */
    public MetadataImage load(
            int nodeId, List<Message> bootstrap, String minInsyncReplicas, short newestVersion, Renaming renaming)
            throws IOException {
        MetadataImage stored = log.load();
        boolean isNew = stored.features().isEmpty();
        List<ByteBuffer> formatted = isNew ? log.formatted() : List.of();
        MetadataImage loaded = ImageChange.applyStored(stored, formatted);
        short version = loaded.metadataVersion();
        if (version > newestVersion) {
            throw new InvalidConfigException("log.dirs: the directory has metadata.version " + version
                    + ", allowed is up to " + newestVersion + "; it has been left as it is");
        }
        log.lead(nodeId);
        log.appendStored(formatted);
        loaded = withDistinctNames(loaded, renaming);
        List<Message> first =
                new ArrayList<>(isNew && formatted.isEmpty() ? bootstrap : SoleReplicaElection.decide(loaded, nodeId));
        if (isNew) {
            first.addAll(EligibleLeaderReplicas.recordsBeside(ImageChange.apply(loaded, first), minInsyncReplicas));
        }
        log.store(first);
        MetadataImage begun = ImageChange.apply(loaded, first);
        decided(begun, ImageSize.of(begun));
        if (memory.used() > memory.limit()) {
            LOG.warn(
                    "The metadata take {} bytes of memory, more than their share of {}: they cannot grow",
                    memory.used(),
                    memory.limit());
        }
        publisher.begin(decided);
        return decided;
    }

    /** The folders first: if the broker dies before the names are stored, the next start decides on the same names. */
    private MetadataImage withDistinctNames(MetadataImage loaded, Renaming renaming) throws IOException {
        if (loaded.topicsByName().size() == loaded.topicsById().size()) {
            return loaded;
        }
        List<Message> records = DuplicateNames.decide(loaded);
        MetadataImage renamed = ImageChange.apply(loaded, records);
        for (Message record : records) {
            if (record instanceof TopicRecord topic) {
                LOG.warn(
                        "The metadata has two topics of the name {}: the older one, with the id {}, is now called {}",
                        Objects.requireNonNull(loaded.topic(topic.topicId())).name(),
                        topic.topicId(),
                        topic.name());
            }
        }
        renaming.apply(id -> {
            TopicImage topic = renamed.topic(id);
            return topic == null ? null : topic.name();
        });
        log.store(records);
        return renamed;
    }

    @Override
    public <R extends Message> CompletionStage<R> submit(Message request, ControllerContext context) {
        Operation<Message, R> operation = operations.of(request);
        CompletableFuture<R> answer = new CompletableFuture<>();
        Set<String> hosts = HostNames.toLookUp(operation.hosts(request));
        if (hosts.isEmpty()) {
            thread.execute(() -> decide(operation, request, context, answer));
        } else {
            lookups.execute(() -> {
                try {
                    ControllerContext lookedUp = context.withUnknownHosts(hostNames.unknown(hosts));
                    thread.execute(() -> decide(operation, request, lookedUp, answer));
                } catch (RuntimeException e) {
                    fail(operation, request, answer, e);
                }
            });
        }
        return answer;
    }

    private <R extends Message> void decide(
            Operation<Message, R> operation, Message request, ControllerContext context, CompletableFuture<R> answer) {
        try {
            ControllerResult<R> result = operation.decide(decided, request, context);
            if (result.records().size() > Operation.RECORDS_MAX) {
                answer.complete(operation.refused(request, ApiError.of(ErrorCode.POLICY_VIOLATION)));
            } else if (result.records().isEmpty()) {
                answer.complete(result.response());
            } else {
                appendIfItFits(
                        result.records(),
                        context.requester(),
                        error ->
                                answer.complete(error == null ? result.response() : operation.refused(request, error)));
            }
        } catch (RuntimeException e) {
            fail(operation, request, answer, e);
        }
    }

    private static <R extends Message> void fail(
            Operation<Message, R> operation, Message request, CompletableFuture<R> answer, RuntimeException cause) {
        LOG.error("Deciding on {} failed", request.getClass().getSimpleName(), cause);
        answer.complete(operation.refused(request, ApiError.of(ErrorCode.UNKNOWN_SERVER_ERROR)));
    }

    /** Told null once the records are committed and applied here, or why they are not stored. */
    @FunctionalInterface
    private interface Done {
        void accept(@Nullable ApiError error);
    }

    private void appendIfItFits(List<? extends Message> records, String requester, Done done) {
        MetadataImage before = decided;
        MetadataImage after = ImageChange.apply(decided, records);
        long bytes = ImageSize.of(after);
        long growth = bytes - decidedBytes;
        if (growth > 0 && growth > memory.limit() - memory.used()) {
            done.accept(noRoom());
            return;
        }
        List<String> changes = MetadataChanges.describe(before, records);
        CompletionStage<Long> appended = log.append(records);
        decided(after, bytes);
        appended.whenComplete((endOffset, failure) -> {
            if (failure == null) {
                tell(changes, requester);
                publisher.publish(after, endOffset);
                applied.whenApplied(() -> done.accept(null));
                snapshotIfDue();
            } else {
                LOG.error("Storing metadata failed", failure);
                MetadataImage published = publisher.published();
                decided(published, ImageSize.of(published));
                done.accept(ApiError.of(ErrorCode.KAFKA_STORAGE_ERROR));
            }
        });
    }

    private static void tell(List<String> changes, String requester) {
        for (String change : changes) {
            if (requester.isEmpty()) {
                LOG.info("{}", change);
            } else {
                LOG.info("{} (asked for by {})", change, requester);
            }
        }
    }

    private ApiError noRoom() {
        return new ApiError(
                ErrorCode.POLICY_VIOLATION,
                "The metadata of the cluster would take more memory than they may: they have " + memory.used() + " of "
                        + memory.limit() + " bytes. Delete what is not needed, or give the broker a larger heap.");
    }

    /** From now on decisions are made on that image, which takes so many bytes. */
    private void decided(MetadataImage image, long bytes) {
        memory.release(decidedBytes);
        memory.force(bytes);
        decidedBytes = bytes;
        decided = image;
    }

    /** Writes a snapshot of the metadata, if it is time for one. May be called on any thread. */
    public void snapshotIfDue() {
        thread.execute(() -> {
            try {
                log.snapshotIfDue(publisher.published());
            } catch (IOException e) {
                LOG.error("Writing a snapshot of the metadata failed; it is tried again later", e);
            }
        });
    }

    /** The epoch in which this node leads the quorum. */
    public int epoch() {
        return log.epoch();
    }

    /** The end offset of the metadata log. */
    public long logEndOffset() {
        return log.endOffset();
    }
}
