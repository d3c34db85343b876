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
        boolean missing = !Files.isExecutable(program);
        assertThat(missing && "true".equals(System.getenv("CI")))
                .as(program + " is not installed, and CI must have it")
                .isFalse();
        Assumptions.assumeFalse(missing, program + " is not installed");
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Tool(command);
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
