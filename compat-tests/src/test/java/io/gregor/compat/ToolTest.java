package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** A test that needs a program which is not there is left out, and fails in CI. */
class ToolTest {
    private static final Class<? extends Throwable> WITHOUT =
            "true".equals(System.getenv("CI")) ? AssertionError.class : TestAbortedException.class;

    @Test
    void missesAProgram(@TempDir Path folder) {
        assertThatThrownBy(() -> Tool.installed(folder.resolve("program"))).isExactlyInstanceOf(WITHOUT);
    }

    @Test
    void missesAModuleOfPython() {
        assertThatThrownBy(() -> Tool.python("no_such_module", "script.py"))
                .isExactlyInstanceOf(WITHOUT)
                .hasMessageContaining("python3");
    }
}
