package io.gregor.broker.config;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The assignors of groups that can be named in a configuration: by name, or by the class that Apache Kafka has. */
public final class GroupAssignors {
    private static final String PACKAGE = "org.apache.kafka.coordinator.group.assignor.";

    /** Of consumer groups. */
    static final Set<String> CONSUMER = withClasses("uniform", "Uniform", "range", "Range");
    /** Of share groups. */
    static final Set<String> SHARE = withClasses("simple", "Simple");

    private GroupAssignors() {}

    private static Set<String> withClasses(String... namesAndClasses) {
        Set<String> all = new TreeSet<>();
        for (int i = 0; i < namesAndClasses.length; i += 2) {
            all.add(namesAndClasses[i]);
            all.add(PACKAGE + namesAndClasses[i + 1] + "Assignor");
        }
        return all;
    }

    /** The name of an assignor, given that or its class. */
    public static String name(String nameOrClass) {
        String simple = nameOrClass.substring(nameOrClass.lastIndexOf('.') + 1);
        return simple.equals(nameOrClass)
                ? nameOrClass
                : simple.substring(0, simple.length() - "Assignor".length()).toLowerCase(Locale.ROOT);
    }
}
