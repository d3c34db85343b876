package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs a program and takes what it prints. */
record Tool(List<String> command) {
    private static final long LONGEST_SECONDS = 120;
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    record Result(int status, String out) {
        Result assertOk() {
            assertThat(status).as(out).isZero();
            return this;
        }
    }

    /** One of Apache Kafka's tools, by its main class. */
    static Tool kafka(String mainClass, Object... arguments) {
        return java("256m", mainClass, arguments);
    }

    /** A program of the tests' class path, with that much heap. */
    static Tool java(String heap, String mainClass, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                mainClass));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Tool(command);
    }

    /**
     * A program that must be installed. Where it is missing the test says so and is left out; in CI it fails.
     */
    static Tool installed(Path program, Object... arguments) {
        require(Files.isExecutable(program), program + " is not installed");
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Tool(command);
    }

    /**
     * A Python script with its arguments. Where Python or the module that it imports is missing the test says so and is
     * left out; in CI it fails.
     */
    static Tool python(String module, Object... arguments) throws IOException, InterruptedException {
        Tool imports = installed(PYTHON, "-c", "import " + module);
        require(imports.run().status() == 0, PYTHON + " has no module " + module);
        return installed(PYTHON, arguments);
    }

    private static void require(boolean present, String objection) {
        if (!present && "true".equals(System.getenv("CI"))) {
            throw new AssertionError(objection + ", and CI must have it");
        }
        Assumptions.assumeTrue(present, objection);
    }

    Result run() throws IOException, InterruptedException {
        return run("");
    }

    Result run(String input) throws IOException, InterruptedException {
        Path out = Files.createTempFile("tool", ".out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        }
        boolean ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        String text = Files.readString(out);
        Files.delete(out);
        assertThat(ended)
                .as("ended in time: " + command.get(command.size() - 1) + "\n" + text)
                .isTrue();
        return new Result(process.exitValue(), text);
    }
}
