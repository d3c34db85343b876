package io.gregor.broker.api.admin;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.Partitions;
import io.gregor.broker.storage.LogDirMover;
import io.gregor.broker.storage.LogDirs;
import io.gregor.log.LogDir;
import io.gregor.log.LogView;
import io.gregor.wire.message.DescribeLogDirsRequest;
import io.gregor.wire.message.DescribeLogDirsRequest.DescribableLogDirTopic;
import io.gregor.wire.message.DescribeLogDirsResponse;
import io.gregor.wire.message.DescribeLogDirsResponse.DescribeLogDirsPartition;
import io.gregor.wire.message.DescribeLogDirsResponse.DescribeLogDirsResult;
import io.gregor.wire.message.DescribeLogDirsResponse.DescribeLogDirsTopic;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which partitions lie in which log directory or are on their way there, how large they are, and what room is left.
 *
 * <p>Version 4: the size of the file system (KIP-827). 5: whether the folder is cordoned (KIP-1066). Asks the
 * file system, and so runs aside.
 */
public record DescribeLogDirsHandler(
        ClusterMetadata metadata, Partitions partitions, LogDirs folders, Executor diskReaders)
        implements ApiHandler<DescribeLogDirsRequest, DescribeLogDirsResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(DescribeLogDirsHandler.class);

    @Override
    public void handle(RequestContext context, DescribeLogDirsRequest request, Reply<DescribeLogDirsResponse> reply) {
        diskReaders.execute(() -> {
            Predicate<Partition> wanted = wanted(request.topics());
            List<DescribeLogDirsResult> results = new ArrayList<>();
            folders.online().forEach(folder -> results.add(describe(folder, wanted)));
            folders.offline()
                    .forEach(folder -> results.add(new DescribeLogDirsResult()
                            .logDir(folder)
                            .errorCode(ErrorCode.KAFKA_STORAGE_ERROR.code())));
            reply.send(new DescribeLogDirsResponse().results(results));
        });
    }

    /** Null means all. */
    private static Predicate<Partition> wanted(@Nullable List<DescribableLogDirTopic> topics) {
        if (topics == null) {
            return partition -> true;
        }
        Map<String, Set<Integer>> wanted = new HashMap<>();
        topics.forEach(topic ->
                wanted.computeIfAbsent(topic.topic(), name -> new HashSet<>()).addAll(topic.partitions()));
        return partition -> wanted.getOrDefault(partition.topic(), Set.of()).contains(partition.index());
    }

    private DescribeLogDirsResult describe(LogDir folder, Predicate<Partition> wanted) {
        Map<String, List<DescribeLogDirsPartition>> byTopic = new TreeMap<>();
        for (Partition partition : partitions.all()) {
            if (folder.root().equals(partition.log().folder().getParent()) && wanted.test(partition)) {
                byTopic.computeIfAbsent(partition.topic(), name -> new ArrayList<>())
                        .add(new DescribeLogDirsPartition()
                                .partitionIndex(partition.index())
                                .partitionSize(partition.view().sizeInBytes()));
            }
        }
        for (LogDirMover.Move move : folders.mover().moves()) {
            LogView copied = move.copied();
            Partition partition = move.partition();
            if (move.target() == folder && copied != null && wanted.test(partition)) {
                byTopic.computeIfAbsent(partition.topic(), name -> new ArrayList<>())
                        .add(new DescribeLogDirsPartition()
                                .partitionIndex(partition.index())
                                .partitionSize(copied.sizeInBytes())
                                .offsetLag(partition.view().endOffset() - copied.endOffset())
                                .isFutureKey(true));
            }
        }
        List<DescribeLogDirsTopic> topics = new ArrayList<>();
        byTopic.forEach((name, ofTopic) ->
                topics.add(new DescribeLogDirsTopic().name(name).partitions(ofTopic)));
        DescribeLogDirsResult result = new DescribeLogDirsResult()
                .logDir(LogDirs.nameOf(folder.root()))
                .isCordoned(metadata.image().hasCordonedLogDirs() && partitions.isCordoned(folder))
                .topics(topics);
        try {
            var store = Files.getFileStore(folder.root());
            return result.totalBytes(store.getTotalSpace()).usableBytes(store.getUsableSpace());
        } catch (IOException e) {
            LOG.error("Asking for the size of {} failed", folder.root(), e);
            return result.errorCode(ErrorCode.KAFKA_STORAGE_ERROR.code());
        }
    }
}
