package io.gregor.wiregen;

import java.util.Map;

/** The type of a field: one of the schema language's primitives, a struct, or an array of either. */
sealed interface FieldType {
    /** How a value of this type is declared in Java where null is no value of it. */
    String javaType();

    /** How it is declared as a type argument, or where it may be null. */
    default String boxedType() {
        return javaType();
    }

    /** A type with a fixed width: {@code method} is its name in ByteReader and MessageSink. */
    record Primitive(String method, String javaType, String boxedType) implements FieldType {}

    /** A type with a length in front: string, bytes or records; {@code method} as in {@link Primitive}. */
    record Sized(String method, String javaType) implements FieldType {}

    record Array(FieldType element) implements FieldType {
        @Override
        public String javaType() {
            return "List<" + element.boxedType() + ">";
        }
    }

    record Struct(String javaType) implements FieldType {}

    /** The types that the schema language has by itself. */
    final class BuiltIn {
        private static final Map<String, FieldType> ALL = Map.ofEntries(
                Map.entry("bool", new Primitive("bool", "boolean", "Boolean")),
                Map.entry("int8", new Primitive("int8", "byte", "Byte")),
                Map.entry("int16", new Primitive("int16", "short", "Short")),
                Map.entry("uint16", new Primitive("uint16", "int", "Integer")),
                Map.entry("int32", new Primitive("int32", "int", "Integer")),
                Map.entry("uint32", new Primitive("uint32", "long", "Long")),
                Map.entry("int64", new Primitive("int64", "long", "Long")),
                Map.entry("float64", new Primitive("float64", "double", "Double")),
                Map.entry("uuid", new Primitive("uuid", "Uuid", "Uuid")),
                Map.entry("string", new Sized("string", "String")),
                Map.entry("bytes", new Sized("bytes", "byte[]")),
                Map.entry("records", new Sized("records", "Part")));

        private BuiltIn() {}
    }

    static FieldType parse(String text) {
        if (text.startsWith("[]")) {
            return new Array(parse(text.substring(2)));
        }
        FieldType builtIn = BuiltIn.ALL.get(text);
        return builtIn == null ? new Struct(text) : builtIn;
    }
}
