package io.gregor.compat.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.gregor.compat.GregorProcess;
import io.gregor.compat.RawClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What real clients said to Apache Kafka 4.3.1, said to Gregor: it must answer the same.
 * {@code compat-tests/run record} records the sessions anew.
 */
@Tag("once")
class RecordedSessionsTest {
    static final Path FOLDER = Path.of("src/test/sessions");

    /** What one connection says may overtake what another said before: a difference counts if it is there each time. */
    private static final int ATTEMPTS = 3;

    @ParameterizedTest
    @ValueSource(strings = {"c", "go", "java", "javascript", "python", "rust"})
    void answersAreThoseOfApacheKafka(String language, @TempDir Path folder) throws Exception {
        Session session = Session.read(FOLDER.resolve(language + ".gz"));
        Map<String, String> differences = new HashMap<>();
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Map<String, String> found = replay(session, Files.createDirectory(folder.resolve("attempt" + attempt)));
            if (attempt == 1) {
                differences.putAll(found);
            }
            differences.keySet().retainAll(found.keySet());
            if (differences.isEmpty()) {
                return;
            }
        }
        assertThat(differences).isEmpty();
    }

    private static Map<String, String> replay(Session session, Path folder) throws Exception {
        try (GregorProcess gregor = GregorProcess.start(folder, SessionReplay.SETTINGS.toArray(String[]::new));
                RawClient client = new RawClient(gregor.port());
                SessionReplay replay = new SessionReplay(gregor.port())) {
            SessionReplay.makeReady(client);
            replay.play(session);
            assertThat(replay.notCompared()).isLessThan(replay.answers() / 10);
            return replay.differences();
        } catch (SessionReplay.NotAnsweredException e) {
            return Map.of("not answered", e.toString());
        }
    }
}
