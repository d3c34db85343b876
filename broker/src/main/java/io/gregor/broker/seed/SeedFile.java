package io.gregor.broker.seed;

import io.gregor.broker.config.ConfigDefinition;
import io.gregor.broker.config.ConfigDefinitions;
import io.gregor.broker.config.InvalidConfigException;
import io.gregor.broker.seed.Seed.Commit;
import io.gregor.broker.seed.Seed.Group;
import io.gregor.broker.seed.Seed.Topic;
import io.gregor.controller.TopicNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@link Seed} and checks all that can be checked without a broker. Confined to one thread. The first thing
 * that is wrong is told with its place.
 */
final class SeedFile {
    private static final int PARTITIONS_MAX = 10_000;
    private static final List<String> SECTIONS =
            List.of("apply", "topics", "records", "groups", "users", "acls", "quotas");

    private final Map<String, Integer> partitions = new HashMap<>();

    private SeedFile() {}

    /** @throws InvalidConfigException with one line: file, line, column, and what is wrong there */
    static Seed read(Path file) throws IOException {
        YamlNode root = YamlNode.read(file);
        Map<String, YamlNode> sections = root.map(SECTIONS);
        SeedFile reader = new SeedFile();
        List<Topic> topics = reader.topics(elements(sections, "topics"));
        return new Seed(
                file,
                isEachStart(sections),
                topics,
                new RecordSection(reader::checkPartition).read(elements(sections, "records")),
                reader.groups(elements(sections, "groups")),
                AccessSection.users(elements(sections, "users")),
                AccessSection.acls(elements(sections, "acls")),
                AccessSection.quotas(elements(sections, "quotas")));
    }

    private static boolean isEachStart(Map<String, YamlNode> sections) {
        YamlNode apply = YamlNode.optional(sections, "apply");
        if (apply == null || apply.text().equals("once")) {
            return false;
        }
        if (apply.text().equals("each-start")) {
            return true;
        }
        throw apply.refused("apply: " + apply.text() + ": allowed is once or each-start");
    }

    private static List<YamlNode> elements(Map<String, YamlNode> sections, String name) {
        YamlNode section = YamlNode.optional(sections, name);
        return section == null ? List.of() : section.list();
    }

    private List<Topic> topics(List<YamlNode> nodes) {
        List<Topic> topics = new ArrayList<>();
        for (YamlNode node : nodes) {
            Map<String, YamlNode> values = node.map(List.of("name", "partitions", "configs"));
            YamlNode name = node.required(values, "name");
            checkName(name);
            YamlNode count = YamlNode.optional(values, "partitions");
            int known = count == null ? Seed.ANY : (int) count.number(1, PARTITIONS_MAX);
            if (partitions.put(name.text(), known) != null) {
                throw name.refused("topic " + name.text() + " is there twice");
            }
            topics.add(new Topic(node, name.text(), known, configs(YamlNode.optional(values, "configs"))));
        }
        return topics;
    }

    static void checkName(YamlNode name) {
        String objection = TopicNames.objection(name.text());
        if (objection == null
                && (TopicNames.isInternal(name.text()) || name.text().equals(TopicNames.METADATA))) {
            objection = name.text() + " is the broker's own";
        }
        if (objection != null) {
            throw name.refused(objection);
        }
    }

    private static Map<String, String> configs(@Nullable YamlNode node) {
        Map<String, String> configs = new LinkedHashMap<>();
        if (node != null) {
            node.map().forEach((key, value) -> {
                ConfigDefinition definition = ConfigDefinitions.TOPIC.find(key);
                if (definition == null) {
                    throw value.refused("topics have no configuration " + key);
                }
                String objection = definition.objection(value.anyText());
                if (objection != null) {
                    throw value.refused(objection);
                }
                configs.put(key, value.anyText());
            });
        }
        return configs;
    }

    /** As far as the file says how many partitions the topic has. */
    private void checkPartition(YamlNode at, String topic, int partition) {
        int count = partitions.getOrDefault(topic, Seed.ANY);
        if (count != Seed.ANY && partition >= count) {
            throw at.refused("topic " + topic + " has the partitions 0 to " + (count - 1));
        }
    }

    private List<Group> groups(List<YamlNode> nodes) {
        List<Group> groups = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (YamlNode node : nodes) {
            Map<String, YamlNode> values = node.map(List.of("name", "offsets"));
            YamlNode name = node.required(values, "name");
            if (!names.add(name.text())) {
                throw name.refused("group " + name.text() + " is there twice");
            }
            List<Commit> commits = new ArrayList<>();
            node.required(values, "offsets").map().forEach((topic, offsets) -> {
                if (offsets.isScalar()) {
                    commits.add(new Commit(offsets, topic, Seed.ANY, offset(offsets)));
                } else {
                    offsets.map().forEach((partition, offset) -> {
                        int number = partition(offset, partition);
                        checkPartition(offset, topic, number);
                        commits.add(new Commit(offset, topic, number, offset(offset)));
                    });
                }
            });
            groups.add(new Group(node, name.text(), commits));
        }
        return groups;
    }

    private static int partition(YamlNode at, String number) {
        try {
            int partition = Integer.parseInt(number);
            if (partition >= 0) {
                return partition;
            }
        } catch (NumberFormatException e) {
            // As for a negative one.
        }
        throw at.refused(number + ": allowed is the number of a partition, as in 0: end");
    }

    private static long offset(YamlNode node) {
        if (!node.isNull() && node.text().equals("beginning")) {
            return Commit.BEGINNING;
        }
        if (!node.isNull() && node.text().equals("end")) {
            return Commit.END;
        }
        try {
            return node.number(0, Long.MAX_VALUE);
        } catch (InvalidConfigException e) {
            throw node.refused("allowed is an offset, beginning or end");
        }
    }
}
