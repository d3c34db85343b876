package io.gregor.compat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * An answer as text, without what must differ between two brokers: ids, addresses, and the order of elements that
 * have none.
 */
public final class Canonical {
    private static final Set<String> LEFT_OUT = Set.of(
            "clusterId",
            "host",
            "logDir",
            "lastCaughtUpTimestamp",
            "lastFetchTimestamp",
            "totalBytes",
            "usableBytes",
            "port",
            "throttleTimeMs",
            "documentation",
            "memberId",
            "sessionId",
            "unknownTaggedFields");

    /** What the two brokers were started with, and what Kafka sets for a feature of clusters (KIP-966) in a session. */
    private static final Set<String> OF_THE_BROKER = Set.of(
            "controller.listener.names",
            "controller.quorum.voters",
            "listeners",
            "log.dirs",
            "min.insync.replicas",
            "offsets.topic.replication.factor",
            "process.roles",
            "transaction.state.log.min.isr",
            "transaction.state.log.replication.factor");

    /** Apache Kafka's objects as messages show them, ids, and addresses. */
    private static final Pattern OBJECTS =
            Pattern.compile(" \\(Endpoints.*\\)(?= for)|[A-Za-z0-9_-]{22}|ClientQuotaEntity\\(.*\\)");

    private Canonical() {}

    /** Where Gregor did something else than Apache Kafka, by what was done. */
    public static Map<String, String> differences(Map<String, String> theirs, Map<String, String> ours) {
        Map<String, String> differences = new TreeMap<>();
        theirs.forEach((what, became) -> {
            if (!became.equals(ours.get(what))) {
                differences.put(what, "\n--- Kafka:\n" + became + "\n--- Gregor:\n" + ours.get(what) + "\n");
            }
        });
        return differences;
    }

    public static String text(Object value) throws ReflectiveOperationException {
        if (value instanceof Message message) {
            return fields(message);
        }
        if (value instanceof Collection<?> elements) {
            List<String> texts = new ArrayList<>();
            for (Object element : elements) {
                if (!isOfTheBroker(element)) {
                    texts.addAll(texts(element));
                }
            }
            texts.sort(null);
            return texts.toString();
        }
        if (value instanceof Uuid id) {
            return id.equals(Uuid.ZERO_UUID) || id.equals(new Uuid(7, 7)) ? id.toString() : "some id";
        }
        if (value instanceof MemoryRecords records) {
            StringBuilder text = new StringBuilder("records");
            records.records()
                    .forEach(record ->
                            text.append(' ').append(record.offset()).append('@').append(record.timestamp()));
            return text.append(", ")
                    .append(records.sizeInBytes())
                    .append(" bytes")
                    .toString();
        }
        if (value instanceof String string) {
            return OBJECTS.matcher(string).replaceAll("");
        }
        return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
    }

    private static boolean isOfTheBroker(Object element) {
        return element instanceof DescribeConfigsResourceResult config && OF_THE_BROKER.contains(config.name())
                || element instanceof CreatableTopicConfigs created && OF_THE_BROKER.contains(created.name());
    }

    /** The partitions of a topic stand for themselves: how answers group them is nobody's concern. */
    private static List<String> texts(Object element) throws ReflectiveOperationException {
        Collection<?> partitions = element instanceof Message message ? partitions(message) : List.of();
        if (partitions.isEmpty()) {
            return List.of(text(element));
        }
        String topic = text(element);
        String name = topic.replace(text(partitions), "");
        List<String> texts = new ArrayList<>();
        for (Object partition : partitions) {
            texts.add(name + text(partition));
        }
        return texts;
    }

    private static Collection<?> partitions(Message message) throws ReflectiveOperationException {
        for (Method method : message.getClass().getMethods()) {
            if (method.getName().equals("partitions") && method.getParameterCount() == 0) {
                return (Collection<?>) method.invoke(message);
            }
        }
        return List.of();
    }

    private static String fields(Message message) throws ReflectiveOperationException {
        StringBuilder text = new StringBuilder("{");
        Method[] methods = message.getClass().getMethods();
        Arrays.sort(methods, Comparator.comparing(Method::getName));
        for (Method method : methods) {
            boolean isField = method.getParameterCount() == 0
                    && !Modifier.isStatic(method.getModifiers())
                    && method.getDeclaringClass().equals(message.getClass())
                    && !Set.of(
                                    "hashCode",
                                    "toString",
                                    "duplicate",
                                    "apiKey",
                                    "lowestSupportedVersion",
                                    "highestSupportedVersion",
                                    "next",
                                    "prev")
                            .contains(method.getName())
                    && !LEFT_OUT.contains(method.getName());
            boolean aboutTheApi = method.getName().equals("apiKey")
                    && method.getReturnType() == short.class
                    && message.getClass().getSimpleName().equals("ApiVersion");
            if (isField || aboutTheApi) {
                text.append(method.getName())
                        .append('=')
                        .append(text(method.invoke(message)))
                        .append(", ");
            }
        }
        return text.append('}').toString();
    }
}
