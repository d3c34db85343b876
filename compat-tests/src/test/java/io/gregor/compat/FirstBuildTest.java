package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The launcher in a checkout that is not built yet, with a Maven and a JDK that only say that they were there. */
class FirstBuildTest {
    @TempDir
    Path folder;

    private Path checkout;

    @BeforeEach
    void prepare() throws IOException {
        // The signs mean something in a replacement, and to a shell.
        checkout = Files.createDirectory(folder.resolve("a & b's"));
        for (String room : List.of("wire-gen", "wire", "cli")) {
            Files.createDirectory(checkout.resolve(room));
        }
        Files.writeString(checkout.resolve("pom.xml"), "<version>1</version>\n");
        Files.copy(GregorProcess.launcher(), checkout.resolve("gregor"));
        executable(checkout.resolve("gregor"));
        Files.createDirectories(folder.resolve("jdk/bin"));
        Files.writeString(folder.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        script("jdk/bin/java", "for last; do :; done; echo \"ran $last\"");
        script(
                "mvn",
                "echo Maven speaks; echo built >>'" + folder.resolve("builds") + "'",
                "until [ -e '" + folder.resolve("go") + "' ]; do sleep 0.05; done",
                "mkdir -p cli/target/lib && touch cli/target/gregor-cli-1.jar");
    }

    private void script(String name, String... lines) throws IOException {
        Path file = folder.resolve(name);
        Files.writeString(file, "#!/usr/bin/env bash\n" + String.join("\n", lines) + "\n");
        executable(file);
    }

    private static void executable(Path file) {
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    /** Where the launcher finds its programs: flock is not everywhere. */
    private String path(boolean withFlock) throws IOException {
        if (withFlock) {
            return folder + ":" + System.getenv("PATH");
        }
        for (String program :
                List.of("bash", "env", "dirname", "readlink", "find", "cat", "sleep", "mkdir", "rm", "touch", "mv")) {
            Files.createSymbolicLink(folder.resolve(program), Missing.find(program));
        }
        return folder.toString();
    }

    private Process launch(String path, String output) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(checkout.resolve("gregor").toString(), "topic", output)
                .redirectOutput(folder.resolve(output).toFile())
                .redirectError(folder.resolve(output + ".err").toFile());
        builder.environment()
                .putAll(Map.of(
                        "PATH", path, "GREGOR_JAVA_HOME", folder.resolve("jdk").toString()));
        return builder.start();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void twoAtOnceBuildOnce(boolean withFlock) throws Exception {
        String path = path(withFlock);
        Process first = launch(path, "one");
        Awaitility.await().until(() -> Files.exists(folder.resolve("builds")));
        Process second = launch(path, "two");
        Awaitility.await()
                .until(() -> Files.readString(folder.resolve("two.err")).contains("builds")
                        || Files.readString(folder.resolve("builds")).length() > "built\n".length());
        Files.createFile(folder.resolve("go"));
        for (Process process : List.of(first, second)) {
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isZero();
        }
        assertThat(folder.resolve("builds")).hasContent("built\n");
        assertThat(folder.resolve("one")).hasContent("ran one\n");
        assertThat(folder.resolve("two")).hasContent("ran two\n");
        assertThat(folder.resolve("two.err")).content().contains("another one builds here, waiting for it");
    }
}
