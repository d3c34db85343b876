package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

/** A test that needs a program which is not there is left out, and fails in CI. */
class MissingTest {
    private static final boolean CI = "true".equals(System.getenv("CI"));

    @Test
    void aTestOfAMissingProgramIsLeftOutAndTheBuildSaysSo() throws Exception {
        assertThatThrownBy(() -> Tool.installed("no-such-program"))
                .isExactlyInstanceOf(CI ? AssertionError.class : TestAbortedException.class)
                .hasMessageContaining("no-such-program is not installed (get the package no-such-program)");
        Path note = Path.of("target", "left-out", "no-such-program-is-not-installed");
        assertThat(Files.exists(note)).isNotEqualTo(CI);
        Files.deleteIfExists(note);
    }
}
