package io.gregor.compat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A virtual environment of Python below {@code target}, with the modules of {@code requirements.txt}, by pip. Made by
 * the first test that asks for it, whichever JVM that runs in.
 */
final class PythonEnvironment {
    static final Path SCRIPTS = Path.of("src/test/python");
    private static final Path FOLDER = Path.of("target", "python").toAbsolutePath();

    private PythonEnvironment() {}

    /** The interpreter; the test is left out where there is no Python, or its modules cannot be fetched. */
    static synchronized Path interpreter() throws IOException, InterruptedException {
        Path requirements = SCRIPTS.resolve("requirements.txt").toAbsolutePath();
        Path complete = FOLDER.resolve("complete");
        Path lock = FOLDER.resolveSibling("python.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            if (!held.isValid() || !Files.exists(complete) || Files.mismatch(complete, requirements) >= 0) {
                make(requirements);
                Files.copy(requirements, complete);
            }
        }
        return FOLDER.resolve("bin").resolve("python");
    }

    private static void make(Path requirements) throws IOException, InterruptedException {
        Path python = Missing.find("python3");
        run(python, "-m", "venv", "--clear", FOLDER);
        run(
                FOLDER.resolve("bin").resolve("python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--only-binary=:all:",
                "-r",
                requirements);
    }

    private static void run(Path program, Object... arguments) throws IOException, InterruptedException {
        Tool.Result result = Tool.of(program, arguments).run();
        if (result.status() != 0) {
            throw Missing.tool(
                    "Python's clients could not be fetched: "
                            + result.out().strip().replace("\n", " "),
                    "Python's venv module, which Debian has as python3-venv, and a way to PyPI");
        }
    }
}
