package io.gregor.compat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewTopic;

/** Two folders with the same topics, ids included: {@code kafka} and {@code gregor}. */
public final class SameFolder {
    private static final int BUCKETS = 16;

    private SameFolder() {}

    public static void prepare(Path folder, List<NewTopic> topics) throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder);
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.address()))) {
            create(admin, topics);
            kafka.stop();
        }
        copy(folder.resolve("kafka"), folder.resolve("gregor"));
    }

    /**
     * Of topics whose ids share a bucket in a hash map, it depends on what was before which comes first, and with it
     * what the member of a group keeps: such topics are made again.
     */
    private static void create(Admin admin, List<NewTopic> topics) throws Exception {
        Set<Integer> buckets = new HashSet<>();
        while (buckets.size() < topics.size()) {
            if (!buckets.isEmpty()) {
                admin.deleteTopics(topics.stream().map(NewTopic::name).toList())
                        .all()
                        .get();
                buckets.clear();
            }
            CreateTopicsResult created = admin.createTopics(topics);
            for (NewTopic topic : topics) {
                int hash = created.topicId(topic.name()).get().hashCode();
                buckets.add((hash ^ hash >>> 16) & BUCKETS - 1);
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
