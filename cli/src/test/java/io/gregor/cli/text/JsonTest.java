package io.gregor.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void anObjectHasTheTextOfItsValues() {
        assertThat(new JsonReader(" {\"a\": {\"b\":[1,{}]} , \"c\":\"d\\n\", \"e\" :-1.5e+3,\"f\":null} ").object())
                .containsEntry("a", "{\"b\":[1,{}]}")
                .containsEntry("c", "\"d\\n\"")
                .containsEntry("e", "-1.5e+3")
                .containsEntry("f", "null")
                .hasSize(4);
        assertThat(new JsonReader("{}").object()).isEmpty();
        assertThat(new JsonReader("[1, [2], \"x\"]").array()).containsExactly("1", "[2]", "\"x\"");
    }

    @Test
    void whatIsWrittenIsRead() {
        String text = "quote \" backslash \\ newline \n tab \t null \u0000 unit \u001f umlaut ü astral \uD83D\uDE00 /";
        String json = new JsonWriter()
                .begin('{')
                .name("a")
                .string(text)
                .name("b")
                .begin('[')
                .number(-1)
                .nothing()
                .begin('{')
                .end('}')
                .end(']')
                .end('}')
                .toString();
        assertThat(new JsonReader(new JsonReader(json).object().getOrDefault("a", "")).string())
                .isEqualTo(text);
        assertThat(new JsonReader(json).object().get("b")).isEqualTo("[-1,null,{}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":01}",
                "{\"a\":tru}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12\"}",
                "{\"a\":\"\n\"}",
                "{} x",
                "[]",
                "{\"a\":[1 2]}"
            })
    void whatIsNoObjectIsSaidWithItsColumn(String text) {
        assertThatThrownBy(() -> new JsonReader(text).object())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("no JSON, column \\d+: .+");
    }

    @Test
    void deepNestingHasALimit() {
        String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
        assertThatThrownBy(() -> new JsonReader(deep).object()).hasMessageContaining("nests deeper");
    }
}
