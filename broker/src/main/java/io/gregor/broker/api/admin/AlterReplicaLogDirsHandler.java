package io.gregor.broker.api.admin;

import io.gregor.broker.net.ApiHandler;
import io.gregor.broker.net.Reply;
import io.gregor.broker.net.RequestContext;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.replica.PartitionLookup;
import io.gregor.broker.replica.Partitions;
import io.gregor.broker.storage.LogDirs;
import io.gregor.log.LogDir;
import io.gregor.wire.message.AlterReplicaLogDirsRequest;
import io.gregor.wire.message.AlterReplicaLogDirsRequest.AlterReplicaLogDir;
import io.gregor.wire.message.AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic;
import io.gregor.wire.message.AlterReplicaLogDirsResponse;
import io.gregor.wire.message.AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult;
import io.gregor.wire.message.AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult;
import io.gregor.wire.message.ErrorCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves partitions to other log directories. Answered once the moves have begun; DescribeLogDirs tells how far they
 * are. A partition that does not exist yet is refused, but will lie there when it is made.
 *
 * <p>Error precedence, for each partition: INVALID_TOPIC_EXCEPTION (a name too long for a copy's folder),
 * LOG_DIR_NOT_FOUND, KAFKA_STORAGE_ERROR (the folder or the partition is offline), INVALID_REPLICA_ASSIGNMENT (the
 * folder is cordoned), UNKNOWN_TOPIC_OR_PARTITION.
 */
public record AlterReplicaLogDirsHandler(
        PartitionLookup lookup, Partitions partitions, LogDirs folders, Executor diskReaders)
        implements ApiHandler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> {
    private static final Logger LOG = LoggerFactory.getLogger(AlterReplicaLogDirsHandler.class);
    private static final int LONGEST_NAME = 255;
    /** A dot, an id in hexadecimal, and {@code -future}. */
    private static final int SUFFIX_OF_COPY = 1 + 32 + 7;

    @Override
    public void handle(
            RequestContext context, AlterReplicaLogDirsRequest request, Reply<AlterReplicaLogDirsResponse> reply) {
        diskReaders.execute(() -> reply.send(answer(request)));
    }

    private AlterReplicaLogDirsResponse answer(AlterReplicaLogDirsRequest request) {
        // A partition that is named twice goes where it is named last.
        Map<String, Map<Integer, String>> wanted = new LinkedHashMap<>();
        for (AlterReplicaLogDir folder : request.dirs()) {
            for (AlterReplicaLogDirTopic topic : folder.topics()) {
                for (int partition : topic.partitions()) {
                    wanted.computeIfAbsent(topic.name(), name -> new LinkedHashMap<>())
                            .put(partition, folder.path());
                }
            }
        }
        List<AlterReplicaLogDirTopicResult> topics = new ArrayList<>();
        wanted.forEach((topic, ofTopic) -> {
            List<AlterReplicaLogDirPartitionResult> results = new ArrayList<>();
            ofTopic.forEach((partition, folder) -> results.add(new AlterReplicaLogDirPartitionResult()
                    .partitionIndex(partition)
                    .errorCode(move(topic, partition, folder).code())));
            topics.add(new AlterReplicaLogDirTopicResult().topicName(topic).partitions(results));
        });
        return new AlterReplicaLogDirsResponse().results(topics);
    }

    private ErrorCode move(String topic, int index, String folderName) {
        String name = topic + "-" + index;
        if (name.length() + SUFFIX_OF_COPY > LONGEST_NAME) {
            return ErrorCode.INVALID_TOPIC_EXCEPTION;
        }
        LogDir folder = folders.online(folderName);
        if (folder == null) {
            return folders.offline().contains(folderName) ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.LOG_DIR_NOT_FOUND;
        }
        if (partitions.isCordoned(folder)) {
            return ErrorCode.INVALID_REPLICA_ASSIGNMENT;
        }
        PartitionLookup.Found found = lookup.find(topic, index);
        Partition partition = found.partition();
        if (partition == null) {
            partitions.prefer(name, folder);
            return found.error();
        }
        try {
            folders.mover().move(partition, folder);
            return ErrorCode.NONE;
        } catch (IOException e) {
            LOG.error("Moving {} to {} failed", partition, folderName, e);
            return ErrorCode.KAFKA_STORAGE_ERROR;
        }
    }
}
