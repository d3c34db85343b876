package io.gregor.broker.api;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.partition.Partition;
import io.gregor.broker.partition.Partitions;
import io.gregor.log.LogFolder;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which partitions lie in which log folder, how large they are, and what room is left.
 *
 * <p>Version 4: the size of the file system (KIP-827). Asks the file system, and so runs aside.
 */
public record DescribeLogDirs(Partitions partitions, Executor diskReaders)
        implements ApiHandler<DescribeLogDirsRequest, DescribeLogDirsResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(DescribeLogDirs.class);

    @Override
    public void handle(RequestContext context, DescribeLogDirsRequest request, Reply<DescribeLogDirsResponse> reply) {
        diskReaders.execute(() -> {
            Map<String, Set<Integer>> wanted = wanted(request.topics());
            reply.send(new DescribeLogDirsResponse()
                    .results(partitions.folders().stream()
                            .map(folder -> describe(folder, wanted))
                            .toList()));
        });
    }

    /** Null if all are. */
    private static @Nullable Map<String, Set<Integer>> wanted(@Nullable List<DescribableLogDirTopic> topics) {
        if (topics == null) {
            return null;
        }
        Map<String, Set<Integer>> wanted = new HashMap<>();
        topics.forEach(topic ->
                wanted.computeIfAbsent(topic.topic(), name -> new HashSet<>()).addAll(topic.partitions()));
        return wanted;
    }

    private DescribeLogDirsResult describe(LogFolder folder, @Nullable Map<String, Set<Integer>> wanted) {
        Map<String, List<DescribeLogDirsPartition>> byTopic = new TreeMap<>();
        for (Partition partition : partitions.all()) {
            boolean here = folder.root().equals(partition.log().folder().getParent());
            boolean isWanted = wanted == null
                    || wanted.getOrDefault(partition.topic(), Set.of()).contains(partition.index());
            if (here && isWanted) {
                byTopic.computeIfAbsent(partition.topic(), name -> new ArrayList<>())
                        .add(new DescribeLogDirsPartition()
                                .partitionIndex(partition.index())
                                .partitionSize(partition.view().sizeInBytes()));
            }
        }
        List<DescribeLogDirsTopic> topics = new ArrayList<>();
        byTopic.forEach((name, ofTopic) ->
                topics.add(new DescribeLogDirsTopic().name(name).partitions(ofTopic)));
        DescribeLogDirsResult result = new DescribeLogDirsResult()
                .logDir(folder.root().toAbsolutePath().toString())
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
