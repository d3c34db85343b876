package io.gregor.cli.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gregor.cli.text.Bytes;
import io.gregor.wire.record.Partitioner;
import io.gregor.wire.record.Record;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineFormatTest {
    private static final LineFormat PLAIN = new LineFormat(null, false, null, null, List.of(), -1);
    private static final LineFormat PAIRS = new LineFormat("=>", false, null, "NULL", List.of(), 2);
    private static final LineFormat JSON = new LineFormat(null, true, "k", null, List.of(), -1);

    private static Outgoing parse(LineFormat format, String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return format.parse(bytes, bytes.length);
    }

    private static String text(@Nullable ByteBuffer bytes) {
        return bytes == null ? "null" : Bytes.text(bytes);
    }

    @Test
    void aLineIsAValue() {
        assertThat(parse(PLAIN, "a=>b")).isEqualTo(new Outgoing(null, Bytes.of("a=>b"), List.of(), -1, -1));
    }

    @Test
    void theFirstSeparatorEndsTheKey() {
        assertThat(parse(PAIRS, "a=>b=>c")).isEqualTo(new Outgoing(Bytes.of("a"), Bytes.of("b=>c"), List.of(), 2, -1));
        assertThat(parse(PAIRS, "=>")).isEqualTo(new Outgoing(Bytes.of(""), Bytes.of(""), List.of(), 2, -1));
        assertThat(parse(PAIRS, "a=>NULL").value()).isNull();
        assertThatThrownBy(() -> parse(PAIRS, "a=b")).hasMessage("there is no '=>' between key and value");
    }

    @Test
    void anObjectSaysAllOfARecord() {
        Outgoing full = parse(
                JSON,
                "{\"key\":\"a\",\"value\":{\"b\": [1]},\"headers\":[{\"key\":\"h\",\"value\":\"1\"},{\"key\":\"n\"}],"
                        + "\"partition\":3,\"timestamp\":17,\"offset\":9}");
        assertThat(text(full.key())).isEqualTo("a");
        assertThat(text(full.value())).isEqualTo("{\"b\": [1]}");
        assertThat(full.headers()).containsExactly(new Record.Header("h", Bytes.of("1")), new Record.Header("n", null));
        assertThat(full.partition()).isEqualTo(3);
        assertThat(full.timestampMs()).isEqualTo(17);
        Outgoing small = parse(JSON, "{\"value\":null,\"headers\":{\"h\":2}}");
        assertThat(text(small.key())).isEqualTo("k");
        assertThat(small.value()).isNull();
        assertThat(small.headers()).containsExactly(new Record.Header("h", Bytes.of("2")));
        assertThat(parse(JSON, "{\"valueBase64\":\"/w==\"}").value()).isEqualTo(ByteBuffer.wrap(new byte[] {-1}));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"key":"a"}                   | the object has neither value nor valueBase64
            [1]                           | no JSON, column 1
            {"value":1,"partition":-1}    | partition is -1: allowed is a number from 0 on
            {"value":1,"partition":3000000000} | partition is 3000000000
            {"value":1,"timestamp":"now"} | timestamp is "now": allowed is a number from 0 on
            {"value":1,"headers":7}       | headers is 7: allowed is an array or an object
            {"value":1,"headers":[7]}     | a header is 7: allowed is an object with key and value
            {"value":1,"headers":[{}]}    | the key of a header is null: allowed is a string
            {"value":1,"headers":[{"key":1}]} | the key of a header is 1: allowed is a string
            {"value":1,"headers":[{"key":"a","vaule":1}]} | a header has vaule: allowed is key, value, valueBase64
            {"value":1,"headers":{"h":1,"h":2}} | a second h
            {"valueBase64":"?"}           | valueBase64 is "?": allowed is a string in base64
            {"valueBase64":"YQ"} x        | the end expected
            {"valueBase64":7}             | valueBase64 is 7: allowed is a string in base64
            {"valueBase64":null}          | valueBase64 is null: allowed is a string in base64
            {"value":1,"value":2}         | a second value
            {"value":1,"valueBase64":""}  | value and valueBase64: allowed is one of the two
            {"value":1,"vaule":2}         | the object has vaule: allowed is topic, partition, timestamp, key
            {"value":1,"timestamp":-5}    | timestamp is -5: allowed is a number from 0 on
            {"value":1,"partition":1.5}   | partition is 1.5: allowed is a number from 0 on
            {"value":"\\ud800"}            | half of a surrogate pair
            {"value":1} {"value":2}       | the end expected
            """)
    void anObjectThatSaysSomethingElseIsRefused(String line, String why) {
        assertThatThrownBy(() -> parse(JSON, line))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(why);
    }

    @Test
    void whatIsNoTextIsNoJson() {
        byte[] line = {'{', '"', 'v', 'a', 'l', 'u', 'e', '"', ':', '"', -1, '"', '}'};
        assertThatThrownBy(() -> JSON.parse(line, line.length)).hasMessage("no JSON, it is not UTF-8");
    }

    @Test
    void theMarkerOfNullCountsInJsonToo() {
        LineFormat marked = new LineFormat(null, true, "k", "NULL", List.of(), -1);
        Outgoing record =
                parse(marked, "{\"key\":\"NULL\",\"value\":\"NULL\",\"headers\":{\"h\":\"NULL\",\"i\":\"NULLS\"}}");
        assertThat(record.key()).isNull();
        assertThat(record.value()).isNull();
        assertThat(record.headers())
                .containsExactly(new Record.Header("h", null), new Record.Header("i", Bytes.of("NULLS")));
    }

    @Test
    void linesKeepTheirBytes() throws IOException {
        byte[] bytes = {'a', '\r', '\n', '\n', -1, 0, '\n', 'b'};
        Lines lines = new Lines(new ByteArrayInputStream(bytes), () -> {});
        List<String> read = new ArrayList<>();
        while (lines.next()) {
            read.add(new String(lines.line(), 0, lines.length(), StandardCharsets.ISO_8859_1));
        }
        assertThat(read).containsExactly("a", "", "\u00ff\u0000", "b");
    }

    /** What Apache Kafka's hash makes of them, so that keys go to the same partitions. */
    @ParameterizedTest
    @CsvSource({
        "21,-973932308",
        "foobar,-790332482",
        "a-little-bit-long-string,-985981536",
        "a-little-bit-longer-string,-1486304829",
        "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8,-58897971",
        "abc,479470107"
    })
    void keysAreHashedAsKafkaDoes(String key, int hash) {
        assertThat(Partitioner.murmur2(Bytes.of(key))).isEqualTo(hash);
    }
}
