package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a program and takes what it prints. */
public record Tool(List<String> command) {
    private static final long LONGEST_SECONDS = 120;

    /** The first release whose JVM makes an archive of the classes that a program has loaded, and makes it anew. */
    private static final int ARCHIVES_SINCE = 19;

    private static final List<String> CLASS_PATH =
            List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1));

    public record Result(int status, String out) {
        public Result assertOk() {
            assertThat(status).as(out).isZero();
            return this;
        }
    }

    /** One of Apache Kafka's tools, by its main class. */
    public static Tool kafka(String mainClass, Object... arguments) {
        List<String> options = new ArrayList<>(List.of("-Xmx256m", "-cp", String.join(File.pathSeparator, jars())));
        if (canArchive()) {
            // The first one of this JVM makes the archive, which saves the others half of their time.
            Path archive = Path.of("target", "tools-" + Ports.JVM + ".jsa").toAbsolutePath();
            options.addAll(
                    List.of("-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=" + archive, "-Xlog:disable"));
        }
        return java(options, mainClass, arguments);
    }

    /** A program of the tests' class path, with that much heap. */
    public static Tool java(String heap, String mainClass, Object... arguments) {
        return java(List.of("-Xmx" + heap, "-cp", String.join(File.pathSeparator, classPath())), mainClass, arguments);
    }

    static boolean canArchive() {
        return Runtime.version().feature() >= ARCHIVES_SINCE;
    }

    /** What may be in an archive of the JVM's: no folders. */
    static List<String> jars() {
        return CLASS_PATH.stream().filter(entry -> entry.endsWith(".jar")).toList();
    }

    /** What an archive may hold first, as it has to be where one is used. */
    static List<String> classPath() {
        return Stream.concat(jars().stream(), CLASS_PATH.stream().filter(entry -> !entry.endsWith(".jar")))
                .toList();
    }

    static Tool java(List<String> options, String mainClass, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        all.addAll(options);
        all.add(mainClass);
        all.addAll(List.of(arguments));
        return of(Path.of(System.getProperty("java.home"), "bin", "java"), all.toArray());
    }

    public static Tool of(Path program, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return new Tool(command);
    }

    /** A program that must be installed. Where it is missing the test is left out; in CI it fails. */
    public static Tool installed(String program, Object... arguments) {
        return of(Missing.find(program), arguments);
    }

    /** A Python script with its arguments, and the clients for Python. As for a program that must be installed. */
    public static Tool python(String script, Object... arguments) throws IOException, InterruptedException {
        List<Object> all = new ArrayList<>(
                List.of(PythonEnvironment.SCRIPTS.resolve(script).toAbsolutePath()));
        all.addAll(List.of(arguments));
        return of(PythonEnvironment.interpreter(), all.toArray());
    }

    public Result run() throws IOException, InterruptedException {
        return run("");
    }

    public Result run(String input) throws IOException, InterruptedException {
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
