package io.gregor.wiregen;

import java.util.Comparator;
import java.util.List;

/** Writes the {@code write(MessageSink, short)} method of a struct. */
final class WriteEmitter {
    private final JavaWriter out;
    private final Schema schema;
    private final Schema.Struct struct;

    WriteEmitter(JavaWriter out, Schema schema, Schema.Struct struct) {
        this.out = out;
        this.schema = schema;
        this.struct = struct;
    }

    void emit() {
        out.line("@Override").line("public void write(MessageSink out, short version) {");
        Versions flexible = schema.flexible().intersect(struct.versions());
        out.line("boolean flexible = " + flexible.condition(struct.versions()) + ";");
        for (Field field : struct.fields()) {
            emitField(field);
        }
        if (!flexible.isEmpty()) {
            out.line("if (flexible) {");
            emitTagged();
            out.line("}");
        }
        out.line("}").line("");
    }

    private void emitField(Field field) {
        Versions present = field.versions().intersect(struct.versions());
        Versions plain = field.tagged().isEmpty()
                ? present
                : present.intersect(new Versions(0, field.tagged().lowest() - 1));
        String condition = plain.condition(struct.versions());
        boolean rejects = !field.ignorable() && !field.versions().contains(struct.versions());
        if (condition.equals("true")) {
            writeField(field, false);
            return;
        }
        if (!plain.isEmpty()) {
            out.line("if (" + condition + ") {");
            writeField(field, false);
            out.line("}");
        }
        if (rejects) {
            String absent = "!(" + field.versions().condition(struct.versions()) + ")";
            out.line("if (" + absent + " && (" + field.differsFromDefault() + ")) {");
            out.line("throw MessageSink.notInVersion(\"" + struct.name() + "." + field.name() + "\", version);");
            out.line("}");
        }
    }

    private void writeField(Field field, boolean tagged) {
        if (field.type() instanceof FieldType.Struct && field.isNullable()) {
            out.line("if (" + ReadEmitter.self(field) + " == null) {");
            out.line(tagged ? "out.unsignedVarint(0);" : "out.int8((byte) -1);");
            out.line("} else {");
            out.line(tagged ? "out.unsignedVarint(1);" : "out.int8((byte) 1);");
            out.line(ReadEmitter.self(field) + ".write(out, version);");
            out.line("}");
            return;
        }
        if (field.isNullable() && !field.nullable().contains(field.versions().intersect(struct.versions()))) {
            String nullable = field.nullable().condition(struct.versions());
            out.line("if (" + ReadEmitter.self(field) + " == null && !(" + nullable + ")) {");
            out.line("throw MessageSink.notInVersion(\"" + struct.name() + "." + field.name() + " = null\", version);");
            out.line("}");
        }
        writeValue(field, field.type(), ReadEmitter.self(field), field.isNullable());
    }

    private void writeValue(Field field, FieldType type, String value, boolean nullable) {
        if (type instanceof FieldType.Primitive primitive) {
            out.line("out." + primitive.method() + "(" + value + ");");
        } else if (type instanceof FieldType.Sized sized) {
            out.line("out." + sized.method() + "(" + value + ", " + field.flexible() + ");");
        } else if (type instanceof FieldType.Struct) {
            out.line(value + ".write(out, version);");
        } else {
            out.line("out.arrayLength(" + (nullable ? value + " == null ? -1 : " : "") + value + ".size(), flexible);");
            FieldType element = ((FieldType.Array) type).element();
            if (nullable) {
                out.line("if (" + value + " != null) {");
            }
            if (element instanceof FieldType.Struct) {
                writeStructs(value);
            } else {
                out.line("for (" + element.boxedType() + " value : " + value + ") {");
                writeValue(field, element, "value", false);
                out.line("}");
            }
            if (nullable) {
                out.line("}");
            }
        }
    }

    /** Writing may pause between two elements, and goes on there. */
    private void writeStructs(String value) {
        out.line("for (int size = " + value + ".size(), i = out.enterArray(size); i < size; i++) {");
        out.line("out.element(i);");
        out.line(value + ".get(i).write(out, version);");
        out.line("}");
        out.line("out.leaveArray();");
    }

    private void emitTagged() {
        List<Field> tagged = struct.fields().stream()
                .filter(field -> !field.tagged().intersect(struct.versions()).isEmpty())
                .sorted(Comparator.comparingInt(Field::tag))
                .toList();
        if (tagged.isEmpty()) {
            out.line("out.unsignedVarint(0);");
            return;
        }
        out.line("int tags = 0;");
        for (Field field : tagged) {
            out.line("if (" + isWritten(field) + ") {");
            out.line("tags++;").line("}");
        }
        out.line("out.unsignedVarint(tags);");
        for (Field field : tagged) {
            out.line("if (" + isWritten(field) + ") {");
            out.line("int start = out.beginTagged(" + field.tag() + ");");
            writeField(field, true);
            out.line("out.endTagged(start);").line("}");
        }
    }

    private String isWritten(Field field) {
        String when = field.tagged().intersect(field.versions()).condition(struct.versions());
        String differs = "(" + field.differsFromDefault() + ")";
        return when.equals("true") ? differs : when + " && " + differs;
    }
}
