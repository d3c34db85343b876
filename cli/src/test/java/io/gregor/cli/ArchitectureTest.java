package io.gregor.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The commands know the protocol and picocli, and nothing else of the project. */
@Tag("once")
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.gregor.cli");

    @Test
    void theCommandsKnowTheProtocolOnly() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.gregor.cli..",
                        "io.gregor.wire..",
                        "picocli..",
                        "java..",
                        "javax.crypto..",
                        "javax.net.ssl..",
                        "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void theClientKnowsNoCommand() {
        classes()
                .that()
                .resideInAPackage("io.gregor.cli.client")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "io.gregor.cli.client",
                        "io.gregor.cli.security",
                        "io.gregor.wire..",
                        "java..",
                        "org.jspecify..")
                .check(CLASSES);
    }

    @Test
    void theRoomsKnowEachOtherOneWay() {
        slices().matching("io.gregor.cli.(**)").should().beFreeOfCycles().check(CLASSES);
    }
}
