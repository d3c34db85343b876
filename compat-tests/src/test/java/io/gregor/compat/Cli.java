package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The launcher's commands, as processes, against one broker. Immutable. */
public record Cli(String address) {
    private static boolean prepared;

    public Cli {
        prepare();
    }

    /** The launcher builds the commands and prepares their cache at the first one: one JVM with tests does so. */
    private static synchronized void prepare() {
        if (prepared) {
            return;
        }
        try (FileChannel channel = FileChannel.open(
                        Path.of("target", "cli.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            launch("nowhere:1", "", "topic --help").assertOk();
            prepared = true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Tool.Result launch(String address, String input, String line)
            throws IOException, InterruptedException {
        List<Object> arguments = new ArrayList<>(List.of(
                "GREGOR_JAVA_HOME=" + System.getProperty("java.home"),
                "GREGOR_BOOTSTRAP_SERVER=" + address,
                GregorProcess.launcher()));
        arguments.addAll(words(line));
        return Tool.of(Path.of("/usr/bin/env"), arguments.toArray()).run(input);
    }

    /** Splits the line at its spaces; what is between single quotes stays together. */
    public Tool.Result run(String line) throws IOException, InterruptedException {
        return launch(address, "", line);
    }

    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        boolean quoted = false;
        for (String part : line.split("'", -1)) {
            if (quoted) {
                words.add(part);
            } else {
                words.addAll(List.of(
                        part.strip().isEmpty() ? new String[0] : part.strip().split(" ")));
            }
            quoted = !quoted;
        }
        return words;
    }
}
