package io.gregor.controller.operation;

import io.gregor.controller.MetadataImage;
import io.gregor.controller.PartitionImage;
import io.gregor.controller.TopicImage;
import io.gregor.wire.Message;
import io.gregor.wire.message.PartitionChangeRecord;
import java.util.ArrayList;
import java.util.List;

/** A broker that starts leads all partitions that it alone holds, whoever was their leader when it stopped. Pure. */
public final class SoleReplicaElection {
    private SoleReplicaElection() {}

    /** What has to be stored, in epochs that begin now. */
    public static List<Message> decide(MetadataImage image, int brokerId) {
        List<Message> records = new ArrayList<>();
        for (TopicImage topic : image.topicsById().values()) {
            for (PartitionImage partition : topic.partitions()) {
                if (partition.leader() != brokerId && partition.replicas().equals(List.of(brokerId))) {
                    records.add(new PartitionChangeRecord()
                            .topicId(topic.id())
                            .partitionId(partition.index())
                            .leader(brokerId)
                            .isr(List.of(brokerId)));
                }
            }
        }
        return records;
    }
}
