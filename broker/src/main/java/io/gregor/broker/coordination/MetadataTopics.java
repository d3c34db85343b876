package io.gregor.broker.coordination;

import io.gregor.broker.cluster.ClusterMetadata;
import io.gregor.controller.PartitionImage;
import io.gregor.controller.TopicImage;
import io.gregor.coordinator.group.GroupTopics;
import io.gregor.wire.Uuid;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The topics of the cluster, as coordinators of groups see them. Called on any lane. */
record MetadataTopics(ClusterMetadata metadata, int nodeId, String rack) implements GroupTopics {
    @Override
    public @Nullable Topic find(String name) {
        return topic(metadata.image().topic(name));
    }

    @Override
    public @Nullable Topic find(Uuid id) {
        return topic(metadata.image().topic(id));
    }

    private @Nullable Topic topic(@Nullable TopicImage image) {
        return image == null
                ? null
                : new Topic(
                        image.id(),
                        image.name(),
                        image.partitions().stream().map(this::racks).toList());
    }

    /** Of other nodes nothing is known. */
    private List<String> racks(PartitionImage partition) {
        return !rack.isEmpty() && partition.replicas().contains(nodeId) ? List.of(rack) : List.of();
    }

    @Override
    public Set<String> names() {
        return metadata.image().topicsByName().keySet();
    }

    @Override
    public long version() {
        return metadata.topicsVersion();
    }

    @Override
    public long newTopicsVersion() {
        return metadata.newTopicsVersion();
    }
}
