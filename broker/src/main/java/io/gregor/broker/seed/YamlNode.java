package io.gregor.broker.seed;

import io.gregor.broker.config.InvalidConfigException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A value in a YAML file, with its place: whoever asks it for what it is not gets one line that says where, and what is
 * allowed. Immutable. A file has at most {@value #FILE_MAX} bytes.
 */
final class YamlNode {
    private static final int FILE_MAX = 3 * 1024 * 1024;
    private static final int DEPTH_MAX = 50;
    private static final int JSON_MAX = 4 * 1024 * 1024;
    private static final Pattern JSON_NUMBER = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][-+]?\\d+)?");

    private final Path file;
    private final Node node;

    private YamlNode(Path file, Node node) {
        this.file = file;
        this.node = node;
    }

    /** @throws InvalidConfigException if the file is no YAML */
    static YamlNode read(Path file) throws IOException {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file.toString())
                .setCodePointLimit(FILE_MAX)
                .build();
        if (Files.size(file) > FILE_MAX) {
            throw new InvalidConfigException(
                    file + ": is too large, allowed are " + FILE_MAX + " bytes; records may lie in files of their own");
        }
        try {
            Optional<Node> root = new Compose(settings).composeString(Files.readString(file));
            return new YamlNode(file, root.orElseThrow(() -> new InvalidConfigException(file + ": is empty")));
        } catch (MarkedYamlEngineException e) {
            throw new InvalidConfigException(place(file, e.getProblemMark()) + ": is no YAML, " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new InvalidConfigException(file + ": is no YAML, " + e.getMessage());
        } catch (CharacterCodingException e) {
            throw new InvalidConfigException(file + ": is no text in UTF-8");
        }
    }

    private static String place(Path file, Optional<Mark> mark) {
        return file
                + mark.map(at -> ":" + (at.getLine() + 1) + ":" + (at.getColumn() + 1))
                        .orElse("");
    }

    /** The file that this is in. */
    Path file() {
        return file;
    }

    /** What is said to whoever wrote it: the place and the reason. */
    InvalidConfigException refused(String reason) {
        return new InvalidConfigException(place(file, node.getStartMark()) + ": " + reason);
    }

    /** Whether nothing is there, or null. */
    boolean isNull() {
        return node.getTag().equals(Tag.NULL);
    }

    boolean isMap() {
        return node instanceof MappingNode;
    }

    boolean isScalar() {
        return node instanceof ScalarNode;
    }

    /** The values by their names, in order. */
    Map<String, YamlNode> map() {
        if (!(node instanceof MappingNode mapping)) {
            throw refused("allowed is a map, name: value");
        }
        Map<String, YamlNode> values = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            YamlNode key = new YamlNode(file, tuple.getKeyNode());
            if (values.put(key.text(), new YamlNode(file, tuple.getValueNode())) != null) {
                throw key.refused(key.text() + " is there twice");
            }
        }
        return values;
    }

    /** As {@link #map()}, where only these names may be. */
    Map<String, YamlNode> map(List<String> names) {
        Map<String, YamlNode> values = map();
        for (NodeTuple tuple : ((MappingNode) node).getValue()) {
            YamlNode key = new YamlNode(file, tuple.getKeyNode());
            if (!names.contains(key.text())) {
                throw key.refused("there is no " + key.text() + " here, allowed are " + String.join(", ", names));
            }
        }
        return values;
    }

    /** The value of that name. */
    YamlNode required(Map<String, YamlNode> values, String name) {
        YamlNode value = values.get(name);
        if (value == null || value.isNull()) {
            throw (value == null ? this : value).refused(name + " is missing");
        }
        return value;
    }

    List<YamlNode> list() {
        if (!(node instanceof SequenceNode sequence)) {
            throw refused("allowed is a list, each line with a dash before it");
        }
        List<YamlNode> values = new ArrayList<>();
        sequence.getValue().forEach(value -> values.add(new YamlNode(file, value)));
        return values;
    }

    /** The text as it is written, of a number too; not empty. */
    String text() {
        String text = anyText();
        if (text.isEmpty()) {
            throw refused("a text is missing");
        }
        return text;
    }

    /** As above, and it may be empty. */
    String anyText() {
        if (!(node instanceof ScalarNode scalar) || isNull()) {
            throw refused("allowed is a text");
        }
        return scalar.getValue();
    }

    long number(long least, long most) {
        try {
            long number = Long.parseLong(text());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // As for one that is too large.
        }
        throw refused(text() + ": allowed is a whole number from " + least
                + (most == Long.MAX_VALUE ? " on" : " to " + most));
    }

    /** The value as JSON. */
    String json() {
        StringBuilder json = new StringBuilder();
        addJson(json, 0);
        return json.toString();
    }

    private void addJson(StringBuilder json, int depth) {
        if (depth > DEPTH_MAX || json.length() > JSON_MAX) {
            throw refused("is too large, or contains itself");
        }
        String separator = "";
        if (node instanceof MappingNode) {
            json.append('{');
            for (Map.Entry<String, YamlNode> entry : map().entrySet()) {
                json.append(separator);
                quote(json, entry.getKey());
                json.append(':');
                entry.getValue().addJson(json, depth + 1);
                separator = ",";
            }
            json.append('}');
        } else if (node instanceof SequenceNode) {
            json.append('[');
            for (YamlNode value : list()) {
                json.append(separator);
                value.addJson(json, depth + 1);
                separator = ",";
            }
            json.append(']');
        } else {
            addScalar(json, (ScalarNode) node);
        }
    }

    private void addScalar(StringBuilder json, ScalarNode scalar) {
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.NULL)) {
            json.append("null");
        } else if (tag.equals(Tag.BOOL)) {
            json.append(scalar.getValue());
        } else if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            if (!JSON_NUMBER.matcher(scalar.getValue()).matches()) {
                throw refused(scalar.getValue() + ": JSON has no such number");
            }
            json.append(scalar.getValue());
        } else {
            quote(json, scalar.getValue());
        }
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(c == '\n' ? "\\n" : String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    /** The value of that name, or null if there is none. */
    static @Nullable YamlNode optional(Map<String, YamlNode> values, String name) {
        YamlNode value = values.get(name);
        return value == null || value.isNull() ? null : value;
    }
}
