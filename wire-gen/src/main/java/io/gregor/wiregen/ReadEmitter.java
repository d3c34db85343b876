package io.gregor.wiregen;

import java.util.List;

/** Writes the {@code read(ByteReader, short)} method of a struct. */
final class ReadEmitter {
    private final JavaWriter out;
    private final Schema schema;
    private final Schema.Struct struct;

    ReadEmitter(JavaWriter out, Schema schema, Schema.Struct struct) {
        this.out = out;
        this.schema = schema;
        this.struct = struct;
    }

    void emit() {
        out.line("@Override").line("public void read(ByteReader in, short version) {");
        Versions flexible = schema.flexible().intersect(struct.versions());
        out.line("boolean flexible = " + flexible.condition(struct.versions()) + ";");
        for (Field field : struct.fields()) {
            Versions plain = untagged(field);
            if (!plain.isEmpty()) {
                conditional(plain, () -> readField(field, false));
            }
        }
        if (!flexible.isEmpty()) {
            out.line("if (flexible) {");
            emitTagged();
            out.line("}");
        }
        out.line("}").line("");
    }

    private Versions untagged(Field field) {
        Versions present = field.versions().intersect(struct.versions());
        if (field.tagged().isEmpty()) {
            return present;
        }
        // Every schema tags a field from some version on, or in all of its versions.
        return present.intersect(new Versions(0, field.tagged().lowest() - 1));
    }

    private void conditional(Versions when, Runnable body) {
        String condition = when.condition(struct.versions());
        if (condition.equals("true")) {
            body.run();
            return;
        }
        out.line("if (" + condition + ") {");
        body.run();
        out.line("}");
    }

    private void readField(Field field, boolean tagged) {
        String nullable = field.nullable().condition(struct.versions());
        if (field.type() instanceof FieldType.Array array) {
            readArray(field, array, nullable);
            return;
        }
        if (field.type() instanceof FieldType.Struct nested) {
            readStruct(field, nested, tagged);
            return;
        }
        out.line(self(field) + " = " + readValue("in", field, field.type(), nullable) + ";");
    }

    /** Whether a nullable struct is there says a byte (negative: no), or where it is tagged a varint (zero: no). */
    private void readStruct(Field field, FieldType.Struct nested, boolean tagged) {
        String create = self(field) + " = new " + nested.javaType() + "();";
        String read = self(field) + ".read(in, version);";
        if (!field.isNullable()) {
            out.line(create).line(read);
            return;
        }
        String nullable = field.nullable().condition(struct.versions());
        String absent = tagged ? "in.unsignedVarint() <= 0" : "in.int8() < 0";
        out.line("if (" + (nullable.equals("true") ? "" : nullable + " && ") + absent + ") {");
        out.line(self(field) + " = null;");
        out.line("} else {");
        out.line(create).line(read);
        out.line("}");
    }

    private void readArray(Field field, FieldType.Array array, String nullable) {
        out.line("{");
        out.line("int count = in.arrayLength(flexible, " + nullable + ");");
        out.line("if (count < 0) {");
        out.line(self(field) + " = null;");
        out.line("} else if (in.isLong(count)) {");
        readLongArray(field, array);
        out.line("} else {");
        String element = array.element().boxedType();
        out.line("List<" + element + "> values = new ArrayList<>(ByteReader.initialCapacity(count));");
        out.line("for (int i = 0; i < count; i++) {");
        if (array.element() instanceof FieldType.Struct nested) {
            out.line(nested.javaType() + " value = new " + nested.javaType() + "();");
            out.line("value.read(in, version);");
            out.line("values.add(value);");
        } else {
            out.line("values.add(" + readValue("in", field, array.element(), "false") + ");");
        }
        out.line("}");
        out.line(self(field) + " = values;");
        out.line("}").line("}");
    }

    private void readLongArray(Field field, FieldType.Array array) {
        if (array.element() instanceof FieldType.Struct nested) {
            out.line(self(field) + " = in.longList(count, reader -> {");
            out.line(nested.javaType() + " value = new " + nested.javaType() + "();");
            out.line("value.read(reader, version);");
            out.line("return value;");
            out.line("});");
        } else {
            String value = readValue("reader", field, array.element(), "false");
            out.line(self(field) + " = in.longList(count, reader -> " + value + ");");
        }
    }

    /** Qualified: a field may be called like a parameter or a local variable of the generated method. */
    static String self(Field field) {
        return "this." + field.name();
    }

    private static String readValue(String in, Field field, FieldType type, String nullable) {
        if (type instanceof FieldType.Primitive primitive) {
            return in + "." + primitive.method() + "()";
        }
        return in + "." + ((FieldType.Sized) type).method() + "(" + field.flexible() + ", " + nullable + ")";
    }

    private void emitTagged() {
        List<Field> tagged = struct.fields().stream()
                .filter(field -> !field.tagged().intersect(struct.versions()).isEmpty())
                .toList();
        if (tagged.isEmpty()) {
            out.line("in.skipTaggedFields();");
            return;
        }
        out.line("int tags = in.unsignedVarint();");
        out.line("for (int t = 0; t < tags; t++) {");
        out.line("int tag = in.unsignedVarint();");
        out.line("int size = in.tagSize();");
        String otherwise = "";
        for (Field field : tagged) {
            String when = field.tagged().intersect(field.versions()).condition(struct.versions());
            out.line(otherwise + "if (tag == " + field.tag() + (when.equals("true") ? "" : " && " + when) + ") {");
            readField(field, true);
            otherwise = "} else ";
        }
        out.line("} else {").line("in.skip(size);").line("}").line("}");
    }
}
