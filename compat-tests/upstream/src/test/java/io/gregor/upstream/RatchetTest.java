package io.gregor.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Apache Kafka's own tests, the representative part: what is on the list of those that pass must pass, and what passes
 * must be on the list, so that it only grows.
 */
class RatchetTest {
    @TestFactory
    @Execution(ExecutionMode.CONCURRENT)
    Stream<DynamicTest> testsOfApacheKafkaPass() throws IOException {
        Set<String> passing = new HashSet<>(Lists.passing());
        Upstream upstream = new Upstream(BrokerProgram.gregor(Lists.checkout()), Path.of("target", "gregor"));
        return Lists.representative().stream()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    List<String> expected = passing.stream()
                            .filter(test -> test.startsWith(name + "#"))
                            .toList();
                    List<Outcome> outcomes = upstream.run(name);
                    Set<String> passed = new HashSet<>(Upstream.passed(outcomes));
                    if (!passed.containsAll(expected)) {
                        // Some of Apache Kafka's tests are a race: a class has a second run, which is told.
                        System.out.printf("%s runs again, since at first: %s%n", name, failed(outcomes));
                        passed.addAll(Upstream.passed(upstream.run(name)));
                    }
                    assertThat(passed).as("%s", outcomes).containsExactlyInAnyOrderElementsOf(expected);
                }));
    }

    private static List<Outcome> failed(List<Outcome> outcomes) {
        return outcomes.stream()
                .filter(outcome -> outcome.status() == Outcome.Status.FAILED)
                .toList();
    }

    @Test
    void theListsFitTogether() throws IOException {
        List<String> classes = Lists.classes();
        assertThat(classes).doesNotHaveDuplicates();
        assertThat(classes).containsAll(Lists.representative());
        assertThat(Lists.passing())
                .isSorted()
                .doesNotHaveDuplicates()
                .allMatch(test -> classes.contains(test.split("#", -1)[0]));
    }
}
