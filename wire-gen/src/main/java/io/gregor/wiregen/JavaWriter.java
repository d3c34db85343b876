package io.gregor.wiregen;

/** Lines of Java with their indentation, which follows the braces. */
final class JavaWriter {
    private final StringBuilder text = new StringBuilder();
    private int depth;

    JavaWriter line(String line) {
        if (line.startsWith("}")) {
            depth--;
        }
        text.append("    ".repeat(line.isEmpty() ? 0 : depth)).append(line).append('\n');
        if (line.endsWith("{")) {
            depth++;
        }
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
