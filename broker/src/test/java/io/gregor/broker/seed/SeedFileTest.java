package io.gregor.broker.seed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.broker.config.InvalidConfigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a seed may say, and what whoever has written something else is told. */
class SeedFileTest {
    @TempDir
    private Path folder;

    private Seed read(String yaml) throws IOException {
        return SeedFile.read(Files.writeString(folder.resolve("seed.yaml"), yaml));
    }

    private static @Nullable String text(@Nullable ByteBuffer bytes) {
        return bytes == null
                ? null
                : StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    @Test
    void recordsAreTextJsonBase64AndFiles() throws Exception {
        Files.writeString(folder.resolve("a.txt"), "of a file");
        Files.writeString(folder.resolve("b.jsonl"), "{\"n\":1}\r\n{\"n\":2}\n");
        List<Seed.Message> records = read("""
                        records:
                          - topic: t
                            key: 42
                            value: text
                            headers: {h: v, none: null}
                            timestamp: 2026-01-01T00:00:00Z
                          - topic: t
                            partition: 3
                            value: {json: {a: [1, -2.5, true, null, "q\\"\\n"], b: {}}}
                            timestamp: 1000
                          - {topic: t, key: {base64: AAEC}, value: {file: a.txt}}
                          - {topic: t, key: k, value: null}
                          - {topic: t, key: k, lines: b.jsonl}
                        """).records();
        assertThat(records.stream().map(message -> text(message.record().value())))
                .containsExactly(
                        "text",
                        "{\"a\":[1,-2.5,true,null,\"q\\\"\\n\"],\"b\":{}}",
                        "of a file",
                        null,
                        "{\"n\":1}",
                        "{\"n\":2}");
        assertThat(text(records.get(0).record().key())).isEqualTo("42");
        assertThat(records.get(0).record().timestampMs()).isEqualTo(1_767_225_600_000L);
        assertThat(records.get(0).record().headers().get(1).value()).isNull();
        assertThat(records.get(1).partition()).isEqualTo(3);
        assertThat(records.get(2).record().key()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 1, 2}));
    }

    @Test
    void theManualsExamplesAreRight() throws Exception {
        String manual = Files.readString(Path.of("..", "docs", "seed.md"));
        List<Seed> examples = new ArrayList<>();
        for (String part : manual.split("```yaml\n", -1)) {
            if (part.contains("```")) {
                examples.add(read(part.substring(0, part.indexOf("```"))));
            }
        }
        assertThat(examples).hasSize(2);
        assertThat(examples.get(1).acls()).hasSize(3);
        assertThat(examples.get(0).describe())
                .containsExactly(
                        folder.resolve("seed.yaml") + ": what is not there yet",
                        "  topic orders, partitions: 3, {retention.ms=3600000}",
                        "  topic customers, {cleanup.policy=compact}",
                        "  records of customers: 2",
                        "  records of orders: 2",
                        "  group billing, offset of orders: end",
                        "  group billing, offset of customers-0: 1",
                        "  user alice: SCRAM-SHA-256",
                        "  quota producer_byte_rate: 1048576.0",
                        "  quota consumer_byte_rate: 1048576.0");
    }

    /** Line breaks are bars here. */
    @ParameterizedTest
    @CsvSource(delimiter = '%', textBlock = """
            topics: [ % 1:10: is no YAML, expected the node content
            topics: 5 % 1:9: allowed is a list, each line with a dash before it
            topic: [] % 1:1: there is no topic here, allowed are apply, topics, records,
            topics: []|topics: [] % 2:1: topics is there twice
            apply: always % 1:8: apply: always: allowed is once or each-start
            topics:|- t % 2:3: allowed is a map, name: value
            topics:|- {partitions: 3} % 2:3: name is missing
            topics:|- {name: a b} % 2:10: Topic name is invalid: 'a b' contains
            topics:|- {name: __consumer_offsets} % 2:10: __consumer_offsets is the broker's own
            topics:|- {name: t}|- {name: t} % 3:10: topic t is there twice
            topics:|- name: t|  partitions: 0 % 3:15: 0: allowed is a whole number from 1 to 10000
            topics:|- name: t|  partitions: many % 3:15: many: allowed is a whole number from 1 to 10000
            topics:|- {name: t, parts: 3} % 2:13: there is no parts here, allowed are name, partitions, configs
            topics:|- name: t|  configs: {retention: 1} % 3:24: topics have no configuration retention
            topics:|- name: t|  configs: {retention.ms: 1h} % 3:27: Invalid value 1h for configuration retention.ms
            records:|- {value: x} % 2:3: topic is missing
            records:|- {topic: t} % 2:3: value is missing; null is a tombstone
            records:|- {topic: t, value: {xml: y}} % 2:22: there is no xml here
            records:|- {topic: t, value: {base64: "?"}} % 2:30: is no Base64: allowed are letters
            records:|- {topic: t, value: {file: none}} % 2:28: FOLDER/none: there is no such file that can be read
            records:|- {topic: t, value: [x]} % 2:21: allowed is a text
            records:|- {topic: t, value: {json: {a: .inf}}} % 2:32: .inf: JSON has no such number
            records:|- {topic: t, value: x, timestamp: now} % 2:35: now: allowed is a time such as 2026-01-31T12:00:00Z
            topics:|- {name: t, partitions: 2}|records:|- {topic: t, partition: 2, value: x} % 4:25: topic t has
            groups:|- {name: g, offsets: {t: first}} % 2:26: allowed is an offset, beginning or end
            groups:|- {name: g, offsets: {t: {x: 1}}} % 2:30: x: allowed is the number of a partition
            users:|- {name: u} % 2:3: password is missing
            users:|- {name: u, password: p, mechanisms: [PLAIN]} % 2:39: PLAIN: allowed are SCRAM-SHA-256
            users:|- {name: u, password: p, iterations: 1} % 2:38: 1: allowed is a whole number from 4096 to 16384
            acls:|- {principal: alice, resource: topic, name: t, operations: [read]} % 2:15: alice: allowed is
            acls:|- {principal: "User:a", resource: queue, name: t, operations: [read]} % 2:35: queue: allowed are
            acls:|- {principal: "User:a", resource: topic, name: t, operations: [eat]} % 2:64: eat: allowed are all
            acls:|- {principal: "User:a", resource: topic, operations: [read]} % 2:3: name is missing; * is all of them
            quotas:|- {limits: {producer_byte_rate: 1}} % 2:3: allowed is a quota of a user, a client-id
            quotas:|- {user: u, limits: {producer_byte_rate: -1}} % 2:42: -1: allowed is a number above 0
            """)
    void whatIsWrongIsNamedWithItsPlace(String yaml, String message) {
        assertThatThrownBy(() -> read(yaml.replace('|', '\n')))
                .isInstanceOf(InvalidConfigException.class)
                .hasMessageStartingWith(
                        folder.resolve("seed.yaml") + ":" + message.replace("FOLDER", folder.toString()));
    }

    @Test
    void aFileThatIsNoneOrContainsItselfIsNamed() {
        assertThatThrownBy(() -> read("")).hasMessage(folder.resolve("seed.yaml") + ": is empty");
        assertThatThrownBy(() -> read("records:\n- {topic: t, value: {json: &a [*a]}}"))
                .hasMessageEndingWith("is too large, or contains itself");
        assertThatThrownBy(() -> Seeds.read(List.of(folder.resolve("none")), InstantSource.system()))
                .hasMessage(folder.resolve("none") + ": there is no such file that can be read");
        assertThatThrownBy(() ->
                        Seeds.read(List.of(Files.createDirectory(folder.resolve("empty"))), InstantSource.system()))
                .hasMessageEndingWith("empty: there is no file in it that ends with .yaml or .yml");
    }
}
