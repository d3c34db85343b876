package io.gregor.compat.hostile;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;

/** Attacks of one kind on one broker, which has to be unharmed after each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AttackTest {
    private static final int LONG_NAME_LENGTH = 32_000;

    final AttackedBroker broker;

    AttackTest(Path folder, String... overrides) throws Exception {
        broker = AttackedBroker.start(folder, overrides);
    }

    @AfterAll
    void stop() throws Exception {
        broker.close();
    }

    @AfterEach
    void nothingIsLeftOfTheAttack() throws Exception {
        broker.assertUnharmed();
    }

    /** About as long as a string may be in Kafka's protocol, and another one for each number. */
    static String longName(int i) {
        return "n".repeat(LONG_NAME_LENGTH - 10) + String.format("%010d", i);
    }
}
