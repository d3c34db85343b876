package io.gregor.broker.seed;

import io.gregor.broker.security.sasl.ScramHash;
import io.gregor.wire.message.AlterClientQuotasRequest;
import io.gregor.wire.message.CreateAclsRequest.AclCreation;
import io.gregor.wire.record.Record;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What one file puts into a broker. Immutable. All that can be found out of the file alone is right when this exists.
 *
 * @param eachStart whether all of it is done at each start, or only what is not there yet
 */
record Seed(
        Path file,
        boolean eachStart,
        List<Topic> topics,
        List<Message> records,
        List<Group> groups,
        List<User> users,
        List<Acl> acls,
        List<Quota> quotas) {
    /** Of a partition that is not said. */
    static final int ANY = -1;

    /** @param partitions {@link #ANY}: as many as a topic has by default */
    record Topic(YamlNode at, String name, int partitions, Map<String, String> configs) {}

    /** @param partition {@link #ANY}: that of the key, or one after the other */
    record Message(YamlNode at, String topic, int partition, Record record) {}

    record Group(YamlNode at, String name, List<Commit> commits) {}

    /**
     * An offset of a group.
     *
     * @param partition {@link #ANY}: each
     * @param offset or {@link #BEGINNING} or {@link #END}
     */
    record Commit(YamlNode at, String topic, int partition, long offset) {
        static final long BEGINNING = -2;
        static final long END = -1;

        String shown() {
            String where = partition == ANY ? topic : topic + "-" + partition;
            return where + ": " + (offset == END ? "end" : offset == BEGINNING ? "beginning" : offset);
        }
    }

    /** @param mechanisms by their numbers in the protocol */
    record User(YamlNode at, String name, String password, int iterations, List<ScramHash> mechanisms) {}

    record Acl(YamlNode at, AclCreation creation) {}

    record Quota(YamlNode at, AlterClientQuotasRequest.EntryData entry) {}

    /** A line for each thing that it does, for people. */
    List<String> describe() {
        List<String> lines = new ArrayList<>();
        lines.add(file + ": " + (eachStart ? "all of it, at each start" : "what is not there yet"));
        for (Topic topic : topics) {
            lines.add("  topic " + topic.name()
                    + (topic.partitions() == ANY ? "" : ", partitions: " + topic.partitions())
                    + (topic.configs().isEmpty() ? "" : ", " + topic.configs()));
        }
        Map<String, Long> byTopic =
                records.stream().collect(Collectors.groupingBy(Message::topic, Collectors.counting()));
        byTopic.keySet().stream()
                .sorted()
                .forEach(name -> lines.add("  records of " + name + ": " + byTopic.get(name)));
        groups.forEach(group -> group.commits()
                .forEach(commit -> lines.add("  group " + group.name() + ", offset of " + commit.shown())));
        users.forEach(user -> lines.add("  user " + user.name() + ": "
                + user.mechanisms().stream().map(ScramHash::mechanism).collect(Collectors.joining(", "))));
        acls.forEach(acl -> lines.add("  acl of " + acl.creation().principal() + " for "
                + acl.creation().resourceName()));
        quotas.forEach(quota ->
                quota.entry().ops().forEach(change -> lines.add("  quota " + change.key() + ": " + change.value())));
        return lines;
    }
}
