package io.gregor.wiregen;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One schema file: a message, the versions of it that exist, and all structs that it is made of.
 *
 * @param kind the schema's own word: request, response, header, data, metadata, coordinator-key, coordinator-value
 * @param apiKey the number of the API, or the type number of a record; -1 if there is none
 * @param structs the message's own struct first, then the nested ones
 */
record Schema(
        String name,
        String kind,
        int apiKey,
        Versions valid,
        Versions flexible,
        boolean latestVersionUnstable,
        List<String> listeners,
        List<Struct> structs) {

    /** A struct: {@code versions} are those in which any field of it can be written. */
    record Struct(String name, Versions versions, List<Field> fields) {}

    static Schema parse(JsonNode json) {
        Versions valid = Versions.parse(json.get("validVersions").asText());
        Map<String, Struct> structs = new LinkedHashMap<>();
        String name = json.get("name").asText();
        Map<String, JsonNode> common = new LinkedHashMap<>();
        json.path("commonStructs").forEach(node -> common.put(node.get("name").asText(), node));
        collect(name, valid, valid, json.path("fields"), common, structs);
        List<String> listeners = new ArrayList<>();
        json.path("listeners").forEach(listener -> listeners.add(listener.asText()));
        return new Schema(
                name,
                json.get("type").asText(),
                json.path("apiKey").asInt(-1),
                valid,
                Versions.parse(json.path("flexibleVersions").asText("none")),
                json.path("latestVersionUnstable").asBoolean(false),
                listeners,
                List.copyOf(structs.values()));
    }

    private static void collect(
            String name,
            Versions within,
            Versions valid,
            JsonNode fieldNodes,
            Map<String, JsonNode> common,
            Map<String, Struct> into) {
        List<Field> fields = new ArrayList<>();
        into.put(name, new Struct(name, within, fields));
        for (JsonNode node : fieldNodes) {
            Field field = Field.parse(node);
            fields.add(field);
            String struct = structName(field.type());
            if (struct == null || into.containsKey(struct)) {
                continue;
            }
            JsonNode nested = common.containsKey(struct) ? common.get(struct).path("fields") : node.path("fields");
            // A common struct can be used by several fields, so nothing is known of its versions but the message's.
            Versions known = common.containsKey(struct) ? valid : within.intersect(field.versions());
            collect(struct, known.isEmpty() ? within : known, valid, nested, common, into);
        }
    }

    private static @Nullable String structName(FieldType type) {
        if (type instanceof FieldType.Array array) {
            return structName(array.element());
        }
        return type instanceof FieldType.Struct struct ? struct.javaType() : null;
    }
}
