package io.gregor.wiregen;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** {@code wire-gen messages|configs <output folder>}: writes the sources or tables that a module is built from. */
public final class Main {
    /** One class of each jar whose schemas we read; asking the class where it lives finds the jar. */
    private static final List<String> JARS = List.of(
            "org.apache.kafka.common.protocol.ApiKeys",
            "org.apache.kafka.coordinator.group.GroupCoordinator",
            "org.apache.kafka.coordinator.transaction.TransactionLogConfig",
            "org.apache.kafka.coordinator.share.ShareCoordinator",
            "org.apache.kafka.metadata.PartitionRegistration",
            "org.apache.kafka.storage.internals.log.LogConfig",
            "org.apache.kafka.raft.RaftClient");

    private Main() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        switch (args[0]) {
            case "messages" -> messages(folder);
            case "configs" -> ConfigTable.write(folder);
            default -> throw new IllegalArgumentException("messages or configs, not " + args[0]);
        }
    }

    private static void messages(Path folder) throws IOException, ReflectiveOperationException, URISyntaxException {
        Path target = folder.resolve("io/gregor/wire/message");
        Files.createDirectories(target);
        List<Schema> schemas = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper().enable(JsonParser.Feature.ALLOW_COMMENTS);
        for (String jar : JARS) {
            for (String json : schemaFiles(jar)) {
                schemas.add(Schema.parse(mapper.readTree(json)));
            }
        }
        schemas.sort(Comparator.comparing(Schema::name));
        schemas.removeIf(schema -> schema.valid().isEmpty());
        for (Schema schema : schemas) {
            writeIfChanged(target.resolve(schema.name() + ".java"), MessageEmitter.emit(schema));
        }
        writeIfChanged(target.resolve("ApiKey.java"), ApiKeyEmitter.emit(schemas));
        writeIfChanged(target.resolve("ErrorCode.java"), ErrorCodeEmitter.emit());
        writeIfChanged(
                target.resolve("package-info.java"),
                "/** Generated from Apache Kafka's message schemas. */\n@org.jspecify.annotations.NullMarked\n"
                        + "package io.gregor.wire.message;\n");
    }

    private static List<String> schemaFiles(String className)
            throws IOException, ReflectiveOperationException, URISyntaxException {
        Path jar = Path.of(Class.forName(className, false, Main.class.getClassLoader())
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> texts = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (ZipEntry entry : file.stream().toList()) {
                if (entry.getName().matches("(common/)?(message|metadata)/\\w+\\.json")) {
                    texts.add(new String(file.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        }
        return texts;
    }

    /** Leaves an unchanged file alone, so that the compiler does not compile it again. */
    static void writeIfChanged(Path file, String text) throws IOException {
        if (!Files.exists(file) || !Files.readString(file).equals(text)) {
            Files.writeString(file, text);
        }
    }
}
