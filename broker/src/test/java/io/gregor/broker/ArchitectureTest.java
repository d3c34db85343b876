package io.gregor.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The arrows between the rooms, as ARCHITECTURE.md draws them. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
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

    private static void onlyKnows(String room, String... known) {
        String[] allowed = Arrays.copyOf(known, known.length + 5);
        allowed[known.length] = "java..";
        allowed[known.length + 1] = "org.jspecify..";
        allowed[known.length + 2] = "org.slf4j..";
        allowed[known.length + 3] = "com.github.luben.zstd..";
        allowed[known.length + 4] = "net.jpountz..";
        String[] all = Arrays.copyOf(allowed, allowed.length + 1);
        all[allowed.length] = "org.xerial.snappy..";
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
}
