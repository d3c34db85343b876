package io.gregor.wiregen;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/**
 * One field of a struct.
 *
 * @param defaultText the default as the schema writes it, empty if it says nothing
 * @param neverFlexible whether it keeps the old encoding in flexible versions, as the header's client id does
 * @param tag the tag number, or -1 if the field is never tagged
 */
record Field(
        String name,
        FieldType type,
        Versions versions,
        Versions nullable,
        Versions tagged,
        int tag,
        String defaultText,
        boolean ignorable,
        boolean neverFlexible,
        String about) {

    static Field parse(JsonNode json) {
        return new Field(
                javaName(json.get("name").asText()),
                FieldType.parse(json.get("type").asText()),
                Versions.parse(
                        json.has("versions")
                                ? json.get("versions").asText()
                                : json.path("taggedVersions").asText()),
                Versions.parse(json.path("nullableVersions").asText("none")),
                Versions.parse(json.path("taggedVersions").asText("none")),
                json.path("tag").asInt(-1),
                json.path("default").asText(""),
                json.path("ignorable").asBoolean(false),
                json.path("flexibleVersions").asText().equals("none"),
                json.path("about").asText(""));
    }

    private static String javaName(String schemaName) {
        return schemaName.substring(0, 1).toLowerCase(Locale.ROOT) + schemaName.substring(1);
    }

    boolean isNullable() {
        return !nullable.isEmpty();
    }

    /** The Java expression of whether the field is written in the compact encoding. */
    String flexible() {
        return neverFlexible ? "false" : "flexible";
    }

    String declaredType() {
        String plain = type.javaType();
        if (!isNullable()) {
            return plain;
        }
        return plain.endsWith("[]")
                ? plain.substring(0, plain.length() - 2) + " @Nullable []"
                : "@Nullable " + type.boxedType();
    }

    /** The Java expression of the value that the field has where nobody set it. */
    String defaultValue() {
        if (defaultText.equals("null")) {
            return "null";
        }
        if (type instanceof FieldType.Array) {
            return "List.of()";
        }
        if (type instanceof FieldType.Struct struct) {
            return "new " + struct.javaType() + "()";
        }
        if (type instanceof FieldType.Sized sized) {
            return sizedDefault(sized);
        }
        return primitiveDefault((FieldType.Primitive) type);
    }

    private String sizedDefault(FieldType.Sized sized) {
        return switch (sized.method()) {
            case "string" -> "\"" + defaultText + "\"";
            case "bytes" -> "MessageSink.NO_BYTES";
            case "records" -> "null";
            default -> throw new IllegalStateException(sized.method());
        };
    }

    private String primitiveDefault(FieldType.Primitive primitive) {
        return switch (primitive.method()) {
            case "bool" -> defaultText.isEmpty() ? "false" : defaultText;
            case "uuid" -> "Uuid.ZERO";
            case "float64" -> defaultText.isEmpty() ? "0.0" : defaultText;
            case "int64", "uint32" -> (defaultText.isEmpty() ? 0 : Long.decode(defaultText)) + "L";
            case "int8", "int16" ->
                "(" + primitive.javaType() + ") " + (defaultText.isEmpty() ? 0 : Long.decode(defaultText));
            default -> String.valueOf(defaultText.isEmpty() ? 0 : Long.decode(defaultText));
        };
    }

    /** The Java condition under which {@code this.<name>} differs from its default. */
    String differsFromDefault() {
        String self = "this." + name;
        if (defaultText.equals("null")) {
            return self + " != null";
        }
        String whenNull = isNullable() ? self + " == null || " : "";
        if (type instanceof FieldType.Array) {
            return whenNull + "!" + self + ".isEmpty()";
        }
        if (type instanceof FieldType.Struct
                || type.javaType().equals("Uuid")
                || type.javaType().equals("String")) {
            return whenNull + "!" + self + ".equals(" + defaultValue() + ")";
        }
        return switch (type.javaType()) {
            case "boolean" -> defaultValue().equals("true") ? "!" + self : self;
            case "byte[]" -> whenNull + self + ".length != 0";
            case "Part" -> self + " != null";
            default -> self + " != " + defaultValue();
        };
    }
}
