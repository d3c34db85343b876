package io.gregor.wire;

import io.gregor.wire.message.ApiKey;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.types.Schema;

/** All generated messages, each with Apache Kafka's own class for the same schema. */
record KafkaMessages(Class<?> ours, Class<?> theirs) {
    private static final List<String> PACKAGES = List.of(
            "org.apache.kafka.common.message.%sData",
            "org.apache.kafka.common.message.%s",
            "org.apache.kafka.common.metadata.%s",
            "org.apache.kafka.coordinator.group.generated.%s",
            "org.apache.kafka.coordinator.transaction.generated.%s",
            "org.apache.kafka.coordinator.share.generated.%s",
            "org.apache.kafka.server.log.remote.metadata.storage.generated.%s",
            "org.apache.kafka.raft.generated.%s");

    static List<KafkaMessages> all() throws IOException, URISyntaxException {
        Path folder = Path.of(ApiKey.class.getResource("ApiKey.class").toURI()).getParent();
        List<KafkaMessages> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                if (!name.contains("$")
                        && !List.of("ApiKey", "ErrorCode", "package-info").contains(name)) {
                    all.add(new KafkaMessages(load("io.gregor.wire.message." + name), theirs(name)));
                }
            }
        }
        return all;
    }

    private static Class<?> theirs(String name) {
        for (String pattern : PACKAGES) {
            try {
                return Class.forName(pattern.formatted(name));
            } catch (ClassNotFoundException e) {
                // Not in this package: it is in one of the next.
            }
        }
        throw new AssertionError("Kafka has no class for " + name);
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    String name() {
        return ours.getSimpleName();
    }

    short lowest() {
        return constant(ours, "LOWEST_VERSION");
    }

    short highest() {
        return constant(ours, "HIGHEST_VERSION");
    }

    Message newOurs() {
        return (Message) create(ours);
    }

    org.apache.kafka.common.protocol.Message newTheirs() {
        return (org.apache.kafka.common.protocol.Message) create(theirs);
    }

    Schema schema(short version) {
        try {
            return ((Schema[]) theirs.getField("SCHEMAS").get(null))[version];
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static short constant(Class<?> type, String name) {
        try {
            return type.getField(name).getShort(null);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static Object create(Class<?> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }
}
