package io.gregor.compat.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.KafkaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log directories that get no new partitions (KIP-1066): what can be done with them, as with Apache Kafka. */
@Tag("once")
class CordonedLogDirsTest {
    private static final String KEY = "cordoned.log.dirs";

    @TempDir
    Path folder;

    private String folders(String broker) {
        return "log.dirs=" + folder.resolve(broker + "-a") + "," + folder.resolve(broker + "-b");
    }

    @Test
    void theyGetNoNewPartitions() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder, folders("kafka"));
                GregorProcess gregor =
                        GregorProcess.start(folder, folders("gregor"), "auto.create.topics.enable=false")) {
            assertThat(new Script(gregor.address(), folder.resolve("gregor")).run())
                    .containsExactlyElementsOf(new Script(kafka.address(), folder.resolve("kafka")).run());
        }
    }

    @Test
    void theyMayBeCordonedFromTheStart() throws Exception {
        try (KafkaProcess kafka = KafkaProcess.start(folder, folders("kafka"), KEY + "=*");
                GregorProcess gregor = GregorProcess.start(folder, folders("gregor"), KEY + "=*")) {
            assertThat(new Script(gregor.address(), folder.resolve("gregor")).fromTheStart())
                    .containsExactlyElementsOf(new Script(kafka.address(), folder.resolve("kafka")).fromTheStart());
        }
    }

    /** What an administrator does and sees, without the paths of this broker. */
    private static final class Script {
        private static final int NODE = 1;

        private final String address;
        private final String prefix;
        private final List<String> seen = new ArrayList<>();
        private Admin admin;

        Script(String address, Path prefix) {
            this.address = address;
            this.prefix = prefix.toString();
        }

        private String dir(String letter) {
            return prefix + "-" + letter;
        }

        List<String> run() throws Exception {
            try (Admin opened = Admin.create(Map.of("bootstrap.servers", address))) {
                admin = opened;
                dirs();
                create("refused", 1, (short) 2);
                alter("1", OpType.SET, "/unknown", "");
                alter("1", OpType.SET, dir("a") + ",/unknown,other", "");
                alter("", OpType.SET, dir("a"), "");
                alter("1", OpType.SET, dir("a"), "a");
                create("one", 3, (short) 1);
                dirs();
                move("one", dir("a"));
                move("nothing", dir("a"));
                move("nothing", dir("b"));
                alter("1", OpType.APPEND, dir("b"), "ab");
                all();
                alter("1", OpType.SUBTRACT, dir("b"), "a");
                create("two", 1, (short) 1);
                alter("1", OpType.SET, "*", "ab");
                all();
                alter("1", OpType.SET, "", "");
                move("one", dir("a"));
                alter("1", OpType.SET, dir("b"), "b");
                create("three", 2, (short) 1);
                alter("1", OpType.DELETE, "", "");
                partitions("one", 4);
                dirs("three");
            }
            return seen;
        }

        List<String> fromTheStart() throws Exception {
            try (Admin opened = Admin.create(Map.of("bootstrap.servers", address))) {
                admin = opened;
                // Whether Kafka shows them as cordoned so early depends on how its threads meet.
                Awaitility.await().until(() -> !takesNew());
                create("one", 1, (short) 1);
                alter("1", OpType.SET, dir("b"), "b");
                create("one", 1, (short) 1);
                dirs();
                alter("1", OpType.DELETE, "", "ab");
                partitions("one", 2);
                dirs();
            }
            return seen;
        }

        /** With all folders cordoned. */
        private void all() throws Exception {
            dirs();
            create("refused", 1, (short) 1);
            create("refused", 1, (short) 2);
            create("refused", 0, (short) 1);
            create("bad name", 1, (short) 1);
            partitions("one", 5);
            partitions("one", 1);
            partitions("nothing", 5);
            String assigned = "assigned" + seen.size();
            tell(
                    "assign",
                    () -> admin.createTopics(List.of(new NewTopic(assigned, Map.of(0, List.of(NODE)))))
                            .all()
                            .get());
            tell(
                    "assign partitions",
                    () -> admin.createPartitions(Map.of(assigned, NewPartitions.increaseTo(2, List.of(List.of(NODE)))))
                            .all()
                            .get());
            dirs();
        }

        /** @param cordoned the letters of those that are cordoned then */
        private void alter(String broker, OpType operation, String value, String cordoned) throws Exception {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, broker);
            tell(
                    operation + " " + value + " for " + broker,
                    () -> admin.incrementalAlterConfigs(Map.of(
                                    resource, List.of(new AlterConfigOp(new ConfigEntry(KEY, value), operation))))
                            .all()
                            .get());
            awaitCordoned(cordoned);
            ConfigResource one = new ConfigResource(ConfigResource.Type.BROKER, String.valueOf(NODE));
            ConfigEntry entry =
                    admin.describeConfigs(List.of(one)).all().get().get(one).get(KEY);
            tell("described", () -> entry.value() + " " + entry.source());
        }

        /** Kafka's broker and controller go by cordoned folders some time after they were told. */
        private void awaitCordoned(String letters) {
            Awaitility.await().until(() -> takesNew() != letters.equals("ab"));
            Awaitility.await()
                    .until(() -> described().entrySet().stream()
                            .allMatch(one -> one.getValue().isCordoned()
                                    == letters.contains(
                                            one.getKey().substring(one.getKey().length() - 1))));
        }

        private boolean takesNew() throws Exception {
            try {
                admin.createTopics(
                                List.of(new NewTopic("wanted", 1, (short) 1)),
                                new CreateTopicsOptions().validateOnly(true))
                        .all()
                        .get();
                return true;
            } catch (ExecutionException e) {
                return !(e.getCause() instanceof InvalidReplicationFactorException);
            }
        }

        private void create(String topic, int partitions, short factor) throws Exception {
            tell(
                    "create " + topic + " " + factor,
                    () -> admin.createTopics(List.of(new NewTopic(topic, partitions, factor)))
                            .all()
                            .get());
        }

        private void partitions(String topic, int count) throws Exception {
            tell(
                    "partitions of " + topic,
                    () -> admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count)))
                            .all()
                            .get());
        }

        private void move(String topic, String dir) throws Exception {
            TopicPartitionReplica replica = new TopicPartitionReplica(topic, 0, NODE);
            tell(
                    "move " + topic + " to " + dir,
                    () -> admin.alterReplicaLogDirs(Map.of(replica, dir)).all().get());
            Awaitility.await()
                    .until(() -> described().values().stream()
                            .flatMap(one -> one.replicaInfos().values().stream())
                            .noneMatch(one -> one.isFuture()));
        }

        private Map<String, LogDirDescription> described() throws Exception {
            return admin.describeLogDirs(List.of(NODE)).allDescriptions().get().get(NODE);
        }

        private void dirs() throws Exception {
            dirs("");
        }

        /** Where the partitions lie, once they are there, of topics whose names begin so. */
        private void dirs(String topics) throws Exception {
            Awaitility.await().until(() -> partitionsInDirs() == partitionsOfTopics());
            tell("dirs", () -> {
                Map<String, String> dirs = new TreeMap<>();
                described()
                        .forEach((name, one) -> dirs.put(
                                name,
                                (one.isCordoned() ? "cordoned " : "open ")
                                        + one.replicaInfos().keySet().stream()
                                                .map(Object::toString)
                                                .filter(partition -> partition.startsWith(topics))
                                                .sorted()
                                                .toList()));
                return dirs;
            });
        }

        private int partitionsInDirs() throws Exception {
            return described().values().stream()
                    .mapToInt(one -> one.replicaInfos().size())
                    .sum();
        }

        private int partitionsOfTopics() throws Exception {
            Set<String> topics = admin.listTopics().names().get();
            return admin.describeTopics(topics).allTopicNames().get().values().stream()
                    .mapToInt(topic -> topic.partitions().size())
                    .sum();
        }

        private void tell(String what, Callable<?> action) throws Exception {
            String became;
            try {
                became = String.valueOf(action.call());
            } catch (ExecutionException e) {
                became = String.valueOf(e.getCause());
            }
            seen.add((what + ": " + became).replace(prefix, "DIR"));
        }
    }
}
