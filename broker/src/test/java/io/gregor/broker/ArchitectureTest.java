package io.gregor.broker;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.gregor.broker.cluster.LocalMetadataLog;
import io.gregor.broker.replica.Partition;
import io.gregor.broker.storage.LogDirMover;
import io.gregor.log.PartitionLog;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The arrows between the rooms, as ARCHITECTURE.md draws them. */
@Tag("once")
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // The log's tests come as a jar once they are packaged.
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.gregor");

    @Test
    void wireKnowsNobody() {
        onlyKnows("io.gregor.wire..", "io.gregor.wire..");
    }

    @Test
    void logCoordinatorAndControllerKnowWireOnly() {
        onlyKnows("io.gregor.log..", "io.gregor.log..", "io.gregor.wire..");
        onlyKnows("io.gregor.coordinator..", "io.gregor.coordinator..", "io.gregor.wire..");
        onlyKnows("io.gregor.controller..", "io.gregor.controller..", "io.gregor.wire..");
    }

    /** Compression, and what Kafka uses for the hashes and regular expressions of groups. */
    private static final List<String> LIBRARIES = List.of(
            "java..",
            "javax.crypto..",
            "org.jspecify..",
            "org.slf4j..",
            "com.dynatrace.hash4j..",
            "com.github.luben.zstd..",
            "com.google.re2j..",
            "net.jpountz..",
            "org.xerial.snappy..");

    private static void onlyKnows(String room, String... known) {
        String[] all = Stream.concat(Stream.of(known), LIBRARIES.stream()).toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(all)
                .check(CLASSES);
    }

    @Test
    void stateMachinesDoNoInputOrOutputAndHaveNoThreads() {
        noClasses()
                .that()
                .resideInAnyPackage("io.gregor.coordinator..", "io.gregor.controller..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.nio.file..", "java.nio.channels..", "java.net..", "java.util.concurrent..")
                .check(CLASSES);
    }

    @Test
    void theRoomsOfTheCoordinatorsKnowEachOtherOneWay() {
        slices().matching("io.gregor.coordinator.(**)")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void theRoomsOfTheLogKnowThoseBelowOnly() {
        onlyKnows("io.gregor.log.disk", "io.gregor.log.disk", "io.gregor.wire..");
        onlyKnows("io.gregor.log.segment", "io.gregor.log.segment", "io.gregor.log.disk", "io.gregor.wire..");
        onlyKnows(
                "io.gregor.log.producer",
                "io.gregor.log.producer",
                "io.gregor.log.segment",
                "io.gregor.log.disk",
                "io.gregor.wire..");
        noClasses()
                .that()
                .resideInAPackage("io.gregor.log")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.gregor.log.compaction")
                .check(CLASSES);
    }

    @Test
    void kafkasOwnClassesAreNotUsed() {
        noClasses()
                .that()
                .resideInAPackage("io.gregor..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.kafka..")
                .check(CLASSES);
    }

    @Test
    void handlersDoNotKnowTheNetwork() {
        noClasses()
                .that()
                .resideInAPackage("io.gregor.broker.api..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty..")
                .check(CLASSES);
    }

    /** The JDK's immutable sets compare all names of one hash value, and names are clients' choice. */
    @Test
    void whatClientsNameIsInNoSetThatGetsSlow() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "io.gregor.coordinator..",
                        "io.gregor.controller..",
                        "io.gregor.log..",
                        "io.gregor.broker.api..",
                        "io.gregor.broker.coordination..",
                        "io.gregor.broker.fetch..",
                        "io.gregor.broker.replica..")
                .should()
                .callMethod(Set.class, "copyOf", Collection.class)
                .orShould()
                .callMethod(Map.class, "copyOf", Map.class)
                .orShould()
                .callMethod(Collectors.class, "toUnmodifiableSet")
                .check(CLASSES);
    }

    /** The metadata log has an owner of its own, and a copy of a log takes batches as they are. */
    @Test
    void recordsEnterALogThroughItsPartition() {
        onlyTheseCall("append", Partition.class, LocalMetadataLog.class);
        onlyTheseCall("appendMarker", Partition.class);
        onlyTheseCall("appendCopy", LogDirMover.class);
    }

    private static void onlyTheseCall(String method, Class<?>... callers) {
        noClasses()
                .that()
                .resideInAPackage("io.gregor.broker..")
                .and()
                .doNotBelongToAnyOf(callers)
                .should()
                .callMethodWhere(target(owner(type(PartitionLog.class))).and(target(name(method))))
                .check(CLASSES);
    }
}
