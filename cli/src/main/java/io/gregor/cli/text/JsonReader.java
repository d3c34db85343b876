package io.gregor.cli.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one JSON value (RFC 8259), one level at a time: what is inside an object or array stays text, which was checked
 * and can be read by another reader. Confined to one thread. Nests at most {@value #DEPTH_MAX} deep.
 */
public final class JsonReader {
    private static final int DEPTH_MAX = 200;

    private final String text;
    private int at;

    public JsonReader(String text) {
        this.text = text;
    }

    /**
     * The fields of an object, each with the JSON text of its value.
     *
     * @throws IllegalArgumentException with the column, if the text is no object, or has two fields of one name
     */
    public Map<String, String> object() {
        Map<String, String> fields = new LinkedHashMap<>();
        readObject(fields, 0);
        end();
        return fields;
    }

    /**
     * The JSON text of each element of an array.
     *
     * @throws IllegalArgumentException with the column, if the text is no array
     */
    public List<String> array() {
        List<String> elements = new ArrayList<>();
        readArray(elements, 0);
        end();
        return elements;
    }

    /**
     * The text that a JSON string stands for.
     *
     * @throws IllegalArgumentException with the column, if the text is no string
     */
    public String string() {
        blank();
        String value = readString();
        end();
        return value;
    }

    private void readObject(Map<String, String> into, int depth) {
        expect('{');
        if (accept('}')) {
            return;
        }
        do {
            blank();
            String name = readString();
            expect(':');
            if (into.put(name, value(depth + 1)) != null && depth == 0) {
                throw wrong("a second " + name);
            }
        } while (accept(','));
        expect('}');
    }

    private void readArray(List<String> into, int depth) {
        expect('[');
        if (accept(']')) {
            return;
        }
        do {
            into.add(value(depth + 1));
        } while (accept(','));
        expect(']');
    }

    /** Passes over a value, and returns its text. */
    private String value(int depth) {
        if (depth > DEPTH_MAX) {
            throw wrong("nests deeper than " + DEPTH_MAX);
        }
        blank();
        int start = at;
        char first = at < text.length() ? text.charAt(at) : ' ';
        switch (first) {
            case '{' -> readObject(new LinkedHashMap<>(), depth);
            case '[' -> readArray(new ArrayList<>(), depth);
            case '"' -> readString();
            default -> word();
        }
        return text.substring(start, at);
    }

    /** A number, true, false or null. */
    private void word() {
        int start = at;
        while (at < text.length() && "+-.".indexOf(text.charAt(at)) >= 0
                || at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        if (!List.of("true", "false", "null").contains(word)
                && !word.matches("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?")) {
            at = start;
            throw wrong("no value");
        }
    }

    private String readString() {
        if (at >= text.length() || text.charAt(at) != '"') {
            throw wrong("'\"' expected");
        }
        StringBuilder value = new StringBuilder();
        at++;
        while (at < text.length() && text.charAt(at) != '"') {
            char one = text.charAt(at++);
            if (one < ' ') {
                throw wrong("a control character");
            }
            value.append(one == '\\' ? escaped() : one);
        }
        if (at >= text.length()) {
            throw wrong("'\"' expected");
        }
        at++;
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
            throw wrong("half of a surrogate pair");
        }
        return value.toString();
    }

    private char escaped() {
        char one = at < text.length() ? text.charAt(at++) : ' ';
        return switch (one) {
            case '"', '\\', '/' -> one;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> codeUnit();
            default -> throw wrong("an escape that JSON does not have");
        };
    }

    private char codeUnit() {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw wrong("four hexadecimal digits expected");
            }
            code = code * 16 + digit;
            at++;
        }
        return (char) code;
    }

    private void expect(char wanted) {
        if (!accept(wanted)) {
            throw wrong("'" + wanted + "' expected");
        }
    }

    private boolean accept(char wanted) {
        blank();
        if (at < text.length() && text.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void blank() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void end() {
        blank();
        if (at < text.length()) {
            throw wrong("the end expected");
        }
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("no JSON, column " + (at + 1) + ": " + what);
    }
}
