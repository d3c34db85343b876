package io.gregor.cli.text;

/** Writes JSON. Confined to one thread. */
public final class JsonWriter {
    private final StringBuilder out = new StringBuilder();
    private boolean first = true;

    public JsonWriter begin(char bracket) {
        comma();
        out.append(bracket);
        first = true;
        return this;
    }

    public JsonWriter end(char bracket) {
        out.append(bracket);
        first = false;
        return this;
    }

    public JsonWriter name(String name) {
        comma();
        quote(name);
        out.append(':');
        first = true;
        return this;
    }

    public JsonWriter string(String value) {
        comma();
        quote(value);
        return this;
    }

    public JsonWriter number(long value) {
        comma();
        out.append(value);
        return this;
    }

    public JsonWriter nothing() {
        comma();
        out.append("null");
        return this;
    }

    private void comma() {
        if (!first) {
            out.append(',');
        }
        first = false;
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char one = text.charAt(i);
            switch (one) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> plain(one);
            }
        }
        out.append('"');
    }

    private void plain(char one) {
        if (one >= ' ') {
            out.append(one);
            return;
        }
        String hex = Integer.toHexString(one);
        out.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
