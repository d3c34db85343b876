package io.gregor.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What real clients said to Apache Kafka 4.3.1, said to Gregor: it must answer the same.
 * {@code compat-tests/run record} records the sessions anew.
 */
class RecordedSessionsTest {
    static final Path FOLDER = Path.of("src/test/sessions");

    private static final int ATTEMPTS = 3;

    @ParameterizedTest
    @ValueSource(strings = {"c", "go", "java", "javascript", "python", "rust"})
    void answersAreThoseOfApacheKafka(String language, @TempDir Path folder) throws Exception {
        Session session = Session.read(FOLDER.resolve(language + ".gz"));
        for (int attempt = 1; ; attempt++) {
            Path ownFolder = Files.createDirectory(folder.resolve("attempt" + attempt));
            try (GregorProcess gregor = GregorProcess.start(ownFolder, SessionReplay.SETTINGS.toArray(String[]::new));
                    RawClient client = new RawClient(gregor.port());
                    SessionReplay replay = new SessionReplay(gregor.port())) {
                SessionReplay.makeReady(client);
                replay.play(session);
                assertThat(replay.differences())
                        .as(replay.answers() + " answers")
                        .isEmpty();
                assertThat(replay.notCompared()).isLessThan(replay.answers() / 10);
                return;
            } catch (SessionReplay.NotAnsweredException raced) {
                if (attempt == ATTEMPTS) {
                    throw raced;
                }
            }
        }
    }
}
